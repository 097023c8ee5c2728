"""What a PDF says of itself beside its text: a title, and when it was made."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pypdf

from corpus.pdf_fonts import DAMAGE

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Carried:
    """What a file carries beside its text; programs fill it in, so it can be wrong."""

    title: str = ""
    year: int | None = None


def carried(path: Path) -> Carried:
    """Return what a file carries; nothing for files other than PDFs."""
    if path.suffix.lower() != ".pdf":
        return Carried()
    try:
        reader = pypdf.PdfReader(path)
        if reader.is_encrypted:
            reader.decrypt("")
        found = reader.metadata
        made = found.creation_date if found else None
        return Carried((found.title or "") if found else "", made.year if made else None)
    except (*DAMAGE, OSError) as error:
        log.info("no facts in the PDF: %r", error)
        return Carried()
