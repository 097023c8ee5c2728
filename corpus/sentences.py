"""Dutch sentences, each with its place in the stored text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.mend import Mender

_END = re.compile(r"(?:\.{3}|[.!?…])[\"”’')\]]*\s+")
# After these a sentence goes on, also when a capital follows.
_IS_ABBREVIATION = re.compile(
    r"art|bijv|blz|bv|ca|cf|circa|dd|dhr|drs?|evt|fig|hfst|incl|ing|ir|jl|max|mevr|min|mr|mw|nl|nrs?"
    r"|chr|prot|p|pag|par|plm|prof|resp|st|tel|vgl|vlg|vs|zgn",
    re.IGNORECASE,
).fullmatch
# These also end sentences: then a capital follows.
_ENDINGS = frozenset(["enz", "etc", "e.d", "c.s"])
_DOTTED = re.compile(r"(?:[^\W\d_]\.)+[^\W\d_]$")
_ASIDE = re.compile(r"\([^()]{1,80}\)")
# A sentence may start with a small letter in "'s Avonds" and, after a whole word, in a name
# such as gro-up or e-learning.
_SMALL_START = re.compile(r"[’'‘][snt][ -](?=[A-Z])")
_SMALL_NAME = re.compile(r"[a-z]+(?:-[^\W_]|[A-Z0-9])")
_WHOLE_WORD = re.compile(r"[^\W\d_]{6,}")
_OPENERS = "\"“‘'([„"


@dataclass(frozen=True)
class Sentence:
    """A sentence for reading; `document_text.text[start:end]` is its verbatim quote."""

    text: str
    start: int
    end: int


def sentences(mender: Mender, start: int, end: int) -> tuple[Sentence, ...]:
    """Split a span of the stored text into sentences."""
    mended = mender.mend(start, end)
    found = []
    for left, right in split(mended.text):
        begin, stop = mended.span(left, right)
        found.append(Sentence(mended.text[left:right], begin, stop))
    return tuple(found)


def split(text: str) -> Iterator[tuple[int, int]]:
    """Yield the spans of the sentences in readable Dutch text, without the space between."""
    start = 0
    for match in _END.finditer(text):
        if _is_end(text, start, match):
            yield start, start + len(text[start : match.end()].rstrip())
            start = match.end()
    if text[start:].strip():
        yield start, len(text.rstrip())


def _is_end(text: str, start: int, match: re.Match[str]) -> bool:
    """Tell whether punctuation followed by a space ends the sentence that began at `start`."""
    if _ASIDE.match(text, match.end()):
        return False
    after = text[match.end() :].lstrip(_OPENERS)
    before = text[start : match.start()]
    word = re.split(r"[\s(\[/]", before)[-1].lstrip(_OPENERS)
    if not after or (after[0].islower() and not _starts_small(text, match.end(), word)):
        return False
    if not match.group().startswith("."):
        # A name such as GO! goes on.
        return not (match.group().startswith("!") and word.isupper() and len(word) <= 3)
    if not word or match.group().startswith("..."):
        return bool(before.strip())
    if word.casefold() in _ENDINGS:
        return after[0].isupper()
    if _IS_ABBREVIATION(word) or _DOTTED.match(word):
        return False
    if len(word) == 1 and word.isalpha():
        return False
    # A bare number or one word at the start announces the sentence.
    return before != word


def _starts_small(text: str, start: int, word: str) -> bool:
    """Tell whether a sentence that starts with a small letter can start after a word."""
    if _SMALL_START.match(text, start):
        return True
    return bool(_WHOLE_WORD.fullmatch(word) and _SMALL_NAME.match(text, start))
