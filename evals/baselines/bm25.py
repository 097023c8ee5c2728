"""BM25 over the chunks of the LlamaIndex starter: as it comes, and made for Dutch."""

from collections.abc import Callable, Sequence
from dataclasses import replace

import bm25s
import Stemmer

from assistant.settings import Settings
from evals.baselines.common import RANKED, Baseline, Piece, open_library, quote_best
from evals.baselines.llamaindex import chunks

NAME = "bm25"
DUTCH = "bm25-nl"

Tokenize = Callable[[Sequence[str]], bm25s.tokenization.Tokenized]


def open_bm25(settings: Settings) -> Baseline:
    """Open bm25s with its defaults: English stop words and no stemmer."""
    return _open(NAME, settings, lambda texts: bm25s.tokenize(texts, show_progress=False))


def open_dutch(settings: Settings) -> Baseline:
    """Open bm25s with its Dutch stop words and the Dutch Snowball stemmer."""
    stemmer = Stemmer.Stemmer("dutch")
    return _open(
        DUTCH,
        settings,
        lambda texts: bm25s.tokenize(texts, stopwords="nl", stemmer=stemmer, show_progress=False),
    )


def _open(name: str, settings: Settings, tokenize: Tokenize) -> Baseline:
    library = open_library(settings)
    pieces = chunks(library)
    index = bm25s.BM25()
    index.index(tokenize([text for _, text in pieces]), show_progress=False)

    def search(question: str) -> list[Piece]:
        rows, scores = index.retrieve(
            tokenize([question]), k=min(RANKED, len(pieces)), show_progress=False
        )
        ranked = zip(rows[0], scores[0], strict=True)
        return [replace(pieces[row][0], score=float(score)) for row, score in ranked if score > 0]

    return Baseline(name, "quotes", library, search, quote_best(library))
