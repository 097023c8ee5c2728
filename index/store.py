"""The index on disk: build, open, verify, swap. The only importer of chromadb.

    <index_dir>/current            the name of the build in use
    <index_dir>/build-<stamp>/     manifest.json, passages.jsonl, documents.jsonl,
                                   chroma/, bm25/, tokens.npy, offsets.npy, rows.npy,
                                   centre.npy

A build is made beside the one in use and takes its place in one step, when it is
whole: a build that is killed halfway is never opened.
"""

import hashlib
import json
import logging
import math
import os
import shutil
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from corpus.errors import DocumentError, DocumentUnreadable, IndexMissing, IndexOutdated
from corpus.passages import Passage, passages
from corpus.read import DocumentText, read
from corpus.sentences import Sentence
from corpus.sources import Source, verify
from index.embedder import Embedder, Encoded
from index.text import tokens

log = logging.getLogger(__name__)

# Raise when the files below change their meaning; an older build is then refused.
FORMAT = 1
COLLECTION = "passages"


@dataclass(frozen=True)
class BuildReport:
    """What an ingest did: counts, and the documents that could not be taken in."""

    documents: int
    passages: int
    embedded: int
    changed: bool
    problems: tuple[DocumentError, ...]


@dataclass(frozen=True)
class _Read:
    """One document as read."""

    source: Source
    document: DocumentText
    passages: tuple[Passage, ...]


def context_text(source: Source, passage: Passage) -> str:
    """Return a passage as it is embedded and searched: where it stands, then its text.

    A gebiedsplan's wijken are part of where it stands: the passages of two
    areas can be alike but for them.
    """
    place = [" en ".join(source.areas)] if source.kind == "gebiedsplan" else []
    return " › ".join([*place, *passage.section[-2:]]) + "\n" + passage.text


class Index:
    """An opened index. Safe to share between threads: nothing in it changes."""

    def __init__(self, folder: Path, manifest: dict[str, Any]) -> None:
        self.manifest = manifest
        self.sources = {s["id"]: _source(s) for s in manifest["sources"]}
        rows = _lines(folder / "passages.jsonl")
        self.passages = tuple(_passage(row) for row in rows)
        self.row = {p.id: n for n, p in enumerate(self.passages)}
        self.documents = {
            d["document"]: DocumentText(d["document"], d["text"], tuple(d["page_starts"]))
            for d in _lines(folder / "documents.jsonl")
        }
        self._tokens = np.load(folder / "tokens.npy", mmap_mode="r")
        self._offsets = np.load(folder / "offsets.npy", mmap_mode="r")
        self._rows = np.load(folder / "rows.npy")
        self._centre = np.load(folder / "centre.npy")
        self._lengths = _centred_lengths(self._tokens, self._centre)
        self._bm25 = bm25s.BM25.load(str(folder / "bm25"))
        self._chroma = _chroma(folder / "chroma")

    @classmethod
    def open(cls, index_dir: Path, fingerprint: str) -> "Index":
        """Open the build in use.

        Args:
            index_dir: the folder that `build` was given.
            fingerprint: of the embedder that questions will be encoded with.

        Raises:
            IndexMissing: nothing has been ingested.
            IndexOutdated: another format, or made with another embedder.
        """
        folder = current_build(index_dir)
        if folder is None:
            raise IndexMissing()
        manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise IndexOutdated(reason="hij is gemaakt door een andere versie van Wegwijzer")
        if manifest["embedder"] != fingerprint:
            raise IndexOutdated(reason="hij is gemaakt met een ander embedding-model")
        return cls(folder, manifest)

    def dense(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Return the k passages nearest to a unit vector: (id, cosine), best first."""
        from llama_index.core.vector_stores.types import VectorStoreQuery

        found = self._chroma.query(
            VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=k)
        )
        # LlamaIndex gives exp(-distance) as similarity; Chroma's distance is 1 - cosine.
        pairs = [
            (id, 1.0 + math.log(similarity))
            for id, similarity in zip(found.ids or [], found.similarities or [], strict=True)
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def lexical(self, terms: Sequence[str], k: int) -> list[tuple[str, float]]:
        """Return up to k passages that hold at least one term: (id, BM25 score), best first."""
        known = [t for t in terms if t in self._bm25.vocab_dict]
        if not known:
            return []
        scores = self._bm25.get_scores(known)
        best = np.argsort(-scores, kind="stable")[:k]
        pairs = [(self.passages[n].id, float(scores[n])) for n in best if scores[n] > 0]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def document_frequency(self, term: str) -> int:
        """Return in how many passages a term of `index.text.tokens` stands."""
        return int(self.manifest["frequencies"].get(term, 0))

    def centred(self, vectors: NDArray[np.floating[Any]]) -> NDArray[np.float32]:
        """Return (n, d) token vectors less their common part, of unit length.

        All token vectors of such models point much the same way; what they
        share says nothing, and taking it out sets apart what does.
        """
        moved = vectors.astype(np.float32) - self._centre
        lengths = np.linalg.norm(moved, axis=1, keepdims=True)
        return np.asarray(moved / np.maximum(lengths, 1e-9), dtype=np.float32)

    def similarities(self, asked: NDArray[np.float32], id: str) -> NDArray[np.float32]:
        """Return the (question tokens, passage tokens) cosines of centred vectors.

        Args:
            asked: (t, d) from `centred`.
            id: of the passage.
        """
        row = self.row[id]
        span = slice(self._rows[row], self._rows[row + 1])
        # cos(q, t - c) = (q.t - q.c) / |t - c|: the stored vectors can stay as they are.
        products = asked @ self._tokens[span].astype(np.float32).T
        products -= (asked @ self._centre)[:, None]
        return np.asarray(products / self._lengths[span], dtype=np.float32)

    def token_offsets(self, id: str) -> NDArray[np.int32]:
        """Return the (tokens, 2) character spans of a passage's tokens in its text.

        Tokens of the place that is embedded in front of the text have negative spans.
        """
        row = self.row[id]
        passage = self.passages[row]
        lead = len(context_text(self.sources[passage.document], passage)) - len(passage.text)
        span = slice(self._rows[row], self._rows[row + 1])
        return np.asarray(self._offsets[span] - lead, dtype=np.int32)


def build(
    index_dir: Path,
    sources: Sequence[Source],
    fingerprint: str,
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
) -> BuildReport:
    """Bring the index up to date with the documents.

    Only passages that are new or changed are embedded. A document that cannot
    be taken in is reported and keeps the form that it has in the index in use;
    the other documents go on.

    Args:
        index_dir: folder of the index; made when absent.
        sources: the catalogue; superseded documents are left out.
        fingerprint: identity of the embedder.
        load_embedder: called only when something must be embedded.
        progress: told what is being done, in Dutch, and the share (0 to 1) that is done.
    """
    index_dir.mkdir(parents=True, exist_ok=True)
    progress("Documenten lezen", 0.0)
    documents, problems = _read_all(sources)
    old = None
    if problems or not _is_current(index_dir, _key(documents, fingerprint)):
        # Opening costs seconds, so only when there is something to do.
        old = _open_if_same(index_dir, fingerprint)
        documents += _kept(problems, old)
    key = _key(documents, fingerprint)
    total = sum(len(d.passages) for d in documents)
    if _is_current(index_dir, key):
        _clean(index_dir)
        return BuildReport(len(documents), total, 0, False, tuple(problems.values()))
    if not documents:
        raise next(iter(problems.values()), IndexMissing())
    encoded, embedded = _embed(documents, old, load_embedder, progress)
    progress("Index schrijven", 0.95)
    folder = index_dir / f"build-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    folder.mkdir()
    try:
        _write(folder, documents, encoded, {"embedder": fingerprint, "key": key})
        _swap(index_dir, folder)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _clean(index_dir)
    progress("Klaar", 1.0)
    return BuildReport(len(documents), total, embedded, True, tuple(problems.values()))


def current_build(index_dir: Path) -> Path | None:
    """Return the folder of the build in use, or None when there is none."""
    try:
        folder = index_dir / (index_dir / "current").read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    return folder if (folder / "manifest.json").exists() else None


def _read_all(sources: Sequence[Source]) -> tuple[list[_Read], dict[str, DocumentError]]:
    documents: list[_Read] = []
    problems: dict[str, DocumentError] = {}
    for source in sources:
        if source.superseded_by:
            continue
        try:
            verify(source)
            document = read(source.id, source.path)
            found = passages(source, document)
            if not found:
                raise DocumentUnreadable(document=source.id, reason="er staan geen zinnen in")
            documents.append(_Read(source, document, found))
        except DocumentError as error:
            log.error("%s: %r", source.id, error, exc_info=error)
            problems[source.id] = error
    return documents, problems


def _kept(problems: Iterable[str], old: Index | None) -> list[_Read]:
    """Return what the index in use holds of the documents that could not be read."""
    if old is None:
        return []
    return [
        _Read(
            old.sources[id],
            old.documents[id],
            tuple(p for p in old.passages if p.document == id),
        )
        for id in problems
        if id in old.documents
    ]


def _embed(
    documents: list[_Read],
    old: Index | None,
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
) -> tuple[list[Encoded], int]:
    """Return one Encoded per passage, in order, and how many were made anew."""
    known = _known(old) if old is not None else {}
    texts = [context_text(d.source, p) for d in documents for p in d.passages]
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        embedder = load_embedder()
        for done, (text, encoded) in enumerate(
            zip(new, embedder.encode_passages(new), strict=True), start=1
        ):
            known[text] = encoded
            progress("Passages inlezen", 0.05 + 0.9 * done / len(new))
    return [known[text] for text in texts], len(new)


def _known(old: Index) -> dict[str, Encoded]:
    vectors = old._chroma.client.get(include=["embeddings"])
    by_id = dict(zip(vectors["ids"], vectors["embeddings"], strict=True))
    known = {}
    for row, p in enumerate(old.passages):
        text = context_text(old.sources[p.document], p)
        span = slice(old._rows[row], old._rows[row + 1])
        vector = np.asarray(by_id[p.id], dtype=np.float32)
        known[text] = Encoded(vector, np.array(old._tokens[span]), np.array(old._offsets[span]))
    return known


def _write(
    folder: Path, documents: list[_Read], encoded: list[Encoded], made_by: dict[str, str]
) -> None:
    every = [(d.source, p) for d in documents for p in d.passages]
    _write_lines(folder / "passages.jsonl", (asdict(p) for _, p in every))
    _write_lines(folder / "documents.jsonl", (asdict(d.document) for d in documents))
    token_vectors = np.concatenate([e.tokens for e in encoded]).astype(np.float16)
    np.save(folder / "tokens.npy", token_vectors)
    np.save(folder / "centre.npy", token_vectors.mean(axis=0, dtype=np.float32))
    np.save(folder / "offsets.npy", np.concatenate([e.offsets for e in encoded]).astype(np.int32))
    np.save(folder / "rows.npy", np.cumsum([0, *(len(e.tokens) for e in encoded)]))
    terms = [tokens(context_text(source, p)) for source, p in every]
    frequencies: dict[str, int] = {}
    for passage_terms in terms:
        for term in set(passage_terms):
            frequencies[term] = frequencies.get(term, 0) + 1
    lexical = bm25s.BM25()
    lexical.index(terms, show_progress=False)
    lexical.save(str(folder / "bm25"))
    _write_chroma(folder / "chroma", every, encoded)
    manifest = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        **made_by,
        "sources": [asdict(d.source) for d in documents],
        "passages": len(every),
        "frequencies": frequencies,
    }
    text = json.dumps(manifest, ensure_ascii=False, default=str, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _write_chroma(
    folder: Path, every: list[tuple[Source, Passage]], encoded: list[Encoded]
) -> None:
    from llama_index.core.schema import TextNode

    nodes = [
        TextNode(
            id_=p.id,
            text=p.text,
            embedding=e.vector.tolist(),
            metadata={"document": p.document, "kind": source.kind},
        )
        for (source, p), e in zip(every, encoded, strict=True)
    ]
    _chroma(folder).add(nodes)


def _chroma(folder: Path) -> Any:
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings
    from llama_index.vector_stores.chroma import ChromaVectorStore

    client = chromadb.PersistentClient(str(folder), Settings(anonymized_telemetry=False))
    collection = client.get_or_create_collection(COLLECTION, metadata={"hnsw:space": "cosine"})
    return ChromaVectorStore(chroma_collection=collection)


def _swap(index_dir: Path, folder: Path) -> None:
    pointer = folder / "current"  # in the build, so that one cut short is cleaned up with it
    pointer.write_text(folder.name, encoding="utf-8")
    pointer.replace(index_dir / "current")


def _clean(index_dir: Path) -> None:
    """Remove what is older than the build in use; a newer one is still being made."""
    in_use = current_build(index_dir)
    for folder in index_dir.glob("build-*"):
        if in_use is not None and folder.name < in_use.name:
            shutil.rmtree(folder, ignore_errors=True)


def _is_current(index_dir: Path, key: str) -> bool:
    folder = current_build(index_dir)
    if folder is None:
        return False
    return bool(json.loads((folder / "manifest.json").read_text(encoding="utf-8"))["key"] == key)


def _open_if_same(index_dir: Path, fingerprint: str) -> Index | None:
    try:
        return Index.open(index_dir, fingerprint)
    except (IndexMissing, IndexOutdated):
        return None


def _key(documents: list[_Read], fingerprint: str) -> str:
    """Return a hash of everything that decides what is in the index."""
    digest = hashlib.sha256(f"{FORMAT} {fingerprint}".encode())
    for d in sorted(documents, key=lambda d: d.source.id):
        # The path may differ between machines; the document does not.
        facts = [
            str(replace(d.source, path=Path())),
            d.document.text,
            *(f"{p.id}{p}" for p in d.passages),
        ]
        for fact in facts:
            digest.update(fact.encode("utf-8", "surrogatepass"))
            digest.update(b"\0")
    return digest.hexdigest()


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


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _passage(row: dict[str, Any]) -> Passage:
    sentences = tuple(Sentence(**s) for s in row["sentences"])
    return Passage(**{**row, "section": tuple(row["section"]), "sentences": sentences})


def _source(row: dict[str, Any]) -> Source:
    tuples = {name: tuple(row[name]) for name in ("areas", "audience")}
    return Source(**{**row, **tuples, "path": Path(row["path"])})
