"""What is said when there is no answer: why not, what is near, and who may know."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from assistant.answer import Status
from assistant.compose import NOT_FOUND
from assistant.evidence import Evidence, Found
from assistant.question import Question
from corpus.sources import Source

REFUSAL = "Daar kan ik niet aan meewerken: ik beantwoord alleen vragen over de documenten."
NO_ADVICE = (
    "Over één kind kan ik niet oordelen. Bespreek het met de ouders, en met iemand die met u"
    " meekijkt."
)
NAME_THE_WIJK = "Noem uw wijk, dan zoek ik wie daar meekijkt."
# What is searched for to say who looks along; a question as any user's.
WHO_HELPS = "Wie kijkt mee als er zorgen zijn over de ontwikkeling of het gedrag van een kind?"
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
        door = replace(asked, text=WHO_HELPS, search=WHO_HELPS, parts=(WHO_HELPS,), contact=True)
        message = NO_ADVICE if asked.areas else f"{NO_ADVICE} {NAME_THE_WIJK}"
        helpers = search(door).evidence[:NEAREST]
        return Withheld(
            "abstained", message, tuple(e for e in nearest if e not in helpers), helpers
        )
    if found.wanted == "iets anders":
        return Withheld("abstained", NOT_FOUND)
    return Withheld(
        "abstained", f"{NOT_FOUND}{_who_knows(asked, nearest, sources, areas)}", nearest
    )


def _who_knows(
    asked: Question,
    nearest: Sequence[Evidence],
    sources: Mapping[str, Source],
    areas: Sequence[str],
) -> str:
    """Return which areas have a plan, or who made the document that comes nearest."""
    if asked.uncovered:
        return (
            f" Over {asked.uncovered} is er geen gebiedsplan."
            f" Er zijn gebiedsplannen voor: {', '.join(areas)}."
        )
    if not nearest:
        return ""
    source = sources[nearest[0].hit.passage.document]
    return f" Het dichtst bij komt “{source.title}”. Dat is van {source.issuer}."
