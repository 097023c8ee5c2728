"""A stand-in assistant for the tests of the page: its answers carry meaning, no model needed."""

import socket
from dataclasses import dataclass, replace

from assistant.answer import Answer, Citation, Statement
from assistant.place import Context


@dataclass(frozen=True)
class StandInSource:
    """What the page shows of a document."""

    title: str
    issuer: str
    year: int


SOURCES = (
    StandInSource("Gebiedsplan Noord", "Opvang Noord", 2025),
    StandInSource("Handreiking samen", "Het Rijk", 2024),
)


def citation(n, start=0, **changes):
    quote = f"De bibliotheek is op dag {start} open."
    made = Citation(
        n=n,
        document="noord",
        title="Gebiedsplan Noord",
        section="Partners › Bibliotheek",
        page=7,
        quote=quote,
        start=start,
        end=start + len(quote),
        url="https://voorbeeld.nl/noord.pdf",
        readable=quote,
        label="Bibliotheek",
        year=2025,
    )
    return replace(made, **changes)


def quotes(question, *citations):
    told = tuple(Statement(c.readable, (c.n,), "verbatim") for c in citations)
    return Answer(question, "answered", told, citations)


class StandIn:
    """Answers each kind of question in its own way, without a model."""

    areas = ("Noord", "Zuid")
    sources = SOURCES
    notice = ""

    def __init__(self):
        self.asked = []

    def up_to_date(self):
        return self

    def stream(self, question, history=(), area=None):
        self.asked.append((question, tuple(turn.content for turn in history), area))
        if "breek" in question:
            raise RuntimeError("niet te tonen oorzaak")
        if len(question) > 1000:
            yield Answer(question, "error", message="De vraag is te lang.")
        elif "soep" in question:
            message = "Dat staat niet in de documenten."
            yield Answer(question, "abstained", message=message, nearest=(citation(1, 50),))
        else:
            found = quotes(question, citation(1, 0), citation(2, 100))
            yield replace(found, final=False)
            told = (Statement(f"U vroeg: {question}", (1,), "supported"),)
            used = (citation(1, 100),)
            yield replace(found, statements=told, citations=used, model="schrijver")

    def is_old(self, citation):
        return False

    def context(self, citation):
        return context(quote=citation.readable, title=citation.title)


def context(**changes):
    made = Context(
        before="Wat eraan voorafgaat.",
        quote="De bibliotheek is open.",
        after="Wat erop volgt.",
        title="Gebiedsplan Noord",
        section="Partners › Bibliotheek",
        page=7,
        url="https://voorbeeld.nl/noord.pdf",
        year=2025,
        issuer="Opvang Noord",
    )
    return replace(made, **changes)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
