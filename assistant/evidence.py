"""From ranked passages to the few sentences and table rows that carry the answer."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.passages import Passage, Sentence
from index.search import Hit, Probe, interaction
from index.store import Index
from index.text import tokens

# Passages that sentences are taken from, and what together still reads in seconds.
PASSAGES = 8
SENTENCES = 5
WORDS = 110
# A sentence of fewer words says little by itself ("Meedoen?").
MIN_WORDS = 4
# Share of the terms of the shorter sentence that stand in the other: then it is told already.
REPEATED = 0.8
# How much the rank of its passage weighs beside the sentence's own score.
PASSAGE_WEIGHT = 0.5


@dataclass(frozen=True)
class Evidence:
    """A verbatim piece of a document that bears on the question.

    `text` is how a person reads `document.text[start:end]`; `label` is what it
    needs to be understood by itself (the row's organisation, the list's
    lead-in), empty where nothing is needed.
    """

    hit: Hit
    start: int
    end: int
    text: str
    label: str
    score: float


def select(index: Index, asked: Probe, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """Return the sentences that carry the answer, best first.

    A sentence is scored by late interaction: the mean over the question's
    tokens of the best match among the sentence's tokens, as they were encoded
    within their passage, so that "het overleg" still knows which overleg it is.
    """
    scored: list[Evidence] = []
    for hit in hits[:PASSAGES]:
        scored.extend(_scored(index, asked, hit))
    chosen: list[Evidence] = []
    length = 0
    for evidence in sorted(scored, key=lambda e: (-e.score, e.hit.passage.id, e.start)):
        size = len(evidence.text.split())
        if length + size > WORDS and chosen:
            continue
        if any(_repeats(evidence.text, other.text) for other in chosen):
            continue
        chosen.append(evidence)
        length += size
        if len(chosen) == SENTENCES:
            break
    return tuple(chosen)


def _scored(index: Index, asked: Probe, hit: Hit) -> list[Evidence]:
    passage = hit.passage
    offsets = index.token_offsets(passage.id)
    similarities = index.similarities(asked.tokens, passage.id)
    found = []
    for sentence, (start, end) in zip(passage.sentences, spans(passage), strict=True):
        if len(sentence.text.split()) < MIN_WORDS:
            continue
        inside = _inside(offsets, start, end)
        if not inside.any():
            continue
        own = interaction(asked, similarities[:, inside])
        score = own + PASSAGE_WEIGHT * hit.score
        found.append(_evidence(hit, sentence, score))
    return found


def _evidence(hit: Hit, sentence: Sentence, score: float) -> Evidence:
    return Evidence(hit, sentence.start, sentence.end, sentence.text, hit.passage.label, score)


def _inside(offsets: NDArray[np.int32], start: int, end: int) -> NDArray[np.bool_]:
    return np.asarray((offsets[:, 0] >= start) & (offsets[:, 1] <= end))


def spans(passage: Passage) -> list[tuple[int, int]]:
    """Return where each sentence stands in the passage's readable text."""
    found = []
    cursor = 0
    for sentence in passage.sentences:
        at = passage.text.find(sentence.text, cursor)
        if at < 0:
            found.append((0, 0))
            continue
        cursor = at + len(sentence.text)
        found.append((at, cursor))
    return found


def _repeats(one: str, other: str) -> bool:
    a, b = set(tokens(one)), set(tokens(other))
    return bool(a and b) and len(a & b) / min(len(a), len(b)) >= REPEATED
