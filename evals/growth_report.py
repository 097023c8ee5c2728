"""The figures of `evals.growth`: their file in evals/results/, and the tables of them."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from corpus.errors import InputFileError
from evals.results import FOLDER, GROWTH, commit, machine

NONE = "–"
SIZE_HEAD = (
    *("passages", "vectoren", "woorden", "samen", "alleen bm25s", "recall@30"),
    *("bouwen vectoren / woorden (s)", "openen (s)", "schijf (MB)", "geheugen (MB)"),
)
SETTING_HEAD = (
    *("passages", "instelling van Chroma", "vectoren", "recall@30"),
    *("bouwen (s)", "schijf (MB)", "geheugen (MB)"),
)


@dataclass(frozen=True)
class Times:
    """Milliseconds of a question: the middle one, and the one that 95 of 100 stay under."""

    p50: float
    p95: float


@dataclass(frozen=True)
class Figures:
    """What was measured of one collection.

    `hnsw` says how Chroma's index was made when settings were compared; then only the vectors
    were measured, and what is of words is None. `recall` is that of the first CANDIDATES of
    Chroma against exact search. Building the index takes `build_s` seconds and at most
    `build_mb` of memory; `open_s` is opening it with the first question. `memory_mb` is that
    of a process with only the two sides in it, and of the server. `both` is both sides and
    fusion; `retrieve` is search by bm25s alone, which cannot weigh terms.
    """

    passages: int
    hnsw: str
    disk_mb: float
    memory_mb: float
    open_s: float
    recall: float
    dense_build_s: float
    dense_build_mb: float
    dense: Times
    lexical_build_s: float | None = None
    lexical_build_mb: float | None = None
    lexical: Times | None = None
    both: Times | None = None
    retrieve: Times | None = None


@dataclass(frozen=True)
class Growth:
    """One measurement; `server` tells whether the vectors were on a Chroma server."""

    commit: str
    date: str
    machine: dict[str, Any]
    server: bool
    figures: tuple[Figures, ...] = ()

    @property
    def sizes(self) -> tuple[Figures, ...]:
        """The collections of which both sides were measured, the smallest first."""
        whole = [f for f in self.figures if not f.hnsw]
        return tuple(sorted(whole, key=lambda f: f.passages))

    def having(self, figures: Figures) -> "Growth":
        """Return the same with the figures of one more collection."""
        return replace(self, figures=(*self.figures, figures))


def begun(*, server: bool) -> Growth:
    """Return a measurement that begins now, on this machine and commit."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Growth(commit(), now, machine(), server)


def write(growth: Growth, folder: Path = FOLDER) -> None:
    """Write a measurement under its commit, in one step."""
    mark = "server-" if growth.server else ""
    path = folder / f"{GROWTH}{mark}{growth.commit}.json"
    beside = path.with_suffix(".new")
    text = json.dumps(asdict(growth), ensure_ascii=False, indent=1)
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)


def read(folder: Path = FOLDER) -> tuple[Growth, ...]:
    """Return the newest measurement without and with a server, as far as there are.

    Raises:
        InputFileError: a file cannot be read or is no such file.
    """
    newest: dict[bool, Growth] = {}
    for path in folder.glob(f"{GROWTH}*.json"):
        try:
            growth = _growth(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputFileError(path=path, reason="het is geen meting van groei") from error
        if growth.server not in newest or newest[growth.server].date < growth.date:
            newest[growth.server] = growth
    return tuple(newest[server] for server in sorted(newest))


def _growth(row: dict[str, Any]) -> Growth:
    return Growth(**{**row, "figures": tuple(_figures(f) for f in row["figures"])})


def _figures(row: dict[str, Any]) -> Figures:
    times = {name: Times(**value) for name, value in row.items() if isinstance(value, dict)}
    return Figures(**{**row, **times})


def markdown(growth: Growth) -> str:
    """Return the tables of a measurement, with a heading."""
    where = "op een Chroma-server" if growth.server else "in de map van de index"
    parts = [
        f"## Groei, vectoren {where}",
        f"Verzamelingen gemaakt door passages te mengen (versie {growth.commit}, "
        f"{growth.date[:10]}, {growth.machine['cores']} kernen). Tijden per vraag: p50 / p95 in "
        "ms. Recall: welk deel van de 30 dichtstbijzijnde vectoren Chroma vindt.",
    ]
    if growth.sizes:
        parts.append(_table(SIZE_HEAD, [_size(f) for f in growth.sizes]))
    compared = [f for f in growth.figures if f.hnsw]
    if compared:
        parts.append(_table(SETTING_HEAD, [_setting(f) for f in compared]))
    return "\n\n".join(parts) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def _size(f: Figures) -> tuple[str, ...]:
    return (
        _number(f.passages),
        *(_times(times) for times in (f.dense, f.lexical, f.both, f.retrieve)),
        f"{f.recall:.3f}".replace(".", ","),
        f"{f.dense_build_s:.0f} / {f.lexical_build_s:.0f}",
        f"{f.open_s:.1f}".replace(".", ","),
        _number(f.disk_mb),
        _number(f.memory_mb),
    )


def _setting(f: Figures) -> tuple[str, ...]:
    share = f"{f.recall:.3f}".replace(".", ",")
    build = f"{f.dense_build_s:.0f}"
    sizes = _number(f.disk_mb), _number(f.memory_mb)
    return (_number(f.passages), f.hnsw, _times(f.dense), share, build, *sizes)


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", ".")


def _times(times: Times | None) -> str:
    return NONE if times is None else f"{times.p50:.1f} / {times.p95:.1f}".replace(".", ",")
