"""Teach the reader which questions documents answer: its heads `asked` and `sure`.

Both are logistic regressions, fitted when the rest was taught: `asked` on the questions
that were taught with, `sure` on those that were kept aside, of which neither `asked` nor
the rest of the reader has seen the answer. At last `asked` is fitted on all.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file, save_file
from sklearn.linear_model import LogisticRegression
from torch import nn

from index.reader import Reader
from index.teach_reader import SENTENCES, Lesson, area, split

# How little `asked` is pulled to zero, for features of unit variance: stronger, and it knows
# less; weaker, and it learns the subjects of the documents by heart.
STRENGTH = 0.001
# What the page counts for beside the question, in log odds. Set on the tuning part of the
# gold questions (.15 to .5 differ little); on the lessons 1.2 would be best, but their
# unanswerable questions are made to differ from answerable ones in a detail only.
PAGE_WEIGHT = 0.3
# Share of the questions with an answer that may fall below the threshold of a figure.
LOST = 0.04

Matrix = NDArray[np.floating[Any]]


def teach_asked(
    reader: Reader, lessons: Sequence[Lesson], vectors: Matrix, path: Path, seed: int
) -> dict[str, float]:
    """Fit the heads and write them into the reader's file.

    Args:
        reader: as it was taught; its heads are changed.
        lessons: those that it was taught with and those kept aside.
        vectors: (lessons, width), their questions as the embedder encodes them.
        path: the reader's file.
        seed: with which lessons were kept aside.

    Returns:
        On those kept aside: areas under the curve, between questions with and without an
        answer, of the question alone (`asked`), the page alone (`answered`) and both
        (`sure`); and `caught`, the share of those without that fall below all but LOST of
        those with an answer.
    """
    row = {id(lesson): n for n, lesson in enumerate(lessons)}
    taught, aside = split([x for x in lessons if x.sentences], seed)
    heads = reader.heads
    _fit(heads.asked, vectors[[row[id(x)] for x in taught]], taught, STRENGTH)
    pages = np.array([reader.page_odds(x.question, x.sentences[:SENTENCES]) for x in aside])
    with torch.inference_mode():
        found = heads.asked(torch.from_numpy(vectors[[row[id(x)] for x in aside]]))
    asked = found.squeeze(1).numpy()
    sure = asked + PAGE_WEIGHT * pages
    scale = nn.Linear(1, 1)
    _fit(scale, sure[:, None], aside, 1.0)
    with torch.no_grad():
        heads.sure.weight.copy_(scale.weight * torch.tensor([[1.0, PAGE_WEIGHT]]))
        heads.sure.bias.copy_(scale.bias)
    _fit(heads.asked, vectors, lessons, STRENGTH)
    tensors = {f"heads.{k}": t.to(torch.float16) for k, t in heads.state_dict().items()}
    save_file(load_file(path) | tensors, path)

    right = [is_answered(lesson) for lesson in aside]
    yes = np.array(right)
    return {
        "asked": area(asked.tolist(), right),
        "answered": area(pages.tolist(), right),
        "sure": area(sure.tolist(), right),
        "caught": float((sure[~yes] < np.quantile(sure[yes], LOST)).mean()),
    }


def is_answered(lesson: Lesson) -> bool:
    """Tell whether the documents answer the question of a lesson."""
    return bool(lesson.answers or lesson.missed)


def _fit(head: nn.Linear, seen: Matrix, lessons: Sequence[Lesson], strength: float) -> None:
    """Fit a head of one output on features that are brought to unit variance, and back."""
    middle, spread = seen.mean(axis=0), seen.std(axis=0) + 1e-9
    model = LogisticRegression(C=strength, max_iter=1000)
    model.fit((seen - middle) / spread, [is_answered(lesson) for lesson in lessons])
    weights = model.coef_[0] / spread
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weights)[None])
        head.bias.copy_(torch.from_numpy(model.intercept_ - weights @ middle))
