"""Lines and tables on a page: runs on one baseline, ruled grids, cells that stand in columns."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median

from corpus.marks import Rule, Run

# In font sizes: runs on one line further apart than this may be cells or columns.
_GAP = 0.9
# The same for a word: less is kerning.
_SPACE = 0.15
_TOUCH = 3.0
# In points: level rules further apart do not make a table without upright rules.
_ROW_LIMIT = 150.0
# Lines of one text stand no further apart than this, in font sizes.
_LEADING = 1.8
# A longer text is no label of the rows it stands beside.
_LONGEST_LABEL = 300
_LIST_MARK = re.compile(r"(?:[•▪◦‣●■□\ue000-\uf8ff–*-]|\(?\d{1,3}(?:\.\d{1,2})*[.)]?|[a-z][.)]|o)")
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
_BROKEN = re.compile(r"(?<=[a-zà-ÿ])[-\u00ad]$")


@dataclass(frozen=True, slots=True)
class Box:
    """A line of text, or a table with its rows, and where it stands; `y` is the baseline."""

    x0: float
    x1: float
    y: float
    bottom: float
    top: float
    size: float
    bold: bool
    text: str
    rows: tuple[str, ...] = ()


def segments(runs: Iterable[Run], rules: Sequence[Rule] = ()) -> list[Box]:
    """Join runs on one baseline to lines, parted where a gap or an upright rule parts them."""
    found: list[Box] = []
    upright = [rule for rule in rules if rule.y1 - rule.y0 > rule.x1 - rule.x0]
    for row in _baselines(runs):
        part: list[Run] = []
        end = 0.0
        for run in sorted(row, key=lambda run: run.x0):
            gap = run.x0 - end
            size = max(run.size, part[-1].size) if part else 0.0
            ruled = gap > 0 and any(
                end - 1 <= rule.x0 <= run.x0 + 1 and rule.y0 <= run.y <= rule.y1 for rule in upright
            )
            if part and (ruled or gap > _GAP * size) and not (_is_mark(part) and gap < 5 * size):
                found.append(_line(part))
                part = []
            part.append(run)
            end = max(end, run.x1) if len(part) > 1 else run.x1
        if part:
            found.append(_line(part))
    return [box for box in found if box.text]


def _is_mark(part: list[Run]) -> bool:
    """Tell whether runs are only a bullet or number, which belongs to what follows."""
    return _LIST_MARK.fullmatch("".join(run.text for run in part).strip()) is not None


def _baselines(runs: Iterable[Run]) -> list[list[Run]]:
    """Group runs by baseline, from top to bottom; raised and lowered marks go with their line."""
    rows: list[list[Run]] = []
    y = size = 0.0
    for run in sorted(runs, key=lambda run: -run.y):
        if rows and y - run.y < 0.45 * max(size, run.size):
            rows[-1].append(run)
            if run.size > size:
                y, size = run.y, run.size
        else:
            rows.append([run])
            y, size = run.y, run.size
    return rows


def _line(part: Sequence[Run]) -> Box:
    """Make a line of runs, with spaces where there is room for one."""
    main = max(part, key=lambda run: len(run.text.strip()))
    text = part[0].text
    for before, run in pairwise(part):
        apart = run.x0 - before.x1 > _SPACE * min(before.size, run.size)
        if _is_raised(run, main):
            text += run.text.strip().translate(_RAISED)
            continue
        if apart and text[-1:] not in {" ", ""} and run.text[:1] != " ":
            text += " "
        text += run.text
    weight = {True: 0, False: 0}
    for run in part:
        weight[run.bold] += len(run.text.strip())
    text = re.sub(r"[ \t\r\n\f\v\u00a0]+", " ", text).strip()
    return Box(
        x0=min(run.x0 for run in part),
        x1=max(run.x1 for run in part),
        y=main.y,
        bottom=main.y - 0.25 * main.size,
        top=main.y + 0.75 * main.size,
        size=main.size,
        bold=weight[True] > 4 * weight[False],
        text=text,
    )


def _is_raised(run: Run, main: Run) -> bool:
    """Tell whether a run is the number of a footnote."""
    small = run.size < 0.8 * main.size and run.y > main.y + 0.15 * main.size
    return small and run.text.strip().isdecimal() and run.text.strip().isascii()


def joined(lines: Iterable[str]) -> str:
    """Join the lines of a cell or heading to one; a broken word keeps a soft hyphen."""
    text = ""
    for line in lines:
        if _BROKEN.search(text) and line[:1].islower() and line.split()[0] not in {"en", "of"}:
            text = text[:-1] + "\u00ad" + line
        else:
            text = f"{text} {line}" if text else line
    return text


def ruled_tables(rules: Sequence[Rule], runs: Sequence[Run]) -> tuple[list[Box], list[Run]]:
    """Return the tables that are drawn with rules, and the runs outside them."""
    tables: list[Box] = []
    rest = list(runs)
    for group in _connected([rule for rule in rules if max(_sides(rule)) > 8]):
        ys = _levels(y for r in group if r.x1 - r.x0 > 8 for y in (r.y0, r.y1))
        xs = _levels(x for r in group if r.y1 - r.y0 > 8 for x in (r.x0, r.x1))
        left, right = min(r.x0 for r in group), max(r.x1 for r in group)
        if len(ys) < 3:
            continue
        inside = [
            run
            for run in rest
            if left - 2 <= run.x0 < right and ys[0] <= run.y + 0.25 * run.size <= ys[-1]
        ]
        if len(xs) < 3:
            if len(xs) < 2 and (len(ys) < 4 or max(b - a for a, b in pairwise(ys)) > _ROW_LIMIT):
                continue
            xs = _columns(segments(inside), right)
        table = _grid(xs, ys, inside, group)
        if table is not None:
            tables.append(table)
            taken = set(map(id, inside))
            rest = [run for run in rest if id(run) not in taken]
    return tables, rest


def _sides(rule: Rule) -> tuple[float, float]:
    return rule.x1 - rule.x0, rule.y1 - rule.y0


def _connected(rules: Sequence[Rule]) -> list[list[Rule]]:
    """Group rules that touch, and level rules of one width that stand close above each other."""
    groups: list[list[Rule]] = []
    for rule in sorted(rules, key=lambda rule: -rule.y1):
        near = [group for group in groups if any(_belongs(rule, other) for other in group)]
        merged = [rule]
        for group in near:
            merged += group
            groups.remove(group)
        groups.append(merged)
    return groups


def _belongs(one: Rule, other: Rule) -> bool:
    """Tell whether two rules are part of one drawing."""
    apart = max(one.x0, other.x0) - min(one.x1, other.x1)
    above = max(one.y0, other.y0) - min(one.y1, other.y1)
    if apart <= _TOUCH and above <= _TOUCH:
        return True
    level = max(one.y1 - one.y0, other.y1 - other.y0) < _TOUCH
    same = abs(one.x0 - other.x0) < _TOUCH and abs(one.x1 - other.x1) < _TOUCH
    return level and same and above < _ROW_LIMIT


def _levels(values: Iterable[float]) -> list[float]:
    """Return values in order, without those that are (nearly) the one before."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _TOUCH:
            found.append(value)
    return found


def _columns(lines: Sequence[Box], right: float) -> list[float]:
    """Return the edges of the columns in which lines stand, that nothing crosses."""
    edges: list[float] = []
    end = float("-inf")
    for line in sorted(lines, key=lambda line: line.x0):
        if line.x0 > end + 4:
            edges.append(line.x0 - 1)
        end = max(end, line.x1)
    return [*edges, right]


def _grid(
    xs: Sequence[float], ys: Sequence[float], runs: Sequence[Run], rules: Sequence[Rule]
) -> Box | None:
    """Put runs in the cells of a grid; nothing when it is no table of two rows and columns."""
    cells: dict[tuple[int, int], list[Run]] = {}
    for run in runs:
        row = bisect_right(ys, run.y + 0.25 * run.size) - 1
        column = bisect_right(xs, run.x0 + min(2.0, (run.x1 - run.x0) / 2)) - 1
        place = (max(0, min(row, len(ys) - 2)), max(0, min(column, len(xs) - 2)))
        cells.setdefault(place, []).append(run)
    for column in range(len(xs) - 1):
        for block in _merged_rows(column, xs, ys, rules):
            _repeat(cells, column, block)
    rows = []
    for row in reversed(range(len(ys) - 1)):
        texts = [_cell(cells.get((row, column), [])) for column in range(len(xs) - 1)]
        if any(texts):
            rows.append(texts)
    if sum(sum(map(bool, row)) > 1 for row in rows) < 2:
        return None
    filled = [i for i in range(len(xs) - 1) if any(row[i] for row in rows)]
    written = tuple("\t".join(row[i] for i in filled).rstrip() for row in rows)
    size = median(run.size for run in runs)
    return Box(xs[0], xs[-1], ys[-1], ys[0], ys[-1], size, False, "", written)


def _merged_rows(
    column: int, xs: Sequence[float], ys: Sequence[float], rules: Sequence[Rule]
) -> list[list[int]]:
    """Return the rows, from low to high, that no rule parts in a column."""
    middle = (xs[column] + xs[column + 1]) / 2
    edges = [y for r in rules if r.x0 <= middle <= r.x1 for y in (r.y0, r.y1)]
    blocks = [[0]]
    for row in range(1, len(ys) - 1):
        if any(abs(y - ys[row]) <= _TOUCH for y in edges):
            blocks.append([row])
        else:
            blocks[-1].append(row)
    return [block for block in blocks if len(block) > 1]


def _repeat(cells: dict[tuple[int, int], list[Run]], column: int, block: Sequence[int]) -> None:
    """Put the text of a cell that is merged over rows in each; a long text in the highest.

    What stands far apart is no one text: then the rules between were just not drawn.
    """
    runs = [run for row in block for run in cells.get((row, column), [])]
    ys = sorted({run.y for run in runs})
    if any(high - low > _LEADING * runs[0].size for low, high in pairwise(ys)):
        return
    long = sum(len(run.text) for run in runs) > _LONGEST_LABEL
    for row in block:
        cells[row, column] = [] if long and row != block[-1] else runs


def _cell(runs: Sequence[Run]) -> str:
    """Return the text of a cell on one line."""
    texts: dict[float, str] = {}
    for box in segments(runs):
        texts[box.y] = f"{texts[box.y]} {box.text}" if box.y in texts else box.text
    return joined(texts[y] for y in sorted(texts, reverse=True))


def with_loose_tables(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield the lines of a column; lines whose parts stand under each other become a table."""
    rows: list[list[Box]] = []
    for box in sorted(boxes, key=lambda box: (-box.y, box.x0)):
        if rows and not box.rows and abs(rows[-1][0].y - box.y) < 0.45 * box.size:
            rows[-1].append(box)
        else:
            rows.append([box])
    at = 0
    while at < len(rows):
        end = _table_end(rows, at)
        table = _loose_table(rows[at:end])
        if table is not None:
            yield table
            at = end
        else:
            yield _joined_row(sorted(rows[at], key=lambda box: box.x0))
            at += 1


def _table_end(rows: Sequence[list[Box]], start: int) -> int:
    """Return where rows end that may be one table: it starts and ends with several parts."""
    if len(rows[start]) < 2:
        return start
    second = sorted(box.x0 for box in rows[start])[1]
    end = last = start
    while end < len(rows) and not rows[end][0].rows:
        close = end == start or rows[end - 1][0].y - rows[end][0].y < 3 * rows[end][0].size
        single = len(rows[end]) == 1
        if not close or (single and rows[end][0].x0 < second - 2 and rows[end][0].x1 > second):
            break
        end += 1
        last = end if len(rows[end - 1]) > 1 or rows[end - 1][0].x0 > rows[start][0].x1 else last
    return last


def _loose_table(rows: Sequence[list[Box]]) -> Box | None:
    """Return the table that rows make; nothing when they are too few or share no columns."""
    several = [row for row in rows if len(row) > 1]
    if len(several) < 2 or len(several) + sum(len(r) for r in several) < 9:
        return None
    boxes = [box for row in rows for box in row]
    xs = _columns(boxes, max(box.x1 for box in boxes) + 1)
    if len(xs) < 3:
        return None
    gaps = [above[0].y - under[0].y for above, under in pairwise(rows)]
    spaced = max(gaps) > 1.3 * min(gaps)
    cells: list[list[list[str]]] = []
    for i, row in enumerate(rows):
        first = any(box.x0 < xs[1] for box in row)
        new = gaps[i - 1] > 1.15 * min(gaps) if spaced and i else first
        if new or not cells:
            cells.append([[] for _ in xs[1:]])
        for box in row:
            cells[-1][bisect_right(xs, box.x0 + 0.5) - 1].append(box.text)
    written = tuple("\t".join(joined(cell) for cell in row).rstrip() for row in cells)
    top, end = rows[0][0], rows[-1][0]
    size = median(box.size for box in boxes)
    return Box(xs[0], xs[-1], top.y, end.bottom, top.top, size, False, "", written)


def _joined_row(row: Sequence[Box]) -> Box:
    """Return the parts of one line as one line again."""
    if len(row) == 1:
        return row[0]
    main = max(row, key=lambda box: box.size)
    text = " ".join(box.text for box in row)
    bold = all(box.bold for box in row)
    return replace(main, x0=row[0].x0, x1=max(b.x1 for b in row), bold=bold, text=text)
