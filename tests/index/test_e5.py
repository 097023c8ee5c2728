import struct
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from tiny_e5 import FEED_FORWARD, HIDDEN, NORMALISATION, PIECES, write_tiny
from tokenizers import Tokenizer

from corpus.errors import ModelDamaged
from index import e5


@pytest.fixture
def tiny_file(tmp_path):
    return write_tiny(tmp_path / "tiny.bin")


def tokenizer_of(source, folder):
    e5.write_model(e5.read_e5(source), folder)
    return Tokenizer.from_file(str(folder / "tokenizer.json"))


def test_a_byte_holds_weight_j_in_its_low_and_weight_j_plus_16_in_its_high_half():
    pairs = [0xF0, 0x81, 0x98] + [0x88] * 13
    blocks = np.frombuffer(struct.pack("<e16B", 0.5, *pairs), e5.BLOCK)

    weights = e5.dequantise(blocks)

    assert weights[:4].tolist() == [-4.0, -3.5, 0.0, 0.0]  # (0, 1, 8, 8) - 8, times 0.5
    assert weights[16:20].tolist() == [3.5, 0.0, 0.5, 0.0]  # (15, 8, 9, 8) - 8, times 0.5
    assert weights.shape == (32,)


def test_each_block_has_its_own_scale():
    block = [0x99] * 16  # every weight is 9 - 8 = 1 times the scale
    data = struct.pack("<e16B", 0.25, *block) + struct.pack("<e16B", -2.0, *block)

    weights = e5.dequantise(np.frombuffer(data, e5.BLOCK))

    assert weights.tolist() == [0.25] * 32 + [-2.0] * 32


def test_tensors_get_the_names_and_shapes_of_a_bert(tiny_file):
    tensors = e5.read_e5(tiny_file).tensors

    layer = "encoder.layer.0."
    assert len(tensors) == 5 + 16
    assert tensors["embeddings.word_embeddings.weight"].shape == (16, HIDDEN)
    assert tensors["embeddings.LayerNorm.weight"].shape == (HIDDEN,)
    assert tensors[layer + "attention.self.query.weight"].shape == (HIDDEN, HIDDEN)
    assert tensors[layer + "intermediate.dense.weight"].shape == (FEED_FORWARD, HIDDEN)
    assert tensors[layer + "output.dense.weight"].shape == (HIDDEN, FEED_FORWARD)
    assert tensors[layer + "attention.output.LayerNorm.bias"].shape == (HIDDEN,)


def test_pieces_scores_and_character_rules_are_read(tiny_file):
    model = e5.read_e5(tiny_file)

    assert list(zip(model.vocabulary.pieces, model.vocabulary.scores, strict=True)) == list(PIECES)
    assert (model.vocabulary.eos, model.vocabulary.pad, model.vocabulary.unknown) == (2, 1, 3)
    assert model.normalisation == NORMALISATION


def test_a_file_of_another_kind_is_refused(tiny_file):
    tiny_file.write_bytes(b"GGUF" + tiny_file.read_bytes()[4:])

    with pytest.raises(ModelDamaged):
        e5.read_e5(tiny_file)


@pytest.mark.parametrize("share", [0.0, 0.01, 0.03, 0.05, 0.2, 0.9, 0.9999])
def test_a_file_that_is_cut_off_is_refused(tiny_file, share):
    whole = tiny_file.read_bytes()
    tiny_file.write_bytes(whole[: int(len(whole) * share)])

    with pytest.raises(ModelDamaged):
        e5.read_e5(tiny_file)


def test_a_file_with_another_checksum_is_not_unpacked(tiny_file, tmp_path):
    with pytest.raises(ModelDamaged):
        e5.unpack(tiny_file, tmp_path / "model", lambda label, share: None)

    assert not (tmp_path / "model").exists()


def test_the_most_probable_pieces_are_chosen(tiny_file, tmp_path):
    tokenizer = tokenizer_of(tiny_file, tmp_path / "model")

    # ▁kind + eren = -5.5 beats ▁k + inderen = -8.0
    assert tokenizer.encode("kinderen").tokens == ["<s>", "▁kind", "eren", "</s>"]
    assert tokenizer.encode("query: kind").ids == [0, 4, 6, 7, 2]


def test_a_character_that_no_piece_holds_is_unknown(tiny_file, tmp_path):
    tokenizer = tokenizer_of(tiny_file, tmp_path / "model")

    assert tokenizer.encode("kind!").ids == [0, 7, 3, 2]


def test_tabs_and_zero_width_spaces_part_words_and_controls_vanish(tiny_file, tmp_path):
    tokenizer = tokenizer_of(tiny_file, tmp_path / "model")

    assert tokenizer.encode("kind\tkind\u200bkind\n").ids == [0, 7, 7, 7, 2]
    assert tokenizer.encode("kin\x07deren").tokens == ["<s>", "▁kind", "eren", "</s>"]


def test_an_accent_written_apart_is_the_same_letter(tiny_file, tmp_path):
    tokenizer = tokenizer_of(tiny_file, tmp_path / "model")
    apart = unicodedata.normalize("NFD", "é")

    assert len(apart) == 2
    assert tokenizer.encode(apart).ids == tokenizer.encode("é").ids == [0, 12, 11, 2]


def test_only_what_nfkc_does_not_do_becomes_a_rule():
    rules = e5.beyond_nfkc({"ﬁ": "fi", "\t": " ", "\x07": "", "\x08": "", "\xa0": " "})

    assert rules == {r"[\x{9}]": " ", r"[\x{7}\x{8}]": ""}


def test_pieces_in_another_script_go_with_their_embeddings_and_the_rest_stays(tiny_file, tmp_path):
    whole = e5.read_e5(tiny_file)
    pieces = list(whole.vocabulary.pieces)
    pieces[6], pieces[9] = "вид", "子"  # were ":" and "▁k"
    mixed = replace(whole, vocabulary=replace(whole.vocabulary, pieces=tuple(pieces)))

    small = e5.only_latin(mixed)

    name = "embeddings.word_embeddings.weight"
    left = [i for i in range(len(pieces)) if i not in (6, 9)]
    assert small.vocabulary.pieces == tuple(pieces[i] for i in left)
    assert small.vocabulary.scores == tuple(whole.vocabulary.scores[i] for i in left)
    assert small.header.vocabulary == len(left)
    assert np.array_equal(small.tensors[name], whole.tensors[name][left])
    assert (small.vocabulary.eos, small.vocabulary.unknown) == (2, 3)


@pytest.mark.parametrize(
    ("piece", "kept"),
    [
        *((piece, True) for piece in ("▁kind", "ë", "e\u0301", "14:00", "½€", "ª")),
        *((piece, False) for piece in ("ω", "вид", "子", "xи", "\u17d2")),
    ],
)
def test_a_piece_is_latin_when_no_letter_of_it_is_of_another_script(piece, kept):
    assert e5._is_latin(piece) is kept
