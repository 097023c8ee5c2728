"""The command line: prepare, ingest, ask, batch, serve, doctor."""

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TextIO

from tqdm import tqdm

from assistant.answer import Answer
from assistant.answer_model import Turn
from assistant.settings import Settings, load_settings
from corpus.errors import InputFileError, WegwijzerError

ARGUMENT_ERROR = 2


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
        return _say_error(error, ARGUMENT_ERROR)
    except WegwijzerError as error:
        logging.getLogger(__name__).info("command failed", exc_info=error)
        return _say_error(error, 1)
    except KeyboardInterrupt:
        print("Gestopt.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
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
    add("ingest", _ingest, "lees de documenten in")
    ask = add("ask", _ask, "beantwoord één vraag")
    ask.add_argument("question", metavar="vraag")
    ask.add_argument("--json", action="store_true", help="schrijf één antwoordrecord")
    _add_model(ask)
    batch = add("batch", _batch, "beantwoord een bestand met vragen (een JSON-object per regel)")
    batch.add_argument("--in", dest="source", type=Path, required=True, metavar="BESTAND")
    batch.add_argument("--out", dest="target", type=Path, required=True, metavar="BESTAND")
    batch.add_argument("--limit", type=int, default=None, metavar="N", help="hoogstens N vragen")
    _add_model(batch)
    add("serve", _serve, "start de app in de browser")
    add("doctor", _doctor, "controleer wat er klaarstaat en wat er ontbreekt")
    return parser


def _add_model(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--model", choices=["quotes", "local", "server"], help="wie het antwoord schrijft"
    )


def _prepare(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.answer_model import prepare_answer_model
    from index.embedder import Embedder, prepare_embedder

    with _Bar() as progress:
        prepare_embedder(settings.embedder, settings.cache_dir, progress)
        progress("Embedding-model controleren", 1.0)
        Embedder.load(settings.embedder, settings.cache_dir).self_test()
        if not arguments.without_answer_model and settings.model_file is None:
            prepare_answer_model(settings.cache_dir, progress)
    print("De modellen staan klaar.", file=sys.stderr)
    return 0


def _ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    from corpus.sources import load_catalogue
    from index.embedder import Embedder, fingerprint
    from index.store import build

    with _Bar() as progress:
        report = build(
            settings.index_dir,
            load_catalogue(settings.documents_dir),
            fingerprint(settings.embedder, settings.cache_dir),
            lambda: Embedder.load(settings.embedder, settings.cache_dir),
            progress,
        )
    for problem in report.problems:
        _say_error(problem, 1)
    done = "Ingelezen" if report.changed else "Niets veranderd"
    print(
        f"{done}: {report.documents} documenten, {report.passages} passages, "
        f"{report.embedded} daarvan nieuw.",
        file=sys.stderr,
    )
    return 1 if report.problems else 0


def _ask(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.ask import Assistant

    assistant = Assistant.open(settings)
    answer = assistant.ask(arguments.question)
    if arguments.json:
        print(json.dumps(answer.to_record(), ensure_ascii=False))
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
    if answer.citations:
        lines += ["", "Bronnen:"]
    for c in answer.citations:
        page = f", pagina {c.page}" if c.page else ""
        lines.append(f"[{c.n}] {c.title} ({c.year}), {c.section}{page}")
        lines.append(f"    “{c.readable}”")
    if answer.nearest:
        lines += ["", "Dit komt het dichtst in de buurt, maar is geen antwoord:"]
        lines += [f"- {c.title}, {c.section}: “{c.readable}”" for c in answer.nearest]
    return "\n".join(lines)


def _batch(arguments: argparse.Namespace, settings: Settings) -> int:
    from assistant.ask import Assistant

    rows = list(_questions(arguments.source))[: arguments.limit]
    try:
        target = arguments.target.open("w", encoding="utf-8")
    except OSError as error:
        raise InputFileError(path=arguments.target, reason=error.strerror) from error
    with target:
        assistant = Assistant.open(settings)
        for row in tqdm(rows, desc="Vragen", unit="vraag", disable=None):
            if isinstance(row, Answer):
                _write(target, row.to_record())
                continue
            turns = [Turn(turn["role"], turn["content"]) for turn in row.get("history") or ()]
            answer = assistant.ask(row["question"], turns)
            _write(target, answer.to_record(row.get("id")))
    return 0


def _questions(path: Path) -> Iterator[Any]:
    """Yield each line's question; a line that is none becomes an error answer.

    Raises:
        InputFileError: the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "het is geen tekst in UTF-8"
        raise InputFileError(path=path, reason=reason) from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
            assert isinstance(row["question"], str)
            assert all(isinstance(t["content"], str) for t in row.get("history") or ())
        except (ValueError, KeyError, TypeError, AssertionError):
            message = f"Regel {number} is geen vraag in JSON met een veld “question”."
            yield Answer(line[:200], "error", message=message)
            continue
        yield row


def _write(target: TextIO, record: dict[str, Any]) -> None:
    target.write(json.dumps(record, ensure_ascii=False) + "\n")
    target.flush()


def _serve(arguments: argparse.Namespace, settings: Settings) -> int:
    import app
    from assistant.ask import Assistant

    assistant = Assistant.open(settings)
    assistant.warm_up()
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


class _Bar:
    """A progress bar on stderr that shows what is being done, in Dutch."""

    def __enter__(self) -> Callable[[str, float], None]:
        self.bar = tqdm(total=100, bar_format="{desc:<32} {percentage:3.0f}% |{bar}| {elapsed}")
        return self.show

    def show(self, label: str, share: float) -> None:
        if label != self.bar.desc.strip().removesuffix(":"):
            self.bar.reset()
            self.bar.set_description_str(label)
        self.bar.n = round(100 * share)
        self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()


def _say_error(error: WegwijzerError, status: int) -> int:
    print(f"{error} {error.advice}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
