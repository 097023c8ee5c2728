"""Teach the embedder on questions about the documents: `python -m assistant teach`.

From `taught/questions.jsonl` (a place in a document, questions that it answers
and the sentences that do) to `taught/adapter.safetensors`. Four things are taught at once,
each as a choice of the right one among all of a batch: the passage by the vector of its text
as a whole, the passage by late interaction over token vectors with the weights and the centre
of the index that is given, the sentence by late interaction with its tokens as they stand in their
passage, and another question that the same sentence answers, as `index.questions` finds it.
"""

import logging
import random
import time
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from corpus.errors import InputFileError
from corpus.passages import Passage, spans
from index import adapter, e5
from index.embedder import Encoded
from index.questions import Example, load_questions
from index.search import probe
from index.store import Index, context_text

log = logging.getLogger(__name__)

RANK = 16
RATE = 1e-3
BATCH = 24
# Of a batch, how many passages are the nearest to a first one: what is hard to tell apart.
HARD = 12
# Of the passages alike this much, one cannot be the wrong answer to a question about the other;
# nor can one that is known to answer it as well.
SAME = 0.97
TEMPERATURE = 0.05
# Nine passages in ten are shorter; the rest is cut off while teaching only.
MAX_TOKENS = 192
# One section in ten is kept aside, to tell when to stop.
KEPT_ASIDE = 10


@dataclass(frozen=True)
class Settings:
    """What a run was made with; kept beside the adapter."""

    epochs: int
    seed: int
    left_out: str
    rank: int = RANK
    rate: float = RATE
    batch: int = BATCH
    hard: int = HARD
    temperature: float = TEMPERATURE


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


def bare(folder: Path) -> tuple[Any, Any]:
    """Return the model in a folder, in 32-bit floats and ready to be taught, and its tokenizer."""
    from transformers import AutoModel, AutoTokenizer

    model = AutoModel.from_pretrained(
        folder,
        dtype=torch.float32,
        add_pooling_layer=False,  # it is not in the folder, nor used
        # Both take half of the time on a processor. What can be learned is small already.
        attn_implementation="eager",
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return model, AutoTokenizer.from_pretrained(folder)


class Teacher:
    """The model that is taught, with the documents that it is taught on."""

    def __init__(
        self, folder: Path, index: Index, settings: Settings, lesson: Sequence[Example]
    ) -> None:
        torch.manual_seed(settings.seed)
        self.settings = settings
        self.index = index
        self.chance = random.Random(settings.seed)
        self.by_row: dict[int, list[Example]] = {}
        self.places: dict[str, set[int]] = {}
        for example in lesson:
            self.by_row.setdefault(example.row, []).append(example)
            self.places.setdefault(example.question, set()).add(example.row)
        self.model, self.tokenizer = bare(folder)
        self.trainable = adapter.attach(self.model, settings.rank)
        self.texts = [
            e5.PASSAGE_PREFIX + context_text(index.sources[p.document], p) for p in index.passages
        ]
        known = index.encodings()
        vectors = [known[text.removeprefix(e5.PASSAGE_PREFIX)].vector for text in self.texts]
        stacked = torch.from_numpy(np.stack(vectors))
        self.alike = stacked @ stacked.T
        self.centre = torch.from_numpy(np.array(index.centre))

    def encode(self, texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return (n, d) unit vectors, (n, t, d) unit token vectors less the centre, and which count.

        The prefix and the special tokens count for the vector alone. Last come
        the (n, t, 2) places of the tokens in the text, its prefix included.
        """
        batch = self.tokenizer(
            list(texts),
            padding=True,
            truncation=True,
            max_length=min(MAX_TOKENS, self.model.config.max_position_embeddings),
            return_tensors="pt",
            return_offsets_mapping=True,
            return_special_tokens_mask=True,
        )
        offsets, special = batch.pop("offset_mapping"), batch.pop("special_tokens_mask")
        with torch.autocast("cpu", dtype=torch.bfloat16):
            states = self.model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"].unsqueeze(-1)
        vectors = functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
        tokens = functional.normalize(functional.normalize(states, dim=2) - self.centre, dim=2)
        prefix = texts[0].index(": ") + 2
        counts = (special == 0) & (offsets[:, :, 1] > prefix)
        return vectors, tokens, counts, offsets - prefix

    def weights(self, question: str, offsets: Tensor) -> Tensor:
        """Return what each token of a question counts for, as the index weighs it; adds up to 1."""
        asked = Encoded(
            np.zeros(1, np.float32),
            np.ones((len(offsets), len(self.centre)), np.float16),
            offsets.numpy().astype(np.int32),
        )
        return torch.from_numpy(probe(self.index, asked, question, frozenset()).weights)

    def loss(self, batch: Sequence[Example]) -> Tensor:
        """Return the mean cross-entropy of choosing each question's passage in the batch.

        By the vector and by late interaction; with half of `sentence_loss` and `question_loss`.
        """
        vectors, tokens, counts, offsets = self.encode(
            [e5.QUERY_PREFIX + e.question for e in batch]
        )
        rows = [e.row for e in batch]
        passages, words, inside, places = self.encode([self.texts[row] for row in rows])
        weights = torch.zeros(counts.shape)
        for n, example in enumerate(batch):
            weights[n, counts[n]] = self.weights(example.question, offsets[n, counts[n]])
        similar = torch.einsum("qtd,pud->qptu", tokens, words)
        late = similar.masked_fill(~inside[None, :, None, :], -1.0).amax(3)
        late = torch.einsum("qpt,qt->qp", late, weights)
        same = self.same(batch)
        target = torch.arange(len(batch))
        scores = torch.stack([vectors @ passages.T, late]) / self.settings.temperature
        scores = scores.masked_fill(same, -1e4)
        passage = functional.cross_entropy(scores.flatten(0, 1), target.repeat(2))
        passage += self.sentence_loss(batch, similar, weights, places) / 2
        return passage + self.question_loss(batch, vectors, same) / 2

    def same(self, batch: Sequence[Example]) -> Tensor:
        """Return (q, q): which other passages of a batch answer a question as well, or may."""
        rows = [e.row for e in batch]
        places = [self.places.get(e.question, ()) for e in batch]
        same = self.alike[rows][:, rows] > SAME
        same |= torch.tensor([[row in known for row in rows] for known in places])
        return same.fill_diagonal_(False)

    def question_loss(self, batch: Sequence[Example], vectors: Tensor, same: Tensor) -> Tensor:
        """Return the mean cross-entropy of choosing the question that asks the same.

        Those to choose from are, for each of the batch, one that the same sentence answers and
        one that another sentence of that passage does.

        Args:
            batch: the questions.
            vectors: (q, d) of them.
            same: (q, q) from `same`.
        """
        twins = [self._other(example, same_answer=True) for example in batch]
        asked = [n for n, twin in enumerate(twins) if twin]
        rivals = [self._other(batch[n], same_answer=False) for n in asked]
        texts = [e5.QUERY_PREFIX + twins[n] for n in asked]
        texts += [e5.QUERY_PREFIX + rival for rival in rivals if rival]
        if not texts:
            return torch.zeros(())
        others = self.encode(texts)[0]
        owners = [*asked, *(n for n, rival in zip(asked, rivals, strict=True) if rival)]
        scores = vectors[asked] @ others.T / self.settings.temperature
        scores = scores.masked_fill(same[asked][:, owners], -1e4)
        return functional.cross_entropy(scores, torch.arange(len(asked)))

    def _other(self, example: Example, *, same_answer: bool) -> str:
        """Return another question about the passage, which shares a sentence that answers or not."""
        found = [
            other.question
            for other in self.by_row.get(example.row, ())
            if other.question != example.question
            and bool(other.answers & example.answers) == same_answer
            and other.answers
        ]
        return self.chance.choice(found) if found else ""

    def sentence_loss(
        self, batch: Sequence[Example], similar: Tensor, weights: Tensor, places: Tensor
    ) -> Tensor:
        """Return the mean cross-entropy of choosing a sentence that answers among all of a batch.

        Args:
            batch: the questions, each with its passage.
            similar: (q, p, t, u) cosines of the tokens of questions and passages.
            weights: (q, t) of the tokens of the questions.
            places: (p, u, 2) of the tokens of the passages in their texts.
        """
        scores, own, right = [], [], []
        for p, (example, met) in enumerate(zip(batch, similar.unbind(1), strict=True)):
            passage = self.index.passages[example.row]
            lead = len(self.texts[example.row]) - len(e5.PASSAGE_PREFIX) - len(passage.text)
            for n, (start, end) in enumerate(spans(passage)):
                inside = (places[p, :, 0] >= lead + start) & (places[p, :, 1] <= lead + end)
                inside &= places[p, :, 1] > places[p, :, 0]
                if inside.any():
                    best = met[:, :, inside].amax(2)
                    scores.append((best * weights).sum(1))
                    own.append(p)
                    right.append(n in example.answers)
        found = torch.stack(scores, dim=1) / self.settings.temperature
        owner = torch.tensor(own)
        mine = owner[None, :] == torch.arange(len(batch))[:, None]
        same = self.same(batch)[:, owner]
        answers = mine & torch.tensor(right)
        found = found.masked_fill(same, -1e4)
        known = answers.any(1)
        if not known.any():
            return torch.zeros(())
        all_of_it = found[known].logsumexp(1)
        return (all_of_it - found[known].masked_fill(~answers[known], -1e4).logsumexp(1)).mean()

    def batches(self, examples: Sequence[Example]) -> Iterator[list[Example]]:
        """Yield each example once, in batches of different passages, half of them alike."""
        left = list(examples)
        self.chance.shuffle(left)
        while len(left) > 1:
            nearness = self.alike[left[0].row]
            order = sorted(range(1, len(left)), key=lambda n: -float(nearness[left[n].row]))
            taken: dict[int, int] = {left[0].row: 0}
            for n in order:
                if len(taken) < self.settings.hard:
                    taken.setdefault(left[n].row, n)
            for n in range(1, len(left)):
                if len(taken) < self.settings.batch:
                    taken.setdefault(left[n].row, n)
            chosen = set(taken.values())
            yield [left[n] for n in sorted(chosen)]
            left = [e for n, e in enumerate(left) if n not in chosen]

    @torch.no_grad()
    def hits(self, examples: Sequence[Example], k: int = 5) -> float:
        """Return the share of questions that have a passage of theirs among the k nearest of all."""
        places: dict[str, set[int]] = {}
        for example in examples:
            known = places.setdefault(example.question, set())
            known.update({example.row}, self.places.get(example.question, ()))
        # By length, so that little of a batch is padding.
        order = sorted(range(len(self.texts)), key=lambda n: len(self.texts[n]))
        vectors = torch.zeros(len(order), len(self.centre))
        for n in range(0, len(order), 32):
            part = order[n : n + 32]
            vectors[part] = self.encode([self.texts[row] for row in part])[0]
        found = 0
        for n in range(0, len(examples), 64):
            some = examples[n : n + 64]
            asked = self.encode([e5.QUERY_PREFIX + e.question for e in some])[0]
            best = (asked @ vectors.T).topk(k, dim=1).indices
            found += sum(
                not places[e.question].isdisjoint(best[i].tolist()) for i, e in enumerate(some)
            )
        return found / max(1, len(examples))


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


def _step(teacher: Teacher, batch: Sequence[Example], optimizer: torch.optim.Optimizer) -> float:
    """Learn from one batch; return its loss."""
    loss = teacher.loss(batch)
    optimizer.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]  # torch does not type it
    nn.utils.clip_grad_norm_(teacher.trainable, 1.0)
    optimizer.step()
    return float(loss.detach())
