import json
from pathlib import Path

import pytest

from evals.__main__ import main

FILE = Path(__file__).parents[2] / "evals" / "gold" / "vragen.jsonl"


def test_an_unreadable_gold_file_ends_with_status_2_and_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["--gold", str(tmp_path / "weg.jsonl"), "--out", str(tmp_path / "uit")]) == 2
    captured = capsys.readouterr()
    assert "weg.jsonl" in captured.err
    assert captured.err.count("\n") == 1
    assert captured.out == ""
    assert not (tmp_path / "uit").exists()


def test_a_bad_argument_ends_with_status_2(tmp_path: Path):
    with pytest.raises(SystemExit) as stop:
        main(["--gold", str(FILE), "--out", str(tmp_path), "--split", "half"])
    assert stop.value.code == 2


def test_an_out_that_is_a_file_ends_with_status_2(tmp_path: Path):
    taken = tmp_path / "uit"
    taken.write_text("", encoding="utf-8")
    assert main(["--gold", str(FILE), "--out", str(taken)]) == 2


@pytest.mark.models
def test_three_questions_give_three_records_and_a_report(tmp_path: Path):
    lines = FILE.read_text(encoding="utf-8").splitlines()
    by_id = {json.loads(line)["id"]: line for line in lines}
    ids = ["kwartier-12", "pm-11", "pm-24"]
    gold = tmp_path / "drie.jsonl"
    gold.write_text("\n".join(by_id[id] for id in ids), encoding="utf-8")

    assert main(["--gold", str(gold), "--out", str(tmp_path), "--model", "quotes"]) == 0

    answers = (tmp_path / "answers.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in answers]
    assert [record["id"] for record in records] == ids
    assert all(record["status"] != "error" for record in records)
    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert (report["n"], report["errors"], report["model"]) == (3, 0, "quotes")
    assert report["groups"]["alle"]["hit@10"]["n"] == 2
    assert report["groups"]["alle"]["citation_verbatim"]["mean"] == 1
    assert "# Meting van drie.jsonl" in (tmp_path / "report.md").read_text(encoding="utf-8")


@pytest.mark.models
def test_retrieval_alone_gives_a_report_without_answers(tmp_path: Path):
    row = json.loads(FILE.read_text(encoding="utf-8").splitlines()[0])
    gold = tmp_path / "een.jsonl"
    gold.write_text(json.dumps(row), encoding="utf-8")

    assert main(["--gold", str(gold), "--out", str(tmp_path), "--only", "retrieval"]) == 0

    report = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert "correct" not in report["groups"]["alle"]
    assert report["groups"]["alle"]["mrr@10"]["n"] == 1
    assert not (tmp_path / "answers.jsonl").exists()
