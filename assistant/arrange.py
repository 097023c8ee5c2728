"""The order in which chosen evidence is told, with what it needs to be understood."""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assistant.evidence import Evidence

# Of a list no longer than this many words all items are told.
LIST_WORDS = 200

# How a sentence begins that speaks of what the one before it names.
_LEANS = re.compile(
    r"(die|deze|dit|dat|zij|ze|hij|hun|hier(mee|door|voor|bij|van|in)|daar(mee|door|voor|bij|van|in))\b",
    re.IGNORECASE,
)


def arrange(chosen: Sequence["Evidence"], scored: Sequence["Evidence"]) -> tuple["Evidence", ...]:
    """Return the chosen evidence as it is told.

    The passage of the best comes first. Of a passage the best sentence comes first, with the
    one it leans on, then the others as they stand there; a list keeps its order, and comes
    whole when most of what was chosen is in it.

    Args:
        chosen: the evidence, best first.
        scored: what it was chosen from.
    """
    whole = _whole_list(_with_antecedents(chosen, scored), scored)
    order = list(dict.fromkeys(e.hit.passage.id for e in whole))
    placed = sorted(whole, key=lambda e: (order.index(e.hit.passage.id), e.start))
    told = []
    for _, own in groupby(placed, key=lambda e: e.hit.passage.id):
        told += _best_first(list(own))
    return tuple(told)


def _best_first(own: Sequence["Evidence"]) -> list["Evidence"]:
    """Return evidence of one passage, in its order, with the best of it in front."""
    if own[0].hit.passage.kind == "lijst":
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


def _whole_list(chosen: list["Evidence"], scored: Sequence["Evidence"]) -> list["Evidence"]:
    """Return the chosen evidence, with all items of the list that most of it comes from.

    Two items of five read as if they were all of them.
    """
    if not chosen or chosen[0].hit.passage.kind != "lijst":
        return chosen
    list_id = chosen[0].hit.passage.id
    inside = [e for e in chosen if e.hit.passage.id == list_id]
    if 2 * len(inside) < len(chosen) or len(inside) < 2:
        return chosen
    items = [e for e in scored if e.hit.passage.id == list_id]
    return items if sum(len(e.text.split()) for e in items) <= LIST_WORDS else chosen
