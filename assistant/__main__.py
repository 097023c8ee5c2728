"""The command line. The commands for the documents themselves are in assistant/documents.py."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any, TextIO

from tqdm import tqdm

from assistant.answer import Answer
from assistant.answer_model import Turn
from assistant.documents import add_commands
from assistant.settings import Settings, load_settings
from assistant.teaching import add_teach
from assistant.terminal import ARGUMENT_ERROR, Bar, Parser, say_error, why_refused
from corpus.errors import InputFileError, WegwijzerError

log = logging.getLogger(__name__)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status.

    0: done. 1: something is missing or went wrong, said on stderr. 2: bad
    arguments or unreadable input.
    """
    arguments = _parser().parse_args(argv)
    try:
        overrides = {"model": arguments.model} if getattr(arguments, "model", None) else {}
        settings = load_settings(**overrides)
        logging.basicConfig(
            level=settings.log_level.upper(),
            format="%(asctime)s %(levelname)s %(name)s: %(message)s",
        )
        return int(arguments.run(arguments, settings))
    except InputFileError as error:
        return say_error(error, ARGUMENT_ERROR)
    except WegwijzerError as error:
        log.info("command failed", exc_info=error)
        return say_error(error, 1)
    except KeyboardInterrupt:
        print("Gestopt.", file=sys.stderr)
        return 130


def _parser() -> Parser:
    parser = Parser(
        prog="python -m assistant", description="Wegwijzer: vragen over inclusieve kinderopvang."
    )
    commands = parser.add_subparsers(title="opdrachten", required=True, metavar="opdracht")

    def add(name: str, run: Callable[[Any, Settings], int], help: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=help, description=help)
        command.set_defaults(run=run)
        return command

    prepare = add("prepare", _prepare, "zet de modellen klaar op deze computer")
    prepare.add_argument(
        "--without-answer-model",
        action="store_true",
        help="sla het taalmodel van 1,1 GB over: antwoorden zijn dan citaten",
    )
    add_commands(add)
    ask = add("ask", _ask, "beantwoord één vraag")
    ask.add_argument("question", metavar="vraag", help="de vraag, tussen aanhalingstekens")
    ask.add_argument("--json", action="store_true", help="schrijf één antwoordrecord")
    _add_model(ask)
    batch = add("batch", _batch, "beantwoord een bestand met vragen (een JSON-object per regel)")
    file: dict[str, Any] = {"type": Path, "required": True, "metavar": "BESTAND"}
    batch.add_argument("--in", dest="source", help="de vragen", **file)
    batch.add_argument("--out", dest="target", help="waar de antwoorden komen", **file)
    batch.add_argument("--limit", type=_count, default=None, metavar="N", help="hoogstens N vragen")
    _add_model(batch)
    add_teach(add)
    add("serve", _serve, "start de app in de browser")
    add("doctor", _doctor, "controleer wat er klaarstaat en wat er ontbreekt")
    return parser


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text} is geen aantal")
    return int(text)


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--model", choices=["quotes", "local", "server"], help="wie het antwoord schrijft"
    )


def _prepare(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.answer_model import prepare_answer_model
    from index.embedder import Embedder, prepare_embedder

    with Bar() as progress:
        prepare_embedder(settings.embedder, settings.cache_dir, progress)
        progress("Embedding-model controleren", 1.0)
        Embedder.load(settings.embedder, settings.cache_dir, adapter=None).self_test()
        if not arguments.without_answer_model and settings.model_file is None:
            prepare_answer_model(settings.cache_dir, progress)
    print("De modellen staan klaar.", file=sys.stderr)
    return 0


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.ask import Assistant

    assistant = Assistant.open(settings)
    answer = assistant.ask(arguments.question)
    if arguments.json:
        _write(sys.stdout, answer.to_record())
    else:
        print(readable(answer, [source.title for source in assistant.sources]))
    return 0


def readable(answer: Answer, searched: Sequence[str]) -> str:
    """Return an answer as it is printed: the text, then the sources it rests on.

    Args:
        answer: the whole answer.
        searched: titles of the documents, named when they hold no answer.
    """
    lines = [answer.text]
    if answer.status == "abstained":
        lines += ["", "Gezocht in:", *(f"- {title}" for title in searched)]
    if answer.statements and answer.message:
        lines += ["", answer.message]
    if answer.warnings:
        lines += ["", *answer.warnings]
    if answer.citations:
        lines += ["", "Bronnen:"]
    for c in answer.citations:
        page = f", pagina {c.page}" if c.page else ""
        lines.append(f"[{c.n}] {c.title} ({c.year}), {c.section}{page}")
        lines.append(f"    “{c.readable}”")
    if answer.helpers:
        lines += ["", "Dit zeggen de documenten over wie kan meekijken:"]
        lines += [f"- {c.title}, {c.section}: “{c.readable}”" for c in answer.helpers]
    if answer.nearest:
        lines += ["", "Dit komt het dichtst in de buurt, maar is geen antwoord:"]
        lines += [f"- {c.title}, {c.section}: “{c.readable}”" for c in answer.nearest]
    return "\n".join(lines)


def _batch(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.ask import Assistant

    rows = list(_rows(arguments.source))[: arguments.limit]
    try:
        target = arguments.target.open("w", encoding="utf-8")
    except OSError as error:
        raise InputFileError(path=arguments.target, reason=why_refused(error)) from error
    with target:
        assistant = Assistant.open(settings)
        for row in tqdm(rows, desc="Vragen", unit="vraag", disable=None):
            if row.problem:
                answer = Answer(row.question, "error", message=row.problem)
            else:
                answer = assistant.ask(row.question, row.history)
            _write(target, answer.to_record(row.id))
    return 0


@dataclass(frozen=True)
class _Row:
    """One line of a batch; `problem` is what is wrong with it, in Dutch, or empty."""

    id: Any
    question: str
    history: tuple[Turn, ...] = ()
    problem: str = ""


def _rows(path: Path) -> Iterator[_Row]:
    """Yield what each line asks; blank lines are passed over.

    Raises:
        InputFileError: the file cannot be read.
    """
    try:
        # Not splitlines: in JSON, a question may hold other line ends than \n.
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(path=path, reason=why_refused(error)) from error
    for number, line in enumerate(lines, start=1):
        if line.strip():
            yield _row(line, number)


def _row(line: str, number: int) -> _Row:
    id = None
    try:
        row = json.loads(line)
        id = row.get("id")
        turns = [Turn(turn["role"], turn["content"]) for turn in row.get("history") or ()]
        if all(isinstance(text, str) for text in (row["question"], *(t.content for t in turns))):
            return _Row(id, row["question"], tuple(turns))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    problem = f"Regel {number} is geen vraag in JSON met een veld “question”."
    return _Row(id, line[:200], problem=problem)


def _write(target: TextIO, record: dict[str, Any]) -> None:
    line = json.dumps(record, ensure_ascii=False)
    # Half a surrogate pair is no UTF-8; as an escape it is JSON, and comes back as it was.
    target.write(line.encode("utf-8", "backslashreplace").decode() + "\n")
    target.flush()


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    import app
    from assistant.ask import Assistant

    # The page answers in quotes while the answer model, which takes longer, is loaded.
    assistant = Assistant.open(settings.model_copy(update={"model": "quotes"}))
    if settings.model != "quotes":
        Thread(target=assistant.load_model, args=(settings,), daemon=True).start()
    app.serve(assistant, settings.host, settings.port)
    return 0


def _doctor(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.doctor import examine

    findings = examine(settings)
    for finding in findings:
        print(f"{'goed ' if finding.good else 'MIST '} {finding.text}")
        if finding.advice:
            print(f"      {finding.advice}")
    return 0 if all(f.good or f.optional for f in findings) else 1


if __name__ == "__main__":
    sys.exit(main())
