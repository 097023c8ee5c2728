"""Known questions: where each is answered, and what their likeness says of a passage."""

import math

import numpy as np
import pytest

from index.questions import Example, KnownQuestions
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
