"""The measures: pure functions over strings, lists and answer records.

Nothing here uses the product's own text functions, so that a fault in those
cannot hide itself.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import log2
from typing import Any

import numpy as np

# A passage is relevant when it holds this share of the word trigrams of an evidence string.
RELEVANT_SHARE = 0.7
# A quote and an evidence string overlap when they have this share of the shorter one's
# trigrams in common: a sentence of a longer evidence string counts, a shared phrase does not.
OVERLAP_SHARE = 0.5
# Share of a rewritten statement's words that must stand in what it cites.
SUPPORT_SHARE = 0.8
_RESAMPLES = 2000
_SEED = 0  # equal answers give an equal report

_TAG = re.compile(r"</?[a-zA-Z][^<>]*>")
_WORD = re.compile(r"[^\W_]+")
_MARKER = re.compile(r"\s*\[\d+\]")

Support = Callable[[str, Sequence[str]], bool]


@dataclass(frozen=True)
class Interval:
    """A mean with its 95% bootstrap interval, over `n` values."""

    mean: float
    low: float
    high: float
    n: int


def folded(text: str) -> str:
    """Return a text without HTML tags and with all white space as single spaces."""
    return " ".join(_TAG.sub(" ", unicodedata.normalize("NFC", text)).split())


def words(text: str) -> list[str]:
    """Return the words and numbers of a text in order, in lower case."""
    return _WORD.findall(folded(text).casefold())


def grams(text: str, size: int = 3) -> frozenset[tuple[str, ...]]:
    """Return the word trigrams of a text, or the runs of another size."""
    all_words = words(text)
    return frozenset(zip(*(all_words[start:] for start in range(size)), strict=False))


def relevant(passage: str, evidence: Sequence[str]) -> bool:
    """Tell whether a passage holds enough of one of the evidence strings."""
    held = grams(passage)
    return any(
        len(wanted & held) >= RELEVANT_SHARE * len(wanted)
        for wanted in map(grams, evidence)
        if wanted
    )


def overlaps(quote: str, evidence: Sequence[str]) -> bool:
    """Tell whether a quote and one of the evidence strings are about the same words.

    Texts of one or two words (an item of a list) are compared whole.
    """
    for place in evidence:
        size = min(3, len(words(quote)), len(words(place)))
        quoted, wanted = grams(quote, size), grams(place, size)
        shorter = min(len(quoted), len(wanted))
        if shorter and len(quoted & wanted) >= OVERLAP_SHARE * shorter:
            return True
    return False


def hit(ranking: Sequence[bool], k: int) -> float:
    """Return 1 when one of the first k passages is relevant, else 0."""
    return float(any(ranking[:k]))


def reciprocal_rank(ranking: Sequence[bool], k: int) -> float:
    """Return 1 / rank of the first relevant passage within k, else 0."""
    return next((1 / rank for rank, good in enumerate(ranking[:k], start=1) if good), 0.0)


def ndcg(ranking: Sequence[bool], expected: int, k: int) -> float:
    """Return the normalised discounted cumulative gain at k, with gains of 0 and 1.

    After Järvelin and Kekäläinen, ACM TOIS 2002. How many passages of the index
    are relevant is not known; the ideal ranking has as many as were found, and
    at least `expected`: the number of evidence strings, as each needs a place.
    """
    gain = sum(1 / log2(rank + 1) for rank, good in enumerate(ranking[:k], start=1) if good)
    ideal = min(k, max(expected, sum(ranking)))
    return gain / sum(1 / log2(rank + 1) for rank in range(1, ideal + 1)) if ideal else 0.0


def shows(text: str, surface: str) -> bool:
    """Tell whether a text shows a surface string; "2x" is not shown by "12x"."""
    wanted = re.escape(folded(surface).casefold())
    before = r"(?<!\d)(?<!\d[.,])" if surface[:1].isdigit() else ""
    after = r"(?![.,]?\d)" if surface[-1:].isdigit() else ""
    return re.search(before + wanted + after, folded(text).casefold()) is not None


def fact_recall(answer: str, facts: Sequence[Sequence[str]]) -> float:
    """Return the share of the facts that an answer shows; each by any of its strings."""
    return sum(any(shows(answer, s) for s in fact) for fact in facts) / len(facts)


def without_markers(answer: str) -> str:
    """Return an answer's text without its citation markers."""
    return _MARKER.sub("", answer)


def is_verbatim(citation: Mapping[str, Any], text: str) -> bool:
    """Tell whether the quote is `text[start:end]` of the stored document."""
    start, end = citation["start"], citation["end"]
    return bool(0 <= start < end <= len(text) and text[start:end] == citation["quote"])


def supports(statement: str, quotes: Sequence[str]) -> bool:
    """Tell by its words whether quotes support a statement: a floor, not a judgement.

    It is contained in one of them (hyphens and line breaks aside), or all its
    numbers and SUPPORT_SHARE of its words stand in them. Words count as the
    same by their first five letters. Whether the meaning is the same, only a
    person or an entailment model can tell: pass that in its place.
    """
    squeezed = "".join(words(statement))
    if squeezed and any(squeezed in "".join(words(quote)) for quote in quotes):
        return True
    present = {word for quote in quotes for word in words(quote)}
    wanted = words(statement)
    if not wanted or any(w not in present for w in wanted if any(map(str.isdigit, w))):
        return False
    starts = {word[:5] for word in present}
    return sum(word[:5] in starts for word in wanted) >= SUPPORT_SHARE * len(wanted)


def citation_precision(
    statements: Sequence[Mapping[str, Any]], sources: Mapping[int, str], support: Support
) -> float:
    """Return the share of the citations that are verbatim and support their statement.

    As in Gao et al., ALCE, EMNLP 2023: a citation counts when it supports its
    statement alone, or when the statement is supported and would not be without it.

    Args:
        statements: of the answer record.
        sources: by number, the words of each citation that is verbatim; others are left out.
        support: tells whether quotes support a statement.
    """
    counted = []
    for statement in statements:
        quotes = {n: sources[n] for n in statement["citations"] if n in sources}
        for n in statement["citations"]:
            rest = [quote for other, quote in quotes.items() if other != n]
            counted.append(
                n in quotes
                and (
                    support(statement["text"], [quotes[n]])
                    or (
                        support(statement["text"], list(quotes.values()))
                        and not support(statement["text"], rest)
                    )
                )
            )
    return sum(counted) / len(counted) if counted else 0.0


def citation_recall(
    statements: Sequence[Mapping[str, Any]], sources: Mapping[int, str], support: Support
) -> float:
    """Return the share of the statements that all their citations together support."""
    told = [
        support(s["text"], [sources[n] for n in s["citations"] if n in sources]) for s in statements
    ]
    return sum(told) / len(told) if told else 0.0


def percentile(values: Sequence[float], percent: float) -> float:
    """Return a percentile, interpolated linearly between the values around it."""
    return float(np.percentile(values, percent))


def interval(values: Sequence[float]) -> Interval:
    """Return the mean of at least one value with its 95% bootstrap interval (percentile method)."""
    sample = np.asarray(values, dtype=float)
    draws = np.random.default_rng(_SEED).integers(0, len(sample), (_RESAMPLES, len(sample)))
    means = sample[draws].mean(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(sample.mean()), float(low), float(high), len(sample))
