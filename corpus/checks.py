"""What became of each character of a document, and what a careful reader would call wrong."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from corpus.furniture import TITLE
from corpus.mend import Mender
from corpus.passages import Passage, furniture
from corpus.pieces import is_closed
from corpus.read import DocumentText
from corpus.structure import headings, structure

Span = tuple[int, int]

BLANK, PASSAGE, HEADING, LEFT_OUT, LOST = range(5)
_LOST_RUN = re.compile(b"%c(?:%c*%c)*" % (LOST, BLANK, LOST))
# What a list carries in front of its items; it is not in their sentences.
_LIST_MARK = re.compile(r"(?:[\W_⁰¹²³⁴-⁹]|[a-z][.)]|\d{1,2}[.)]?)*|o")
_LETTERS = re.compile(r"[^\W_]+")
_NUMBERING = re.compile(r"\d{1,2}[.)]?\s")
# Nothing ends in one of these, in a comma or in a hyphen.
_DANGLING = re.compile(
    r"\b(?:aan|bij|dat|de|die|door|een|en|het|met|of|om|op|te|tot|uit|van|voor|zoals)$|[,–-]$"
)


@dataclass(frozen=True)
class Coverage:
    """How many characters of a stored text ended up where.

    `blank` is white space and markup: what a reader does not see. `lost` are
    the spans that a reader does see and that are nowhere.
    """

    total: int
    blank: int
    passage: int
    heading: int
    left_out: int
    lost: tuple[Span, ...]

    @property
    def lost_count(self) -> int:
        """The number of characters that were lost."""
        return sum(end - start for start, end in self.lost)


@dataclass(frozen=True)
class Complaint:
    """Something on a span of the stored text that a reader would stop at, in Dutch."""

    start: int
    end: int
    message: str


def coverage(document: DocumentText, passages: Sequence[Passage]) -> Coverage:
    """Count where the characters of a document ended up."""
    fates = character_fates(document, passages)
    lost = tuple(match.span() for match in _LOST_RUN.finditer(fates))
    return Coverage(
        total=len(fates),
        blank=fates.count(BLANK),
        passage=fates.count(PASSAGE),
        heading=fates.count(HEADING),
        left_out=fates.count(LEFT_OUT),
        lost=lost,
    )


def character_fates(document: DocumentText, passages: Sequence[Passage]) -> bytearray:
    """Return for each character of the stored text where it ended up.

    A character inside a passage counts only when it is in one of its sentences, or in its
    label, section path or the mark in front of a list item; between those it is lost.
    """
    mender = structure(document).mender
    fates = bytearray([LOST]) * len(document.text)
    for heading in headings(document):
        _mark(fates, (heading.start, heading.end), HEADING)
    for part in furniture(document):
        _mark(fates, (part.start, part.end), LEFT_OUT)
    for passage in passages:
        for sentence in passage.sentences:
            _mark(fates, (sentence.start, sentence.end), PASSAGE)
        for gap in _gaps(passage):
            for run in _runs(fates, gap):
                if _is_told(mender, passage, run):
                    _mark(fates, run, PASSAGE)
    for offset in range(len(fates)):
        if not mender.is_seen(offset):
            fates[offset] = BLANK
    return fates


def _mark(fates: bytearray, span: Span, fate: int) -> None:
    fates[span[0] : span[1]] = bytes([fate]) * (span[1] - span[0])


def _gaps(passage: Passage) -> Iterator[Span]:
    """Yield the spans of a passage between its sentences."""
    at = passage.start
    for sentence in sorted(passage.sentences, key=lambda s: s.start):
        if sentence.start > at:
            yield at, sentence.start
        at = max(at, sentence.end)
    if at < passage.end:
        yield at, passage.end


def _runs(fates: bytearray, span: Span) -> Iterator[Span]:
    """Yield the parts of a span that have not ended up anywhere yet."""
    for match in re.finditer(bytes([LOST]) + b"+", fates[span[0] : span[1]]):
        yield span[0] + match.start(), span[0] + match.end()


def _is_told(mender: Mender, passage: Passage, gap: Span) -> bool:
    """Tell whether all that is read in a gap is a list mark or stands in the label or path."""
    text = _NUMBERING.sub("", mender.mend(*gap).text)
    if _LIST_MARK.fullmatch(text):
        return True
    told = {
        word.casefold()
        for place in (passage.label, *passage.section)
        for word in _LETTERS.findall(place)
    }
    return all(word.casefold() in told for word in _LETTERS.findall(text))


def complaints(document: DocumentText, passages: Sequence[Passage]) -> tuple[Complaint, ...]:
    """Return what a careful reader would stop at, in the order of the text."""
    found = [
        *mid_sentence(document, passages),
        *(
            Complaint(one.start, one.end, message)
            for one, following in zip_longest(passages, passages[1:])
            for message in _odd(one, following)
        ),
        *_empty_headings(document, passages),
        *(
            Complaint(start, end, "tekst kwijtgeraakt")
            for start, end in coverage(document, passages).lost
        ),
    ]
    return tuple(sorted(found, key=lambda complaint: complaint.start))


def mid_sentence(document: DocumentText, passages: Sequence[Passage]) -> tuple[Complaint, ...]:
    """Return the passages of running text that begin or end in the middle of a sentence."""
    text = document.text
    parts = [(part.start, part.end) for part in furniture(document)]
    parts += [(block.start, block.end) for block in headings(document)]
    ends = frozenset(start + len(text[start:end].rstrip()) for start, end in parts)
    found = []
    for passage in passages:
        if passage.kind != "tekst":
            continue
        if _begins_in_a_sentence(text, passage, ends):
            found.append(Complaint(passage.start, passage.end, "begint midden in een zin"))
        if _ends_in_a_sentence(text, passage):
            found.append(Complaint(passage.start, passage.end, "eindigt midden in een zin"))
    return tuple(found)


def _begins_in_a_sentence(text: str, passage: Passage, ends: frozenset[int]) -> bool:
    """Tell whether a passage begins with a small letter after text that goes on.

    A name such as "gro-up" may begin a sentence: then what stands before it is closed, or
    ends a heading or what was left out.
    """
    first = passage.sentences[0]
    if not first.text[0].islower():
        return False
    before = first.start
    while before > 0 and text[before - 1].isspace():
        before -= 1
    return before > 0 and before not in ends and not is_closed(text[max(0, before - 5) : before])


def _ends_in_a_sentence(text: str, passage: Passage) -> bool:
    """Tell whether a passage stops before its sentence does.

    A line without a full stop, such as the name of who said something, is whole when nothing
    goes on after it.
    """
    last = passage.sentences[-1]
    if is_closed(last.text):
        return False
    after = text[last.end : last.end + 40].lstrip("* \n\r\t\f")
    return _DANGLING.search(last.text) is not None or after[:1].islower()


def _odd(passage: Passage, following: Passage | None) -> Iterator[str]:
    """Yield what is odd in one passage; what it announces may stand in sections under it."""
    if passage.kind == "rij" and not passage.label:
        yield "tabelrij zonder kop"
    announces = passage.kind != "lijst" and passage.sentences[-1].text.endswith(":")
    depth = len(passage.section)
    if announces and (following is None or following.section[:depth] != passage.section):
        yield "kondigt iets aan dat er niet staat"


def _empty_headings(document: DocumentText, passages: Sequence[Passage]) -> Iterator[Complaint]:
    """Yield the headings that no passage stands under, but for the title of the document."""
    used = {name for passage in passages for name in passage.section}
    titles = {part.start for part in furniture(document) if part.reason == TITLE}
    for block in headings(document):
        if block.section and block.section[-1] not in used and block.start not in titles:
            yield Complaint(block.start, block.end, "kop zonder tekst eronder")
