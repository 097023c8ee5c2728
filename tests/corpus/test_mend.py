import pytest

from corpus.mend import Mender


def mend(text: str) -> str:
    return Mender(text).mend(0, len(text)).text


@pytest.mark.parametrize(
    ("stored", "readable"),
    [
        ("een  regel \n\n die doorloopt", "een regel die doorloopt"),
        (
            '<p data-bbox="1 2 3">Een</p> <ul style="a: b;">twee<li data-bbox="4">drie',
            "Een twee drie",
        ),
        ("zie ook <i>Professionals</i> .", "zie ook Professionals."),
        ("kennis &amp; scholing &lt; 3 &#233;&eacute;n", "kennis & scholing < 3 één"),
        ("**Beleid:** duidelijke *regels*", "Beleid: duidelijke regels"),
        ("3 * 4 is 12", "3 * 4 is 12"),
        ("lees [de brief](https://a.nl/b_(c)) vandaag", "lees de brief vandaag"),
        (r"de [Factsheet \(LKK\)](#) hier", "de Factsheet (LKK) hier"),
        ("[geen koppeling] blijft", "[geen koppeling] blijft"),
        ("zie <https://www.nji.nl/> nu", "zie https://www.nji.nl/ nu"),
        ("\uf0e8\t Aanjagen", "Aanjagen"),
        ("• een ▪ twee", "een twee"),
        ("o stijging van het aantal", "stijging van het aantal"),
        ("samen\u00adwerken", "samenwerken"),
        ("0–18\u202fjaar", "0–18 jaar"),
        ("door ambtenaren¹⁾. Daarna", "door ambtenaren. Daarna"),
        ("in de groep ¹ . Meer", "in de groep. Meer"),
        ("verloren gaat²¹. Het", "verloren gaat. Het"),
        ("3,5 m² per kind en 3,5m² binnen", "3,5 m² per kind en 3,5m² binnen"),
        ("coo\u0308rdinatie", "coördinatie"),
        ("groot ... en klein", "groot ... en klein"),
        ("JGZ\tRegistratie", "JGZ | Registratie"),
        ("minder < dan vijf", "minder < dan vijf"),
        ("overleggen:**Lokale agenda**", "overleggen: Lokale agenda"),
        ("| Wie | Wat |", "Wie | Wat"),
        ("|---|:--:|", ""),
        ("wij gaan ﬁetsen", "wij gaan ﬁetsen"),
    ],
)
def test_markup_is_read_as_a_person_reads_it(stored, readable):
    assert mend(stored) == readable


def test_every_character_knows_its_place():
    text = "Een <i>goed</i>  plan¹ voor &amp; door\nouders."
    mended = Mender(text).mend(0, len(text))
    assert mended.text == "Een goed plan voor & door ouders."
    for char, offset in zip(mended.text, mended.offsets, strict=True):
        assert char == text[offset] or (char, text[offset]) in {(" ", "\n"), ("&", ";")}


def test_a_part_of_a_span_mends_to_that_part():
    text = "Zie [de brief. Lees hem](https://a.nl) en **bel. Dan** niet."
    mender = Mender(text)
    whole = mender.mend(0, len(text))
    for start in range(len(whole.text) - 1):
        if whole.text[start] == " ":
            continue
        begin, end = whole.span(start, len(whole.text))
        assert mender.mend(begin, end).text == whole.text[start:]


def test_a_hyphenated_name_over_two_lines_keeps_its_hyphen():
    assert mend("in Leidschenveen-\nYpenburg wonen") == "in Leidschenveen-Ypenburg wonen"


def test_a_word_broken_at_a_hyphen_is_mended_when_it_stands_whole_elsewhere():
    text = "De samenwerking. Goede samen-\nwerking helpt."
    assert mend(text) == "De samenwerking. Goede samenwerking helpt."


def test_a_hyphen_before_en_stays_apart():
    assert mend("opvang- \nen zorg") == "opvang- en zorg"


def test_a_word_broken_without_hyphen_is_mended_when_it_is_known():
    text = "Dat gebeurt regelmatig. Zij geven regel\nmatig aan"
    assert mend(text) == "Dat gebeurt regelmatig. Zij geven regelmatig aan"


def test_two_words_on_two_lines_stay_two_words():
    text = "Een voorbeeld. Het staat voor\nbeeld en geluid, en beeld is mooi."
    assert "voor beeld en geluid" in mend(text)


def test_a_space_in_a_word_is_mended_when_it_stands_whole_and_its_parts_stand_nowhere():
    text = "Dat gebeurt regelmatig. Zij geven regel matig aan"
    assert mend(text) == "Dat gebeurt regelmatig. Zij geven regelmatig aan"


def test_a_word_that_a_narrow_cell_broke_before_its_last_letter_is_mended():
    text = "De speelgoedbank helpt.\nSpullen\tDe speelgoedban k leent uit"
    assert mend(text).endswith("De speelgoedbank leent uit")


def test_a_space_between_parts_that_stand_as_words_elsewhere_stays():
    text = "Dat gebeurt regelmatig. Geef regel matig aan. Een regel is genoeg."
    assert "Geef regel matig aan" in mend(text)
    text = "Meldpunt Opvang. Bel het Meld Punt, of schrijf: meldpunt."
    assert "Meld Punt" in mend(text)


def test_a_word_with_a_space_mended_is_still_quoted_as_it_was_printed():
    text = "Dat gebeurt regelmatig. Zij geven regel matig aan"
    mended = Mender(text).mend(0, len(text))
    at = mended.text.rindex("regelmatig")
    start, end = mended.span(at, at + len("regelmatig"))
    assert text[start:end] == "regel matig"


def test_a_hyphen_left_in_a_line_is_mended_in_a_word_that_is_mostly_written_without():
    text = "Jeugdhulpverlening helpt. De jeugdhulpverlening komt. Wie jeugdhulpverlening vraagt: "
    assert mend(text + "Jeugdhulp-verlening.") == text + "Jeugdhulpverlening."
    assert mend(text + "jeugdhulp-verlening: nu") == text + "jeugdhulpverlening: nu"
    assert mend(text + "de jeugdhulp-verlening-balie") == text + "de jeugdhulpverlening-balie"


@pytest.mark.parametrize(
    "kept",
    [
        "bij de plus-groep",
        "zie www.speelplaats-groepen.nl/speelplaats-groepen",
        "speelplaats- groepen",
        "de Speelplaats-Groepen",
    ],
)
def test_a_hyphen_that_belongs_to_its_word_stays(kept):
    whole = "Een plusgroep of speelplaatsgroepen. " * 3
    assert mend(whole + kept) == whole + kept


def test_a_word_is_broken_where_wrapped_lines_otherwise_end_in_a_space():
    text = "woord \n" * 60 + "ontstaat een laag\ndrempelige plek"
    assert mend(text).endswith("een laagdrempelige plek")


def test_an_address_broken_over_lines_is_mended_when_it_stands_whole_elsewhere():
    address = "https://www.voorbeeld.nl/documenten/2025/een-lange-naam"
    text = f"Zie:\nhttps://www.voorbeeld.nl/docu\nmenten/2025/een-\n\nlange-naam\n\n{address}\n"
    assert mend(text) == f"Zie: {address} {address}"


def test_a_hyphen_above_a_blank_line_and_a_heading_joins_nothing():
    assert mend("een aantrekkelijk woon-\n\nWetenschappelijke bronnen") == (
        "een aantrekkelijk woon- Wetenschappelijke bronnen"
    )


def test_reading_word_by_word_and_sign_by_sign_gives_the_same():
    text = "Een  <i>goed</i>\n plan , met\u00ad tijd ... en (geld )."
    plain = Mender(text).mend(0, len(text))
    marked = Mender(text + " &amp;").mend(0, len(text) + 6)
    assert marked.text == f"{plain.text} &"
    assert marked.offsets[: len(plain.offsets)] == plain.offsets
