"""The index on disk as it is searched.

    <index_dir>/current            the name of the build in use
    <index_dir>/build-<stamp>/     the FILES below; the vectors can be on a server

`index.build` makes a build beside the one in use and lets it take its place in
one step, when it is whole: a build that is killed halfway is never opened.
"""

import json
import logging
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from corpus.abbreviations import Abbreviation
from corpus.errors import IndexMissing, IndexOutdated
from corpus.passages import Passage, Place
from corpus.read import DocumentText
from corpus.sentences import Sentence
from corpus.sources import Source
from index.embedder import Encoded
from index.lexical import Lexicon, best_rows
from index.questions import Example, KnownQuestions
from index.vectors import CHROMA, DAMAGED, ELSEWHERE, Vectors

log = logging.getLogger(__name__)

# Raise when the files below change their meaning; an older build is then refused.
FORMAT = 4
FILES = (
    "manifest.json",
    "passages.jsonl",
    "documents.jsonl",
    "tokens.npy",
    "offsets.npy",
    "rows.npy",
    "centre.npy",
    "questions.jsonl",
    "questions.npy",
    "bm25",
)
ON_SERVER = "zijn vectoren staan op een Chroma-server, en chroma_url is leeg"


def context_text(source: Source, passage: Passage) -> str:
    """Return a passage as it is embedded and searched: where it stands, then its text.

    A gebiedsplan's wijken are part of where it stands: the passages of two
    areas can be alike but for them.
    """
    place = [" en ".join(source.areas)] if source.kind == "gebiedsplan" else []
    return " › ".join([*place, *passage.section[-2:]]) + "\n" + passage.text


# By id of a passage: the cosines, (question tokens, passage tokens).
Similarities = dict[str, NDArray[np.float32]]


class Index:
    """An opened index. Safe to share between threads: nothing in it changes."""

    def __init__(self, folder: Path, manifest: dict[str, Any], chroma_url: str) -> None:
        self.folder = folder
        self._chroma_url = chroma_url
        self.manifest = manifest
        self.sources = {s["id"]: _source(s) for s in manifest["sources"]}
        rows = _lines(folder / "passages.jsonl")
        self.passages = tuple(_passage(row) for row in rows)
        self.row = {p.id: n for n, p in enumerate(self.passages)}
        self.documents = {
            d["document"]: DocumentText(
                d["document"], d["text"], tuple(d["page_starts"]), tuple(d["warnings"])
            )
            for d in _lines(folder / "documents.jsonl")
        }
        self._tokens = np.load(folder / "tokens.npy", mmap_mode="r")
        self._offsets = np.load(folder / "offsets.npy", mmap_mode="r")
        self._rows = np.load(folder / "rows.npy")
        self.centre = np.load(folder / "centre.npy")
        self._lengths = _centred_lengths(self._tokens, self.centre)
        self.questions = KnownQuestions(
            [
                Example(row["question"], row["row"], frozenset(row["answers"]))
                for row in _lines(folder / "questions.jsonl")
            ],
            np.load(folder / "questions.npy"),
            len(self.passages),
        )
        self._bm25 = bm25s.BM25.load(str(folder / "bm25"))
        self._vectors = Vectors.open(folder, chroma_url)
        self._lexicon = Lexicon(
            [Abbreviation(a["short"], tuple(a["long"])) for a in manifest.get("abbreviations", ())],
            manifest["frequencies"],
            manifest.get("vocabulary", ()),
        )

    @classmethod
    def open(cls, index_dir: Path, fingerprint: str, chroma_url: str = "") -> "Index":
        """Open the build in use.

        Args:
            index_dir: the folder that `build` was given.
            fingerprint: of the embedder that questions will be encoded with.
            chroma_url: of the server that keeps the vectors; empty when the folder does.

        Raises:
            IndexMissing: nothing has been ingested.
            IndexOutdated: another format, made with another embedder, damaged, or its
                vectors are kept elsewhere.
            ChromaUnavailable: the server cannot be used.
        """
        folder = current_build(index_dir)
        if folder is None:
            raise IndexMissing()
        manifest = read_manifest(folder)
        if not manifest:
            raise IndexOutdated(reason=DAMAGED)
        if manifest.get("format") != FORMAT:
            raise IndexOutdated(reason="hij is gemaakt door een andere versie van Wegwijzer")
        if manifest.get("embedder") != fingerprint:
            raise IndexOutdated(reason="hij is gemaakt met een ander embedding-model")
        if is_on_server(manifest) != bool(chroma_url):
            raise IndexOutdated(reason=ELSEWHERE if chroma_url else ON_SERVER)
        try:
            index = cls(folder, manifest, chroma_url)
            whole = index._vectors.count() == manifest["passages"] == len(index.passages)
        except (OSError, ValueError, KeyError, TypeError) as error:
            log.error("%s cannot be opened", folder, exc_info=error)
            raise IndexOutdated(reason=DAMAGED) from error
        if not whole:
            raise IndexOutdated(reason=DAMAGED)
        return index

    def newest(self) -> "Index":
        """Return the index of the build in use by now: this one until another was made.

        Raises:
            StoreError: as `open` does.
        """
        index_dir = self.folder.parent
        if current_build(index_dir) == self.folder:
            return self
        return Index.open(index_dir, self.manifest["embedder"], self._chroma_url)

    def dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Return the k passages nearest to a unit vector: (id, cosine), best first."""
        return self._vectors.nearest(vector, k)

    def lexical(self, text: str, k: int) -> list[tuple[str, float]]:
        """Return up to k passages that hold at least one term of a question.

        Args:
            text: the question.
            k: at least 1.

        Returns:
            (id, score) pairs, best first: BM25, weighted as in `index.lexical`.
        """
        best = best_rows(self._bm25, self._lexicon.question_terms(text), k)
        pairs = [(self.passages[row].id, score) for row, score in best]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))[:k]

    def document_frequency(self, term: str) -> int:
        """Return in how many passages a term of `index.text.tokens` stands."""
        return int(self.manifest["frequencies"].get(term, 0))

    def centred(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (n, d) token vectors less their common part, of unit length.

        All token vectors of such models point much the same way; what they
        share says nothing, and taking it out sets apart what does.
        """
        moved = vectors.astype(np.float32) - self.centre
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)

    def similarities(self, asked: NDArray[np.float32], ids: Sequence[str]) -> Similarities:
        """Return the cosines of centred token vectors of a question and of passages.

        Of all passages at once: one by one takes three times as long.

        Args:
            asked: (t, d) from `centred`.
            ids: of the passages.
        """
        import torch  # loaded by now; numpy takes twice as long to widen 16-bit floats

        rows = [self.row[id] for id in ids]
        sizes = [int(self._rows[row + 1] - self._rows[row]) for row in rows]
        places = [np.arange(self._rows[row], self._rows[row + 1]) for row in rows]
        taken = np.concatenate(places) if places else np.zeros(0, np.intp)
        # cos(q, t - c) = (q.t - q.c) / |t - c|: the stored vectors can stay as they are.
        tokens = torch.from_numpy(self._tokens[taken]).float().numpy()
        products = asked @ tokens.T
        products -= (asked @ self.centre)[:, None]
        products /= self._lengths[taken]
        bounds = np.cumsum([0, *sizes])
        return {
            id: products[:, start:end]
            for id, start, end in zip(ids, bounds[:-1], bounds[1:], strict=True)
        }

    def whole_list(self, passage: Passage) -> tuple[Passage, ...]:
        """Return the passages of the list that a passage is or is a part of, in order."""
        first = last = self.row[passage.id]
        while first and are_one_list(self.passages[first - 1], passage):
            first -= 1
        while last + 1 < len(self.passages) and are_one_list(passage, self.passages[last + 1]):
            last += 1
        return self.passages[first : last + 1]

    def encodings(self) -> dict[str, Encoded]:
        """Return what each passage was encoded to, by its `context_text`."""
        by_id = self._vectors.by_id()
        found = {}
        for row, p in enumerate(self.passages):
            span = slice(self._rows[row], self._rows[row + 1])
            found[context_text(self.sources[p.document], p)] = Encoded(
                by_id[p.id],
                np.array(self._tokens[span]),
                np.array(self._offsets[span]),
            )
        return found

    def token_offsets(self, id: str) -> NDArray[np.int32]:
        """Return the (tokens, 2) character spans of a passage's tokens in its text.

        Tokens of the place that is embedded in front of the text have negative spans.
        """
        row = self.row[id]
        passage = self.passages[row]
        lead = len(context_text(self.sources[passage.document], passage)) - len(passage.text)
        span = slice(self._rows[row], self._rows[row + 1])
        return np.asarray(self._offsets[span] - lead, dtype=np.int32)


def are_one_list(one: Passage, other: Passage) -> bool:
    """Tell whether a list that is in one passage goes on in another: it was too long for one."""
    lead = (one.document, one.section, one.label, one.kind)
    return bool(one.label) and lead == (other.document, other.section, other.label, other.kind)


def current_build(index_dir: Path) -> Path | None:
    """Return the folder of the build in use, or None when there is none."""
    try:
        folder = index_dir / (index_dir / "current").read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return None
    return folder if (folder / "manifest.json").exists() else None


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a build says of itself; empty when that, or a file of it, is damaged."""
    try:
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    except FileNotFoundError:  # a build that was cut short
        return {}
    except (OSError, ValueError) as error:
        log.error("the manifest of %s cannot be read", folder, exc_info=error)
        return {}
    return manifest if isinstance(manifest, dict) and _is_whole(folder, manifest) else {}


def is_on_server(manifest: dict[str, Any]) -> bool:
    """Tell whether the vectors of a build are on a server; those of older builds never are."""
    return bool(manifest.get("on_server"))


def file_sizes(folder: Path) -> dict[str, int]:
    """Return the sizes in bytes of the files of a build, by their place in it."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.stat().st_size for path in sorted(files)}


def _is_whole(folder: Path, manifest: dict[str, Any]) -> bool:
    """Tell, without reading them, whether the files of a build are those that were written."""
    needed = FILES if is_on_server(manifest) else (*FILES, CHROMA)
    if not all((folder / name).exists() for name in needed):
        return False
    for name, written in manifest.get("sizes", {}).items():
        path = folder / name
        size = path.stat().st_size if path.exists() else -1
        # Chroma writes in its files when it is opened: its database can only have grown,
        # and the others, which it makes anew from the database, can have any size.
        if name.startswith(f"{CHROMA}/"):
            good = size >= (written if name.endswith(".sqlite3") else 0)
        else:
            good = size == written
        if not good:
            log.error("%s is not as it was written", path)
            return False
    return True


def _centred_lengths(
    tokens: NDArray[np.float16], centre: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Return |t - c| of unit vectors t, without keeping them in memory: (n,)."""
    block = 8192
    products = [
        tokens[start : start + block].astype(np.float32) @ centre
        for start in range(0, len(tokens), block)
    ]
    squares = 1 - 2 * np.concatenate(products) + float(centre @ centre)
    return np.asarray(np.sqrt(np.maximum(squares, 1e-9)), dtype=np.float32)


def _lines(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def _passage(row: dict[str, Any]) -> Passage:
    # An index that was made before other places were kept has none.
    also = tuple(Place(**_tupled(place)) for place in row.get("also", ()))
    return Passage(**_tupled(row) | {"also": also})


def _tupled(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row with its section and sentences as they were before they were written."""
    sentences = tuple(Sentence(**s) for s in row["sentences"])
    return row | {"section": tuple(row["section"]), "sentences": sentences}


def _source(row: dict[str, Any]) -> Source:
    changed: dict[str, Any] = {name: tuple(row[name]) for name in ("areas", "audience")}
    changed["path"] = Path(row["path"])
    if row["valid_until"]:
        changed["valid_until"] = date.fromisoformat(row["valid_until"])
    return Source(**{**row, **changed})
