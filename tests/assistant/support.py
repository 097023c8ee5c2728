"""How well `check` tells unsupported statements: `python tests/assistant/support.py [test|outputs]`.

The pairs are statements beside the sentences that they would be told of, one thing
changed or nothing. The halves share no source sentence: `tune` is there to work on, `test`
to report. `outputs` are what local models wrote that is no copy of its evidence, with what a
reader (a language model) made of it.
"""

import json
import sys
from collections import Counter
from pathlib import Path

from assistant.evidence import Evidence
from assistant.verify import check
from corpus.passages import Passage
from index.search import Hit

PAIRS = Path(__file__).with_name("support_pairs.jsonl")
OUTPUTS = Path(__file__).with_name("output_pairs.jsonl")


def piece(text, label="", section=("Overleg",)):
    passage = Passage(
        id="plan:0-9",
        document="plan",
        section=section,
        page=None,
        start=0,
        end=9,
        text=text,
        sentences=(),
        label=label,
        kind="tekst",
    )
    return Evidence(Hit(passage, 1.0, 0.9, 1.0, 0.9), 0, len(text), text, label, 1.0)


def pairs(split):
    if split == "outputs":
        lines = OUTPUTS.read_text(encoding="utf-8").splitlines()
        return [{**json.loads(line), "change": "output"} for line in lines]
    lines = PAIRS.read_text(encoding="utf-8").splitlines()
    return [pair for pair in map(json.loads, lines) if pair["split"] == split]


def verdict(pair):
    if "evidence" in pair:
        found = [piece(e["text"], e["label"], tuple(e["section"])) for e in pair["evidence"]]
        return check(pair["statement"], found)
    return check(pair["statement"], [piece(text, pair["label"]) for text in pair["source"]])


def figures(found):
    """Return precision and recall for unsupported statements, and the share of honest ones dropped.

    `found` are pairs with whether `check` refused them.
    """
    refused = [pair["supported"] for pair, is_refused in found if is_refused]
    wrong = sum(not pair["supported"] for pair, _ in found)
    caught = refused.count(False)
    dropped = refused.count(True) / (len(found) - wrong)
    return caught / len(refused), caught / wrong, dropped


def report(split):
    """Yield the figures of one half of the pairs, and what was caught per change."""
    found = [(pair, not verdict(pair).supported) for pair in pairs(split)]
    precision, recall, dropped = figures(found)
    yield f"{split}: {len(found)} pairs, precision {precision:.3f}, recall {recall:.3f}"
    yield f"honest statements dropped: {dropped:.3f}"
    every = Counter(pair["change"] for pair, _ in found)
    refused = Counter(pair["change"] for pair, is_refused in found if is_refused)
    for change, count in every.most_common():
        yield f"  {change:15} refused {refused[change]:3} of {count}"


if __name__ == "__main__":
    sys.stdout.writelines(f"{line}\n" for line in report(*sys.argv[1:] or ["tune"]))
