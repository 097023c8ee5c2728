from corpus.abbreviations import Abbreviation
from index.lexical import (
    GRAM_WEIGHT,
    MEANT_WEIGHT,
    Lexicon,
    grams,
    passage_terms,
    vocabulary,
)
from index.text import tokens

BSO = Abbreviation("BSO", ("buitenschoolse opvang",))
VVE = Abbreviation("vve", ("voor- en vroegschoolse educatie",))


def lexicon(*abbreviations, texts=()):
    frequencies = {term: 1 for text in texts for term in tokens(text)}
    return Lexicon(abbreviations, frequencies, vocabulary(texts))


def test_a_word_is_cut_in_pieces_of_four_letters_with_its_edges():
    assert grams("Opvang") == ["~_opv", "~opva", "~pvan", "~vang", "~ang_"]


def test_a_short_word_is_one_piece_and_a_function_word_none():
    assert grams("de ko") == ["~_ko_"]
    assert grams("a 5") == ["~_a_", "~_5_"]


def test_a_hyphenated_word_is_cut_by_its_parts_without_accents():
    assert grams("co-één") == ["~_co_", "~_een", "~een_"]


def test_a_passage_is_indexed_by_its_words_and_their_pieces():
    assert passage_terms("niet") == ["niet", "~_nie", "~niet", "~iet_"]


def test_a_piece_is_never_a_word():
    text = "Kan ik de opvang, ~_opv of opva vinden?"
    assert not set(grams(text)) & set(tokens(text))


def test_negations_and_numbers_of_a_question_count_in_full():
    terms = lexicon().question_terms("Mag het niet volgens artikel 5?")

    assert terms[1.0] == tokens("Mag het niet volgens artikel 5?")
    assert {"niet", "5"} <= set(terms[1.0])


def test_an_abbreviation_brings_what_it_stands_for_at_a_lower_weight():
    terms = lexicon(BSO).question_terms("Wat kost de BSO?")

    assert terms == {
        1.0: tokens("kost BSO"),
        GRAM_WEIGHT: grams("kost BSO"),
        MEANT_WEIGHT: tokens("buitenschoolse opvang"),
        MEANT_WEIGHT * GRAM_WEIGHT: list(dict.fromkeys(grams("buitenschoolse opvang"))),
    }


def test_a_long_form_brings_its_abbreviation_when_it_is_said_whole_and_in_order():
    known = lexicon(BSO, VVE)

    assert known.meant("Wat kost buitenschoolse opvang?") == ["BSO"]
    assert known.meant("Hoe werkt voor- en vroegschoolse educatie?") == ["vve"]
    assert known.meant("Is de opvang buitenschools?") == []
    assert known.meant("Hoe werkt educatie?") == []


def test_an_abbreviation_is_known_in_a_compound_and_in_the_plural():
    known = lexicon(VVE, Abbreviation("IKC", ("integraal kindcentrum",)))

    assert known.meant("een vve-locatie") == ["voor- en vroegschoolse educatie"]
    assert known.meant("alle IKC’s") == ["integraal kindcentrum"]


def test_an_abbreviation_that_is_a_function_word_is_not_read_in_that_word():
    known = lexicon(Abbreviation("OP", ("ondersteuningsplan",)))

    assert known.meant("Wat staat er op de lijst?") == []
    assert known.meant("Wat is een ondersteuningsplan?") == ["OP"]


def test_a_word_that_no_document_has_brings_the_one_most_like_it():
    known = lexicon(texts=["De peuterspeelzaal en de gemeente betalen de toeslag"])

    assert known.nearest("peuterspelzaal") == ["peuterspeelzaal"]
    assert known.nearest("gemeetne") == ["gemeente"]  # two letters in each other's place
    assert known.nearest("gemente") == ["gemeente"]
    assert known.nearest("toselga") == []  # two slips in a word of seven letters
    assert known.nearest("peuterspelzal") == ["peuterspeelzaal"]  # two in a long one


def test_a_word_that_a_document_has_in_any_form_is_left_as_it_is():
    known = lexicon(texts=["Een groep"])

    assert known.nearest("groepen") == []
    assert known.nearest("groeq") == ["groep"]


def test_short_words_and_numbers_are_not_taken_for_slips():
    known = lexicon(texts=["Elk kind heeft in 2025 een plek"])

    assert known.nearest("kint plak 2026") == []


def test_of_two_words_as_near_the_one_with_the_same_first_letter_is_meant():
    known = lexicon(texts=["zorgen en borgen"])

    assert known.nearest("borjen") == ["borgen"]
    assert known.nearest("zorjen") == ["zorgen"]
