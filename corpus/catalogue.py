"""Changes to the catalogue: an entry added or removed, and what is proposed for a new one.

`bronnen.toml` is written by people as well: comments and other entries stay as
they are, and it is replaced in one step, so that it is never half a file.
"""

import logging
import os
import re
import shutil
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

import tomlkit

from corpus.errors import CatalogueError, CatalogueUnwritable
from corpus.pdf_info import Carried
from corpus.read import DocumentText
from corpus.sources import CATALOGUE, KINDS, Source, parse_catalogue
from corpus.structure import structure

log = logging.getLogger(__name__)

_BLOCK = re.compile(r"(?m)^[ \t]*\[\[[ \t]*bron[ \t]*\]\]")
UNKNOWN_ISSUER = "onbekend"
# Characters: file systems allow 255 bytes for a name, of which the kind of file takes some.
_LONGEST_ID = 80
_LONGEST_TITLE = 150
# A title page, a colophon and the start of an introduction; later text names other documents.
_OPENING_CHARS = 3000
_YEAR = re.compile(r"(?<![\d.,])(?:19[89]|20[0-4])\d(?![\d.,]*\d)")
_ISSUER = re.compile(
    r"(?:\b(?:uitgave van|uitgegeven door|opgesteld door|publicatie van|in opdracht van)|\buitgever:)"
    r"\s+(?:de |het )?(?P<name>[^\W\d_][^\n.;:()]{2,80}?)\s*(?=[\n.;:()]|, in opdracht| in het | op \d)",
    re.IGNORECASE,
)
_MONTH = "januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december"
# A date by itself on a title page, or one that a colophon calls the document's own.
_DATED = re.compile(
    rf"(?mi)^\W*(?:(?:\d\d? )?(?:{_MONTH})\W+)?(?P<alone>\d{{4}})\W*$"
    r"|(?:©|\b(?:versie|datum|uitgave|verschenen|gepubliceerd)\b)\D{0,30}(?P<said>\d{4})\b"
)
_NUMBERED = re.compile(r"[\W\d]*\d[\W\d]*\s")
_NO_TITLE = frozenset(
    "inhoud inhoudsopgave inleiding voorwoord vooraf colofon samenvatting home menu".split()
)


@dataclass(frozen=True)
class Facts:
    """What an entry says of a document beside its id, file and hash; see `Source`."""

    title: str
    issuer: str
    year: int
    kind: str
    areas: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    url: str | None = None
    valid_until: date | None = None


def slug(name: str) -> str:
    """Return an id for a document called `name`: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_ID].strip("-") or "document"


def propose(
    document: DocumentText, file: Path, known_areas: Sequence[str], carried: Carried
) -> Facts:
    """Propose an entry from what a document says of itself.

    Args:
        document: as read.
        file: where it was read from; its name may tell what the text does not.
        known_areas: names of wijken and stadsdelen to look for.
        carried: what the file carries beside its text.
    """
    opening = document.text[:_OPENING_CHARS]
    named = _named(file, known_areas)
    title = _title(document, carried.title) or named
    kind = _kind(f"{title}\n{named}") or _kind(opening) or KINDS[-1]
    is_plan = kind == "gebiedsplan"
    issuer = _ISSUER.search(document.text)
    return Facts(
        title=title,
        issuer=" ".join(issuer["name"].split()) if issuer else UNKNOWN_ISSUER,
        year=_year(f"{title}\n{named}", document.text, carried.year),
        kind=kind,
        areas=_areas(f"{title}\n{named}\n{opening}", known_areas) if is_plan else (),
    )


def _named(file: Path, known_areas: Sequence[str]) -> str:
    """Return the name of a file as a title: with spaces, and areas as they are written."""
    name = " ".join(re.split(r"[\W_]+", unicodedata.normalize("NFC", file.stem))).strip()
    for area in sorted(known_areas, key=len, reverse=True):
        name = re.sub(rf"\b{re.escape(area.replace('-', ' '))}\b", area, name, flags=re.IGNORECASE)
    return name[:1].upper() + name[1:] or "Document"


def _title(document: DocumentText, titled: str) -> str:
    """Return the title that a file carries, or its first heading that is no chapter's."""
    whole = structure(document)
    first = (
        whole.mender.mend(block.start, block.end).text
        for block in whole.blocks
        if block.kind == "kop" and block.start < _OPENING_CHARS
    )
    for text in (titled, next(first, "")):
        found = " ".join(text.split())
        is_name = re.search(r"\.\w{2,4}$|^microsoft ", found, re.IGNORECASE)
        words = re.findall(r"[^\W\d_]+", found)
        usual = len(words) == 1 and words[0].casefold() in _NO_TITLE
        if words and not (is_name or usual or _NUMBERED.match(found)):
            return found[:_LONGEST_TITLE]
    return ""


def _kind(text: str) -> str:
    """Return the kind of document that is named first, or nothing."""
    found = re.search("|".join(KINDS[:-1]), text, re.IGNORECASE)
    return found[0].casefold() if found else ""


def _year(named: str, text: str, carried: int | None) -> int:
    """Return the year in a title, of a date by itself, of the file, or last in the text."""
    now = date.today().year
    dated = [match["alone"] or match["said"] for match in _DATED.finditer(text)]
    # In the text itself every year can be what it tells about; one that it keeps to is its own.
    told = Counter(year for year in _YEAR.findall(text) if int(year) <= now)
    last = max((year for year, count in told.items() if count > 1), default=str(now))
    found = [*_YEAR.findall(named), *_YEAR.findall(" ".join(dated)), str(carried or last)]
    return next((int(year) for year in found if int(year) <= now), now)


def _areas(text: str, known: Sequence[str]) -> tuple[str, ...]:
    """Return the areas that are named, in the order of the text; of two in one place the longer."""
    longest_first = sorted(known, key=len, reverse=True)
    names = "|".join(r"[\s-]+".join(map(re.escape, re.split(r"[\s-]", n))) for n in longest_first)
    by_sound = {slug(name): name for name in known}
    found = re.findall(rf"\b(?:{names})\b", text) if known else []
    return tuple(dict.fromkeys(by_sound[slug(name)] for name in found))


@dataclass(frozen=True)
class _Parts:
    """The text of a catalogue: its head, and each block with the remark above it, by id."""

    head: str
    blocks: dict[str, str]

    @property
    def content(self) -> bytes:
        text = self.head + "".join(self.blocks.values())
        # A Windows editor's line ends hold for the lines that we add too.
        return re.sub(r"\r?\n", "\r\n", text).encode() if "\r\n" in text else text.encode()


def with_entry(content: bytes, id: str, file: str, sha256: str, facts: Facts) -> bytes:
    """Return the catalogue with an entry more, at its end."""
    known = {"id": id, "file": file} | asdict(facts) | {"sha256": sha256}
    entry = {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in known.items()
        if value is not None
    }
    parts = _parts(content)
    before = parts.content.decode().rstrip()
    block = "[[bron]]\n" + tomlkit.dumps(entry)
    return _Parts(before + "\n\n" if before else "", {id: block}).content


def without_entry(content: bytes, id: str) -> bytes:
    """Return the catalogue without an entry; what it replaced gives way to what replaced it."""
    parts = _parts(content)
    removed = tomllib.loads(parts.blocks[id])["bron"][0]
    kept = {
        other: _superseded(block, id, removed.get("superseded_by"))
        for other, block in parts.blocks.items()
        if other != id
    }
    return _Parts(parts.head, kept).content


def superseded(content: bytes, old: str, new: str) -> bytes:
    """Return the catalogue in which the document `old` gave way to `new`."""
    parts = _parts(content)
    return _Parts(
        parts.head, parts.blocks | {old: _superseded(parts.blocks[old], None, new)}
    ).content


def _superseded(block: str, before: str | None, after: str | None) -> str:
    """Return a block with another `superseded_by`, if it has `before` now."""
    if tomllib.loads(block)["bron"][0].get("superseded_by") != before:
        return block
    block = re.sub(r"(?m)^[ \t]*superseded_by[ \t]*=.*\n?", "", block)
    if after is None:
        return block
    told = re.match(r"(?s).*^[ \t]*[^#\s][^\n]*", block, re.MULTILINE)
    end = told.end() if told else len(block)
    line = f"superseded_by = {tomlkit.item(after).as_string()}"
    return f"{block[:end].rstrip()}\n{line}{block[end:] or chr(10)}"


def _parts(content: bytes) -> _Parts:
    """Take the text of a catalogue apart.

    Raises:
        CatalogueError: a block cannot be read by itself.
    """
    text = content.decode("utf-8-sig")
    heads = [match.start() for match in _BLOCK.finditer(text)]
    starts = [_remark(text, before, at) for before, at in pairwise([0, *heads])]
    blocks: dict[str, str] = {}
    for start, end in pairwise([*starts, len(text)]):
        block = text[start:end]
        try:
            (entry,) = tomllib.loads(block)["bron"]
            blocks[entry["id"]] = block
        except (tomllib.TOMLDecodeError, KeyError, ValueError) as error:
            log.error("a block of the catalogue cannot be read alone: %s", error)
            reason = "de blokken [[bron]] staan er anders in dan verwacht"
            raise CatalogueError(path=CATALOGUE, reason=reason) from error
    return _Parts(text[: starts[0]] if starts else text, blocks)


def _remark(text: str, start: int, end: int) -> int:
    """Return where the remark above the block at `end` begins: after an empty line before it."""
    lines = text[start:end].splitlines(keepends=True)
    at, found = end, end
    while lines and (not lines[-1].strip() or lines[-1].lstrip().startswith("#")):
        at -= len(lines[-1])
        found = at if not lines.pop().strip() else found
    return found


@contextmanager
def changed(folder: Path, content: bytes) -> Iterator[tuple[Source, ...]]:
    """Give the documents as they are to be; the catalogue changes when the block ends well.

    What the catalogue becomes is on the disk before the block begins: that the
    disk is full is found out then, and at the end there is only a new name to give.

    Raises:
        CatalogueError: the new content is no catalogue.
        CatalogueUnwritable: the disk is full or the folder cannot be written.
    """
    sources = parse_catalogue(content, folder)
    new = folder / f".{CATALOGUE}.nieuw"
    try:
        with _writing(folder):
            _write_whole(new, content)
            if (folder / CATALOGUE).exists():
                shutil.copymode(folder / CATALOGUE, new)
        yield sources
        with _writing(folder):
            _take_place(new, folder / CATALOGUE)
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def placed(file: Path, target: Path) -> Iterator[None]:
    """Have a file in its place among the documents; undone when the block fails.

    A file that is in that folder already gets its name, and any other is copied.

    Raises:
        CatalogueUnwritable: the disk is full or the folder cannot be written.
    """
    if target.exists():  # with the same content: left there by an add that was cut short
        yield
        return
    own = file.resolve().parent == target.parent.resolve()
    new = target.with_name(f".{target.name}.nieuw")
    try:
        with _writing(target.parent):
            if not own:
                _write_whole(new, file.read_bytes())
            _take_place(file if own else new, target)
        yield
    except BaseException:
        if own and not file.exists():
            target.replace(file)
        elif not own:
            target.unlink(missing_ok=True)
        raise
    finally:
        new.unlink(missing_ok=True)


@contextmanager
def _writing(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        log.error("the folder of documents cannot be written", exc_info=error)
        raise CatalogueUnwritable(path=folder) from error


def _write_whole(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _take_place(new: Path, path: Path) -> None:
    """Give a file that is whole the place of another, for good."""
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
