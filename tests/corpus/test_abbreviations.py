import pytest

from corpus.abbreviations import (
    ABBREVIATIONS,
    Abbreviation,
    completed,
    find_abbreviations,
    list_abbreviations,
    load_abbreviations,
)
from corpus.errors import AbbreviationsError

BSO = Abbreviation("BSO", ("buitenschoolse opvang",))


def found(*texts):
    return {a.short: a.long for a in find_abbreviations(texts)}


@pytest.mark.parametrize(
    ("text", "short", "long"),
    [
        ("Ga naar de buitenschoolse opvang (BSO) toe.", "BSO", "buitenschoolse opvang"),
        ("Dit heet persoonsgebonden budget (pgb).", "pgb", "persoonsgebonden budget"),
        ("BKR (begeleider kind ratio) telt.", "BKR", "begeleider kind ratio"),
        ("Volgens de Wet langdurige zorg (Wlz) mag het.", "Wlz", "Wet langdurige zorg"),
        (
            "De ministeries van Onderwijs, Cultuur en Wetenschap (OCW) doen mee.",
            "OCW",
            "Onderwijs, Cultuur en Wetenschap",
        ),
        (
            "In Voor- en Vroegschoolse Educatie (VVE) is plek.",
            "VVE",
            "Voor- en Vroegschoolse Educatie",
        ),
        ("Het Centrum voor Jeugd & Gezin (CJG) helpt.", "CJG", "Centrum voor Jeugd & Gezin"),
    ],
)
def test_an_abbreviation_is_found_beside_what_it_stands_for(text, short, long):
    assert found(text) == {short: (long,)}


@pytest.mark.parametrize(
    "text",
    [
        "Dat doet de toezichthouder (GGD).",
        "De GGD (onafhankelijke toezichthouder) komt.",
        "Dat is gedaan door een ander (Wie). Zeg wie het is.",
        "Het voortgezet (voor) onderwijs.",
        "Alle gezinnen en scholen (en) meer.",
        "Dat staat in een rapport (2018).",
        "Geld voor voorschoolse educatie (vve).",
        "Een opvang die buiten de school en zonder de andere ouders (bso).",
    ],
)
def test_a_bracket_that_explains_no_abbreviation_is_left_alone(text):
    assert found(text) == {}


def test_the_spellings_of_one_abbreviation_are_together_and_each_long_form_is_there_once():
    texts = [
        "De Wet kinderopvang (Wko) geldt.",
        "De Wet Kinderopvang (WKO) geldt.",
        "Een wet kinderopvangtoeslag (WKO) ook.",
    ]
    assert find_abbreviations(texts) == (
        Abbreviation("Wko", ("Wet Kinderopvang", "wet kinderopvangtoeslag")),
    )


def test_what_is_listed_takes_the_place_of_what_was_found():
    mine = Abbreviation("bso", ("opvang na school",))
    other = Abbreviation("KDV", ("kinderdagverblijf",))

    assert completed([mine, other], [BSO]) == (mine, other)
    assert completed([other], [BSO]) == (BSO, other)


def test_without_a_file_nothing_is_listed(tmp_path):
    assert load_abbreviations(tmp_path) == ()


def test_what_was_found_is_added_to_the_file_and_what_was_there_stays(tmp_path):
    before = '# van mij\n"bso" = []  # klopt niet\nko = ["kinderopvang", "opvang"]'
    (tmp_path / ABBREVIATIONS).write_text(before, encoding="utf-8")
    new = Abbreviation("J&G", ('centrum "jeugd"',))

    assert list_abbreviations(tmp_path, [BSO, new]) == (new,)

    after = (tmp_path / ABBREVIATIONS).read_text(encoding="utf-8")
    assert after.startswith(before + "\n")
    assert load_abbreviations(tmp_path) == (
        Abbreviation("bso", ()),
        new,
        Abbreviation("ko", ("kinderopvang", "opvang")),
    )
    assert list_abbreviations(tmp_path, [BSO, new]) == ()
    assert (tmp_path / ABBREVIATIONS).read_text(encoding="utf-8") == after
    assert [path.name for path in tmp_path.iterdir()] == [ABBREVIATIONS]


def test_a_first_file_says_what_it_is_for(tmp_path):
    list_abbreviations(tmp_path, [BSO])

    text = (tmp_path / ABBREVIATIONS).read_text(encoding="utf-8")
    assert text.startswith("# Afkortingen en waar ze voor staan.")
    assert text.endswith('\n"BSO" = ["buitenschoolse opvang"]\n')


def test_a_file_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / ABBREVIATIONS).write_text("", encoding="utf-8")
    (tmp_path / f".{ABBREVIATIONS}").mkdir()

    assert list_abbreviations(tmp_path, [BSO]) == ()
    assert load_abbreviations(tmp_path) == ()


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"bso = [", "geen geldige TOML"),
        (b"bso = '\xff'", "geen geldige TOML"),
        (b"bso = 'opvang'", "bij bso"),
        (b"bso = ['']", "bij bso"),
        (b"bso = [1]", "bij bso"),
    ],
)
def test_a_file_that_is_not_as_it_should_be_is_refused_and_named(tmp_path, content, told):
    (tmp_path / ABBREVIATIONS).write_bytes(content)

    with pytest.raises(AbbreviationsError, match=told) as raised:
        load_abbreviations(tmp_path)
    assert ABBREVIATIONS in str(raised.value)
