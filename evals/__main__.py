"""Score the assistant on gold questions: python -m evals --gold FILE --out DIR."""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from tqdm import tqdm

from assistant.answer import Answer, Timings
from assistant.settings import load_settings
from corpus.errors import InputFileError, WegwijzerError
from evals.gold import Gold, load_gold
from evals.report import Outcome, markdown, score_answer, score_retrieval, summarise

if TYPE_CHECKING:
    from assistant.ask import Assistant


def main(argv: Sequence[str] | None = None) -> int:
    """Run the evaluation; return the exit status.

    0: every question got a record. 1: something is missing, said on stderr.
    2: bad arguments or unreadable input.
    """
    arguments = _parser().parse_args(argv)
    try:
        _evaluate(arguments)
    except InputFileError as error:
        print(f"{error} {error.advice}", file=sys.stderr)
        return 2
    except WegwijzerError as error:
        logging.getLogger(__name__).info("evaluation failed", exc_info=error)
        print(f"{error} {error.advice}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evals", description="Meet de antwoorden op goudvragen."
    )
    parser.add_argument("--gold", type=Path, required=True, metavar="BESTAND")
    parser.add_argument("--out", type=Path, required=True, metavar="MAP")
    parser.add_argument(
        "--model", choices=["quotes", "local", "server"], help="wie het antwoord schrijft"
    )
    parser.add_argument("--split", choices=["tune", "test", "all"], default="all")
    parser.add_argument("--only", choices=["retrieval"], help="meet alleen het zoeken")
    return parser


def _evaluate(arguments: argparse.Namespace) -> None:
    golds = load_gold(arguments.gold, arguments.split)
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputFileError(path=arguments.out, reason=error.strerror) from error
    only_retrieval = arguments.only == "retrieval"
    model = "quotes" if only_retrieval else arguments.model
    settings = load_settings(**({"model": model} if model else {}))

    from assistant.ask import Assistant  # heavy: after the arguments are known to be good

    assistant = Assistant.open(settings)
    shown = tqdm(golds, desc="Vragen", unit="vraag", disable=None)
    if only_retrieval:
        outcomes = [_retrieved(assistant, gold) for gold in shown]
    else:
        outcomes = _answered(assistant, shown, arguments.out / "answers.jsonl")
    report = {
        "gold": arguments.gold.name,
        "model": assistant.model.name if assistant.model else "quotes",
        "split": arguments.split,
        **summarise(outcomes),
    }
    (arguments.out / "report.json").write_text(
        json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )
    (arguments.out / "report.md").write_text(markdown(report), encoding="utf-8")


def _answered(assistant: "Assistant", golds: Iterable[Gold], path: Path) -> list[Outcome]:
    """Ask every question; write each record as soon as it is there."""
    outcomes = []
    with path.open("w", encoding="utf-8") as answers:
        for gold in golds:
            record = assistant.ask(gold.question, gold.history).to_record(gold.id)
            answers.write(json.dumps(record, ensure_ascii=False) + "\n")
            answers.flush()
            scores = score_retrieval(gold, record)
            scores |= score_answer(gold, record, assistant.document_text)
            outcomes.append(Outcome(gold, record, scores))
    return outcomes


def _retrieved(assistant: "Assistant", gold: Gold) -> Outcome:
    started = perf_counter()
    hits = assistant.retrieve(gold.question, gold.history)
    timings = Timings(retrieve=(perf_counter() - started) * 1000)
    record = Answer(gold.question, "answered", hits=hits, timings_ms=timings).to_record(gold.id)
    return Outcome(gold, record, score_retrieval(gold, record))


if __name__ == "__main__":
    sys.exit(main())
