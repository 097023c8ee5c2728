import re
from pathlib import Path
from typing import Any

import pytest

from evals import overview
from evals.growth_report import Figures, Growth, Times
from evals.page import html, write_reports
from evals.results import Result

HEAD = {
    "date": "2026-01-01T10:00:00",
    "commit": "abc",
    "gold": "vragen.jsonl",
    "only": "",
    "machine": {"cores": 2, "memory_gb": 16, "processor": "P"},
}


def _row(id: str, correct: float, confidence: float, answerable: bool = True) -> dict[str, Any]:
    name = "correct" if answerable else "abstention"
    return {
        "id": id,
        "persona": "pm",
        "kind": "contact" if answerable else "offtopic",
        "answerable": answerable,
        "scores": {name: correct, "hit@5": 1.0, "hit@10": 1.0, "total_ms": 100.0},
        "failed": correct < 1,
        "evidence": ["Het <b> staat hier."] if answerable else [],
        "missing": [["Laan 152"]] if correct < 1 else [],
        "forbidden": [],
        "timings": {"retrieve": 10.0, "first": 50.0, "total": 100.0},
        "record": {
            "question": f"vraag {id}",
            "status": "answered",
            "answer": "Een <script>antwoord</script> [1]",
            "confidence": confidence,
            "citations": [{"n": 1, "document": "plan", "section": "", "quote": "citaat"}],
        },
    }


def _run(system: str, *correct: float) -> Result:
    rows = [_row(f"v{n}", c, 0.9) for n, c in enumerate(correct)]
    rows.append(_row("weg", 0.0, 0.15, answerable=False))
    return Result({**HEAD, "system": system}, tuple(rows))


RUNS = (_run("bm25", 0, 0, 1), _run("wegwijzer-citaten", 1, 0, 1))


def test_ours_is_compared_with_the_other():
    found = overview.duels(RUNS)["bm25"]["correct"]
    assert (found.won, found.lost, found.ties) == (("v0",), (), 2)


def test_ours_is_the_run_on_the_most_questions_and_of_equals_the_one_with_a_model():
    sample, equal = _run("wegwijzer-local", 1), _run("wegwijzer-local", 1, 1, 1)
    assert overview.ours([*RUNS, sample]) is RUNS[1]
    assert overview.ours([*RUNS, equal]) is equal
    assert overview.ours(RUNS[:1]) is RUNS[0]


def test_reliability_is_the_share_of_answerable_questions_by_confidence():
    low, high = overview.reliability(RUNS[1])
    assert (low.confidence, low.answerable, low.n) == (0.15, 0, 1)
    assert (high.confidence, high.answerable, high.n) == (pytest.approx(0.9), 1, 3)
    # (1 * 0.15 + 3 * 0.1) / 4
    assert overview.calibration_error([low, high]) == pytest.approx(0.1125)


def test_numbers_are_written_the_dutch_way_with_interval_and_n():
    assert overview.cell([0.5, 0.5]) == "0,50 [0,50–0,50] n=2"
    assert overview.cell([]) == "–"
    assert overview.times([100, 300]) == "200 / 290 ms n=2"
    assert overview.times([1000, 3000]) == "2,0 / 2,9 s n=2"


def test_the_page_has_every_failure_and_nothing_of_it_is_markup():
    page = html(RUNS, "all")
    assert re.findall(r'id="v-(\w+)" data-fout="([^"]*)"', page) == [
        ("v1", "bm25 wegwijzer-citaten"),
        ("weg", "bm25 wegwijzer-citaten"),
        ("v0", "bm25"),
    ]
    assert "<script>antwoord" not in page
    assert "Het &lt;b&gt; staat hier." in page
    assert "ontbreekt: Laan 152" in page


def test_the_page_needs_no_other_file_and_has_the_four_plots():
    page = html(RUNS, "all")
    assert page.count("<figure>") == 4
    assert not re.search(r'(src|href)="(?!#)', re.sub(r'xmlns(:\w+)?="[^"]*"', "", page))
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_both_reports_are_written_with_what_people_judged(tmp_path: Path):
    write_reports(
        RUNS, tmp_path, "all", "## Oordelen van mensen\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    text = (tmp_path / "rapport.md").read_text(encoding="utf-8")
    assert "| wegwijzer-citaten | 0,67 [" in text
    assert "## Niet goed bij wegwijzer-citaten: 2 van 4" in text
    assert "## Oordelen van mensen" in text
    page = (tmp_path / "rapport.html").read_text(encoding="utf-8")
    assert "<h2>Oordelen van mensen</h2>" in page
    assert "<td>1</td><td>2</td>" in page


def _grown(passages: int, ms: float) -> Figures:
    times = Times(ms, 2 * ms)
    made = (passages, "", 10.0, 200.0, 1.0, 0.99, 5.0, 300.0, times, 3.0, 150.0)
    return Figures(*made, times, times, times)


def test_what_was_measured_of_growth_is_a_table_and_one_more_plot(tmp_path: Path):
    sizes = (_grown(1_000, 3.0), _grown(1_000_000, 41.5))
    growth = Growth("abc", "2026-01-01T10:00:00", HEAD["machine"], server=False, figures=sizes)
    write_reports(RUNS, tmp_path, "all", "## Oordelen", [growth])
    page = (tmp_path / "rapport.html").read_text(encoding="utf-8")
    assert page.count("<figure>") == 5
    assert "<h2>Tijd bij groei</h2>" in page
    assert "<td>1.000.000</td><td>41,5 / 83,0</td>" in page
    assert "<h2>Oordelen</h2>" in page
    ids = re.findall(r'\sid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert "| 1.000.000 | 41,5 / 83,0 |" in (tmp_path / "rapport.md").read_text(encoding="utf-8")
