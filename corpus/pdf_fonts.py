"""The fonts of a PDF: what each code in its strings shows, and how wide that is."""

import re
from dataclasses import dataclass
from typing import Any

from pypdf.errors import PyPdfError
from pypdf.generic import DictionaryObject, IndirectObject

# pypdf offers its decoded fonts nowhere else; the version is pinned for it.
from pypdf.generic._font import Font

# What pypdf lets through on damaged files, besides its own errors.
DAMAGE = (TypeError, ValueError, LookupError, AttributeError, ArithmeticError, PyPdfError)

_BOLD = re.compile(r"bold|black|heavy|demi", re.IGNORECASE)
_FORCE_BOLD = 1 << 18
# ISO 32000, annex D.2: codes that WinAnsi does not use show a bullet.
_UNUSED = frozenset("\x7f\x81\x8d\x8f\x90\x9d")


@dataclass(frozen=True)
class Letters:
    """A font as needed here: text and width (thousandths of the size) of each code."""

    bold: bool
    space: float
    encoding: str
    texts: tuple[str, ...]
    widths: tuple[float, ...]
    font: Font

    def decode(self, codes: bytes) -> tuple[str, float, int]:
        """Return the text, its width and its number of codes."""
        if not self.encoding:
            text = "".join([self.texts[code] for code in codes])
            return text, sum([self.widths[code] for code in codes]), len(codes)
        chars = codes.decode(self.encoding, "surrogatepass")
        shown, wide = self.font.character_map, self.font.character_widths
        usual = wide.get("default", 500)
        text = "".join([shown.get(char, char) for char in chars])
        return text, sum([float(wide.get(char, usual)) for char in chars]), len(chars)


def _letters(font: Font) -> Letters:
    bold = bool(_BOLD.search(font.name)) or bool(font.font_descriptor.flags & _FORCE_BOLD)
    texts: list[str] = []
    widths: list[float] = []
    encoding = font.encoding if isinstance(font.encoding, str) else ""
    if isinstance(font.encoding, dict):
        usual = font.character_widths.get("default", 500)
        for code in range(256):
            char = font.encoding.get(code, chr(code))
            shown = str(font.character_map.get(char, char))
            texts.append("•" if shown in _UNUSED else shown)
            width = font.character_widths.get(chr(code)) or font.character_widths.get(char)
            widths.append(float(width or usual))
    return Letters(bold, float(font.space_width), encoding, tuple(texts), tuple(widths), font)


class Fonts:
    """The fonts of one document, each decoded once."""

    def __init__(self) -> None:
        self._known: dict[int, Letters | None] = {}

    def named(self, resources: DictionaryObject) -> dict[str, Letters]:
        """Return the fonts of a page or form by the names that it gives them."""
        table = dictionary(resources.get("/Font"))
        found = {}
        for name in table:
            raw = table.raw_get(name)
            key = raw.idnum if isinstance(raw, IndirectObject) else -1
            if key not in self._known or key == -1:
                self._known[key] = self._load(raw.get_object())
            if letters := self._known[key]:
                found[str(name)] = letters
        return found

    @staticmethod
    def _load(resource: Any) -> Letters | None:
        try:
            return _letters(Font.from_font_resource(resource))
        except DAMAGE:
            return None


def dictionary(value: Any) -> DictionaryObject:
    """Return a dictionary, empty when the value is not one."""
    found = value.get_object() if value is not None else None
    return found if isinstance(found, DictionaryObject) else DictionaryObject()
