"""What the lines of a document look like among their neighbours: headings or not."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from corpus.pieces import Piece, PieceKind, is_address

HEADING_LIMIT = 120
_QUOTES = "\"“”‘’'„"
_QUOTED_HEADING = re.compile(r"[“\"‘'][^”\"’']+[”\"’'][^”\"’']+$")
_MONTHS = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
_IS_DATE = re.compile(rf"(?:\d{{1,2}} )?(?:{_MONTHS}) (?:19|20)\d\d", re.IGNORECASE).fullmatch


@dataclass(frozen=True)
class Lines:
    """The pieces of a document with their readable texts, and which of them are left out."""

    text: str
    pieces: Sequence[Piece]
    readable: Sequence[str]
    left_out: Collection[int]

    def looks_like_heading(self, i: int) -> bool:
        """Tell whether a line has the shape of a heading."""
        line = self.readable[i]
        if len(line) > HEADING_LIMIT or len(line.split()) > 18 or "@" in line:
            return False
        if is_address(line) or _IS_DATE(line):
            return False
        if line[-1] in ".,;!)" and not (line[-1] == ")" and line.count("(") == line.count(")")):
            return False
        if line[0] in _QUOTES:
            return _QUOTED_HEADING.match(line) is not None
        return line[-1] not in _QUOTES[:4] and not line[0].isdigit()

    def next_read(self, i: int) -> int:
        """Return the next piece that is not left out; the number of pieces at the end."""
        following = i + 1
        while following in self.left_out:
            following += 1
        return following

    def kind_after(self, i: int) -> PieceKind | None:
        """Return the kind of the piece that is read after this one; None for an address."""
        following = self.next_read(i)
        if following >= len(self.pieces) or is_address(self.readable[following]):
            return None
        return self.pieces[following].kind

    def has_numbered_neighbour(self, i: int) -> bool:
        """Tell whether a numbered line stands directly above or under another: a list."""
        for one, other in ((i - 1, i), (i, i + 1)):
            if one >= 0 and other < len(self.pieces):
                first, second = self.pieces[one], self.pieces[other]
                close = self.text[first.end : second.start].count("\n") == 1
                if close and first.kind == second.kind == "nummer":
                    return True
        return False

    def trailing_headings(self) -> dict[int, int]:
        """Return numbered headings that end the sheet that they head, by its first piece."""
        found: dict[int, int] = {}
        first = 0
        chapter = 0
        for i, piece in enumerate(self.pieces):
            if piece.sheet != self.pieces[first].sheet:
                first = i
            if piece.kind != "nummer" or piece.mark != chapter + 1 or i in self.left_out:
                continue
            rest = self.next_read(i)
            ends = rest < len(self.pieces) and self.pieces[rest].sheet != piece.sheet
            if first < i and ends and self.looks_like_heading(i):
                found[first] = i
                chapter += 1
            elif i == first:
                chapter += 1
        return found

    def announced(self) -> dict[int, tuple[str, ...]]:
        """Return the lists that are led in and name headings that follow, by their end."""
        found = {}
        lines = [line.casefold() for line in self.readable]
        own = {
            line: i for i, line in enumerate(lines) if self.pieces[i].kind in {"tekst", "nummer"}
        }
        i = 0
        while i < len(lines):
            end = i
            while end < len(lines) and self.pieces[end].kind == "punt":
                end += 1
            named = sum(own.get(line, -1) >= end for line in lines[i:end])
            if i and named >= 2 and 2 * named >= end - i and lines[i - 1].endswith(":"):
                found[end] = tuple(self.readable[i:end])
            i = max(end, i + 1)
        return found


def marked_levels(pieces: Sequence[Piece]) -> dict[int, int]:
    """Return the levels of marked headings, from 1; the title of the document is no section.

    A title is the only heading of its level, and the first.
    """
    marks = {i: piece.mark for i, piece in enumerate(pieces) if piece.kind == "kop"}
    ordered = sorted(set(marks.values()))
    first = next(iter(marks), 0)
    titled = len(ordered) > 1 and list(marks.values()).count(ordered[0]) == 1
    if titled and marks[first] == ordered[0]:
        marks[first] = ordered[1]
        ordered = ordered[1:]
    return {i: ordered.index(mark) + 1 for i, mark in marks.items()}
