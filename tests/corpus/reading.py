"""A short text as it is read: its passages, their sections, and what was left out."""

from pathlib import Path

from corpus.passages import Passage, furniture, passages
from corpus.read import DocumentText
from corpus.sources import Source

LONG = "Dit is een zin van een gewone lengte over de opvang van jonge kinderen in de wijk. "


def read(text: str, page_starts: tuple[int, ...] = ()) -> tuple[Passage, ...]:
    source = Source(
        "plan", "Plan", "onbekend", "gebiedsplan", 2025, (), (), None, "", Path("plan.txt"), None
    )
    return passages(source, DocumentText("plan", text, page_starts))


def left_out(text: str, page_starts: tuple[int, ...] = ()) -> dict[str, str]:
    found = furniture(DocumentText("plan", text, page_starts))
    return {text[part.start : part.end].strip(): part.reason for part in found}


def sections(text: str) -> list[tuple[str, ...]]:
    return [passage.section for passage in read(text)]
