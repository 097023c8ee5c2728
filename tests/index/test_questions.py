"""Known questions: where each is answered, and what their likeness says of a passage."""

import json
import math

import numpy as np
import pytest

from corpus.errors import InputFileError
from index.questions import (
    NEIGHBOURS,
    NOWHERE,
    QUESTIONS,
    UNANSWERABLE,
    Example,
    KnownQuestions,
    load_nowhere,
    load_unanswerable,
)
from index.search import KNOWN_BASE, KNOWN_SLOPE, known_likeness


def known():
    """Of four passages the first has two questions and the third one."""
    examples = [
        Example("wie", 0, frozenset({1})),
        Example("wat", 0, frozenset({1, 2})),
        Example("waar", 2),
    ]
    return KnownQuestions(examples, np.array([[1, 0], [0, 1], [0.6, 0.8]], np.float16), 4)


def test_a_passage_is_as_like_as_the_best_of_its_questions():
    questions = known()
    cosines = questions.cosines(np.array([0.6, 0.8], np.float32))
    assert cosines == pytest.approx([0.6, 0.8, 1.0], abs=1e-3)
    best = questions.by_passage(cosines)
    assert best[[0, 2]] == pytest.approx([0.8, 1.0], abs=1e-3)
    assert np.isnan(best[[1, 3]]).all()


def test_a_sentence_is_as_like_as_the_best_question_that_it_answers():
    questions = known()
    cosines = np.array([0.9, 0.5, 0.7], np.float32)
    assert questions.by_sentence(0, cosines) == pytest.approx({1: 0.9, 2: 0.5})
    # Of passage 2 it is not known which sentence answers, of passage 1 no question is known.
    assert questions.by_sentence(2, cosines) == questions.by_sentence(1, cosines) == {}


def test_without_questions_the_likeness_is_estimated_from_the_text():
    assert known_likeness(0.7, 0.1) == 0.7
    assert known_likeness(math.nan, 0.5) == KNOWN_BASE + KNOWN_SLOPE * 0.5


def test_no_questions_at_all_are_no_vectors():
    nothing = KnownQuestions((), np.zeros((0,), np.float16), 3)
    cosines = nothing.cosines(np.ones(2, np.float32))
    assert cosines.shape == (0,)
    assert np.isnan(nothing.by_passage(cosines)).all()
    assert nothing.nowhere(cosines) is None


def test_questions_without_an_answer_are_of_no_passage_and_counted_apart():
    examples = [Example("wie", 0, frozenset({1})), Example("wat", 3)]
    examples += [Example(f"prijs {n}", NOWHERE) for n in range(NEIGHBOURS + 1)]
    questions = KnownQuestions(examples, np.zeros((len(examples), 2), np.float16), 4)
    cosines = np.array([0.3, 0.4, *np.linspace(0.5, 1.0, NEIGHBOURS + 1)], np.float32)
    best = questions.by_passage(cosines)
    assert best[[0, 3]] == pytest.approx([0.3, 0.4])
    assert np.isnan(best[[1, 2]]).all()
    assert questions.by_sentence(0, cosines) == pytest.approx({1: 0.3})
    # All but the least like of them.
    assert questions.nowhere(cosines) == pytest.approx(float(cosines[3:].mean()))
    few = KnownQuestions(examples[:-2], np.zeros((len(examples) - 2, 2), np.float16), 4)
    assert few.nowhere(cosines[:-2]) is None


def test_what_another_wijk_has_is_only_unanswered_until_its_plan_is_there(tmp_path):
    path = tmp_path / UNANSWERABLE
    rows = [("wat kost het", "bijna"), ("wie helpt in laak", "elders"), ("weer", "iets anders")]
    lines = [json.dumps({"question": question, "sort": sort}) for question, sort in rows]
    path.write_text("\n".join(lines), encoding="utf-8")
    assert load_unanswerable(path) == rows
    assert load_nowhere(path) == [Example("wat kost het", NOWHERE), Example("weer", NOWHERE)]
    assert load_nowhere(tmp_path / "geen.jsonl") == []
    with pytest.raises(InputFileError, match="hoort naast de bekende vragen"):
        load_unanswerable(tmp_path / "geen.jsonl")


@pytest.mark.parametrize("line", ["{}", '{"question": "wat", "sort": "anders"}', "[]", "nee"])
def test_a_question_without_an_answer_needs_a_sort_that_is_known(tmp_path, line):
    path = tmp_path / UNANSWERABLE
    path.write_text(line, encoding="utf-8")
    with pytest.raises(InputFileError):
        load_unanswerable(path)


def test_the_questions_without_an_answer_that_are_shipped_can_be_read():
    shipped = load_nowhere(QUESTIONS.with_name(UNANSWERABLE))
    assert len(shipped) > 1000
    assert {example.row for example in shipped} == {NOWHERE}


def test_an_index_without_answered_questions_has_none_though_others_are_known():
    examples = [Example(f"prijs {n}", NOWHERE) for n in range(NEIGHBOURS)]
    assert not KnownQuestions(examples, np.zeros((NEIGHBOURS, 2), np.float16), 4).has_answers
    assert known().has_answers
