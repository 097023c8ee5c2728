"""Known questions in the index: kept, found by, and not made again when nothing changed."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from corpus.errors import InputFileError
from index.build import Aids
from index.encode import VECTORS, load_vectors, save_vectors
from index.questions import NEIGHBOURS, NOWHERE, QUESTIONS, UNANSWERABLE, load_texts
from index.search import KNOWN_WEIGHT, Wanted, probe, search

PAYS = "De gemeente betaalt alles."


@pytest.fixture
def asked(shelf):
    """A file with a question that has not one word of the passage that answers it."""

    def write(*questions):
        start = (shelf.folder / "plan-leyenburg.txt").read_text(encoding="utf-8").index(PAYS)
        end = start + len(PAYS)
        row = {
            **{"document": "plan-leyenburg", "start": start, "end": end},
            "questions": list(questions),
            "answers": [[[start, end]]] * len(questions),
        }
        path = shelf.folder / "vragen.jsonl"
        path.write_text(json.dumps(row), encoding="utf-8")
        return Aids(questions=path)

    return write


def _hits(shelf, text):
    index = shelf.open()
    ready = probe(index, shelf.embedder.encode_query(text), text, frozenset())
    return search(index, ready, text, Wanted())


def test_a_known_question_brings_the_passage_that_answers_it(shelf, asked):
    shelf.build()
    before = {hit.passage.text: hit.score for hit in _hits(shelf, "wie dokt")}
    shelf.build(aids=asked("wie dokt"))
    index = shelf.open()
    (example,) = index.questions.examples
    assert index.passages[example.row].text == PAYS
    assert example.answers == {0}
    first = _hits(shelf, "wie dokt")[0]
    # The question is the known one itself: a likeness of 1.
    assert first.passage.text == PAYS
    assert first.score == pytest.approx(before[PAYS] + KNOWN_WEIGHT, abs=5e-3)


def test_questions_that_nothing_answers_are_taken_from_the_file_beside_them(shelf, asked):
    aids = asked("wie dokt")
    assert shelf.build(aids=aids).changed
    before = {hit.passage.id: hit.score for hit in _hits(shelf, "wie dokt")}
    rows = [json.dumps({"question": f"wat kost {n}", "sort": "bijna"}) for n in range(NEIGHBOURS)]
    path = aids.questions.with_name(UNANSWERABLE)
    path.write_text("\n".join(rows), encoding="utf-8")
    assert shelf.build(aids=aids).changed
    assert not shelf.build(aids=aids).changed
    questions = shelf.open().questions
    assert [e.row for e in questions.examples[1:]] == [NOWHERE] * NEIGHBOURS
    asked_now = questions.cosines(shelf.embedder.encode_query("wat kost 1").vector)
    assert questions.nowhere(asked_now) == pytest.approx(float(asked_now[1:].mean()), abs=1e-3)
    # No passage is found by them.
    after = {hit.passage.id: hit.score for hit in _hits(shelf, "wie dokt")}
    assert after == pytest.approx(before)


class Watched:
    """The tiny model, that remembers which questions it was given."""

    def __init__(self, embedder):
        self.embedder = embedder
        self.given = []

    def encode_passages(self, texts):
        return self.embedder.encode_passages(texts)

    def query_vectors(self, texts):
        self.given.append(texts)
        return self.embedder.query_vectors(texts)


def test_only_new_questions_are_made_vectors_of(shelf, asked):
    watched = Watched(shelf.embedder)
    shelf.build(watched, asked("wie dokt"))
    assert not shelf.build(watched, asked("wie dokt")).changed
    more = shelf.build(watched, asked("wie dokt", "wie betaalt"))
    assert (more.changed, more.embedded) == (True, 0)
    assert watched.given == [["wie dokt"], ["wie betaalt"]]
    assert len(shelf.open().questions.vectors) == 2


def test_questions_that_come_with_their_vectors_are_not_made_again(shelf, asked, monkeypatch):
    path = shelf.folder / "vectors.safetensors"
    vectors = np.stack(list(shelf.embedder.query_vectors(["wie dokt", "wie betaalt"])))
    save_vectors(path, shelf.embedder.fingerprint, ["wie dokt", "wie betaalt"], vectors)
    monkeypatch.setattr("index.encode.VECTORS", path)
    watched = Watched(shelf.embedder)
    shelf.build(watched, asked("wie betaalt", "wie komt"))
    assert watched.given == [["wie komt"]]
    kept = shelf.open().questions
    assert [example.question for example in kept.examples] == ["wie betaalt", "wie komt"]
    assert float(kept.vectors[0] @ vectors[1]) > 0.999


def test_vectors_of_another_model_or_in_a_damaged_file_are_not_used(tmp_path):
    path = tmp_path / "vectors.safetensors"
    save_vectors(path, "een", ["wie"], np.array([[0.6, 0.8]], np.float32))
    assert list(load_vectors(path, "twee")) == []
    assert len(load_vectors(path, "een")) == 1
    save_file({"vectors": np.zeros((1, 2), np.int8)}, path)  # without a name of the model
    assert list(load_vectors(path, "een")) == []
    path.write_bytes(b"stuk")
    assert list(load_vectors(path, "een")) == []
    assert list(load_vectors(tmp_path / "weg", "een")) == []


@pytest.mark.models
def test_the_shipped_vectors_are_of_the_shipped_model_and_questions(embedder):
    shipped = load_vectors(VECTORS, embedder.fingerprint)
    assert len(shipped) >= 0.9 * len(load_texts(QUESTIONS))


def test_without_the_questions_they_are_gone(shelf, asked):
    shelf.build(aids=asked("wie dokt"))
    assert shelf.build().changed
    assert shelf.open().questions.examples == ()


def test_questions_that_cannot_be_read_leave_the_index_as_it_was(shelf, asked):
    shelf.build()
    aids = asked("wie dokt")
    aids.questions.write_text("{", encoding="utf-8")
    with pytest.raises(InputFileError):
        shelf.build(aids=aids)
    assert _hits(shelf, "wie betaalt")
