"""Measure: python -m evals. With --gold FILE --out DIR only the assistant, into that folder."""

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tqdm import tqdm

from assistant.settings import Settings, load_settings
from assistant.terminal import ARGUMENT_ERROR, Parser, say_error
from corpus.errors import InputFileError, WegwijzerError
from evals import results
from evals.gold import FOLDER, Gold, load_gold, sample
from evals.report import Outcome, markdown, score, score_retrieval, summarise
from evals.run import Plan, Wegwijzer, known_text, retrieved, run

if TYPE_CHECKING:
    from assistant.ask import Assistant

GOLD = FOLDER / "vragen.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; return the exit status.

    0: every question got a record. 1: something is missing, said on stderr.
    2: bad arguments or unreadable input.
    """
    given = sys.argv[1:] if argv is None else argv
    arguments = None if given[:1] == ["review"] else _parser().parse_args(given)
    handler = logging.StreamHandler()
    handler.setLevel(logging.WARNING)  # of the handler: bm25s sets its own logger to debug
    logging.basicConfig(handlers=[handler])
    try:
        return int(arguments.run(arguments)) if arguments else _review(given[1:])
    except InputFileError as error:
        return say_error(error, ARGUMENT_ERROR)
    except WegwijzerError as error:
        logging.getLogger(__name__).info("evaluation failed", exc_info=error)
        return say_error(error, 1)
    except KeyboardInterrupt:
        print("Gestopt. Dezelfde opdracht gaat verder waar de meting was.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m evals",
        description="Meet Wegwijzer en andere systemen op goudvragen, en schrijf een rapport.",
    )
    parser.set_defaults(run=_measure)
    commands = parser.add_subparsers(title="opdrachten", metavar="opdracht")
    _add_gold(parser)
    parser.add_argument(
        "--out", type=Path, metavar="MAP", help="meet alleen Wegwijzer, met het rapport in deze map"
    )
    parser.add_argument(
        "--model", choices=["quotes", "local", "server"], help="wie het antwoord schrijft"
    )
    _add_split(parser)
    parser.add_argument("--only", choices=["retrieval"], default="", help="meet alleen het zoeken")
    parser.add_argument(
        "--system",
        action="append",
        default=[],
        metavar="NAAM",
        help="alleen dit systeem (vaker kan)",
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=0,
        metavar="N",
        help="een steekproef van N vragen, elke keer dezelfde",
    )
    parser.add_argument(
        "--again", action="store_true", help="meet ook wat op deze commit al gemeten is"
    )
    report = commands.add_parser(
        "report", help="maak het rapport uit de uitslagen, zonder te meten"
    )
    report.set_defaults(run=_report)
    _add_split(report)
    # Every system is measured on these; on all questions some are not.
    report.set_defaults(split="test")
    ratchet = commands.add_parser("ratchet", help="vergelijk met wat is vastgelegd")
    _add_gold(ratchet)
    ratchet.add_argument("--raise", dest="higher", action="store_true", help="leg de uitslag vast")
    ratchet.set_defaults(run=_ratchet)
    commands.add_parser("review", help="beoordeel antwoorden in de browser")
    return parser


def _add_gold(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gold", type=Path, default=GOLD, metavar="BESTAND", help="de vragen (vragen.jsonl)"
    )


def _add_split(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--split",
        choices=["tune", "test", "all"],
        default="all",
        help="welke vragen: om op af te stellen, om aan te toetsen, of alle",
    )


def _measure(arguments: argparse.Namespace) -> int:
    golds = load_gold(arguments.gold, arguments.split)
    if arguments.limit:
        golds = sample(golds, arguments.limit)
    model = "quotes" if arguments.only == "retrieval" else arguments.model
    settings = load_settings(**({"model": model} if model else {}))
    if arguments.out:
        _evaluate(arguments, golds, settings)
        return 0
    plan = Plan(arguments.gold, arguments.split, arguments.only, tuple(arguments.system))
    run(replace(plan, again=arguments.again, limit=arguments.limit), golds, settings)
    return _report(arguments)


def _report(arguments: argparse.Namespace) -> int:
    from evals.agreement import agreement_table
    from evals.growth_report import read
    from evals.page import write_reports

    found = results.read(results.FOLDER, arguments.split)
    judged, growth = agreement_table(found), read(results.FOLDER)
    write_reports(found, results.FOLDER, arguments.split, judged, growth)
    print(f"Het rapport staat in {results.FOLDER / 'rapport.html'}", file=sys.stderr)
    return 0


def _ratchet(arguments: argparse.Namespace) -> int:
    from evals.ratchet import check_and_raise

    return check_and_raise(arguments.gold, arguments.higher)


def _review(given: Sequence[str]) -> int:
    from evals import review  # it reads its own arguments

    return review.main(given)


def _evaluate(arguments: argparse.Namespace, golds: Sequence[Gold], settings: Settings) -> None:
    """Score the assistant alone; write answers.jsonl, report.json and report.md."""
    try:
        arguments.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputFileError(path=arguments.out, reason=error.strerror) from error

    from assistant.ask import Assistant  # heavy: after the arguments are known to be good

    assistant = Assistant.open(settings)
    shown = tqdm(golds, desc="Vragen", unit="vraag", disable=None)
    if arguments.only == "retrieval":
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
    text_of = known_text(assistant)
    with path.open("w", encoding="utf-8") as answers:
        for gold in golds:
            record = assistant.ask(gold.question, gold.history).to_record(gold.id)
            answers.write(json.dumps(record, ensure_ascii=False) + "\n")
            answers.flush()
            outcomes.append(Outcome(gold, record, score(gold, record, text_of)))
    return outcomes


def _retrieved(assistant: "Assistant", gold: Gold) -> Outcome:
    record = retrieved(Wegwijzer("", assistant), gold)
    return Outcome(gold, record, score_retrieval(gold, record))


if __name__ == "__main__":
    sys.exit(main())
