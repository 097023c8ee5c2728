"""Does each statement stand in what it cites? Unknown or unsupported ones go."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations

from assistant.areas import hague_areas
from assistant.claims import (
    DUTIES,
    FIRST,
    Clause,
    clauses,
    companions,
    governors,
    is_passive,
    names,
    numbers,
    ones,
    possible_duties,
    replaced,
    units,
)
from assistant.evidence import Evidence
from index.text import STOP_WORDS, fold, stem, words

# Share of a statement's content words that must stand in what it cites. Below
# it, a statement of ten words would hold three that no source says.
MIN_COVERAGE = 0.75
# A lone word, such as the "1." of a numbered list, states nothing.
MIN_WORDS = 2
# Share of the content of a clause that a statement must have to tell that clause.
TOLD = 0.5

_Pair = tuple[list[Clause], list[Clause]]
_JOINT = re.compile(r"[;,]? (?:en|maar|terwijl) |[;,] ")
_MARKER = re.compile(r"\s*\[\s*\d[\d\s,;–-]*\]")


@dataclass(frozen=True)
class Verdict:
    """Whether a statement may be told: the evidence it rests on (positions), or why not.

    `reason` is one English word for the log and the evals: coverage, number, unit,
    name, negation, duty, quantity, condition, agent; empty when the statement is supported.
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

    A single piece that proves it is preferred, then two of which each proves a half
    of it: a piece must not lend the other a number, name or duty. The markers that a model
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
    for n in ranked:
        reason = _objection(statement, opening, evidence[n])
        if not reason:
            return Verdict((n,), False, "")
        reasons.append(reason)
    if set(reasons) == {"coverage"}:
        for two in permutations(ranked[:3], 2):
            if _is_joined(statement, opening, [evidence[n] for n in two]):
                return Verdict(tuple(sorted(two)), False, "")
    return Verdict((), False, reasons[0] if reasons else "coverage")


def _is_joined(statement: str, opening: frozenset[str], two: Sequence[Evidence]) -> bool:
    """Tell whether a statement is two in one, each proved by a piece of its own."""
    for joint in _JOINT.finditer(statement):
        halves = (statement[: joint.start()], statement[joint.end() :])
        if all(len(words(half)) >= MIN_WORDS for half in halves) and not any(
            _objection(half, opening if half is halves[0] else frozenset(), piece)
            for half, piece in zip(halves, two, strict=True)
        ):
            return True
    return False


def _is_copied(statement: str, piece: Evidence) -> bool:
    """Tell whether a piece says a statement word for word, and leaves out nothing that limits it.

    Whole words and numbers only: "2 keer" is no copy of "12 keer", nor "alle
    kinderen" of "niet alle kinderen".
    """
    bare = fold(" ".join(statement.split())).rstrip(".")
    whole = rf"(?<![\w-])(?<!\d[.,]){re.escape(bare)}(?![\w-]|[.,]\d)"
    if not bare or not re.search(whole, fold(told(piece))):
        return False
    if bare in (fold(text).rstrip(".") for text in (piece.text, told(piece))):
        return True
    return not _changed_claim(statement, piece)


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
    wanted = [stem(w) for w in words(statement) if w not in STOP_WORDS and w not in DUTIES]
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


def _objection(statement: str, opening: frozenset[str], piece: Evidence) -> str:
    """Return the first reason why the piece does not prove the statement, else ""."""
    source = told(piece)
    place = " ".join(piece.hit.passage.section)
    if coverage(statement, source) < MIN_COVERAGE:
        return "coverage"
    if not numbers(statement) <= numbers(source) | ones(source) or _is_rebound(statement, source):
        return "number"
    if not units(statement) <= units(source):
        return "unit"
    if not names(statement) | opening <= {fold(w) for w in words(f"{source} {place}")}:
        return "name"
    if _has_other_agent(statement, piece):
        return "agent"
    return _changed_claim(statement, piece)


def _is_rebound(statement: str, source: str) -> bool:
    """Tell whether a number is told of something that the source tells of another number.

    "5 basisscholen in Leidschenveen" is, where the source has 5 in Ypenburg and 7 there.
    """
    sources = list(companions(source))
    named = {stem(name) for name in names(source)}
    for number, beside in companions(statement):
        shared = [
            (n == number, len(beside & there & named), len(beside & there)) for n, there in sources
        ]
        own = max((shares for is_own, *shares in shared if is_own), default=[0, 0])
        if any(shares > own for is_own, *shares in shared if not is_own):
            return True
    return False


def _changed_claim(statement: str, piece: Evidence) -> str:
    """Return what the statement denies, obliges, counts or leaves open otherwise, else "".

    Clause by clause: what a source says in a clause that is told must be told with it.
    """
    said = clauses(statement)
    text = clauses(piece.text)
    pairs = list(_paired(said, (*clauses(piece.label), *text)))
    for tells, told_of in pairs:
        if sum(c.negations for c in tells) != sum(c.negations for c in told_of):
            return "negation"
        spoken = _all(c.duties for c in tells)
        may = _all(possible_duties(c.text) for c in told_of)
        if not _all(c.duties for c in told_of) <= spoken <= may:
            return "duty"
        if _has_other_amount(tells, told_of):
            return "quantity"
    if _drops_limit(said, text):
        return "condition"
    return "agent" if any(_is_swapped(*two) for two in combinations(pairs, 2)) else ""


def _has_other_amount(tells: Sequence[Clause], told_of: Sequence[Clause]) -> bool:
    """Tell whether more or less is said to be so; "alle" may be left out, "vaak" not.

    What the source counts and the statement does not mention need not be counted.
    """
    content = _all(c.content for c in tells)
    there = [amount for c in told_of for amount in c.amounts]
    much = {kind for c in tells for kind, _ in c.amounts}
    needed = {kind for kind, of in there if kind != "all" and (not of or of & content)}
    return not needed <= much <= {kind for kind, _ in there}


def _all(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    return frozenset().union(*sets)


def _paired(said: Sequence[Clause], there: Sequence[Clause]) -> Iterator[_Pair]:
    """Yield groups of clauses of the statement with the clauses of the source that they tell."""
    links = set()
    for n, clause in enumerate(said):
        best = max(range(len(there)), key=lambda m: len(clause.content & there[m].content))
        if clause.content & there[best].content:
            links.add((n, best))
    for m, clause in enumerate(there):
        best = max(range(len(said)), key=lambda n: len(clause.content & said[n].content))
        if len(clause.content & said[best].content) >= TOLD * len(clause.content):
            links.add((best, m))
    while links:
        ours, theirs = map(set, zip(links.pop()))
        while more := {link for link in links if link[0] in ours or link[1] in theirs}:
            links -= more
            ours |= {n for n, _ in more}
            theirs |= {m for _, m in more}
        yield [said[n] for n in sorted(ours)], [there[m] for m in sorted(theirs)]


def _is_swapped(one: _Pair, other: _Pair) -> bool:
    """Tell whether two clauses have each taken a word of the other's source."""
    (a, a_there), (b, b_there) = (
        [_all(c.content for c in side) for side in p] for p in (one, other)
    )
    return bool((a & b_there) - a_there - b and (b & a_there) - b_there - a)


def _drops_limit(said: Sequence[Clause], there: Sequence[Clause]) -> bool:
    """Tell whether a condition or exception is left out of what the statement tells."""
    spoken = _all(c.content for c in said)

    def is_told(clause: Clause) -> bool:
        return len(clause.content & spoken) >= TOLD * len(clause.content)

    for n, clause in enumerate(there):
        if not clause.limits or is_told(clause):
            continue
        hosts = [c for c in there[:n] if not c.limits][-1:]
        hosts = hosts or [c for c in there[n + 1 :] if not c.limits][:1]
        if any(is_told(host) for host in hosts):
            return True
    return False


def _has_other_agent(statement: str, piece: Evidence) -> bool:
    """Tell whether another one does or is what the source says.

    The statement begins with someone of whom no source speaks, has one noun in the place
    of another, or two have changed places ("de GGD van de gemeente").
    """
    source = piece.text
    known = {stem(word) for word in words(" ".join([told(piece), *piece.hit.passage.section]))}
    first = next((c.first for c in clauses(statement)), "")
    if first and not _stands(first, known):
        return True
    if any(not _stands(stem(word), known) for word in replaced(statement, source)):
        return True
    here, there = governors(statement), governors(source)
    places = {
        (there[w].replace(FIRST, ""), here[w].replace(FIRST, ""))
        for w in here.keys() & there.keys()
    }
    if any((after, before) in places for before, after in places if before != after):
        return True
    doer = next((c.first for c in clauses(source)), "")
    return (
        is_passive(statement) == is_passive(source)
        and (there.get(doer), here.get(doer)) == (FIRST, "")
        and (there.get(first), here.get(first)) == ("", FIRST)
    )


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
