"""Known questions in the index: kept, found by, and not made again when nothing changed."""

import json

import numpy as np
import pytest

from corpus.errors import InputFileError
from index.build import Aids
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


def test_only_new_questions_are_made_vectors_of(shelf, asked):
    shelf.build(aids=asked("wie dokt"))
    vector = shelf.open().questions.vectors[0]
    loads = shelf.loads
    again = shelf.build(aids=asked("wie dokt"))
    assert (again.changed, shelf.loads) == (False, loads)
    more = shelf.build(aids=asked("wie dokt", "wie betaalt"))
    assert (more.changed, more.embedded) == (True, 0)
    vectors = shelf.open().questions.vectors
    assert np.array_equal(vectors[0], vector)
    assert vectors.shape == (2, len(vector))


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
