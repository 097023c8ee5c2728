"""The rivals: other ways to answer, on the same documents, models and machine.

Each is opened by name from RIVALS and tuned no worse than a user would.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from assistant.answer_model import Turn
from assistant.settings import Settings
from evals.baselines import bm25, haystack_rag, llamaindex, own


class Rival(Protocol):
    """What the run asks of a rival. `name` is its key in RIVALS."""

    @property
    def name(self) -> str:
        """What readers call it."""
        ...

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Return the answer record in the exchange format."""
        ...

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Return the `passages` of the record alone; quick."""
        ...


# Openers raise a WegwijzerError when something that the rival needs is not there.
RIVALS: Mapping[str, Callable[[Settings], Rival]] = {
    llamaindex.STARTER: llamaindex.open_starter,
    haystack_rag.NAME: haystack_rag.open_haystack,
    bm25.NAME: bm25.open_bm25,
    bm25.DUTCH: bm25.open_dutch,
    llamaindex.DENSE: llamaindex.open_dense,
    own.UNCHECKED: own.open_unchecked,
    own.QUOTES: own.open_quotes,
}
