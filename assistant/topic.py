"""What a question is about, cut from how it asks."""

import re

from assistant.wording import (
    COMMON_VERBS,
    FILLERS,
    PERSONAL,
    PREPOSITIONS,
    QUESTION_WORDS,
    SUBORDINATE,
    asks,
    bare,
    content,
    plain,
)

MAX_TOPIC_WORDS = 9
MAX_NAME_WORDS = 3
_ASKING = "|".join(sorted(QUESTION_WORDS))
# "mijn peuter praat niet, wie bel ik": the question comes after what it is about.
_PREFIX = re.compile(
    rf"^(?P<about>.*?\w)(?P<mark>[,:;.?!])\s+(?:en |dus |maar )?(?:\w+ )?(?:{_ASKING}|mag|moet|kan)\b",
    re.IGNORECASE,
)
_THING = re.compile(
    r"^(?:wat|wie|hoe|wanneer|waarom|hoeveel|hoe lang|waar) (?:(?:is|zijn|was|doet|doen|betekent|betekenen|heet|heten"
    r"|kost|kosten|betaalt|betalen|regelt|regelen|vergoedt|vergoeden|organiseert|duurt|werkt|werken)"
    r"|(?:bedoelen|verstaan) (?:ze|we|jullie) (?:met|onder)|wordt bedoeld met) (?P<thing>.+)$"
    r"|^(?:ik|wij|we) (?:zoek|zoeken) (?P<sought>.+)$"
    r"|^wat houdt (?P<held>.+) in$|^waar staa[tn]? (?P<short>.+) voor$",
    re.IGNORECASE,
)
_LEADING = frozenset("bij met over van voor aan tegen er daar".split())
# After these comes what it is about; after others without "ik" may come who does something.
_LIGHT = frozenset("is zijn helpt helpen geldt gelden bestaat bestaan weet vind".split())


def prefix(question: str) -> str:
    """Return what a question says before it asks, with its mark ("LEA:"), or nothing."""
    found = _PREFIX.search(question)
    if not found or asks(found["about"].split()) or not content(found["about"]):
        return ""
    return found["about"] + (found["mark"] if found["mark"] in ":," else ",")


def thing(question: str) -> str:
    """Return the one thing a question asks about ("een peuterconsulent"), or nothing."""
    asked = bare(question)
    found = _THING.search(asked)
    if not found:
        # Only what it is about, as one types in a search box.
        is_named = len(asked.split()) <= MAX_NAME_WORDS and _is_noun_phrase(asked)
        return asked if is_named and asked[:1].isalnum() else ""
    name = next(group for group in found.groups() if group)
    first = plain(name.split()[0])
    if first in _LEADING | PREPOSITIONS or not _is_noun_phrase(name):
        return ""
    return str(name)


def topic(question: str) -> str:
    """Return how another question about the same begins ("Over logopedie in Ypenburg:").

    Nothing when the question cannot be cut without guessing at its verbs.
    """
    said = prefix(question)
    if said:
        return said
    about = thing(question) or _rest(bare(question))
    return f"Over {about}:" if about else ""


def _rest(question: str) -> str:
    """Return what is left of a question without "wie helpt bij" or "waar kan ik"."""
    typed = question.split()
    if not asks(typed[:1]) or plain(typed[0]) in {"welk", "welke", "hoeveel", "hoe"}:
        return ""
    if len(typed) < 3 or plain(typed[1]) not in COMMON_VERBS:
        return ""
    if plain(typed[1]) not in _LIGHT and plain(typed[2]) not in PERSONAL:
        return ""
    rest = typed[2:]
    skipped = _LEADING | PERSONAL | FILLERS
    while rest and plain(rest[0]) in skipped:
        rest = rest[1:]
    while rest and plain(rest[-1]) in COMMON_VERBS | FILLERS:
        rest = rest[:-1]
    about = " ".join(rest)
    if not about or plain(rest[0]) in PREPOSITIONS:
        return ""
    return about if _is_noun_phrase(about) else ""


def _is_noun_phrase(text: str) -> bool:
    """Tell whether words can follow "Over": no clause, no verb that is known, not long."""
    used = {plain(word) for word in text.split()}
    clause = PERSONAL | SUBORDINATE | QUESTION_WORDS | COMMON_VERBS | {"dat", "die"}
    if used & clause or any(mark in text for mark in ",:;?"):
        return False
    return len(text.split()) <= MAX_TOPIC_WORDS and bool(content(text))
