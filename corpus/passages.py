"""From blocks to passages: whole thoughts that can be found and quoted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.furniture import Furniture
from corpus.read import DocumentText
from corpus.sentences import Sentence, sentences
from corpus.sources import Source
from corpus.structure import Block, Structure, structure

PassageKind = Literal["tekst", "rij", "lijst", "kaart"]

# Characters of readable text; about 180 word pieces, well under the model's limit of 512.
LONGEST = 700
# The share of three-word runs in common; shorter units are doubles only when equal.
_ALIKE = 0.85
_LONG_ENOUGH = 120


@dataclass(frozen=True)
class Passage:
    """A whole thought of a document, with all that is needed to find, show and cite it.

    `start` and `end` are offsets in the stored text. `text` is mended for
    reading. `section` runs from chapter to paragraph. `label` is what is needed
    to understand a sentence out of its passage: the first cell of its row, the
    lead-in of its list or the heading right above it; else it is empty. The text
    starts with the label, unless that is the last of the section.
    """

    id: str
    document: str
    section: tuple[str, ...]
    page: int | None
    start: int
    end: int
    text: str
    sentences: tuple[Sentence, ...]
    label: str
    kind: PassageKind


@dataclass(frozen=True)
class _Unit:
    """Sentences that belong together, from one block."""

    kind: PassageKind
    start: int
    end: int
    section: tuple[str, ...]
    label: str
    sentences: tuple[Sentence, ...]

    @property
    def length(self) -> int:
        return sum(len(s.text) + 1 for s in self.sentences)


def passages(source: Source, document: DocumentText) -> tuple[Passage, ...]:
    """Cut a document into passages, in the order of its text."""
    units, _ = _without_doubles(_units(structure(document)))
    return tuple(
        _passage(source, document, piece) for group in _groups(units) for piece in _cut(group)
    )


def furniture(document: DocumentText) -> tuple[Furniture, ...]:
    """Return what was left out of a document, and why."""
    whole = structure(document)
    _, doubles = _without_doubles(_units(whole))
    repeated = [Furniture(unit.start, unit.end, "staat er al") for unit in doubles]
    return tuple(sorted([*whole.furniture, *repeated], key=lambda part: part.start))


def _units(whole: Structure) -> list[_Unit]:
    """Turn blocks into units of sentences; the lead-in of a list becomes its label."""
    units: list[_Unit] = []
    label = ""
    previous: Block | None = None
    for block in whole.blocks:
        if block.kind == "kop" or block.kind == "kolommen":
            previous = None
            continue
        found = _sentences(whole, block)
        if not found:
            continue
        if block.kind == "punt":
            if previous is None or previous.kind != "punt":
                label = _list_label(units, previous, block, label)
            units.append(_unit(block, "lijst", block.label or label, found))
        elif block.kind == "tekst":
            units.append(_unit(block, "tekst", "", found))
        else:
            units.append(_unit(block, block.kind, block.label, found))
        previous = previous if block.aside else block
    return units


def _list_label(units: list[_Unit], previous: Block | None, block: Block, before: str) -> str:
    """Return what leads in a list: a sentence, the heading, or what led in the list before."""
    if previous is None:
        return block.section[-1] if block.section else ""
    goes_on = any(u.kind == "lijst" and u.section == block.section for u in units[-4:])
    return _lead_in(units, previous) or (before if goes_on else "")


def _unit(block: Block, kind: PassageKind, label: str, found: tuple[Sentence, ...]) -> _Unit:
    return _Unit(kind, block.start, block.end, block.section, label, found)


def _sentences(whole: Structure, block: Block) -> tuple[Sentence, ...]:
    """Split the parts of a block into sentences."""
    found: list[Sentence] = []
    for start, end in block.parts:
        if block.whole or block.kind == "kaart":
            mended = whole.mender.mend(start, end)
            if mended.text:
                found.append(Sentence(mended.text, *mended.span(0, len(mended.text))))
        else:
            found.extend(sentences(whole.mender, start, end))
    return tuple(found)


def _lead_in(units: list[_Unit], previous: Block | None) -> str:
    """Take the lead-in of a list from the text before it; its sentence joins the list."""
    if previous is None or not units or units[-1].kind not in {"tekst", "lijst"}:
        return ""
    last = units[-1]
    lead = last.sentences[-1]
    if not lead.text.endswith((":", "?")):
        return ""
    if last.kind == "tekst":
        units.pop()
        if len(last.sentences) > 1:
            rest = last.sentences[:-1]
            units.append(replace(last, end=rest[-1].end, sentences=rest))
        start = lead.start if len(last.sentences) > 1 else last.start
        units.append(replace(last, kind="lijst", start=start, label=lead.text, sentences=(lead,)))
    return lead.text


@dataclass(frozen=True)
class _Seen:
    """What a unit says, to recognise it when it is printed again."""

    unit: _Unit
    text: str
    shingles: frozenset[str]
    numbers: frozenset[str]

    def says(self, other: "_Seen") -> bool:
        """Tell whether this holds (nearly) all that another unit says, with its numbers."""
        if self.unit.length < _LONG_ENOUGH or other.unit.length < _LONG_ENOUGH:
            return self.text == other.text and self.unit.section == other.unit.section
        shared = len(self.shingles & other.shingles)
        return self.numbers == other.numbers and shared >= _ALIKE * len(other.shingles)


def _without_doubles(units: list[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """Part units that are printed again, exactly or nearly, from the others.

    Of two rows with one label that say the same the fuller one is kept.
    """
    kept: list[_Seen] = []
    doubles: list[_Unit] = []
    for unit in units:
        seen = _seen(unit)
        if unit.kind != "kaart" and any(other.says(seen) for other in kept):
            doubles.append(unit)
            continue
        rows = [o for o in kept if unit.kind == "rij" and o.unit.label == unit.label]
        emptier = [other for other in rows if seen.says(other)]
        doubles += [other.unit for other in emptier]
        kept = [other for other in kept if other not in emptier]
        kept.append(seen)
    return [seen.unit for seen in kept], doubles


def _seen(unit: _Unit) -> _Seen:
    text = " ".join(s.text for s in unit.sentences).casefold()
    numbers = frozenset(word for word in text.split() if any(map(str.isdigit, word)))
    return _Seen(unit, text, frozenset(_shingles(text)), numbers)


def _shingles(text: str) -> set[str]:
    """Return the runs of three words in a text."""
    words = text.split()
    return {" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))}


def _groups(units: Sequence[_Unit]) -> Iterator[list[_Unit]]:
    """Join neighbours of one kind, section and label while they fit in a passage."""
    group: list[_Unit] = []
    for unit in units:
        if group and not _fits(group, unit):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _fits(group: list[_Unit], unit: _Unit) -> bool:
    """Tell whether a unit belongs in the passage with the units before it."""
    first = group[-1]
    same = (first.kind, first.section, first.label) == (unit.kind, unit.section, unit.label)
    return same and unit.kind != "kaart" and sum(u.length for u in group) + unit.length <= LONGEST


def _cut(group: list[_Unit]) -> Iterator[_Unit]:
    """Yield a group as one unit, or cut at sentence ends in parts of about one size."""
    whole = replace(
        group[0],
        end=group[-1].end,
        sentences=tuple(sentence for unit in group for sentence in unit.sentences),
    )
    count = -(-whole.length // LONGEST)
    target = whole.length / count
    part: list[Sentence] = []
    start, done = whole.start, 0
    for sentence in whole.sentences:
        length = len(sentence.text) + 1
        if part and (done + length / 2 > target or done + length > LONGEST):
            yield replace(whole, start=start, end=part[-1].end, sentences=tuple(part))
            start, done, part = part[-1].end, 0, []
        part.append(sentence)
        done += length
    yield replace(whole, start=start, sentences=tuple(part))


def _passage(source: Source, document: DocumentText, unit: _Unit) -> Passage:
    """Make the passage of a unit."""
    text = " ".join(sentence.text for sentence in unit.sentences)
    heading = unit.section[-1] if unit.section else ""
    if unit.label and unit.label != heading and not text.startswith(unit.label):
        text = f"{unit.label.rstrip(': ')}: {text}"
    return Passage(
        id=f"{source.id}:{unit.start}-{unit.end}",
        document=source.id,
        section=unit.section,
        page=document.page_at(unit.start),
        start=unit.start,
        end=unit.end,
        text=text,
        sentences=unit.sentences,
        label=unit.label,
        kind=unit.kind,
    )
