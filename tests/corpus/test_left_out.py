"""What is no part of the text: menus, contents, running heads, notes, the imprint."""

from reading import LONG, left_out, read, sections

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
