"""Text and lists, cut into passages."""

import pytest
from reading import LONG, left_out, read, sections

from corpus.read import DocumentText
from corpus.structure import headings


def test_a_passage_carries_its_place_and_its_id():
    text = "Visie\n\nIeder kind is welkom. Dat is de basis.\n"
    (passage,) = read(text)
    assert passage.section == ("Visie",)
    assert text[passage.start : passage.end] == "Ieder kind is welkom. Dat is de basis."
    assert passage.id == f"plan:{passage.start}-{passage.end}"
    assert [s.text for s in passage.sentences] == ["Ieder kind is welkom.", "Dat is de basis."]
    assert (passage.page, passage.kind, passage.label) == (None, "tekst", "")


def test_a_passage_of_a_pdf_knows_its_page():
    text = "Eerste bladzijde met tekst.\n\nTweede bladzijde met tekst."
    assert [p.page for p in read(text, (0, 29))] == [1]
    assert [p.page for p in read(text.replace("tekst.\n", "tekst.\n\nKop\n"), (0, 34))] == [1, 2]


def test_short_paragraphs_of_a_section_are_joined():
    (passage,) = read("Visie\n\nEen kort begin.\n\nEen kort vervolg.\n")
    assert passage.text == "Een kort begin. Een kort vervolg."


def test_a_long_paragraph_is_cut_at_sentence_ends():
    found = read("Visie\n\n" + LONG * 20)
    assert len(found) == 3
    assert all(len(passage.text) <= 700 for passage in found)
    assert all(passage.text.endswith("wijk.") for passage in found)


def test_a_list_keeps_its_lead_in():
    text = "Visie\n\nWij werken samen. Dit is nodig:\n\n- geld,\n- tijd voor\n\noverleg.\n"
    first, second = read(text)
    assert first.text == "Wij werken samen."
    assert (second.kind, second.label) == ("lijst", "Dit is nodig:")
    assert [s.text for s in second.sentences] == ["Dit is nodig:", "geld,", "tijd voor overleg."]


def test_a_list_right_under_its_heading_takes_that_as_its_label():
    (passage,) = read("Nadelen van subsidie\n\n- Vaak tijdelijk\n- Niet altijd passend\n")
    assert passage.label == "Nadelen van subsidie"
    assert passage.text == "Vaak tijdelijk Niet altijd passend"


def test_every_part_of_a_long_list_keeps_its_lead_in():
    items = "".join(f"- Punt {i}: {LONG}\n" for i in range(20))
    found = read(f"Visie\n\nDit is nodig:\n\n{items}")
    assert len(found) > 2
    assert {p.label for p in found} == {"Dit is nodig:"}
    assert all(p.text.startswith("Dit is nodig: ") for p in found)


def test_an_item_that_leads_in_one_item_is_read_with_it():
    (passage,) = read("Visie\n\n• Het college (2021):\n▪ De opvang blijft achter\n• Nog een punt\n")
    assert passage.sentences[0].text == "Het college (2021): De opvang blijft achter"


def test_short_lines_of_a_slide_are_a_list_under_its_first_line():
    (passage,) = read("Passende opvang\n\nThuisnabij\n\nIeder kind doet mee\n\nSamen groeien\n")
    assert passage.section == ("Passende opvang",)
    assert [s.text for s in passage.sentences] == [
        "Thuisnabij",
        "Ieder kind doet mee",
        "Samen groeien",
    ]


def test_who_said_a_quotation_stays_with_it():
    (passage,) = read(
        "Visie\n\n“Wij maken ons sterk voor ieder kind.”\n\nHilde Jansen, wethouder Leeuwarden\n"
    )
    assert passage.section == ("Visie",)
    assert passage.text.endswith("Hilde Jansen, wethouder Leeuwarden")


def test_fields_between_items_stay_in_the_list():
    text = (
        "Vormen\n\n- Samen in een groep\nVoordeel: kinderen leren van elkaar\n"
        "Nadeel: het is druk\n- Apart in een groep\nVoordeel: er is rust\n"
    )
    (passage,) = read(text)
    assert passage.kind == "lijst"
    assert [s.text for s in passage.sentences][1:3] == [
        "Voordeel: kinderen leren van elkaar",
        "Nadeel: het is druk",
    ]


def test_addresses_in_a_list_are_kept():
    (passage,) = read("Sites\n\n- www.nji.nl\n- www.vng.nl\n")
    assert [s.text for s in passage.sentences] == ["www.nji.nl", "www.vng.nl"]


def test_a_second_lead_in_starts_a_second_list():
    text = (
        "Slot\n\nBronnen:\n\nEen boek\n\nEen rapport\n\nEen brief\n\nDeelnemers:\n- School\n- CJG\n"
    )
    assert [p.label.rstrip(":") for p in read(text)] == ["Bronnen", "Deelnemers"]


@pytest.mark.parametrize(
    "text",
    ["x", "\t", "• ", "¹ ", "18", "→ x", "<p></p>", "**", "Kop:", "a\tb", "1. x\n2. y", "[a](b",
     "Organisatie Toelichting\n\nX", "Kop\r\n\r\nTekst hier.\r\n"],
)  # fmt: skip
def test_scraps_of_text_lose_nothing_and_break_nothing(text):
    kept = "".join(passage.text for passage in read(text))
    told = "".join(left_out(text))
    named = "".join("".join(section) for section in sections(text))
    shown = {char for char in kept + told + named if char.isalpha()}
    heads = {
        char
        for head in headings(DocumentText("plan", text))
        for char in text[head.start : head.end]
    }
    assert {char for char in text if char.isalpha()} <= shown | heads


def test_windows_line_ends_make_no_difference():
    text = "Plan\n\n1. Begin\n\nTekst een.\n\n- punt a\n- punt b\n\n\n\n2. Slot\n\nTekst twee.\n"
    ours = [(p.section, p.text) for p in read(text)]
    theirs = [(p.section, p.text) for p in read(text.replace("\n", "\r\n"))]
    assert ours == theirs
