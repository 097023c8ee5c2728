"""Bring the index up to date with the documents: read, embed what is new, write, swap."""

import hashlib
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import bm25s
import numpy as np

from corpus.abbreviations import Abbreviation, completed, find_abbreviations
from corpus.errors import (
    DocumentError,
    DocumentUnreadable,
    IndexMissing,
    IndexOutdated,
    IndexUnwritable,
)
from corpus.passages import Passage, passages
from corpus.read import DocumentText, read
from corpus.sources import Source, verify
from index.embedder import Embedder, Encoded
from index.encode import READING, WRITING, encode_passages, encode_questions
from index.lexical import LEXICAL, passage_terms, vocabulary
from index.questions import UNANSWERABLE, Example, KnownQuestions, load_nowhere, load_questions
from index.store import (
    FORMAT,
    Index,
    context_text,
    current_build,
    file_sizes,
    is_on_server,
)
from index.swap import clean, discard, manifest_in_use, swap
from index.text import tokens
from index.vectors import HNSW, Item, Vectors, reach, storage_errors

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class BuildReport:
    """What an ingest did: counts, and the documents that could not be taken in.

    `documents` are those that are searched; older versions are not among them.
    `warnings` tell, in Dutch, what could be read only in part, whenever it was read.
    `abbreviations` are those listed, and those found and not listed.
    """

    documents: int
    passages: int
    embedded: int
    changed: bool
    problems: tuple[DocumentError, ...]
    warnings: tuple[str, ...]
    abbreviations: tuple[Abbreviation, ...]


@dataclass(frozen=True)
class Aids:
    """What an index is made with, beside the documents.

    `abbreviations` are those that the maintainer lists; `questions` is the file of those of
    which it is known where they are answered (see `index.questions`), with those that are
    not answered beside it, None for none;
    `chroma_url` is of the server that keeps the vectors, empty when the index's folder does.
    """

    abbreviations: tuple[Abbreviation, ...] = ()
    questions: Path | None = None
    chroma_url: str = ""


@dataclass(frozen=True)
class _Read:
    """One document as read. An older version has its text, for old citations, and no passages.

    `stamp` is the hash of what it was read from; empty when it must be tried again.
    """

    source: Source
    document: DocumentText
    passages: tuple[Passage, ...]
    stamp: str


@dataclass(frozen=True)
class _Taken:
    """The documents that an index is made of, and by id why some were not read."""

    documents: tuple[_Read, ...]
    problems: dict[str, DocumentError]
    abbreviations: tuple[Abbreviation, ...]

    @property
    def passages(self) -> tuple[Passage, ...]:
        """All of them, in the order of the index."""
        return tuple(p for d in self.documents for p in d.passages)

    def report(self, embedded: int, *, changed: bool) -> BuildReport:
        return BuildReport(
            sum(not d.source.superseded_by for d in self.documents),
            len(self.passages),
            embedded,
            changed,
            tuple(self.problems.values()),
            _warnings(self.documents),
            self.abbreviations,
        )


def build(
    index_dir: Path,
    sources: Sequence[Source],
    fingerprint: str,
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
    aids: Aids = Aids(),
) -> BuildReport:
    """Bring the index up to date with the documents.

    Only documents that are new or changed are read, and only passages that are
    new or changed are embedded. A document that cannot be taken in is reported
    and keeps the form that it has in the index in use; the other documents go on.

    Args:
        index_dir: folder of the index; made when absent.
        sources: the catalogue.
        fingerprint: identity of the embedder.
        load_embedder: called only when something must be embedded.
        progress: told what is being done, in Dutch, and the share (0 to 1) that is done.
        aids: what it is made with, beside the documents.

    Raises:
        InputFileError: the questions cannot be used.
        ChromaUnavailable: the server for the vectors cannot be used.
        IndexUnwritable: the disk is full or the folder cannot be written.
        DocumentError: there is no index yet and no document could be taken in.
    """
    progress("Documenten lezen", 0.0)
    url = aids.chroma_url
    reach(url)  # before the work that would be lost
    stamps, settled = _stamps(sources), _settled(fingerprint, aids)
    inputs = _hash([*settled, *stamps.values(), *aids.abbreviations])
    manifest = manifest_in_use(index_dir, url)
    if (manifest.get("format"), manifest.get("inputs")) == (FORMAT, inputs):
        clean(index_dir, url)
        return _unchanged(manifest, sources, aids)
    old = _open_if_same(index_dir, fingerprint, url if is_on_server(manifest) else "")
    taken = _read_all(sources, stamps, old, progress, aids.abbreviations)
    key = _key(taken, settled)
    if old is not None and manifest.get("key") == key:
        clean(index_dir, url)
        return taken.report(0, changed=False)
    if not any(d.passages for d in taken.documents):
        raise next(iter(taken.problems.values()), IndexMissing())
    embedder = cache(load_embedder)
    asked = _asked(aids, taken.passages)
    texts = [context_text(d.source, p) for d in taken.documents for p in d.passages]
    encoded, embedded = encode_passages(texts, old, embedder, progress)
    vectors = encode_questions(asked, old, fingerprint, embedder, progress)
    questions = KnownQuestions(asked, vectors, len(taken.passages))
    progress("Index schrijven", WRITING)
    # What was not read this time must be tried again next time.
    # What was found will be listed by then.
    inputs = _hash([*settled, *stamps.values(), *taken.abbreviations])
    made_by = {"embedder": fingerprint, "key": key, "inputs": "" if taken.problems else inputs}
    _publish(index_dir, taken, encoded, questions, made_by, url)
    clean(index_dir, url)
    progress("Klaar", 1.0)
    return taken.report(embedded, changed=True)


def _asked(aids: Aids, among: Sequence[Passage]) -> list[Example]:
    if aids.questions is None:
        return []
    nowhere = load_nowhere(aids.questions.with_name(UNANSWERABLE))
    return [*load_questions(aids.questions, among), *nowhere]


def _settled(fingerprint: str, aids: Aids) -> list[object]:
    """Return what decides what is in an index, beside documents and abbreviations, and where."""
    files = [aids.questions, aids.questions.with_name(UNANSWERABLE)] if aids.questions else []
    questions = [_bytes(path) for path in files]
    facts = [FORMAT, LEXICAL, str(HNSW), fingerprint, *questions]
    return [*facts, "on a server"] if aids.chroma_url else facts


def _unchanged(manifest: dict[str, Any], sources: Sequence[Source], aids: Aids) -> BuildReport:
    searched = sum(not source.superseded_by for source in sources)
    told = tuple(manifest["warnings"]), aids.abbreviations
    return BuildReport(searched, manifest["passages"], 0, False, (), *told)


def _read_all(
    sources: Sequence[Source],
    stamps: dict[str, str],
    old: Index | None,
    progress: Callable[[str, float], None],
    listed: Sequence[Abbreviation],
) -> _Taken:
    """Read the documents; what the index in use was made from is taken from there.

    Of a document that cannot be read, what the index in use holds is kept.
    """
    documents: list[_Read] = []
    problems: dict[str, DocumentError] = {}
    for number, source in enumerate(sources):

        def on_page(label: str, share: float, done: int = number) -> None:
            progress("Documenten lezen", READING * (done + share) / len(sources))

        on_page("", 0.0)
        stamp = stamps[source.id]
        if old is not None and old.manifest["stamps"].get(source.id) == stamp:
            documents.append(_from_index(source, old, stamp))
            continue
        try:
            documents.append(_read(source, stamp, on_page))
        except DocumentError as error:
            log.error("%s: %r", source.id, error, exc_info=error)
            problems[source.id] = error
    if old is not None:
        failed = [s for s in sources if s.id in problems and s.id in old.documents]
        documents += [_from_index(source, old, stamp="") for source in failed]
    found = find_abbreviations(p.text for d in documents for p in d.passages)
    return _Taken(tuple(documents), problems, completed(listed, found))


def _read(source: Source, stamp: str, on_page: Callable[[str, float], None]) -> _Read:
    verify(source)
    document = read(source.id, source.path, on_page)
    if source.superseded_by:
        return _Read(source, document, (), stamp)
    found = passages(source, document)
    if not found:
        raise DocumentUnreadable(document=source.id, reason="er staan geen zinnen in")
    return _Read(source, document, found, stamp)


def _warnings(documents: Sequence[_Read]) -> tuple[str, ...]:
    return tuple(
        f"{d.source.id}: {warning}"
        for d in documents
        if not d.source.superseded_by
        for warning in d.document.warnings
    )


def _from_index(source: Source, old: Index, stamp: str) -> _Read:
    """Return a document as it is in the index, searched or not as the catalogue says now."""
    found = tuple(p for p in old.passages if p.document == source.id)
    known = replace(old.sources[source.id], superseded_by=source.superseded_by, path=source.path)
    return _Read(known, old.documents[source.id], () if source.superseded_by else found, stamp)


def _publish(
    index_dir: Path,
    taken: _Taken,
    encoded: list[Encoded],
    asked: KnownQuestions,
    made_by: dict[str, str],
    url: str,
) -> None:
    """Write a build and let it take the place of the one in use, or leave that as it was."""
    folder = index_dir / f"build-{datetime.now(UTC):%Y%m%dT%H%M%S%f}"
    try:
        folder.mkdir(parents=True)
        _write(folder, taken, encoded, asked, made_by, url)
        swap(index_dir, folder)
    except BaseException as error:
        if current_build(index_dir) != folder:
            discard(folder, url)
        if isinstance(error, storage_errors()):
            log.error("the index cannot be written", exc_info=error)
            raise IndexUnwritable(path=index_dir) from error
        raise


def _write(
    folder: Path,
    taken: _Taken,
    encoded: list[Encoded],
    asked: KnownQuestions,
    made_by: dict[str, str],
    url: str,
) -> None:
    documents = taken.documents
    every = [(d.source, p) for d in documents for p in d.passages]
    _write_lines(folder / "passages.jsonl", (asdict(p) for _, p in every))
    _write_lines(folder / "documents.jsonl", (asdict(d.document) for d in documents))
    token_vectors = np.concatenate([e.tokens for e in encoded]).astype(np.float16)
    np.save(folder / "tokens.npy", token_vectors)
    np.save(folder / "centre.npy", token_vectors.mean(axis=0, dtype=np.float32))
    np.save(folder / "offsets.npy", np.concatenate([e.offsets for e in encoded]).astype(np.int32))
    np.save(folder / "rows.npy", np.cumsum([0, *(len(e.tokens) for e in encoded)]))
    rows = [{**asdict(e), "answers": sorted(e.answers)} for e in asked.examples]
    _write_lines(folder / "questions.jsonl", rows)
    np.save(folder / "questions.npy", asked.vectors.astype(np.float16))
    texts = [context_text(source, p) for source, p in every]
    frequencies = Counter(term for text in texts for term in set(tokens(text)))
    logging.getLogger("bm25s").setLevel(logging.WARNING)  # it sets itself to debug
    lexical = bm25s.BM25()
    lexical.index([passage_terms(text) for text in texts], show_progress=False)
    lexical.save(str(folder / "bm25"))
    Vectors.make(folder, url).add(
        Item(p.id, p.text, e.vector, {"document": p.document, "kind": source.kind})
        for (source, p), e in zip(every, encoded, strict=True)
    )
    manifest = {
        "format": FORMAT,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        **made_by,
        "on_server": bool(url),
        "stamps": {d.source.id: d.stamp for d in documents},
        "sources": [asdict(d.source) for d in documents],
        "passages": len(every),
        "warnings": _warnings(documents),
        "sizes": file_sizes(folder),
        "abbreviations": [asdict(a) for a in taken.abbreviations],
        "frequencies": frequencies,
        "vocabulary": vocabulary(texts),
    }
    text = json.dumps(manifest, ensure_ascii=False, default=str, indent=1)
    (folder / "manifest.json").write_text(text, encoding="utf-8")


def _stamps(sources: Sequence[Source]) -> dict[str, str]:
    """Return, by document, a hash of what it is read from, our own code included.

    Equal stamps give equal passages, so that the document need not be read.
    """
    package = Path(__file__).resolve().parent
    code = sorted([*package.glob("*.py"), *package.with_name("corpus").glob("*.py")])
    ours = _hash(path.read_bytes() for path in code)
    return {s.id: _hash([ours, replace(s, path=Path()), _bytes(s.path)]) for s in sources}


def _bytes(path: Path) -> bytes:
    return path.read_bytes() if path.is_file() else b"missing"


def _hash(facts: Iterable[object]) -> str:
    digest = hashlib.sha256()
    for fact in facts:
        content = fact if isinstance(fact, bytes) else str(fact).encode("utf-8", "surrogatepass")
        digest.update(content)
        digest.update(b"\0")
    return digest.hexdigest()


def _open_if_same(index_dir: Path, fingerprint: str, url: str) -> Index | None:
    try:
        return Index.open(index_dir, fingerprint, url)
    except (IndexMissing, IndexOutdated):
        return None


def _key(taken: _Taken, settled: Sequence[object]) -> str:
    """Return a hash of everything that decides what is in the index."""
    facts: list[object] = [*settled, *taken.abbreviations]
    for d in sorted(taken.documents, key=lambda d: d.source.id):
        # The path may differ between machines; the document does not.
        facts += [replace(d.source, path=Path()), d.document, *d.passages]
    return _hash(facts)


def _write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
