"""The values that travel from the assistant to whoever shows or scores an answer."""

from dataclasses import dataclass, field
from typing import Any, Literal

from corpus.passages import Place
from index.search import Hit

Status = Literal["answered", "abstained", "refused", "error"]
Support = Literal["verbatim", "supported"]


@dataclass(frozen=True)
class Citation:
    """One place in one document, with its verbatim words.

    `quote` is `text[start:end]` of the document's stored text. `readable` is
    the same quote as a person reads it: white space folded, tags removed,
    with the table row or list that it belongs to in `label`. `also` are the other
    places in the document where the very same sentence stands.
    """

    n: int
    document: str
    title: str
    section: str
    page: int | None
    quote: str
    start: int
    end: int
    url: str | None
    readable: str
    label: str
    year: int
    also: tuple[Place, ...] = ()


@dataclass(frozen=True)
class Statement:
    """One sentence of the answer and the citations (their `n`) it rests on."""

    text: str
    citations: tuple[int, ...]
    support: Support


@dataclass(frozen=True)
class Timings:
    """Milliseconds from the question: passages ready, first verified evidence, whole answer."""

    retrieve: float = 0.0
    first: float = 0.0
    total: float = 0.0


@dataclass(frozen=True)
class Answer:
    """An answer, or how far it is: snapshots with `final=False` come before the whole one.

    `message` is what is said instead of, or beside, statements: the sentence
    of an abstention, refusal or error, or a remark such as "het taalmodel is
    niet beschikbaar". `nearest` are quotes close to a question that was not
    answered, `helpers` quotes that tell who may help then; they are not an
    answer. `searched` is the question as searched when it was made whole from
    the conversation, else empty. `warnings` tell
    what is wrong with a document that is cited: that it holds no longer.
    `confidence` is the chance (0 to 1) that what was found holds the answer, None
    where that was not judged.
    """

    question: str
    status: Status
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    message: str = ""
    nearest: tuple[Citation, ...] = ()
    helpers: tuple[Citation, ...] = ()
    searched: str = ""
    hits: tuple[Hit, ...] = ()
    model: str = "quotes"
    timings_ms: Timings = field(default_factory=Timings)
    final: bool = True
    warnings: tuple[str, ...] = ()
    confidence: float | None = None

    @property
    def text(self) -> str:
        """What the user reads: each statement with its markers, or the message."""
        told = [s.text + " " + "".join(f"[{n}]" for n in s.citations) for s in self.statements]
        return "\n".join(told) if told else self.message

    def to_record(self, id: str | None = None) -> dict[str, Any]:
        """Return the answer record of the exchange format, ready for JSON."""
        return {
            "id": id,
            "question": self.question,
            "status": self.status,
            "answer": self.text,
            "statements": [
                {"text": s.text, "citations": list(s.citations), "support": s.support}
                for s in self.statements
            ],
            "citations": [
                {
                    "n": c.n,
                    "document": c.document,
                    "title": c.title,
                    "section": c.section,
                    "page": c.page,
                    "quote": c.quote,
                    "start": c.start,
                    "end": c.end,
                    "url": c.url,
                    "also": [
                        {
                            "section": " › ".join(place.section),
                            "page": place.page,
                            "start": place.start,
                            "end": place.end,
                        }
                        for place in c.also
                    ],
                }
                for c in self.citations
            ],
            "passages": [
                {
                    "document": h.passage.document,
                    "section": " › ".join(h.passage.section),
                    "page": h.passage.page,
                    "text": h.passage.text,
                    "score": round(h.score, 6),
                }
                for h in self.hits
            ],
            "model": self.model,
            "timings_ms": {
                "retrieve": round(self.timings_ms.retrieve, 1),
                "first": round(self.timings_ms.first, 1),
                "total": round(self.timings_ms.total, 1),
            },
            "warnings": list(self.warnings),
            "confidence": None if self.confidence is None else round(self.confidence, 4),
        }
