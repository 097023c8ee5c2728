"""Lists without bullets, and what hangs under the items of lists."""

import re
from collections.abc import Collection
from dataclasses import dataclass

from corpus.lines import Lines
from corpus.pieces import is_address

_FIELD = re.compile(r"(?P<name>[A-Z]\w+(?: \w+){0,2}): \S")


@dataclass(frozen=True)
class Item:
    """An item: the pieces `first` to `last`, read from the body of the first or as they stand."""

    first: int
    last: int
    label: str = ""
    whole: bool = False


@dataclass(frozen=True)
class LooseList:
    """A list; `title` is the piece that heads it, -1 without, and `end` what follows."""

    items: tuple[Item, ...]
    end: int
    title: int = -1


def slide_lines(view: Lines, start: int, may_be_titled: bool) -> LooseList | None:
    """Read short lines as a list: four or more at the end of a sheet, or three after a lead-in.

    That is how the text of a slide stands; the first line heads the others.
    """
    end = start
    sheet = view.pieces[start].sheet
    while end < len(view.pieces) and view.pieces[end].sheet == sheet:
        short = view.looks_like_heading(end) or is_address(view.readable[end])
        if end in view.left_out or view.pieces[end].kind != "tekst" or not short:
            break
        end += 1
    if end - start > 1 and _leads_in_items(view, end - 1):
        end -= 1
    led_in = start > 0 and view.readable[start - 1].endswith(":") and end - start >= 3
    at_end = end == len(view.pieces) or view.pieces[end].sheet != sheet
    if not led_in and (end - start < 4 or not at_end or not may_be_titled):
        return None
    titled = not led_in and not view.readable[start].endswith(":")
    items = []
    at = start + titled
    while at < end:
        last = at + 1 if view.readable[at].endswith(":") and at + 1 < end else at
        items.append(Item(at, last, whole=True))
        at = last + 1
    return LooseList(tuple(items), end, start if titled else -1)


def _leads_in_items(view: Lines, i: int) -> bool:
    """Tell whether a line leads in the list that follows."""
    following = i + 1
    listed = following < len(view.pieces) and view.pieces[following].kind == "punt"
    return listed and view.readable[i].endswith(":")


def nested(view: Lines, start: int) -> LooseList | None:
    """Read an item that leads in items under it; a single one is read with it."""
    end = start + 1
    while end < len(view.pieces) and view.pieces[end].deep and end not in view.left_out:
        end += 1
    lead = view.readable[start]
    if view.pieces[start].kind != "punt" or not lead.endswith(":") or end == start + 1:
        return None
    if end == start + 2:
        return LooseList((Item(start, start + 1),), end)
    return LooseList(tuple(Item(i, i, lead) for i in range(start, end)), end)


def field_name(view: Lines, i: int, known: Collection[str]) -> str:
    """Return the name of a field, such as "Nadeel: ...", that hangs under a list item.

    It stands between two items, under an item that leads it in, or has a name that is `known`
    from between two items before. Other text gives nothing.
    """
    field = _FIELD.match(view.readable[i])
    before = i - 1
    while before >= 0 and _is_field(view, before, i):
        before -= 1
    if field is None or not _is_item(view, before, i):
        return ""
    after = i + 1
    while _is_field(view, after, i):
        after += 1
    led_in = view.readable[before].endswith(":")
    hangs = led_in or _is_item(view, after, i) or field["name"] in known
    return field["name"] if hangs else ""


def _is_field(view: Lines, i: int, beside: int) -> bool:
    return _is_kind(view, i, beside, "tekst") and _FIELD.match(view.readable[i]) is not None


def _is_item(view: Lines, i: int, beside: int) -> bool:
    return _is_kind(view, i, beside, "punt")


def _is_kind(view: Lines, i: int, beside: int, kind: str) -> bool:
    """Tell whether a piece is of a kind, is read, and stands on the sheet of another."""
    if not 0 <= i < len(view.pieces) or i in view.left_out:
        return False
    return view.pieces[i].kind == kind and view.pieces[i].sheet == view.pieces[beside].sheet
