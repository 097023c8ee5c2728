from collections.abc import Sequence
from math import log2

import pytest

from evals import metrics

EVIDENCE = "een twee drie vier vijf zes zeven acht negen tien elf twaalf"  # 10 trigrams


def test_folding_drops_tags_and_joins_white_space():
    assert metrics.folded("<p>Het  overleg\n\tvindt</p> <ul style='x'>• plaats") == (
        "Het overleg vindt • plaats"
    )


def test_folding_keeps_what_only_looks_like_a_tag():
    assert metrics.folded("kinderen < 4 jaar en > 2 jaar") == "kinderen < 4 jaar en > 2 jaar"


def test_trigrams_ignore_case_and_punctuation():
    assert metrics.grams("Eén, twee: DRIE vier.") == {
        ("eén", "twee", "drie"),
        ("twee", "drie", "vier"),
    }


def test_a_text_of_two_words_has_no_trigram_but_one_pair():
    assert metrics.grams("gratis voorschool") == frozenset()
    assert metrics.grams("gratis voorschool", 2) == {("gratis", "voorschool")}


def test_a_passage_with_seven_of_ten_trigrams_is_relevant_and_with_six_is_not():
    nine_words, eight_words = EVIDENCE.split()[:9], EVIDENCE.split()[:8]
    assert metrics.relevant("Vooraf. " + " ".join(nine_words), [EVIDENCE])
    assert not metrics.relevant("Vooraf. " + " ".join(eight_words), [EVIDENCE])


def test_any_of_the_evidence_strings_makes_a_passage_relevant():
    assert metrics.relevant("in de bus zit een man", ["iets heel anders hier", "de bus zit een"])
    assert not metrics.relevant("in de bus zit een man", [])


def test_a_quote_overlaps_when_half_of_the_shorter_trigrams_are_shared():
    # "een twee drie vier nul" has 3 trigrams, of which 2 stand in the evidence.
    assert metrics.overlaps("een twee drie vier nul", [EVIDENCE])
    # "een twee drie nul nul" has 3, of which 1.
    assert not metrics.overlaps("een twee drie nul nul", [EVIDENCE])
    assert not metrics.overlaps("", [EVIDENCE])


def test_a_quote_of_one_or_two_words_overlaps_when_it_stands_whole_in_the_evidence():
    assert metrics.overlaps("• Elf twaalf", [EVIDENCE])
    assert metrics.overlaps("elf", [EVIDENCE])
    assert not metrics.overlaps("elf tien", [EVIDENCE])


def test_hit_looks_at_the_first_k_only():
    assert metrics.hit([False, False, True], 3) == 1
    assert metrics.hit([False, False, True], 2) == 0


def test_reciprocal_rank_is_that_of_the_first_relevant_passage():
    assert metrics.reciprocal_rank([False, False, True, True], 10) == pytest.approx(1 / 3)
    assert metrics.reciprocal_rank([False] * 10 + [True], 10) == 0


@pytest.mark.parametrize(
    ("ranking", "expected", "value"),
    [
        ([True, False, False], 1, 1.0),
        ([False, True, False], 1, 1 / log2(3)),
        ([True, False, True], 2, (1 + 1 / 2) / (1 + 1 / log2(3))),
        ([True, False, False], 3, 1 / (1 + 1 / log2(3) + 1 / 2)),
        ([False, False, False], 2, 0.0),
        ([], 0, 0.0),
    ],
)
def test_ndcg_as_worked_out_by_hand(ranking: list[bool], expected: int, value: float):
    assert metrics.ndcg(ranking, expected, 10) == pytest.approx(value)


def test_a_surface_is_shown_across_line_breaks_and_whatever_the_case():
    assert metrics.shows("aan de laan van\nHoornwijck 152.", "Laan van Hoornwijck 152")


@pytest.mark.parametrize(
    ("text", "surface"),
    [("12x per jaar", "2x"), ("in 20350", "2035"), ("1,65%", "65%"), ("tot 16,5", "16")],
)
def test_a_number_is_not_shown_by_a_longer_number(text: str, surface: str):
    assert not metrics.shows(text, surface)
    assert metrics.shows(f"vooraf {surface}, daarna", surface)


def test_fact_recall_counts_a_fact_once_whichever_string_shows_it():
    facts = [["vier keer", "4x"], ["2x", "twee keer"]]
    assert metrics.fact_recall("nu 4x (vier keer)", facts) == 0.5
    assert metrics.fact_recall("nu vier keer, straks twee keer", facts) == 1


def test_markers_are_not_part_of_the_answer():
    assert metrics.without_markers("Dat is gratis. [1][12]\nJa [3]") == "Dat is gratis.\nJa"


def test_a_quote_is_verbatim_only_at_its_own_place():
    text = "Het CJG is er voor ouders."
    citation = {"start": 4, "end": 7, "quote": "CJG"}
    assert metrics.is_verbatim(citation, text)
    assert not metrics.is_verbatim(citation | {"start": 3}, text)
    assert not metrics.is_verbatim(citation | {"quote": "Cjg"}, text)
    assert not metrics.is_verbatim({"start": 4, "end": 99, "quote": text[4:]}, text)
    assert not metrics.is_verbatim({"start": 4, "end": 4, "quote": ""}, text)


def test_a_contained_statement_is_supported_whatever_breaks_its_lines():
    assert metrics.supports("Zij geven regelmatig aan", ["Zij geven regel\nmatig aan dat"])


def test_a_rewritten_statement_needs_four_fifths_of_its_words():
    quote = ["de kwartiermaker zorgt voor overleggen"]
    assert metrics.supports("de kwartiermaker zorgt voor afspraken", quote)  # 4 of 5
    assert not metrics.supports("de gemeente zorgt voor afspraken", quote)  # 3 of 5


def test_a_statement_with_another_number_is_not_supported():
    assert metrics.supports("2 keer per jaar is er overleg", ["er is 2 keer overleg per jaar"])
    assert not metrics.supports("4 keer per jaar is er overleg", ["er is 2 keer overleg per jaar"])


def _all_words(statement: str, quotes: Sequence[str]) -> bool:
    return set(statement.split()) <= set(" ".join(quotes).split())


def test_two_citations_that_are_both_needed_are_both_right():
    statements = [{"text": "a b", "citations": [1, 2]}]
    assert metrics.citation_precision(statements, {1: "a", 2: "b"}, _all_words) == 1
    assert metrics.citation_recall(statements, {1: "a", 2: "b"}, _all_words) == 1


def test_a_citation_that_adds_nothing_lowers_precision_and_not_recall():
    statements = [{"text": "a b", "citations": [1, 2, 3]}]
    sources = {1: "a", 2: "b", 3: "x"}
    assert metrics.citation_precision(statements, sources, _all_words) == pytest.approx(2 / 3)
    assert metrics.citation_recall(statements, sources, _all_words) == 1


def test_a_citation_that_is_not_verbatim_supports_nothing():
    statements = [{"text": "a b", "citations": [1, 2]}, {"text": "a", "citations": [1]}]
    assert metrics.citation_precision(statements, {1: "a"}, _all_words) == pytest.approx(1 / 3)
    assert metrics.citation_recall(statements, {1: "a"}, _all_words) == 0.5


def test_a_statement_without_citations_is_not_supported():
    statements = [{"text": "a", "citations": []}]
    assert metrics.citation_precision(statements, {1: "a"}, _all_words) == 0
    assert metrics.citation_recall(statements, {1: "a"}, _all_words) == 0


def test_percentiles_are_interpolated():
    assert metrics.percentile([4, 1, 3, 2], 50) == 2.5
    assert metrics.percentile([4, 1, 3, 2], 95) == pytest.approx(3.85)


def test_the_interval_of_a_fair_coin_is_two_standard_errors_wide():
    # 100 values, half of them 1: standard error 0.05, so about 0.40 to 0.60.
    found = metrics.interval([0.0, 1.0] * 50)
    assert (found.mean, found.n) == (0.5, 100)
    assert found.low == pytest.approx(0.402, abs=0.02)
    assert found.high == pytest.approx(0.598, abs=0.02)
    assert metrics.interval([0.0, 1.0] * 50) == found


def test_equal_values_have_no_spread():
    assert metrics.interval([0.25]) == metrics.Interval(0.25, 0.25, 0.25, 1)
