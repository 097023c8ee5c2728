"""Words of Dutch questions: which ask, which fill, which point back, and which say what about."""

import re
from collections.abc import Sequence
from functools import cache

from index.text import STOP_WORDS, fold, words

QUESTION_WORDS = frozenset(
    "wie wat waar wanneer waarom hoe welk welke hoeveel hoelang waarvoor waarmee waarop waaraan"
    " waarbij waarin waartoe waarvan waardoor waarheen hoezo".split()
)
# Verbs that most questions could have: they do not say what one is about.
COMMON_VERBS = frozenset(
    """
    is zijn was waren wordt worden heeft hebben heb hebt doet doen doe kan kun kunt kunnen mag
    mogen moet moeten wil willen zal zullen ga gaat gaan kom komt komen krijg krijgt krijgen staat
    staan betekent betekenen heet heten geldt gelden hoort horen help helpt helpen werk werkt
    werken kost kosten duurt duren betaal betaalt betalen regel regelt regelen vergoedt vergoeden
    bestaat bestaan vind vindt vinden bereik bereikt bereiken bel belt bellen hoef hoeft weet weten
    geef geeft geven lig ligt liggen zit zitten vraag vraagt vragen houdt
    """.split()
)
FILLERS = frozenset(
    """
    dan eigenlijk precies nou eens even ook alweer toch maar wel zoal allemaal ongeveer gewoon
    alsjeblieft aub svp graag er hier zeg hoi hallo dag
    """.split()
)
PREPOSITIONS = frozenset(
    """
    aan bij binnen buiten door in met na naar namens om onder op over per rond sinds te tegen
    tijdens tot tussen uit van vanaf vanuit via volgens voor zonder
    """.split()
)
PERSONAL = frozenset("ik je jij jou we wij ze zij u men hij jullie iemand".split())
SUBORDINATE = frozenset("of dat als die om omdat terwijl toen zodat".split())
# Words that stand for something named before.
POINTING = frozenset("dat dit die deze hem hen hun ze zij hij daar zo zo'n".split())
_POINTING_WITH = re.compile(
    r"(?:daar|er|hier)(aan|bij|door|in|mee|naar|na|om|op|over|toe|uit|van|voor|vanaf|onder|tegen)"
)
# Said of a thing that was named already: "wat is het adres?", "tot welke leeftijd?"
ATTRIBUTES = frozenset(
    """
    adres telefoonnummer nummer mailadres website kosten prijs bedrag leeftijd leeftijden duur
    voorwaarden voorwaarde doel doelgroep openingstijden eisen rol rollen taak taken stappen
    procent percentage dag dagen jaar datum tijd uur lang vaak hoog groot veel duur oud snel
    voordelen nadelen voordeel nadeel voorbeeld voorbeelden wachttijd
    wachtlijst aanvraag procedure indicatie vergoeding bijdrage toestemming subsidie organisatie organisaties persoon kinderen reden
    """.split()
)
_NO_CONTENT = (
    STOP_WORDS
    | QUESTION_WORDS
    | COMMON_VERBS
    | FILLERS
    | PREPOSITIONS
    | PERSONAL
    | POINTING
    | frozenset("niet geen nog meer heel erg alle lang vaak".split())
)
_GREETING = re.compile(
    r"^(?:hoi|hallo|hi|hey|dag|goede(?:morgen|middag|avond))\b[\s,.!]*"
    r"|^ik (?:heb|had) (?:\w+ ){0,3}vraag(?:je)?\b[\s,.:!]*",
    re.IGNORECASE,
)
_COURTESY = frozenset(
    "bedankt dank dankje dankjewel top super fijn prima mooi hoi hallo ok oke je u en ja nee".split()
)
_OPENING = re.compile(r"^(?:(?:en|of|maar|dus|ook|oke|ok|oh|o|ja|nee|hm+),?\s+)+", re.IGNORECASE)


def plain(word: str) -> str:
    """Return a word as typed in the form of the sets above: folded, without punctuation."""
    return re.sub(r"^\W+|\W+$", "", fold(word))


def content(text: str, areas: Sequence[str] = ()) -> list[str]:
    """Return the words that say what a text is about; places do not."""
    nothing = _NO_CONTENT | _name_words(tuple(areas))
    return [word for word in map(fold, words(text)) if word not in nothing]


@cache
def _name_words(areas: tuple[str, ...]) -> frozenset[str]:
    return frozenset(fold(part) for area in areas for part in words(area))


def opening(text: str) -> str:
    """Return how a text ties itself to what went before ("En "), or nothing."""
    found = _OPENING.match(text)
    return found.group() if found else ""


def is_courtesy(text: str) -> bool:
    """Tell whether a text only greets or thanks."""
    return all(plain(word) in _COURTESY | FILLERS for word in text.split())


def bare(text: str) -> str:
    """Return a question without its opening, its fillers and its question mark."""
    text = _GREETING.sub("", _GREETING.sub("", text)) or text
    kept = text[len(opening(text)) :].split()
    idle = FILLERS - {"er", "hier", "wel", "ook"}
    inner = [word for word in kept if plain(word) not in idle]
    return " ".join(inner or kept).rstrip("?!.,; ")


def asks(typed: Sequence[str]) -> bool:
    """Tell whether words begin as a question with a question word: "wie ...", "tot wanneer ..."."""
    first = [plain(word) for word in typed[:2]]
    if len(first) == 2 and first[0] in PREPOSITIONS:
        return first[1] in QUESTION_WORDS
    return bool(first) and first[0] in QUESTION_WORDS


def pointing(text: str) -> list[int]:
    """Return which words of `text.split()` point back to something named before.

    "dat" and "die" after a noun begin a clause about it ("kinderen die niet
    praten") and point back to nothing outside the question.
    """
    typed = [plain(word) for word in text.split()]
    slot = 2 if typed and typed[0] in {"hoe", "welk", "welke", "hoeveel"} else 1
    return [
        n
        for n, word in enumerate(typed)
        if _POINTING_WITH.fullmatch(word)
        or (word in POINTING and not _begins_clause(text.split(), n, slot))
    ]


def _begins_clause(typed: Sequence[str], n: int, slot: int) -> bool:
    """Tell whether "dat" or "die" at n begins a clause; the verb may stand up to `slot`."""
    if plain(typed[n]) not in {"dat", "die"} or n == 0 or n + 1 == len(typed):
        return False
    if plain(typed[n - 1]) == "het":
        return True
    before = content(typed[n - 1])
    return bool(before) and (n - 1 > slot or typed[n - 1].endswith(","))


def stands_for(word: str) -> str:
    """Return the preposition in a word like "daarvoor" or "ermee", or nothing."""
    found = _POINTING_WITH.fullmatch(plain(word))
    if not found:
        return ""
    return {"mee": "met", "toe": "tot"}.get(found.group(1), found.group(1))
