from typing import Any

import pytest

from evals.gold import Gold
from evals.report import Outcome, markdown, score_answer, score_retrieval, summarise

TEXT = "Het buurtteam zit aan de Laan 152. Het servicepunt zit aan de Laan 260."
GOLD = Gold(
    id="pm-1",
    question="waar zit het buurtteam",
    persona="pm",
    kind="contact",
    answerable=True,
    split="tune",
    history=(),
    documents=("plan",),
    evidence=("Het buurtteam zit aan de Laan 152.",),
    alt_evidence=(),
    facts=(("Laan 152",),),
    forbidden=("Laan 260",),
)
OFFTOPIC = Gold("pm-2", "het weer", "pm", "offtopic", False, "tune", (), (), (), (), (), ())


def _record(text: str, start: int, end: int, **fields: Any) -> dict[str, Any]:
    citation = {
        "n": 1,
        "document": "plan",
        "section": "Sociale kaart",
        "quote": TEXT[start:end],
        "start": start,
        "end": end,
    }
    return {
        "status": "answered",
        "answer": f"{text} [1]",
        "statements": [{"text": text, "citations": [1], "support": "verbatim"}],
        "citations": [citation],
        "passages": [{"text": "iets anders"}, {"text": TEXT}],
        "timings_ms": {"retrieve": 10.0, "first": 20.0, "total": 30.0},
    } | fields


def _scores(record: dict[str, Any], gold: Gold = GOLD) -> dict[str, float]:
    return score_answer(gold, record, {"plan": TEXT}.__getitem__)


def test_the_right_sentence_with_its_own_quote_is_correct():
    scores = _scores(_record("Het buurtteam zit aan de Laan 152.", 0, 34))
    # 1 sentence of 6 words (152 is none) and 8 groups of vowels: "ea" counts as two.
    readability = scores.pop("readability")
    assert readability == pytest.approx(206.835 - 0.93 * 6 - 77 * 8 / 6)
    assert scores == {
        "correct": 1,
        "fact_recall": 1,
        "evidence_first": 1,
        "false_abstention": 0,
        "words": 7,
        "dutch": 1,
        "citation_verbatim": 1,
        "citation_precision": 1,
        "citation_recall": 1,
    }


def test_evidence_that_comes_after_another_quote_is_not_first():
    record = _record("Het buurtteam zit aan de Laan 152.", 0, 34)
    other = {**record["citations"][0], "n": 1, "quote": TEXT[35:], "start": 35, "end": len(TEXT)}
    record["citations"] = [other, {**record["citations"][0], "n": 2}]
    scores = _scores(record)
    assert (scores["correct"], scores["evidence_first"]) == (1, 0)


def test_the_look_alike_is_wrong_even_beside_the_right_fact():
    scores = _scores(_record("Aan de Laan 152 of de Laan 260.", 0, 34))
    assert (scores["fact_recall"], scores["correct"]) == (1, 0)


def test_a_right_fact_with_a_quote_from_elsewhere_is_not_correct():
    scores = _scores(_record("Het buurtteam zit aan de Laan 152.", 35, len(TEXT)))
    assert (scores["fact_recall"], scores["correct"]) == (1, 0)
    assert (scores["citation_verbatim"], scores["citation_precision"]) == (1, 0)


def test_a_right_quote_from_another_document_is_not_correct():
    record = _record("Het buurtteam zit aan de Laan 152.", 0, 34)
    record["citations"][0]["document"] = "ander"
    scores = score_answer(GOLD, record, {"ander": TEXT}.__getitem__)
    assert scores["correct"] == 0


def test_a_quote_that_is_not_at_its_place_counts_as_no_support():
    record = _record("Het buurtteam zit aan de Laan 152.", 0, 34)
    record["citations"][0]["start"] = 1
    scores = _scores(record)
    assert [scores[f"citation_{part}"] for part in ("verbatim", "precision", "recall")] == [0, 0, 0]


def test_keeping_silent_on_an_answerable_question_is_a_false_abstention():
    silent = _record("", 0, 0, status="abstained", statements=[], citations=[])
    silent["answer"] = "Laan 152 staat niet in de documenten."
    assert _scores(silent) == {"correct": 0, "fact_recall": 0, "false_abstention": 1}


@pytest.mark.parametrize(
    ("status", "value"), [("abstained", 1), ("refused", 1), ("answered", 0), ("error", 0)]
)
def test_an_unanswerable_question_should_not_be_answered(status: str, value: int):
    record = _record("", 0, 0, status=status, statements=[], citations=[])
    assert _scores(record, OFFTOPIC) == {"abstention": value}


def test_retrieval_is_scored_on_the_ranked_passages():
    scores = score_retrieval(GOLD, _record("", 0, 0))
    assert (scores["hit@1"], scores["hit@5"], scores["mrr@10"]) == (0, 1, 0.5)
    assert score_retrieval(OFFTOPIC, _record("", 0, 0)) == {}


def _report() -> dict[str, Any]:
    right = _record("Het buurtteam zit aan de Laan 152.", 0, 34)
    wrong = _record("Het servicepunt zit aan de Laan 260.", 35, len(TEXT))
    outcomes = [
        Outcome(GOLD, right, score_retrieval(GOLD, right) | _scores(right)),
        Outcome(GOLD, wrong, score_retrieval(GOLD, wrong) | _scores(wrong)),
        Outcome(OFFTOPIC, wrong, _scores(wrong, OFFTOPIC)),
    ]
    return {"gold": "x.jsonl", "model": "quotes", "split": "all", **summarise(outcomes)}


def test_a_summary_has_each_score_with_its_own_n():
    report = _report()
    everything = report["groups"]["alle"]
    assert (everything["correct"]["mean"], everything["correct"]["n"]) == (0.5, 2)
    assert (everything["abstention"]["mean"], everything["abstention"]["n"]) == (0, 1)
    assert report["groups"]["kind: contact"]["correct"]["n"] == 2
    assert "correct" not in report["groups"]["kind: offtopic"]
    assert report["times_ms"]["first"] == {"p50": 20, "p95": 20, "n": 3}


def test_a_failure_says_what_is_missing_and_what_is_wrong():
    failures = _report()["failures"]
    assert [f["id"] for f in failures] == ["pm-1", "pm-2"]
    assert failures[0]["missing"] == [("Laan 152",)]
    assert failures[0]["forbidden"] == ["Laan 260"]


def test_the_markdown_shows_mean_interval_and_n():
    text = markdown(_report())
    assert "| alle | 0.50 [0.00–1.00] (n=2) |" in text
    assert "## Niet goed: 2 van 3" in text
    assert "- fout: Laan 260" in text
