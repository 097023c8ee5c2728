import pytest

from evals.compare import paired, sign_test


@pytest.mark.parametrize(
    ("won", "lost", "p"),
    [
        (0, 0, 1.0),
        (1, 0, 1.0),  # 2 * 1/2
        (5, 0, 2 / 32),
        (0, 6, 2 / 64),
        (4, 1, 2 * 6 / 32),  # 1 + 5 ways of 32, on both sides
        (3, 3, 1.0),  # more than half on both sides
    ],
)
def test_the_sign_test_as_worked_out_by_hand(won: int, lost: int, p: float):
    assert sign_test(won, lost) == pytest.approx(p)


def test_questions_are_won_lost_or_equal_where_both_runs_have_them():
    ours = {"a": 1.0, "b": 0.0, "c": 0.5, "d": 1.0}
    theirs = {"a": 0.0, "b": 1.0, "c": 0.5, "e": 1.0}
    found = paired(ours, theirs)
    assert (found.won, found.lost, found.ties, found.p) == (("a",), ("b",), 1, 1.0)


def test_a_shorter_time_wins():
    found = paired({"a": 100.0, "b": 300.0}, {"a": 200.0, "b": 400.0}, more_is_better=False)
    assert (found.won, found.lost) == (("a", "b"), ())
