"""What each part adds: `python -m evals.ablation` switches it off alone, on the same questions.

It prints a table in Markdown. Answers are quotes; with all parts it takes some minutes.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

import numpy as np
from tqdm import tqdm

from assistant.ask import Assistant
from assistant.evidence import Room
from assistant.settings import load_settings
from evals.compare import BETTER, paired
from evals.gold import FOLDER, Gold, load_gold
from evals.overview import LABELS, cell, chance
from evals.report import score
from evals.run import Wegwijzer, asked, known_text
from index.questions import KnownQuestions

GOLD = FOLDER / "vragen.jsonl"
MEASURES = ("hit@1", "hit@5", "mrr@10", "correct", "abstention", "false_abstention")
# What the p of the table is about.
SHOWN = ("mrr@10", "correct")

Off = Callable[[Assistant], AbstractContextManager[object]]
Scores = Mapping[str, Mapping[str, float]]


def _constant(name: str) -> Off:
    return lambda assistant: patch(name, 0.0)


def _without_questions(assistant: Assistant) -> AbstractContextManager[object]:
    index = assistant.index
    nothing = KnownQuestions((), np.zeros(0, np.float16), len(index.passages))
    return patch.object(index, "questions", nothing)


def _whole_words(assistant: Assistant) -> AbstractContextManager[object]:
    from index.text import tokens

    lexicon = assistant.index._lexicon
    return patch.object(lexicon, "question_terms", lambda text: {1.0: tokens(text)})


@contextmanager
def _untaught(assistant: Assistant) -> Iterator[None]:
    """Use the embedder as downloaded; the reader, which is made on the taught one, goes too."""
    from assistant.teaching import build_index
    from index.embedder import Embedder
    from index.questions import QUESTIONS

    settings = load_settings()
    with tempfile.TemporaryDirectory() as folder:
        index = build_index(settings, Path(folder), None, lambda _label, _share: None, QUESTIONS)
        embedder = Embedder.load("", settings.cache_dir, adapter=None)
        with patch.multiple(assistant, index=index, embedder=embedder, reader=None):
            yield


# By what a reader of the table knows it as.
PARTS: Mapping[str, Off] = {
    "bekende vragen": _without_questions,
    "bekende vragen bij zinnen": _constant("assistant.evidence.SENTENCE_KNOWN_WEIGHT"),
    "late interaction": lambda assistant: patch("index.search.interaction", lambda *_: 0.0),
    "zoeken op woorden": lambda assistant: patch.object(assistant.index, "lexical", lambda *_: []),
    "stukken van woorden, afkortingen, spelling": _whole_words,
    "zoeken op vectoren": lambda assistant: patch.object(assistant.index, "dense", lambda *_: []),
    "voorkeur voor de wijk": _constant("index.search.AREA_GAIN"),
    "het genoemde document": lambda assistant: patch(
        "assistant.ask.named_documents", lambda *_: frozenset[str]()
    ),
    "twee vragen apart": lambda assistant: patch(
        "assistant.question.parts", lambda text, *_: (text,)
    ),
    "leesmodel": lambda assistant: patch.object(assistant, "reader", None),
    "vragen zonder antwoord": lambda assistant: patch.object(
        assistant.index.questions, "nowhere", lambda cosines: None
    ),
    "hele lijsten": lambda assistant: patch(
        "assistant.arrange._whole_list", lambda index, chosen, *_: chosen
    ),
    "ruimte voor lijsten": lambda assistant: patch(
        "assistant.evidence._room", lambda question: Room()
    ),
    "geleerd embedding-model (en leesmodel)": _untaught,
}


def main(given: Sequence[str] | None = None) -> int:
    """Measure with all parts, then without each, and print the table."""
    parser = argparse.ArgumentParser(prog="python -m evals.ablation", description=main.__doc__)
    parser.add_argument("--split", choices=["tune", "test", "all"], default="test")
    parser.add_argument("--part", action="append", choices=list(PARTS), default=[])
    arguments = parser.parse_args(given)
    golds = load_gold(GOLD, arguments.split)
    assistant = Assistant.open(load_settings(model="quotes"))
    # A question would otherwise be answered by a copy, with the index in use.
    with patch.object(assistant, "up_to_date", lambda: assistant):
        show(assistant, golds, arguments.part or list(PARTS))
    return 0


def show(assistant: Assistant, golds: Sequence[Gold], parts: Sequence[str]) -> None:
    """Print the table, a row at a time."""
    whole = measure("alles", assistant, golds)
    head = ["zonder", *(LABELS[name] for name in MEASURES), *(f"p {LABELS[n]}" for n in SHOWN)]
    print("| " + " | ".join(head) + " |\n" + "|---" * len(head) + "|")
    print(table_row("(alles aan)", whole, whole), flush=True)
    for part in parts:
        with PARTS[part](assistant):
            print(table_row(part, measure(part, assistant, golds), whole), flush=True)


def measure(name: str, assistant: Assistant, golds: Sequence[Gold]) -> Scores:
    """Ask every question; return the scores by measure and id of the question."""
    text_of = known_text(assistant)
    found: dict[str, dict[str, float]] = {measure: {} for measure in MEASURES}
    for gold in tqdm(golds, desc=name, unit="vraag", disable=None):
        scores = score(gold, asked(Wegwijzer("", assistant), gold), text_of)
        for measure_, values in found.items():
            if measure_ in scores:
                values[gold.id] = scores[measure_]
    return found


def table_row(name: str, found: Scores, whole: Scores) -> str:
    """Return a row of the table; p is that of the sign test against the whole."""
    cells = [cell(found[measure].values()) for measure in MEASURES]
    for measure in SHOWN:
        told = paired(whole[measure], found[measure], BETTER[measure])
        cells.append("–" if found is whole else chance(told.p))
    return "| " + " | ".join([name, *cells]) + " |"


if __name__ == "__main__":
    sys.exit(main())
