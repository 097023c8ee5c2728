"""Teach the reader: from questions with candidate sentences to `taught/reader.safetensors`.

Two things are taught at once: which sentences answer, and whether any of those on the page
does. What does not answer comes from three sides: other sentences for the same question,
questions that the documents do not answer, and questions of which the sentences that answer
were taken off the page.
"""

import logging
import os
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from index import adapter
from index.reader import Heads, Layout, Logits, Page, logits, save
from index.teach import kept_aside

log = logging.getLogger(__name__)

RANK = 16
RATE = 6e-4
BATCH = 16
# Sentences on a page, as when it is used.
SENTENCES = 6
# Share of the questions that lose the sentences that answer, and of those whose missed
# sentences are put on the page though the search did not bring them.
TAKEN_OFF = 0.2
PUT_ON = 0.5
# One section in eight is kept aside.
KEPT_ASIDE = 8
# A page has about five sentences that do not answer for one that does.
WEIGHT_OF_YES = 2.0
# Pages sorted by length together, so that little of a batch is padding.
WINDOW = 8 * BATCH


@dataclass(frozen=True)
class Lesson:
    """A question with the sentences that a search brings, best first.

    Attributes:
        sentences: as the reader is shown them.
        answers: which of them answer the question.
        related: which of them stand in the passage that does.
        missed: sentences that answer and that the search did not bring.
        section: lessons of one section are all taught or all kept aside.
        wanted: one of `reader.WANTED`.
    """

    question: str
    sentences: tuple[str, ...]
    answers: frozenset[int]
    related: frozenset[int]
    missed: tuple[str, ...]
    section: str
    wanted: str = "vraag"


@dataclass(frozen=True)
class Settings:
    """What a run was made with; kept beside what it made."""

    epochs: int
    seed: int
    rank: int = RANK
    rate: float = RATE
    batch: int = BATCH
    sentences: int = SENTENCES


@dataclass(frozen=True)
class _Sheet:
    """A lesson as it is shown once."""

    page: Page
    right: tuple[bool, ...]


def split(lessons: Sequence[Lesson]) -> tuple[list[Lesson], list[Lesson]]:
    """Part lessons in those to teach with and those kept aside, by section."""
    aside = [kept_aside(lesson.section, KEPT_ASIDE) for lesson in lessons]
    return (
        [x for x, is_aside in zip(lessons, aside, strict=True) if not is_aside],
        [x for x, is_aside in zip(lessons, aside, strict=True) if is_aside],
    )


class ReaderTeacher:
    """The reader that is taught: a model with an adapter, and its heads."""

    def __init__(self, model: nn.Module, tokenizer: Any, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.chance = random.Random(settings.seed)
        self.layout = Layout(model, tokenizer)
        self.model = model
        # For mypy every attribute of a module is a tensor or a module.
        self.heads = Heads(int(model.config.hidden_size))  # type: ignore[union-attr,arg-type]
        self.trainable = [*adapter.attach(model, settings.rank), *self.heads.parameters()]
        self.began: list[Tensor] = []

    def resume(self, path: Path) -> None:
        """Go on from a reader that was taught before, on this embedder or an earlier one.

        From nothing it takes more than a round before it tells anything apart. A head that
        the file does not have begins anew.
        """
        heads = adapter.resume(self.model, path, "leesmodel")
        known = {name.removeprefix("heads."): tensor for name, tensor in heads.items()}
        self.heads.load_state_dict(known, strict=False)
        self.began = _copies(self.trainable)

    @contextmanager
    def halfway(self) -> Iterator[None]:
        """Go back half of the way to where it began, when it goes on from an earlier reader.

        The mean of both does better than either on lessons kept aside (after Wortsman and
        others, "Robust fine-tuning of zero-shot models", 2022). Teaching goes on from the end.
        """
        now = _copies(self.trainable)
        with torch.no_grad():
            for tensor, first in zip(self.trainable, self.began, strict=bool(self.began)):
                tensor.lerp_(first, 0.5)
            yield
            for tensor, last in zip(self.trainable, now, strict=True):
                tensor.copy_(last)

    def sheet(self, lesson: Lesson) -> _Sheet:
        """Lay out a lesson for teaching: by chance with or without what answers, in any order.

        The order must tell nothing: of questions that were taught to the embedder
        the answer comes first more often than of others.
        """
        most = self.settings.sentences
        chosen = [(text, n in lesson.answers) for n, text in enumerate(lesson.sentences)]
        drawn = self.chance.random()
        if (lesson.answers or lesson.missed) and drawn < TAKEN_OFF:
            chosen = [c for n, c in enumerate(chosen) if n not in lesson.answers | lesson.related]
        elif lesson.missed and drawn < TAKEN_OFF + PUT_ON:
            missed = [(text, True) for text in lesson.missed[:2]]
            chosen = [*chosen[: most - len(missed)], *missed]
        chosen = chosen[:most]
        self.chance.shuffle(chosen)
        return self._laid_out(lesson.question, chosen)

    def plain(self, lesson: Lesson) -> _Sheet:
        """Lay out a lesson as when it is used."""
        chosen = [(text, n in lesson.answers) for n, text in enumerate(lesson.sentences)]
        return self._laid_out(lesson.question, chosen[: self.settings.sentences])

    def _laid_out(self, question: str, chosen: Sequence[tuple[str, bool]]) -> _Sheet:
        page = self.layout.page(question, [text for text, _ in chosen])
        return _Sheet(page, tuple(right for _, right in chosen[: len(page.spans)]))

    def batches(self, lessons: Sequence[Lesson]) -> list[list[_Sheet]]:
        """Return every lesson once, in batches of about one length."""
        sheets = [self.sheet(lesson) for lesson in lessons]
        self.chance.shuffle(sheets)
        found = []
        for start in range(0, len(sheets), WINDOW):
            window = sorted(sheets[start : start + WINDOW], key=lambda s: len(s.page.tokens))
            found += [
                window[n : n + self.settings.batch]
                for n in range(0, len(window), self.settings.batch)
            ]
        self.chance.shuffle(found)
        return found

    def read(self, sheets: Sequence[_Sheet]) -> Logits:
        """Return what `logits` does for the pages of sheets."""
        with torch.autocast("cpu", dtype=torch.bfloat16):
            pages = [sheet.page for sheet in sheets]
            return logits(self.model, self.heads, pages, self.layout.padding)

    def loss(self, sheets: Sequence[_Sheet]) -> Tensor:
        """Return the cross-entropy of the wholes, twice that of the sentences, and of choosing.

        Choosing is among the sentences of a page, of those that have one that answers.
        """
        found = self.read(sheets)
        any_right = torch.tensor([float(any(sheet.right)) for sheet in sheets])
        right = torch.tensor([float(r) for sheet in sheets for r in sheet.right])
        each = functional.binary_cross_entropy_with_logits(
            torch.cat(found.sentences), right, pos_weight=torch.tensor(WEIGHT_OF_YES)
        )
        whole = functional.binary_cross_entropy_with_logits(found.whole.float(), any_right)
        chosen = [
            scores.logsumexp(0) - scores[torch.tensor(sheet.right)].logsumexp(0)
            for sheet, scores in zip(sheets, map(Tensor.float, found.sentences), strict=True)
            if any(sheet.right)
        ]
        return whole + 2 * each + (torch.stack(chosen).mean() if chosen else 0)

    @torch.no_grad()
    def measure(self, lessons: Sequence[Lesson]) -> dict[str, float]:
        """Return how well the heads do.

        `answered` and `sentence` are areas under the curve: between pages with and without
        an answer, and sentences that are one and others. `first` is how often the best
        sentence answers, `unanswerable` the share of questions without any answer that fall
        below 96% of those with one.
        """
        wholes: list[float] = []
        each: list[float] = []
        sheets = [self.plain(lesson) for lesson in lessons]
        first = []
        for start in range(0, len(sheets), 2 * BATCH):
            some = sheets[start : start + 2 * BATCH]
            found = self.read(some)
            wholes += found.whole.tolist()
            for sheet, scores in zip(some, found.sentences, strict=True):
                each += scores.tolist()
                if any(sheet.right):
                    first.append(sheet.right[int(scores.argmax())])
        any_right = [any(sheet.right) for sheet in sheets]
        answered = [w for w, yes in zip(wholes, any_right, strict=True) if yes]
        floor = np.quantile(answered, 0.04) if answered else -np.inf
        nowhere = [
            w < floor
            for w, lesson in zip(wholes, lessons, strict=True)
            if not lesson.answers and not lesson.missed
        ]
        return {
            "answered": area(wholes, any_right),
            "sentence": area(each, [r for sheet in sheets for r in sheet.right]),
            "first": float(np.mean(first)) if first else 0.0,
            "unanswerable": float(np.mean(nowhere)) if nowhere else 0.0,
        }


def area(scores: Sequence[float], right: Sequence[bool]) -> float:
    """Return the area under the ROC curve: the chance that a right one scores above a wrong one.

    Ties count half (Hanley and McNeil, Radiology 143, 1982). With one kind only it is 0.5.
    """
    yes = np.array([s for s, r in zip(scores, right, strict=True) if r])
    no = np.sort([s for s, r in zip(scores, right, strict=True) if not r])
    if not len(yes) or not len(no):
        return 0.5
    below = np.searchsorted(no, yes, "left") + np.searchsorted(no, yes, "right")
    return float(below.mean() / 2 / len(no))


def teach_reader(
    parts: tuple[nn.Module, Any],
    lessons: Sequence[Lesson],
    out: Path,
    settings: Settings,
    progress: Callable[[str, float], None],
    start: Path | None = None,
) -> dict[str, Any]:
    """Teach, keep the epoch that does best on what was kept aside, and write it to `out`.

    Args:
        parts: the taught embedder's model in 32-bit floats, and its tokenizer.
        lessons: of all questions.
        out: the reader's file.
        settings: of this run.
        progress: told what is being done, in Dutch, and the share (0 to 1) that is done.
        start: a reader to go on from; None to begin anew.

    Returns:
        The settings, the figures of each epoch, and how long it took.
    """
    started = time.monotonic()
    torch.set_num_threads(os.cpu_count() or 1)  # a search, as for the lessons, leaves it at one
    lesson, aside = split([x for x in lessons if x.sentences])
    teacher = ReaderTeacher(*parts, settings)
    if start:
        teacher.resume(start)
    rounds = [teacher.batches(lesson) for _ in range(settings.epochs)]
    optimizer = torch.optim.AdamW(teacher.trainable, lr=settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=sum(map(len, rounds)), pct_start=0.1
    )
    figures, kept = list[dict[str, float]](), 0
    for epoch, batches in enumerate(rounds, start=1):
        losses = []
        for n, batch in enumerate(batches):
            loss = teacher.loss(batch)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
            nn.utils.clip_grad_norm_(teacher.trainable, 1.0)
            optimizer.step()
            schedule.step()
            losses.append(float(loss.detach()))
            progress(f"Leren lezen: ronde {epoch}", (epoch - 1 + n / len(batches)) / len(rounds))
        with teacher.halfway():
            found = {"epoch": epoch, "loss": float(np.mean(losses)), **teacher.measure(aside)}
            log.info("%s", found)
            if not figures or _worth(found) > max(map(_worth, figures)):
                save(teacher.model, teacher.heads, out)
                kept = epoch
        figures.append(found)
    return {
        "settings": asdict(settings),
        "went_on": start is not None,
        "lessons": len(lesson),
        "kept_aside": len(aside),
        "figures": figures,
        "kept_epoch": kept,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }


def _copies(tensors: Sequence[Tensor]) -> list[Tensor]:
    return [tensor.detach().clone() for tensor in tensors]


def _worth(figures: dict[str, float]) -> float:
    """Return what a round is judged by: both heads count."""
    return figures["answered"] + figures["sentence"]
