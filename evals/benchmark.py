"""Measure the budgets on this machine: `python -m evals.benchmark`.

Each figure is taken in a process of its own, as a user would have it. Run it on
a machine that does nothing else.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from assistant.answer_model import AnswerModel, Turn
from evals.gold import load_gold
from evals.metrics import percentile

GOLD = Path(__file__).parent / "gold" / "vragen.jsonl"
PORT = 7899
# Questions for the answer model: each takes seconds.
WRITTEN = 12


@dataclass(frozen=True)
class Figure:
    """One budget: what was measured and what it may be at most, in `unit`."""

    what: str
    measured: float
    budget: float
    unit: str


def main() -> int:
    """Measure everything, print a table, and write it as JSON when asked to."""
    parser = argparse.ArgumentParser(prog="python -m evals.benchmark", description=main.__doc__)
    parser.add_argument("--out", type=Path, help="also write the figures to this JSON file")
    parser.add_argument("--part", choices=["quotes", "local"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part:
        print(json.dumps(answering(arguments.part)))
        return 0
    figures = [*_ingest(), *_answers(), *_serve()]
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores\n")
    print("| what | measured | at most |\n|---|---|---|")
    for figure in figures:
        print(
            f"| {figure.what} | {figure.measured:.4g} {figure.unit} "
            f"| {figure.budget:g} {figure.unit} |"
        )
    if arguments.out:
        rows = [vars(figure) for figure in figures]
        arguments.out.write_text(json.dumps(rows, ensure_ascii=False, indent=1), encoding="utf-8")
    return 0


def answering(model: str) -> dict[str, float]:
    """Answer the example questions warm in this process; milliseconds and GiB."""
    import resource

    import app  # noqa: F401  (the page's libraries are in its memory too)
    from assistant.ask import Assistant
    from assistant.settings import load_settings

    assistant = Assistant.open(load_settings(model=model))
    assistant.warm_up()
    words = _TimedModel(assistant.model) if assistant.model else None
    assistant.model = words
    golds = load_gold(GOLD)
    evidence, first, written, whole = [], [], [], []
    for gold in golds if model == "quotes" else [g for g in golds if g.answerable][:WRITTEN]:
        started = time.perf_counter()
        told = 0.0
        for answer in assistant.stream(gold.question, gold.history):
            if answer.model != "quotes" and not told:
                told = (time.perf_counter() - started) * 1000
        if answer.status == "answered":
            evidence.append(answer.timings_ms.first)
            first += [(words.began - started) * 1000] if words else []
            written += [told] if told else []
            whole.append(answer.timings_ms.total)
    return {
        "evidence_p50": percentile(evidence, 50),
        "evidence_p95": percentile(evidence, 95),
        "words_p50": percentile(first, 50) if first else 0.0,
        "written_p50": percentile(written, 50) if written else 0.0,
        "whole_p50": percentile(whole, 50),
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,  # of KiB, on Linux
        "in_use": resident(),
    }


class _TimedModel:
    """An answer model, and when it last began to speak."""

    def __init__(self, model: AnswerModel) -> None:
        self.name = model.name
        self.warm_up = model.warm_up
        self.began = 0.0
        self._model = model

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Iterator[str]:
        pieces = self._model.stream(system, turns, max_tokens)
        for n, piece in enumerate(pieces):
            if not n:
                self.began = time.perf_counter()
            yield piece


def resident(process: int | str = "self") -> float:
    """Memory of a process by its number, or of this one, in GiB (Linux)."""
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**30


def _answers() -> list[Figure]:
    quotes, local = _part("quotes"), _part("local")
    return [
        Figure("first verified evidence, warm, p50", quotes["evidence_p50"], 150, "ms"),
        Figure("first verified evidence, warm, p95", quotes["evidence_p95"], 400, "ms"),
        Figure("local model, its first words, p50", local["words_p50"] / 1000, 3, "s"),
        # Shown only once it is whole and checked: no budget of its own, within that of the answer.
        Figure("local model, first checked sentence, p50", local["written_p50"] / 1000, 8, "s"),
        Figure("local model, whole answer, p50", local["whole_p50"] / 1000, 8, "s"),
        Figure("memory without answer model, peak", quotes["peak"], 1.5, "GiB"),
        Figure("memory with answer model, peak (while it loads)", local["peak"], 4, "GiB"),
        Figure("memory with answer model, while answering", local["in_use"], 4, "GiB"),
    ]


def _part(model: str) -> dict[str, float]:
    command = [sys.executable, "-m", "evals.benchmark", "--part", model]
    run = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(json.loads(run.stdout))


def _ingest() -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        settings = {**os.environ, "WEGWIJZER_INDEX_DIR": str(Path(folder) / "index")}
        seconds = []
        for _ in range(2):
            started = time.perf_counter()
            command = [sys.executable, "-m", "assistant", "ingest"]
            subprocess.run(command, env=settings, capture_output=True, check=True)
            seconds.append(time.perf_counter() - started)
    return [
        Figure("ingest of the five documents from nothing", seconds[0], 60, "s"),
        Figure("ingest when nothing changed", seconds[1], 3, "s"),
    ]


def _serve() -> list[Figure]:
    settings = {**os.environ, "WEGWIJZER_PORT": str(PORT)}
    started = time.perf_counter()
    command = [sys.executable, "-m", "assistant", "serve"]
    server = subprocess.Popen(command, env=settings, stdout=subprocess.DEVNULL)
    try:
        while server.poll() is None:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{PORT}/", timeout=2) as page:
                    page.read()
                    break
            except OSError:
                time.sleep(0.1)
        seconds = time.perf_counter() - started
        if server.poll() is not None:
            raise RuntimeError("serve stopped before its page answered")
    finally:
        server.terminate()
        server.wait()
    return [Figure("serve until the page answers, models warm", seconds, 20, "s")]


if __name__ == "__main__":
    sys.exit(main())
