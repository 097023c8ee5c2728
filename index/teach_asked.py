"""Teach the reader to judge a question by itself: its heads `asked`, `sure` and `aim`.

They are logistic regressions, fitted when the rest was taught: `asked` and `aim` on the
questions that were taught with, `sure` on those that were kept aside, of which nothing of
the reader has seen the answer. At last `asked` and `aim` are fitted on all.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import nn

from index.reader import WANTED, Heads, Reader
from index.teach_reader import SENTENCES, Lesson, area, split

# How little `asked` is pulled to zero, for features of unit variance: stronger, and it knows
# less; weaker, and it learns the subjects of the documents by heart.
STRENGTH = 0.001
# The same for `aim`, whose rarer kinds need more.
AIM_STRENGTH = 0.03
# What the page counts for beside the question, in log odds. Set on the tuning part of the
# gold questions (.15 to .5 differ little); on the lessons 1.2 would be best, but their
# unanswerable questions are made to differ from answerable ones in a detail only.
PAGE_WEIGHT = 0.5
# Share of the questions with an answer that may fall below the threshold of a figure.
LOST = 0.04

Matrix = NDArray[np.floating[Any]]


def teach_asked(
    reader: Reader, lessons: Sequence[Lesson], vectors: Matrix, path: Path
) -> dict[str, float]:
    """Fit the heads and write them into the reader's file.

    Args:
        reader: as it was taught; its heads are changed.
        lessons: those that it was taught with and those kept aside.
        vectors: (lessons, width), their questions as the embedder encodes them.
        path: the reader's file.

    Returns:
        On those kept aside: areas under the curve, between questions with and without an
        answer, of the question alone (`asked`), the page alone (`answered`) and both
        (`sure`); `caught`, the share of those without that fall below all but LOST of those
        with an answer; and, at even odds, `aim`, how often what is wanted is named right where
        it is no answer from documents, and `mistaken`, the share of the others of which that
        is said.
    """
    row = {id(lesson): n for n, lesson in enumerate(lessons)}
    taught, aside = split([x for x in lessons if x.sentences])
    heads, seen = reader.heads, torch.from_numpy(vectors[[row[id(x)] for x in aside]])
    _fit_both(heads, vectors[[row[id(x)] for x in taught]], taught)
    pages = np.array([reader.page_odds(x.question, x.sentences[:SENTENCES]) for x in aside])
    with torch.inference_mode():
        asked = heads.asked(seen).squeeze(1).numpy()
        aims = heads.aim(seen).argmax(1).tolist()
    sure = asked + PAGE_WEIGHT * pages
    right = [is_answered(lesson) for lesson in aside]
    scale = nn.Linear(1, 1)
    _fit(scale, 0, sure[:, None], right, 1.0)
    with torch.no_grad():
        heads.sure.weight.copy_(scale.weight * torch.tensor([[1.0, PAGE_WEIGHT]]))
        heads.sure.bias.copy_(scale.bias)
    _fit_both(heads, vectors, lessons)
    tensors = {f"heads.{k}": t.to(torch.float16) for k, t in heads.state_dict().items()}
    save_file(load_file(path) | tensors, path)

    yes = np.array(right)
    named = [(WANTED[n], lesson.wanted) for n, lesson in zip(aims, aside, strict=True)]
    return {
        "asked": area(asked.tolist(), right),
        "answered": area(pages.tolist(), right),
        "sure": area(sure.tolist(), right),
        "caught": float((sure[~yes] < np.quantile(sure[yes], LOST)).mean()),
        "aim": _share(found == wanted for found, wanted in named if wanted != WANTED[0]),
        "mistaken": _share(found != wanted for found, wanted in named if wanted == WANTED[0]),
    }


def is_answered(lesson: Lesson) -> bool:
    """Tell whether the documents answer the question of a lesson."""
    return bool(lesson.answers or lesson.missed)


def _share(told: Iterable[bool]) -> float:
    known = list(told)
    return sum(known) / len(known) if known else 0.0


def _fit_both(heads: Heads, vectors: Matrix, lessons: Sequence[Lesson]) -> None:
    _fit(heads.asked, 0, vectors, [is_answered(lesson) for lesson in lessons], STRENGTH)
    # A question is what the others are not: its output stays 0, which is even odds.
    for n, kind in enumerate(WANTED[1:], start=1):
        _fit(heads.aim, n, vectors, [lesson.wanted == kind for lesson in lessons], AIM_STRENGTH)


def _fit(head: nn.Linear, row: int, seen: Matrix, right: Sequence[bool], strength: float) -> None:
    """Fit one output of a head on features that are brought to unit variance, and back."""
    if not any(right):
        return
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    model = LogisticRegression(C=strength, max_iter=1000).fit((seen - middle) / spread, right)
    weights = model.coef_[0] / spread
    with torch.no_grad():
        head.weight[row] = torch.from_numpy(weights)
        head.bias[row] = float(model.intercept_[0] - weights @ middle)
