"""Which paragraphs of a PDF are headings, of which level; and the text of its pages.

The outline says it best. Else a heading is set bigger than the text, or bold on lines of its
own. Styles that the outline does not name get their level from their size.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from corpus.grids import joined
from corpus.layout import Paragraph

Style = tuple[float, bool]

_BIGGER = 1.15
_LINES = 3
_LENGTH = 120
_DEEPEST = 6
_RUNNING = 3
# When more of the text than this is bold, bold does not set a heading apart.
_BOLD_SHARE = 0.25
_MARK = re.compile(r"(?:[•▪◦‣●■□\ue000-\uf8ff–*-]|\d{1,2}\)|[a-z]\)|o)\s")
_NUMBERING = re.compile(
    r"^\s*(?:(?:hoofdstuk|bijlage)\s+)?(?:\d{1,2}(?:\.\d{1,2})*|[A-Z])?[.:)]*\s+", re.I
)
_LIST = re.compile(r"(?:[•▪◦‣●■□\ue000-\uf8ff–*-]|\d{1,2}[.)]|[a-z]\)|o)\s+\S")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True)
class Entry:
    """A heading as the outline names it; `level` from 1."""

    title: str
    level: int


def written(pages: Sequence[list[Paragraph]], outline: Mapping[int, list[Entry]]) -> list[str]:
    """Write the text of each page, with headings as "## Heading"."""
    known: list[dict[int, int]] = []
    split: list[list[Paragraph]] = []
    for number, page in enumerate(pages):
        parts, levels = _with_outline(page, outline.get(number, []))
        split.append(parts)
        known.append(levels)
    levels_of = _levels(split, known)
    texts = []
    for page, levels in zip(split, known, strict=True):
        texts.append(_text(page, {**_by_style(page, levels_of), **levels}))
    return texts


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


def _is_named(text: str, entry: Entry) -> bool:
    """Tell whether a text is a heading of the outline, with or without its number."""
    one, other = _letters(text), _letters(entry.title)
    if one == other and one:
        return True
    bare = _letters(_NUMBERING.sub("", text)), _letters(_NUMBERING.sub("", entry.title))
    return bool(bare[0]) and bare[0] == bare[1]


def _with_outline(
    page: list[Paragraph], entries: list[Entry]
) -> tuple[list[Paragraph], dict[int, int]]:
    """Find the headings of the outline on their page, also as first lines of a paragraph."""
    page = list(page)
    levels: dict[int, int] = {}
    for entry in entries:
        places = sorted(range(len(page)), key=lambda i: page[i].edge)
        for i in places:
            part = page[i]
            lines = 0 if part.table or i in levels else _heading_lines(part, entry)
            if not lines:
                continue
            if lines < len(part.lines):
                page[i : i + 1] = [
                    replace(part, lines=part.lines[:lines]),
                    replace(part, lines=part.lines[lines:]),
                ]
                levels = {at + (at > i): level for at, level in levels.items()}
            levels[i] = entry.level
            break
    return page, levels


def _heading_lines(part: Paragraph, entry: Entry) -> int:
    """Return how many lines of a paragraph, from the first, are a heading of the outline."""
    for count in range(1, min(_LINES, len(part.lines)) + 1):
        if _is_named(joined(part.lines[:count]), entry):
            return count
    return 0


def _style(part: Paragraph) -> Style:
    return round(part.size * 2) / 2, part.bold


@dataclass(frozen=True)
class _Levels:
    """What sets headings apart in a document: the size of its text, and levels by style."""

    body: float
    bold: bool
    running: frozenset[str]
    levels: Mapping[Style, int]


def _levels(pages: Sequence[list[Paragraph]], known: Sequence[dict[int, int]]) -> _Levels:
    """Learn the levels of styles from the outline, else from their sizes."""
    sizes: Counter[float] = Counter()
    bold = 0
    edges: Counter[str] = Counter()
    for page in pages:
        for part in page:
            length = sum(map(len, part.lines))
            sizes[_style(part)[0]] += length
            bold += length * part.bold
            if part.edge:
                edges[_repeated(part)] += 1
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    running = frozenset(text for text, count in edges.items() if count >= _RUNNING)
    found = _Levels(body, bold < _BOLD_SHARE * sizes.total(), running, {})
    styles: Counter[Style] = Counter()
    first: dict[Style, int] = {}
    named: dict[Style, Counter[int]] = {}
    for number, (page, levels) in enumerate(zip(pages, known, strict=True)):
        for i, part in enumerate(page):
            if i in levels:
                named.setdefault(_style(part), Counter())[levels[i]] += 1
            elif _is_heading(page, i, found):
                styles[_style(part)] += 1
                first[_style(part)] = min(number, first.get(_style(part), number))
    biggest = max(styles, default=None)
    if biggest and len(styles) > 1 and styles[biggest] == 1 and first[biggest] == 0:
        # The title on the cover is the name of the document, not of a section.
        del styles[biggest]
    return replace(found, levels=_ranked(styles, named))


def _ranked(styles: Counter[Style], named: dict[Style, Counter[int]]) -> dict[Style, int]:
    """Return the level of each style: by the outline, else under the next bigger style."""
    ranked: dict[Style, int] = {}
    level = 0
    for style in sorted({*styles, *named}, reverse=True):
        if style in named:
            ranked[style] = named[style].most_common(1)[0][0]
            level = max(level, ranked[style])
        else:
            level = min(level + 1, _DEEPEST)
            ranked[style] = level
    return ranked


def _repeated(part: Paragraph) -> str:
    return re.sub(r"\d+", "0", " ".join(part.lines).casefold())


def _by_style(page: list[Paragraph], found: _Levels) -> dict[int, int]:
    """Return the headings of a page that stand out by their style, with their level."""
    return {
        i: found.levels[_style(part)]
        for i, part in enumerate(page)
        if _style(part) in found.levels and _is_heading(page, i, found)
    }


def _is_heading(page: list[Paragraph], i: int, found: _Levels) -> bool:
    """Tell whether a paragraph stands out as headings do."""
    part = page[i]
    text = " ".join(part.lines)
    if part.table or len(part.lines) > _LINES or len(text) > _LENGTH:
        return False
    if text[-1] in ".,;:" or sum(map(str.isalpha, text)) < 3 or _MARK.match(text):
        return False
    if part.edge and _repeated(part) in found.running:
        return False
    if part.size >= _BIGGER * found.body:
        return True
    following = page[i + 1] if i + 1 < len(page) else None
    plain = following is None or not following.bold
    return found.bold and part.bold and part.size >= 0.97 * found.body and plain


def _text(page: list[Paragraph], levels: Mapping[int, int]) -> str:
    """Write a page: paragraphs parted by blank lines, items of a list by line ends."""
    written: list[str] = []
    listed = False
    for i, part in enumerate(page):
        if i in levels:
            text = f"{'#' * min(levels[i], _DEEPEST)} {joined(part.lines)}"
        else:
            text = "\n".join(part.lines)
        item = i not in levels and not part.table and _LIST.match(text) is not None
        written.append(("\n" if item and listed else "\n\n") + text)
        listed = item
    return clean("".join(written).strip("\n"))


def clean(text: str) -> str:
    """Take out what no text can hold: control characters, halves of surrogate pairs."""
    text = _CONTROL.sub("", text)
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
