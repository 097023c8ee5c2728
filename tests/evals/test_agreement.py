"""Judgements: kept, and compared with the automatic scores by sums done by hand."""

import json

import pytest

from corpus.errors import InputFileError
from evals.agreement import (
    Cross,
    Judgement,
    agreement,
    agreement_table,
    keep,
    of_result,
    read_judgements,
)
from evals.results import Result


def given(id, word, judge="An", **changes):
    facts = {"system": "ons", "commit": "c1", "remark": "", "date": "2026-01-02T03:04:05+00:00"}
    return Judgement(id=id, judgement=word, judge=judge, **facts | changes)


def scored(id, **scores):
    return {"id": id, "scores": scores}


ROWS = [
    scored("a", correct=1.0, citation_precision=1.0),
    scored("b", correct=1.0, citation_precision=0.5),
    scored("c", correct=0.0, citation_precision=1.0),
    scored("d", correct=0.0),
    scored("e", abstention=1.0),
    scored("f", abstention=0.0, citation_precision=0.0),
]
WORDS = {
    **{"a": "goed", "b": "goed", "c": "goed"},
    **{"d": "fout", "e": "deels", "f": "niet gesteund"},
}
JUDGED = [given(id, word) for id, word in WORDS.items()]


def test_judgements_are_counted_beside_what_the_scores_say():
    told = agreement(JUDGED, ROWS)

    assert told.counts == {
        "goed": (2, 1),
        "deels": (1, 0),
        "fout": (0, 1),
        "niet gesteund": (0, 1),
    }
    assert told.correct == Cross(both=2, only_person=1, only_score=1, neither=2)
    # Supported by people: a, b, c; by the score: a, c. The others cite nothing.
    assert told.support == Cross(both=2, only_person=1, only_score=0, neither=1)


def test_kappa_is_the_agreement_beyond_chance():
    # Agreed on 4 of 6; by chance (3*3 + 3*3) / 36 = 1/2; (2/3 - 1/2) / (1 - 1/2) = 1/3.
    assert Cross(2, 1, 1, 2).kappa == pytest.approx(1 / 3)
    # Cohen's own kind of example: 35 of 50; chance (25*30 + 25*20) / 2500 = 1/2; kappa 0.4.
    cross = Cross(both=20, only_person=5, only_score=10, neither=15)
    assert (cross.n, cross.share) == (50, 0.7)
    assert cross.kappa == pytest.approx(0.4)
    assert Cross(0, 3, 2, 0).kappa == pytest.approx((0 - 12 / 25) / (1 - 12 / 25))
    assert Cross(5, 0, 0, 5).kappa == 1
    assert Cross(4, 0, 0, 0).kappa is None


def test_the_last_judgement_of_a_person_holds_and_each_person_counts():
    judged = [given("a", "fout"), given("a", "goed"), given("a", "fout", judge="Bo")]
    assert agreement(judged, ROWS).counts["goed"] == (1, 0)
    assert agreement(judged, ROWS).counts["fout"] == (1, 0)


def test_what_was_only_searched_or_is_not_in_the_result_is_left_out():
    told = agreement([given("s", "goed"), given("weg", "goed")], [scored("s", **{"hit@5": 1.0})])
    assert (told.correct.n, told.support.n) == (0, 0)


def test_the_table_tells_each_system_that_was_judged(tmp_path):
    path = tmp_path / "oordelen.jsonl"
    ours = Result({"system": "ons", "commit": "c1"}, tuple(ROWS))
    later = Result({"system": "ons", "commit": "c2"}, tuple(ROWS))
    assert agreement_table([ours, later], path) == ""
    for judgement in JUDGED:
        keep(judgement, path)

    table = agreement_table([ours, later], path)

    assert table.count("**ons**") == 1
    assert "| goed | 2 | 1 |" in table
    assert "| goed | 67% | 0,33 | 6 |" in table
    # 3 of 4; chance (3*2 + 1*2) / 16 = 1/2; kappa 1/2.
    assert "| gesteund | 75% | 0,50 | 4 |" in table
    assert of_result(JUDGED, later) == ()


def test_what_is_kept_comes_back_in_order_and_nothing_is_overwritten(tmp_path):
    path = tmp_path / "new" / "oordelen.jsonl"
    first = given("a", "goed", remark="twee\nregels\u2028en “meer”")
    keep(first, path)
    keep(given("a", "fout"), path)
    assert read_judgements(path) == (first, given("a", "fout"))
    fields = ["id", "system", "commit", "judgement", "remark", "judge", "date"]
    assert list(json.loads(path.read_text(encoding="utf-8").split("\n")[0])) == fields


def test_a_line_that_was_torn_costs_no_other_judgement(tmp_path, caplog):
    path = tmp_path / "oordelen.jsonl"
    keep(given("a", "goed"), path)
    with path.open("a", encoding="utf-8") as file:
        file.write('{"id": "b", "sys')
    keep(given("c", "fout"), path)
    assert read_judgements(path) == (given("a", "goed"), given("c", "fout"))
    assert "line 2 of oordelen.jsonl" in caplog.text


def test_a_file_that_cannot_be_used_is_said(tmp_path):
    with pytest.raises(InputFileError, match="niet te lezen"):
        read_judgements(tmp_path)
    with pytest.raises(InputFileError, match="niet te schrijven"):
        keep(given("a", "goed"), tmp_path)
