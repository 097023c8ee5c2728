"""Cut the stored text into pieces: paragraphs, list items, table rows, each on its sheet.

A sheet is a page as far as the text still shows it: a form feed, a run of three or more
line ends, or, in texts without those, a line that begins with one space.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from corpus.mend import BULLETS, Mender, is_pipe_row
from corpus.read import DocumentText

PieceKind = Literal["tekst", "punt", "nummer", "rij", "kop"]

_HEADING = re.compile(r" {0,3}(?P<marks>#{1,6})[ \t]+(?=\S)")
_LINE = re.compile(r"[^\n\f]*[^\s][^\n\f]*")
_MARKER = re.compile(
    rf"\s*(?P<mark>[{BULLETS}]+\s*|[-–*](?=\s)\s*|o(?=[ \t])\s*)(?:\d{{1,2}}[.)]\s+(?=\S))?"
)
_NUMBER = re.compile(r"\s*(?P<number>\d{1,2})(?:\.(?=\s)\s*|\)\s+|\t\s*)(?=\S)")
_ADDRESS_LINE = re.compile(r"\s*<?(?:https?://|www\.)\S+>?\s*$")
_FIELD = re.compile(r"\s*\**[A-Z][a-z]+(?: [a-z]+){0,2}:\**(?:\s|$)")
# A line that ends in one of these is not the end of anything.
_DANGLING = re.compile(r"\b(?:de|een|en|het|met|of|te|van)\s*$")
_NOTE_MARK = re.compile(r"\s*[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[\u207e)]*\s*")
_CLOSED = re.compile(r"[.!?:;][\"”’'*)\]]*\s*$")


@dataclass(frozen=True)
class Piece:
    """A paragraph, item or row of the stored text.

    `body` is where its text starts, after a bullet, a number or both. `mark` is that
    number, 0 when it has none; of a marked heading ("## ...") its level. `deep` tells that an item hangs under another,
    `head` that it stands, like a heading, on lines of its own before a paragraph, which
    is then `under_head`. A `running` line stands at the edge of many sheets.
    """

    start: int
    end: int
    sheet: int
    kind: PieceKind
    body: int
    mark: int = 0
    deep: bool = False
    head: bool = False
    under_head: bool = False
    running: bool = False


def pieces(document: DocumentText, mender: Mender) -> tuple[Piece, ...]:
    """Cut a document into pieces, in the order of the text."""
    text = document.text
    starts = _sheet_starts(document)
    running = _running_lines(text, starts)
    found: list[Piece] = []
    sheet = 0
    for match in _LINE.finditer(text):
        while sheet + 1 < len(starts) and starts[sheet + 1] <= match.start():
            sheet += 1
        piece = _line(match, sheet)
        if match.start() in running:
            found.append(replace(piece, kind="tekst", running=True))
            continue
        last = found[-1] if found else None
        if last and mender.wraps_at_spaces and _ends_a_paragraph(text, last, piece):
            head = not is_closed(text[last.start : last.end])
            found[-1] = replace(last, head=head)
            found.append(replace(piece, under_head=head))
        elif last and (mender.is_left_out(last.end) or _goes_on(text, last, piece)):
            found[-1] = replace(last, end=piece.end)
        else:
            found.append(piece)
    return tuple(part for piece in found for part in _head_apart(text, piece))


def is_address(text: str) -> bool:
    """Tell whether a text is one web address and nothing more."""
    return _ADDRESS_LINE.fullmatch(text) is not None


def is_closed(text: str) -> bool:
    """Tell whether a text ends as sentences and lead-ins end."""
    return _CLOSED.search(text) is not None


def _sheet_starts(document: DocumentText) -> list[int]:
    """Return the offsets where sheets start."""
    text = document.text
    if document.page_starts:
        return list(document.page_starts)
    for mark in (r"\f", r"\n[ \t\r]*\n[ \t\r]*\n\s*", r"\n(?= \S)"):
        ends = [match.end() for match in re.finditer(mark, text)]
        if ends:
            return [0, *ends]
    return [0]


def _running_lines(text: str, starts: list[int]) -> set[int]:
    """Return the offsets of running heads and feet.

    They are the same line but for its numbers, first or last on three sheets or more and on
    three in ten.
    """
    edges: dict[str, set[int]] = {}
    for start, end in pairwise([*starts, len(text)]):
        on_sheet = list(_LINE.finditer(text, start, end))
        for match in {on_sheet[0], on_sheet[-1]} if len(on_sheet) > 2 else ():
            key = re.sub(r"\d+", "0", match.group().strip().casefold())
            edges.setdefault(key, set()).add(match.start())
    enough = max(3, 0.3 * len(starts))
    return {place for places in edges.values() if len(places) >= enough for place in places}


def _line(match: re.Match[str], sheet: int) -> Piece:
    """Make a piece of one line."""
    line, start, end = match.group(), match.start(), match.end()
    if heading := _HEADING.match(line):
        level = len(heading["marks"])
        return Piece(start, end, sheet, "kop", start + heading.end(), mark=level)
    if is_pipe_row(line):
        return Piece(start, end, sheet, "rij", start)
    if marker := _MARKER.match(line):
        deep = line[0] == " " or marker["mark"].strip() in {"o", "▪"}
        return Piece(start, end, sheet, "punt", start + marker.end(), deep=deep)
    if number := _NUMBER.match(line):
        mark = int(number.group("number"))
        indented = line[0] == " " and line[1:2] == " "
        return Piece(start, end, sheet, "nummer", start + number.end(), mark=mark, deep=indented)
    if note := _NOTE_MARK.match(line):
        return Piece(start, end, sheet, "tekst", start + note.end())
    kind: PieceKind = "rij" if "\t" in line.strip(" ") else "tekst"
    return Piece(start, end, sheet, kind, start)


def is_next_line(text: str, last: Piece, new: Piece) -> bool:
    """Tell whether a piece stands on the line after another, without a blank line between."""
    return last.sheet == new.sheet and text[last.end : new.start].count("\n") == 1


def _ends_a_paragraph(text: str, last: Piece, new: Piece) -> bool:
    """Tell whether a line ends its paragraph, in a text that wraps its lines at spaces."""
    if new.kind != "tekst" or last.running or not is_next_line(text, last, new):
        return False
    line = text[new.start : new.end].lstrip()
    return text[last.end - 1] not in " \t-–" and (line[0].isupper() or line[0].isdigit())


def _goes_on(text: str, last: Piece, new: Piece) -> bool:
    """Tell whether a line belongs to the piece before it."""
    if last.running or {last.kind, new.kind} & {"rij", "kop"} or new.kind in {"punt", "nummer"}:
        return False
    before, line = text[last.start : last.end], text[new.start : new.end]
    if is_address(line) or is_address(before.rsplit("\n", 1)[-1]) or line.lstrip()[0] == "<":
        return False
    if is_next_line(text, last, new):
        return not _FIELD.match(line) or is_wrapped(before)
    if is_closed(before):
        return False
    if _DANGLING.search(before):
        return True
    return line.lstrip()[0].islower() or (len(before) > 100 and _hangs(before))


def is_wrapped(text: str) -> bool:
    """Tell whether a paragraph already runs over several lines."""
    return text.strip().count("\n") > 1


def _hangs(text: str) -> bool:
    """Tell whether a bracket is still open."""
    return text.count("(") - text.count(r"\(") > text.count(")") - text.count(r"\)")


def _head_apart(text: str, piece: Piece) -> Iterator[Piece]:
    """Yield a piece, or the heading it starts with and the rest.

    Wrapped lines are filled: a first or second line that had room for the next word, and does
    not end a sentence, is a heading without a blank line under it.
    """
    spans = [m.span() for m in _LINE.finditer(text, piece.body, piece.end)]
    line = [text[start:end].strip() for start, end in spans]
    width = max(map(len, line), default=0)
    for i in range(min(2, len(line) - 1)):
        if not _ends_a_head(line[i], line[i + 1], width):
            continue
        yield replace(piece, end=spans[i][1], head=True)
        rest = spans[i + 1][0]
        yield Piece(rest, piece.end, piece.sheet, "tekst", rest, under_head=True)
        return
    yield piece


def _ends_a_head(line: str, following: str, width: int) -> bool:
    """Tell whether a line is the end of a heading above a paragraph."""
    if line[-1] in ".,;!-–" or line[0] in "\"“‘'*¹²³⁴⁵⁶⁷⁸⁹<(":
        return False
    if line[-1] in "?:" and len(line) < 0.5 * max(width, 50):
        return True
    if not (following[0].isupper() or following[0].isdigit()):
        return False
    return len(line) + 1 + len(following.split()[0]) <= 0.9 * width
