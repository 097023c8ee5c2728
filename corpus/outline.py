"""Which section a piece of text stands in: headings and their levels.

Texts do not tell the level of a heading. It follows, in this order, from the section that is
already open under that name, the tables of contents, the numbering, and a first word that it
shares with an open section. Else a heading stands one level under the last that was known.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from corpus.furniture import Contents

_WORD_NUMBER = re.compile(r"(?P<word>[A-Z][a-z]+) (?P<number>\d{1,2}): ")
_CHAPTER_NUMBER = re.compile(r"\d{1,2}[.:]?\s+(?=\S)")
_QUOTED_WORD = re.compile(r"[“\"‘'][^”\"’']+[”\"’']:")
_ALIKE = 0.9
_SHARED_WORD = 8


@dataclass(frozen=True)
class Heading:
    """An open section; `sure` when its level is more than a guess.

    A `grouped` one stood right under the heading of its group; others may follow it.
    """

    text: str
    level: int
    sure: bool
    numbered: bool = False
    minor: bool = False
    grouped: bool = False


@dataclass(frozen=True)
class _Entry:
    """The level of a name in a table of contents, which stands in a section of level `base`."""

    level: int
    base: int


def is_alike(one: str, other: str) -> bool:
    """Tell whether two headings are the same but for case and small errors."""
    one, other = one.casefold(), other.casefold()
    if one == other:
        return True
    if 2 * min(len(one), len(other)) < _ALIKE * (len(one) + len(other)):
        return False
    matcher = SequenceMatcher(None, one, other)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _is_pair(one: str, other: str) -> bool:
    """Tell whether two headings end in the same words but begin with others."""
    first, second = one.casefold().split(), other.casefold().split()
    same = len(first) > 1 and len(second) > 1 and first[-1] == second[-1]
    return same and first != second and len(first[-1]) >= _SHARED_WORD


def _letters(text: str) -> str:
    """Return only the letters and digits of a heading, to compare."""
    return "".join(char for char in text.casefold() if char.isalnum())


class Outline:
    """The open sections while a document is read from top to bottom.

    Made from all its `lines`, to know which headings come back.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._names = Counter(line.rstrip(" :").casefold() for line in lines)
        self._open: list[Heading] = []
        self._known: dict[str, _Entry] = {}
        self._last: dict[tuple[str, int], int] = {}
        self._paired = False

    @property
    def path(self) -> tuple[str, ...]:
        """The open sections, from the outermost."""
        return tuple(heading.text for heading in self._open)

    @property
    def sure_level(self) -> int:
        """The level of the innermost open section whose level is known; 0 without one."""
        return max((heading.level for heading in self._open if heading.sure), default=0)

    def learn(self, entries: tuple[tuple[str, int], ...], base: int) -> None:
        """Take over a table of contents: names and depths, from 1, under a level."""
        for text, depth in entries:
            self._known[text.casefold()] = _Entry(base + depth, base)

    def announce(self, names: Iterable[str]) -> None:
        """Take over names that a list announces, of sections right under the open one."""
        base = self._open[-1].level if self._open else 0
        entry = _Entry(base + 1, base)
        for name in names:
            self._known.setdefault(name.casefold(), entry)

    def open(self, text: str, number: int = 0, minor: bool = False, under: bool = False) -> None:
        """Start a section with this heading.

        Args:
            text: the heading as people read it, without its number.
            number: its number, 0 when it has none.
            minor: it stands lower than an ordinary heading: above one paragraph.
            under: it stands right under another heading, and may belong to it.

        """
        name = text.rstrip(" :")
        for depth, heading in enumerate(self._open):
            if heading.text == name or (not number and _letters(heading.text) == _letters(name)):
                del self._open[depth + 1 :]
                return
        level, sure = self._level(name, number, minor)
        grouped = False
        if not sure and self._open:
            level, grouped = self._place(name, level, minor, under)
        if number and level > 1:
            name = f"{number}. {name}"
        closed = [heading.text for heading in self._open if heading.level == level]
        self._open = [heading for heading in self._open if heading.level < level]
        numbered = bool(number or _WORD_NUMBER.match(name))
        self._open.append(Heading(name, level, sure, numbered, minor, grouped))
        self._known = {key: known for key, known in self._known.items() if known.base < level}
        self._paired = any(_is_pair(name, other) for other in closed)

    def return_to(self, words: Iterable[str]) -> None:
        """Close the sections inside the innermost that starts with one of these words."""
        starts = {word.casefold() for word in words if len(word) >= _SHARED_WORD}
        for depth in range(len(self._open) - 1, -1, -1):
            if self._open[depth].text.split()[0].casefold() in starts:
                del self._open[depth + 1 :]
                return

    def open_marked(self, text: str, level: int) -> None:
        """Start a section whose heading is marked as such, with its level."""
        name = text.rstrip(" :")
        if level == 1:
            name = _CHAPTER_NUMBER.sub("", name)
        self._open = [heading for heading in self._open if heading.level < level]
        self._open.append(Heading(name, level, sure=True))

    def open_at(self, text: str, level: int) -> None:
        """Start a section of which the level is known."""
        self._known[text.casefold()] = _Entry(level, level - 1)
        self.open(text)

    def _place(self, name: str, level: int, minor: bool, under: bool) -> tuple[int, bool]:
        """Return the level of a heading of which nothing tells it, and whether it is grouped."""
        last = self._open[-1]
        together = max((heading.level for heading in self._open if heading.grouped), default=0)
        if under:
            return last.level + 1, not (minor or last.minor)
        if self._is_part(name):
            return last.level + (0 if self._paired else 1), False
        if minor or together < level:
            return level, False
        return together, True

    def _level(self, name: str, number: int, minor: bool) -> tuple[int, bool]:
        """Return the level of a heading, and whether that is sure."""
        if name.casefold() in self._known:
            return self._known[name.casefold()].level, True
        for heading in self._open:
            if self._is_extended(heading.text, name):
                return heading.level + 1, False
        for known, entry in self._known.items():
            if is_alike(name, known) or name.casefold().startswith((f"{known} van ", f"{known}:")):
                return entry.level, True
        if number:
            return self._numbered("", number), True
        if match := _WORD_NUMBER.match(name):
            return self._numbered(match["word"], int(match["number"])), True
        if level := self._shared(name):
            return level, True
        if not minor and not self._comes_back(name):
            self._close_words()
        return self.sure_level + (2 if minor else 1), False

    def _shared(self, name: str) -> int:
        """Return the level of an open section that starts alike; 0 without.

        That is with the same long word, or as “Wie”: ... and “Waar”: ... do.
        """
        first = name.split()[0]
        for heading in self._open:
            same = heading.text.split()[0].rstrip(":") == first.rstrip(":")
            quoted = _QUOTED_WORD.match(name) and _QUOTED_WORD.match(heading.text)
            if quoted or (len(first) >= _SHARED_WORD and same and not heading.numbered):
                return heading.level
        return 0

    def _is_part(self, name: str) -> bool:
        """Tell whether a heading is one word that comes back, as "Voorbeelden": part of the last.

        A last one that itself comes back has no such parts. Of a pair such as "Voordelen van
        subsidie" and "Nadelen van subsidie" it is not a part but the next.
        """
        last = self._open[-1]
        single = " " not in name and " " in last.text and self._comes_back(name)
        return single and (last.sure or not self._comes_back(last.text))

    def _is_extended(self, text: str, name: str) -> bool:
        """Tell whether a heading is that of an open section with words before it."""
        longer = name.casefold().endswith(f" {text.casefold()}")
        return longer and len(text) >= _SHARED_WORD and not self._comes_back(text)

    def _comes_back(self, name: str) -> bool:
        """Tell whether a heading stands in several sections."""
        return self._names[name.casefold()] > 1

    def _close_words(self) -> None:
        """Close a section such as "Stap 3: ..."; only headings that come back stand in it."""
        for depth, heading in enumerate(self._open):
            if _WORD_NUMBER.match(heading.text):
                del self._open[depth:]
                return

    def _numbered(self, word: str, number: int) -> int:
        """Return the level of a numbered heading: of the numbering that it goes on with."""
        for (other, level), last in sorted(self._last.items(), reverse=True):
            if other == word and last + 1 == number:
                self._last = {k: n for k, n in self._last.items() if k[1] <= level}
                self._last[word, level] = number
                return level
        level = 1 if not self._open else self._open[-1].level + 1
        if number > 1 and not word and not self._last:
            level = 1
        self._last[word, level] = number
        return level


class Chapters:
    """The chapters that a document's own table of contents names.

    That table comes first; those of chapters, with a word such as INHOUD above them, follow.
    """

    def __init__(self, found: tuple[Contents, ...]) -> None:
        contents = [one for one in found if not one.menu]
        self._word = next((one.word for one in contents if one.word), "")
        named = len(contents) > 1 and not contents[0].word
        self._left = [name for name, depth in contents[0].entries if depth == 1] if named else []

    def begins(self, contents: Contents) -> bool:
        """Tell whether a table of contents is that of the next chapter."""
        return bool(self._word and contents.word == self._word and self._left)

    def lost(self, path: tuple[str, ...]) -> str:
        """Return the next chapter when its own heading was lost (a picture); else nothing.

        `path` is the section that a heading right above has just opened, if there is one.
        """
        headed = [
            n for n, name in enumerate(self._left) if len(path) == 1 and is_alike(name, path[0])
        ]
        if headed:
            self._left = self._left[headed[0] + 1 :]
            return ""
        return self._left.pop(0)
