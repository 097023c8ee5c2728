"""Dutch text for lexical search: one function cuts both the passages and the question."""

import re
import unicodedata
from functools import cache

import Stemmer

# Function words that carry no subject. Negations and verbs of duty or permission
# (niet, geen, zonder, moet, mag, kan) are left out of this list on purpose:
# without them a prohibition would be found as a permission.
STOP_WORDS = frozenset(
    """
    aan al als bij dan dat de deze die dit door een en er haar hem hen het hier hij hoe hun ik in
    is je jij jou jouw jullie maar me mee met mij mijn na naar nog nu of om onder ons onze ook op
    over s t te toch tot u uit uw van via voor waar wanneer want waren was wat we wel welk welke
    werd wie wij worden wordt ze zich zij zijn zo zou
    """.split()
)

_WORD = re.compile(r"[^\W_]+(?:[-’'.,/][^\W_]+)*")
_PARTS = re.compile(r"[-’'/]")


@cache
def _stemmer() -> "Stemmer.Stemmer":
    return Stemmer.Stemmer("dutch")


def fold(text: str) -> str:
    """Return the text in lower case, composed (NFKC) and without diacritics."""
    decomposed = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", text).casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Return the words of a text in order, in lower case, with their accents.

    Numbers, single letters and article names stay ("artikel", "5", "lid", "2");
    a hyphenated word is one word ("leidschenveen-ypenburg").
    """
    composed = unicodedata.normalize("NFC", text).casefold().replace("\u00ad", "")
    return [match.group() for match in _WORD.finditer(composed)]


def stem(word: str) -> str:
    """Return the Dutch stem of a word without its accents; numbers stay as they are."""
    plain = fold(word)
    return plain if any(c.isdigit() for c in plain) else str(_stemmer().stemWord(plain))


def tokens(text: str) -> list[str]:
    """Return the search terms of a text: stems of its words, without function words.

    A hyphenated word gives itself and its parts, so that "Ypenburg" finds
    "Leidschenveen-Ypenburg" and the whole name still counts for more.
    """
    terms = []
    for word in words(text):
        if word in STOP_WORDS:
            continue
        terms.append(stem(word))
        parts = [part for part in _PARTS.split(word) if part]
        if len(parts) > 1:
            terms.extend(stem(part) for part in parts if part not in STOP_WORDS)
    return terms
