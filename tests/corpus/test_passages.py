from pathlib import Path

import pytest

from corpus.passages import Passage, furniture, passages
from corpus.read import DocumentText
from corpus.sources import Source
from corpus.structure import headings

LONG = "Dit is een zin van een gewone lengte over de opvang van jonge kinderen in de wijk. "


def read(text: str, page_starts: tuple[int, ...] = ()) -> tuple[Passage, ...]:
    source = Source(
        "plan", "Plan", "onbekend", "gebiedsplan", 2025, (), (), None, "", Path("plan.txt"), None
    )
    return passages(source, DocumentText("plan", text, page_starts))


def left_out(text: str, page_starts: tuple[int, ...] = ()) -> dict[str, str]:
    found = furniture(DocumentText("plan", text, page_starts))
    return {text[part.start : part.end].strip(): part.reason for part in found}


def sections(text: str) -> list[tuple[str, ...]]:
    return [passage.section for passage in read(text)]


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


def test_numbered_chapters_hold_the_headings_under_them():
    text = "1. Begin\n\nTekst een.\n\nDeelkop\n\nTekst twee.\n\n2. Vervolg\n\nTekst drie.\n"
    assert sections(text) == [("Begin",), ("Begin", "Deelkop"), ("Vervolg",)]


def test_a_numbering_that_starts_again_hangs_under_the_heading_above():
    text = (
        "1. Begin\n\nTekst.\n\n2. Vervolg\n\nTekst.\n\n3. Plannen\n\nActies\n\n"
        "1. scholing van ouders\n\nTekst a.\n\n2. samen leren\n\nTekst b.\n\n4. Slot\n\nTekst c.\n"
    )
    assert sections(text)[2:] == [
        ("Plannen", "Acties", "1. scholing van ouders"),
        ("Plannen", "Acties", "2. samen leren"),
        ("Slot",),
    ]


def test_headings_with_a_word_and_a_number_are_siblings_with_parts_of_their_own():
    text = (
        "7. Kansen\n\nActie 1: Lijnen\n\nTekst a.\n\nWie doet dit?\n\nIedereen samen.\n\n"
        "Actie 2: Overleg\n\nTekst b.\n\nWie doet dit?\n\nDe gemeente zelf.\n"
    )
    assert sections(text) == [
        ("Kansen", "Actie 1: Lijnen"),
        ("Kansen", "Actie 1: Lijnen", "Wie doet dit?"),
        ("Kansen", "Actie 2: Overleg"),
        ("Kansen", "Actie 2: Overleg", "Wie doet dit?"),
    ]


def test_a_heading_repeated_on_the_next_page_starts_no_new_section():
    text = (
        "Plan\n\nStappen met ouders\n\nStap 1: Luisteren\n\nTekst a.\n\n\n\n"
        "Stappen met ouders\n\nStap 2: Praten\n\nTekst b.\n\n\n\n"
        "Stappen met ouders\n\nNog meer tekst.\n"
    )
    assert sections(text) == [
        ("Stappen met ouders", "Stap 1: Luisteren"),
        ("Stappen met ouders", "Stap 2: Praten"),
        ("Stappen met ouders",),
    ]


def test_a_bold_line_is_a_heading():
    assert sections("**Visie op opvang**\n\nIeder kind doet mee.\n") == [("Visie op opvang",)]


def test_an_empty_heading_does_not_swallow_the_next():
    text = "Actie\n\nPartners\n\n\n\nMeedoen?\n\nMail naar a@b.nl voor meer.\n"
    found = read(text)
    assert [p.section[-1] for p in found] == ["Meedoen?"]
    assert found[0].text == "Mail naar a@b.nl voor meer."
    assert all("Partners" not in p.text for p in found)


def test_the_only_line_under_a_heading_is_text():
    (passage,) = read("Actie\n\nTekst.\n\n\n\nPlanning\n\nStart: 14 oktober, 15:00 uur – school\n")[
        1:
    ]
    assert passage.section[-1] == "Planning"
    assert passage.text == "Start: 14 oktober, 15:00 uur – school"


def test_a_heading_may_stand_on_the_line_above_its_paragraph():
    filled = "Binnen het stadsdeel wonen veel gezinnen met jonge kinderen die opvang \n" * 3
    found = read(f"Inwoners\n{filled}nodig hebben.\n")
    assert [p.section for p in found] == [("Inwoners",)]


def test_a_numbered_heading_at_the_end_of_a_page_heads_that_page():
    page = "Dit is de tekst van de bladzijde.\n\nEn nog een alinea erbij.\n\n"
    text = f" 1.\tInleiding\n\n{page} Over de wijk is veel te zeggen.\n\n2.\tDe wijk\n {page}"
    assert sections(text) == [("Inleiding",), ("De wijk",)]
    assert read(text)[1].text.startswith("Over de wijk is veel te zeggen.")


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


def test_a_row_keeps_its_first_cell_and_its_column():
    text = (
        "Uitdagingen\tToelichting\tOplossingen\n"
        "<p>Hoge werkdruk</p>\t<p>Het werk is zwaar. Dat kost kracht.</p>"
        '\t<ul style="x"> • Tijd voor overleg. • Een coach op de groep.\n'
    )
    toelichting, oplossing = read(text)
    assert toelichting.label == "Hoge werkdruk – Toelichting"
    assert oplossing.label == "Hoge werkdruk – Oplossingen"
    assert [s.text for s in oplossing.sentences] == ["Tijd voor overleg.", "Een coach op de groep."]
    assert oplossing.text.startswith("Hoge werkdruk – Oplossingen: Tijd voor overleg.")


def test_a_row_of_words_is_read_whole_with_its_column_headings():
    text = (
        "Wat\tWie\tBron\nAantal kinderen\tGemeente\tCBS\nAantal indicaties\tJGZ\tRegistratie JGZ\n"
    )
    first, second = read(text)
    assert first.label == "Aantal kinderen (Wie | Bron)"
    assert [s.text for s in second.sentences] == ["JGZ | Registratie JGZ"]


def test_a_column_of_text_takes_the_heading_above_the_table_as_its_label():
    text = (
        "Kleine groepen\n\nToelichting\tVoorbeelden\n"
        "<p>Een kleine groep geeft rust. Dat helpt kinderen.</p>\t<p>Dat gebeurt in Lelystad.</p>\n"
    )
    assert [p.label for p in read(text)] == [
        "Kleine groepen – Toelichting",
        "Kleine groepen – Voorbeelden",
    ]


def test_a_first_cell_that_states_something_is_a_sentence_too():
    text = (
        "Uitdagingen\tToelichting\tOplossingen\n"
        "<p>Zorgmedewerkers tellen niet mee in de BKR</p>\t<p>Zie <i>Professionals</i></p>\t\n"
        "<p>Druk</p>\t<p>Het werk is zwaar.</p>\t<p>Neem de tijd.</p>\n"
    )
    assert read(text)[0].sentences[0].text == "Zorgmedewerkers tellen niet mee in de BKR"


def test_a_row_printed_twice_is_kept_once():
    row = f"Drukte\t{LONG}\tNeem de tijd voor elk kind in de groep en vraag hulp aan een coach.\n"
    text = f"Uitdaging\tToelichting\tOplossing\n{row}\nUitdaging\tToelichting\tOplossing\n{row}"
    assert len(read(text)) == 2
    assert "staat er al" in left_out(text).values()


def test_rows_of_a_plain_table_take_their_label_from_the_line_or_from_above():
    text = (
        "Inleiding\n\nDit zijn de partners.\n\nOrganisatie Toelichting\n\n"
        "Centrum voor \nJeugd en Gezin \n(CJG)\n\n"
        "Het CJG heeft een locatie in deze wijk en helpt \nouders met vragen.\n\n"
        "Logopedie In de wijk zijn verschillende logopedisten actief \nvoor kinderen.\n\n"
        "De wachtlijst is lang bij deze logopedisten, zo zeggen zij \nzelf.\n"
    )
    rows = [p for p in read(text) if p.kind == "rij"]
    assert [p.label for p in rows] == ["Centrum voor Jeugd en Gezin (CJG)", "Logopedie"]
    assert rows[1].sentences[0].text.startswith("In de wijk zijn")
    assert rows[1].sentences[1].text.startswith("De wachtlijst")


def test_a_card_stays_with_its_heading():
    def card(name: str, who: str) -> str:
        return f"{name}\n\nGeld voor opvang.\n\n**Doelgroep:**\n\n{who}\n\n\n\nBetaald door:\n\nGemeenten\n\n"

    text = card("Toeslag", "Ouders met werk") + card("Vangnet", "Ouders zonder werk")
    text += card("Extra", "Ieder kind")
    cards = [p for p in read(text) if p.kind == "kaart"]
    assert [p.label for p in cards] == ["Toeslag", "Vangnet", "Extra"]
    assert [s.text for s in cards[1].sentences] == [
        "Doelgroep: Ouders zonder werk",
        "Betaald door: Gemeenten",
    ]


MENU = ["Kansen voor kinderen", "Ruimte en gebouwen", "Zorg dichtbij", "Samen met ouders", "Geld"]


def test_a_menu_is_left_out_also_when_garbled_and_the_heading_under_it_stays():
    text = "Plan voor de wijk\n\n\n\n"
    for name in MENU:
        items = [*MENU[:1], "Ruimde in gebouwem", *MENU[2:]] if name == "Zorg dichtbij" else MENU
        text += "\n\n".join(items) + f"\n\n{name}\n\nDit gaat over {name}.\n\n\n\n"
    found = read(text)
    assert [p.section for p in found] == [(name,) for name in MENU]
    assert [p.text for p in found] == [f"Dit gaat over {name}." for name in MENU]
    assert left_out(text)["Ruimde in gebouwem"] == "menu"


def test_contents_and_buttons_are_left_out_and_give_the_levels():
    text = (
        "Vooraf\n\nTekst a.\n\nONDERWERPEN\n\n→ Delen\n\n- Eerste stuk\n- Tweede stuk\n\n"
        "→ Gevolgen\n\n\n\nDelen\n\nEerste stuk\n\nTekst b.\n\nTweede stuk\n\nTekst c.\n\n"
        "Gevolgen\n\nTekst d.\n"
    )
    assert sections(text) == [
        ("Vooraf",),
        ("Delen", "Eerste stuk"),
        ("Delen", "Tweede stuk"),
        ("Gevolgen",),
    ]
    assert left_out(text)["→ Delen"] == "inhoudsopgave of knoppen"


def test_a_numbered_table_of_contents_is_left_out():
    names = ["Inleiding", "De wijk", "Kansen"]
    listed = "".join(f"{i}. {name}\n" for i, name in enumerate(names, 1))
    body = "".join(f"{i}. {name}\n\nTekst {i}.\n\n" for i, name in enumerate(names, 1))
    text = f"Plan voor de wijk\n\nInhoud\n\n{listed}\n{body}"
    assert sections(text) == [(name,) for name in names]
    assert left_out(text)["Inhoud"] == "inhoudsopgave of knoppen"


def test_a_heading_in_capitals_above_prose_is_a_heading():
    assert sections("INLEIDING\n\n" + LONG * 2) == [("INLEIDING",)]


def test_page_numbers_and_lone_addresses_are_left_out():
    text = "Visie\n\nTekst. \n\n18\n\nhttps://www.nji.nl/\n\nMeer tekst.\n"
    assert left_out(text) == {"18": "paginanummer", "https://www.nji.nl/": "los webadres"}


def test_an_address_after_its_lead_in_is_kept():
    (passage,) = read("Visie\n\nLees verder op:\nhttps://www.nji.nl/\n")
    assert passage.text == "Lees verder op: https://www.nji.nl/"


def test_bibliographic_notes_are_left_out_and_explanations_stay():
    text = (
        "Visie\n\nDat blijkt uit onderzoek¹. Denk aan een MKD².\n\n"
        "¹ Slot, P. (2019). *Kwaliteit in beeld*. Sardes.\n\n"
        "² Een MKD is een medisch kinderdagverblijf.\n"
    )
    told = left_out(text)
    assert list(told.values()) == ["voetnoot"]
    assert "Een MKD is een medisch kinderdagverblijf." in read(text)[0].text


def test_the_imprint_at_the_end_is_left_out():
    text = "Visie\n\n" + f"{LONG}\n\n" * 9 + "Colofon\n\nTekst: A. de Boer\n"
    assert left_out(text)["Tekst: A. de Boer"] == "colofon"


def test_running_heads_of_a_pdf_are_left_out():
    pages = [
        f"Gebiedsplan Escamp {i}\nTekst van bladzijde\nnummer {i}, tot het eind.\n{i}"
        for i in range(1, 6)
    ]
    text = "\n\n".join(pages)
    starts = tuple(text.index(page) for page in pages)
    told = left_out(text, starts)
    assert told["Gebiedsplan Escamp 3"] == "kop- of voetregel"
    assert "Gebiedsplan" not in " ".join(p.text for p in read(text, starts))


def test_who_said_a_quotation_stays_with_it():
    (passage,) = read(
        "Visie\n\n“Wij maken ons sterk voor ieder kind.”\n\nHilde Jansen, wethouder Leeuwarden\n"
    )
    assert passage.section == ("Visie",)
    assert passage.text.endswith("Hilde Jansen, wethouder Leeuwarden")


def test_a_paragraph_printed_again_is_kept_once():
    paragraph = LONG.strip() + " En zo gaat het verder met de opvang en het onderwijs in de buurt."
    text = f"Visie\n\n{paragraph}\n\n\n\nUitwerking\n\n{paragraph}\n\nIets nieuws.\n"
    assert [p.text for p in read(text)] == [paragraph, "Iets nieuws."]


def test_paragraphs_that_differ_in_a_number_are_both_kept():
    one = LONG.strip() + " Het overleg is vier keer per jaar en wel op 14 oktober in de school."
    found = read(f"Visie\n\n{one}\n\nUitwerking\n\n{one.replace('14', '16')}\n")
    assert len(found) == 2


def test_marked_headings_give_the_section_path_and_the_title_is_no_section():
    text = (
        "# Gebiedsplan\n\nVooraf.\n\n## 1. De wijk\n\nTekst een.\n\n### Scholen\n\nKorte regel\n\n"
        "Nog een regel.\n\n## 2. Kansen\n\nTekst twee.\n"
    )
    assert sections(text) == [("Gebiedsplan",), ("De wijk",), ("De wijk", "Scholen"), ("Kansen",)]
    assert read(text)[2].text == "Korte regel Nog een regel."


def test_a_row_of_a_table_with_pipes_keeps_its_column_heads():
    text = "Wat staat er:\n\n| Wie | Wat | Waar |\n|---|:--:|---|\n| CJG | helpt ouders | Ypenburg |\n| School | leert | |\n"
    rows = [p for p in read(text) if p.kind == "rij"]
    assert [row.label for row in rows] == ["CJG (Wat | Waar)", "School (Wat)"]
    assert [row.sentences[0].text for row in rows] == ["helpt ouders | Ypenburg", "leert"]
    assert text[rows[0].start : rows[0].end] == "| CJG | helpt ouders | Ypenburg |"


def test_rows_under_a_group_row_have_the_group_in_their_path():
    text = "Wetten\n\nWet\tUitleg\nOver opvang\t\nWko\tRegelt de opvang van kinderen.\n"
    (row,) = read(text)
    assert row.section == ("Wetten", "Over opvang")
    assert row.label.startswith("Wko")


def test_column_heads_that_come_back_as_lines_are_no_headings():
    text = (
        "Wetten\n\nWet of regel\tUitleg erbij\nWko\tRegelt de opvang van kinderen.\n\n\n\n"
        "Wet of regel\n\nUitleg erbij\n\nDe AVG gaat over gegevens.\n"
    )
    assert sections(text) == [("Wetten",), ("Wetten",)]


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


def test_a_list_that_names_the_headings_after_it_gives_their_level():
    text = (
        "1. Geld\n\nWijzen\n\nDit zijn de wijzen:\n\n- Subsidie aan scholen\n- Inkoop door gemeenten\n\n"
        "Subsidie aan scholen\n\nTekst a.\n\nNadelen van subsidie\n\nTekst b.\n\n"
        "Inkoop door gemeenten\n\nTekst c.\n"
    )
    assert sections(text)[1:] == [
        ("Geld", "Wijzen", "Subsidie aan scholen"),
        ("Geld", "Wijzen", "Subsidie aan scholen", "Nadelen van subsidie"),
        ("Geld", "Wijzen", "Inkoop door gemeenten"),
    ]


def test_headings_that_a_text_leads_in_stand_under_its_section():
    text = (
        f"1. Plan\n\n“Wat”: de punten\n\n{LONG}Kijk hier naar:\n\nHoe gaat het?\n\nTekst a.\n\n"
        "Wat kost het?\n\nTekst b.\n\n“Wie”: de mensen\n\nTekst c.\n"
    )
    assert sections(text)[1:] == [
        ("Plan", "“Wat”: de punten", "Hoe gaat het?"),
        ("Plan", "“Wat”: de punten", "Wat kost het?"),
        ("Plan", "“Wie”: de mensen"),
    ]


def test_a_date_is_no_heading():
    assert sections("Auteurs\n\nGeschreven door Jan.\n\nApril 2025\n\n\n\nVisie\n\nTekst.\n") == [
        ("Auteurs",),
        ("Visie",),
    ]


def test_where_to_ask_stands_in_the_imprint_and_the_thanks_do_not():
    text = (
        "Visie\n\n"
        + f"{LONG}\n\n" * 19
        + (
            "Colofon\n\nEen uitgave van de gemeente\n\nVragen: info@gemeente.nl\n\nMet dank aan:\n\n- A. de Boer\n"
        )
    )
    last = read(text)[-1]
    assert last.section == ("Colofon",)
    assert last.text == "Een uitgave van de gemeente Vragen: info@gemeente.nl"
    assert left_out(text)["- A. de Boer"] == "colofon"


def test_a_heading_without_text_is_told():
    told = left_out("Actie\n\nTekst.\n\n\n\nPartners\n\n\n\nMeedoen?\n\nMail naar a@b.nl.\n")
    assert told["Partners"] == "kop zonder tekst eronder"


def test_rows_under_different_labels_that_say_the_same_are_both_kept():
    cell = LONG.strip() + " Zo kunnen kinderen met en zonder zorg elkaar dagelijks ontmoeten."
    found = read(f"Vorm\tVoordeel\nOp school\t{cell}\nIn een huis\t{cell}\n")
    assert len(found) == 2


def test_a_short_item_is_a_double_only_in_a_run_that_is_printed_again():
    items = "- Maak ruimte in het rooster van de groep\n- Stel een vaste coach aan voor de groep\n- Deel kennis met scholen in de wijk en leer van elkaar\n"
    text = f"Visie\n\n{items}\n\n\nKansen\n\n{items}\n\n\nSlot\n\n- Maak ruimte in het rooster van de groep\n- Nieuw punt\n"
    assert sections(text) == [("Visie",), ("Slot",)]
    assert "Maak ruimte" in read(text)[1].text


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
