"""What went wrong with a question, told from its row in a file of results."""

from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]

UNFOUND = "bewijs niet bij de eerste 10 passages"
LATE = "bewijs op plaats 6 tot 10"
OTHER_SENTENCE = "passage gevonden, andere zin gekozen"
IN_PART = "een deel van de feiten"
IN_PART_OF_LIST = "een deel van een lijst of vergelijking"
UNPROVED = "alle feiten, maar iets verbodens of niet uit het bewijs"
SILENT = "onterecht gezwegen"
FAULT = "fout in het programma"
# Kinds of gold questions that ask for several things.
_LISTS = ("lijst", "vergelijking")


def cause(row: Row) -> str:
    """Return in a few Dutch words what went wrong; empty where nothing did.

    The first that holds counts: an answer cannot be right when its evidence was not found.
    """
    if not row["failed"]:
        return ""
    scores = row["scores"]
    if row["record"]["status"] == "error":
        return FAULT
    if not row["answerable"]:
        return f"antwoord op wat er niet staat: {row['kind']}"
    if not scores["hit@10"]:
        return UNFOUND
    if not scores["hit@5"]:
        return LATE
    if scores.get("false_abstention"):
        return SILENT
    if not scores.get("fact_recall"):
        return OTHER_SENTENCE
    if scores["fact_recall"] < 1:
        return IN_PART_OF_LIST if row["kind"] in _LISTS else IN_PART
    return UNPROVED
