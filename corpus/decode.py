"""From bytes to text, in the encodings in which Dutch documents come."""

import codecs
import logging

log = logging.getLogger(__name__)

# Text in UTF-16 holds a zero byte for nearly every letter, images and programs do not.
_WIDE_SHARE = 0.6


def decode(content: bytes) -> str:
    """Decode text: UTF-8, UTF-16 when it looks so, else the old Windows encoding."""
    wide = _wide(content)
    if wide:
        try:
            return content.decode(wide)
        except UnicodeDecodeError:
            log.warning("damaged UTF-16, read with replacement characters")
            return content.decode(wide, errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        # Five bytes mean nothing in cp1252; latin-1 keeps every byte as some character.
        return content.decode("latin-1")


def _wide(content: bytes) -> str:
    """Return the name of the UTF-16 encoding of a text, if it is in one."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = content[:2000]
    half = max(1, len(sample) // 2)
    for name, empty, full in (("utf-16-le", 1, 0), ("utf-16-be", 0, 1)):
        zeros = sample[empty::2].count(0), sample[full::2].count(0)
        if zeros[0] > _WIDE_SHARE * half and zeros[1] == 0:
            return name
    return ""
