"""Abbreviations and what they stand for: found in the documents, and listed by the maintainer."""

import json
import logging
import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import AbbreviationsError

log = logging.getLogger(__name__)

ABBREVIATIONS = "afkortingen.toml"
_HEADER = """\
# Afkortingen en waar ze voor staan. Het zoeken leest de een als de ander.
# Het inlezen zet hier bij wat de documenten zelf uitleggen, en laat staan wat er al staat.
# Verbeter een regel gerust, of zet er een bij. Klopt een afkorting niet: "BK" = []
# Voer daarna uit: python -m assistant ingest

"""
_SHORT = r"[^\W\d_][\w&.-]{1,7}"
# "buitenschoolse opvang (bso)" and "BSO (buitenschoolse opvang)".
_LONG_FIRST = re.compile(rf"([^()\n;:.!?]{{3,100}})\(({_SHORT})\)")
_SHORT_FIRST = re.compile(rf"(?<![\w-])({_SHORT}) \(([^()\n;:.!?]{{4,100}})\)")
# What no name starts with and no abbreviation is: "voor voorschoolse educatie (vve)".
_LINKS = frozenset("aan bij dat de die en het in is met of om op te tot uit van voor zo".split())


@dataclass(frozen=True)
class Abbreviation:
    """An abbreviation and the long forms that it stands for, as they are written."""

    short: str
    long: tuple[str, ...]


def find_abbreviations(texts: Iterable[str]) -> tuple[Abbreviation, ...]:
    """Return the abbreviations that texts explain, by name.

    An explanation is a long form with the abbreviation in brackets behind it,
    or the other way round, when the long form has the letters of the
    abbreviation in their order and starts with the first, as in Schwartz and
    Hearst, "A simple algorithm for identifying abbreviation definitions in
    biomedical text", PSB 2003.
    """
    found: dict[str, list[Abbreviation]] = {}
    every = list(texts)
    lower = Counter(word for text in every for word in re.findall(r"\b[a-z]{2,7}\b", text))
    for text in every:
        pairs = [(m[2], _long_before(m[2], m[1])) for m in _LONG_FIRST.finditer(text)]
        pairs += [(m[1], _long_whole(m[1], m[2])) for m in _SHORT_FIRST.finditer(text)]
        for short, long in pairs:
            if long and _is_short(short, lower):
                found.setdefault(short.casefold(), []).append(Abbreviation(short, (long,)))
    return tuple(
        Abbreviation(known[0].short, _once(sorted(long for a in known for long in a.long)))
        for _, known in sorted(found.items())
    )


def load_abbreviations(folder: Path) -> tuple[Abbreviation, ...]:
    """Read what the maintainer lists in `afkortingen.toml` in a folder; nothing without one.

    Raises:
        AbbreviationsError: the file cannot be read or is not as it should be.
    """
    path = folder / ABBREVIATIONS
    try:
        listed = tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        log.error("abbreviations unreadable: %s", error)
        raise AbbreviationsError(path=path, reason=f"het is geen geldige TOML ({error})") from error
    for short, long in listed.items():
        if not isinstance(long, list) or not all(_is_text(one) for one in long):
            reason = f"bij {short} staat geen lijst met teksten"
            raise AbbreviationsError(path=path, reason=reason)
    every = [Abbreviation(short, tuple(long)) for short, long in listed.items()]
    return completed(every, ())


def completed(
    listed: Sequence[Abbreviation], found: Sequence[Abbreviation]
) -> tuple[Abbreviation, ...]:
    """Return what is listed, and what was found and is not listed, by name."""
    by_name = {a.short.casefold(): a for a in (*found, *listed)}
    return tuple(abbreviation for _, abbreviation in sorted(by_name.items()))


def list_abbreviations(folder: Path, every: Sequence[Abbreviation]) -> tuple[Abbreviation, ...]:
    """Add to `afkortingen.toml` what is not in it yet, and leave the rest of it as it is.

    A file that cannot be written is logged: the abbreviations are searched all the same.

    Returns:
        What was added.
    """
    path = folder / ABBREVIATIONS
    listed = {a.short.casefold() for a in load_abbreviations(folder)}
    new = tuple(a for a in every if a.short.casefold() not in listed)
    if not new:
        return ()
    lines = [f"{_quoted(a.short)} = [{', '.join(map(_quoted, a.long))}]\n" for a in new]
    try:
        before = path.read_text(encoding="utf-8-sig") if path.exists() else _HEADER
        end = "" if before.endswith("\n") else "\n"
        whole = path.with_name(f".{ABBREVIATIONS}")
        whole.write_text(before + end + "".join(lines), encoding="utf-8")
        whole.replace(path)
    except OSError as error:
        log.error("the list of abbreviations cannot be written", exc_info=error)
        return ()
    return new


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)  # TOML reads it the same


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_short(short: str, lower: Counter[str]) -> bool:
    """Tell whether a word looks like an abbreviation: BSO, Wmo or bso, and not Wie or het."""
    if sum(c.isupper() for c in short) >= 2:
        return True
    if short.islower():
        return len(short) <= 3 and short not in _LINKS
    return len(short) <= 4 and not lower[short.casefold()]


def _long_before(short: str, text: str) -> str:
    """Return the end of a text that an abbreviation stands for; empty when there is none.

    The letters are looked for from the end; the first must start a word.
    """
    text = text.rstrip()
    letters = [c for c in short.casefold() if c.isalnum()]
    lowered = text.lower()
    if len(lowered) != len(text):
        return ""
    at = len(text)
    for number in range(len(letters) - 1, -1, -1):
        at -= 1
        while at >= 0 and not (
            lowered[at] == letters[number] and (number or not lowered[at - 1 : at].isalnum())
        ):
            at -= 1
        if at < 0:
            return ""
    long = text[at:]
    words = long.casefold().split()
    few = len(words) <= min(len(letters) + 5, 2 * len(letters))
    return long if few and len(long) >= 2 * len(letters) and words[0] not in _LINKS else ""


def _long_whole(short: str, text: str) -> str:
    """Return a text when an abbreviation stands for all of it, else nothing."""
    return text if _long_before(short, text) == text else ""


def _once(texts: Iterable[str]) -> tuple[str, ...]:
    """Return texts without those that differ from an earlier one in capitals alone."""
    once: dict[str, str] = {}
    for text in texts:
        once.setdefault(text.casefold(), text)
    return tuple(once.values())
