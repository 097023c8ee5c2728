"""The embedder while it is taught: its losses, and the batches it learns from.

Four things are taught at once, each as a choice of the right one among all of a batch: the
passage by the vector of its text as a whole, the passage by late interaction over token
vectors with the weights and the centre of the index that is given, the sentence by late
interaction with its tokens as they stand in their passage, and another question that the
same sentence answers, as `index.questions` finds it.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from corpus.passages import spans
from index import adapter, e5
from index.embedder import Encoded
from index.questions import Example
from index.search import probe
from index.store import Index, context_text

RANK = 16
RATE = 1e-3
# Passages in a batch, and questions about each.
BATCH = 24
TOGETHER = 4
# Of a batch, how many passages are the nearest to a first one: what is hard to tell apart.
HARD = 12
# Of the passages alike this much, one cannot be the wrong answer to a question about the other;
# nor can one that is known to answer it as well.
SAME = 0.97
TEMPERATURE = 0.05
# Nine passages in ten are shorter; the rest is cut off while teaching only.
MAX_TOKENS = 192
# Texts of about one length are encoded together, in so many parts: less of each is padding.
PARTS = 3

# Questions by passage: those of a group are about one passage.
Batch = Sequence[Sequence[Example]]


@dataclass(frozen=True)
class Settings:
    """What a run was made with; kept beside the adapter."""

    epochs: int
    seed: int
    left_out: str
    rank: int = RANK
    rate: float = RATE
    batch: int = BATCH
    together: int = TOGETHER
    hard: int = HARD
    temperature: float = TEMPERATURE


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
        self.places: dict[str, set[int]] = {}
        for example in lesson:
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
        states = self._states(batch)
        mask = batch["attention_mask"].unsqueeze(-1)
        vectors = functional.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
        tokens = functional.normalize(functional.normalize(states, dim=2) - self.centre, dim=2)
        prefix = texts[0].index(": ") + 2
        counts = (special == 0) & (offsets[:, :, 1] > prefix)
        return vectors, tokens, counts, offsets - prefix

    def _states(self, batch: Mapping[str, Tensor]) -> Tensor:
        """Return (n, t, d): the model's last states, zeros where all that follows is padding."""
        lengths = batch["attention_mask"].sum(1)
        parts = lengths.argsort().chunk(PARTS)
        found = []
        for rows in parts:
            longest = int(lengths[rows].max())
            part = {name: tensor[rows, :longest] for name, tensor in batch.items()}
            with torch.autocast("cpu", dtype=torch.bfloat16):
                states = self.model(**part).last_hidden_state.float()
            found.append(functional.pad(states, (0, 0, 0, int(lengths.max()) - longest)))
        return torch.cat(found)[torch.cat(parts).argsort()]

    def weights(self, question: str, offsets: Tensor) -> Tensor:
        """Return what each token of a question counts for, as the index weighs it; adds up to 1."""
        asked = Encoded(
            np.zeros(1, np.float32),
            np.ones((len(offsets), len(self.centre)), np.float16),
            offsets.numpy().astype(np.int32),
        )
        return torch.from_numpy(probe(self.index, asked, question, frozenset()).weights)

    def loss(self, batch: Batch) -> Tensor:
        """Return the mean cross-entropy of choosing each question's passage in the batch.

        By the vector and by late interaction; with half of `sentence_loss` and `question_loss`.
        """
        asked = [example for group in batch for example in group]
        owner = torch.tensor([n for n, group in enumerate(batch) for _ in group])
        vectors, tokens, counts, offsets = self.encode(
            [e5.QUERY_PREFIX + e.question for e in asked]
        )
        passages, words, inside, places = self.encode([self.texts[group[0].row] for group in batch])
        weights = torch.zeros(counts.shape)
        for n, example in enumerate(asked):
            weights[n, counts[n]] = self.weights(example.question, offsets[n, counts[n]])
        similar = torch.einsum("qtd,pud->qptu", tokens, words)
        late = similar.masked_fill(~inside[None, :, None, :], -1.0).amax(3)
        late = torch.einsum("qpt,qt->qp", late, weights)
        same = self.same(asked, [group[0].row for group in batch])
        same[torch.arange(len(asked)), owner] = False
        scores = torch.stack([vectors @ passages.T, late]) / self.settings.temperature
        scores = scores.masked_fill(same, -1e4)
        passage = functional.cross_entropy(scores.flatten(0, 1), owner.repeat(2))
        passage += self.sentence_loss(batch, similar, weights, places) / 2
        return passage + self.question_loss(asked, vectors) / 2

    def same(self, asked: Sequence[Example], rows: Sequence[int]) -> Tensor:
        """Return (q, p): which passages answer a question as well as its own, or may."""
        places = [self.places.get(e.question, ()) for e in asked]
        known = torch.tensor([[row in found for row in rows] for found in places])
        return known | (self.alike[[e.row for e in asked]][:, rows] > SAME)

    def question_loss(self, asked: Sequence[Example], vectors: Tensor) -> Tensor:
        """Return the mean cross-entropy of choosing a question that asks the same.

        That is one that the same sentence answers; it is chosen among all of a batch.

        Args:
            asked: the questions.
            vectors: (q, d) of them.
        """
        rows = [example.row for example in asked]
        own = torch.tensor(rows)[:, None] == torch.tensor(rows)
        shared = torch.tensor([[bool(e.answers & o.answers) for o in asked] for e in asked])
        out = own & torch.tensor([not e.answers for e in asked])
        out |= self.same(asked, rows) & ~own
        out.fill_diagonal_(True)
        return _chosen(vectors @ vectors.T / self.settings.temperature, own & shared, out)

    def sentence_loss(
        self, batch: Batch, similar: Tensor, weights: Tensor, places: Tensor
    ) -> Tensor:
        """Return the mean cross-entropy of choosing a sentence that answers among all of a batch.

        Args:
            batch: the questions, by passage.
            similar: (q, p, t, u) cosines of the tokens of questions and passages.
            weights: (q, t) of the tokens of the questions.
            places: (p, u, 2) of the tokens of the passages in their texts.
        """
        asked = [example for group in batch for example in group]
        scores, rows, right = [], [], []
        for p, (group, met) in enumerate(zip(batch, similar.unbind(1), strict=True)):
            row = group[0].row
            passage = self.index.passages[row]
            lead = len(self.texts[row]) - len(e5.PASSAGE_PREFIX) - len(passage.text)
            for n, (start, end) in enumerate(spans(passage)):
                inside = (places[p, :, 0] >= lead + start) & (places[p, :, 1] <= lead + end)
                inside &= places[p, :, 1] > places[p, :, 0]
                if inside.any():
                    best = met[:, :, inside].amax(2)
                    scores.append((best * weights).sum(1))
                    rows.append(row)
                    right.append([e.row == row and n in e.answers for e in asked])
        found = torch.stack(scores, dim=1) / self.settings.temperature
        own = torch.tensor([e.row for e in asked])[:, None] == torch.tensor(rows)
        return _chosen(found, torch.tensor(right).T, self.same(asked, rows) & ~own)

    def batches(self, examples: Sequence[Example]) -> Iterator[Batch]:
        """Yield each example once, by passage, in batches of different passages, half of them alike.

        A passage is long and a question short: with four questions about a passage at a time
        a round has a quarter of the steps, and a step takes about as long.
        """
        left = self._groups(examples)
        self.chance.shuffle(left)
        while len(left) > 1:
            nearness = self.alike[left[0][0].row]
            order = sorted(range(1, len(left)), key=lambda n: -float(nearness[left[n][0].row]))
            taken: dict[int, int] = {left[0][0].row: 0}
            for n in order:
                if len(taken) < self.settings.hard:
                    taken.setdefault(left[n][0].row, n)
            for n in range(1, len(left)):
                if len(taken) < self.settings.batch:
                    taken.setdefault(left[n][0].row, n)
            chosen = set(taken.values())
            yield [left[n] for n in sorted(chosen)]
            left = [group for n, group in enumerate(left) if n not in chosen]

    def _groups(self, examples: Sequence[Example]) -> list[list[Example]]:
        """Return the questions about each passage, a few at a time, of one sentence together."""
        rows: dict[int, list[Example]] = {}
        for example in examples:
            rows.setdefault(example.row, []).append(example)
        found = []
        for group in rows.values():
            self.chance.shuffle(group)
            group.sort(key=lambda e: min(e.answers, default=-1))
            most = self.settings.together
            found += [group[n : n + most] for n in range(0, len(group), most)]
        return found

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


def _chosen(scores: Tensor, right: Tensor, out: Tensor) -> Tensor:
    """Return the mean cross-entropy of choosing any that is right, over the rows that have one.

    Args:
        scores: (n, m).
        right: (n, m), which may be chosen.
        out: (n, m), which are left out: neither right nor wrong.
    """
    scores, right = scores.masked_fill(out, -1e4), right & ~out
    known = right.any(1)
    if not known.any():
        return torch.zeros(())
    best = scores[known].masked_fill(~right[known], -1e4).logsumexp(1)
    return (scores[known].logsumexp(1) - best).mean()
