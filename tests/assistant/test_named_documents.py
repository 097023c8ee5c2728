from pathlib import Path

import pytest

from assistant.named_documents import named_documents
from corpus.sources import Source


def source(id, kind, title, year=2025, areas=(), audience=()):
    return Source(id, title, "een bureau", kind, year, areas, audience, None, "", Path(id), None)


SOURCES = (
    source("opvang", "handreiking", "Samen naar de opvang", 2025, audience=("gemeenten",)),
    source("kindcentra", "handreiking", "Regie op kindcentra", 2020, audience=("wethouders",)),
    source("plan-laak", "gebiedsplan", "Gebiedsplan Laak", 2025, ("Laak",)),
    source("plan-ypenburg", "gebiedsplan", "Gebiedsplan Ypenburg", 2024, ("Ypenburg",)),
    source("sheets", "presentatie", "Presentatie over plusgroepen"),
    source("brief", "anders", "Brief aan ouders"),
)


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("wat zegt de handreiking over geld?", {"opvang", "kindcentra"}),
        ("wat staat er in de handreiking voor wethouders?", {"kindcentra"}),
        ("wat staat er in de handreiking voor gemeenten?", {"opvang"}),
        ("volgens de handreiking van 2020", {"kindcentra"}),
        ("volgens de handreiking over kindcentra", {"kindcentra"}),
        ("hoeveel gebiedsplannen zijn er?", {"plan-laak", "plan-ypenburg"}),
        ("wat wil het gebiedsplan van Iepenburg?", {"plan-ypenburg"}),
        ("welke stappen staan er in het plan voor Laak?", {"plan-laak"}),
        ("wat staat er in de powerpoint?", {"sheets"}),
        ("de sheets en het gebiedsplan Laak", {"sheets", "plan-laak"}),
        ("wat bedoelt Samen naar de opvang daarmee?", {"opvang"}),
        ("moet een gemeente een plan maken?", set()),
        ("wie helpt in Laak?", set()),
        ("wat kost opvang in 2020 voor wethouders?", set()),
    ],
)
def test_a_document_is_known_by_its_kind_place_year_or_title(text, named):
    assert named_documents(text, SOURCES) == named
