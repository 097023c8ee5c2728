"""What readers made of answers, and how far the automatic scores agree with them."""

import json
import logging
import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from corpus.errors import InputFileError
from evals.results import FOLDER, Result

log = logging.getLogger(__name__)

FILE = FOLDER / "oordelen.jsonl"
RIGHT, UNSUPPORTED = "goed", "niet gesteund"
JUDGEMENTS = (RIGHT, "deels", "fout", UNSUPPORTED)

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Judgement:
    """What one person made of one answer of a system; `date` is ISO 8601, in UTC."""

    id: str
    system: str
    commit: str
    judgement: str
    remark: str
    judge: str
    date: str


@dataclass(frozen=True)
class Cross:
    """How often people and a score said yes or no of the same answer."""

    both: int
    only_person: int
    only_score: int
    neither: int

    @property
    def n(self) -> int:
        """The number of answers."""
        return self.both + self.only_person + self.only_score + self.neither

    @property
    def share(self) -> float:
        """The share of at least one answer on which they agree."""
        return (self.both + self.neither) / self.n

    @property
    def kappa(self) -> float | None:
        """Agreement beyond chance; None when one answer to all leaves nothing to chance.

        Cohen, Educational and Psychological Measurement 20 (1960).
        """
        person, score = self.both + self.only_person, self.both + self.only_score
        chance = (person * score + (self.n - person) * (self.n - score)) / self.n**2
        return None if chance == 1 else (self.share - chance) / (1 - chance)


@dataclass(frozen=True)
class Agreement:
    """Judgements beside the automatic scores of the same answers.

    `counts` has, by judgement, the answers that were automatically right and not.
    `correct` is judged right against scored right; `support` is supported by its
    citations against a citation precision of 1, for answers that have one.
    """

    counts: Mapping[str, tuple[int, int]]
    correct: Cross
    support: Cross


def agreement(judgements: Sequence[Judgement], rows: Sequence[Row]) -> Agreement:
    """Compare judgements with the rows of one result by id; what has no row is left out.

    A question without an answer in the documents is automatically right when the
    system was silent. Of judgements on one answer by one person the last one holds.
    """
    by_id = {row["id"]: row["scores"] for row in rows}
    pairs = [(j.judgement, by_id[j.id]) for j in latest(judgements) if j.id in by_id]
    judged = [(word, scores, _right(scores)) for word, scores in pairs]
    told = Counter((word, right) for word, _, right in judged if right is not None)
    return Agreement(
        {word: (told[word, True], told[word, False]) for word in JUDGEMENTS},
        _cross((word == RIGHT, right) for word, _, right in judged if right is not None),
        _cross(
            (word != UNSUPPORTED, scores["citation_precision"] == 1)
            for word, scores in pairs
            if "citation_precision" in scores
        ),
    )


def latest(judgements: Iterable[Judgement]) -> tuple[Judgement, ...]:
    """Return of each person's judgements on one answer the last that was given."""
    return tuple({(j.system, j.commit, j.id, j.judge): j for j in judgements}.values())


def of_result(judgements: Iterable[Judgement], result: Result) -> tuple[Judgement, ...]:
    """Return the judgements on the answers in one result."""
    key = (result.system, result.head["commit"])
    return tuple(j for j in judgements if (j.system, j.commit) == key)


def agreement_table(results: Iterable[Result], path: Path = FILE) -> str:
    """Return in Markdown how far the scores agree with readers; empty without judgements.

    Raises:
        InputFileError: the file of judgements cannot be read.
    """
    judgements = read_judgements(path)
    found = [(r.system, agreement(of_result(judgements, r), r.rows)) for r in results]
    parts = [_part(system, told) for system, told in found if told.correct.n]
    if not parts:
        return ""
    note = (
        "“Goed” volgens een lezer is vergeleken met “goed” volgens de meting, en “wel gesteund” "
        "met een citaatprecisie van 1. Kappa is de overeenstemming boven toeval (1 is volledig)."
    )
    return "\n\n".join(["## Oordelen van lezers", note, *parts]) + "\n"


def _part(system: str, told: Agreement) -> str:
    lines = [f"**{system}**", "", "| oordeel | meting: goed | meting: niet goed |", "|---|---|---|"]
    lines += [f"| {word} | {yes} | {no} |" for word, (yes, no) in told.counts.items()]
    lines += ["", "| | overeenstemming | kappa | n |", "|---|---|---|---|"]
    for name, cross in (("goed", told.correct), ("gesteund", told.support)):
        if cross.n:
            kappa = "–" if cross.kappa is None else f"{cross.kappa:.2f}".replace(".", ",")
            lines.append(f"| {name} | {100 * cross.share:.0f}% | {kappa} | {cross.n} |")
    return "\n".join(lines)


def read_judgements(path: Path = FILE) -> tuple[Judgement, ...]:
    """Return all judgements in the order in which they were given; a torn line is passed over.

    Raises:
        InputFileError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(path=path, reason="het is niet te lezen") from error
    found = []
    for number, line in enumerate(lines, start=1):
        try:
            found.append(Judgement(**json.loads(line)))
        except (ValueError, TypeError):
            if line.strip():
                log.warning("line %d of %s is no judgement", number, path.name)
    return tuple(found)


def keep(judgement: Judgement, path: Path = FILE) -> None:
    """Write a judgement behind the others; it is on the disk when this returns.

    Raises:
        InputFileError: the file cannot be written.
    """
    line = json.dumps(asdict(judgement), ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as file:
            if file.tell() and _last_byte(path) != b"\n":  # a line that was torn stays by itself
                line = "\n" + line
            file.write(line.encode("utf-8", "backslashreplace"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputFileError(path=path, reason="het is niet te schrijven") from error


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def _right(scores: Mapping[str, float]) -> bool | None:
    """Tell whether an answer is automatically right; None when only the search was measured."""
    told = scores.get("correct", scores.get("abstention"))
    return None if told is None else told == 1


def _cross(pairs: Iterable[tuple[bool, bool]]) -> Cross:
    told = Counter(pairs)
    return Cross(told[True, True], told[True, False], told[False, True], told[False, False])
