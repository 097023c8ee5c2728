"""How an answer reads: whether it is Dutch, and how easy it is. Pure functions over text."""

import re
import unicodedata

# Measure of Flesch fitted to Dutch: W.H. Douma, De leesbaarheid van landbouwbladen,
# Landbouwhogeschool Wageningen, Bulletin 17 (1960). 60 to 70 is normal, below 30 very hard.
DOUMA_BASE, DOUMA_WORDS, DOUMA_SYLLABLES = 206.835, 0.93, 77.0

# Words that do most of the work in a sentence, of the languages that a local model strays
# into. A word that two of these languages share ("in", "is", "die", "was") tells nothing.
DUTCH = frozenset(
    "de het een en van dat niet te zijn op voor met als aan er maar om ook bij nog naar uit "
    "kan wordt worden heeft hebben deze dit zij hun door tot u uw je jij wij ons onze geen wel "
    "dan over onder tussen omdat waar hoe wie welke alle zoals zich kunnen moet moeten mag ze "
    "hij haar ik al of binnen tijdens vanuit".split()
)
FOREIGN = frozenset(
    "the and to that it for with on are this be as have from they you not can which will their "
    "there been has by what who your these "  # English
    "der das und ist den dem nicht ein eine mit auf für sich auch werden oder wird sind kann "
    "zum zur bei nach "  # German
    "le la les des est et dans pour que qui une sur avec pas par au aux sont".split()  # French
)
_SENTENCE = re.compile(r"(?<=[.!?…])\s+|\n+")
_LETTERS = re.compile(r"[^\W\d_]+")
_TOKEN = re.compile(r"\S+")
# One match is one syllable. A diaeresis opens a syllable of its own.
_VOWELS = re.compile(r"aai|ooi|oei|eeu|ieu|aa|ee|ie|oo|uu|oe|eu|ui|ei|ij|au|ou|[aeiouyäëïöü]")
_DIAERESIS = "\N{COMBINING DIAERESIS}"


def sentences(text: str) -> list[str]:
    """Return the sentences of a text; a line end closes one too, as in a list."""
    return [part for part in _SENTENCE.split(text) if _LETTERS.search(part)]


def plain_words(text: str) -> list[str]:
    """Return the words in lower case, without numbers and what is written with digits or @."""
    tokens = (t for t in _TOKEN.findall(text) if not re.search(r"[\d@]|://|www\.", t))
    return [word for token in tokens for word in _LETTERS.findall(token.casefold())]


def syllables(word: str) -> int:
    """Return the number of syllables of a Dutch word: its groups of vowels, at least one."""
    parts = unicodedata.normalize("NFD", word.casefold())
    kept = (c for c in parts if c == _DIAERESIS or not unicodedata.combining(c))
    return max(1, len(_VOWELS.findall(unicodedata.normalize("NFC", "".join(kept)))))


def readability(text: str) -> float | None:
    """Return the reading ease after Flesch and Douma; higher is easier, None without words."""
    lines = sentences(text)
    found = [word for line in lines for word in plain_words(line)]
    told = sum(1 for line in lines if plain_words(line))
    if not found:
        return None
    per_word = sum(map(syllables, found)) / len(found)
    return DOUMA_BASE - DOUMA_WORDS * len(found) / told - DOUMA_SYLLABLES * per_word


def dutch_share(text: str) -> float | None:
    """Return the share of the sentences that are Dutch, by their function words.

    A sentence with none of them (a name, an address) does not count, unless it is
    mostly in another script. None when no sentence counts.
    """
    judged = [dutch for line in sentences(text) if (dutch := _is_dutch(line)) is not None]
    return sum(judged) / len(judged) if judged else None


def _is_dutch(sentence: str) -> bool | None:
    letters = "".join(_LETTERS.findall(sentence))
    if sum("LATIN" in unicodedata.name(c, "") for c in letters) < len(letters) / 2:
        return False
    found = plain_words(sentence)
    dutch, foreign = sum(w in DUTCH for w in found), sum(w in FOREIGN for w in found)
    return dutch >= foreign if dutch or foreign else None
