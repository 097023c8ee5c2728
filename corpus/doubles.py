"""Text that is printed again, exactly or nearly: kept once for search, its places remembered."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.units import Unit

# The share of three-word runs in common; shorter units are doubles only when equal.
_ALIKE = 0.85
_LONG_ENOUGH = 120
# How far apart two neighbours may stand in a run that is printed again.
_NEAR = 2


@dataclass(frozen=True)
class Double:
    """A unit that says nothing more than another, which is kept."""

    unit: Unit
    of: Unit


@dataclass(frozen=True)
class Parted:
    """The units that are kept, in order, and those that are printed again."""

    kept: tuple[Unit, ...]
    doubles: tuple[Double, ...]


@dataclass(frozen=True)
class _Said:
    """What a unit says, to recognise it when it is printed again."""

    text: str
    shingles: frozenset[str]
    numbers: frozenset[str]

    def holds(self, other: "_Said") -> bool:
        """Tell whether this holds (nearly) all that another says, with its numbers."""
        shared = len(self.shingles & other.shingles)
        return self.numbers == other.numbers and shared >= _ALIKE * len(other.shingles)


def without_doubles(units: Sequence[Unit]) -> Parted:
    """Part units that are printed again from the others.

    Rows are the same only under one label; of two rows the fuller one is kept. Short units
    are doubles when they stand in the same section, or in a run of units printed again.
    """
    said = [_said(unit) for unit in units]
    of = _repeats(units, said)
    kept = tuple(unit for i, unit in enumerate(units) if i not in of)
    doubles = tuple(Double(units[i], units[_root(of, i)]) for i in sorted(of))
    return Parted(kept, doubles)


def _root(of: dict[int, int], i: int) -> int:
    """Follow a double to the unit that is kept."""
    while i in of:
        i = of[i]
    return i


def _repeats(units: Sequence[Unit], said: Sequence[_Said]) -> dict[int, int]:
    """Return the units that are doubles, each with the unit it is a double of."""
    common = Counter(shingle for one in said for shingle in one.shingles)
    holders: dict[str, list[int]] = defaultdict(list)
    texts: dict[str, list[int]] = defaultdict(list)
    rows: dict[str, list[int]] = defaultdict(list)
    of: dict[int, int] = {}
    maybe: dict[int, int] = {}
    for i, unit in enumerate(units):
        if unit.kind == "kaart":
            continue
        rare = sorted(said[i].shingles, key=lambda shingle: common[shingle])
        rare = rare[: int((1 - _ALIKE) * len(rare)) + 1]
        near = sorted({j for shingle in rare for j in holders[shingle]} | {*rows[unit.label]})
        for j, emptier in _alike(units, said, i, near):
            if emptier:
                of[j] = i
            else:
                of[i] = j
                break
        for j in texts[said[i].text]:
            if not _may_be_same(unit, units[j]):
                continue
            if units[j].section == unit.section:
                of.setdefault(i, j)
            maybe.setdefault(i, j)
        for shingle in said[i].shingles if i not in of else ():
            holders[shingle].append(i)
        texts[said[i].text].append(i)
        if unit.kind == "rij":
            rows[unit.label].append(i)
    maybe |= of
    of |= {i: j for i, j in maybe.items() if i not in of and _in_a_run(units, maybe, i)}
    return of


def _alike(
    units: Sequence[Unit], said: Sequence[_Said], i: int, near: Sequence[int]
) -> Iterator[tuple[int, bool]]:
    """Yield the units before that say the same as unit `i`, and whether they say less."""
    if units[i].length < _LONG_ENOUGH:
        return
    row = units[i].kind == "rij"
    for j in near:
        if units[j].length < _LONG_ENOUGH or not _may_be_same(units[i], units[j]):
            continue
        if said[j].holds(said[i]):
            yield j, False
        elif row and said[i].holds(said[j]):
            yield j, True


def _may_be_same(one: Unit, other: Unit) -> bool:
    """Tell whether two units can be the same: rows only with rows under the same label."""
    if "rij" in {one.kind, other.kind}:
        return one.kind == other.kind and one.label == other.label
    return True


def _in_a_run(units: Sequence[Unit], maybe: dict[int, int], i: int) -> bool:
    """Tell whether units beside this one repeat units beside the one it repeats."""
    beside = [k for k in range(i - _NEAR, i + _NEAR + 1) if k in maybe]
    run = [k for k in beside if abs((maybe[k] - maybe[i]) - (k - i)) <= 1]
    return len(run) > 1 and sum(units[k].length for k in run) >= _LONG_ENOUGH


def _said(unit: Unit) -> _Said:
    text = " ".join(sentence.text for sentence in unit.sentences).casefold()
    words = text.split()
    numbers = frozenset(word for word in words if any(map(str.isdigit, word)))
    shingles = (" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2)))
    return _Said(text, frozenset(shingles), numbers)
