"""Measure how the documents of a catalogue were read: python -m corpus.measure [VOORBEELDEN].

The examples are lines of JSON: a document, a quote that stands in it once, and the section
path that a person who read the document gave it.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from corpus.checks import coverage, mid_sentence
from corpus.passages import Passage, passages
from corpus.read import DocumentText, read
from corpus.sources import load_catalogue


@dataclass(frozen=True)
class Example:
    """A place in a document and the section path that is right there."""

    document: str
    quote: str
    section: tuple[str, ...]


@dataclass(frozen=True)
class Reading:
    """A document and its passages."""

    text: DocumentText
    passages: tuple[Passage, ...]


def load_examples(path: Path) -> tuple[Example, ...]:
    """Read the examples in a file."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]
    return tuple(Example(r["document"], r["quote"], tuple(r["section"])) for r in rows)


def read_all(folder: Path) -> dict[str, Reading]:
    """Read all documents of a catalogue."""
    found = {}
    for source in load_catalogue(folder):
        text = read(source.id, source.path)
        found[source.id] = Reading(text, passages(source, text))
    return found


def wrong_sections(
    readings: Mapping[str, Reading], examples: tuple[Example, ...]
) -> Iterator[tuple[Example, tuple[str, ...]]]:
    """Yield the examples whose passage has another section path, with that path."""
    for example in examples:
        reading = readings[example.document]
        at = reading.text.text.index(example.quote)
        found = [
            passage.section
            for passage in reading.passages
            if any(sentence.start <= at < sentence.end for sentence in passage.sentences)
        ]
        if example.section not in found:
            yield example, found[0] if found else ()


def report(readings: Mapping[str, Reading]) -> Iterator[str]:
    """Yield the lines of a table: shares of the characters that are read, and cut sentences."""
    yield "| document | passages | in passages | in koppen | weggelaten | kwijt | midden in zin |"
    yield "|---|---|---|---|---|---|---|"
    for name, reading in readings.items():
        counts = coverage(reading.text, reading.passages)
        seen = max(1, counts.total - counts.blank)
        cut = {(c.start, c.end) for c in mid_sentence(reading.text, reading.passages)}
        shares = " | ".join(
            f"{100 * count / seen:.1f}%"
            for count in (counts.passage, counts.heading, counts.left_out)
        )
        yield (
            f"| {name} | {len(reading.passages)} | {shares} | {counts.lost_count} | {len(cut)} |"
        )


def main(arguments: list[str]) -> None:
    """Print the measurements of the documents that come with the program."""
    readings = read_all(Path(__file__).parent / "documents")
    lines = list(report(readings))
    if arguments:
        examples = load_examples(Path(arguments[0]))
        wrong = list(wrong_sections(readings, examples))
        lines.append(f"Sectiepad juist: {len(examples) - len(wrong)} van {len(examples)}.")
        lines += [f"- {e.quote!r}: {' › '.join(found)}" for e, found in wrong]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
