"""Gold questions: reading them and refusing what is not in the format."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from assistant.answer_model import Turn
from corpus.errors import InputFileError

FOLDER = Path(__file__).parent / "gold"


@dataclass(frozen=True)
class Gold:
    """One question with what a right answer shows.

    `evidence` are the words that carry the answer, `alt_evidence` other places
    that equally do. Each fact is a list of surface strings, one of which is
    enough; `forbidden` are strings that show a wrong answer.
    """

    id: str
    question: str
    persona: str
    kind: str
    answerable: bool
    split: str
    history: tuple[Turn, ...]
    documents: tuple[str, ...]
    evidence: tuple[str, ...]
    alt_evidence: tuple[str, ...]
    facts: tuple[tuple[str, ...], ...]
    forbidden: tuple[str, ...]

    @property
    def places(self) -> tuple[str, ...]:
        """Every string that carries the answer."""
        return self.evidence + self.alt_evidence


def load_gold(path: Path, split: str = "all") -> tuple[Gold, ...]:
    """Read the gold questions of one split (tune, test) or of all.

    Raises:
        InputFileError: the file cannot be read, a line is not a gold question,
            an id occurs twice, or no question is left.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "het is geen tekst in UTF-8"
        raise InputFileError(path=path, reason=reason) from error
    rows: dict[str, Gold] = {}
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            gold = _gold(json.loads(line))
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            reason = f"regel {number} is geen goudvraag ({error!r})"
            raise InputFileError(path=path, reason=reason) from error
        if gold.id in rows:
            raise InputFileError(path=path, reason=f"regel {number} herhaalt id {gold.id}")
        rows[gold.id] = gold
    chosen = tuple(gold for gold in rows.values() if split in ("all", gold.split))
    if not chosen:
        raise InputFileError(path=path, reason=f"er staan geen vragen in voor split {split}")
    return chosen


def draw(ids: Iterable[str]) -> list[str]:
    """Return ids in an order by chance that is always the same.

    The first so many are a sample, and of two runs the same one.
    """
    return sorted(ids, key=lambda id: hashlib.sha256(id.encode()).digest())


def sample(golds: Sequence[Gold], size: int) -> tuple[Gold, ...]:
    """Return that many of the questions, drawn by `draw`, in their own order."""
    drawn = set(draw(gold.id for gold in golds)[:size])
    return tuple(gold for gold in golds if gold.id in drawn)


def _gold(row: Mapping[str, Any]) -> Gold:
    gold = Gold(
        id=row["id"],
        question=row["question"],
        persona=row["persona"],
        kind=row["kind"],
        answerable=row["answerable"],
        split=row.get("split", "test"),
        history=tuple(Turn(t["role"], t["content"]) for t in row.get("history", ())),
        documents=_strings(row, "documents"),
        evidence=_strings(row, "evidence"),
        alt_evidence=_strings(row, "alt_evidence"),
        facts=tuple(tuple(fact) for fact in row.get("facts", ())),
        forbidden=_strings(row, "forbidden"),
    )
    if not all(isinstance(t, str) for t in (gold.id, gold.question, gold.persona, gold.kind)):
        raise TypeError("id, question, persona and kind are strings")
    if gold.answerable is not bool(gold.evidence):
        raise ValueError("an answerable question has evidence, another has none")
    return gold


def _strings(row: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name, [])
    if not isinstance(values, list) or not all(isinstance(v, str) for v in values):
        raise TypeError(f"{name} is a list of strings")
    return tuple(values)
