"""From blocks to units: the sentences of one block, with the lead-in of its list."""

from dataclasses import dataclass, replace
from typing import Literal

from corpus.sentences import Sentence, sentences
from corpus.structure import Block, Structure

PassageKind = Literal["tekst", "rij", "lijst", "kaart"]


@dataclass(frozen=True)
class Unit:
    """Sentences that belong together, from one block."""

    kind: PassageKind
    start: int
    end: int
    section: tuple[str, ...]
    label: str
    sentences: tuple[Sentence, ...]

    @property
    def length(self) -> int:
        """The number of characters of its readable text."""
        return sum(len(s.text) + 1 for s in self.sentences)


def units_of(whole: Structure) -> list[Unit]:
    """Turn blocks into units of sentences; the lead-in of a list becomes its label."""
    units: list[Unit] = []
    label = ""
    previous: Block | None = None
    for block in whole.blocks:
        if block.kind == "kop" or block.kind == "kolommen":
            previous = None
            continue
        found = _sentences(whole, block)
        if not found:
            continue
        if block.kind == "punt":
            if previous is None or previous.kind != "punt":
                label = _list_label(units, previous, block, label)
            units.append(_unit(block, "lijst", block.label or label, found))
        elif block.kind == "tekst":
            units.append(_unit(block, "tekst", "", found))
        else:
            units.append(_unit(block, block.kind, block.label, found))
        previous = previous if block.aside else block
    return units


def _list_label(units: list[Unit], previous: Block | None, block: Block, before: str) -> str:
    """Return what leads in a list: a sentence, the heading, or what led in the list before."""
    if previous is None:
        return block.section[-1] if block.section else ""
    goes_on = any(u.kind == "lijst" and u.section == block.section for u in units[-4:])
    return _lead_in(units, previous) or (before if goes_on else "")


def _unit(block: Block, kind: PassageKind, label: str, found: tuple[Sentence, ...]) -> Unit:
    return Unit(kind, block.start, block.end, block.section, label, found)


def _sentences(whole: Structure, block: Block) -> tuple[Sentence, ...]:
    """Split the parts of a block into sentences."""
    found: list[Sentence] = []
    for start, end in block.parts:
        if block.whole or block.kind == "kaart":
            mended = whole.mender.mend(start, end)
            if mended.text:
                found.append(Sentence(mended.text, *mended.span(0, len(mended.text))))
        else:
            found.extend(sentences(whole.mender, start, end))
    return tuple(found)


def _lead_in(units: list[Unit], previous: Block | None) -> str:
    """Take the lead-in of a list from the text before it; its sentence joins the list."""
    if previous is None or not units or units[-1].kind not in {"tekst", "lijst"}:
        return ""
    last = units[-1]
    lead = last.sentences[-1]
    if not lead.text.endswith((":", "?")):
        return ""
    if last.kind == "tekst":
        units.pop()
        if len(last.sentences) > 1:
            rest = last.sentences[:-1]
            units.append(replace(last, end=rest[-1].end, sentences=rest))
        start = lead.start if len(last.sentences) > 1 else last.start
        units.append(replace(last, kind="lijst", start=start, label=lead.text, sentences=(lead,)))
    return lead.text
