from pathlib import Path

from corpus.checks import complaints, coverage
from corpus.inspect import inspect_page
from corpus.passages import passages
from corpus.read import DocumentText
from corpus.sources import Source

SOURCE = Source(
    "plan", "Plan & <meer>", "x", "gebiedsplan", 2025, (), (), None, "", Path("plan.txt"), None
)
LONG = "Dit is een zin van een gewone lengte over de opvang van jonge kinderen in de wijk. "


def page(text: str, page_starts: tuple[int, ...] = ()) -> str:
    return inspect_page(SOURCE, DocumentText("plan", text, page_starts))


def said(text: str) -> list[str]:
    document = DocumentText("plan", text)
    return [one.message for one in complaints(document, passages(SOURCE, document))]


def test_the_page_shows_the_stored_text_with_section_paths_and_needs_nothing_from_elsewhere():
    html = page("1. Visie\n\nDoelen\n\nIeder kind < is welkom & gewenst.\n")
    assert "Plan &amp; &lt;meer&gt;" in html
    assert "Ieder kind &lt; is welkom &amp; gewenst." in html
    assert '<div class="pad">Visie › Doelen' in html
    assert "<script" not in html
    assert "http" not in html


def test_what_was_left_out_is_greyed_with_its_reason():
    html = page("Visie\n\nIeder kind telt mee.\n\n18\n\nEn iedere ouder ook.\n")
    assert '<div class="weg"><div class="tekst">18</div></div>' in html
    assert "<div>paginanummer</div>" in html


def test_a_list_a_row_and_a_card_have_a_colour_of_their_own():
    text = "Visie\n\nNodig zijn:\n\n- geld\n- tijd\n\nWat\tWie\nGeld\tGemeente\n"
    html = page(text)
    assert '<div class="passage lijst">' in html
    assert '<span class="punt">- geld</span>' in html
    assert '<div class="passage rij">' in html
    assert '<div class="kolommen tekst">Wat\tWie</div>' in html


def test_pages_are_named_where_they_begin():
    html = page("Eerste bladzijde met tekst.\n\nTweede bladzijde met tekst.", (0, 29))
    assert html.index("bladzijde 1</div>") < html.index("Eerste bladzijde")
    assert html.index("bladzijde 2</div>") < html.index("Tweede bladzijde")


def test_every_character_is_counted_once():
    text = "Visie\n\nIeder kind telt mee.\n\n18\n\nEn iedere ouder ook.\n"
    document = DocumentText("plan", text)
    counts = coverage(document, passages(SOURCE, document))
    assert (counts.heading, counts.left_out, counts.lost_count) == (5, 2, 0)
    assert counts.passage == len("Iederkindteltmee.Eniedereouderook.")
    assert counts.total == len(text)
    assert counts.blank == counts.total - counts.passage - counts.heading - counts.left_out


def test_text_outside_the_sentences_of_a_passage_is_lost():
    text = "Visie\n\nIeder kind telt mee. Ook dit staat er.\n"
    document = DocumentText("plan", text)
    (passage,) = passages(SOURCE, document)
    fewer = type(passage)(**{**vars(passage), "sentences": passage.sentences[:1]})
    ((start, end),) = coverage(document, [fewer]).lost
    assert text[start:end] == "Ook dit staat er."


def test_a_lead_in_without_what_it_announces_is_told():
    assert said("Visie\n\nAan dit plan deden mee:\n") == ["kondigt iets aan dat er niet staat"]


def test_a_paragraph_that_stops_in_the_middle_is_told():
    assert said(f"Visie\n\n{LONG}Dit is gemaakt voor kinderen,\n\n") == [
        "eindigt midden in een zin"
    ]


def test_a_good_text_has_no_complaints():
    assert said("Visie\n\nIeder kind telt mee.\n\ngro-up doet mee.\n") == []


def test_the_title_with_the_line_under_it_is_no_heading_without_text():
    text = f"Plan voor de wijk\n\nSamen vooruit\n\n\n\nVisie\n\n{LONG}\n\nPartners\n\n\n\nDoelen\n\n{LONG}\n"
    assert said(text) == ["kop zonder tekst eronder"]
    html = page(text)
    assert html.count("<div>titel van het document</div>") == 2
    assert html.count("<div>kop zonder tekst eronder</div>") == 1


def test_what_the_sections_under_it_give_is_announced_rightly():
    assert said("1. Visie\n\nDit zijn de stappen:\n\n\n\nEerste stap\n\nWij beginnen.\n") == []


def test_warnings_of_the_reader_stand_above_the_document():
    html = inspect_page(SOURCE, DocumentText("plan", "Tekst.", (0,), ("Bladzijde 3 is gescand.",)))
    assert "⚠ Bladzijde 3 is gescand." in html
