"""What an answer names at its start, for a follow-up that points to it."""

import re

from assistant.areas import hague_areas
from assistant.wording import COMMON_VERBS, PERSONAL, PREPOSITIONS, QUESTION_WORDS, content, plain
from index.text import STOP_WORDS

# An answer introduces what it is about at its start.
START = 300
MAX_NAME_WORDS = 6
# Dutch compounds of this length say by themselves what they are; "een kind" does not.
TELLING_LETTERS = 10
_NAME = re.compile(
    r"(?:\b(?:stichting|centrum|bureau|praktijk|gemeente|vereniging|team|\w*organisatie) )?"
    r"\b[A-Z][\w’'+-]+(?: (?:(?:van|voor|en|de|het|der|den) )*[A-Z][\w’'+-]+)*"
)
_AFTER_EEN = re.compile(r"\been (?=\w)", re.IGNORECASE)
_ENDS = STOP_WORDS | COMMON_VERBS | PREPOSITIONS | PERSONAL | QUESTION_WORDS


def first_name(answer: str) -> str:
    """Return the organisation that an answer names first, or nothing.

    A capital at the start of a sentence makes no name, unless a colon follows
    ("JGZ: ...", as quotes are labelled) or more capitals do.
    """
    start = answer[:START]
    for match in _NAME.finditer(start):
        name = re.sub(r"^(?:De|Het|Een|Dat|Die|Ja|Nee),? (?=\w)", "", match.group())
        before = start[: match.start()].rstrip()
        begins = not before or before[-1] in ".!?"
        capitals = sum(c.isupper() for c in name)
        is_name = not begins or capitals > 1 or start[match.end() :].startswith(":")
        if is_name and len(name.split()) <= MAX_NAME_WORDS and content(name, hague_areas()):
            return name
    return ""


def first_thing(answer: str) -> str:
    """Return the first thing that an answer introduces with "een", or nothing."""
    start = answer[:START]
    for match in _AFTER_EEN.finditer(start):
        named: list[str] = []
        for word in start[match.end() :].split():
            if plain(word) in _ENDS:
                break
            named.append(word)
            # An adjective may have a comma after it: "een interactieve, digitale kaart".
            if word[-1] in ".;:!?)" or (word[-1] == "," and not word.endswith("e,")):
                break
        name = " ".join(named).strip(".,;:!?()")
        is_telling = any(len(plain(word)) >= TELLING_LETTERS for word in named)
        if is_telling and len(named) <= MAX_NAME_WORDS:
            return f"een {name}"
    return ""
