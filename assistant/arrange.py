"""How chosen evidence is told: in what order, with what it needs, and each thing once."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from corpus.passages import Passage
from index.store import Index, are_one_list
from index.text import tokens

if TYPE_CHECKING:
    from assistant.evidence import Evidence, Room

# Of a list no longer than this many words all items are told, when so many of them were
# chosen, or two and half of what was.
LIST_WORDS = 200
ITEMS = 3
# When at least half of a list was chosen, what is left of it is told too, of so many words.
REST_WORDS = 60

# Share of the terms of the shorter sentence that stand in the other: then it is told already.
REPEATED = 0.8
_DENIALS = frozenset(tokens("niet geen nooit zonder"))

# How a sentence begins that speaks of what the one before it names.
_LEANS = re.compile(
    r"((ook )?(die|deze|dit|dat|zij|ze|hij|hun)|daarnaast|hier(mee|door|voor|bij|van|in)|daar(mee|door|voor|bij|van|in))\b",
    re.IGNORECASE,
)


def arrange(
    index: Index, chosen: Sequence["Evidence"], scored: Sequence["Evidence"], room: "Room"
) -> tuple["Evidence", ...]:
    """Return the chosen evidence as it is told.

    The passage of the best comes first. Of a passage the best sentence comes first, with the
    one it leans on, then the others as they stand there. A list of which half was chosen comes
    whole. When several things are asked for, a list keeps its order, and comes whole too when
    the best is one of its items and enough others were chosen.

    Args:
        index: what the passages are of.
        chosen: the evidence, best first.
        scored: what it was chosen from.
        room: beside a whole list other evidence has what is left of it.
    """
    whole = list(chosen)
    if room.several:
        whole = _whole_list(index, whole, scored, room.words)
    whole = _completed(index, whole, scored)
    whole = _with_antecedents(whole, scored)
    order = list(dict.fromkeys(e.hit.passage.id for e in whole))
    placed = sorted(whole, key=lambda e: (order.index(e.hit.passage.id), e.start))
    told = []
    for _, own in groupby(placed, key=lambda e: e.hit.passage.id):
        told += _best_first(list(own), room)
    return tuple(told)


def _best_first(own: Sequence["Evidence"], room: "Room") -> list["Evidence"]:
    """Return evidence of one passage, in its order, with the best of it in front."""
    if own[0].hit.passage.kind == "lijst" and room.several:
        return list(own)
    units: list[list[Evidence]] = []
    for evidence in own:
        if units and _leans_on(evidence, units[-1][-1]):
            units[-1].append(evidence)
        else:
            units.append([evidence])
    best = max(units, key=lambda unit: max(e.score for e in unit))
    return [*best, *(e for unit in units if unit is not best for e in unit)]


def _with_antecedents(
    chosen: Sequence["Evidence"], scored: Sequence["Evidence"]
) -> list["Evidence"]:
    """Return the chosen evidence, with the sentence before each that leans on it ("Die leest ...")."""
    found = list(chosen)
    for evidence in chosen:
        found += [e for e in scored if _leans_on(evidence, e) and e not in found]
    return found


def _leans_on(evidence: "Evidence", before: "Evidence") -> bool:
    """Tell whether a sentence speaks of what another names, which stands right before it."""
    if evidence.hit.passage.id != before.hit.passage.id or not _LEANS.match(evidence.text):
        return False
    starts = [sentence.start for sentence in evidence.hit.passage.sentences]
    return (before.start, evidence.start) in pairwise(starts)


def _whole_list(
    index: Index, chosen: list["Evidence"], scored: Sequence["Evidence"], room: int
) -> list["Evidence"]:
    """Return the chosen evidence, with all items of the list that the best of it is from.

    Two items of five read as if they were all of them.
    """
    if not chosen or chosen[0].hit.passage.kind != "lijst":
        return chosen
    items = _items(index, chosen[0], scored)
    places = {_place(e) for e in items}
    others = [e for e in chosen if _place(e) not in places]
    inside = len(chosen) - len(others)
    words = sum(len(e.text.split()) for e in items)
    if words > LIST_WORDS or inside < min(ITEMS, max(2, len(others))):
        return chosen
    for evidence in others:
        size = len(evidence.text.split())
        if words + size <= room:
            items.append(evidence)
            words += size
    return items


def _completed(
    index: Index, chosen: Sequence["Evidence"], scored: Sequence["Evidence"]
) -> list["Evidence"]:
    """Return the chosen evidence, with what is left of each list that half of was chosen."""
    found = list(chosen)
    lists = [e for e in chosen if e.hit.passage.kind == "lijst"]
    for evidence in lists:
        items = _items(index, evidence, scored)
        known = {_place(e) for e in found}
        rest = [e for e in items if _place(e) not in known]
        inside = len(items) - len(rest)
        if 2 <= inside >= len(rest) and sum(len(e.text.split()) for e in rest) <= REST_WORDS:
            found += rest
    return found


def _items(index: Index, one: "Evidence", scored: Sequence["Evidence"]) -> list["Evidence"]:
    """Return all items of the list that one of them is from, in order, also where it goes on."""
    known = {_place(e): e for e in scored}
    found = []
    for passage in index.whole_list(one.hit.passage):
        hit = replace(one.hit, passage=passage)
        for s in passage.sentences:
            label = label_of(passage, s.text)
            item = replace(
                one, hit=hit, start=s.start, end=s.end, text=s.text, label=label, score=0.0
            )
            if not announces(passage, s.text):
                found.append(known.get(_place(item), item))
    return found


def announces(passage: Passage, text: str) -> bool:
    """Tell whether a sentence is the lead-in of its passage, or of what follows it."""
    return text.endswith(":") or text.rstrip(": ") == passage.label.rstrip(": ")


def label_of(passage: Passage, text: str) -> str:
    """Return the label that a sentence needs, none when it begins with it."""
    # The long first cell of a row is its label too, cut off.
    is_own = text.startswith(passage.label.split(" – ")[0].rstrip("… "))
    return "" if is_own else passage.label


def _place(evidence: "Evidence") -> tuple[str, int]:
    return evidence.hit.passage.document, evidence.start


def is_told(evidence: "Evidence", other: "Evidence") -> bool:
    """Tell whether other evidence says the same; two items of one list never do."""
    own, its = evidence.hit.passage, other.hit.passage
    are_items = own.kind == "lijst" and (own.id == its.id or are_one_list(own, its))
    return not are_items and repeats(evidence.text, other.text)


def repeats(one: str, other: str) -> bool:
    """Tell whether two sentences say the same; with another number or a "niet" they differ."""
    short, long = sorted((set(tokens(one)), set(tokens(other))), key=len)
    if not short or len(short & long) / len(short) < REPEATED:
        return False
    if any(c.isdigit() for term in short - long for c in term):
        return False
    return not _DENIALS & (short ^ long)
