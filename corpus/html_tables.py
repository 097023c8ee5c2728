"""Tables of web pages and Word, made ready to be written as lines with bars.

Cells that are merged over rows or columns are repeated wherever they stand, so each row tells
by itself what it is about, and each cell stands under its heading. The items and lines of a
cell, which comes to stand on one line, stay apart.
"""

import re
from collections.abc import Iterator, Sequence
from copy import copy

from bs4 import Tag

# A longer text is no label of the rows it stands beside; it stays in the first.
_LONGEST = 300
# Tables with more cells are left as they are: a few bytes can ask for millions.
_MOST_CELLS = 200_000
_MOST_SPANNED = 1000
# Stands where a line of a cell ends, until the table is written.
_LINE_END = "\2"
_LINE_ENDS = re.compile(rf"[ {_LINE_END}]*{_LINE_END}[ {_LINE_END}]*")


def plain_table(table: Tag) -> None:
    """Make a table ready to be written with a line for each row and bars between its cells."""
    _repeat_merged_cells(table)
    for cell in table.find_all("td"):
        for item in cell.find_all("li"):
            item.insert(0, f"{_LINE_END}• ")
            item.unwrap()
        for block in cell.find_all(["p", "div", "br"]):
            block.insert_before(_LINE_END)
            block.insert_after(_LINE_END)


def line_ends(written: str) -> str:
    """Finish written tables: where a line of a cell ends and a new one begins stands "<br>".

    A line that goes on with a small letter is no new one.
    """
    return _LINE_ENDS.sub(_line_end, written)


def _line_end(match: re.Match[str]) -> str:
    text = match.string
    before, after = text[: match.start()][-1:], text[match.end() :][:1]
    return " " if before in "|•" or after in "|•" or after.islower() else "<br>"


def _repeat_merged_cells(table: Tag) -> None:
    """Repeat the merged cells of a table, and join the rows of its head to one.

    A cell over the whole width names the rows under it and is not repeated to the right; in
    the head it comes to stand right under the headings of the columns.
    """
    rows = [row for row in table.find_all("tr") if row.find_parent("table") is table]
    width = max((sum(_span(cell, "colspan") for cell in _cells(row)) for row in rows), default=0)
    if width * len(rows) > _MOST_CELLS:
        return
    groups = {id(row) for row in rows if _is_group(row, width)}
    for row, laid_out in zip(rows, list(_laid_out(rows, width)), strict=True):
        row.clear()
        row.extend(laid_out)
    heads = [row for row in _heads(rows) if id(row) not in groups]
    for row in heads[1:]:
        for above, cell in zip(_cells(heads[0]), _cells(row), strict=False):
            _add_under(above, cell)
        row.extract()
    for row in reversed(_heads(rows) if heads else []):
        if id(row) in groups:
            for cell in _cells(row):
                cell.name = "td"
            heads[0].insert_after(row.extract())


def _cells(row: Tag) -> list[Tag]:
    return list(row.find_all(["td", "th"], recursive=False))


def _span(cell: Tag, name: str) -> int:
    """Return over how many columns or rows a cell stands; "0" stands for all that follow."""
    value = str(cell.get(name, "1"))
    if not value.isdecimal():
        return 1
    return min(int(value) or _MOST_SPANNED, _MOST_SPANNED)


def _is_group(row: Tag, width: int) -> bool:
    """Tell whether one cell fills a row of a table with more columns."""
    return width > 1 and [_span(cell, "colspan") for cell in _cells(row)] == [width]


def _heads(rows: Sequence[Tag]) -> list[Tag]:
    """Return the rows of the head of a table: those that it starts with."""
    found: list[Tag] = []
    for row in rows:
        in_head = row.parent is not None and row.parent.name == "thead"
        if not in_head and any(cell.name == "td" for cell in _cells(row)):
            break
        found.append(row)
    return found


def _laid_out(rows: Sequence[Tag], width: int) -> Iterator[list[Tag]]:
    """Yield the cells of each row, with those that reach down to it from above."""
    above: dict[int, tuple[Tag, int]] = {}
    part = None
    for row in rows:
        if row.parent is not part:
            above, part = {}, row.parent
        own = _cells(row)
        line: list[Tag] = []
        while own or len(line) in above:
            column = len(line)
            if column in above:
                cell, left = above.pop(column)
                line.append(_again(cell))
                if left > 1:
                    above[column] = (cell, left - 1)
                continue
            cell = own.pop(0)
            wide, deep = _span(cell, "colspan"), _span(cell, "rowspan")
            whole = wide == width
            del cell["colspan"], cell["rowspan"]
            for beside in range(wide):
                line.append(cell if not beside else _again(cell, empty=whole))
                if deep > 1:
                    above[column + beside] = (line[-1], deep - 1)
        yield line


def _again(cell: Tag, empty: bool = False) -> Tag:
    """Return a copy of a cell; an empty one of a cell that is long."""
    repeated = copy(cell)
    if empty or len(cell.get_text()) > _LONGEST:
        repeated.clear()
    return repeated


def _add_under(above: Tag, cell: Tag) -> None:
    """Add a column heading to the one above it, unless that is the same cell."""
    text = " ".join(cell.get_text(" ").split())
    if text and text != " ".join(above.get_text(" ").split()):
        above.append(f" {text}")
