import pytest

from corpus.mend import Mender
from corpus.sentences import sentences, split


def parts(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    "text",
    [
        "Korte lijnen helpen bij o.a. een achterstand en bijv. Logopedie.",
        "Dit geldt m.b.t. Kinderen, d.m.v. Overleg en evt. Scholing.",
        "Zie art. 5, nr. 3, pag. 23 en blz. 7 t/m 9 van dhr. De Vries.",
        "Drs. A. de Boer en prof. dr. P. Leseman schreven dit.",
        "Voor kinderen van 2,5 jaar is dit 1.258 keer gebeurd.",
        "Kijk op www.nji.nl/pagina.html en mail naar a.b@c.nl voor meer.",
        "Mag dit wel? zijn vragen die vaak spelen.",
        "Dit gaat ... en nog verder.",
        "Bij GO! Kinderopvang werken veel mensen.",
        "Dit is onderzocht. (Innovatie013, 2023)",
        "Voorbeeld. In een gemeente is dit gelukt.",
        "1. Een zwaarwegende reden hebben.",
        "Alle locaties, bijv. 's-Gravenzande, doen mee.",
        "Alle kosten excl. btw-plicht zijn gedekt.",
        "Er zijn kinderen. die niet komen.",
    ],
)
def test_this_is_one_sentence(text):
    assert parts(text) == [text]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Het is 13%. 690 peuters doen mee.", ["Het is 13%.", "690 peuters doen mee."]),
        ("“Dat lukt.” Zo gaat het.", ["“Dat lukt.”", "Zo gaat het."]),
        ("Wie helpt? Wat kan? Alles!", ["Wie helpt?", "Wat kan?", "Alles!"]),
        (
            "Sport, cultuur etc. Daarom gaan we door.",
            ["Sport, cultuur etc.", "Daarom gaan we door."],
        ),
        ("Tot 2024. Daarna niet.", ["Tot 2024.", "Daarna niet."]),
        ("(Dit is zo.) Dat niet.", ["(Dit is zo.)", "Dat niet."]),
        (
            "Dit doen de partners. bso-Waterwijk begint. 's Avonds is het dicht.",
            ["Dit doen de partners.", "bso-Waterwijk begint.", "'s Avonds is het dicht."],
        ),
        ("Geen punt aan het eind", ["Geen punt aan het eind"]),
        ("", []),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text, expected):
    assert parts(text) == expected


def test_a_sentence_over_lines_and_blank_lines_is_one_with_its_exact_place():
    text = "Kop\n\nDe ruimte om middelen\n\n\n\nte combineren. Zolang¹ dit <i>zo</i> is."
    found = sentences(Mender(text), 5, len(text))
    assert [s.text for s in found] == ["De ruimte om middelen te combineren.", "Zolang dit zo is."]
    assert text[found[0].start : found[0].end].startswith("De ruimte")
    assert text[found[0].start : found[0].end].endswith("combineren.")
    assert text[found[1].start : found[1].end] == "Zolang¹ dit <i>zo</i> is."
