"""What goes into the index as vectors; what the index in use has is not made again."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from index.embedder import Embedder, Encoded
from index.questions import Example
from index.store import Index

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
    load_embedder: Callable[[], Embedder],
    progress: Callable[[str, float], None],
) -> NDArray[np.float16]:
    """Return the (n, d) vectors of known questions; arguments as for `encode_passages`."""
    known = {}
    if old is not None:
        pairs = zip(old.questions.examples, old.questions.vectors, strict=True)
        known = {example.question: vector for example, vector in pairs}
    new = list(dict.fromkeys(e.question for e in asked if e.question not in known))
    if new:
        made = load_embedder().query_vectors(new)
        for done, (text, vector) in enumerate(zip(new, made, strict=True), start=1):
            known[text] = vector
            progress("Vragen inlezen", EMBEDDING + (WRITING - EMBEDDING) * done / len(new))
    return np.array([known[e.question] for e in asked], np.float16)
