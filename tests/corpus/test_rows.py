"""Rows of tables and cards, with what is needed to understand them."""

from reading import read, sections


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
