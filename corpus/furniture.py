"""What stands in a document but does not tell anything: menus, contents, notes, page numbers.

Everything is recognised by what it is (repetition, shape, place), never by its words, except
for the few words that name such parts in any Dutch document, as "colofon".
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from corpus.pieces import Piece, is_address

TITLE = "titel van het document"
_SHORT = 70
_MENU_REPEATS = 4
_MENU_LENGTH = 3
_MENU_TITLE = 30
# How much alike a garbled line of a menu is to the line it was.
_GARBLED = 0.65
_ARROW = re.compile(r"^[→⇒►»]\s*(?P<after>\S.*)$|^(?P<before>.*\S)\s*[←⇐◄«]$")
_CAPITALS = re.compile(r"[A-Z]{4,}$")
_NOTE = re.compile(r"\s*[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[\u207e)]*\s")
_REFERRED = re.compile(r"\w[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[\u207e)]")
_NOTES = 3
_NOTE_NUMBER = re.compile(r"\s*\d{1,2}\)\s")
_REFERENCE = re.compile(r"https?://|www\.|\((?:19|20)\d\d[a-z,)]|\[[^\]]*\]\(")
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\*")
# Who tells something uses one of these; the titles of books and reports are set apart.
_VERB = re.compile(
    r"\b(?:is|zijn|was|waren|wordt|worden|werd|werden|heeft|hebben|kan|kunnen|moet|moeten|mag"
    r"|mogen|gaat|gaan|geldt|gelden|betekent)\b"
)
_SET_APART = re.compile(r"\*[^*]+\*|\[[^\]]*\]\([^)]*\)|[\"“‘'][^\"”’']*[\"”’']")
_IMPRINT = ("colofon",)
# An e-mail or web address, a telephone number, a postcode.
_CONTACT = re.compile(r"\S@\S+\.\w|https?://|www\.|\b0\d{1,3}[ -]?\d{6,7}\b|\b\d{4} ?[A-Z]{2}\b")


@dataclass(frozen=True)
class Furniture:
    """A span of the stored text that was left out, and why.

    Of text that is printed again, `kept_at` is where it is read.
    """

    start: int
    end: int
    reason: str
    kept_at: int | None = None


@dataclass(frozen=True)
class Contents:
    """A table of contents: names with their depth from 1, before the piece `at`.

    `word` is the single word in capitals above it, if any. A `menu` names the
    highest sections; other tables those of the section they stand in.
    """

    at: int
    word: str
    menu: bool
    entries: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Found:
    """What is furniture: the reason by index of the piece, and the tables of contents.

    `notes` are all footnotes, also those that explain something and are read.
    `imprint` are its heading and the lines of it that are read.
    """

    reasons: dict[int, str]
    notes: frozenset[int]
    contents: tuple[Contents, ...]
    imprint: tuple[int, ...]


def find(text: str, pieces: Sequence[Piece], readable: Sequence[str]) -> Found:
    """Find the furniture among the pieces; `readable` are their mended texts."""
    reasons: dict[int, str] = {}
    contents = []
    menus = list(_menus(pieces, readable))
    above = Counter(readable[run[0] - 1] for run, _ in menus if run[0] > 0)
    for run, names in menus:
        reasons.update((i, "menu") for i in run)
        title = run[0] - 1
        if title >= 0 and above[readable[title]] > 1 and len(readable[title]) <= _MENU_TITLE:
            reasons[title] = "menu"
        contents.append(Contents(run[-1] + 1, "", True, tuple((name, 1) for name in names)))
    for run in _contents_runs(pieces, readable, reasons):
        if entries := _entries(pieces, readable, run):
            words = [i for i in run if pieces[i].kind == "tekst" and _CAPITALS.match(readable[i])]
            word = readable[words[-1]] if words else ""
            contents.append(Contents(run[-1] + 1, word, False, entries))
        reasons.update((i, "inhoudsopgave of knoppen") for i in run)
    noted = len(_REFERRED.findall(text)) >= _NOTES
    notes = frozenset(
        i for i, piece in enumerate(pieces) if _is_note(text[piece.start : piece.end], noted)
    )
    for i, reason in _lone(text, pieces, readable, notes):
        reasons.setdefault(i, reason)
    imprint = _imprint(pieces, readable)
    reasons.update((i, "colofon") for i in range(min(imprint, default=len(pieces)), len(pieces)))
    told = imprint if len(imprint) > 1 else ()
    for i in told:
        del reasons[i]
    return Found(reasons, notes, tuple(contents), told)


def _menus(
    pieces: Sequence[Piece], readable: Sequence[str]
) -> Iterator[tuple[list[int], list[str]]]:
    """Yield menus, the same short lines together again and again, and the names in them.

    The heading right under a menu, when it is (nearly) one of its lines, is one of the names.
    """
    keys = [_key(piece, line) for piece, line in zip(pieces, readable, strict=True)]
    together = Counter(
        tuple(keys[i : i + _MENU_LENGTH]) for i in range(len(keys) - _MENU_LENGTH + 1)
    )
    items = frozenset(
        key
        for group, count in together.items()
        if count >= _MENU_REPEATS and all(group) and len(set(group)) == len(group)
        for key in group
    )
    i = 0
    while i < len(keys):
        run = _menu_at(keys, items, i)
        if len(run) >= _MENU_LENGTH:
            i = run[-1] + 1
            under = i < len(keys) and _closest(keys[i], items)
            names = [readable[j] for j in run if keys[j] in items]
            yield run, [*names, readable[i]] if under else names
        else:
            i += 1


def _key(piece: Piece, line: str) -> str:
    """Return a short line as menus repeat it; nothing for other lines."""
    key = line.strip("*→← ").casefold()
    too_long = len(key) > _SHORT or piece.kind == "rij"
    return "" if too_long or not key or key[-1] in ".:;,!?" else key


def _menu_at(keys: Sequence[str], items: frozenset[str], start: int) -> list[int]:
    """Return the run of menu lines that starts at a place, also when some are garbled.

    A line that comes back within the run is the heading under the menu.
    """
    run: list[int] = []
    seen: set[str] = set()
    exact = 0
    for i in range(start, len(keys)):
        item = _closest(keys[i], items)
        if item in seen or (not item and keys[i] not in items and not _is_between(keys, i, items)):
            break
        exact += keys[i] in items
        seen.add(item or keys[i])
        run.append(i)
    while run and not _closest(keys[run[-1]], items):
        run.pop()
    return run if exact * 2 >= len(run) else []


def _is_between(keys: Sequence[str], i: int, items: frozenset[str]) -> bool:
    """Tell whether an unknown short line stands between two lines of a menu."""
    around = [*keys[max(0, i - 1) : i], *keys[i + 1 : i + 2]]
    return bool(keys[i]) and len(around) == 2 and all(_closest(key, items) for key in around)


def _closest(key: str, items: frozenset[str]) -> str:
    """Return the menu line that a line is, garbled or not."""
    return key if key in items or not key else _closest_garbled(key, items)


@lru_cache(maxsize=4096)
def _closest_garbled(key: str, items: frozenset[str]) -> str:
    best = (_GARBLED, "")
    for item in items:
        if 2 * min(len(key), len(item)) < best[0] * (len(key) + len(item)):
            continue
        matcher = SequenceMatcher(None, key, item)
        if matcher.quick_ratio() >= best[0]:
            best = max(best, (matcher.ratio(), item))
    return best[1]


def _contents_runs(
    pieces: Sequence[Piece], readable: Sequence[str], reasons: dict[int, str]
) -> Iterator[list[int]]:
    """Yield the runs of pieces that are tables of contents and buttons."""
    names = Counter(
        line.casefold()
        for piece, line in zip(pieces, readable, strict=True)
        if piece.kind in {"tekst", "nummer"} and len(line) <= 2 * _SHORT
    )
    i = 0
    while i < len(pieces):
        run = _button_run(pieces, readable, i) if i not in reasons else []
        run = run or _list_of_names(pieces, readable, names, i, reasons)
        if run:
            yield run
        i = run[-1] + 1 if run else i + 1


def _button_run(pieces: Sequence[Piece], readable: Sequence[str], start: int) -> list[int]:
    """Return the run of arrows, words in capitals and the lists under them at a place."""
    run: list[int] = []
    for i in range(start, len(pieces)):
        line, kind = readable[i], pieces[i].kind
        button = _ARROW.match(line) or (kind == "tekst" and _is_button(pieces, readable, i))
        if not button and not (run and kind in {"punt", "nummer"} and _hangs_under(pieces, run, i)):
            break
        run.append(i)
    return run


def _is_button(pieces: Sequence[Piece], readable: Sequence[str], i: int) -> bool:
    """Tell whether a line is one word in capitals that is not a heading above prose."""
    if not _CAPITALS.match(readable[i]):
        return False
    following = i + 1
    prose = following < len(pieces) and pieces[following].kind == "tekst"
    return not (prose and len(readable[following]) > 2 * _SHORT)


def _hangs_under(pieces: Sequence[Piece], run: list[int], i: int) -> bool:
    """Tell whether a list item goes on with a run of contents; real lists stand closer to text."""
    return i == run[-1] + 1 and pieces[i].sheet - pieces[run[-1]].sheet <= 2


def _list_of_names(
    pieces: Sequence[Piece],
    readable: Sequence[str],
    names: Counter[str],
    start: int,
    reasons: dict[int, str],
) -> list[int]:
    """Return the list at a place when it only names headings that stand elsewhere."""
    run: list[int] = []
    seen: set[str] = set()
    if start > 0 and pieces[start - 1].kind in {"punt", "nummer"}:
        return []
    for i in range(start, len(pieces)):
        key = readable[i].casefold()
        listed = pieces[i].kind in {"punt", "nummer"} and i not in reasons
        if not listed or key in seen or pieces[i].sheet != pieces[start].sheet:
            break
        seen.add(key)
        run.append(i)
    own = [pieces[i].kind == "nummer" for i in run]
    named = sum(names[readable[i].casefold()] > own[n] for n, i in enumerate(run))
    led_in = start > 0 and readable[start - 1].endswith(":")
    if len(run) < 3 or named < 0.6 * len(run) or led_in:
        return []
    title = start > 0 and len(readable[start - 1].split()) == 1
    return [start - 1, *run] if title else run


def _entries(
    pieces: Sequence[Piece], readable: Sequence[str], run: list[int]
) -> tuple[tuple[str, int], ...]:
    """Return the names in a table of contents with their depth."""
    entries: list[tuple[str, int]] = []
    arrow_sheet = -1
    bullets = False
    for i in run:
        if arrow := _ARROW.match(readable[i]):
            entries.append(((arrow["after"] or arrow["before"]).strip(), 1))
            arrow_sheet = pieces[i].sheet
        elif pieces[i].kind in {"punt", "nummer"}:
            bullets = bullets or pieces[i].kind == "punt"
            nested = pieces[i].sheet == arrow_sheet or (bullets and pieces[i].kind == "nummer")
            entries.append((readable[i], 2 if nested else 1))
    return tuple(entries)


def _lone(
    text: str, pieces: Sequence[Piece], readable: Sequence[str], notes: frozenset[int]
) -> Iterator[tuple[int, str]]:
    """Yield the pieces that are furniture by themselves, with the reason."""
    title = readable[0].casefold() if readable else ""
    for i, (piece, line) in enumerate(zip(pieces, readable, strict=True)):
        stored = text[piece.start : piece.end].strip()
        if re.fullmatch(r"\d{1,3}|-\s*\d{1,3}\s*-", stored):
            yield i, "paginanummer"
        elif piece.running:
            yield i, "kop- of voetregel"
        elif is_address(line) and piece.kind != "punt" and not _leads(pieces, readable, i, notes):
            yield i, "los webadres"
        elif i and line.casefold() == title and piece.kind == "tekst":
            yield i, "titel bovenaan de bladzijde"
        elif i in notes and _is_reference(stored):
            yield i, "voetnoot"
        elif not line:
            yield i, "leeg"


def _leads(pieces: Sequence[Piece], readable: Sequence[str], i: int, notes: frozenset[int]) -> bool:
    """Tell whether the text before a web address says what is found there."""
    before = i - 1
    if before < 0:
        return False
    while before > 0 and is_address(readable[before]) and readable[before] != readable[i]:
        before -= 1
    led = readable[before].endswith(":") and before not in notes
    return led and pieces[before].sheet == pieces[i].sheet


def _is_note(stored: str, noted: bool) -> bool:
    """Tell whether a paragraph is a footnote: it starts with the mark that refers to it.

    With `noted`, the text refers to notes as "⁷⁾", so that "7) ..." is one.
    """
    return _NOTE.match(stored) is not None or (noted and _NOTE_NUMBER.match(stored) is not None)


def _is_reference(stored: str) -> bool:
    """Tell whether a footnote names a source, and does not explain something."""
    if _VERB.search(_SET_APART.sub("", stored)):
        return False
    short = len(stored) < 250
    return (
        (len(stored) < 150 and stored[-1] != "." and " = " not in stored)
        or (short and _YEAR.search(stored) is not None)
        or _REFERENCE.search(stored) is not None
    )


def _imprint(pieces: Sequence[Piece], readable: Sequence[str]) -> tuple[int, ...]:
    """Return the heading of the imprint, which goes on to the end, and its lines to read.

    Those are the ones that say where to ask or look, and the first line with them, which says
    whose document it is.
    """
    for i in range(int(0.8 * len(pieces)), len(pieces)):
        if pieces[i].kind not in {"tekst", "kop"} or readable[i].casefold() not in _IMPRINT:
            continue
        told = {j for j in range(i + 1, len(pieces)) if _is_contact(pieces[j], readable[j])}
        if told and pieces[i + 1].kind == "tekst":
            told.add(i + 1)
        return (i, *sorted(told))
    return ()


def _is_contact(piece: Piece, line: str) -> bool:
    """Tell whether a line gives an address, and says what for."""
    return piece.kind == "tekst" and _CONTACT.search(line) is not None and not is_address(line)
