"""Parts of Wegwijzer by themselves: without the checks, and without the answer model."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter
from typing import Any

from assistant.answer import Answer, Timings
from assistant.answer_model import AnswerModel, Turn
from assistant.ask import Assistant
from assistant.compose import SYSTEM, examples, prompt
from assistant.question import understand
from assistant.settings import Settings
from corpus.errors import ModelUnavailable, QuestionError
from evals.baselines.common import (
    MAX_TOKENS,
    Library,
    Piece,
    failed,
    open_library,
    open_writer,
    parsed,
)
from index.search import Hit

UNCHECKED = "model-zonder-controle"
QUOTES = "alleen-citaten"
# Whole passages that the model reads.
READ = 3


@dataclass(frozen=True)
class Unchecked:
    """Our search and our prompt, with whole passages in it, and nothing is checked.

    Nothing is refused or abstained from but by the model's own words.
    """

    name: str
    assistant: Assistant
    library: Library
    model: AnswerModel

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Return the ranked passages of our own search."""
        return _passages(self.assistant.retrieve(question, history))

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Return the answer record; `first` is the time of the whole, as nothing is shown before."""
        started = perf_counter()
        try:
            hits = self.assistant.retrieve(question, history)
            asked = understand(question, history, self.assistant.areas, None).search
        except QuestionError as error:
            return failed(question, error).to_record(id)
        retrieved = (perf_counter() - started) * 1000
        try:
            answer = self._write(asked, hits[:READ])
        except ModelUnavailable as error:
            answer = failed(question, error)
        total = (perf_counter() - started) * 1000
        timings = Timings(retrieved, total, total)
        answer = replace(answer, question=question, hits=hits)
        return replace(answer, model=self.model.name, timings_ms=timings).to_record(id)

    def _write(self, question: str, hits: Sequence[Hit]) -> Answer:
        found = [hit.passage for hit in hits]
        sources = [Piece(p.document, p.start, p.end) for p in found]
        turns = [*examples(), Turn("user", prompt(question, [p.text for p in found]))]
        text = "".join(self.model.stream(SYSTEM, turns, MAX_TOKENS)).strip()
        return parsed(self.library, question, text, sources)


@dataclass(frozen=True)
class Quotes:
    """The whole of Wegwijzer but for the answer model."""

    name: str
    assistant: Assistant

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Return the ranked passages of our own search."""
        return _passages(self.assistant.retrieve(question, history))

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Return the answer record."""
        return self.assistant.ask(question, history).to_record(id)


def open_unchecked(settings: Settings) -> Unchecked:
    """Open our search with the answer model set free."""
    model = open_writer(settings)
    return Unchecked(UNCHECKED, _assistant(settings), open_library(settings), model)


def open_quotes(settings: Settings) -> Quotes:
    """Open Wegwijzer as it is without an answer model."""
    return Quotes(QUOTES, _assistant(settings))


@cache
def _assistant(settings: Settings) -> Assistant:
    return Assistant.open(settings.model_copy(update={"model": "quotes"}))


def _passages(hits: tuple[Hit, ...]) -> list[dict[str, Any]]:
    return list(Answer("", "answered", hits=hits).to_record()["passages"])
