"""Collections of any size made of our own index: mixed vectors, and texts of mixed sentences.

They are for measuring time and memory. What is found in them means nothing: the words are
those of the documents, so that each stands in as large a share of the passages as there.
A real collection of that size has more and rarer words, of which fewer passages must be scored.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SEED = 20261122
# Made and stored at a time; a multiple would be the same collection in other blocks.
BLOCK = 5000
# The length of what is added to a mixed vector of length 1: without it the mixes of the same
# two passages would be all but equal; with it their cosine is at most 1 / (1 + 0.3²) = 0.92.
NOISE = 0.3

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Base:
    """What collections are made of, and asked.

    `vectors` are the (n, d) unit vectors of the passages, `places` what is put in front of each
    text and `sentences` its sentences; `asked` are the (q, d) unit vectors of the `questions`.
    `abbreviations` (short, long), `frequencies` and `vocabulary` are for `index.lexical.Lexicon`.
    """

    vectors: Vector
    asked: Vector
    places: tuple[str, ...]
    sentences: tuple[tuple[str, ...], ...]
    questions: tuple[str, ...]
    abbreviations: tuple[tuple[str, tuple[str, ...]], ...]
    frequencies: Mapping[str, int]
    vocabulary: tuple[str, ...]

    def save(self, folder: Path) -> None:
        """Write it for `load`."""
        np.savez(folder / "base.npz", vectors=self.vectors, asked=self.asked)
        told = {k: v for k, v in asdict(self).items() if k not in ("vectors", "asked")}
        text = json.dumps(told, ensure_ascii=False)
        (folder / "base.json").write_text(text, encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> "Base":
        """Read what `save` wrote."""
        told = json.loads((folder / "base.json").read_text(encoding="utf-8"))
        told |= {name: tuple(told[name]) for name in ("places", "questions", "vocabulary")}
        told["sentences"] = tuple(map(tuple, told["sentences"]))
        told["abbreviations"] = tuple((short, tuple(long)) for short, long in told["abbreviations"])
        with np.load(folder / "base.npz") as arrays:
            return cls(**told, vectors=arrays["vectors"], asked=arrays["asked"])


def vectors(base: Base, size: int) -> Iterator[Vector]:
    """Yield the (BLOCK, d) unit vectors of a collection, block by block; the last may be smaller."""
    for rng, pairs in _pairs(len(base.vectors), size):
        share = rng.uniform(0.2, 0.8, (len(pairs), 1)).astype(np.float32)
        first, second = base.vectors[pairs[:, 0]], base.vectors[pairs[:, 1]]
        mixed = unit(share * first + (1 - share) * second)
        noise = rng.standard_normal(mixed.shape, dtype=np.float32)
        yield unit(mixed + np.float32(NOISE / np.sqrt(mixed.shape[1])) * noise)


def texts(base: Base, size: int) -> Iterator[str]:
    """Yield the texts of a collection: half of the sentences of each of two passages."""
    for rng, pairs in _pairs(len(base.sentences), size):
        for first, second in pairs:
            found = [*base.sentences[first], *base.sentences[second]]
            kept = rng.random(len(found)) < 0.5
            told = [s for s, keep in zip(found, kept, strict=True) if keep] or found[:1]
            yield base.places[first] + " ".join(told)


def unit(rows: Vector) -> Vector:
    """Return rows of length 1."""
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)


def _pairs(n: int, size: int) -> Iterator[tuple[np.random.Generator, NDArray[np.int64]]]:
    """Yield for each block its (rows, 2) passages to mix, and what else is drawn for it."""
    for number, start in enumerate(range(0, size, BLOCK)):
        rng = np.random.default_rng([SEED, number])
        yield rng, rng.integers(n, size=(min(BLOCK, size - start), 2))


class Nearest:
    """The k rows nearest to each question by exact search, of blocks that come one by one.

    Args:
        asked: (q, d) unit vectors.
        k: how many.
    """

    def __init__(self, asked: Vector, k: int) -> None:
        self._asked, self._k, self._seen = asked, k, 0
        self._cosines = np.zeros((len(asked), 0), np.float32)
        self.rows = np.zeros((len(asked), 0), np.int64)

    def add(self, block: Vector) -> None:
        """Look at the next (n, d) unit vectors."""
        new = np.arange(self._seen, self._seen + len(block))
        cosines = np.hstack([self._cosines, self._asked @ block.T])
        rows = np.hstack([self.rows, np.broadcast_to(new, (len(self._asked), len(block)))])
        best = np.argsort(-cosines, axis=1, kind="stable")[:, : self._k]
        self._cosines = np.take_along_axis(cosines, best, axis=1)
        self.rows = np.take_along_axis(rows, best, axis=1)
        self._seen += len(block)


def recall(found: list[set[int]], exact: NDArray[np.int64]) -> float:
    """Return the mean share of the (q, k) exact rows that was found for each question."""
    shares = [
        len(set(rows) & there) / len(rows)
        for there, rows in zip(found, exact.tolist(), strict=True)
    ]
    return float(np.mean(shares))
