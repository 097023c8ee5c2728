"""From a file to its stored text, to which every quote points."""

import codecs
import logging
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import pypdf
from pypdf.errors import PyPdfError

from corpus.errors import DocumentMissing, DocumentUnreadable

log = logging.getLogger(__name__)

PAGE_BREAK = "\n\n"
# A page of a real document holds hundreds of letters; a scan holds none, or a stray stamp.
_FEWEST_LETTERS_PER_PAGE = 20


@dataclass(frozen=True)
class DocumentText:
    """The stored text of a document, exactly as decoded.

    `page_starts` are the offsets in `text` where pages start; empty for
    kinds of files that have no pages.
    """

    document: str
    text: str
    page_starts: tuple[int, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the page number, from 1, of a place in the text; None without pages."""
        if not self.page_starts:
            return None
        return max(1, bisect_right(self.page_starts, offset))


def read(document: str, path: Path) -> DocumentText:
    """Read the text of a document.

    Raises:
        DocumentMissing: there is no such file.
        DocumentUnreadable: it holds no text, or it is of a kind that cannot be read.

    """
    kind = path.suffix.lower()
    if kind not in {".txt", ".md", ".pdf"}:
        reason = f"{kind or 'een bestand zonder uitgang'} kan niet, alleen .txt, .md en .pdf"
        raise DocumentUnreadable(document=document, reason=reason)
    try:
        content = path.read_bytes()
    except OSError as error:
        log.error("document cannot be opened: %s", error)
        raise DocumentMissing(document=document, path=path) from error
    if not content.strip():
        raise DocumentUnreadable(document=document, reason="het bestand is leeg")
    if kind == ".pdf":
        return _read_pdf(document, path)
    text = decode(content)
    if not text.strip():
        raise DocumentUnreadable(document=document, reason="het bestand bevat geen tekst")
    if "\0" in text:
        raise DocumentUnreadable(document=document, reason="het bestand is geen tekstbestand")
    return DocumentText(document, text)


def decode(content: bytes) -> str:
    """Decode text: UTF-8, UTF-16 when it says so, else the old Windows encoding."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return content.decode("utf-16")
        except UnicodeDecodeError:
            log.warning("damaged UTF-16, read with replacement characters")
            return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        # Five bytes mean nothing in cp1252; latin-1 keeps every byte as some character.
        return content.decode("latin-1")


def _read_pdf(document: str, path: Path) -> DocumentText:
    """Read the text layer of a PDF, page by page."""
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted:
            raise DocumentUnreadable(document=document, reason="het is beveiligd of versleuteld")
        pages = [page.extract_text() for page in reader.pages]
    except DocumentUnreadable:
        raise
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        # Damaged files make pypdf fail in its own way and with plain errors of Python.
        log.error("pdf unreadable: %r", error)
        raise DocumentUnreadable(document=document, reason="de PDF is beschadigd") from error
    letters = sum(c.isalpha() for page in pages for c in page)
    if letters < _FEWEST_LETTERS_PER_PAGE * max(1, len(pages)):
        reason = "de PDF bevat (bijna) geen tekst en lijkt gescand"
        raise DocumentUnreadable(document=document, reason=reason)
    starts, offset = [], 0
    for page in pages:
        starts.append(offset)
        offset += len(page) + len(PAGE_BREAK)
    return DocumentText(document, PAGE_BREAK.join(pages), tuple(starts))
