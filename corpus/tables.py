"""Tables: rows with tabs between the cells, and two columns set as plain lines."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from corpus.mend import Mender, is_pipe_row
from corpus.pieces import Piece, is_closed, is_next_line

Span = tuple[int, int]

_LABEL_LIMIT = 160
_SHORT_CELL = 90
_COLUMN_LIMIT = 60
# A first cell of so many words states something, and is read as a sentence too.
_STATEMENT = 5
_SHORT_LINE = 32
# Words that start the text of a cell, and not the name before it.
_STARTER = (
    r"(?:Aan|Als|Bij|Binnen|Daar|Dat|De|Deze|Die|Dit|Door|Een|Er|Het|Hier|Hun|In|Met|Na|Naar"
    r"|Naast|Om|Onder|Ook|Op|Over|Tijdens|Tot|Uit|Van|Vanaf|Vanuit|Via|Voor|Wanneer|We|Wij|Ze|Zij)"
)
_IS_STARTER = re.compile(_STARTER).fullmatch
_COLUMN_WORDS = frozenset(["toelichting", "omschrijving", "beschrijving"])
_PARAGRAPH = re.compile(
    r"</p>\s*|<p\b[^<>]*>\s*|</?(?:ul|ol)\b[^<>]*>\s*|<li\b[^<>]*>\s*|</li>\s*|<br\b[^<>]*>\s*"
)
_ITEM = re.compile(r"[•▪\ue000-\uf8ff]\s*|(?:(?<=\">)|(?<=[.:;>]) |(?<=\n))\s*[-–]\s(?=\S)")
_LIST = re.compile(r"<(?:ul|ol)\b|[•▪\ue000-\uf8ff]")
_LIST_OR_LINES = re.compile(r"<(?:ul|ol|br)\b|[•▪\ue000-\uf8ff]")
_LIST_TAG = re.compile(r"<[uo]l\b|[•▪\ue000-\uf8ff]")
_ORDERED = re.compile(r"(?<=[\s>])\d{1,2}\.\s(?=[A-Z])")
# A few words that announce one paragraph or item; they are read with it.
_SHORT_LEAD = re.compile(r"(?:<[a-z]+>)?[^<>.]{2,40}:(?:</[a-z]+>)?")
_PIPE = re.compile(r"(?<!\\)\|")
# Where an item of a list that lost its marks may start: with a usual starter, or, behind a
# closing bracket, with a capital on a word.
_RUN_ON = re.compile(rf"(?<=[a-zà-ÿ)] )(?={_STARTER}\s)|(?<=[a-zà-ÿ]\) )(?P<word>[A-Z][a-z]+\s)")


@dataclass(frozen=True)
class Row:
    """One column of a table row, with what is needed to understand it.

    `own_label` tells that the label is the row's first cell; otherwise it is
    only the heading of the column. `whole` cells are read as one sentence.
    `group` is what the first cell says, above the label, of a group of rows.
    """

    start: int
    end: int
    label: str
    parts: tuple[Span, ...]
    own_label: bool = True
    whole: bool = False
    group: str = ""


@dataclass(frozen=True)
class TabTable:
    """The pieces of one table: its header (-1 without) and its rows."""

    header: int
    rows: tuple[int, ...]


def tab_table(
    text: str, mender: Mender, pieces: Sequence[Piece], readable: Sequence[str], start: int
) -> TabTable:
    """Return the table that starts at a row; it ends at a blank line."""
    end = start + 1
    while end < len(pieces) and pieces[end].kind == "rij":
        if not is_next_line(text, pieces[end - 1], pieces[end]):
            break
        end += 1
    rows = tuple(i for i in range(start + 1, end) if readable[i])
    names = column_names(text, mender, pieces[start])
    titled = sum(map(bool, names)) > 1 and all(
        len(name) <= _COLUMN_LIMIT and not is_closed(name) for name in names
    )
    if titled and rows:
        return TabTable(start, rows)
    return TabTable(-1, (start, *rows))


def column_names(text: str, mender: Mender, piece: Piece) -> list[str]:
    """Return the readable texts of the cells of a row, empty ones too."""
    return [mender.mend(*span).text for span in cells(text, piece)]


def cells(text: str, piece: Piece) -> list[Span]:
    """Return the spans of the cells of a row, empty ones too."""
    row = text[piece.start : piece.end]
    if is_pipe_row(row):
        pipes = [piece.start + match.start() for match in _PIPE.finditer(row)]
        return [(left + 1, right) for left, right in pairwise(pipes)]
    spans, at = [], piece.start
    for cell in row.split("\t"):
        spans.append((at, at + len(cell)))
        at += len(cell) + 1
    return spans


def row(text: str, mender: Mender, piece: Piece, columns: Sequence[str]) -> list[Row]:
    """Read one row: a part for each column that tells something.

    Rows with a single filled cell are no rows to read this way; see `only_cell`.
    """
    spans = cells(text, piece)
    may_be_whole = len(spans) > 2 or not _is_long(mender, spans[0])
    group, (label, rest) = _label(text, mender, spans[0], may_be_whole)
    filled = [
        (column, span)
        for column, span in zip([*columns, *[""] * len(spans)], [rest, *spans[1:]], strict=False)
        if span[0] < span[1] and mender.mend(*span).text
    ]
    statement = (spans[0],) if len(label.split()) >= _STATEMENT and rest[0] == rest[1] else ()
    if label and len(spans) > 2 and _all_short(text, mender, filled):
        headings = " | ".join(column for column, _ in filled if column)
        name = f"{label} ({headings})" if headings else label
        refers = mender.mend(*filled[0][1]).text.startswith("Zie ")
        parts = (*(statement if refers else ()), (filled[0][1][0], filled[-1][1][1]))
        return [Row(piece.start, piece.end, name, parts, whole=True)]
    found = []
    for column, span in filled:
        named = column and len(filled) > 1 and not (span == rest and _is_inline(text, rest))
        name = f"{label} – {column}" if label and named else label or column
        found.append(Row(span[0], span[1], name, tuple(fragments(text, span)), bool(label)))
    if found:
        first = found[0]
        found[0] = replace(first, start=piece.start, parts=(*statement, *first.parts))
        found[-1] = replace(found[-1], end=piece.end)
    return [replace(row, group=group) for row in found]


def _is_inline(text: str, rest: Span) -> bool:
    """Tell whether the text of a first cell goes on right behind the name in it."""
    before = text[: rest[0]].rstrip(" ")
    return bool(before) and before[-1] not in ">\n\t"


def only_cell(text: str, mender: Mender, piece: Piece) -> Span | None:
    """Return the one filled cell of a row, if there is only one and it holds no text."""
    filled = [span for span in cells(text, piece) if mender.mend(*span).text]
    if len(filled) != 1 or len(list(fragments(text, filled[0]))) > 1:
        return None
    return filled[0]


def fragments(text: str, span: Span) -> Iterator[Span]:
    """Yield the paragraphs and list items of a cell."""
    cuts = {span[0], span[1]}
    content = text[span[0] : span[1]]
    marks = [*_PARAGRAPH.finditer(content)]
    if "<ul" in content or "<ol" in content:
        marks += [*_ITEM.finditer(content), *_ORDERED.finditer(content)]
        cuts |= {span[0] + m.start() for m in _RUN_ON.finditer(content) if not _names(m, text)}
    elif _LIST.search(content):
        marks += _ITEM.finditer(content)
    skip = {span[0] + m.start(): span[0] + m.end() for m in marks if m.end() > m.start()}
    cuts |= set(skip) | set(skip.values())
    ordered = sorted(cuts)
    lead: int | None = None
    for start, end in pairwise(ordered):
        if any(first <= start and end <= last for first, last in skip.items()):
            continue
        stored = text[start:end].strip()
        listed = any(end <= first and _LIST_TAG.match(text, first) for first in skip)
        if _SHORT_LEAD.fullmatch(stored) and lead is None and end < span[1] and not listed:
            lead = start
        elif stored:
            yield (start if lead is None else lead), end
            lead = None
    if lead is not None:
        yield lead, span[1]


def _names(run_on: re.Match[str], text: str) -> bool:
    """Tell whether a word with a capital is a name: the text never writes it small."""
    word = run_on["word"]
    return word is not None and f" {word.strip().lower()} " not in text


def _is_long(mender: Mender, span: Span) -> bool:
    """Tell whether a cell tells something itself: two sentences, a list, or much text."""
    mended = mender.mend(*span).text
    return len(mended) > _LABEL_LIMIT or mended.count(". ") > 0 or mended.endswith(".")


def _label(
    text: str, mender: Mender, span: Span, may_be_whole: bool
) -> tuple[str, tuple[str, Span]]:
    """Return the group and the name in the first cell, and what else that cell tells."""
    content = text[span[0] : span[1]]
    nothing = (span[1], span[1])
    if _LIST.search(content) and may_be_whole and "<li" not in content and "<ul" in content:
        return "", ("", span)
    parts = list(fragments(text, span))
    if not parts:
        return "", ("", nothing)
    names = [mender.mend(*part).text for part in parts]
    inline = next((i for i, name in enumerate(names[:2]) if inline_label(name)), -1)
    if inline >= 0 and not (may_be_whole and len(parts) == 1 and not is_closed(names[0])):
        name = inline_label(names[inline])
        mended = mender.mend(*parts[inline])
        group = names[0] if inline else ""
        return group, (name, (mended.offsets[len(name) + 1], span[1]))
    if len(parts) > 1 and len(names[0]) <= _LABEL_LIMIT and not is_closed(names[0]):
        return "", (names[0], (parts[1][0], span[1]))
    if may_be_whole and not _LIST.search(content):
        whole = mender.mend(*span).text
        return "", (_shortened(whole), nothing)
    return "", ("", span)


def _shortened(label: str) -> str:
    """Cut a label that is too long at a word."""
    label = label.rstrip(".")
    if len(label) <= _LABEL_LIMIT:
        return label
    return label[:_LABEL_LIMIT].rsplit(" ", 1)[0] + " …"


def _all_short(text: str, mender: Mender, filled: list[tuple[str, Span]]) -> bool:
    """Tell whether the cells of a row are words more than sentences."""
    return bool(filled) and all(
        len(mended := mender.mend(*span).text) <= _SHORT_CELL
        and not mended.endswith(".")
        and not _LIST_OR_LINES.search(text[span[0] : span[1]])
        for _, span in filled
    )


def inline_label(line: str) -> str:
    """Return the name at the start of a line, before the text that starts with a capital.

    "Logopedie In de wijk zijn" gives "Logopedie"; a line of plain text gives nothing.
    """
    words = line.split()
    if len(words) < 3 or not words[0][0].isupper():
        return ""
    for i in range(1, min(len(words) - 1, 12)):
        if _IS_STARTER(words[i]) and words[i - 1][-1] not in ".,;:!?–-":
            if i == 1 and _IS_STARTER(words[0]):
                return ""
            return " ".join(words[:i])
        if words[i - 1][-1] in ".;:!?":
            return ""
    doubled = not _IS_STARTER(words[0]) and words[1].casefold() == words[0].casefold()
    return words[0] if doubled else ""


def plain_headers(pieces: Sequence[Piece], readable: Sequence[str]) -> set[int]:
    """Return the pieces that are the column headings of a plain two-column table.

    They are two capitalised words alone on a line, that stand on several sheets, or of which
    the second is a usual column heading.
    """
    lines = Counter(line for piece, line in zip(pieces, readable, strict=True))
    found = set()
    for i, line in enumerate(readable):
        words = line.split()
        if len(words) != 2 or not all(w[0].isupper() and w.isalpha() for w in words):
            continue
        if words[1].casefold() in _COLUMN_WORDS or _is_on_sheets(pieces, readable, line, lines):
            found.add(i)
    return found


def _is_on_sheets(
    pieces: Sequence[Piece], readable: Sequence[str], line: str, lines: Counter[str]
) -> bool:
    """Tell whether a line starts three sheets or more."""
    if lines[line] < 3:
        return False
    starts = [
        i
        for i in range(1, len(pieces))
        if readable[i] == line and pieces[i].sheet != pieces[i - 1].sheet
    ]
    return len(starts) >= 3


def plain_rows(
    text: str, mender: Mender, pieces: Sequence[Piece], members: Sequence[int]
) -> list[Row]:
    """Read the pieces under the column headings of a plain table as rows.

    A name stands at the start of the row's first line, or on short lines above it. Pieces
    without a name go on with the row before.
    """
    found: list[Row] = []
    pending: Piece | None = None
    for i in members:
        piece = pieces[i]
        mended = mender.mend(piece.body, piece.end)
        name = inline_label(mended.text)
        if pending is not None:
            label = re.sub(r"^\d{1,2}\.\s*", "", mender.mend(pending.body, pending.end).text)
            found.append(Row(pending.start, piece.end, label, ((piece.body, piece.end),)))
            pending = None
        elif _is_name(text, piece, mended.text):
            pending = piece
        elif name:
            body = mended.offsets[len(name) + 1]
            found.append(Row(piece.start, piece.end, name, ((body, piece.end),)))
        elif found:
            last = found[-1]
            parts = (*last.parts, (piece.body, piece.end))
            found[-1] = Row(last.start, piece.end, last.label, parts)
        else:
            found.append(Row(piece.start, piece.end, "", ((piece.body, piece.end),), False))
    if pending is not None:
        found.append(Row(pending.start, pending.end, "", ((pending.body, pending.end),), False))
    return found


def _is_name(text: str, piece: Piece, mended: str) -> bool:
    """Tell whether a piece is a name on short lines of its own."""
    longest = max(len(line.strip()) for line in text[piece.start : piece.end].split("\n"))
    return longest <= _SHORT_LINE and not is_closed(mended)
