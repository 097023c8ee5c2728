"""Teach the embedder on questions about the documents: `python -m assistant teach`.

From `taught/questions.jsonl` (a place in a document, questions that it answers
and the sentences that do) to `taught/adapter.safetensors`; `index.teacher` tells how.
"""

import logging
import time
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from corpus.errors import InputFileError
from corpus.passages import Passage
from index import adapter
from index.questions import Example, load_questions
from index.store import Index
from index.teacher import Batch, Settings, Teacher

log = logging.getLogger(__name__)

# One section in ten is kept aside, to tell when to stop.
KEPT_ASIDE = 10


@dataclass(frozen=True)
class Start:
    """Where teaching begins: the folder of the untaught model, and an adapter to go on from."""

    folder: Path
    adapter: Path | None = None


def split(examples: Sequence[Example], index: Index, left_out: str) -> tuple[list[Example], ...]:
    """Part examples in those to teach with and those kept aside, by section of a document.

    A document that is left out is in neither.
    """
    used = [e for e in examples if index.passages[e.row].document != left_out]
    aside = [kept_aside(section(index.passages[e.row]), KEPT_ASIDE) for e in used]
    return (
        [e for e, is_aside in zip(used, aside, strict=True) if not is_aside],
        [e for e, is_aside in zip(used, aside, strict=True) if is_aside],
    )


def section(passage: Passage) -> str:
    """Return the name of the section of a document that a passage is in."""
    return " › ".join((passage.document, *passage.section[:2]))


def kept_aside(name: str, one_in: int) -> bool:
    """Tell whether what has a name is kept aside: always or never, whatever else there is."""
    return zlib.crc32(name.encode()) % one_in == 0


def teach(
    index: Index,
    start: Start,
    questions: Path,
    out: Path,
    settings: Settings,
    progress: Callable[[str, float], None],
) -> dict[str, Any]:
    """Teach, keep the epoch that does best on what was kept aside, and write it.

    Args:
        index: of the untaught model: its passages, their likeness, its word weights.
        start: where to begin.
        questions: see `index.questions.load_questions`.
        out: the adapter's file.
        settings: of this run.
        progress: told what is being done, in Dutch, and the share (0 to 1) that is done.

    Returns:
        The settings, the figures of each epoch and how long it took; `kept_epoch` is 0 when no
        epoch did better than where it began, and then nothing is written.

    Raises:
        InputFileError: there are no questions, or not as they should be.
        ModelDamaged: the adapter to go on from is none of this model.
    """
    started = time.monotonic()
    lesson, aside = split(_examples(questions, index), index, settings.left_out)
    teacher = Teacher(start.folder, index, settings, lesson)
    if start.adapter:
        adapter.resume(teacher.model, start.adapter, "zoekmodel")
    rounds = [list(teacher.batches(lesson)) for _ in range(settings.epochs)]
    optimizer = torch.optim.AdamW(teacher.trainable, lr=settings.rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, settings.rate, total_steps=sum(map(len, rounds)), pct_start=0.1
    )
    progress("Leren: beginstand meten", 0.0)
    figures, kept = [{"epoch": 0, "hit@5": teacher.hits(aside)}], 0
    for epoch, batches in enumerate(rounds, start=1):
        losses = []
        for n, batch in enumerate(batches):
            losses.append(_step(teacher, batch, optimizer))
            schedule.step()
            progress(f"Leren: ronde {epoch}", (epoch - 1 + n / len(batches)) / settings.epochs)
        score = teacher.hits(aside)
        # With too few sections to keep one aside, the last round is as good as any.
        if not aside or score > max(figure["hit@5"] for figure in figures):
            adapter.save(teacher.model, out)
            kept = epoch
        figures.append({"epoch": epoch, "hit@5": score, "loss": float(np.mean(losses))})
        log.info("%s", figures[-1])
    return {
        "settings": asdict(settings),
        "went_on": start.adapter is not None,
        "questions": len(lesson),
        "kept_aside": len(aside),
        "figures": figures,
        "kept_epoch": kept,
        "minutes": round((time.monotonic() - started) / 60, 1),
    }


def _examples(questions: Path, index: Index) -> list[Example]:
    examples = load_questions(questions, index.passages)
    if not examples:
        raise InputFileError(path=questions, reason="er staat geen vraag in bij deze documenten")
    return examples


def _step(teacher: Teacher, batch: Batch, optimizer: torch.optim.Optimizer) -> float:
    """Learn from one batch; return its loss."""
    loss = teacher.loss(batch)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
    nn.utils.clip_grad_norm_(teacher.trainable, 1.0)
    optimizer.step()
    return float(loss.detach())
