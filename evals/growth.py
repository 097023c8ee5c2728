"""Time, memory and recall when the collection grows: `python -m evals.growth`.

Each collection is made of our own index (see `evals.grown`) and measured in processes of its
own, so that memory is that of one size; with `--server` the vectors are on a Chroma server.
Only the two sides that bring candidates are measured: what follows looks at the same number
of passages whatever the size. Run it on a machine that does nothing else; the largest
collection needs 15 GB of memory, and room on the disk (`--folder`).
"""

import argparse
import json
import logging
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from unittest.mock import patch

import bm25s
import numpy as np
from threadpoolctl import threadpool_limits

from assistant.settings import load_settings
from corpus.abbreviations import Abbreviation
from evals.benchmark import resident
from evals.chroma_server import chroma_server
from evals.gold import FOLDER, load_gold
from evals.grown import BLOCK, Base, Nearest, recall, texts, vectors
from evals.growth_report import Figures, Times, begun, markdown, write
from evals.metrics import percentile
from index.lexical import Lexicon, best_rows, passage_terms
from index.search import CANDIDATES, LEXICAL_WEIGHT, fuse
from index.vectors import HNSW, Item, Vectors

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SETTINGS_SIZE = 100_000
# What a collection of Chroma can be made with, instead of or beside our ef_search 200 and its
# own M 16 and ef_construction 100: https://docs.trychroma.com/docs/collections/configure
ALTERNATIVES: tuple[dict[str, int], ...] = (
    {},
    {"ef_search": 100},
    {"sync_threshold": 10_000},
    {"ef_construction": 200},
    {"max_neighbors": 32, "ef_construction": 200},
)
QUESTIONS = 100
# How often each question is asked: one time says little of p95.
ROUNDS = 3
PARTS = ("prepare", "dense", "lexical", "ask")


@dataclass(frozen=True)
class Task:
    """What a process has to do: one of PARTS, in a folder, with `size` passages.

    `url` is of a Chroma server; empty when the vectors are in the folder. With `hnsw`, what
    their index is made with, they are measured alone; it is None when both sides are.
    """

    part: str
    folder: str
    size: int
    url: str = ""
    hnsw: dict[str, int] | None = None


def main(given: Sequence[str] | None = None) -> int:
    """Measure each size, then the settings of Chroma; write the figures and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m evals.growth", description=main.__doc__)
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES, metavar="N")
    parser.add_argument(
        "--settings-size",
        type=int,
        default=SETTINGS_SIZE,
        metavar="N",
        help="passages with which Chroma's settings are compared; 0: not",
    )
    parser.add_argument("--server", action="store_true", help="keep vectors on a Chroma server")
    parser.add_argument("--folder", type=Path, help="where the collections are made for a while")
    parser.add_argument("--task", help=argparse.SUPPRESS)
    arguments = parser.parse_args(given)
    if arguments.task:
        print(json.dumps(perform(Task(**json.loads(arguments.task)))))
        return 0
    growth = begun(server=arguments.server)
    jobs: list[tuple[int, dict[str, int] | None]] = [(size, None) for size in arguments.sizes]
    jobs += [(arguments.settings_size, a) for a in ALTERNATIVES if arguments.settings_size]
    with tempfile.TemporaryDirectory(dir=arguments.folder) as prepared:
        elsewhere(Task("prepare", prepared, 0))
        for size, hnsw in jobs:
            figures = measure(Path(prepared), size, hnsw, server=arguments.server)
            print(figures, file=sys.stderr, flush=True)
            growth = growth.having(figures)
            write(growth)  # each time: the largest takes long
    print(markdown(growth))
    return 0


def measure(prepared: Path, size: int, hnsw: dict[str, int] | None, *, server: bool) -> Figures:
    """Make one collection and ask it, in processes of their own."""
    with ExitStack() as stack:
        # A collection on a server is named after it, and may not end in what tempfile makes.
        made = tempfile.TemporaryDirectory(dir=prepared, suffix="made")
        folder = stack.enter_context(made)
        place = Path(folder) / "server"
        running = stack.enter_context(chroma_server(place)) if server else None
        url = running.url if running else ""
        told: dict[str, Any] = {}
        for part in PARTS[1:] if hnsw is None else ("dense", "ask"):
            told |= elsewhere(Task(part, folder, size, url, hnsw))
        if running:
            told["memory_mb"] += resident(running.process.pid) * 2**30 / 1e6
        sizes = [path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()]
    told |= {name: Times(**value) for name, value in told.items() if isinstance(value, dict)}
    return Figures(size, "" if hnsw is None else _words(hnsw), sum(sizes) / 1e6, **told)


def _words(hnsw: dict[str, int]) -> str:
    return ", ".join(f"{name} {value}" for name, value in hnsw.items()) or "in gebruik"


def elsewhere(task: Task) -> dict[str, Any]:
    """Perform a task in a process of its own; what went wrong there is seen on stderr."""
    command = [sys.executable, "-m", "evals.growth", "--task", json.dumps(asdict(task))]
    run = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(run.stdout))


def perform(task: Task) -> dict[str, Any]:
    """Do one part of the measurement in this process; return its figures by their names."""
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to debug
    threadpool_limits(1, user_api="blas")  # as the assistant does
    folder = Path(task.folder)
    if task.part == "prepare":
        prepare(folder)
        return {}
    base = Base.load(folder if (folder / "base.json").exists() else folder.parent)
    if task.part == "dense":
        return build_dense(base, task)
    return build_lexical(base, task) if task.part == "lexical" else ask(base, task)


def prepare(folder: Path) -> None:
    """Take from our own index what collections are made of, and encode the questions."""
    from index.embedder import Embedder, fingerprint
    from index.store import Index, context_text

    settings = load_settings()
    identity = fingerprint(settings.embedder, settings.cache_dir)
    index = Index.open(settings.index_dir, identity, settings.chroma_url)
    contexts = [context_text(index.sources[p.document], p) for p in index.passages]
    encoded = index.encodings()
    questions = [gold.question for gold in load_gold(FOLDER / "vragen.jsonl", "tune")][:QUESTIONS]
    embedder = Embedder.load(settings.embedder, settings.cache_dir)
    Base(
        np.stack([encoded[context].vector for context in contexts]),
        np.stack([embedder.encode_query(question).vector for question in questions]),
        tuple(c.removesuffix(p.text) for c, p in zip(contexts, index.passages, strict=True)),
        tuple(tuple(s.text for s in p.sentences) for p in index.passages),
        tuple(questions),
        tuple((a["short"], tuple(a["long"])) for a in index.manifest["abbreviations"]),
        index.manifest["frequencies"],
        tuple(index.manifest["vocabulary"]),
    ).save(folder)


def build_dense(base: Base, task: Task) -> dict[str, Any]:
    """Store the vectors and texts as an ingest does; keep what exact search finds beside them."""
    exact = Nearest(base.asked, CANDIDATES)
    told = texts(base, task.size)
    seconds, row = 0.0, 0
    with patch.dict(HNSW, task.hnsw or {}):
        store = Vectors.make(Path(task.folder), task.url)
    for block in vectors(base, task.size):
        exact.add(block)
        numbered = enumerate(zip(islice(told, BLOCK), block, strict=True), start=row)
        facts = {"document": "document", "kind": "gebiedsplan"}
        items = [Item(str(n), text, vector, facts) for n, (text, vector) in numbered]
        started = time.perf_counter()
        store.add(items)
        seconds += time.perf_counter() - started
        row += len(block)
    started = time.perf_counter()
    store.nearest(base.asked[0], CANDIDATES)  # what Chroma has put off, it does now
    seconds += time.perf_counter() - started
    np.save(Path(task.folder) / "exact.npy", exact.rows)
    return {"dense_build_s": seconds, "dense_build_mb": _peak()}


def build_lexical(base: Base, task: Task) -> dict[str, Any]:
    """Index the terms of the texts as an ingest does, but for terms as numbers: memory for 1M."""
    started = time.perf_counter()
    known: dict[str, int] = {}
    numbers = [
        [known.setdefault(term, len(known)) for term in passage_terms(text)]
        for text in texts(base, task.size)
    ]
    lexical = bm25s.BM25()
    lexical.index((numbers, known), show_progress=False)
    lexical.save(str(Path(task.folder) / "bm25"))
    return {"lexical_build_s": time.perf_counter() - started, "lexical_build_mb": _peak()}


def ask(base: Base, task: Task) -> dict[str, Any]:
    """Ask all questions of both sides, or of the dense one alone; warm, by the second round."""
    folder = Path(task.folder)
    exact = np.load(folder / "exact.npy")
    started = time.perf_counter()
    store = Vectors.open(folder, task.url)
    store.nearest(base.asked[0], CANDIDATES)
    words = None if task.hnsw is not None else _Words(base, folder / "bm25")
    figures: dict[str, Any] = {"open_s": time.perf_counter() - started}
    found = [{int(id) for id, _ in store.nearest(v, CANDIDATES)} for v in base.asked]
    figures["recall"] = recall(found, exact)
    spent: dict[str, list[float]] = {}
    for turn in range(1 + ROUNDS):
        for question, vector in zip(base.questions, base.asked, strict=True):
            for side, ms in _asked(store, words, question, vector).items():
                spent.setdefault(side, []).extend([ms] if turn else [])
    figures |= {
        side: asdict(Times(percentile(ms, 50), percentile(ms, 95))) for side, ms in spent.items()
    }
    return {**figures, "memory_mb": resident() * 2**30 / 1e6}


class _Words:
    """The lexical side of a collection, as `index.store.Index` has it."""

    def __init__(self, base: Base, folder: Path) -> None:
        abbreviations = [Abbreviation(short, long) for short, long in base.abbreviations]
        self.lexicon = Lexicon(abbreviations, base.frequencies, base.vocabulary)
        self.bm25 = bm25s.BM25.load(str(folder))

    def best(self, question: str) -> list[str]:
        best = best_rows(self.bm25, self.lexicon.question_terms(question), CANDIDATES)
        return [str(row) for row, _ in sorted(best, key=lambda pair: -pair[1])[:CANDIDATES]]

    def retrieve(self, question: str) -> Any:
        """Search with bm25s alone, every term counting as much: to compare its time."""
        terms = [term for found in self.lexicon.question_terms(question).values() for term in found]
        return self.bm25.retrieve([terms], k=CANDIDATES, show_progress=False)


def _asked(
    store: Vectors, words: _Words | None, question: str, vector: np.ndarray
) -> dict[str, float]:
    """Return the milliseconds that a question takes, by the name in `Figures`."""
    started = time.perf_counter()
    dense = [id for id, _ in store.nearest(vector, CANDIDATES)]
    found = time.perf_counter()
    if words is None:
        return {"dense": (found - started) * 1000}
    lexical = words.best(question)
    searched = time.perf_counter()
    fuse([(1.0, dense), (LEXICAL_WEIGHT, lexical)])
    fused = time.perf_counter()
    words.retrieve(question)
    return {
        "dense": (found - started) * 1000,
        "lexical": (searched - found) * 1000,
        "both": (fused - started) * 1000,
        "retrieve": (time.perf_counter() - fused) * 1000,
    }


def _peak() -> float:
    """Return the most memory that this process has had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6  # of KiB, on Linux


if __name__ == "__main__":
    sys.exit(main())
