"""What the rivals share: the documents, the answer model, and the answer record."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from time import perf_counter
from typing import Any

from assistant.answer import Answer, Citation, Statement, Timings
from assistant.answer_model import AnswerModel, Turn, open_model
from assistant.compose import NOT_FOUND, examples, split_whole
from assistant.settings import Settings
from corpus.errors import ModelMissing, ModelUnavailable, WegwijzerError
from corpus.read import DocumentText, read
from corpus.sources import Source, load_catalogue
from index.embedder import Embedder

log = logging.getLogger(__name__)

# As many passages as the measures of ranking look at.
RANKED = 10
# The length of an answer that LlamaIndex asks for when nothing is set.
MAX_TOKENS = 256
# What a Dutch user would add to an English library: the language, how to cite
# and what to say when the sources hold no answer.
SYSTEM = f"""Je beantwoordt vragen in het Nederlands. Gebruik alleen de genummerde bronnen.
Zet achter elke zin het nummer van de bron die het zegt, zoals [1].
Staat het antwoord niet in de bronnen, schrijf dan alleen: {NOT_FOUND}"""

# Also "[Source 1]" and "[1, 2]", which the model writes now and then.
_MARKER = re.compile(r"\s*\[\s*(?:source|bron)?\s*(\d[\d\s,;–-]*)\]", re.IGNORECASE)


@dataclass(frozen=True)
class Piece:
    """A chunk that a rival found: `text[start:end]` of the stored text of a document."""

    document: str
    start: int
    end: int
    score: float = 0.0


@dataclass(frozen=True)
class Library:
    """The searched documents by id, and what the catalogue tells about them."""

    sources: Mapping[str, Source]
    documents: Mapping[str, DocumentText]

    def text(self, piece: Piece) -> str:
        """Return the words of a chunk, as they are stored."""
        return self.documents[piece.document].text[piece.start : piece.end]

    def cite(self, n: int, piece: Piece) -> Citation:
        """Return a chunk as citation number n; the rivals know of no sections."""
        source, document = self.sources[piece.document], self.documents[piece.document]
        quote = self.text(piece)
        return Citation(
            n=n,
            document=source.id,
            title=source.title,
            section="",
            page=document.page_at(piece.start),
            quote=quote,
            start=piece.start,
            end=piece.end,
            url=source.url,
            readable=" ".join(quote.split()),
            label="",
            year=source.year,
        )

    def passage(self, piece: Piece) -> dict[str, Any]:
        """Return a chunk as one of the ranked passages of an answer record."""
        return {
            "document": piece.document,
            "section": "",
            "page": self.documents[piece.document].page_at(piece.start),
            "text": self.text(piece),
            "score": round(piece.score, 6),
        }


@dataclass(frozen=True)
class Baseline:
    """A rival of two parts: it ranks chunks for a question, and writes an answer from them.

    `model` is what the record names as the writer. A follow-up is made whole by
    putting the question before it in front, as nothing in these libraries does
    more without a second call of the model.
    """

    name: str
    model: str
    library: Library
    search: Callable[[str], Sequence[Piece]]
    write: Callable[[str, Sequence[Piece]], Answer]

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Return the ranked passages, at most RANKED of them."""
        return [self.library.passage(p) for p in self.search(searched(question, history))]

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Return the whole answer record.

        `first` is the time of the whole answer: none of these shows a source before it.
        """
        started = perf_counter()
        asked = searched(question, history)
        pieces = self.search(asked)
        retrieved = (perf_counter() - started) * 1000
        try:
            answer = self.write(asked, pieces)
        except ModelUnavailable as error:
            answer = failed(question, error)
        total = (perf_counter() - started) * 1000
        timings = Timings(retrieved, total, total)
        answer = replace(answer, question=question, model=self.model, timings_ms=timings)
        return answer.to_record(id) | {"passages": [self.library.passage(p) for p in pieces]}


def searched(question: str, history: Sequence[Turn]) -> str:
    """Return a question with the user's one before it, if any, in front."""
    before = [turn.content for turn in history if turn.role == "user"]
    return " ".join([*before[-1:], question])


def failed(question: str, error: WegwijzerError) -> Answer:
    """Return the answer that says what went wrong."""
    log.error("no answer: %s", error)
    return Answer(question, "error", message=f"{error} {error.advice}")


def parsed(library: Library, question: str, text: str, sources: Sequence[Piece]) -> Answer:
    """Return what a model wrote, with [1] for the first of the sources, as an answer.

    The citations that are used are numbered anew without gaps. A marker that
    counts past the sources points nowhere and is left out, so its statement
    has one citation less. Only the sentence asked for counts as an abstention.
    """
    if _bare(text).startswith(NOT_FOUND.rstrip(".")):
        return Answer(question, "abstained", message=NOT_FOUND)
    statements: list[tuple[str, list[int]]] = []
    for sentence in split_whole(text):
        cited = [n for n in _numbers(sentence) if 1 <= n <= len(sources)]
        if statement := _bare(sentence):
            statements.append((statement, cited))
        elif statements:  # markers on a line of their own
            statements[-1][1].extend(cited)
    used = list(dict.fromkeys(n for _, cited in statements for n in cited))
    number = {old: new for new, old in enumerate(used, start=1)}
    return Answer(
        question,
        "answered",
        tuple(
            Statement(told, tuple(sorted({number[n] for n in cited})), "supported")
            for told, cited in statements
        ),
        tuple(library.cite(number[n], sources[n - 1]) for n in used),
    )


def quote_best(library: Library) -> Callable[[str, Sequence[Piece]], Answer]:
    """Return the writer that quotes the best chunk whole, and abstains when nothing was found."""

    def write(question: str, pieces: Sequence[Piece]) -> Answer:
        if not pieces:
            return Answer(question, "abstained", message=NOT_FOUND)
        citation = library.cite(1, pieces[0])
        quote = Statement(citation.readable, (1,), "verbatim")
        return Answer(question, "answered", (quote,), (citation,))

    return write


def locate(text: str, chunk: str, start: int = 0, end: int | None = None) -> tuple[int, int] | None:
    """Return where a chunk stands in text[start:end], white space aside; None if it does not."""
    pattern = r"\s+".join(map(re.escape, chunk.split()))
    found = re.compile(pattern).search(text, start, len(text) if end is None else end)
    return found.span() if found and pattern else None


@cache
def open_library(settings: Settings) -> Library:
    """Read the documents that the assistant searches, cleaned of nothing.

    Raises:
        CatalogueError: the catalogue cannot be used.
        DocumentError: a document cannot be read.
    """
    sources = {s.id: s for s in load_catalogue(settings.documents_dir) if not s.superseded_by}
    return Library(sources, {id: read(id, source.path) for id, source in sources.items()})


@cache
def open_embedder(settings: Settings) -> Embedder:
    """Load the embedder as it was downloaded, once for all rivals.

    What it was taught on these documents is part of ours, not of what a user of
    another library would have.

    Raises:
        ModelMissing: it has not been prepared.
    """
    return Embedder.load(settings.embedder, settings.cache_dir, adapter=None)


@cache
def open_writer(settings: Settings) -> AnswerModel:
    """Load the assistant's own answer model, once for all rivals.

    Under "quotes", for who only wants the ranking, it is one that fails when used.

    Raises:
        ModelMissing: it has not been prepared.
    """
    if settings.model == "quotes":
        return _Silent()
    model = open_model(settings)
    if model is None:
        raise ModelMissing(model="taalmodel")
    return model


class _Silent:
    """An answer model that is switched off."""

    name = "quotes"

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Any:
        raise ModelUnavailable(model="", reason="het is uitgezet met de instelling model=quotes")

    def warm_up(self, system: str, turns: Sequence[Turn]) -> None:
        """Do nothing: there is nothing to load."""


def say(model: AnswerModel, prompt: str) -> str:
    """Return what the model answers to a prompt, with the instructions that all rivals get.

    They get our own worked examples too: without those this small model abstained on
    two of the three questions that it was tried on.

    Raises:
        ModelUnavailable: it does not answer.
    """
    return "".join(model.stream(SYSTEM, [*examples(), Turn("user", prompt)], MAX_TOKENS)).strip()


def _bare(text: str) -> str:
    return " ".join(_MARKER.sub("", text).split())


def _numbers(text: str) -> list[int]:
    return [int(n) for group in _MARKER.findall(text) for n in re.findall(r"\d+", group)]
