"""A citation in its document, by now: the text around it, and whether that still holds."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise

from assistant.answer import Citation
from assistant.evidence import Evidence
from corpus.mend import Mender
from corpus.passages import Place
from corpus.read import DocumentText
from corpus.sources import newest
from index.store import Index

# Characters of the document shown before and after a quote.
CONTEXT_CHARS = 600
CHANGED = "Dit document is intussen veranderd of weggehaald. U ziet alleen het citaat."
_BLANK_LINE = re.compile(r"\n[ \t]*\n\s*")


@dataclass(frozen=True)
class Context:
    """A quote where it stands: readable text before it, the quote, and after it.

    `also` are the other places of the quote. `note` tells that the document has
    changed since, or has a newer version.
    """

    before: str
    quote: str
    after: str
    title: str
    section: str
    page: int | None
    url: str | None
    year: int
    issuer: str
    also: tuple[Place, ...] = ()
    note: str = ""


def elsewhere(document: DocumentText, evidence: Evidence) -> tuple[Place, ...]:
    """Return where else in its document the very sentence of evidence stands, but for capitals.

    What is printed again may differ in a word: a place where the sentence is
    not the same is none.
    """
    said = evidence.text.casefold()
    return tuple(
        Place(s.start, s.end, place.section, document.page_at(s.start), (s,))
        for place in evidence.hit.passage.also
        for s in place.sentences
        if s.text.casefold() == said
    )


def outdated(index: Index, citations: Iterable[Citation]) -> tuple[str, ...]:
    """Return a Dutch sentence for each document that is cited and holds no longer."""
    cited = dict.fromkeys(citation.document for citation in citations)
    return tuple(
        f"Let op: “{source.title}” was geldig tot en met {source.valid_until:%d-%m-%Y}."
        for source in (index.sources[id] for id in cited)
        if source.valid_until and source.valid_until < date.today()
    )


def is_old(index: Index, citation: Citation) -> bool:
    """Tell whether a document was changed, replaced or removed since it was cited."""
    stands = _stands(index, citation)
    return not stands or index.sources[citation.document].superseded_by is not None


def _stands(index: Index, citation: Citation) -> bool:
    """Tell whether the quote is still where the citation says."""
    document = index.documents.get(citation.document)
    return document is not None and (document.text[citation.start : citation.end] == citation.quote)


def context(index: Index, mender: Callable[[str], Mender], citation: Citation) -> Context:
    """Return the quote of a citation within the text around it, readable.

    Of a document that was changed or removed since, only the quote is left.

    Args:
        index: in use now; the citation may come from an older one.
        mender: gives the mender of a document of that index.
        citation: whose place is shown.
    """
    if not _stands(index, citation):
        return _placed(citation, ("", ""), "", CHANGED)
    later = newest(citation.document, tuple(index.sources.values()))
    told = ""
    if later is not None:
        told = f"Er is een nieuwere versie van dit document: {later.title} ({later.year})."
    text = index.documents[citation.document].text
    start, end = citation.start - CONTEXT_CHARS, citation.end + CONTEXT_CHARS
    mends = mender(citation.document)
    before = _readable(text, mends, max(0, start), citation.start)
    after = _readable(text, mends, citation.end, min(len(text), end))
    # Whole words only at the outer edges.
    before = before.split(" ", 1)[-1] if start > 0 else before
    after = after.rsplit(" ", 1)[0] if end < len(text) else after
    issuer = index.sources[citation.document].issuer
    placed = _placed(citation, (before, after), issuer, told)
    # A document that changed elsewhere may still hold the quote.
    return replace(placed, also=tuple(p for p in citation.also if _still(text, mends, p)))


def _still(text: str, mender: Mender, place: Place) -> bool:
    """Tell whether the sentence of a place still stands there."""
    if place.end > len(text):
        return False
    return mender.mend(place.start, place.end).text == place.sentences[0].text


def _placed(citation: Citation, around: tuple[str, str], issuer: str, note: str) -> Context:
    return Context(
        before=around[0],
        quote=citation.readable,
        after=around[1],
        title=citation.title,
        section=citation.section,
        page=citation.page,
        url=citation.url,
        year=citation.year,
        issuer=issuer,
        note=note,
    )


def _readable(text: str, mender: Mender, start: int, end: int) -> str:
    """Return a span of a document, readable, with its paragraphs."""
    edges = [start, *(m.end() for m in _BLANK_LINE.finditer(text, start, end)), end]
    paragraphs = (mender.mend(a, b).text.strip() for a, b in pairwise(edges))
    return "\n".join(paragraph for paragraph in paragraphs if paragraph)
