import random

import numpy as np
import pytest

from index.embedder import Encoded
from index.search import RRF_K, fuse, interaction


def test_fusion_adds_weighted_reciprocal_ranks():
    fused = fuse([["a", "b"], ["b"]], weights=[2.0, 1.0])
    assert [id for id, _ in fused] == ["b", "a"]
    assert dict(fused)["a"] == pytest.approx(2 / (RRF_K + 1))
    assert dict(fused)["b"] == pytest.approx(2 / (RRF_K + 2) + 1 / (RRF_K + 1))


def test_equal_scores_come_in_order_of_id_whatever_the_order_of_the_lists():
    rankings = [["d"], ["a"], ["c"], ["b"]]
    for seed in range(5):
        shuffled = random.Random(seed).sample(rankings, len(rankings))
        assert [id for id, _ in fuse(shuffled, [1.0] * 4)] == ["a", "b", "c", "d"]


def _encoded(*tokens):
    vectors = np.array(tokens, dtype=np.float16)
    offsets = np.array([[n, n + 1] for n in range(len(tokens))], dtype=np.int32)
    return Encoded(np.array([1.0, 0.0], dtype=np.float32), vectors, offsets)


def test_late_interaction_is_the_mean_of_the_best_match_of_each_question_token():
    question = _encoded([1.0, 0.0], [0.0, 1.0])
    passage = np.array([[1.0, 0.0], [0.6, 0.8]], dtype=np.float16)
    assert interaction(question, passage) == pytest.approx((1.0 + 0.8) / 2, abs=1e-3)


def test_a_passage_without_tokens_scores_zero():
    assert interaction(_encoded([1.0, 0.0]), np.zeros((0, 2), dtype=np.float16)) == 0.0
