"""What goes into the index as vectors; what the index in use has is not made again.

Nor are the vectors of the questions in `taught/`: they come with them, because encoding some
thousands of questions takes longer than encoding the documents.
"""

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from index.embedder import Embedder, Encoded
from index.questions import Example
from index.store import Index

log = logging.getLogger(__name__)

VECTORS = Path(__file__).parent / "taught" / "questions.safetensors"
# Bytes of a hash that stand for a question.
HASH = 8

# The shares of the time of a build when reading is done, when the passages are encoded, and
# when the questions are.
READING = 0.15
EMBEDDING = 0.75
WRITING = 0.95


def encode_passages(
    texts: Sequence[str],
    old: Index | None,
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
) -> tuple[list[Encoded], int]:
    """Return one Encoded per passage, in order, and how many were made anew.

    Args:
        texts: of the passages, as `context_text` gives them.
        old: the index in use, made with the same embedder.
        load_embedder: called only when something must be encoded.
        progress: told a Dutch label and the share (0 to 1) of the build that is done.
    """
    known = old.encodings() if old is not None else {}
    new = [text for text in dict.fromkeys(texts) if text not in known]
    if new:
        made = load_embedder().encode_passages(new)
        for done, (text, encoded) in enumerate(zip(new, made, strict=True), start=1):
            known[text] = encoded
            progress("Passages inlezen", READING + (EMBEDDING - READING) * done / len(new))
    return [known[text] for text in texts], len(new)


def encode_questions(
    asked: Sequence[Example],
    old: Index | None,
    fingerprint: str,
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
) -> NDArray[np.float16]:
    """Return the (n, d) vectors of known questions.

    Args:
        asked: n questions.
        old: the index in use, made with the same embedder.
        fingerprint: of the embedder.
        load_embedder: called only when something must be encoded.
        progress: told a Dutch label and the share (0 to 1) of the build that is done.
    """
    shipped = load_vectors(VECTORS, fingerprint)
    hashes = ((example.question, _hash(example.question)) for example in asked)
    known: dict[str, NDArray[np.floating[Any]]] = {
        question: shipped[key] for question, key in hashes if key in shipped
    }
    if old is not None:
        pairs = zip(old.questions.examples, old.questions.vectors, strict=True)
        known |= {example.question: vector for example, vector in pairs}
    new = list(dict.fromkeys(e.question for e in asked if e.question not in known))
    if new:
        made = load_embedder().query_vectors(new)
        for done, (text, vector) in enumerate(zip(new, made, strict=True), start=1):
            known[text] = vector
            progress("Vragen inlezen", EMBEDDING + (WRITING - EMBEDDING) * done / len(new))
    return np.array([known[e.question] for e in asked], np.float16)


def save_vectors(
    path: Path, fingerprint: str, questions: Sequence[str], vectors: NDArray[np.float32]
) -> None:
    """Write the (n, d) unit vectors of n questions, in 8 bits a number, with the embedder's fingerprint.

    The cosine of a vector and what is read back is above 0.999.
    """
    largest = np.abs(vectors).max(axis=1, keepdims=True)
    keys = np.frombuffer(b"".join(map(_hash, questions)), np.uint8).reshape(-1, HASH)
    small = {"vectors": np.round(127 * vectors / largest).astype(np.int8), "questions": keys}
    save_file(small, path, {"embedder": fingerprint})
    path.chmod(0o644)


def load_vectors(path: Path, fingerprint: str) -> dict[bytes, NDArray[np.float16]]:
    """Read what `save_vectors` wrote, by hash of the question; nothing of another embedder."""
    if not path.is_file():
        return {}
    try:
        with safe_open(path, framework="numpy") as file:
            if (file.metadata() or {}).get("embedder") != fingerprint:
                return {}
            vectors = file.get_tensor("vectors").astype(np.float32)
            keys = file.get_tensor("questions")
            if len(vectors) != len(keys):
                raise ValueError(f"{len(vectors)} vectors of {len(keys)} questions")
    except (OSError, ValueError, SafetensorError) as error:
        log.error("%s cannot be read, the questions are encoded anew: %s", path, error)
        return {}
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return {
        key.tobytes(): vector for key, vector in zip(keys, vectors.astype(np.float16), strict=True)
    }


def _hash(question: str) -> bytes:
    return hashlib.sha256(question.encode()).digest()[:HASH]
