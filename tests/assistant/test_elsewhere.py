"""A quote that is printed elsewhere too: in the record, and beside the document."""

from pathlib import Path

import pytest
from standin import citation, context

from assistant.answer import Answer
from assistant.evidence import Evidence
from assistant.place import elsewhere
from assistant.render import render_source
from corpus.passages import Place, passages
from corpus.read import DocumentText
from corpus.sentences import Sentence
from corpus.sources import Source
from index.search import Hit

LONG = "De coach van de wijk helpt alle groepen die daarom vragen, en komt elke week langs."
TEXT = (
    f"Visie\n\n{LONG} Bel gerust even met de balie van de wijk.\n\n\n\n"
    f"Uitwerking\n\n{LONG.upper()} Bel gerust eens met de balie van de wijk.\n"
)
SOURCE = Source(
    "plan", "Plan", "onbekend", "gebiedsplan", 2025, (), (), None, "", Path("plan.txt"), None
)


def evidence(document):
    """The sentences of the first passage of a document, each as a piece of evidence."""
    first = passages(SOURCE, document)[0]
    hit = Hit(first, 1.0, 0.9, 1.0, 0.6)
    return [Evidence(hit, s.start, s.end, s.text, "", 1.0) for s in first.sentences]


def test_only_the_sentence_that_is_the_same_stands_elsewhere_too():
    # "even" and "eens" differ, so the second sentence stands in one place.
    document = DocumentText("plan", TEXT, (0, TEXT.index("Uitwerking")))
    same, other = evidence(document)
    (place,) = elsewhere(document, same)
    assert TEXT[place.start : place.end] == LONG.upper()
    assert (place.section, place.page) == (("Uitwerking",), 2)
    assert elsewhere(document, other) == ()


def test_the_page_is_that_of_the_sentence_and_not_of_its_paragraph():
    text = TEXT.replace("eens", "even")
    document = DocumentText("plan", text, (0, text.rindex("Uitwerking"), text.rindex("Bel")))
    assert [elsewhere(document, e)[0].page for e in evidence(document)] == [2, 3]


def test_the_record_of_a_citation_lists_its_other_places():
    place = Place(40, 60, ("Geld", "Potjes"), 3, (Sentence("Er is geld genoeg.", 40, 60),))
    citations = (citation(1, also=(place,)), citation(2, 100))
    record = Answer("v", "answered", (), citations).to_record()
    assert [c["also"] for c in record["citations"]] == [
        [{"section": "Geld › Potjes", "page": 3, "start": 40, "end": 60}],
        [],
    ]


def places(*named):
    return tuple(Place(n, n + 9, section, page, ()) for n, (section, page) in enumerate(named))


@pytest.mark.parametrize(
    ("also", "told"),
    [
        (places((("Geld", "Potjes"), 3)), "Staat ook in: Geld › Potjes (p. 3)"),
        (places((("Geld",), None)), "Staat ook in: Geld"),
        (places(((), 3)), "Staat ook in: (p. 3)"),
        (places((("Geld",), 3), (("Geld",), 3), (("Slot",), 4)), "Geld (p. 3); Slot (p. 4)"),
        (places((("<b>",), 3)), "Staat ook in: &lt;b&gt; (p. 3)"),
    ],
)
def test_the_source_panel_says_where_else_the_quote_stands(also, told):
    assert f"{told}</p>" in render_source(context(also=also))


@pytest.mark.parametrize("also", [(), places((("Partners", "Bibliotheek"), 7)), places(((), None))])
def test_the_source_panel_names_no_place_that_is_the_one_it_shows_or_has_no_name(also):
    assert "Staat ook" not in render_source(context(also=also))
