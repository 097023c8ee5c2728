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

_WORD_NUMBER = re.compile(r"(?P<word>[A-Z][a-z]+) (?P<number>\d{1,2}): ")
_ALIKE = 0.9
_SHARED_WORD = 8


@dataclass(frozen=True)
class Heading:
    """An open section; `sure` when its level is more than a guess."""

    text: str
    level: int
    sure: bool
    numbered: bool = False


@dataclass(frozen=True)
class _Entry:
    """The level of a name in a table of contents, which stands in a section of level `base`."""

    level: int
    base: int


def is_alike(one: str, other: str) -> bool:
    """Tell whether two headings are the same but for case and small errors."""
    one, other = one.casefold(), other.casefold()
    return one == other or SequenceMatcher(None, one, other).ratio() >= _ALIKE


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

    def open(self, text: str, number: int = 0, minor: bool = False, under: bool = False) -> None:
        """Start a section with this heading.

        Args:
            text: the heading as people read it, without its number.
            number: its number, 0 when it has none.
            minor: it stands lower than an ordinary heading: above one paragraph.
            under: it stands right under a minor heading, and belongs to it.

        """
        name = text.rstrip(" :")
        for depth, heading in enumerate(self._open):
            if heading.text == name or (not number and _letters(heading.text) == _letters(name)):
                del self._open[depth + 1 :]
                return
        level, sure = self._level(name, number, minor)
        if not sure and self._open and (under or self._is_part(name)):
            level = self._open[-1].level + 1
        if number and level > 1:
            name = f"{number}. {name}"
        self._open = [heading for heading in self._open if heading.level < level]
        self._open.append(Heading(name, level, sure, bool(number or _WORD_NUMBER.match(name))))
        self._known = {key: known for key, known in self._known.items() if known.base < level}

    def open_at(self, text: str, level: int) -> None:
        """Start a section of which the level is known."""
        self._known[text.casefold()] = _Entry(level, level - 1)
        self.open(text)

    def _level(self, name: str, number: int, minor: bool) -> tuple[int, bool]:
        """Return the level of a heading, and whether that is sure."""
        if name.casefold() in self._known:
            return self._known[name.casefold()].level, True
        for known, entry in self._known.items():
            if is_alike(name, known) or name.casefold().startswith((f"{known} van ", f"{known}:")):
                return entry.level, True
        if number:
            return self._numbered("", number), True
        if match := _WORD_NUMBER.match(name):
            return self._numbered(match["word"], int(match["number"])), True
        first = name.split()[0]
        for heading in self._open:
            shared = heading.text.split()[0].rstrip(":") == first.rstrip(":")
            if len(first) >= _SHARED_WORD and shared and not heading.numbered:
                return heading.level, True
        if not minor and not self._comes_back(name):
            self._close_words()
        return self.sure_level + (2 if minor else 1), False

    def _is_part(self, name: str) -> bool:
        """Tell whether a heading is one word that comes back, as "Voorbeelden": part of the last."""
        return " " not in name and " " in self._open[-1].text and self._comes_back(name)

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
