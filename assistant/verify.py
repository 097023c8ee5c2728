"""Does each statement stand in what it cites? Unknown or unsupported ones go."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from assistant.evidence import Evidence
from assistant.question import hague_areas
from index.text import STOP_WORDS, fold, stem, words

# Share of a statement's content words that must stand in what it cites. Below
# it, a statement of ten words would hold three that no source says.
MIN_COVERAGE = 0.75
# A lone word, such as the "1." of a numbered list, states nothing.
MIN_WORDS = 2
# Evidence that is tried together when no single piece supports a statement.
TOGETHER = 2

_NEGATIONS = frozenset("niet geen nooit niemand niets nergens noch zonder nauwelijks".split())
# Strength of a duty. What a statement says must be said as strongly by the source, not otherwise.
_DUTY = {
    "moet": "moet moeten moest moesten verplicht verplichte verplichting dient dienen vereist vereiste",
    "mag": "mag mogen mocht toegestaan toestaan",
    "kan": "kan kun kunt kunnen kon konden mogelijk mogelijkheid mogelijkheden",
    "hoeft": "hoeft hoeven",
    "advies": "advies adviseert adviseren aanbeveling aanbevelingen aanbevolen bevelen beveelt aanraden",
    "voorstel": "voorstel voorgesteld voorstellen idee plan wil willen",
}
_DUTY_OF = {word: duty for duty, forms in _DUTY.items() for word in forms.split()}
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
        "zestien zeventien achttien negentien twintig".split()
    )
    if word != "een"  # also the article
}
_MARKER = re.compile(r"\s*\[\s*\d[\d\s,;–-]*\]")
_NAME = re.compile(r"[A-ZÀ-Þ][\w’'+&-]*")


@dataclass(frozen=True)
class Verdict:
    """Whether a statement may be told: the evidence it rests on (positions), or why not.

    `reason` is one English word for the log and the evals: coverage, number,
    name, negation, duty; empty when the statement is supported.
    """

    evidence: tuple[int, ...]
    verbatim: bool
    reason: str

    @property
    def supported(self) -> bool:
        """True when the statement may be told."""
        return not self.reason


def check(statement: str, evidence: Sequence[Evidence]) -> Verdict:
    """Find the evidence that proves a statement.

    A single piece that proves it is preferred, then the best pair. A statement
    that one piece nearly says is judged by single pieces alone: a second one
    must not lend it another number, name or duty. The markers that a model
    wrote are not trusted: they only have to be stripped before.

    Args:
        statement: one sentence without markers.
        evidence: what may be cited.

    Returns:
        The verdict for the best-covering evidence.
    """
    if len(words(statement)) < MIN_WORDS:
        return Verdict((), False, "coverage")
    for n, piece in enumerate(evidence):
        if _is_copied(statement, piece):
            return Verdict((n,), True, "")
    opening = _opening_names(statement, evidence)
    ranked = sorted(
        range(len(evidence)), key=lambda n: (-coverage(statement, told(evidence[n])), n)
    )
    reasons: list[str] = []
    for group in [*((n,) for n in ranked), *combinations(ranked[:3], TOGETHER)]:
        if len(group) == TOGETHER and set(reasons) != {"coverage"}:
            break
        reason = _objection(statement, opening, [evidence[n] for n in group])
        if not reason:
            return Verdict(tuple(sorted(group)), False, "")
        reasons.append(reason)
    return Verdict((), False, reasons[0] if reasons else "coverage")


def _is_copied(statement: str, piece: Evidence) -> bool:
    """Tell whether a piece says a statement word for word, and denies as much.

    Whole words and numbers only: "2 keer" is no copy of "12 keer", nor "alle
    kinderen" of "niet alle kinderen".
    """
    bare = fold(" ".join(statement.split())).rstrip(".")
    whole = rf"(?<![\w-])(?<!\d[.,]){re.escape(bare)}(?![\w-]|[.,]\d)"
    if not bare or not re.search(whole, fold(told(piece))):
        return False
    return negations(statement) == _denied(statement, [piece])


def told(piece: Evidence) -> str:
    """Return a piece of evidence as it is read: with its label in front."""
    return f"{piece.label.rstrip(':')}: {piece.text}" if piece.label else piece.text


def strip_markers(text: str) -> str:
    """Return a text without the markers ([1], [2, 3], [1-3]) that a model may have written."""
    return " ".join(_MARKER.sub("", text).split())


def coverage(statement: str, source: str) -> float:
    """Return the share (0 to 1) of a statement's content words that stand in a source.

    Words are compared by stem; of long compounds it is enough that one is the
    beginning or the end of the other ("ouderbijdrage" and "bijdrage").
    """
    wanted = [stem(w) for w in words(statement) if w not in STOP_WORDS]
    if not wanted:
        return 0.0
    present = {stem(w) for w in words(source)}
    return sum(_stands(w, present) for w in wanted) / len(wanted)


def _stands(word: str, present: set[str]) -> bool:
    if word in present:
        return True
    return len(word) >= 5 and any(
        len(other) >= 5 and (other.endswith(word) or word.endswith(other)) for other in present
    )


def _objection(statement: str, opening: frozenset[str], group: Sequence[Evidence]) -> str:
    """Return the first reason why the group does not prove the statement, else ""."""
    source = " ".join(told(piece) for piece in group)
    place = " ".join(" ".join(piece.hit.passage.section) for piece in group)
    if coverage(statement, source) < MIN_COVERAGE:
        return "coverage"
    if not numbers(statement) <= numbers(source):
        return "number"
    if not names(statement) | opening <= {fold(w) for w in words(f"{source} {place}")}:
        return "name"
    if negations(statement) != _denied(statement, group):
        return "negation"
    if not duties(statement) <= duties(source):
        return "duty"
    return ""


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits: "2x", "twee" and "2" are all "2"."""
    found: set[str] = set()
    for word in words(text):
        if word in _NUMBER_WORDS:
            found.add(_NUMBER_WORDS[word])
        found.update(re.findall(r"\d+(?:[.,]\d+)*", word))
    return frozenset(found)


def names(text: str) -> frozenset[str]:
    """Return the words of names in a text, folded: capitals past the first word, abbreviations anywhere."""
    found: set[str] = set()
    for match in _NAME.finditer(text):
        word = match.group()
        first = not text[: match.start()].rstrip(" \"'“‘([").rstrip()
        after_stop = text[: match.start()].rstrip().endswith((".", "!", "?", ":"))
        if (first or after_stop) and not any(c.isupper() for c in word[1:]):
            continue
        found.update(fold(part) for part in words(word))
    return frozenset(found)


def _opening_names(statement: str, evidence: Sequence[Evidence]) -> frozenset[str]:
    """Return the first word of a statement, folded, when it is known to be a name.

    Its capital does not tell. It is a name when it is one elsewhere in the
    evidence, or when it is a wijk or stadsdeel.
    """
    known = {fold(word) for area in hague_areas() for word in words(area)}
    for piece in evidence:
        # A label or heading is a name from its first word on.
        places = " in ".join([piece.label, *piece.hit.passage.section])
        known |= names(piece.text) | names(f"in {places}")
    return frozenset(fold(word) for word in words(statement)[:1]) & known


def negations(text: str) -> int:
    """Return how often a text denies something."""
    return sum(word in _NEGATIONS for word in words(text))


def _denied(statement: str, group: Sequence[Evidence]) -> int:
    """Return how often the group denies something; a label counts when the statement repeats it."""
    repeated = fold(statement)
    return sum(
        negations(told(p) if fold(p.label.rstrip(":")) in repeated else p.text) for p in group
    )


def duties(text: str) -> frozenset[str]:
    """Return the strengths of duty in a text: moet, mag, kan, hoeft, advies, voorstel."""
    return frozenset(_DUTY_OF[w] for w in words(text) if w in _DUTY_OF)
