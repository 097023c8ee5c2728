import json

import pytest
from support import PAIRS, figures, pairs, piece, verdict

from assistant.verify import check

# What is measured on the half that nobody works on, less what one pair more or less does.
PRECISION = 0.87
RECALL = 0.9
HONEST_DROPPED = 0.17

# The same of what local models wrote, less one or two of the 116.
OUTPUT_PRECISION = 0.7
OUTPUT_RECALL = 0.86
# Statements that were told and that no evidence says.
OUTPUT_MISSED = 6

RULE = piece("Ouders in Ypenburg moeten 15 euro per dag betalen en hoeven niet te wachten.")


def test_the_halves_share_no_source_sentence():
    tune, test = (
        {s for pair in pairs(split) for s in pair["source"]} for split in ("tune", "test")
    )
    assert tune
    assert test
    assert not tune & test


def test_there_are_enough_pairs_of_every_document_and_change():
    every = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len(every) >= 400
    assert len({pair["document"] for pair in every}) == 5
    assert sum(not pair["supported"] for pair in every) >= 200
    assert all(pair["supported"] == (pair["change"] in {"none", "paraphrase"}) for pair in every)


@pytest.mark.parametrize("split", ["tune", "test"])
def test_unsupported_statements_are_refused_and_honest_ones_told(split):
    precision, recall, dropped = figures(
        [(pair, not verdict(pair).supported) for pair in pairs(split)]
    )
    assert precision >= PRECISION
    assert recall >= RECALL
    assert dropped <= HONEST_DROPPED


def test_of_what_local_models_wrote_most_that_is_unsupported_is_refused():
    found = [(pair, not verdict(pair).supported) for pair in pairs("outputs")]
    assert len(found) >= 100
    assert {pair["model"] for pair, _ in found} == {"0.5B", "1.5B"}
    precision, recall, _ = figures(found)
    assert precision >= OUTPUT_PRECISION
    assert recall >= OUTPUT_RECALL
    told = [pair for pair, is_refused in found if not is_refused]
    assert sum(not pair["supported"] for pair in told) <= OUTPUT_MISSED


@pytest.mark.parametrize(
    ("said", "changed", "reason"),
    [
        ("15 euro", "16 euro", "number"),
        ("niet te wachten", "te wachten", "negation"),
        ("Ypenburg", "Leyenburg", "name"),
        ("moeten", "mogen", "duty"),
        ("per dag", "per week", "unit"),
    ],
)
def test_one_digit_niet_wijk_modal_verb_or_unit_changed_is_refused(said, changed, reason):
    assert check(RULE.text, [RULE]).verbatim
    assert check(RULE.text.replace(said, changed), [RULE]).reason == reason


@pytest.mark.parametrize("change", ["number", "area", "name", "duty", "unit", "negation"])
def test_of_what_may_never_be_told_only_what_is_listed_gets_through(change):
    # Swaps that words alone do not tell: an elliptic second half, a "niet" moved to another verb.
    known = {
        "40,5% van de huishoudens zijn eenoudergezinnen.",
        "De gemeente mag er niet voor kiezen om handhavend op te treden.",
    }
    wrong = [pair for pair in pairs("tune") if pair["change"] == change]
    assert wrong
    assert {pair["statement"] for pair in wrong if verdict(pair).supported} <= known
