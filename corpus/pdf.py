"""From a PDF to the text of its pages."""

import io
import logging
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdf

from corpus import ocr
from corpus.errors import DocumentScanned, DocumentUnreadable
from corpus.headings import Entry, written
from corpus.layout import Paragraph, paragraphs
from corpus.marks import PageMarks
from corpus.pdf_fonts import DAMAGE, Fonts
from corpus.pdf_page import read_marks

log = logging.getLogger(__name__)

# A page with fewer letters than this holds no text of its own; a stamp or number at most.
FEWEST_LETTERS = 20
_SCAN_AREA = 0.4
_OUTLINED_PATHS = 100
# The size is the number of objects among which pypdf looks for the root.
_END = b"\nendobj\ntrailer\n<< /Size 9999 >>\nstartxref\n0\n%%EOF\n"
_FORGET_EVERY = 64
_FAILS = (*DAMAGE, RuntimeError, AssertionError, OSError, zlib.error, struct.error)


@dataclass(frozen=True)
class PdfText:
    """The text of each page, and Dutch sentences on what could not be read, or not surely."""

    pages: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Layer:
    """The text of each page, and the numbers (from 1) of pages that have none.

    `scanned` pages show something but hold no text; `failed` pages are damaged. A file that
    is not `whole` was read as far as it goes.
    """

    pages: tuple[str, ...]
    scanned: tuple[int, ...]
    failed: tuple[int, ...]
    whole: bool


def read_pdf(document: str, path: Path, on_page: Callable[[str, float], None]) -> PdfText:
    """Read a PDF page by page; scripts and other actions are never run.

    Scanned pages are recognised when ocrmypdf and tesseract are installed.

    Args:
        document: the id, for messages.
        path: the file.
        on_page: told, in Dutch, which page is read, and the share (0 to 1) that is done.

    Raises:
        DocumentUnreadable: it is protected with a password, or no page can be reached.
        DocumentScanned: no page holds text, and it cannot be recognised here.

    """
    layer = _read_layer(document, path, on_page)
    warnings = []
    if not layer.whole:
        warnings.append(
            "Het bestand is niet heel: er kunnen bladzijden ontbreken. "
            "Vraag om een nieuwe versie van de PDF."
        )
    if layer.scanned and ocr.is_installed():
        before, layer = layer, _recognised(document, path, layer, on_page)
        if now := tuple(n for n in before.scanned if n not in layer.scanned):
            warnings.append(
                f"{_named(now, 'is een scan', 'zijn scans')}. De computer heeft de tekst herkend. "
                "Er kunnen leesfouten in staan."
            )
    if all(_letters(page) < FEWEST_LETTERS for page in layer.pages):
        raise DocumentScanned(document=document, how=ocr.INSTALL)
    if layer.scanned:
        warnings.append(
            f"{_named(layer.scanned, 'is een scan', 'zijn scans')} zonder tekst en niet gelezen. "
            f"{ocr.INSTALL}."
        )
    if layer.failed:
        warnings.append(
            f"{_named(layer.failed, 'is', 'zijn')} beschadigd en niet gelezen. "
            "Vraag om een nieuwe versie van de PDF."
        )
    return PdfText(layer.pages, tuple(warnings))


def _letters(text: str) -> int:
    return sum(map(str.isalpha, text))


def _named(numbers: Sequence[int], one: str, several: str) -> str:
    """Name pages: "Bladzijde 3 is", "Bladzijden 3, 4 en 9 zijn"; a long row in part."""
    if len(numbers) == 1:
        return f"Bladzijde {numbers[0]} {one}"
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    names: list[str] = []
    for run in runs:
        names += map(str, run) if len(run) < 3 else [f"{run[0]} t/m {run[-1]}"]
    text = ", ".join(names[:-1]) + f" en {names[-1]}" if len(names) > 1 else names[0]
    return f"Bladzijden {text} {several}"


def _recognised(
    document: str, path: Path, layer: _Layer, on_page: Callable[[str, float], None]
) -> _Layer:
    """Read a PDF again after its scanned pages were recognised."""
    on_page(f"tekst herkennen op {len(layer.scanned)} gescande bladzijden", 1.0)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "herkend.pdf"
        if not ocr.recognise(path, layer.scanned, out):
            return layer
        try:
            found = _read_layer(document, out, on_page)
        except DocumentUnreadable:
            return layer
    return found if len(found.pages) == len(layer.pages) else layer


def _read_layer(document: str, path: Path, on_page: Callable[[str, float], None]) -> _Layer:
    """Read the text layer of a PDF."""
    reader, whole = _open(document, path)
    fonts = Fonts()
    found: list[list[Paragraph]] = []
    scanned: list[int] = []
    failed: list[int] = []
    count = len(reader.pages)
    for number in range(1, count + 1):
        try:
            page = read_marks(reader.pages[number - 1], fonts)
            found.append(paragraphs(page))
            if _is_scan(page):
                scanned.append(number)
        except _FAILS as error:
            log.warning("page %d of %s is damaged: %r", number, document, error)
            found.append([])
            failed.append(number)
        if number % _FORGET_EVERY == 0:
            # pypdf keeps every object that it has read; a book would not fit.
            reader.resolved_objects.clear()
        on_page(f"bladzijde {number} van {count}", number / count)
    pages = written(found, _outline(reader))
    return _Layer(tuple(pages), tuple(scanned), tuple(failed), whole)


def _open(document: str, path: Path) -> tuple[pypdf.PdfReader, bool]:
    """Open a PDF and reach its pages; tell whether the file is whole."""
    try:
        return _opened(document, pypdf.PdfReader(path)), True
    except _FAILS as error:
        log.warning("pdf damaged: %r", error)
    try:
        # With an end that names no place, pypdf looks for the objects itself.
        mended = io.BytesIO(path.read_bytes() + _END)
        return _opened(document, pypdf.PdfReader(mended)), False
    except _FAILS as error:
        log.error("pdf unreadable: %r", error)
        raise DocumentUnreadable(document=document, reason="de PDF is beschadigd") from error


def _opened(document: str, reader: pypdf.PdfReader) -> pypdf.PdfReader:
    """Reach the pages of a PDF."""
    if reader.is_encrypted and not reader.decrypt(""):
        reason = "de PDF is beveiligd met een wachtwoord"
        raise DocumentUnreadable(document=document, reason=reason)
    if not len(reader.pages):
        raise DocumentUnreadable(document=document, reason="de PDF heeft geen bladzijden")
    return reader


def _is_scan(page: PageMarks) -> bool:
    """Tell whether a page shows something, but holds no text."""
    letters = sum(char.isalpha() for run in page.runs for char in run.text)
    letters += sum(char.isalpha() for text in page.sideways for char in text)
    area = max(1.0, page.width * (page.top - page.bottom))
    shows = page.image_area > _SCAN_AREA * area or page.paths > _OUTLINED_PATHS
    return letters < FEWEST_LETTERS and shows


def _outline(reader: pypdf.PdfReader) -> dict[int, list[Entry]]:
    """Return the entries of the outline by the index of their page."""
    found: dict[int, list[Entry]] = {}
    try:
        for entry, level in _entries(reader.outline, 1):
            page = reader.get_destination_page_number(entry)
            if page is not None and entry.title:
                found.setdefault(page, []).append(Entry(str(entry.title), level))
    except _FAILS as error:
        log.warning("outline unreadable: %r", error)
    return found


def _entries(outline: Any, level: int) -> Iterator[tuple[Any, int]]:
    """Yield the entries of an outline, in order, with their level from 1."""
    for entry in outline:
        if isinstance(entry, list):
            yield from _entries(entry, level + 1)
        else:
            yield entry, level
