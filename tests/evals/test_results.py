import json
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import InputFileError
from evals import results
from evals.results import Partial, Result

HEAD = {"system": "x", "commit": "c1", "split": "all", "only": ""}


def _row(id: str, split: str = "tune", **scores: float) -> dict[str, Any]:
    return {"id": id, "split": split, "scores": scores}


def _begun(path: Path, head: dict[str, Any] = HEAD) -> Partial:
    partial = Partial(path, head)
    partial.begin()
    return partial


def test_a_run_that_was_stopped_goes_on_after_its_last_whole_row(tmp_path: Path):
    path = tmp_path / "x-c1.json"
    first = _begun(path)
    first.add(_row("a"))
    first.add(_row("b"))
    text = first.partial.read_text(encoding="utf-8")
    first.partial.write_text(text[:-5], encoding="utf-8")  # killed while it wrote b

    second = _begun(path)
    assert [row["id"] for row in second.rows] == ["a"]
    second.add(_row("b"))
    second.finish({"errors": 0})

    loaded = results.load(path)
    assert [row["id"] for row in loaded.rows] == ["a", "b"]
    assert (loaded.head["n"], loaded.head["summary"]) == (2, {"errors": 0})
    assert not second.partial.exists()


def test_a_run_of_another_commit_or_other_questions_begins_anew(tmp_path: Path):
    path = tmp_path / "x-c1.json"
    _begun(path).add(_row("a"))
    assert _begun(path, {**HEAD, "gold_sha256": "other"}).rows == []


def test_a_finished_run_is_done_for_its_own_head_only(tmp_path: Path):
    path = tmp_path / "x-c1.json"
    _begun(path).finish({})
    assert Partial(path, HEAD).done
    assert not Partial(path, {**HEAD, "split": "tune"}).done


def _result(system: str, date: str, split: str = "all", only: str = "") -> Result:
    head = {"system": system, "date": date, "split": split, "only": only}
    return Result(head, (_row("a", "tune", correct=1.0), _row("b", "test", correct=0.0)))


def test_of_each_system_the_newest_run_with_answers_is_taken():
    runs = [
        _result("x", "2026-01-02"),
        _result("x", "2026-01-01"),
        _result("x", "2026-01-03", only="retrieval"),
        _result("y", "2026-01-01", only="retrieval"),
        _result("z", "2026-01-01", split="tune"),
    ]
    found = results.newest(runs)
    assert [(r.system, r.head["date"]) for r in found] == [("x", "2026-01-02"), ("y", "2026-01-01")]


def test_a_split_is_a_part_of_a_run_of_all():
    (found,) = results.newest([_result("x", "2026-01-01")], "test")
    assert found.values("correct") == {"b": 0.0}


def test_a_folder_without_results_and_a_file_that_is_none_are_refused(tmp_path: Path):
    with pytest.raises(InputFileError, match="geen uitslagen"):
        results.read(tmp_path)
    (tmp_path / "x.json").write_text(json.dumps({"rows": []}), encoding="utf-8")
    with pytest.raises(InputFileError, match="geen bestand met uitslagen"):
        results.read(tmp_path)
