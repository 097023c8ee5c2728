"""What teaching gives a document that it never saw: `python -m evals.left_out ID --adapter FILE`.

The adapter is made with `python -m assistant teach --leave-out ID`. The gold questions about
that document alone, of both splits, are searched in all documents with the model as
downloaded, with that adapter and with the shipped one, and without known questions: those of
a new document do not exist. The shipped one may have had more rounds. It prints a table in
Markdown.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from assistant.ask import Assistant
from assistant.settings import Settings, load_settings
from assistant.teaching import build_index
from evals.ablation import GOLD, Scores
from evals.compare import paired
from evals.gold import Gold, load_gold
from evals.overview import LABELS, cell, chance
from evals.report import score_retrieval
from evals.run import Wegwijzer, retrieved
from index.embedder import ADAPTER, Embedder

MEASURES = ("hit@1", "hit@5", "hit@10", "mrr@10")
# What the p of the table is about.
SHOWN = "hit@5"


def main(given: Sequence[str] | None = None) -> int:
    """Search with each model and print the table."""
    parser = argparse.ArgumentParser(prog="python -m evals.left_out", description=main.__doc__)
    parser.add_argument("document", metavar="ID")
    parser.add_argument("--adapter", type=Path, required=True, metavar="BESTAND")
    arguments = parser.parse_args(given)
    golds = about(load_gold(GOLD, "all"), arguments.document)
    if not golds:
        parser.error(f"er is geen vraag over {arguments.document} alleen")
    if not arguments.adapter.is_file():
        parser.error(f"{arguments.adapter} bestaat niet; maak het met teach --leave-out")
    settings = load_settings(model="quotes")
    untaught = measure(settings, golds, None)
    print(f"{len(golds)} vragen over {arguments.document}\n")
    head = ["geleerd van", *(LABELS[name] for name in MEASURES), f"p {LABELS[SHOWN]}"]
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    print(table_row("niets", untaught, untaught), flush=True)
    for name, adapter in (
        ("alle andere documenten", arguments.adapter),
        ("alle documenten", ADAPTER),
    ):
        print(table_row(name, measure(settings, golds, adapter), untaught), flush=True)
    return 0


def about(golds: Sequence[Gold], document: str) -> list[Gold]:
    """Return the questions that one document answers, and no other is needed for."""
    return [gold for gold in golds if gold.answerable and set(gold.documents) == {document}]


def measure(settings: Settings, golds: Sequence[Gold], adapter: Path | None) -> Scores:
    """Search for every question; return the scores by measure and id of the question."""
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(settings, Path(folder), adapter, lambda _label, _share: None)
        assistant = Assistant(index, Embedder.load("", settings.cache_dir, adapter), None)
        system = Wegwijzer("", assistant)
        scores = {gold.id: score_retrieval(gold, retrieved(system, gold)) for gold in golds}
    return {name: {id: found[name] for id, found in scores.items()} for name in MEASURES}


def table_row(name: str, found: Scores, untaught: Scores) -> str:
    """Return a row of the table; p is that of the sign test against the untaught model."""
    told = paired(untaught[SHOWN], found[SHOWN])
    p = "–" if found is untaught else chance(told.p)
    cells = [cell(found[measure].values()) for measure in MEASURES]
    return "| " + " | ".join([name, *cells, p]) + " |"


if __name__ == "__main__":
    sys.exit(main())
