from typing import Any

import pytest

from evals import failures

FOUND = {"hit@5": 1.0, "hit@10": 1.0}


def _row(status: str = "answered", kind: str = "contact", **scores: float) -> dict[str, Any]:
    return {
        "failed": True,
        "answerable": "abstention" not in scores,
        "kind": kind,
        "scores": scores,
        "record": {"status": status},
    }


@pytest.mark.parametrize(
    ("row", "cause"),
    [
        (_row("error"), failures.FAULT),
        (_row("abstained", false_abstention=1, **FOUND), failures.SILENT),
        (_row("abstained", false_abstention=1, **{"hit@10": 0.0}), failures.UNFOUND),
        (_row(fact_recall=0, **{"hit@5": 0.0, "hit@10": 0.0}), failures.UNFOUND),
        (_row(fact_recall=1, **{"hit@5": 0.0, "hit@10": 1.0}), failures.LATE),
        (_row(fact_recall=0, **FOUND), failures.OTHER_SENTENCE),
        (_row(fact_recall=0.5, **FOUND), failures.IN_PART),
        (_row(kind="lijst", fact_recall=0.5, **FOUND), failures.IN_PART_OF_LIST),
        (_row(fact_recall=1, **FOUND), failures.UNPROVED),
        (_row(kind="advies", abstention=0), "antwoord op wat er niet staat: advies"),
    ],
)
def test_a_failure_has_the_first_cause_that_holds(row: dict[str, Any], cause: str):
    assert failures.cause(row) == cause


def test_what_went_well_has_no_cause():
    assert failures.cause(_row(fact_recall=1, **FOUND) | {"failed": False}) == ""
