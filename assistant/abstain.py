"""What is said when there is no answer: why not, what is near, and who may know."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Status
from assistant.compose import NOT_FOUND
from assistant.evidence import Evidence, Found, is_enough
from assistant.question import Question
from corpus.catalogue import UNKNOWN_ISSUER
from corpus.sources import Source

REFUSAL = "Daar kan ik niet aan meewerken: ik beantwoord alleen vragen over de documenten."
NO_ADVICE = (
    "Over één kind kan ik niet oordelen. Bespreek uw zorgen met iemand die het kind kent."
    " Denkt u dat een kind niet veilig is? Volg dan de meldcode van uw organisatie."
)
NAME_THE_WIJK = "Noem uw wijk, dan zoek ik wie daar meekijkt."
# What is searched for to say who looks along; a question as any user's.
WHO_HELPS = "Welke organisatie kan ik bellen als ik zorgen heb over de ontwikkeling van een kind?"
# How gebiedsplannen and handreikingen head what they tell about organisations.
_CONTACT_SECTION = re.compile(r"sociale kaart|netwerk|partners|contact|meedoen", re.IGNORECASE)
# Quotes shown beside an abstention, marked as no answer.
NEAREST = 3


@dataclass(frozen=True)
class Withheld:
    """What is told instead of an answer.

    `nearest` is the evidence that comes closest, `helpers` tells who may help; neither
    is an answer.
    """

    status: Status
    message: str
    nearest: tuple[Evidence, ...] = ()
    helpers: tuple[Evidence, ...] = ()


def withhold(
    asked: Question,
    found: Found,
    sources: Mapping[str, Source],
    areas: Sequence[str],
    search: Callable[[Question], Found],
) -> Withheld:
    """Return what is told about a question that is not answered.

    Args:
        asked: the question.
        found: its evidence, which was not enough.
        sources: the documents by id.
        areas: those that a document covers.
        search: finds the evidence for a question.
    """
    if asked.misuse or found.wanted == "misbruik":
        return Withheld("refused", REFUSAL)
    nearest = found.evidence[:NEAREST]
    if found.wanted == "advies":
        helpers = _helpers(asked, sources, search)
        places = {_place(e) for e in helpers}
        others = tuple(e for e in nearest if _place(e) not in places)
        message = NO_ADVICE
        if asked.uncovered:
            message += _covered(asked, areas)
        elif not asked.areas:
            message += f" {NAME_THE_WIJK}"
        return Withheld("abstained", message, others, helpers)
    if found.wanted == "iets anders":
        return Withheld("abstained", NOT_FOUND)
    if asked.uncovered:
        return Withheld("abstained", NOT_FOUND + _covered(asked, areas), nearest)
    return Withheld("abstained", NOT_FOUND + _made_by(found, sources), nearest)


def _helpers(
    asked: Question, sources: Mapping[str, Source], search: Callable[[Question], Found]
) -> tuple[Evidence, ...]:
    """Return organisations that look along in the wijk of a question; without one, everywhere.

    Only what a document says of an organisation by name, where it lists them.
    """
    door = replace(asked, text=WHO_HELPS, search=WHO_HELPS, parts=(WHO_HELPS,), contact=True)
    found = search(door)
    if not is_enough(door, found):
        return ()
    named = (e for e in found.evidence if e.label and _tells_contact(e))
    covered = {e: sources[e.hit.passage.document].areas for e in named}
    return tuple(e for e, areas in covered.items() if asked.areas or not areas)[:NEAREST]


def _tells_contact(evidence: Evidence) -> bool:
    """Tell whether evidence stands where a document says who does what."""
    return _CONTACT_SECTION.search(" ".join(evidence.hit.passage.section)) is not None


def _place(evidence: Evidence) -> tuple[str, int, int]:
    return evidence.hit.passage.document, evidence.start, evidence.end


def _covered(asked: Question, areas: Sequence[str]) -> str:
    return (
        f" Over {asked.uncovered} is er geen gebiedsplan."
        f" Er zijn gebiedsplannen voor: {', '.join(areas)}."
    )


def _made_by(found: Found, sources: Mapping[str, Source]) -> str:
    """Return what comes nearest and who made it, as far as anything is near and that is known."""
    if not found.evidence or not found.confidence:
        return ""
    source = sources[found.evidence[0].hit.passage.document]
    maker = "" if source.issuer == UNKNOWN_ISSUER else f" Dat is gemaakt door: {source.issuer}."
    return f" Het dichtst bij komt “{source.title}”.{maker}"
