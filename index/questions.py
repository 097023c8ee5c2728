"""Questions of which it is known where they are answered, or that nothing answers.

A user's question is more like another question than like the text that answers it (the
idea of Nogueira and others, "Document expansion by query prediction", 2019). The questions
that the embedder is taught with serve for this too; a document without any can be found
as well as before, because what its questions would have given is estimated. Those that no
document answers tell when to give no answer.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import InputFileError
from corpus.passages import Passage

QUESTIONS = Path(__file__).parent / "taught" / "questions.jsonl"
# The file beside it of questions of users that no document answers: a JSON object a line with
# a `question` and a `sort`.
UNANSWERABLE = "unanswerable.jsonl"
# Sorts of those that documents could answer. One about another wijk is answered once its
# gebiedsplan is there.
ELSEWHERE = "elders"
NEAR = ("bijna", "in de buurt", ELSEWHERE)
# The other sorts, in the order of the outputs of the reader's head `aim`.
OTHER = ("advies", "misbruik", "iets anders")
# The row of a question that no passage answers.
NOWHERE = -1
# How many questions without an answer one is compared with.
NEIGHBOURS = 5


@dataclass(frozen=True)
class Example:
    """A question, the row in the index of the passage that answers it, and its sentences that do.

    The row is NOWHERE when no passage does. `answers` are numbers of sentences of the passage;
    empty when that is not known.
    """

    question: str
    row: int
    answers: frozenset[int] = frozenset()


def load_questions(path: Path, passages: Sequence[Passage]) -> list[Example]:
    """Read questions and find the passage of each: the one that has most of its place.

    Those about a place in no passage are left out.

    Args:
        path: a JSON object a line: `document`, `start` and `end` in its stored text,
            `questions`, and `answers`, which has for each question the places of the
            sentences that answer it.
        passages: of the index.

    Raises:
        InputFileError: the file cannot be read or a line is not as it should be.
    """
    examples: list[Example] = []
    with _as_it_should_be(path):
        for row in json_lines(path):
            place = _row(passages, row["document"], row["start"], row["end"])
            if place is None:
                continue
            known = iter(row.get("answers", []))
            for question in row["questions"]:
                answers = _sentences(passages[place], next(known, ()))
                examples.append(Example(str(question), place, answers))
    return examples


def load_unanswerable(path: Path) -> list[tuple[str, str]]:
    """Read the questions that no document answers, each with its sort.

    Raises:
        InputFileError: there is no such file, it cannot be read or a line is not as it should be.
    """
    if not path.is_file():
        raise InputFileError(path=path, reason="dit bestand hoort naast de bekende vragen te staan")
    found = []
    with _as_it_should_be(path):
        for row in json_lines(path):
            if row["sort"] not in (*NEAR, *OTHER):
                raise ValueError(row["sort"])
            found.append((str(row["question"]), str(row["sort"])))
    return found


def load_nowhere(path: Path) -> list[Example]:
    """Return the questions of `load_unanswerable` that a new gebiedsplan does not answer.

    None without the file: an index can do without.
    """
    if not path.is_file():
        return []
    return [Example(q, NOWHERE) for q, sort in load_unanswerable(path) if sort != ELSEWHERE]


def load_texts(path: Path) -> list[str]:
    """Read each question once, wherever it is answered; see `load_questions`."""
    with _as_it_should_be(path):
        asked = (str(question) for row in json_lines(path) for question in row["questions"])
        return list(dict.fromkeys(asked))


def json_lines(path: Path) -> Iterator[Any]:
    """Yield what stands on each line of a file; empty lines are left out.

    Raises:
        OSError: it cannot be read.
        ValueError: a line is no JSON.
    """
    # Not splitlines: in JSON, a question may hold other line ends than \n.
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line.strip():
            yield json.loads(line)


@contextmanager
def _as_it_should_be(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputFileError(
            path=path, reason=f"geen vragen in de juiste vorm ({error!r})"
        ) from error


def _row(passages: Sequence[Passage], document: str, start: int, end: int) -> int | None:
    shared = {
        n: min(p.end, end) - max(p.start, start)
        for n, p in enumerate(passages)
        if p.document == document
    }
    best = max(shared, key=lambda n: shared[n], default=None)
    return best if best is not None and shared[best] > 0 else None


def _sentences(passage: Passage, answers: Sequence[Sequence[int]]) -> frozenset[int]:
    """Return which sentences of a passage have most of their text in the places given."""
    return frozenset(
        n
        for n, sentence in enumerate(passage.sentences)
        for start, end in answers
        if 2 * (min(sentence.end, end) - max(sentence.start, start)) > sentence.end - sentence.start
    )


class KnownQuestions:
    """The known questions of an index, as vectors. Nothing in it changes.

    Args:
        examples: n of them.
        vectors: (n, d), of unit length.
        passages: how many there are in the index.
    """

    def __init__(
        self, examples: Sequence[Example], vectors: NDArray[np.float16], passages: int
    ) -> None:
        self.examples = tuple(examples)
        self.vectors = vectors.astype(np.float32)
        rows = np.array([e.row for e in examples], dtype=np.intp)
        self._somewhere, self._nowhere = (np.flatnonzero(is_it) for is_it in (rows >= 0, rows < 0))
        self._rows = rows[self._somewhere]
        self._of: dict[int, list[int]] = {}
        for n, example in enumerate(examples):
            if example.row != NOWHERE:
                self._of.setdefault(example.row, []).append(n)
        self._passages = passages

    @property
    def has_answers(self) -> bool:
        """Whether any of them is answered by a passage."""
        return bool(self._of)

    def cosines(self, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the (n,) cosines of a question's vector and those of the known questions."""
        if not self.examples:
            return np.zeros(0, np.float32)
        return np.asarray(self.vectors @ vector, np.float32)

    def by_passage(self, cosines: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return for each passage the best cosine of its questions; NaN where it has none."""
        best = np.full(self._passages, np.nan, np.float32)
        np.fmax.at(best, self._rows, cosines[self._somewhere])
        return best

    def nowhere(self, cosines: NDArray[np.float32]) -> float | None:
        """Return the mean of the best cosines with questions that no passage answers.

        None where so many are not known.
        """
        if len(self._nowhere) < NEIGHBOURS:
            return None
        return float(np.sort(cosines[self._nowhere])[-NEIGHBOURS:].mean())

    def by_sentence(self, row: int, cosines: NDArray[np.float32]) -> dict[int, float]:
        """Return for sentences of a passage the best cosine of the questions that they answer."""
        best: dict[int, float] = {}
        for n in self._of.get(row, ()):
            for sentence in self.examples[n].answers:
                best[sentence] = max(best.get(sentence, -1.0), float(cosines[n]))
        return best
