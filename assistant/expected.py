"""What kind of thing a question asks for, where its form can be told from a text.

A question for a telephone number is not answered by a passage without one,
however much it is about the same subject.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """A kind of answer: how a question asks for it, and how it looks in a text."""

    name: str
    asked: re.Pattern[str]
    looks: re.Pattern[str]
    required: bool


def _kind(name: str, asked: str, looks: str, required: bool = True) -> Kind:
    return Kind(name, re.compile(asked, re.IGNORECASE), re.compile(looks, re.IGNORECASE), required)


KINDS = (
    _kind(
        "telefoonnummer",
        r"\btel(efoon)?[ .-]?(nummers?|nr)\b|\bop welk nummer\b|\b06[- ]?nummer\b",
        r"(?<!\d)(\+31|0\d{1,3})[ -]?\d{2,4}[ -]?\d{2,4}[ -]?\d{0,4}(?!\d)|\b14 ?0\d\d\b|\b0[89]00\b",
    ),
    _kind("mailadres", r"\b(e-?)?mail ?adres(sen)?\b|\bnaar wie mail\b", r"\S@\S+\.\w"),
    _kind(
        "openingstijd",
        r"\bopenings?tijd|\bopeningsuren\b|\bhoe laat\b.*\b(open(?! voor\b)|gesloten)\b",
        r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} uur\b",
    ),
    _kind(
        "openingsdag",
        r"\b(wanneer|welke dagen)\b.*\b(open(?! voor\b)|gesloten)\b",
        r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} uur\b"
        r"|\b((maan|dins|woens|donder|vrij|zater|zon)dag(en)?|weekend|werkdagen|doordeweeks)\b",
    ),
    _kind(
        "tijd",
        r"\bhoe laat\b(?! (ik|je|jij|u|we|wij|zij|ze)\b)",
        r"\b\d{1,2}[:.]\d{2}\b|\b\d{1,2} uur\b",
    ),
    _kind(
        "bedrag",
        r"\b(wat|hoeveel)\b.{0,20}\b(kost|kosten|betaal|betalen|verdien|verdient|bedraagt)\b"
        r"|\bhoe duur\b|\bhoeveel (euro|geld|subsidie|loon|salaris)\b|\bwelk bedrag\b"
        r"|\b(uurtarief|uurprijs|tarief|huurprijs|prijs) (is|per|van|voor|in)\b|\bde prijs\b",
        r"€|\beuro\b|\bgratis\b|\bkosteloos\b",
    ),
    _kind(
        "adres",
        r"(?<!mail )\badres(sen)?\b|\bwelke straat\b|\bhuisnummer\b",
        # A street has a capital: "de weg naar 2030" leads nowhere.
        r"(?-i:\b([A-Z]\w*(straat|laan|weg|plein|kade|gracht|singel|dreef)"
        r"|(Straat|Laan|Weg|Plein|Kade|Gracht|Singel|Dreef)(\s\w+){1,4})\s\d+\b)",
    ),
    _kind(
        "aantal",
        r"\bhoeveel\b(?! (weken|maanden|dagen)\b)|\bpercentage\b",
        r"\d|\b(twee|drie|vier|vijf|zes|zeven|acht|negen|tien|elf|twaalf|alle)\b",
        required=False,
    ),
    _kind(
        "frequentie",
        r"\bhoe (vaak|dikwijls)\b|\bom de hoeveel\b|\bhoeveel keer\b",
        r"\b(keer|maal|eens|\d+ ?x) (per|in de) |\d ?x per\b|\b(elke|iedere?) (dag|week|maand|kwartaal|jaar)\b"
        r"|\b(dage|weke|maande|jaar|kwartaal)lijks\w*\b",
        required=False,
    ),
    _kind(
        "datum",
        r"\bwanneer\b|\bwelke (dag|datum)\b|\bwelk jaar\b",
        r"\b(19|20)\d\d\b|\b\d{1,2} (jan(uari)?|feb(ruari)?|maart|mrt|apr(il)?|mei|juni?|juli?"
        r"|aug(ustus)?|sept?(ember)?|okt(ober)?|nov(ember)?|dec(ember)?)\b",
        required=False,
    ),
    _kind(
        "site",
        r"\b(web)?site\b|\bwebadres\b|\blink\b",
        r"https?://|\bwww\.|\b[\w-]+\.(nl|com|org)\b",
    ),
)


def expected(question: str) -> tuple[Kind, ...]:
    """Return the kinds of answer that a question asks for; often none."""
    return tuple(kind for kind in KINDS if kind.asked.search(question))
