import pytest

from evals import language


@pytest.mark.parametrize(
    ("word", "count"),
    [
        ("kind", 1),
        ("kinderopvang", 4),
        ("ouder", 2),
        ("nieuwe", 2),
        ("bijeenkomst", 3),
        ("koeien", 2),
        ("beïnvloeden", 4),
        ("coördinator", 5),
        ("één", 1),
        ("reageren", 4),
        ("februari", 4),
        ("CJG", 1),
    ],
)
def test_syllables_are_groups_of_vowels(word: str, count: int):
    assert language.syllables(word) == count


def test_a_line_end_closes_a_sentence_and_a_lone_number_is_none():
    assert language.sentences("Dit kan. Mag dat?\nLogopedie\n070 123") == [
        "Dit kan.",
        "Mag dat?",
        "Logopedie",
    ]


def test_readability_as_worked_out_by_hand():
    # 2 sentences, 6 words, 8 syllables (het kind speelt / ou-ders ko-men mee):
    # 206.835 - 0.93 * 6/2 - 77 * 8/6 = 101.378...
    found = language.readability("Het kind speelt. Ouders komen mee.")
    assert found == pytest.approx(206.835 - 2.79 - 77 * 8 / 6)


def test_numbers_and_addresses_of_mail_are_no_words():
    assert language.plain_words("Bel 070-1234 of mail naar info@jess.nl (gratis)") == [
        "bel",
        "of",
        "mail",
        "naar",
        "gratis",
    ]
    with_number = language.readability("Bel het team op 070-123.")
    assert with_number == language.readability("Bel het team op.")


def test_what_has_no_words_has_no_readability_and_no_language():
    assert language.readability("070 123 45 67") is None
    assert language.dutch_share("070 123 45 67") is None
    assert language.dutch_share("Laan Hoornwijck") is None


def test_each_sentence_counts_as_dutch_or_not():
    mixed = "De ouders geven toestemming. The parents give their consent to it."
    assert language.dutch_share(mixed) == 0.5
    assert language.dutch_share("Die Kinder sind nicht bei den Eltern") == 0
    assert language.dutch_share("Les enfants sont dans le groupe") == 0
    assert language.dutch_share("这个问题的答案") == 0


def test_words_that_languages_share_decide_nothing():
    assert language.dutch_share("Is in was die") is None
    assert not language.DUTCH & language.FOREIGN
