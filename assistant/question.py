"""What is asked: is it a question we can take, about which wijk, and about what."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path

from assistant.answer_model import Turn
from corpus.errors import QuestionEmpty, QuestionNotDutch, QuestionTooLong
from index.text import STOP_WORDS, fold, words

# About a page: nobody asks more in one question, and the embedder reads 512 tokens.
MAX_QUESTION_CHARS = 2000
# A slip of one letter in a name of eight letters gives 0.88, of two in twelve 0.83.
NAME_LIKENESS = 0.83
# Shorter names have everyday words a letter away (Laak, raak).
MIN_NAME = 6
# A follow-up of more content words than this stands on its own.
FOLLOW_UP_WORDS = 4

# Function words that Dutch does not have, by language.
_FOREIGN = {
    "en": "the and what who how where when which should does can my is are for with of you this",
    "de": "der das ist und wie wer wo wann welche ich für mit nicht ein eine kann mein sind dem",
    "fr": "le la les est et qui que quoi comment où quand pour avec une des dois je mon dans sont",
    "es": "el la los es y quién qué cómo dónde cuándo para con una mi puedo hay son del por",
    "tr": "bir ve ne kim nasıl nerede için ile mi mı benim çocuğum var yok ben bu kimi",
    "pl": "jest i co kto jak gdzie kiedy dla z nie mój moje czy się do na to są",
}
_MISUSE = re.compile(
    r"\b(negeer|vergeet|omzeil|ignore|disregard|forget)\b.{0,60}"
    r"\b(instructies?|regels|opdrachten|prompt|instructions?|rules|hierboven|hiervoor|above)\b"
    r"|\b(systeem|system)[ -]?(prompt|instructies?|bericht|message)"
    r"|\bdoe (even )?(als)?of (je|jij|u)\b|\bje bent (nu|vanaf nu)\b|\byou are now\b"
    r"|\b(jailbreak|developer mode|DAN-modus)\b"
    r"|\b(laat|toon|geef|print|herhaal)\b.{0,40}\b(jouw|je|uw) (eigen )?(prompt|instructies)",
    re.IGNORECASE | re.DOTALL,
)
_CONTACT = re.compile(
    r"\b(wie|waar|welke? (organisatie|instantie|partij|partner|team|instelling)\w*)\b.{0,60}"
    r"\b(bel|bellen|help|helpt|helpen|terecht|contact|benader|benaderen|inschakelen|aankloppen"
    r"|verwijs|doorverwijs|verwijzen|doorverwijzen|doorsturen|naartoe|heen|aanspreekpunt|hebben)\b",
    re.IGNORECASE,
)
_BACKWARD = frozenset(
    "dat die dit deze daar daarvan daarvoor daarmee daarbij hij zij ze hun zo".split()
)
_OPENING = re.compile(r"^(en|of|maar|dus|ook)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Question:
    """A question as it will be searched.

    `search` is the text made whole from the conversation; `areas` are wijken
    that documents cover and that the question is about; `uncovered` is a
    Haagse wijk or stadsdeel that is named and that no document covers;
    `contact` is whether somebody is looked for to turn to; `places` are the
    words of `search` (see index.text.words) that name `areas`.
    """

    text: str
    search: str
    areas: frozenset[str]
    uncovered: str
    misuse: bool
    contact: bool
    places: frozenset[str]


def understand(
    text: str, history: Sequence[Turn], covered: Iterable[str], chosen: str | None
) -> Question:
    """Return what is asked.

    Args:
        text: as typed.
        history: the turns before it, oldest first.
        covered: names of areas that have a document of their own.
        chosen: the area picked beside the chat; a name in the question wins over it.

    Raises:
        QuestionEmpty: no letter or digit in it.
        QuestionTooLong: over MAX_QUESTION_CHARS.
        QuestionNotDutch: written in another language.
    """
    text = " ".join(text.split())
    if not words(text):
        raise QuestionEmpty()
    if len(text) > MAX_QUESTION_CHARS:
        raise QuestionTooLong(length=len(text), limit=MAX_QUESTION_CHARS)
    misuse = _MISUSE.search(text) is not None
    if not misuse and is_foreign(text):
        raise QuestionNotDutch()
    covered = tuple(covered)
    whole = make_whole(text, history, covered)
    areas = named_areas(whole, covered)
    uncovered = "" if areas else next(iter(sorted(named_areas(whole, hague_areas()))), "")
    if not areas and not uncovered and chosen in covered:
        areas = frozenset([chosen])
    contact = _CONTACT.search(whole) is not None
    places = frozenset(word for word in words(whole) if named_areas(word, areas))
    return Question(text, whole, areas, uncovered, misuse, contact, places)


def is_foreign(text: str) -> bool:
    """Tell whether a text is in another language: by script, else by its function words."""
    letters = [c for c in text if c.isalpha()]
    if sum(ord(c) > 0x24F for c in letters) > len(letters) / 2:
        return True
    used = words(text)
    dutch = sum(w in STOP_WORDS for w in used)
    most = max(sum(w in foreign.split() for w in used) for foreign in _FOREIGN.values())
    return most >= 2 and most > dutch


def make_whole(text: str, history: Sequence[Turn], areas: Sequence[str]) -> str:
    """Return the question with what it leaves unsaid, taken from the questions before it.

    A wijk named in the follow-up replaces the one that was asked about.
    """
    whole = ""
    for asked in [*(turn.content for turn in history if turn.role == "user"), text]:
        asked = " ".join(asked.split())[:MAX_QUESTION_CHARS]
        if whole and is_follow_up(asked, areas):
            before = _without_areas(whole, areas) if named_areas(asked, areas) else whole
            whole = f"{before} {asked}"[-MAX_QUESTION_CHARS:]
        else:
            whole = asked
    return whole


def is_follow_up(text: str, areas: Sequence[str]) -> bool:
    """Tell whether a question leans on the one before it."""
    used = words(text)
    names = {fold(part) for area in areas for part in words(area)}
    content = [w for w in used if w not in STOP_WORDS and fold(w) not in names]
    if len(content) > FOLLOW_UP_WORDS:
        return False
    return bool(_OPENING.match(text)) or not content or bool(_BACKWARD.intersection(used))


def named_areas(text: str, areas: Iterable[str]) -> frozenset[str]:
    """Return the areas that a text names, also misspelt ("Leijenburg", "iepenburg")."""
    areas = tuple(areas)
    known = _known(areas)
    spoken = [_corrected(_sound(word), known) for word in _parts(text)]
    return frozenset(area for area in areas if _is_named(area, spoken))


@cache
def _known(areas: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_sound(word) for area in (*areas, *hague_areas()) for word in _parts(area))


def _parts(text: str) -> list[str]:
    return [part for word in words(text) for part in word.split("-") if part]


def _is_named(area: str, spoken: list[str]) -> bool:
    # One half of a double name is enough: "Rustenburg" names Rustenburg-Oostbroek.
    for name in area.split("-"):
        wanted = [_sound(word) for word in words(name)]
        size = len(wanted)
        if any(spoken[n : n + size] == wanted for n in range(len(spoken) - size + 1)):
            return True
    return False


@lru_cache(maxsize=10_000)
def _corrected(word: str, known: frozenset[str]) -> str:
    """Return the name that a word is a slip of, or the word itself."""
    if word in known or len(word) < MIN_NAME:
        return word
    likeness, name = max(
        (SequenceMatcher(None, name, word).ratio(), name) for name in known if len(name) >= MIN_NAME
    )
    return name if likeness >= NAME_LIKENESS else word


def _sound(word: str) -> str:
    """Return a word with the ways to write one Dutch sound made equal (ij, ei, ey, ie at the start)."""
    plain = re.sub(r"^ie", "y", fold(word))
    return re.sub(r"eij|ij|ei|ey", "y", plain)


def _without_areas(text: str, areas: Sequence[str]) -> str:
    return " ".join(word for word in text.split() if not named_areas(word, areas))


@cache
def hague_areas() -> tuple[str, ...]:
    """Return the stadsdelen and wijken of Den Haag, covered by a document or not."""
    with Path(__file__).with_name("wijken.toml").open("rb") as file:
        stadsdelen = tomllib.load(file)
    return tuple([*stadsdelen, *(wijk for wijken in stadsdelen.values() for wijk in wijken)])
