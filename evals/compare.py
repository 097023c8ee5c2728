"""Two runs on the same questions: which were won and lost, and is that more than chance."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import comb

# What is compared, and whether more is better. Lengths have no better side.
BETTER: dict[str, bool] = {
    "correct": True,
    "fact_recall": True,
    "evidence_first": True,
    "abstention": True,
    "false_abstention": False,
    "citation_verbatim": True,
    "citation_precision": True,
    "citation_recall": True,
    "hit@1": True,
    "hit@5": True,
    "hit@10": True,
    "mrr@10": True,
    "ndcg@10": True,
    "dutch": True,
    "readability": True,
    "first_ms": False,
    "total_ms": False,
}


@dataclass(frozen=True)
class Paired:
    """Ids of the questions on which one run did better (won) and worse (lost) than the other.

    `p` is the chance of so uneven a division, either way, if both were equally good.
    """

    won: tuple[str, ...]
    lost: tuple[str, ...]
    ties: int
    p: float


def sign_test(won: int, lost: int) -> float:
    """Return the two-sided p of the exact sign test; ties are left out (Dixon and Mood, 1946)."""
    return min(1.0, 2 * at_most(min(won, lost), won + lost))


def at_most(k: int, n: int) -> float:
    """Return the chance of k heads or fewer in n throws of a fair coin."""
    return float(sum(comb(n, i) for i in range(k + 1)) / 2**n)


def paired(
    ours: Mapping[str, float], theirs: Mapping[str, float], more_is_better: bool = True
) -> Paired:
    """Compare one measure of two runs, by question id, on the questions that both have."""
    sign = 1 if more_is_better else -1
    shared = [id for id in ours if id in theirs]
    won = tuple(id for id in shared if sign * (ours[id] - theirs[id]) > 0)
    lost = tuple(id for id in shared if sign * (ours[id] - theirs[id]) < 0)
    ties = len(shared) - len(won) - len(lost)
    return Paired(won, lost, ties, sign_test(len(won), len(lost)))
