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
_ALIKE = 0.85


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
        if block.kind == "kop":
            previous = None
            continue
        found = _sentences(whole, block)
        if not found:
            continue
        if block.kind == "punt":
            if previous is None or previous.kind != "punt":
                under = previous is None and block.section
                label = block.section[-1] if under else _lead_in(units, previous)
            units.append(_unit(block, "lijst", block.label or label, found))
        elif block.kind == "tekst":
            units.append(_unit(block, "tekst", "", found))
        else:
            units.append(_unit(block, block.kind, block.label, found))
        previous = previous if block.aside else block
    return units


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


def _without_doubles(units: list[_Unit]) -> tuple[list[_Unit], list[_Unit]]:
    """Part units that are printed again, exactly or nearly, from the others."""
    kept: list[_Unit] = []
    doubles: list[_Unit] = []
    exact: set[tuple[str, str]] = set()
    known: list[tuple[set[str], set[str]]] = []
    for unit in units:
        text = " ".join(s.text for s in unit.sentences).casefold()
        key = (unit.label if unit.length < 80 else "", text)
        if unit.kind == "kaart":
            kept.append(unit)
            continue
        shingles, numbers = _shingles(text), {w for w in text.split() if any(map(str.isdigit, w))}
        again = unit.length >= 120 and any(
            numbers == other_numbers and len(shingles & other) >= _ALIKE * len(shingles)
            for other, other_numbers in known
        )
        section = " › ".join(unit.section) if unit.length < 80 else ""
        if (section + key[0], text) in exact or again:
            doubles.append(unit)
            continue
        exact.add((section + key[0], text))
        known.append((shingles, numbers))
        kept.append(unit)
    return kept, doubles


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
