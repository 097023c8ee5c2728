"""The documents that a question names: by kind, place, title, year or for whom they are."""

import re
from collections.abc import Collection, Sequence

from assistant.areas import named_areas
from corpus.sources import Source
from index.text import fold, tokens

# How people call a document of each kind; "plan" only says which with a place.
_CALLED = {
    "handreiking": re.compile(r"\bhandreiking(en)?\b", re.IGNORECASE),
    "gebiedsplan": re.compile(r"\b(gebieds|wijk)plan(nen)?\b", re.IGNORECASE),
    "presentatie": re.compile(
        r"\b(presentaties?|powerpoint|ppt|sheets?|slides?|dia['’]?s)\b", re.IGNORECASE
    ),
}
_PLAN = re.compile(r"\bplan(nen)?\b", re.IGNORECASE)
# A title is quoted when this many of its words stand in the question in order.
QUOTED_WORDS = 3


def named_documents(text: str, sources: Sequence[Source]) -> frozenset[str]:
    """Return the ids of the sources that a question names, all that fit; empty for none.

    "de handreiking" names every handreiking, "de handreiking voor wethouders"
    or "de handreiking van 2020" one of them.
    """
    quoted = frozenset(source.id for source in sources if _is_quoted(source.title, text))
    if quoted:
        return quoted
    called = [source for source in sources if _is_called(source, text)]
    kinds = {source.kind for source in called}
    return frozenset(
        id for kind in kinds for id in _narrowed(text, [s for s in called if s.kind == kind])
    )


def _narrowed(text: str, fitting: Sequence[Source]) -> list[str]:
    """Return the ids of those sources of one kind that the rest of the question tells apart."""
    fitting = [source for source in fitting if named_areas(text, source.areas)] or fitting
    shared = set.intersection(*(_traits(source) for source in fitting))
    asked = _terms(text)
    matches = {source.id: len((_traits(source) - shared) & asked) for source in fitting}
    return [id for id, count in matches.items() if count == max(matches.values())]


def _is_called(source: Source, text: str) -> bool:
    called = _CALLED.get(source.kind)
    if called and called.search(text):
        return True
    is_plan = source.kind == "gebiedsplan" and _PLAN.search(text)
    return bool(is_plan and named_areas(text, source.areas))


def _is_quoted(title: str, text: str) -> bool:
    """Tell whether a text has the first words of a title, up to its first full stop."""
    start = fold(re.split(r"[.:?]", title)[0])
    return len(start.split()) >= QUOTED_WORDS and start in fold(text)


def _traits(source: Source) -> set[str]:
    """Return what tells a source from others of its kind: title, year, for whom, by whom."""
    said: Collection[str] = (source.title, source.issuer, str(source.year), *source.audience)
    return _terms(" ".join(said))


def _terms(text: str) -> set[str]:
    return set(tokens(text))
