"""Word documents and web pages to markdown: headings, lists, tables and links stay."""

import io
import logging
import re
import zipfile
import zlib
from xml.parsers.expat import ExpatError

import mammoth
from bs4 import BeautifulSoup, Tag
from bs4.dammit import EncodingDetector
from markdownify import ATX, MarkdownConverter

from corpus.decode import decode
from corpus.errors import DocumentUnreadable
from corpus.html_tables import line_ends, plain_table

log = logging.getLogger(__name__)

_MEGABYTE = 1_000_000
_LARGEST = 200 * _MEGABYTE
# The tree of a part takes some twenty times its size in memory.
_LARGEST_PART = 40 * _MEGABYTE
_HIGHEST_RATIO = 200
# What zipfile, expat and mammoth raise on a damaged file.
_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ExpatError,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    AttributeError,
    TypeError,
    RuntimeError,
)
_OLD_WORD = b"\xd0\xcf\x11\xe0"
# Mammoth knows the English names; other programs write the Dutch ones.
_STYLES = "\n".join(
    [f"p[style-name='Kop {level}'] => h{level}:fresh" for level in range(1, 7)]
    + [f"p[style-name='{name}'] => h1:fresh" for name in ("Title", "Titel")]
)
_UNSEEN = (
    "head, script, style, noscript, template, nav, form, button, svg, iframe, object, dialog, "
    "[hidden], [aria-hidden=true], [role=navigation], [role=banner], [role=contentinfo], "
    "[role=search]"
)
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_OUTSIDE = re.compile(r"https?:|mailto:|tel:", re.IGNORECASE)


def read_docx(document: str, content: bytes) -> str:
    """Read a Word document as markdown.

    Raises:
        DocumentUnreadable: it is no Word document, damaged, protected or far too big.

    """
    if content.startswith(_OLD_WORD):
        reason = "het is beveiligd met een wachtwoord of gemaakt met een oude Word (.doc)"
        raise DocumentUnreadable(document=document, reason=reason)
    try:
        _check_size(document, content)
        result = mammoth.convert_to_html(
            io.BytesIO(content),
            style_map=_STYLES,
            convert_image=mammoth.images.img_element(lambda _: {}),
        )
    except DocumentUnreadable:
        raise
    except _DAMAGE as e:
        log.error("docx unreadable: %r", e)
        reason = "het Word-bestand is beschadigd"
        raise DocumentUnreadable(document=document, reason=reason) from e
    return _markdown(BeautifulSoup(result.value, "html.parser"))


def _check_size(document: str, content: bytes) -> None:
    """Refuse a file that would fill the memory when it is unpacked."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
    if not any(part.filename == "word/document.xml" for part in parts):
        raise DocumentUnreadable(document=document, reason="het is geen Word-document")
    total = sum(part.file_size for part in parts)
    texts = [part for part in parts if part.filename.lower().endswith((".xml", ".rels"))]
    bomb = any(
        part.file_size > _MEGABYTE and part.file_size > _HIGHEST_RATIO * part.compress_size
        for part in parts
    )
    if bomb or total > _LARGEST or sum(part.file_size for part in texts) > _LARGEST_PART:
        raise DocumentUnreadable(
            document=document, reason="het Word-bestand is uitgepakt veel te groot"
        )


def read_html(document: str, content: bytes) -> str:
    """Read a web page as markdown, without its menus, scripts and hidden parts.

    Raises:
        DocumentUnreadable: it is no web page.

    """
    sample = content[:4096]
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in sample and not wide:
        raise DocumentUnreadable(document=document, reason="het is geen webpagina")
    if wide or EncodingDetector.find_declared_encoding(content, is_html=True):
        return _markdown(BeautifulSoup(content, "html.parser"))
    return _markdown(BeautifulSoup(decode(content), "html.parser"))


def _markdown(page: BeautifulSoup) -> str:
    """Write a page as markdown, with what people see of it."""
    for tag in page.select(_UNSEEN):
        tag.decompose()
    for tag in page.find_all(style=_HIDDEN):
        tag.decompose()
    titles = page.find_all("h1")
    for tag in page.find_all(["header", "footer"]):
        _take_out(tag, titles)
    for tag in page.find_all("a"):
        if not _OUTSIDE.match(str(tag.get("href", ""))):
            tag.unwrap()
    for tag in page.find_all("table"):
        plain_table(tag)
    for text in page.find_all(string=re.compile(r"\|")):
        if text.find_parent(["td", "th"]):
            text.replace_with(text.replace("|", r"\|"))
    converter = MarkdownConverter(
        heading_style=ATX,
        bullets="-",
        strip=["img"],
        autolinks=True,
        escape_asterisks=False,
        escape_underscores=False,
        escape_misc=False,
        table_infer_header=True,
    )
    written = line_ends(str(converter.convert_soup(page)).replace("\0", ""))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+$", "", written, flags=re.MULTILINE)).strip()


def _take_out(tag: Tag, titles: list[Tag]) -> None:
    """Take out a head or foot of the whole page; the only title of the page stays."""
    if tag.decomposed or tag.find_parent(["article", "main", "section"]):
        return
    title = tag.find("h1") if len(titles) == 1 else None
    if isinstance(title, Tag):
        tag.replace_with(title.extract())
    else:
        tag.decompose()
