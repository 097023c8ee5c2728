"""Search: dense and lexical rankings, fused, then reranked by late interaction."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.passages import Passage
from index.embedder import Embedder, Encoded
from index.text import tokens

if TYPE_CHECKING:
    from index.store import Index

# How many passages each ranking brings, and how many are reranked.
CANDIDATES = 40
# The constant of reciprocal rank fusion, as in Cormack, Clarke and Büttcher,
# "Reciprocal rank fusion outperforms Condorcet and individual rank learning
# methods", SIGIR 2009.
RRF_K = 60
# Weights measured on the tune questions of evals/gold.
DENSE_WEIGHT = 2.0
FUSED_WEIGHT = 0.02
AREA_GAIN = 0.03


@dataclass(frozen=True)
class Hit:
    """A passage that was found, and why.

    `score` orders the hits (higher is better). `cosine` is between question and
    passage vector (0 where only the lexical side found it), `lexical` the BM25
    score, `interaction` the mean over the question's tokens of the best cosine
    with any token of the passage.
    """

    passage: Passage
    score: float
    cosine: float
    lexical: float
    interaction: float


def fuse(rankings: Sequence[Sequence[str]], weights: Sequence[float]) -> list[tuple[str, float]]:
    """Fuse ranked lists of ids by weighted reciprocal rank (see RRF_K).

    Returns:
        (id, score) pairs, best first, equal scores in order of id: the order
        depends on nothing but the ranks.
    """
    scores: dict[str, float] = {}
    for ranking, weight in zip(rankings, weights, strict=True):
        for rank, id in enumerate(ranking, start=1):
            scores[id] = scores.get(id, 0.0) + weight / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def interaction(question: Encoded, passage_tokens: np.ndarray) -> float:
    """Late interaction: mean over question tokens of the best match in the passage.

    After Khattab and Zaharia, "ColBERT", SIGIR 2020, with the mean in place of
    the sum, so that the score stays between -1 and 1 for questions of any length.
    """
    if not len(question.tokens) or not len(passage_tokens):
        return 0.0
    similarities = question.tokens.astype(np.float32) @ passage_tokens.astype(np.float32).T
    return float(similarities.max(axis=1).mean())


def search(index: "Index", question: Encoded, text: str, areas: frozenset[str]) -> tuple[Hit, ...]:
    """Return the passages for a question, best first.

    Args:
        index: the opened index.
        question: the question as encoded by the index's embedder.
        text: the question's words, for the lexical side.
        areas: wijken that the question is about: their gebiedsplan is preferred,
            nothing is hidden. Empty: no preference.
    """
    dense = dict(index.dense(question.vector, CANDIDATES))
    lexical = dict(index.lexical(tokens(text), CANDIDATES))
    fused = fuse([list(dense), list(lexical)], weights=[DENSE_WEIGHT, 1.0])[:CANDIDATES]
    hits = []
    for id, fused_score in fused:
        passage = index.passages[index.row[id]]
        late = interaction(question, index.token_vectors(id))
        score = late + FUSED_WEIGHT * fused_score * RRF_K + _preference(index, passage, areas)
        hits.append(Hit(passage, score, dense.get(id, 0.0), lexical.get(id, 0.0), late))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.id)))


def _preference(index: "Index", passage: Passage, areas: frozenset[str]) -> float:
    """Return what a passage gains or loses by the area that is asked for."""
    own = index.sources[passage.document].areas
    if not areas or not own:
        return 0.0
    return AREA_GAIN if areas.intersection(own) else -AREA_GAIN
