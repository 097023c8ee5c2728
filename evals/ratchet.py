"""The ratchet: what was reached on the tune split is recorded, and must not get worse.

The assistant is deterministic, so what differs from the record is a change, and the
question is only whether it would be worse on other questions like these. Means of some
hundred questions say little about that (the 95% interval of a share of 0.9 of a hundred
is 0.12 wide). So the record holds the score of each question, and a measure has fallen
when its mean is lower and so uneven a division of won and lost questions, or a more
uneven one, has a chance of less than ALPHA by a one-sided exact sign test.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from assistant.settings import PROJECT, load_settings
from corpus.errors import InputFileError
from evals import results
from evals.compare import BETTER, at_most, paired
from evals.gold import Gold, load_gold
from evals.report import score
from evals.run import QUOTES, System, Wegwijzer, asked, known_text

if TYPE_CHECKING:
    from assistant.ask import Assistant

RECORD = PROJECT / "evals" / "ratchet.json"
SPLIT = "tune"
MEASURES = ("hit@5", "mrr@10", "citation_verbatim", "abstention", "false_abstention")
ALPHA = 0.05
# Below this share of the recorded questions, they are other questions.
KNOWN_SHARE = 0.9

OTHER = "{name} is op andere vragen vastgelegd; haal het weg om opnieuw te beginnen"

# By measure, by question id.
Scores = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Fall:
    """A measure that is lower than its record: means on the shared questions, and which were lost."""

    measure: str
    recorded: float
    found: float
    won: int
    lost: tuple[str, ...]

    def __str__(self) -> str:
        return (
            f"{self.measure}: {self.recorded:.3f} vastgelegd, nu {self.found:.3f} "
            f"(+{self.won}, -{len(self.lost)}: {', '.join(self.lost[:8])})"
        )


def measure(system: System, assistant: "Assistant", golds: Iterable[Gold]) -> dict[str, Any]:
    """Return the scores of the measures of the ratchet, by measure and question id."""
    found: dict[str, dict[str, float]] = {name: {} for name in MEASURES}
    text_of = known_text(assistant)
    for gold in golds:
        scores = score(gold, asked(system, gold), text_of)
        for name in MEASURES:
            if name in scores:
                found[name][gold.id] = scores[name]
    return found


def falls(recorded: Scores, found: Scores) -> list[Fall]:
    """Return the measures that have fallen by more than chance.

    Raises:
        InputFileError: the questions are no longer those of the record.
    """
    fallen = []
    for name, before in recorded.items():
        now = found[name]
        shared = [id for id in before if id in now]
        # Whether an answer has citations differs between runs; a question does not go away.
        if name != "citation_verbatim" and len(shared) < KNOWN_SHARE * len(before):
            raise InputFileError(path=RECORD, reason=OTHER.format(name=name))
        pair = paired(now, before, BETTER[name])
        worse = _mean(now, shared) < _mean(before, shared)
        if not BETTER[name]:
            worse = _mean(now, shared) > _mean(before, shared)
        if worse and at_most(len(pair.won), len(pair.won) + len(pair.lost)) < ALPHA:
            means = _mean(before, shared), _mean(now, shared)
            fallen.append(Fall(name, *means, len(pair.won), pair.lost))
    return fallen


def _mean(scores: Mapping[str, float], ids: Sequence[str]) -> float:
    return sum(scores[id] for id in ids) / len(ids) if ids else 0.0


def raised(recorded: Scores, found: Scores) -> dict[str, dict[str, float]]:
    """Return the record after a run: of a measure that is a little lower the old scores stay.

    Else many small falls, each within chance, would add up unseen.
    """
    record = {}
    for name, now in found.items():
        before = recorded.get(name, {})
        shared = [id for id in before if id in now]
        sign = 1 if BETTER[name] else -1
        lower = sign * (_mean(now, shared) - _mean(before, shared)) < 0
        kept = {id: before[id] for id in shared} if lower else {}
        record[name] = {**now, **kept}
    return record


def read(path: Path = RECORD) -> dict[str, dict[str, float]]:
    """Return the recorded scores by measure and question id.

    Raises:
        InputFileError: there is no such file, or it is no record.
    """
    try:
        record = json.loads(path.read_text(encoding="utf-8"))
        return {name: found["scores"] for name, found in record["measures"].items()}
    except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
        raise InputFileError(path=path, reason="het is geen vastgelegde uitslag") from error


def write(scores: Scores, gold: Path, path: Path = RECORD) -> None:
    """Write the record, with mean and n of each measure for who reads it."""
    measures = {
        name: {"mean": round(_mean(found, list(found)), 4), "n": len(found), "scores": found}
        for name, found in scores.items()
    }
    head = {"commit": results.commit(), "gold": gold.name, "split": SPLIT, "model": "quotes"}
    text = json.dumps({**head, "measures": measures}, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def check_and_raise(gold: Path, higher: bool) -> int:
    """Measure, tell what has fallen, and record the rest when asked to; return the exit status.

    0: nothing has fallen. 1: something has, and nothing is recorded.
    """
    golds = load_gold(gold, SPLIT)
    from assistant.ask import Assistant

    assistant = Assistant.open(load_settings(model="quotes"))
    shown = tqdm(golds, desc="Vragen", unit="vraag", disable=None)
    found = measure(Wegwijzer(QUOTES, assistant), assistant, shown)
    recorded = read() if RECORD.exists() else {}
    fallen = falls(recorded, found)
    for name, scores in found.items():
        before = recorded.get(name, {})
        old = f", vastgelegd {_mean(before, list(before)):.3f}" if before else ""
        print(f"{name:<18} {_mean(scores, list(scores)):.3f} (n={len(scores)}{old})")
    for fall in fallen:
        print(f"GEZAKT {fall}", file=sys.stderr)
    if higher and not fallen:
        write(raised(recorded, found), gold)
        print(f"Vastgelegd in {RECORD}", file=sys.stderr)
    return 1 if fallen else 0
