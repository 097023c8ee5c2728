"""From blocks to passages: whole thoughts that can be found and quoted."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.doubles import Double, without_doubles
from corpus.furniture import Furniture
from corpus.read import DocumentText
from corpus.sentences import Sentence
from corpus.sources import Source
from corpus.structure import structure
from corpus.units import PassageKind, Unit, units_of

# Characters of readable text; about 180 word pieces, well under the model's limit of 512.
LONGEST = 700


@dataclass(frozen=True)
class Place:
    """Where (nearly) the same is printed again: a span of the stored text, with its sentences.

    Nearly: only a sentence that is among `sentences` is known to stand there.
    """

    start: int
    end: int
    section: tuple[str, ...]
    page: int | None
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Passage:
    """A whole thought of a document, with all that is needed to find, show and cite it.

    `start` and `end` are offsets in the stored text. `text` is mended for
    reading. `section` runs from chapter to paragraph. `label` is what is needed
    to understand a sentence out of its passage: the first cell of its row, the
    lead-in of its list or the heading right above it; else it is empty. The text
    starts with the label, unless that is the last of the section. `also` are the
    other places of what stands in it, in the order of the text.
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
    also: tuple[Place, ...] = ()


def passages(source: Source, document: DocumentText) -> tuple[Passage, ...]:
    """Cut a document into passages, in the order of its text."""
    parted = without_doubles(units_of(structure(document)))
    found = [
        _passage(source, document, piece) for group in _groups(parted.kept) for piece in _cut(group)
    ]
    again = _again(document, parted.doubles)
    return tuple(replace(passage, also=_also(passage, again)) for passage in found)


def spans(passage: Passage) -> list[tuple[int, int]]:
    """Return where each sentence stands in the passage's readable text."""
    found = []
    cursor = 0
    for sentence in passage.sentences:
        at = passage.text.find(sentence.text, cursor)
        if at < 0:
            found.append((0, 0))
            continue
        cursor = at + len(sentence.text)
        found.append((at, cursor))
    return found


def furniture(document: DocumentText) -> tuple[Furniture, ...]:
    """Return what was left out of a document, and why."""
    whole = structure(document)
    doubles = without_doubles(units_of(whole)).doubles
    repeated = [
        Furniture(double.unit.start, double.unit.end, "staat er al", kept_at=double.of.start)
        for double in doubles
    ]
    return tuple(sorted([*whole.furniture, *repeated], key=lambda part: part.start))


def _again(document: DocumentText, doubles: Sequence[Double]) -> dict[int, list[Place]]:
    """Return, by where a sentence that is kept starts, the places of the doubles of its unit."""
    again: dict[int, list[Place]] = {}
    for double in doubles:
        unit = double.unit
        page = document.page_at(unit.start)
        place = Place(unit.start, unit.end, unit.section, page, unit.sentences)
        for sentence in double.of.sentences:
            again.setdefault(sentence.start, []).append(place)
    return again


def _also(passage: Passage, again: dict[int, list[Place]]) -> tuple[Place, ...]:
    """Return the other places of what stands in a passage, each once."""
    places = [place for s in passage.sentences for place in again.get(s.start, [])]
    return tuple(sorted(dict.fromkeys(places), key=lambda place: place.start))


def _groups(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Join neighbours of one kind, section and label while they fit in a passage."""
    group: list[Unit] = []
    for unit in units:
        if group and not _fits(group, unit):
            yield group
            group = []
        group.append(unit)
    if group:
        yield group


def _fits(group: list[Unit], unit: Unit) -> bool:
    """Tell whether a unit belongs in the passage with the units before it."""
    first = group[-1]
    same = (first.kind, first.section, first.label) == (unit.kind, unit.section, unit.label)
    return same and unit.kind != "kaart" and sum(u.length for u in group) + unit.length <= LONGEST


def _cut(group: list[Unit]) -> Iterator[Unit]:
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


def _passage(source: Source, document: DocumentText, unit: Unit) -> Passage:
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
