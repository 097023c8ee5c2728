"""From what stands where on a page to paragraphs in the order in which people read them.

Text on a page is cut where a gutter runs down between two columns of prose; lines that cross
the gutter (a heading over the full width) part what stands above from what stands under them.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.grids import Box, ruled_tables, segments, with_loose_tables
from corpus.marks import PageMarks, Run

# Head and foot of a page: within this share of its height.
_EDGE = 0.1
# A page or column has so many lines at least to be one of two columns.
_COLUMN_LINES = 4
_COLUMN_WORDS = 3.2
_GUTTER = 5.0
_MARK = re.compile(r"(?:[•▪◦‣●■□\ue000-\uf8ff–*-]|\d{1,2}[.)]|[a-z]\)|o)\s+\S")
_CLOSED = re.compile(r"[.!?:;][\"”’')]*$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines of text that belong together, as they stand on the page.

    `size` is in points, `top` the height of its upper edge on the page. A `table` has a row to
    a line, its cells parted by tabs. An `edge` stands at the top or bottom edge of the page.
    """

    lines: tuple[str, ...]
    size: float
    bold: bool
    top: float
    table: bool = False
    edge: bool = False


def paragraphs(marks: PageMarks) -> list[Paragraph]:
    """Return the paragraphs of a page, in the order of reading."""
    runs = _once(_with_addresses(marks))
    tables, rest = ruled_tables(marks.rules, runs)
    boxes = [*segments(rest, marks.rules), *tables]
    head, body, foot = _edges(boxes, marks.bottom, marks.top)
    found = [replace(p, edge=True) for p in _flow(head)]
    for flow in _in_order(body, 3):
        found.extend(_flow(flow))
    found.extend(replace(p, edge=True) for p in _flow(foot))
    found.extend(Paragraph((text.strip(),), 0.0, False, 0.0) for text in _joined(marks.sideways))
    return found


def _joined(sideways: list[str]) -> list[str]:
    """Return the sideways text as one line, if there is any."""
    text = re.sub(r"\s+", " ", " ".join(sideways)).strip()
    return [text] if text else []


def _once(runs: Sequence[Run]) -> list[Run]:
    """Leave out runs that are printed over themselves, to make them look bold or shaded."""
    seen: set[tuple[str, int, int]] = set()
    found = []
    for run in runs:
        x, y = round(run.x0), round(run.y)
        if run.text.strip() and any((run.text, x + dx, y + dy) in seen for dx, dy in _NEAR):
            continue
        seen.add((run.text, x, y))
        found.append(run)
    return found


_NEAR = [(dx, dy) for dx in (-1, 0, 1) for dy in (-1, 0, 1)]


def _with_addresses(marks: PageMarks) -> list[Run]:
    """Put the address of a link after its text, unless the page shows it."""
    if not marks.links:
        return marks.runs
    shown = re.sub(r"\s+", "", "".join(run.text for run in marks.runs)).casefold()
    places: dict[str, tuple[int, float]] = {}
    for link in marks.links:
        bare = re.sub(r"^(?:https?://|mailto:|tel:)?(?:www\.)?|/$", "", link.address).casefold()
        if not bare or bare in shown:
            continue
        for i, run in enumerate(marks.runs):
            on_line = link.area.y0 <= run.y + 0.3 * run.size <= link.area.y1
            if on_line and run.x0 < link.area.x1 - 1 and run.x1 > link.area.x0 + 1:
                places[link.address] = (i, link.area.x1)
    runs = list(marks.runs)
    for address, (i, end) in sorted(places.items(), key=lambda item: -item[1][1]):
        run = runs[i]
        at = len(run.text) * (end - run.x0) / max(1.0, run.x1 - run.x0)
        ends = [m.end() for m in re.finditer(r"[\w)]+", run.text)] or [len(run.text)]
        cut = min(ends, key=lambda place: abs(place - at))
        address = address.removeprefix("mailto:").removeprefix("tel:")
        runs[i] = replace(run, text=f"{run.text[:cut]} ({address}){run.text[cut:]}")
    return runs


def _edges(boxes: list[Box], bottom: float, top: float) -> tuple[list[Box], list[Box], list[Box]]:
    """Part running heads and feet: at the edge of the page, with a gap to the text."""
    boxes = sorted(boxes, key=lambda box: -box.y)
    height = top - bottom
    first, last = 0, len(boxes)
    for i in range(1, len(boxes)):
        above, under = boxes[i - 1], boxes[i]
        gap = (above.bottom if above.rows else above.y) - under.top
        if gap < 0.9 * max(above.size, under.size) or _are_rows(boxes, above, under):
            continue
        if above.y > top - _EDGE * height and not above.rows:
            first = i
        elif under.top < bottom + _EDGE * height and not under.rows:
            last = min(last, i)
    return boxes[:first], boxes[first:last], boxes[last:]


def _are_rows(boxes: list[Box], above: Box, under: Box) -> bool:
    """Tell whether the lines of two boxes have several parts that stand under each other."""
    starts = [{round(b.x0) for b in boxes if abs(b.y - box.y) < 2} for box in (above, under)]
    return len(starts[0] & starts[1]) > 1


def _in_order(boxes: list[Box], depth: int) -> Iterator[list[Box]]:
    """Yield the columns of a part of a page, one after another."""
    gutter = _gutter(boxes) if depth else None
    if gutter is None:
        if boxes:
            yield boxes
        return
    band: list[Box] = []
    across: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box.y):
        crosses = box.x0 < gutter - _GUTTER < box.x1 or _parts(box, boxes, gutter)
        if crosses:
            yield from _band(band, gutter, depth)
            band = []
            across.append(box)
            continue
        if across and not band and _ends(box, across[-1], boxes, gutter):
            across.append(box)
            continue
        if across:
            yield across
            across = []
        band.append(box)
    if across:
        yield across
    yield from _band(band, gutter, depth)


def _band(band: list[Box], gutter: float, depth: int) -> Iterator[list[Box]]:
    """Yield the columns on both sides of a gutter."""
    yield from _in_order([box for box in band if box.x1 <= gutter - _GUTTER], depth - 1)
    yield from _in_order([box for box in band if box.x1 > gutter - _GUTTER], depth - 1)


def _parts(box: Box, boxes: list[Box], gutter: float) -> bool:
    """Tell whether a box is a short heading over both columns: big, with nothing beside it."""
    if box.x0 >= gutter - _GUTTER or box.rows:
        return False
    usual = median(other.size for other in boxes)
    beside = any(
        other.x0 > gutter - _GUTTER and abs(other.y - box.y) < 1.4 * box.size for other in boxes
    )
    return box.size > 1.15 * usual and not beside


def _ends(box: Box, above: Box, boxes: list[Box], gutter: float) -> bool:
    """Tell whether a box is the short last line of a paragraph over both columns."""
    beside = any(b.x0 >= gutter - _GUTTER and abs(b.y - box.y) < 0.5 * box.size for b in boxes)
    return box.x1 < gutter and above.y - box.y < 1.6 * box.size and not (beside or box.rows)


def _gutter(boxes: list[Box]) -> float | None:
    """Return where the second column of a part of a page starts, if it has columns of prose."""
    lines = [box for box in boxes if not box.rows]
    starts = Counter(round(box.x0 / 3) for box in lines)
    least = min((box.x0 for box in boxes), default=0.0)
    for start, count in starts.most_common(6):
        edge = min((b.x0 for b in lines if abs(round(b.x0 / 3) - start) <= 1), default=0.0)
        if count < _COLUMN_LINES or edge < least + 40:
            continue
        left = [box for box in lines if box.x1 <= edge - _GUTTER]
        right = [box for box in lines if box.x0 >= edge - 0.5]
        if _is_prose(left) and _is_prose(right) and _beside(left, right):
            return edge
    return None


def _is_prose(side: list[Box]) -> bool:
    """Tell whether lines are columns of prose: most of them filled, with several words."""
    if len(side) < _COLUMN_LINES:
        return False
    start = Counter(round(box.x0 / 3) for box in side).most_common(1)[0][0]
    column = [box for box in side if abs(round(box.x0 / 3) - start) <= 1]
    width = max(box.x1 - box.x0 for box in column)
    filled = median(box.x1 - box.x0 for box in column) >= 0.55 * width
    return filled and sum(len(b.text.split()) for b in column) >= _COLUMN_WORDS * len(column)


def _beside(left: list[Box], right: list[Box]) -> bool:
    """Tell whether two columns stand beside each other for some lines."""
    low = max(min(b.y for b in left), min(b.y for b in right))
    high = min(max(b.y for b in left), max(b.y for b in right))
    return all(sum(low <= b.y <= high for b in side) >= 3 for side in (left, right))


def _flow(boxes: list[Box]) -> Iterator[Paragraph]:
    """Yield the paragraphs of one column."""
    lines: list[Box] = []
    for box in with_loose_tables(boxes):
        if box.rows:
            yield from _paragraphs(lines)
            lines = []
            yield Paragraph(box.rows, box.size, False, box.top, table=True)
        else:
            lines.append(box)
    yield from _paragraphs(lines)


def _paragraphs(lines: list[Box]) -> Iterator[Paragraph]:
    """Cut lines under each other into paragraphs."""
    if not lines:
        return
    gaps = [a.y - b.y for a, b in pairwise(lines) if 0 < a.y - b.y < 2.2 * b.size]
    leading = min(median(gaps), 1.6 * median(box.size for box in lines)) if gaps else 0.0
    right = max(box.x1 for box in lines)
    left = min(box.x0 for box in lines)
    part = [lines[0]]
    for above, under in pairwise(lines):
        if _starts(part, above, under, leading, (left, right)):
            yield _paragraph(part)
            part = []
        part.append(under)
    yield _paragraph(part)


def _starts(
    part: list[Box], above: Box, under: Box, leading: float, width: tuple[float, float]
) -> bool:
    """Tell whether a line starts a paragraph."""
    size = max(above.size, under.size)
    if above.y - under.y > max(1.3 * leading, 1.05 * size) or above.y < under.y - 1:
        return True
    if size > 1.08 * min(above.size, under.size) or _MARK.match(under.text):
        return True
    ends = _CLOSED.search(above.text) is not None
    if above.bold != under.bold and (ends or above.x1 < width[1] - 0.15 * (width[1] - width[0])):
        return True
    short = above.x1 < width[1] - 0.3 * (width[1] - width[0])
    indented = under.x0 > above.x0 + 0.8 * size and not _MARK.match(part[0].text)
    capital = under.text[0].isupper() or under.text[0].isdigit()
    return ends and capital and (short or indented)


def _paragraph(part: list[Box]) -> Paragraph:
    size = max(box.size for box in part)
    return Paragraph(tuple(b.text for b in part), size, all(b.bold for b in part), part[0].top)
