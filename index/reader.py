"""The reader: which of a few sentences answer a question, and does any of them?

A cross-encoder: one pass over the question and the sentences together, so that each
is read in the light of the question and of the others. It is the taught embedder
with a second adapter on its layers (`taught/reader.safetensors`) and linear heads (see
Heads): whether a sentence answers, whether the answer is there at all, and what is wanted
of us (see WANTED).
"""

import logging
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from corpus.errors import ModelDamaged
from index import adapter, e5
from index.embedder import Embedder
from index.questions import OTHER

log = logging.getLogger(__name__)

TAUGHT = Path(__file__).parent / "taught" / "reader.safetensors"
# What is longer is cut off.
QUESTION_TOKENS = 48
SENTENCE_TOKENS = 40
MAX_TOKENS = 288
# What somebody wants who types: something that documents could tell, a judgement of one
# child or family, something that we do not lend ourselves to, or something else.
WANTED = ("vraag", *OTHER)


@dataclass(frozen=True)
class Reading:
    """What the reader makes of a question: chances between 0 and 1.

    `answered` is that the documents answer it, `answers` that each sentence does (one for
    which there was no room has 0); `wanted` is one of WANTED, a question unless something
    else is likelier than not.
    """

    answered: float
    answers: tuple[float, ...]
    wanted: str


@dataclass(frozen=True)
class Logits:
    """What the heads say of n pages, before the logistic function.

    `whole` is (n,), `sentences` has (s,) for the s sentences of each page.
    """

    whole: Tensor
    sentences: list[Tensor]


@dataclass(frozen=True)
class Page:
    """A question and sentences as tokens.

    `asked` is where the question stands, `spans` where the sentences do that fit.
    """

    tokens: list[int]
    asked: tuple[int, int]
    spans: list[tuple[int, int]]


class Heads(nn.Module):
    """The linear heads, over states of `width` numbers.

    `sentence` sees the mean of a sentence's tokens, `whole` the first token, the mean of the
    question's and that of the sentence that answers best. The others see nothing but the
    question, as the embedder encodes it: `asked` because users ask the documents for some
    things (a telephone number, what another city does) that are hardly ever there, and `aim`
    what is wanted (see WANTED). `sure` weighs `asked` with `whole`.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.sentence = nn.Linear(width, 1)
        self.whole = nn.Linear(3 * width, 1)
        self.asked = nn.Linear(width, 1)
        self.sure = nn.Linear(2, 1)
        self.aim = nn.Linear(width, len(WANTED))
        with torch.no_grad():  # until `index.teach_asked` fits them, the page alone counts
            self.sure.weight.copy_(torch.tensor([[0.0, 1.0]]))
            for unset in (*self.asked.parameters(), self.sure.bias, *self.aim.parameters()):
                unset.zero_()

    def certainty(self, vectors: Tensor, whole: Tensor) -> Tensor:
        """Return (n,): the log odds that questions are answered.

        Args:
            vectors: (n, width), of the questions.
            whole: (n,) from `Logits`.
        """
        seen = torch.stack((self.asked(vectors).squeeze(1), whole), dim=1)
        certain: Tensor = self.sure(seen).squeeze(1)
        return certain


class Layout:
    """Lays out a question and sentences for a model."""

    def __init__(self, model: Any, tokenizer: Any) -> None:
        self.tokenizer = tokenizer
        self.room = min(MAX_TOKENS, int(model.config.max_position_embeddings))
        self.first, self.last = tokenizer.bos_token_id, tokenizer.eos_token_id
        self.padding = tokenizer.pad_token_id

    def _pieces(self, text: str, most: int) -> list[int]:
        found = self.tokenizer(text, add_special_tokens=False, truncation=True, max_length=most)
        return list(found["input_ids"])

    def page(self, question: str, sentences: Sequence[str]) -> Page:
        """Return the page for a question: its tokens, then those of each sentence that fits."""
        asked = self._pieces(e5.QUERY_PREFIX + question, QUESTION_TOKENS)
        tokens = [self.first, *asked, self.last]
        at = (1, 1 + len(asked))
        spans = []
        for sentence in sentences:
            pieces = self._pieces(sentence, SENTENCE_TOKENS)
            if len(tokens) + len(pieces) + 1 > self.room:
                break
            spans.append((len(tokens), len(tokens) + len(pieces)))
            tokens += [*pieces, self.last]
        return Page(tokens, at, spans)


def logits(model: nn.Module, heads: Heads, pages: Sequence[Page], padding: int) -> Logits:
    """Return what the heads say of some pages."""
    longest = max(len(page.tokens) for page in pages)
    tokens = torch.full((len(pages), longest), padding)
    mask = torch.zeros_like(tokens)
    for n, page in enumerate(pages):
        tokens[n, : len(page.tokens)] = torch.tensor(page.tokens)
        mask[n, : len(page.tokens)] = 1
    states = model(input_ids=tokens, attention_mask=mask).last_hidden_state.float()
    asked = torch.stack([states[n, slice(*page.asked)].mean(0) for n, page in enumerate(pages)])
    best = torch.zeros_like(asked)
    sentences = []
    for n, page in enumerate(pages):
        if not page.spans:
            sentences.append(states.new_zeros(0))
            continue
        means = torch.stack([states[n, start:end].mean(0) for start, end in page.spans])
        sentences.append(heads.sentence(means).squeeze(1))
        best[n] = means[int(sentences[-1].argmax())]
    whole = heads.whole(torch.cat((states[:, 0], asked, best), dim=1)).squeeze(1)
    return Logits(whole, sentences)


def save(model: nn.Module, heads: Heads, path: Path) -> None:
    """Write the adapter of a model with `adapter.attach`, with the heads."""
    adapter.save(model, path, {f"heads.{name}": t for name, t in heads.state_dict().items()})


class Reader:
    """Reads questions with sentences. Safe to share between threads."""

    def __init__(self, model: nn.Module, layout: Layout, heads: Heads, lock: Lock) -> None:
        self._model, self.heads = model.eval(), heads.eval()
        self._layout, self._lock = layout, lock

    @classmethod
    def load(cls, embedder: Embedder, path: Path = TAUGHT) -> "Reader | None":
        """Make the reader that was taught on top of an embedder; None where none was.

        The table of word embeddings, the larger part of the model, is shared with it.

        Raises:
            ModelDamaged: the file is no reader of this model.
        """
        if not embedder.is_taught or not path.is_file():
            return None
        base, tokenizer = embedder.parts()
        words = base.get_submodule("embeddings.word_embeddings")
        model = deepcopy(base, {id(words): words})
        adapter.merge(model, path)
        heads = Heads(int(base.config.hidden_size))
        try:
            tensors = load_file(path)
            heads.load_state_dict(
                {
                    name.removeprefix("heads."): tensor.float()
                    for name, tensor in tensors.items()
                    if name.startswith("heads.")
                }
            )
        except (OSError, SafetensorError, RuntimeError) as error:
            log.error("%s has no heads of this model: %s", path, error)
            raise ModelDamaged(
                model="leesmodel", reason="het past niet bij het zoekmodel", path=path
            ) from error
        return cls(model, Layout(base, tokenizer), heads, embedder.lock)

    @torch.inference_mode()
    def read(self, question: str, sentences: Sequence[str], vector: NDArray[np.float32]) -> Reading:
        """Read a question with sentences that may answer it, the most likely first.

        Args:
            question: its text.
            sentences: as `evidence.in_place` gives them.
            vector: (width,), the question as the embedder encodes it.
        """
        found = self._seen(question, sentences)
        asked = torch.from_numpy(vector)
        certain = self.heads.certainty(asked[None], found.whole)
        answers = torch.sigmoid(found.sentences[0]).tolist()
        room = len(sentences) - len(answers)
        wanted = WANTED[int(self.heads.aim(asked).argmax())]
        return Reading(float(torch.sigmoid(certain[0])), (*answers, *(0.0,) * room), wanted)

    @torch.inference_mode()
    def page_odds(self, question: str, sentences: Sequence[str]) -> float:
        """Return the log odds that the sentences answer, by what is on the page alone."""
        return float(self._seen(question, sentences).whole[0])

    def _seen(self, question: str, sentences: Sequence[str]) -> Logits:
        with self._lock:
            page = self._layout.page(question, sentences)
        return logits(self._model, self.heads, [page], self._layout.padding)
