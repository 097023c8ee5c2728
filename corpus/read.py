"""From a file to its stored text, to which every quote points."""

import logging
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import office, pdf
from corpus.decode import decode
from corpus.errors import DocumentMissing, DocumentUnreadable

log = logging.getLogger(__name__)

PAGE_BREAK = "\n\n"
KINDS = (".txt", ".md", ".pdf", ".docx", ".html", ".htm")
_KINDS_SAID = ".txt, .md, .pdf, .docx en .html"
# The first bytes of the usual kinds of images.
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BM", b"RIFF")
# A PDF may start with some other bytes; readers look this far.
_PDF_HEAD = 1024


@dataclass(frozen=True)
class DocumentText:
    """The stored text of a document, exactly as decoded.

    `page_starts` are the offsets in `text` where pages start; empty for
    kinds of files that have no pages. `warnings` say, in Dutch sentences,
    what could not be read or may be read wrongly.
    """

    document: str
    text: str
    page_starts: tuple[int, ...] = ()
    warnings: tuple[str, ...] = ()

    def page_at(self, offset: int) -> int | None:
        """Return the page number, from 1, of a place in the text; None without pages."""
        if not self.page_starts:
            return None
        return max(1, bisect_right(self.page_starts, offset))


def read(
    document: str, path: Path, on_page: Callable[[str, float], None] = lambda _text, _share: None
) -> DocumentText:
    """Read the text of a document.

    Args:
        document: its id.
        path: the file.
        on_page: told, in Dutch, which page of a PDF is read, and the share (0 to 1) done.

    Raises:
        DocumentMissing: there is no such file.
        DocumentUnreadable: it holds no text, or it is of a kind that cannot be read.

    """
    kind = path.suffix.lower()
    if kind not in KINDS:
        reason = f"{kind or 'een bestand zonder uitgang'} kan niet, alleen {_KINDS_SAID}"
        raise DocumentUnreadable(document=document, reason=reason)
    try:
        content = path.read_bytes()
    except OSError as error:
        log.error("document cannot be opened: %s", error)
        raise DocumentMissing(document=document, path=path) from error
    if not content.strip():
        raise DocumentUnreadable(document=document, reason="het bestand is leeg")
    if kind == ".pdf":
        return _read_pdf(document, path, content[:_PDF_HEAD], on_page)
    text = _text(document, kind, content)
    if not text.strip():
        raise DocumentUnreadable(document=document, reason="het bestand bevat geen tekst")
    return DocumentText(document, text)


def _text(document: str, kind: str, content: bytes) -> str:
    """Return the text of a file without pages."""
    if kind in {".txt", ".md"}:
        text = decode(content)
        if "\0" in text:
            raise DocumentUnreadable(document=document, reason="het bestand is geen tekstbestand")
        return text
    if kind == ".docx":
        return office.read_docx(document, content)
    return office.read_html(document, content)


def _read_pdf(
    document: str, path: Path, head: bytes, on_page: Callable[[str, float], None]
) -> DocumentText:
    """Read a PDF and put its pages behind each other."""
    if b"%PDF-" not in head:
        kind = "een afbeelding" if head.startswith(_IMAGES) else "iets anders"
        raise DocumentUnreadable(document=document, reason=f"het is geen PDF maar {kind}")
    found = pdf.read_pdf(document, path, on_page)
    starts, offset = [], 0
    for page in found.pages:
        starts.append(offset)
        offset += len(page) + len(PAGE_BREAK)
    return DocumentText(document, PAGE_BREAK.join(found.pages), tuple(starts), found.warnings)
