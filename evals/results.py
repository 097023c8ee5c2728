"""The files of results: written line by line while a system is measured, read by the report.

`<what>-<commit>.json` is one system measured on one commit; `.partial.jsonl` beside it
is a measurement that has not ended, with which the same command goes on.
"""

import hashlib
import json
import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assistant.settings import PROJECT
from corpus.errors import InputFileError

FOLDER = PROJECT / "evals" / "results"
# How the files of `evals.growth` begin, which hold no answers.
GROWTH = "groei-"
# What decides the rows, as git names it; the questions are recorded by their hash.
MEASURED = ("corpus", "index", "assistant", "evals/*.py")


@dataclass(frozen=True)
class Result:
    """What one system made of the questions; `head` holds all fields but the rows."""

    head: Mapping[str, Any]
    rows: tuple[Mapping[str, Any], ...]

    @property
    def system(self) -> str:
        """The name of the system that was measured."""
        return str(self.head["system"])

    @property
    def answered(self) -> bool:
        """True when answers were measured, and not retrieval alone."""
        return bool(self.head["only"] != "retrieval")

    def values(self, score: str) -> dict[str, float]:
        """One score by question id, where it applies."""
        return {row["id"]: row["scores"][score] for row in self.rows if score in row["scores"]}

    def within(self, split: str) -> "Result":
        """The same with the questions of one split (tune, test) or all."""
        kept = tuple(row for row in self.rows if split in ("all", row["split"]))
        return Result(self.head, kept)


def commit() -> str:
    """Return the commit that is measured; code that differs from it adds a mark of its own."""
    told = _git("rev-parse", "--short=10", "HEAD") or "onbekend"
    changed = _git("diff", "HEAD", "--", *MEASURED)
    mark = hashlib.sha256(changed.encode()).hexdigest()[:6]
    return f"{told}-gewijzigd-{mark}" if changed else told


def _git(*command: str) -> str:
    try:
        run = subprocess.run(["git", *command], cwd=PROJECT, capture_output=True, text=True)
    except OSError:  # no git here: the project was installed from a package
        return ""
    return run.stdout.strip()


def machine() -> dict[str, Any]:
    """Return what decides the times: cores, memory in GB and the processor."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") if os.name == "posix" else 0
    return {
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1e9),
        "processor": _processor(),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "") or platform.processor() or platform.machine()


class Partial:
    """The rows of a measurement that goes on: kept when the head is the same, else begun anew.

    `done` is true when the result is there already, with the same head.

    Args:
        path: of the result when it is done.
        head: what decides the rows: system, questions, settings, commit.
    """

    def __init__(self, path: Path, head: Mapping[str, Any]) -> None:
        self.path = path
        self.partial = path.with_suffix(".partial.jsonl")
        self.head = head
        self.done = path.exists() and head.items() <= load(path).head.items()

    def begin(self) -> None:
        """Take the rows that an earlier run left.

        Raises:
            InputFileError: the file cannot be written.
        """
        head = self.head
        lines = list(_whole_lines(self.partial))
        self.rows: list[dict[str, Any]] = lines[1:] if lines and lines[0] == head else []
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            # Written again, so that a line that was cut short is gone.
            written = "".join(_line(row) for row in (head, *self.rows))
            self.partial.write_text(written, encoding="utf-8")
        except OSError as error:
            raise InputFileError(path=self.partial, reason="het is niet te schrijven") from error

    def add(self, row: dict[str, Any]) -> None:
        """Keep one row, on disk as well."""
        self.rows.append(row)
        with self.partial.open("a", encoding="utf-8") as target:
            target.write(_line(row))

    def finish(self, summary: Mapping[str, Any]) -> None:
        """Write the result in one step, one row a line, and drop the partial file."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        head = {**self.head, "date": now, "n": len(self.rows), "summary": summary}
        text = json.dumps(head, ensure_ascii=False, indent=1).removesuffix("\n}")
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in self.rows)
        beside = self.path.with_suffix(".new")
        beside.write_text(f'{text},\n "rows": [\n{rows}\n]}}\n', encoding="utf-8")
        beside.replace(self.path)
        self.partial.unlink()


def _line(row: Mapping[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def _whole_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the lines up to the first that is not whole."""
    if not path.exists():
        return
    for line in path.read_text(encoding="utf-8").split("\n"):
        try:
            yield json.loads(line)
        except ValueError:
            return


def load(path: Path) -> Result:
    """Read a file of results.

    Raises:
        InputFileError: it cannot be read or is no such file.
    """
    try:
        head = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(head.pop("rows"))
        if not {"system", "only", "split", "date", "commit"} <= set(head):
            raise ValueError("fields are missing")
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise InputFileError(path=path, reason="het is geen bestand met uitslagen") from error
    return Result(head, rows)


def newest(results: Iterable[Result], split: str = "all") -> tuple[Result, ...]:
    """Return of each system the newest run that has the split, with the rows of that split.

    A run with answers counts before one of retrieval alone.
    """
    chosen: dict[str, Result] = {}
    for result in sorted(results, key=lambda r: (r.answered, r.head["date"])):
        if result.head["split"] in ("all", split):
            chosen[result.system] = result.within(split)
    return tuple(chosen[name] for name in sorted(chosen))


def read(folder: Path = FOLDER, split: str = "all") -> tuple[Result, ...]:
    """Read the newest results in a folder.

    Raises:
        InputFileError: one cannot be read, or there are none.
    """
    found = newest(map(load, files(folder)), split)
    if not found:
        reason = f"er staan geen uitslagen in voor split {split}"
        raise InputFileError(path=folder, reason=reason)
    return found


def files(folder: Path) -> Sequence[Path]:
    """Return the files of results in a folder, without those of growth."""
    return sorted(p for p in folder.glob("*.json") if not p.name.startswith(GROWTH))
