"""What the question alone tells: fitted on questions that were taught, weighed on others."""

from threading import Lock

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from index.reader import Heads, Reader
from index.teach_asked import is_answered, teach_asked
from index.teach_reader import Lesson

WIDTH = 4


class Page(Reader):
    """A reader that finds each page as likely to answer as the next."""

    def __init__(self):
        super().__init__(nn.Identity(), None, Heads(WIDTH), Lock())

    def page_odds(self, question, sentences):
        return 0.0


def lesson(n, answers=frozenset(), missed=(), wanted="vraag"):
    answers = frozenset(answers)
    return Lesson(f"vraag {n}", ("Een zin.",), answers, frozenset(), missed, f"deel {n}", wanted)


def test_a_question_is_answered_when_a_sentence_does_also_one_that_was_missed():
    assert is_answered(lesson(1, answers={0}))
    assert is_answered(lesson(1, missed=("Deze.",)))
    assert not is_answered(lesson(1))


def test_the_kind_of_question_that_is_never_answered_is_known_by_itself(tmp_path):
    path = tmp_path / "reader.safetensors"
    save_file({"heads.asked.bias": torch.zeros(1), "adapter": torch.ones(2)}, path)
    chance = np.random.default_rng(1)
    lessons = [lesson(n, answers={0} if n % 2 else ()) for n in range(80)]
    # Of what is answered the first number is high, the rest is chance.
    vectors = chance.normal(size=(80, WIDTH)).astype(np.float32)
    vectors[:, 0] += [5 if n % 2 else -5 for n in range(80)]
    reader = Page()
    found = teach_asked(reader, lessons, vectors, path)
    assert found["asked"] == found["sure"] == 1.0
    assert (found["answered"], found["caught"]) == (0.5, 1.0)

    answered = torch.zeros(2)  # the page says even odds
    like = torch.tensor([[5.0, 0, 0, 0], [-5.0, 0, 0, 0]])
    high, low = reader.heads.certainty(like, answered).tolist()
    assert high > 0 > low
    kept = load_file(path)
    assert kept["adapter"].tolist() == [1.0, 1.0]
    assert kept["heads.asked.weight"].tolist()[0] == pytest.approx(
        reader.heads.asked.weight[0].tolist(), abs=0.01
    )


def test_what_is_no_question_for_documents_is_known_by_the_question_alone(tmp_path):
    path = tmp_path / "reader.safetensors"
    save_file({"adapter": torch.ones(2)}, path)
    kinds = ["vraag", "vraag", "advies", "misbruik"]
    lessons = [
        lesson(n, answers={0} if kind == "vraag" else (), wanted=kind)
        for n, kind in enumerate(kinds * 100)
    ]
    vectors = np.random.default_rng(1).normal(size=(400, WIDTH)).astype(np.float32)
    for n, one in enumerate(lessons):
        vectors[n, 1] += 9 * (one.wanted == "advies")
        vectors[n, 2] += 9 * (one.wanted == "misbruik")
    reader = Page()
    found = teach_asked(reader, lessons, vectors, path)
    assert (found["aim"], found["mistaken"]) == (1.0, 0.0)
    like = torch.tensor([[0.0, 0, 0, 0], [0, 9, 0, 0], [0, 0, 9, 0]])
    # "iets anders" was never taught and is as likely as a question: the first counts.
    assert reader.heads.aim(like).argmax(1).tolist() == [0, 1, 2]
