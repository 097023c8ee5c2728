import random

import numpy as np
import pytest

from index.search import RRF_K, Probe, fuse, interaction


def test_fusion_adds_reciprocal_ranks():
    fused = fuse([(1.0, ["a", "b"]), (1.0, ["b"])])
    assert [id for id, _ in fused] == ["b", "a"]
    assert dict(fused)["a"] == pytest.approx(1 / (RRF_K + 1))
    assert dict(fused)["b"] == pytest.approx(1 / (RRF_K + 2) + 1 / (RRF_K + 1))


def test_a_place_in_a_ranking_of_twice_the_weight_counts_twice():
    fused = dict(fuse([(1.0, ["a", "b"]), (2.0, ["b"])]))
    assert fused["b"] == pytest.approx(1 / (RRF_K + 2) + 2 / (RRF_K + 1))


def test_equal_scores_come_in_order_of_id_whatever_the_order_of_the_lists():
    rankings = [(1.0, [id]) for id in "dacb"]
    for seed in range(5):
        shuffled = random.Random(seed).sample(rankings, len(rankings))
        assert [id for id, _ in fuse(shuffled)] == ["a", "b", "c", "d"]


def _probe(*weights):
    tokens = np.eye(len(weights), dtype=np.float32)
    return Probe(tokens[0], tokens, np.array(weights, dtype=np.float32), np.zeros(0, np.float32))


def test_late_interaction_is_the_weighted_mean_of_the_best_matches():
    # Two question tokens, three passage tokens: the best matches are 0.8 and 0.5.
    similarities = np.array([[0.8, 0.1, 0.0], [0.5, 0.2, -1.0]], dtype=np.float32)
    assert interaction(_probe(0.5, 0.5), similarities) == pytest.approx(0.65)
    assert interaction(_probe(0.9, 0.1), similarities) == pytest.approx(0.77)


def test_a_passage_without_tokens_scores_zero():
    assert interaction(_probe(1.0), np.zeros((1, 0), dtype=np.float32)) == 0.0
