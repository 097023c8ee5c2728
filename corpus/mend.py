"""From a span of the stored text to text that a person can read, with an exact map back.

What a reader sees for each stored character is worked out once for the whole document, so
that a part of a span always mends to that part of the mended span.
"""

import html
import re
import unicodedata
from dataclasses import dataclass
from itertools import pairwise

from corpus.broken import broken_addresses, broken_words, wraps_at_spaces

_BLOCK_TAGS = "p|ul|ol|li|br|div|table|thead|tbody|tr|td|th|h[1-6]"
_INLINE_TAGS = "i|b|u|em|strong|span|a|sup|sub|small|mark"
BULLETS = "•▪◦‣●■□\ue000-\uf8ff"
_RULES = re.compile(
    rf"""
      (?P<space></?(?:{_BLOCK_TAGS})\b[^<>]*>)             # tags that part words
    | (?P<drop></?(?:{_INLINE_TAGS})\b[^<>]*>              # tags that do not
        | \*\*
        | (?<![\s\d])\*(?!\*) | \*(?=[^\s\d*])             # emphasis, but not 3 * 4
        | \[(?=[^\[\]\n]*\]\()                             # [text](address) is text
        | (?<=[^\s\[])\]\((?:[^()\s\\]|\\.|\([^()\s]*\))*\)
        | \\(?=[^\w\s])                                    # \( is (
        | <(?=https?://[^<>\s]+>) | (?<=[\w/=&%-])>(?=[\s.,;:)]|$)
        | [\u00ad\u200b\u2060\ufeff]                       # soft hyphens, zero width
        | (?<=[^\s\d])[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[\u207e)]*(?<!m[\u00b2\u00b3])
        | (?<=\d)[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+\u207e
        | (?<=\s)[\u00b9\u00b2\u00b3\u2070\u2074-\u2079]+[\u207e)]*(?=\s*[.,;:]))
    | (?P<bullet>[•▪◦‣●■□\ue000-\uf8ff])
    | (?P<cell>(?<=[^\s.•▪◦‣●■□\ue000-\uf8ff])[ ]*\t[ ]*(?=[^\s<]))
    | (?P<entity>&(?:[a-zA-Z][a-zA-Z0-9]{{1,30}}|\#\d{{1,7}}|\#x[0-9a-fA-F]{{1,6}});)
    """,
    re.VERBOSE,
)
# Emphasis right between a colon and a word, without a space.
_PARTS_WORDS = re.compile(r"[:;]\*\*(?=[^\W_])")
_ITEM_O = re.compile(r"(?:(?<=\n)|^)[ \t]*o(?=[ \t])")
_TIGHT = re.compile(r"\s+([.,;:!?](?=\s|<|$)|[)\]])")
CELL = " | "
_NOTHING = "\0"
_SPECIAL = "\1"
_WORD_AND_GAP = re.compile(r"(?P<gap>[ \0]*)(?P<word>[^ \0]+)")
_PIPE = re.compile(r"(?<!\\)\|")
_PIPE_ROW = re.compile(r"^[ \t]*\|.*(?<!\\)\|[ \t\r]*$", re.MULTILINE)
_PIPE_RULE = re.compile(r"[ \t|:-]*-[ \t|:-]*")


@dataclass(frozen=True)
class Mended:
    """Readable text; `offsets[i]` is where its character i stands in the stored text."""

    text: str
    offsets: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the stored span of a part of the readable text, which may not be empty."""
        return self.offsets[start], self.offsets[end - 1] + 1


class Mender:
    """Mends spans of one document.

    `wraps_at_spaces` tells that wrapped lines end in a space: a line that does not, and
    breaks no word, is the last of its paragraph.
    """

    def __init__(self, text: str) -> None:
        self.wraps_at_spaces = wraps_at_spaces(text)
        self._left_out = frozenset(broken_words(text)) | frozenset(broken_addresses(text))
        self._shown = _shown(text)
        for offset in self._left_out:
            self._shown[offset] = ""
        self._line = "".join(map(_drawn, self._shown))

    def is_left_out(self, offset: int) -> bool:
        """Tell whether a character stands inside a broken word or address."""
        return offset in self._left_out

    def is_seen(self, offset: int) -> bool:
        """Tell whether a reader sees something for a character: not for space and markup."""
        return self._shown[offset].strip() != ""

    def mend(self, start: int, end: int) -> Mended:
        """Make a span of the stored text readable."""
        if _SPECIAL not in (drawn := self._line[start:end]):
            return _joined(drawn, start)
        chars: list[str] = []
        offsets: list[int] = []
        for offset in range(start, end):
            for char in self._shown[offset]:
                if char.isspace():
                    if not chars or chars[-1] == " ":
                        continue
                    char = " "
                elif chars and unicodedata.combining(char):
                    composed = unicodedata.normalize("NFC", chars[-1] + char)
                    if len(composed) == 1:
                        chars[-1] = composed
                        offsets[-1] = offset
                        continue
                chars.append(char)
                offsets.append(offset)
        return _tightened("".join(chars), offsets)


def _drawn(shown: str) -> str:
    """Return one character for what is shown: itself, a space, nothing or something special."""
    if not shown:
        return _NOTHING
    if len(shown) > 1 or shown in {_SPECIAL, _NOTHING} or unicodedata.combining(shown):
        return _SPECIAL
    return " " if shown.isspace() else shown


def _joined(drawn: str, start: int) -> Mended:
    """Make readable what holds nothing special, word by word."""
    parts: list[str] = []
    offsets: list[int] = []
    for match in _WORD_AND_GAP.finditer(drawn):
        gap = match.group("gap")
        if parts and " " in gap:
            parts.append(" ")
            offsets.append(start + match.start() + gap.index(" "))
        parts.append(match.group("word"))
        offsets.extend(range(start + match.start("word"), start + match.end()))
    return _tightened("".join(parts), offsets)


def _shown(text: str) -> list[str]:
    """Return what a reader sees for each stored character: itself, nothing, or what it means.

    What stands in the place of markup is put at the markup's last character.
    """
    shown = list(text)
    for match in _RULES.finditer(text):
        shown[match.start() : match.end()] = [""] * (match.end() - match.start())
        shown[match.end() - 1] = _meaning(match)
    for mark in _ITEM_O.finditer(text):
        shown[mark.end() - 1] = ""
    for row in _PIPE_ROW.finditer(text):
        _show_cells(row, shown)
    return shown


def _show_cells(row: re.Match[str], shown: list[str]) -> None:
    """Show the pipes of a table row between filled cells only, and nothing of a rule."""
    if _PIPE_RULE.fullmatch(row.group().rstrip("\r")):
        shown[row.start() : row.end()] = [""] * len(row.group())
        return
    pipes = [row.start() + pipe.start() for pipe in _PIPE.finditer(row.group())]
    filled = [
        any(char.strip() for char in shown[left + 1 : right]) for left, right in pairwise(pipes)
    ]
    for i, pipe in enumerate(pipes):
        shown[pipe] = CELL if any(filled[:i]) and any(filled[i : i + 1]) else ""


def is_pipe_row(line: str) -> bool:
    """Tell whether a line is a row of a table with pipes around its cells."""
    return _PIPE_ROW.fullmatch(line) is not None


def _meaning(match: re.Match[str]) -> str:
    """Return what a reader sees in the place of markup."""
    if match.lastgroup in {"space", "bullet"} or (
        match.group() == "**" and _PARTS_WORDS.match(match.string, match.start() - 1)
    ):
        return " "
    if match.lastgroup == "cell":
        return CELL
    if match.lastgroup == "entity":
        return html.unescape(match.group())
    return ""


def _tightened(text: str, offsets: list[int]) -> Mended:
    """Take white space from the ends and from before punctuation."""
    start = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    kept = bytearray(b"\1") * end
    for match in _TIGHT.finditer(text):
        if not text.startswith("...", match.start(1)):
            kept[match.start() : match.start(1)] = bytes(match.start(1) - match.start())
    if start == 0 and len(kept) == end and 0 not in kept:
        return Mended(text[:end], tuple(offsets[:end]))
    places = [i for i in range(start, end) if kept[i]]
    return Mended("".join(text[i] for i in places), tuple(offsets[i] for i in places))
