"""What is asked: is it a question we can take, about which wijk, and about what."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from assistant.answer_model import Turn
from assistant.areas import everywhere
from assistant.areas import hague_areas as hague_areas
from assistant.areas import named_areas as named_areas
from assistant.focus import gist, parts
from assistant.follow_up import Thread, follow
from assistant.wording import is_courtesy
from corpus.errors import QuestionEmpty, QuestionNotDutch, QuestionTooLong
from index.text import STOP_WORDS, words

# About a page: nobody asks more in one question, and the embedder reads 512 tokens.
MAX_QUESTION_CHARS = 2000

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
    r"|verwijs|doorverwijs|verwijzen|doorverwijzen|doorsturen|naartoe|heen|aanspreekpunt|hebben)\b"
    r"|\bhoe (bereik|bel|mail)\b|\bhoe (kan|kun|kom|neem)\b.{0,40}\b(bereiken|contact)\b",
    re.IGNORECASE,
)
# A conversation is followed back this many questions at most.
MAX_TURNS = 40


@dataclass(frozen=True)
class Question:
    """A question as it will be searched.

    `search` is the text made whole from the conversation; `areas` are wijken
    that documents cover and that the question is about; `uncovered` is a
    Haagse wijk or stadsdeel that is named and that no document covers;
    `contact` is whether somebody is looked for to turn to; `places` are the
    words of `search` (see index.text.words) that name `areas`; `parts` are the
    questions in it, each readable by itself: one (`search`) or two.
    """

    text: str
    search: str
    areas: frozenset[str]
    uncovered: str
    misuse: bool
    contact: bool
    places: frozenset[str]
    parts: tuple[str, ...]


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
    places = everywhere(covered)
    asked = gist(text, places)
    before = thread(history, places)
    whole = follow(before, asked, places).asked[:MAX_QUESTION_CHARS]
    areas = named_areas(whole, covered)
    uncovered = "" if areas else next(iter(sorted(named_areas(whole, hague_areas()))), "")
    if not areas and not uncovered and chosen in covered:
        areas = frozenset([chosen])
    contact = any(_CONTACT.search(said) for said in (whole, text))
    naming = frozenset(word for word in words(whole) if named_areas(word, areas))
    asked_parts = parts(asked, places, before)
    asked_parts = asked_parts if len(asked_parts) > 1 else (whole,)
    return Question(text, whole, areas, uncovered, misuse, contact, naming, asked_parts)


def is_foreign(text: str) -> bool:
    """Tell whether a text is in another language: by script, else by its function words."""
    letters = [c for c in text if c.isalpha()]
    if sum(ord(c) > 0x24F for c in letters) > len(letters) / 2:
        return True
    used = words(text)
    dutch = sum(w in STOP_WORDS for w in used)
    most = max(sum(w in foreign.split() for w in used) for foreign in _FOREIGN.values())
    return most >= 2 and most > dutch


def thread(history: Sequence[Turn], areas: Sequence[str]) -> Thread | None:
    """Return what a conversation is about so far; None when nothing was asked yet."""
    current: Thread | None = None
    for turn in history[-2 * MAX_TURNS :]:
        said = " ".join(turn.content.split())[:MAX_QUESTION_CHARS]
        if turn.role == "assistant":
            current = replace(current, answer=said) if current else None
        elif words(said) and not (is_courtesy(said) or _MISUSE.search(said)):
            current = follow(current, gist(said, areas), areas)
    return current
