"""The section path of a passage: which lines are headings, and of what."""

from reading import LONG, read, sections


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


def test_a_heading_in_capitals_above_prose_is_a_heading():
    assert sections("INLEIDING\n\n" + LONG * 2) == [("INLEIDING",)]


def test_marked_headings_give_the_section_path_and_the_title_is_no_section():
    text = (
        "# Gebiedsplan\n\nVooraf.\n\n## 1. De wijk\n\nTekst een.\n\n### Scholen\n\nKorte regel\n\n"
        "Nog een regel.\n\n## 2. Kansen\n\nTekst twee.\n"
    )
    assert sections(text) == [("Gebiedsplan",), ("De wijk",), ("De wijk", "Scholen"), ("Kansen",)]
    assert read(text)[2].text == "Korte regel Nog een regel."


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
