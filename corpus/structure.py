"""From the stored text to blocks: headings, paragraphs, items, rows and cards, in sections."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest
from typing import Literal

from corpus import lists, tables
from corpus.furniture import TITLE, Contents, Furniture, find
from corpus.lines import HEADING_LIMIT, Lines, marked_levels
from corpus.mend import Mender
from corpus.outline import Chapters, Outline
from corpus.pieces import is_next_line, pieces
from corpus.read import DocumentText

BlockKind = Literal["kop", "kolommen", "tekst", "punt", "rij", "kaart"]
Span = tuple[int, int]

_QUOTES = "\"“”‘’'„"
_FIELD = re.compile(r"(?P<name>[A-Z][a-z]+(?: [a-z]+){0,2}):(?:\s|$)")
_FIELD_REPEATS = 3
_VALUE_LIMIT = 600
_NAME = re.compile(r"[A-Z]\S+ (?:(?:van|de|den|der|te|ten) )*[A-Z]")
_DETAIL = re.compile(r"\d|[:,–]\s")
_MINOR_LIMIT = 60
# So many marked headings ("## ...") tell that all headings are marked.
_MARKED = 3


@dataclass(frozen=True)
class Block:
    """A part of the text with the section it stands in.

    `parts` are the spans that are split into sentences one by one, or, with
    `whole`, that are one sentence each. `label` as in `Passage`. An `aside` is
    a footnote between blocks that go on after it. A `kop` opens its section;
    `kolommen` are the headings of the columns of a table.
    """

    kind: BlockKind
    start: int
    end: int
    section: tuple[str, ...]
    parts: tuple[Span, ...] = ()
    label: str = ""
    whole: bool = False
    aside: bool = False


@dataclass(frozen=True)
class Structure:
    """A document taken apart: what is read, and what was left out."""

    blocks: tuple[Block, ...]
    furniture: tuple[Furniture, ...]
    mender: Mender


@lru_cache(maxsize=16)
def structure(document: DocumentText) -> Structure:
    """Take a document apart."""
    return _Reader(document).read()


class _Reader:
    """Reads the pieces of one document from top to bottom."""

    def __init__(self, document: DocumentText) -> None:
        self.text = document.text
        self.mender = Mender(document.text)
        self.pieces = pieces(document, self.mender)
        self.lines = tuple(self.mender.mend(p.body, p.end).text for p in self.pieces)
        found = find(self.text, self.pieces, self.lines)
        self.reasons = found.reasons
        self.notes = found.notes
        self.imprint = found.imprint
        self.contents = {contents.at: contents for contents in found.contents}
        self.chapters = Chapters(found.contents)
        self.levels = marked_levels(self.pieces)
        self.marked = len(self.levels) >= _MARKED
        self.headers = tables.plain_headers(self.pieces, self.lines) - self.reasons.keys()
        self.fields = _fields(self.lines)
        self.view = Lines(self.text, self.pieces, self.lines, self.reasons)
        self.trailing = {} if self.marked else self.view.trailing_headings()
        self.headed = frozenset(self.trailing.values())
        self.outline = Outline(line for i, line in enumerate(self.lines) if i not in self.reasons)
        self.announced = self.view.announced()
        self.blocks: list[Block] = []
        self.item_fields: set[str] = set()
        self.column_heads: dict[str, set[tuple[str, ...]]] = {}

    def read(self) -> Structure:
        """Read all pieces."""
        i = 0
        while i < len(self.pieces):
            if i in self.contents:
                self._learn(self.contents[i])
            if i in self.announced:
                self.outline.announce(self.announced[i])
            if number := self.trailing.get(i):
                self._open(number)
            i = i + 1 if i in self.reasons or i in self.headed else self._next(i)
        furniture = [
            Furniture(self.pieces[i].start, self.pieces[i].end, reason)
            for i, reason in sorted(self.reasons.items())
        ]
        return Structure(
            tuple(self.blocks), (*furniture, *_empty_headings(self.blocks)), self.mender
        )

    def _next(self, i: int) -> int:
        """Read what starts at a piece; return the piece after it."""
        for reader in (
            self._imprint,
            self._card,
            self._plain_table,
            self._tab_table,
            self._column_heads,
            self._loose_lines,
            self._nested,
        ):
            end = reader(i)
            if end > i:
                return end
        piece = self.pieces[i]
        part = ((piece.body, piece.end),)
        if i in self.notes:
            path = self.outline.path
            self.blocks.append(Block("tekst", piece.start, piece.end, path, part, aside=True))
        elif self._is_heading(i):
            self._open(i)
        else:
            listed = piece.kind in {"punt", "nummer"} or self._is_field(i)
            self._add("punt" if listed else "tekst", piece.start, piece.end, part)
        return i + 1

    def _is_field(self, i: int) -> bool:
        """Tell whether a line such as "Nadeel: ..." hangs under a list item."""
        name = lists.field_name(self.view, i, self.item_fields)
        if name:
            self.item_fields.add(name)
        return bool(name)

    def _imprint(self, i: int) -> int:
        """Read a line of the imprint."""
        if i not in self.imprint:
            return i
        start, end = self.pieces[i].start, self.pieces[i].end
        if i == self.imprint[0]:
            self.outline.open_at(self.lines[i].capitalize(), 1)
            self._add("kop", start, end, ())
        else:
            self._add("tekst", start, end, ((start, end),))
        return i + 1

    def _add(
        self, kind: BlockKind, start: int, end: int, parts: tuple[Span, ...], label: str = ""
    ) -> None:
        """Add a block in the section that is open."""
        self.blocks.append(Block(kind, start, end, self.outline.path, parts, label))

    def _open(self, i: int) -> None:
        """Start the section of a heading."""
        piece, line = self.pieces[i], self.lines[i]
        before = self.outline.path
        if piece.kind == "kop":
            self.outline.open_marked(line, self.levels[i])
        else:
            minor = line.endswith(":") or piece.kind == "punt"
            self.outline.open(line, piece.mark, minor, self._is_under_heading(i, minor))
        if self.outline.path == before:
            self.reasons[i] = "kop staat er al"
        else:
            self._add("kop", piece.start, piece.end, ())

    def _is_under_heading(self, i: int, minor: bool) -> bool:
        """Tell whether a heading stands right under another that it belongs to.

        That is one that ends in a colon, also below a text that leads in the heading, or, for headings that are not minor, any on the sheet.
        """
        if not minor and self.blocks and self.blocks[-1].kind == "tekst":
            return i > 0 and self.lines[i - 1].endswith(":")
        if not self._after_heading() or self.blocks[-1].kind != "kop":
            return False
        above = next(j for j in range(i - 1, -1, -1) if j not in self.reasons)
        if self.lines[above][-1:] == ":":
            return True
        return (
            len(self.outline.path) > 1
            and not minor
            and above == i - 1
            and self.pieces[above].sheet == self.pieces[i].sheet
        )

    def _learn(self, contents: Contents) -> None:
        """Take over a table of contents; one of a chapter starts that chapter."""
        base = 0 if contents.menu else self.outline.sure_level
        if self.chapters.begins(contents):
            base = 1
            latest = self.blocks[-1].kind if self.blocks else ""
            if name := self.chapters.lost(self.outline.path if latest == "kop" else ()):
                self.outline.open_at(name, 1)
        self.outline.learn(contents.entries, base)

    def _after_heading(self) -> bool:
        """Tell whether the last block heads something."""
        return bool(self.blocks) and self.blocks[-1].kind in {"kop", "kolommen"}

    def _is_heading(self, i: int) -> bool:
        """Tell whether a piece is a heading."""
        piece, line = self.pieces[i], self.lines[i]
        if self.marked or piece.kind == "kop":
            return piece.kind == "kop"
        if piece.kind in {"punt", "rij"} or piece.under_head:
            return piece.kind == "punt" and piece.head and len(line) <= HEADING_LIMIT
        above = i and piece.kind == "tekst" and is_next_line(self.text, self.pieces[i - 1], piece)
        if above and not piece.head and self.blocks and not self._after_heading():
            return False
        if not self.view.looks_like_heading(i) and not (piece.head and len(line) <= HEADING_LIMIT):
            return False
        if piece.kind == "nummer":
            return not self.view.has_numbered_neighbour(i)
        following = self.view.kind_after(i)
        if line.endswith(":"):
            return following == "tekst" and len(line) <= _MINOR_LIMIT
        if piece.head:
            return True
        return not (self._is_attribution(i) or self._ends_its_sheet(i))

    def _is_attribution(self, i: int) -> bool:
        """Tell whether a line says who said the quotation above it."""
        if not self.blocks or self._after_heading() or i == 0:
            return False
        before, line = self.lines[i - 1], self.lines[i]
        quoted = any(char in _QUOTES for char in before[-2:])
        return quoted and line[-1] != "?" and (_NAME.match(line) is not None)

    def _ends_its_sheet(self, i: int) -> bool:
        """Tell whether a line is the only text under a heading, at the end of its sheet."""
        if not self._after_heading() or self.lines[i].endswith("?"):
            return False
        above = self.pieces[i - 1]
        last = i + 1 == len(self.pieces) or self.pieces[i + 1].sheet != self.pieces[i].sheet
        last = last and _DETAIL.search(self.lines[i]) is not None
        return last and above.sheet == self.pieces[i].sheet and i - 1 not in self.reasons

    def _card(self, i: int) -> int:
        """Read a card: fields with a short value each, of names that come back often."""
        found: list[Span] = []
        common = 0
        at = i
        while at < len(self.pieces) and at not in self.reasons:
            field = _FIELD.match(self.lines[at])
            if not field or self.pieces[at].kind != "tekst":
                break
            end = at + 1 if field.end() < len(self.lines[at]) else at + 2
            if end > len(self.pieces) or self.pieces[end - 1].kind != "tekst":
                break
            if len(self.lines[end - 1]) > _VALUE_LIMIT:
                break
            found.append((self.pieces[at].start, self.pieces[end - 1].end))
            common += field["name"] in self.fields
            at = end
        if len(found) < 2 or common < 2:
            return i
        path = self.outline.path
        self._add("kaart", found[0][0], found[-1][1], tuple(found), path[-1] if path else "")
        return at

    def _plain_table(self, i: int) -> int:
        """Read a table that is set as plain lines under two column headings."""
        if i not in self.headers:
            return i
        sheet = self.pieces[i].sheet
        end = i + 1
        while end < len(self.pieces) and self.pieces[end].sheet == sheet:
            end += 1
        members = [j for j in range(i + 1, end) if j not in self.reasons and j not in self.headed]
        self.blocks.append(
            Block("kolommen", self.pieces[i].start, self.pieces[i].end, self.outline.path)
        )
        for row in tables.plain_rows(self.text, self.mender, self.pieces, members):
            self._add("rij", row.start, row.end, row.parts, row.label)
        for j in range(i + 1, end):
            if j in self.headed:
                self._add("kop", self.pieces[j].start, self.pieces[j].end, ())
        return end

    def _tab_table(self, i: int) -> int:
        """Read a table with tabs or pipes between its cells."""
        if self.pieces[i].kind != "rij":
            return i
        table = tables.tab_table(self.text, self.mender, self.pieces, self.lines, i)
        columns: list[str] = []
        if table.header >= 0:
            header = self.pieces[table.header]
            columns = tables.column_names(self.text, self.mender, header)
            names = tuple(name.casefold() for name in columns)
            self.column_heads.setdefault(names[0], set()).add(names)
            self.outline.return_to(name.split()[-1] for name in columns if " " in name)
            self._add("kolommen", header.start, header.end, ())
        single = {j for j in table.rows if self._only(j)}
        group = ""
        for j in table.rows:
            alone = j in single and not single & {j - 1, j + 1}
            if j in single and (self.lines[j].endswith(":") or (alone and len(table.rows) > 1)):
                group = self.lines[j].rstrip(": ")
                self._add("kolommen", self.pieces[j].start, self.pieces[j].end, ())
            else:
                self._row(j, columns, group)
        return table.rows[-1] + 1

    def _column_heads(self, i: int) -> int:
        """Read the column headings of an earlier table, set as lines of their own."""
        for names in self.column_heads.get(self.lines[i].casefold(), ()):
            if tuple(line.casefold() for line in self.lines[i : i + len(names)]) == names:
                for j in range(i, i + len(names)):
                    self._add("kolommen", self.pieces[j].start, self.pieces[j].end, ())
                return i + len(names)
        return i

    def _only(self, i: int) -> Span | None:
        """Return the only cell of a row that has one."""
        return tables.only_cell(self.text, self.mender, self.pieces[i])

    def _row(self, i: int, columns: list[str], group: str) -> None:
        """Read one row of a table; `group` is what a row above says of those under it."""
        piece = self.pieces[i]
        path = self.outline.path
        only = self._only(i)
        if only:
            name = " – ".join(part for part in (*columns[:1], group) if part)
            self._add("punt", piece.start, piece.end, (only,), name)
            return
        for row in tables.row(self.text, self.mender, piece, columns):
            section = (*path, row.group or group) if row.group or group else path
            label = row.label
            if not row.own_label and path:
                label = f"{path[-1]} – {label}" if label else path[-1]
            self.blocks.append(
                Block("rij", row.start, row.end, section, row.parts, label, row.whole)
            )

    def _loose_lines(self, i: int) -> int:
        """Read a list without bullets."""
        found = lists.slide_lines(self.view, i, not self.marked)
        if found and found.title >= 0:
            self._open(found.title)
        return self._items(found, i)

    def _nested(self, i: int) -> int:
        """Read a list item with what hangs under it."""
        return self._items(lists.nested(self.view, i), i)

    def _items(self, found: lists.LooseList | None, i: int) -> int:
        """Add the items of a list, if there is one at a place; return what follows."""
        if not found:
            return i
        for item in found.items:
            first, stop = self.pieces[item.first], self.pieces[item.last].end
            part = (first.start if item.whole else first.body, stop)
            path = self.outline.path
            self.blocks.append(
                Block("punt", first.start, stop, path, (part,), item.label, item.whole)
            )
        return found.end


def _empty_headings(blocks: Sequence[Block]) -> Iterator[Furniture]:
    """Yield the headings that nothing is read under: the title with what stands right under it.

    Of others, what stood there was often a picture.
    """
    reason = TITLE
    for block, following in zip_longest(blocks, blocks[1:]):
        deeper = following is not None and len(following.section) > len(block.section)
        if block.kind == "kop" and (following is None or (following.kind == "kop" and not deeper)):
            yield Furniture(block.start, block.end, reason)
        else:
            reason = "kop zonder tekst eronder"


def _fields(lines: tuple[str, ...]) -> set[str]:
    """Return the names of fields that come back."""
    names: Counter[str] = Counter()
    for line in lines:
        if field := _FIELD.match(line):
            names[field["name"]] += 1
    return {name for name, count in names.items() if count >= _FIELD_REPEATS}


def headings(document: DocumentText) -> Iterator[Block]:
    """Yield the headings of a document, and those of the columns of its tables."""
    return (block for block in structure(document).blocks if block.kind in {"kop", "kolommen"})
