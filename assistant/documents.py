"""The commands for the documents: ingest, add, replace, remove, inspect."""

import argparse
import hashlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from assistant.question import hague_areas
from assistant.settings import Settings
from assistant.terminal import Bar, say_error, why_refused
from corpus.abbreviations import ABBREVIATIONS, list_abbreviations, load_abbreviations
from corpus.catalogue import (
    Facts,
    changed,
    placed,
    propose,
    slug,
    superseded,
    with_entry,
    without_entry,
)
from corpus.errors import DocumentUnknown, InputFileError
from corpus.inspect import inspect_page
from corpus.pdf_info import carried
from corpus.read import read
from corpus.sources import (
    CATALOGUE,
    KINDS,
    Source,
    load_catalogue,
    parse_catalogue,
    unlisted,
    verify,
)
from index.lock import alone

if TYPE_CHECKING:
    from index.build import BuildReport

Command = Callable[[argparse.Namespace, Settings], int]
# What each fact is called on the terminal.
_LABELS = {
    "title": "titel",
    "issuer": "uitgever",
    "year": "jaar",
    "kind": "soort",
    "areas": "gebieden",
    "audience": "voor wie",
    "url": "vindplaats",
    "valid_until": "geldig t/m",
}


def add_commands(add: Callable[[str, Command, str], argparse.ArgumentParser]) -> None:
    """Add the commands for the documents to the command line."""
    add("ingest", _alone(_ingest), "lees de documenten in")
    new = add("add", _alone(_add), "voeg een document toe en lees het in")
    _add_file(new)
    new.add_argument(
        "--replaces", metavar="ID", help="het document waarvan dit een nieuwe versie is"
    )
    newer = add("replace", _alone(_add), "vervang een document door een nieuwe versie")
    newer.add_argument("replaces", metavar="ID", help="het document dat vervangen wordt")
    _add_file(newer)
    remove = add("remove", _alone(_remove), "haal een document uit de lijst en uit de index")
    remove.add_argument("id", metavar="ID", help="de id van het document in bronnen.toml")
    remove.add_argument("--delete-file", action="store_true", help="verwijder ook het bestand")
    inspect = add("inspect", _inspect, "laat zien hoe een document gelezen is, als webpagina")
    inspect.add_argument("id", metavar="ID", help="de id van het document in bronnen.toml")
    inspect.add_argument("--out", type=Path, metavar="BESTAND", help="waar de pagina komt")


def _alone(command: Command) -> Command:
    """Return a command that runs only when no other one is changing the documents.

    From its first look at the catalogue: what another run writes after that would be lost.
    """

    def run(arguments: argparse.Namespace, settings: Settings) -> int:
        with alone(settings.index_dir):
            return command(arguments, settings)

    return run


def _add_file(command: argparse.ArgumentParser) -> None:
    """Add the file and the facts that can be given; what is not given is proposed."""
    command.add_argument("file", type=Path, metavar="BESTAND", help="het document")
    command.add_argument("--title", metavar="TITEL", type=_text, help="de titel")
    command.add_argument("--issuer", metavar="UITGEVER", type=_text, help="wie het uitgaf")
    command.add_argument("--year", type=_year, metavar="JAAR", help="jaar van uitgave")
    command.add_argument("--kind", choices=KINDS, help="soort document")
    more: dict[str, Any] = {"action": "append", "type": _text}
    command.add_argument(
        "--area", dest="areas", metavar="WIJK", help="wijk of stadsdeel; mag vaker", **more
    )
    command.add_argument("--audience", metavar="LEZERS", help="voor wie het is; mag vaker", **more)
    command.add_argument("--url", metavar="ADRES", type=_text, help="waar het te vinden is")
    command.add_argument(
        "--valid-until", type=_day, metavar="DATUM", help="laatste geldige dag, zoals 2026-12-31"
    )


def _text(given: str) -> str:
    if not given.strip():
        raise argparse.ArgumentTypeError("de waarde is leeg")
    return " ".join(given.split())


def _year(given: str) -> int:
    if not (given.isdecimal() and len(given) == 4):
        raise argparse.ArgumentTypeError(f"{given} is geen jaartal")
    return int(given)


def _day(given: str) -> date:
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{given} is geen datum zoals 2026-12-31") from error


def _ingest(arguments: argparse.Namespace, settings: Settings) -> int:
    sources = load_catalogue(settings.documents_dir)
    report = _build(settings, sources)
    _tell(report)
    for path in unlisted(settings.documents_dir, sources):
        print(
            f"Let op: {path.name} staat in de map met documenten, maar niet in {CATALOGUE}, en "
            f'wordt niet doorzocht. Voeg het toe: python -m assistant add "{path}"',
            file=sys.stderr,
        )
    done = "Ingelezen" if report.changed else "Niets veranderd"
    print(
        f"{done}: {report.documents} documenten, {report.passages} passages, "
        f"{report.embedded} daarvan nieuw.",
        file=sys.stderr,
    )
    return 1 if report.problems else 0


def _add(arguments: argparse.Namespace, settings: Settings) -> int:
    folder, file = settings.documents_dir, arguments.file
    before = _catalogue(folder)
    sources = parse_catalogue(before, folder) if before.strip() else ()
    old = _known(arguments.replaces, sources) if arguments.replaces else None
    content = _content(file)
    sha256 = hashlib.sha256(content).hexdigest()
    target = _target(folder, file, sha256, sources, old)
    document = read(target.stem, file)
    proposed = propose(document, file, hague_areas(), carried(file))
    if old is not None:
        same = {
            name: getattr(old, name) for name in ("title", "issuer", "kind", "areas", "audience")
        }
        proposed = replace(proposed, **same)
    facts = replace(proposed, **_given(arguments))
    _show(target.stem, facts, arguments)
    after = with_entry(before, target.stem, target.name, sha256, facts)
    after = superseded(after, old.id, target.stem) if old else after
    with placed(file, target), changed(folder, after) as sources:
        report = _build(settings, sources)
        for problem in report.problems:
            if problem.facts.get("document") == target.stem:
                raise problem
    _tell(report)
    print(f"Toegevoegd en ingelezen: {report.embedded} nieuwe passages.")
    if old:
        print(f"{old.id} wordt niet meer doorzocht. Oude antwoorden kunnen het nog tonen.")
    return 0


def _target(
    folder: Path, file: Path, sha256: str, sources: Sequence[Source], old: Source | None
) -> Path:
    """Return where a document comes to stand: under its id, which no other document has.

    Raises:
        InputFileError: it is there already, or another document has that id.
    """
    for source in sources:
        if source.sha256 == sha256:
            reason = f"het staat al in {CATALOGUE}, als {source.id}"
            raise InputFileError(path=file.name, reason=reason)
    taken = {source.id for source in sources}
    id = slug(file.stem)
    if old is not None:  # a new version often has the name of the old one
        number = 2
        while id in taken:
            id, number = f"{slug(file.stem)}-{number}", number + 1
    if id in taken:
        reason = (
            f"er is al een document met de id {id}. Geef het bestand een andere naam, of vervang "
            f"het oude: python -m assistant replace {id} BESTAND"
        )
        raise InputFileError(path=file.name, reason=reason)
    target = folder / f"{id}{file.suffix.lower()}"
    if target.exists() and hashlib.sha256(target.read_bytes()).hexdigest() != sha256:
        reason = f"in de map met documenten staat al een ander bestand met de naam {target.name}"
        raise InputFileError(path=file.name, reason=reason)
    return target


def _remove(arguments: argparse.Namespace, settings: Settings) -> int:
    folder = settings.documents_dir
    sources = load_catalogue(folder)
    gone = _known(arguments.id, sources)
    if len(sources) == 1:
        reason = f"{gone.id} is het enige document. Voeg eerst een ander toe"
        raise InputFileError(path=folder / CATALOGUE, reason=reason)
    with changed(folder, without_entry(_catalogue(folder), gone.id)) as sources_after:
        report = _build(settings, sources_after)
    _tell(report)
    print(f"{gone.id} is uit de lijst en wordt niet meer doorzocht.")
    if arguments.delete_file:
        gone.path.unlink(missing_ok=True)
        print(f"Het bestand {gone.path.name} is verwijderd.")
    else:
        print(f"Het bestand {gone.path} is er nog.")
    for source in sources_after:
        before = next(s for s in sources if s.id == source.id)
        if before.superseded_by and not source.superseded_by:
            print(f"{source.id} was ervoor de versie, en wordt weer doorzocht.")
    return 0


def _inspect(arguments: argparse.Namespace, settings: Settings) -> int:
    source = _known(arguments.id, load_catalogue(settings.documents_dir))
    verify(source)
    page = inspect_page(source, read(source.id, source.path))
    target = arguments.out or Path(f"{source.id}.html")
    try:
        target.write_text(page, encoding="utf-8")
    except OSError as error:
        raise InputFileError(path=target, reason=why_refused(error)) from error
    print(target)
    return 0


def _known(id: str, sources: Sequence[Source]) -> Source:
    """Return the document with an id.

    Raises:
        DocumentUnknown: there is none.
    """
    by_id = {source.id: source for source in sources}
    if id not in by_id:
        raise DocumentUnknown(document=id, known=", ".join(by_id) or "er zijn nog geen documenten")
    return by_id[id]


def _catalogue(folder: Path) -> bytes:
    """Return what is in the catalogue; nothing when there is none yet."""
    try:
        return (folder / CATALOGUE).read_bytes()
    except FileNotFoundError:
        return b""


def _content(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise InputFileError(path=file, reason=why_refused(error)) from error


def _given(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the facts that were given on the command line."""
    given = {field.name: getattr(arguments, field.name) for field in fields(Facts)}
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None
    }


def _show(id: str, facts: Facts, arguments: argparse.Namespace) -> None:
    """Print the entry; what was not given is marked as a proposal."""
    given = _given(arguments)
    print(f"Zo komt {id} in {CATALOGUE}:")
    for name, label in _LABELS.items():
        value = getattr(facts, name)
        shown = ", ".join(value) if isinstance(value, tuple) else value
        mark = "" if name in given or not shown else "  (voorstel)"
        print(f"  {label + ':':<12} {shown or '-'}{mark}")
    print(
        f"Klopt er iets niet? Verbeter het in {CATALOGUE} en voer uit: python -m assistant ingest"
    )


def _build(settings: Settings, sources: Sequence[Source]) -> "BuildReport":
    from index.build import Aids, build
    from index.embedder import Embedder, fingerprint
    from index.questions import QUESTIONS

    with Bar() as progress:
        report = build(
            settings.index_dir,
            sources,
            fingerprint(settings.embedder, settings.cache_dir),
            lambda: Embedder.load(settings.embedder, settings.cache_dir),
            progress,
            Aids(
                load_abbreviations(settings.documents_dir),
                # What a likeness to a question counts for was measured with our own embedder.
                None if settings.embedder else QUESTIONS,
                settings.chroma_url,
            ),
        )
    new = list_abbreviations(settings.documents_dir, report.abbreviations)
    if new:
        named = ", ".join(abbreviation.short for abbreviation in new)
        print(f"Nieuw in {ABBREVIATIONS}, kijk of het klopt: {named}", file=sys.stderr)
    return report


def _tell(report: "BuildReport") -> None:
    """Say on stderr what could not be taken in, or only in part."""
    for warning in report.warnings:
        print(f"Let op: {warning}", file=sys.stderr)
    for problem in report.problems:
        say_error(problem, 1)
