"""The catalogue: which documents there are, and what is known about each."""

import hashlib
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from corpus.abbreviations import ABBREVIATIONS
from corpus.errors import CatalogueError, DocumentChanged, DocumentMissing

log = logging.getLogger(__name__)

CATALOGUE = "bronnen.toml"
KINDS = ("handreiking", "gebiedsplan", "presentatie", "anders")
_TEXTS = ("id", "file", "title", "issuer", "kind", "sha256")
_LISTS = ("areas", "audience")
_OPTIONAL_TEXTS = ("url", "superseded_by")
_FIELDS = {*_TEXTS, *_LISTS, "year", *_OPTIONAL_TEXTS, "valid_until"}
# Files that belong in the folder and are no documents.
_NO_DOCUMENTS = {CATALOGUE, ABBREVIATIONS, "README.md"}


@dataclass(frozen=True)
class Source:
    """One document as the catalogue describes it; `areas` are wijken and stadsdelen.

    A document with `superseded_by`, the id of its newer version, is no longer
    searched. `valid_until` is the last day on which it holds.
    """

    id: str
    title: str
    issuer: str
    kind: str
    year: int
    areas: tuple[str, ...]
    audience: tuple[str, ...]
    url: str | None
    sha256: str
    path: Path
    superseded_by: str | None
    valid_until: date | None = None


def load_catalogue(folder: Path) -> tuple[Source, ...]:
    """Read `bronnen.toml` in a folder.

    The documents themselves are not opened: `verify` does that.

    Raises:
        CatalogueError: the catalogue is missing, damaged or describes a document wrongly.

    """
    path = folder / CATALOGUE
    try:
        content = path.read_bytes()
    except OSError as error:
        log.error("catalogue unreadable: %s", error)
        raise CatalogueError(path=path, reason="het bestand is niet te openen") from error
    return parse_catalogue(content, folder)


def parse_catalogue(content: bytes, folder: Path) -> tuple[Source, ...]:
    """Read what is, or is to be, in `bronnen.toml` in a folder.

    Raises:
        CatalogueError: it is damaged or describes a document wrongly.

    """
    path = folder / CATALOGUE
    try:
        found = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        log.error("catalogue unreadable: %s", error)
        raise CatalogueError(path=path, reason=f"het is geen geldige TOML ({error})") from error
    entries = found.get("bron")
    if not isinstance(entries, list) or not entries:
        raise CatalogueError(path=path, reason="er staat geen enkel blok [[bron]] in")
    sources = tuple(_source(entry, folder, path) for entry in entries)
    _check_together(sources, path)
    return sources


def unlisted(folder: Path, sources: Sequence[Source]) -> tuple[Path, ...]:
    """Return the files in a folder that no source names, but for hidden ones, by name."""
    listed = {source.path for source in sources}
    return tuple(
        path
        for path in sorted(folder.iterdir())
        if path.is_file()
        and path.name not in _NO_DOCUMENTS
        and not path.name.startswith(".")
        and path.resolve() not in listed
    )


def newest(id: str, sources: Sequence[Source]) -> Source | None:
    """Return the version that took a document's place, the last of a row; None without one."""
    by_id = {source.id: source for source in sources}
    found = None
    while (source := by_id.get(id)) and source.superseded_by:
        id = source.superseded_by
        found = by_id.get(id)
    return found


def verify(source: Source) -> None:
    """Check that the file is there and is the one that the catalogue describes.

    Raises:
        DocumentMissing: there is no such file.
        DocumentChanged: its hash differs.

    """
    try:
        content = source.path.read_bytes()
    except OSError as error:
        log.error("document missing: %s", error)
        raise DocumentMissing(document=source.id, path=source.path) from error
    found = hashlib.sha256(content).hexdigest()
    if found != source.sha256:
        raise DocumentChanged(document=source.id, sha256=found)


def _source(entry: Any, folder: Path, path: Path) -> Source:
    """Check one entry and make it a source."""
    if not isinstance(entry, dict):
        raise CatalogueError(path=path, reason="een bron is geen blok [[bron]]")
    reason = _complaint(entry)
    if reason:
        name = entry.get("id", "zonder id")
        raise CatalogueError(path=path, reason=f"bij de bron {name}: {reason}")
    file = (folder / entry["file"]).resolve()
    if not file.is_relative_to(folder.resolve()):
        reason = f"het bestand van {entry['id']} ligt buiten de map met documenten"
        raise CatalogueError(path=path, reason=reason)
    return Source(
        id=entry["id"],
        title=entry["title"],
        issuer=entry["issuer"],
        kind=entry["kind"],
        year=entry["year"],
        areas=tuple(entry["areas"]),
        audience=tuple(entry["audience"]),
        url=entry.get("url"),
        sha256=entry["sha256"].lower(),
        path=file,
        superseded_by=entry.get("superseded_by"),
        valid_until=entry.get("valid_until"),
    )


def _complaint(entry: dict[str, Any]) -> str:
    """Return what is wrong with the fields of an entry, in Dutch, or nothing."""
    required = {*_TEXTS, *_LISTS, "year"}
    if missing := sorted(required - entry.keys()):
        return f"het veld {missing[0]} ontbreekt"
    if unknown := sorted(entry.keys() - _FIELDS):
        return f"het veld {unknown[0]} is onbekend"
    return _complaint_of_types(entry) or _complaint_of_values(entry)


def _complaint_of_types(entry: dict[str, Any]) -> str:
    for field in (*_TEXTS, *(f for f in _OPTIONAL_TEXTS if f in entry)):
        if not isinstance(entry[field], str) or not entry[field].strip():
            return f"het veld {field} moet tekst zijn"
    for field in _LISTS:
        if not isinstance(entry[field], list) or not all(isinstance(v, str) for v in entry[field]):
            return f"het veld {field} moet een lijst met teksten zijn"
    if type(entry["year"]) is not int:
        return "het veld year moet een jaartal zijn"
    valid_until = entry.get("valid_until", date.max)
    if not isinstance(valid_until, date) or isinstance(valid_until, datetime):
        return "het veld valid_until moet een datum zijn, zonder aanhalingstekens: 2026-12-31"
    return ""


def _complaint_of_values(entry: dict[str, Any]) -> str:
    if entry["kind"] not in KINDS:
        return f"het veld kind moet een van deze zijn: {', '.join(KINDS)}"
    if entry["id"] != Path(entry["file"]).stem:
        return "het veld id moet de bestandsnaam zonder uitgang zijn"
    return ""


def _check_together(sources: tuple[Source, ...], path: Path) -> None:
    """Check what only the whole catalogue can tell."""
    ids = [source.id for source in sources]
    above = {source.id: source.superseded_by for source in sources}
    for source in sources:
        if ids.count(source.id) > 1:
            raise CatalogueError(path=path, reason=f"de id {source.id} komt twee keer voor")
        later, steps = source.superseded_by, 0
        while later in above and steps <= len(ids):
            later, steps = above[later], steps + 1
        if later is not None:  # an id that is not there, or a ring
            reason = f"{source.id} wordt vervangen door {source.superseded_by}, dat niet kan"
            raise CatalogueError(path=path, reason=reason)
