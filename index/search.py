"""Search: dense and lexical rankings and known questions, reranked by late interaction."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpus.passages import Passage
from index.embedder import Encoded
from index.text import STOP_WORDS, stem, words

if TYPE_CHECKING:
    from index.store import Index

# How many passages each ranking brings; all of them are reranked.
CANDIDATES = 30
# The constant of reciprocal rank fusion, as in Cormack, Clarke and Büttcher,
# "Reciprocal rank fusion outperforms Condorcet and individual rank learning
# methods", SIGIR 2009.
RRF_K = 60
# What a place in the lexical ranking counts for beside one in the dense ranking: late
# interaction, which comes on top of both, sees what dense search sees already.
LEXICAL_WEIGHT = 2.0
# What a question token counts for in late interaction: words by how rare they
# are, function words and punctuation little.
FUNCTION_WORD_WEIGHT = 0.2
PUNCTUATION_WEIGHT = 0.1
PLACE_WEIGHT = 0.4
MAX_IDF = 5.0
# What the likeness to a question that a passage answers counts for, beside late interaction.
KNOWN_WEIGHT = 1.0
# What that likeness is likely to be for a passage without such questions: a line through
# those that have them, over the late interaction, and a little more, because the best of
# some thousands of others is always high. Measured on the tuning part of the gold questions:
# a document that loses all its questions is then found as well as without any questions.
KNOWN_SLOPE = 0.8
KNOWN_BASE = 0.22
# The gain for a passage of the asked area, in units of late interaction.
AREA_GAIN = 0.08
# The same for a passage of a document that the question names.
NAMED_GAIN = 0.1

_SPOKEN = re.compile(r"\w+(?:[-’'.,/]\w+)*")


@dataclass(frozen=True)
class Hit:
    """A passage that was found, and why.

    `score` orders the hits (higher is better). `cosine` is between question and
    passage vector and `lexical` the BM25 score (0 where that side did not find
    it); `interaction` is between -1 and 1; `known` is the likeness to a question that the
    passage answers, or what that is likely to be; `is_named` tells whether the question names
    its document.
    """

    passage: Passage
    score: float
    cosine: float
    lexical: float
    interaction: float
    known: float = 0.0
    is_named: bool = False


@dataclass(frozen=True)
class Probe:
    """A question as it meets token vectors.

    `tokens` are its (t, d) unit token vectors, centred as the index's are;
    `weights` (t,) say what each counts for and add up to 1; `known` are the
    (n,) cosines with the questions that the index knows.
    """

    vector: NDArray[np.float32]
    tokens: NDArray[np.float32]
    weights: NDArray[np.float32]
    known: NDArray[np.float32]


def probe(index: "Index", question: Encoded, text: str, places: frozenset[str]) -> Probe:
    """Return a question made ready for this index.

    Args:
        index: gives the centre of its token vectors, and how rare words are.
        question: the text as encoded by the index's embedder.
        text: the question.
        places: words (as `words` gives them) that say where and not what; they
            count for little, because `search` and evidence know the area.
    """
    weights = np.array(
        [_weight(index, text, start, end, places) for start, end in question.offsets],
        dtype=np.float32,
    )
    centred = index.centred(question.tokens)
    known = index.questions.cosines(question.vector)
    return Probe(question.vector, centred, weights / max(float(weights.sum()), 1e-9), known)


def _weight(index: "Index", text: str, start: int, end: int, places: frozenset[str]) -> float:
    """Return the weight of the token at text[start:end]: that of the word it is part of."""
    for match in _SPOKEN.finditer(text):
        if match.start() < end and start < match.end():
            word = "".join(words(match.group())[:1])
            if word in STOP_WORDS:
                return FUNCTION_WORD_WEIGHT
            return PLACE_WEIGHT if word in places else rarity(index, word)
    return PUNCTUATION_WEIGHT


def rarity(index: "Index", word: str) -> float:
    """Return the root of a word's inverse document frequency, between 0 and sqrt(MAX_IDF)."""
    total = len(index.passages)
    idf = math.log(1 + total / (1 + index.document_frequency(stem(word))))
    return math.sqrt(min(idf, MAX_IDF))


def interaction(asked: Probe, similarities: NDArray[np.float32]) -> float:
    """Late interaction: weighted mean over question tokens of the best match.

    After Khattab and Zaharia, "ColBERT", SIGIR 2020; the weighted mean in place
    of their sum keeps the score between -1 and 1 for questions of any length.

    Args:
        asked: the question.
        similarities: (question tokens, tokens of a passage or sentence).
    """
    if not similarities.size:
        return 0.0
    return float(similarities.max(axis=1) @ asked.weights)


def fuse(rankings: Sequence[tuple[float, Sequence[str]]]) -> list[tuple[str, float]]:
    """Fuse ranked lists of ids, each with its weight, by reciprocal rank (see RRF_K).

    Returns:
        (id, score) pairs, best first, equal scores in order of id: the order
        depends on nothing but the ranks.
    """
    scores: dict[str, float] = {}
    for weight, ranking in rankings:
        for rank, id in enumerate(ranking, start=1):
            scores[id] = scores.get(id, 0.0) + weight / (RRF_K + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


@dataclass(frozen=True)
class Wanted:
    """What is looked for, besides what the text says; nothing of it hides a passage.

    `areas` are the wijken that the question is about: their gebiedsplan is
    preferred. `documents` are ids of documents that it names.
    """

    areas: frozenset[str] = frozenset()
    documents: frozenset[str] = frozenset()


def search(index: "Index", asked: Probe, text: str, wanted: Wanted) -> tuple[Hit, ...]:
    """Return the passages for a question, best first.

    Args:
        index: the opened index.
        asked: the question, from `probe`.
        text: the question's words, for the lexical side.
        wanted: what is preferred.
    """
    dense = dict(index.dense(asked.vector, CANDIDATES))
    lexical = dict(index.lexical(text, CANDIDATES))
    fused = dict(fuse([(1.0, list(dense)), (LEXICAL_WEIGHT, list(lexical))]))
    known = index.questions.by_passage(asked.known)
    found = list(dict.fromkeys([*fused, *_best_known(index, known)]))
    similar = index.similarities(asked.tokens, found)
    hits = []
    for id in found:
        passage = index.passages[index.row[id]]
        late = interaction(asked, similar[id])
        score = late + fused.get(id, 0.0) + _area_gain(index, passage, wanted.areas)
        like = known_likeness(float(known[index.row[id]]), late)
        if index.questions.has_answers:
            score += KNOWN_WEIGHT * like
        is_named = passage.document in wanted.documents
        score += NAMED_GAIN * is_named
        sides = dense.get(id, 0.0), lexical.get(id, 0.0)
        hits.append(Hit(passage, score, *sides, late, like, is_named))
    return tuple(sorted(hits, key=lambda hit: (-hit.score, hit.passage.id)))


def _best_known(index: "Index", known: NDArray[np.float32]) -> list[str]:
    """Return the ids of the passages whose questions are most like the one asked."""
    rows = np.flatnonzero(~np.isnan(known))
    order = np.argsort(-known[rows], kind="stable")[:CANDIDATES]
    return [index.passages[row].id for row in rows[order]]


def known_likeness(cosine: float, late: float) -> float:
    """Return the likeness to a question that is answered here; estimated where there is none.

    Args:
        cosine: the best with such a question, NaN where there is none.
        late: the late interaction with the text itself.
    """
    return KNOWN_BASE + KNOWN_SLOPE * late if math.isnan(cosine) else cosine


def _area_gain(index: "Index", passage: Passage, areas: frozenset[str]) -> float:
    """Return what a passage gains or loses by the area that is asked for."""
    own = index.sources[passage.document].areas
    if not areas or not own:
        return 0.0
    return AREA_GAIN if areas.intersection(own) else -AREA_GAIN
