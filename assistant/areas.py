"""The wijken and stadsdelen that a text names, also misspelt."""

import re
import tomllib
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import cache, lru_cache
from pathlib import Path

from index.text import fold, words

# A slip of one letter in a name of eight letters gives 0.88, of two in twelve 0.83.
NAME_LIKENESS = 0.83
# Shorter names have everyday words a letter away (Laak, raak).
MIN_NAME = 6
# A street may be called after a place it is not in ("Laan van ...").
_STREET = re.compile(r"\b(laan|kade|singel|dreef) van (de |den |het )?[\w-]+", re.IGNORECASE)
_TO_A_PLACE = frozenset("in van uit te bij voor rond wijk stadsdeel en of".split())


def named_areas(text: str, areas: Iterable[str]) -> frozenset[str]:
    """Return the areas that a text names, also misspelt ("Leijenburg", "iepenburg")."""
    areas = tuple(areas)
    known = _known(areas)
    spoken = [_corrected(_sound(word), known) for word in _parts(_without_streets(text))]
    return frozenset(area for area in areas if _is_named(area, spoken))


def area_spans(text: str, areas: Sequence[str]) -> list[tuple[int, int]]:
    """Return where a text names areas: ranges of `text.split()`, in order."""
    typed = _without_streets(text).split()
    areas = tuple(areas)
    single = [_names_one(word, areas) for word in typed]
    spans = []
    for n, is_named in enumerate(single):
        if is_named:
            spans.append((n, n + 1))
        elif not any(single[n : n + 2]) and _names_one(" ".join(typed[n : n + 2]), areas):
            # "Wateringse Veld": neither word is a name by itself.
            spans.append((n, n + 2))
    return spans


def _without_streets(text: str) -> str:
    """Return a text, of as many words, without the names of streets that look like a place."""
    return _STREET.sub(lambda street: re.sub(r"\S+", ".", street.group()), text)


@lru_cache(maxsize=20_000)
def _names_one(phrase: str, areas: tuple[str, ...]) -> bool:
    return bool(named_areas(phrase, areas))


def moved(text: str, place: str, areas: Sequence[str]) -> str:
    """Return a text with the areas it names replaced by another place; added when it names none."""
    spans = area_spans(text, areas)
    if not spans:
        return f"{text} in {place}"
    typed = text.split()
    for start, end in reversed(spans[1:]):
        while typed[start - 1].casefold() in _TO_A_PLACE:
            start -= 1
        del typed[start:end]
    start, end = spans[0]
    if len(spans) > 1 and typed[start - 1].casefold() not in _TO_A_PLACE:
        place = f"in {place}"  # "..., Rustenburg of Leyenburg?" compared them
    tail = re.search(r"[,:;]$", typed[end - 1])
    typed[start:end] = [place + (tail.group() if tail and end < len(typed) else "")]
    return " ".join(typed)


@cache
def everywhere(areas: tuple[str, ...]) -> tuple[str, ...]:
    """Return names of areas with those of all of Den Haag."""
    return tuple(dict.fromkeys((*areas, *hague_areas())))


@cache
def hague_areas() -> tuple[str, ...]:
    """Return the stadsdelen and wijken of Den Haag, covered by a document or not."""
    with Path(__file__).with_name("wijken.toml").open("rb") as file:
        stadsdelen = tomllib.load(file)
    return tuple([*stadsdelen, *(wijk for wijken in stadsdelen.values() for wijk in wijken)])


@cache
def _known(areas: tuple[str, ...]) -> frozenset[str]:
    return frozenset(_sound(word) for area in (*areas, *hague_areas()) for word in _parts(area))


def _parts(text: str) -> list[str]:
    return [part for word in words(text) for part in word.split("-") if part]


def _is_named(area: str, spoken: list[str]) -> bool:
    for wanted in _sounds(area):
        size = len(wanted)
        if any(spoken[n : n + size] == wanted for n in range(len(spoken) - size + 1)):
            return True
    return False


@cache
def _sounds(area: str) -> tuple[list[str], ...]:
    # One half of a double name is enough: "Rustenburg" names Rustenburg-Oostbroek.
    return tuple([_sound(word) for word in words(name)] for name in area.split("-"))


@lru_cache(maxsize=10_000)
def _corrected(word: str, known: frozenset[str]) -> str:
    """Return the name that a word is a slip of, or the word itself."""
    if word in known or len(word) < MIN_NAME:
        return word
    likeness, name = max(
        (SequenceMatcher(None, name, word).ratio(), name) for name in known if len(name) >= MIN_NAME
    )
    return name if likeness >= NAME_LIKENESS else word


def _sound(word: str) -> str:
    """Return a word with the ways to write one Dutch sound made equal (ij, ei, ey, ie at the start)."""
    plain = re.sub(r"^ie", "y", fold(word))
    return re.sub(r"eij|ij|ei|ey", "y", plain)
