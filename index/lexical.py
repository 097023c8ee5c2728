"""What lexical search looks for: words, pieces of words, abbreviations and near-spellings.

Passages are indexed by the stems of their words and by GRAM letters of them at
a time. The pieces make a compound meet its parts ("kinderopvangtoeslag" and
"toeslag voor de opvang"), a word its other forms and a slip of the pen what was
meant. What a question says is widened with what its abbreviations stand for,
and the other way round, and with the nearest word for a word that no document has.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from corpus.abbreviations import Abbreviation
from index.text import STOP_WORDS, fold, stem, tokens, words

# Raise when the terms of a passage change: the index is then written anew, with its vectors.
LEXICAL = 1
# Of 3 to 6 letters, 4 found most on the questions for teaching.
GRAM = 4
# What a piece counts for, beside 1 for a whole word: 0.3 to 0.7 find as much.
GRAM_WEIGHT = 0.4
# What is not said, but meant by an abbreviation or a word with a slip.
MEANT_WEIGHT = 0.5
# Shorter words have too many others a letter away.
MIN_WORD = 5
# From this length on two letters may differ.
LONG_WORD = 8

_BREAK = re.compile(r"[-’'/]")


def grams(text: str) -> list[str]:
    """Return the pieces of the words of a text, marked so that no word is like them."""
    found = []
    for part in _parts(text):
        word = f"_{part}_"
        found += [f"~{word[n : n + GRAM]}" for n in range(max(1, len(word) - GRAM + 1))]
    return found


def passage_terms(text: str) -> list[str]:
    """Return the terms that a passage is indexed by."""
    return tokens(text) + grams(text)


def vocabulary(texts: Iterable[str]) -> list[str]:
    """Return the words of texts that a word with a slip may have meant."""
    parts = {part for text in texts for part in _parts(text)}
    return sorted(part for part in parts if _can_slip(part))


def best_rows(bm25: Any, wanted: Mapping[float, list[str]], k: int) -> list[tuple[int, float]]:
    """Return the rows of passages with the k best scores, and those that score as the last.

    Args:
        bm25: of bm25s, over the terms of the passages.
        wanted: terms by what they count for, from `Lexicon.question_terms`.
        k: at least 1.

    Returns:
        (row, score) pairs in order of row; the scores are positive.
    """
    scores = np.zeros(bm25.scores["num_docs"], dtype=np.float32)
    for weight, terms in wanted.items():
        known = [term for term in terms if term in bm25.vocab_dict]
        if known:
            scores += np.float32(weight) * bm25.get_scores(known)
    lowest = np.partition(scores, -k)[-k] if k < len(scores) else 0
    best = np.flatnonzero((scores >= lowest) & (scores > 0))
    return [(int(row), float(scores[row])) for row in best]


class Lexicon:
    """What the documents know of words, to look for more than a question says.

    Args:
        abbreviations: with what they stand for.
        frequencies: in how many passages the terms of `tokens` stand.
        known: from `vocabulary`.
    """

    def __init__(
        self,
        abbreviations: Sequence[Abbreviation],
        frequencies: Mapping[str, int],
        known: Sequence[str],
    ) -> None:
        self.frequencies = frequencies
        self.known = known
        self._meant: dict[tuple[str, ...], list[str]] = {}
        for abbreviation in abbreviations:
            short = _stems(abbreviation.short)
            for long in abbreviation.long:
                self._meant.setdefault(_stems(long), []).append(abbreviation.short)
                if not STOP_WORDS.issuperset(short):  # OP is no "op"
                    self._meant.setdefault(short, []).append(long)
        self._longest = max(map(len, self._meant), default=0)

    def question_terms(self, text: str) -> dict[float, list[str]]:
        """Return what to look for, by what it counts for."""
        meant = [*self.meant(text), *self.nearest(text)]
        more = dict.fromkeys(term for other in meant for term in tokens(other))
        more_grams = dict.fromkeys(gram for other in meant for gram in grams(other))
        return {
            1.0: tokens(text),
            GRAM_WEIGHT: grams(text),
            MEANT_WEIGHT: list(more),
            MEANT_WEIGHT * GRAM_WEIGHT: list(more_grams),
        }

    def meant(self, text: str) -> list[str]:
        """Return what the abbreviations in a text stand for, and those of what it says in full."""
        said = _stems(text)
        found = [
            other
            for start in range(len(said))
            for end in range(start + 1, min(start + self._longest, len(said)) + 1)
            for other in self._meant.get(said[start:end], ())
        ]
        return list(dict.fromkeys(found))

    def nearest(self, text: str) -> list[str]:
        """Return for each word of a text that no passage has the one most like it, if any is."""
        slips = [part for part in _parts(text) if _can_slip(part)]
        near = [self._near(part) for part in slips if stem(part) not in self.frequencies]
        return list(dict.fromkeys(word for word in near if word))

    def _near(self, word: str) -> str:
        most = 1 if len(word) < LONG_WORD else 2
        found = process.extract(
            word, self.known, scorer=OSA.distance, score_cutoff=most, limit=None
        )
        # The first letter is seldom the wrong one.
        ranked = [
            (distance, other[0] != word[0], -self.frequencies.get(stem(other), 0), other)
            for other, distance, _ in found
        ]
        return min(ranked)[-1] if ranked else ""


def _parts(text: str) -> list[str]:
    """Return the words of a text, cut at hyphens, without accents and function words."""
    return [
        fold(part)
        for word in words(text)
        if word not in STOP_WORDS
        for part in _BREAK.split(word)
        if part and part not in STOP_WORDS
    ]


def _stems(text: str) -> tuple[str, ...]:
    """Return the stems of all words of a text, function words too; "ikc's" is "ikc"."""
    parts = [part for word in words(text) for part in _BREAK.split(fold(word))]
    return tuple(stem(part) for part in parts if part not in ("", "s"))


def _can_slip(word: str) -> bool:
    return len(word) >= MIN_WORD and word.isalpha()
