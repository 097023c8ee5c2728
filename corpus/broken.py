"""Words and web addresses that were broken: what to leave out to read them whole."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise

_BREAK = re.compile(
    r"(?<![./@\w])(?P<left>[^\W\d_]+)(?P<hyphen>-?)(?P<gap>[ \t]*\r?\n\s*)(?P<right>[^\W\d_]+)"
)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
# On one line: two words with a space between, and words with hyphens, but no address.
_BESIDE = re.compile(r"(?<![\w./@-])(?P<left>[^\W\d_]{2,}) (?=(?P<right>[^\W\d_]+)(?![\w@-]))")
_HYPHENATED = re.compile(r"(?<![\w./@:-])[^\W\d_]+(?:-[^\W\d_]+)+(?![\w/@-]|\.\w)")
# A hyphen that was left where a line once ended: the word stands whole so many times, and
# so many times as often as with the hyphen. Short parts, as in "plus-groep", were put
# together on purpose.
_WHOLE = 3
_MORE_OFTEN = 3
_LONG_PART = 5
_ADDRESS = re.compile(r"https?://[^\s<>]+")


def broken_words(text: str) -> Iterator[int]:
    """Yield the offsets to leave out where a word is broken, over lines or in one."""
    words = Counter(word.casefold() for word in _WORD.findall(text))
    yield from _spaces_in_words(text, words)
    yield from _hyphens_in_words(text, words)
    yield from _breaks_in_words(text, words)


def _spaces_in_words(text: str, words: Counter[str]) -> Iterator[int]:
    """Yield the spaces in words that stand whole elsewhere, and of which no part does."""
    places: dict[str, list[re.Match[str]]] = {}
    for match in _BESIDE.finditer(text):
        left, right = match["left"].casefold(), match["right"]
        if right.islower() and words[left] == words[right] and words[left + right]:
            places.setdefault(f"{left} {right}", []).append(match)
    for found in places.values():
        if len(found) == words[found[0]["right"]]:
            yield from (match.end("left") for match in found)


def _hyphens_in_words(text: str, words: Counter[str]) -> Iterator[int]:
    """Yield the hyphens on a line in words that are nearly always written without."""
    for match in _HYPHENATED.finditer(text):
        at = match.start()
        for left, right in pairwise(match.group().split("-")):
            at += len(left)
            whole = words[(left + right).casefold()]
            least = max(_WHOLE, _MORE_OFTEN * words[f"{left}-{right}".casefold()])
            long = min(len(left), len(right)) >= _LONG_PART
            if long and whole >= least and left[1:].islower() and right.islower():
                yield at
            at += 1


def _breaks_in_words(text: str, words: Counter[str]) -> Iterator[int]:
    """Yield the ends of lines that a word goes on after, with its hyphen."""
    spaced = wraps_at_spaces(text)
    at = 0
    while match := _BREAK.search(text, at):
        at = match.start("right")
        left, right = match.group("left"), match.group("right")
        gap = range(match.start("gap"), match.end("gap"))
        if match.group("hyphen"):
            if right in {"en", "of"} or not _may_go_on(words, match):
                continue
            yield from gap
            if right[0].islower() and not left.isupper() and _is_one_word(words, left, right):
                yield match.start("hyphen")
        elif match.group("gap") in {"\n", "\r\n"} and left[-1].islower() and right[0].islower():
            joined = (left + right).casefold()
            unknown = words[joined] > 0 and words[right.casefold()] <= 1
            if unknown or spaced:
                yield from gap


def _may_go_on(words: Counter[str], match: re.Match[str]) -> bool:
    """Tell whether a word can go on after a hyphen: over a blank line a capital must be known."""
    left, right = match.group("left"), match.group("right")
    blank_line = match.group("gap").count("\n") > 1
    return not blank_line or right[0].islower() or words[f"{left}-{right}".casefold()] > 0


def _is_one_word(words: Counter[str], left: str, right: str) -> bool:
    """Tell whether a word broken at a hyphen is written without it elsewhere."""
    with_hyphen = words[f"{left}-{right}".casefold()]
    return words[(left + right).casefold()] > with_hyphen


def wraps_at_spaces(text: str) -> bool:
    """Tell whether lines are wrapped at spaces, which then end the line.

    In such a text a line that ends in a letter, and goes on with a small letter, breaks a
    word. Nine in ten is a clear habit; fewer than fifty wrapped lines show none.
    """
    wraps = re.findall(r"[^\W\d_]( *)\r?\n(?=[a-z])", text)
    return len(wraps) >= 50 and sum(map(bool, wraps)) >= 0.9 * len(wraps)


def broken_addresses(text: str) -> Iterator[int]:
    """Yield the white space inside web addresses that stand whole elsewhere in the text."""
    whole = sorted({m.group() for m in _ADDRESS.finditer(text)}, key=len, reverse=True)
    for match in _ADDRESS.finditer(text):
        for address in whole:
            if len(address) > len(match.group()) and address.startswith(match.group()):
                gaps = _gaps(text, match.start(), address)
                if gaps:
                    yield from gaps
                    break


def _gaps(text: str, start: int, address: str) -> list[int]:
    """Return the white space to skip to read an address from a place, or nothing."""
    gaps: list[int] = []
    at = start
    for char in address:
        while at < len(text) and text[at].isspace():
            gaps.append(at)
            at += 1
        if at >= len(text) or text[at] != char:
            return []
        at += 1
    return gaps
