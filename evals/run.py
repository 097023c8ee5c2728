"""Measure systems on the gold questions: ours, and its rivals on the same documents."""

import hashlib
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Protocol

from tqdm import tqdm

from assistant.answer_model import Turn
from assistant.settings import Settings
from corpus.errors import InputFileError, WegwijzerError
from evals import results
from evals.gold import Gold
from evals.report import Outcome, score, score_retrieval, summarise
from evals.results import Partial

if TYPE_CHECKING:
    from assistant.ask import Assistant

log = logging.getLogger(__name__)

QUOTES = "wegwijzer-citaten"
OURS = {QUOTES: "quotes", "wegwijzer-local": "local", "wegwijzer-server": "server"}
# No measure looks further.
KEPT_PASSAGES = 10


class System(Protocol):
    """What can be measured."""

    @property
    def name(self) -> str:
        """What readers call it."""
        ...

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Return an answer record of the exchange format."""
        ...

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Return the ranked passages of a record alone."""
        ...


class Wegwijzer:
    """Our own assistant, as one of the systems."""

    def __init__(self, name: str, assistant: "Assistant") -> None:
        self.name = name
        self.assistant = assistant

    def record(self, id: str, question: str, history: Sequence[Turn]) -> dict[str, Any]:
        """Ask, as a user would."""
        return self.assistant.ask(question, history).to_record(id)

    def retrieve(self, question: str, history: Sequence[Turn]) -> list[dict[str, Any]]:
        """Search only."""
        from assistant.answer import Answer

        hits = self.assistant.retrieve(question, history)
        passages: list[dict[str, Any]] = Answer(question, "answered", hits=hits).to_record()[
            "passages"
        ]
        return passages


@dataclass(frozen=True)
class Plan:
    """What to measure.

    `systems`: names, or empty for all; `only`: "retrieval" or empty; `again`: also
    what was measured before on this commit; `limit`: a sample of so many questions,
    0 for all.
    """

    gold: Path
    split: str = "all"
    only: str = ""
    systems: tuple[str, ...] = ()
    folder: Path = results.FOLDER
    again: bool = False
    limit: int = 0


def run(plan: Plan, golds: Sequence[Gold], settings: Settings) -> None:
    """Measure every system of the plan and write its file of results.

    A system that misses something is passed over, and that is said on stderr.

    Raises:
        InputFileError: a name is no system.
        WegwijzerError: our own index or embedder is missing.
    """
    from assistant.ask import Assistant

    base = Assistant.open(settings.model_copy(update={"model": "quotes"}))
    text_of = known_text(base)
    shared = _head(plan, settings)
    for name, opener in _chosen(plan, base, settings).items():
        head = {"system": name, "model": OURS.get(name, settings.model), **shared}
        drawn = f"steekproef{plan.limit}" if plan.limit else ""
        what = "-".join(filter(None, (name, plan.only and "zoeken", _part(plan.split), drawn)))
        partial = Partial(plan.folder / f"{what}-{head['commit']}.json", head)
        if partial.done and not plan.again:
            print(f"{name} is al gemeten: {partial.path.name}", file=sys.stderr)
            continue
        started = perf_counter()
        try:
            system = opener(settings)
        except WegwijzerError as error:
            log.info("%s cannot be opened", name, exc_info=error)
            print(f"{name} is niet gemeten: {error} {error.advice}", file=sys.stderr)
            continue
        opened = round(perf_counter() - started, 1)
        partial.begin()
        outcomes = list(_measure(system, golds, partial, plan, text_of))
        summary = summarise(outcomes)
        if summary["errors"] == len(outcomes):
            print(f"{name} is niet gemeten: elke vraag gaf een fout.", file=sys.stderr)
            partial.partial.unlink()
            continue
        del summary["failures"]  # they are in the rows
        models = sorted({o.record["model"] for o in outcomes if o.record["model"]})
        partial.finish({**summary, "models": models, "open_s": opened})


def _part(split: str) -> str:
    return "" if split == "all" else split


def _chosen(
    plan: Plan, base: "Assistant", settings: Settings
) -> dict[str, Callable[[Settings], System]]:
    """Return the systems to measure; without names all but those that are ours by another name."""
    # Late: it imports the libraries of the rivals.
    from evals.baselines import RIVALS, haystack_rag, llamaindex, own

    systems: dict[str, Callable[[Settings], System]] = {**_ours(base, plan, settings), **RIVALS}
    unknown = set(plan.systems) - set(systems) - set(OURS)
    if unknown:
        known = ", ".join({**OURS, **systems})
        raise InputFileError(path=min(unknown), reason=f"zo heet geen systeem; kies uit {known}")
    for name in plan.systems:
        if name in OURS:
            systems[name] = _opener(name, base)
    if plan.systems:
        return {name: systems[name] for name in plan.systems}
    passed = {own.QUOTES}
    if plan.only == "retrieval":
        # These make an index of their own first, which takes a minute or more.
        slow = [llamaindex.STARTER, llamaindex.DENSE, haystack_rag.NAME]
        print(
            f"Overgeslagen, want traag te openen: {', '.join(slow)} (kies met --system).",
            file=sys.stderr,
        )
        passed |= {own.UNCHECKED, *slow}
    return {name: opener for name, opener in systems.items() if name not in passed}


def _ours(
    base: "Assistant", plan: Plan, settings: Settings
) -> dict[str, Callable[[Settings], System]]:
    """Quotes and the answer model that is set up; quotes alone when only searching is measured."""
    if plan.only == "retrieval" or settings.model == "quotes":
        names = [QUOTES]
    elif settings.model == "auto":
        names = [QUOTES, "wegwijzer-server" if settings.model_url else "wegwijzer-local"]
    else:
        names = [f"wegwijzer-{settings.model}"]
    return {name: _opener(name, base) for name in names}


def _opener(name: str, base: "Assistant") -> Callable[[Settings], System]:
    def opened(settings: Settings) -> Wegwijzer:
        from assistant.answer_model import open_model
        from assistant.ask import Assistant

        model = open_model(settings.model_copy(update={"model": OURS[name]}))
        assistant = Assistant(base.index, base.embedder, model, reader=base.reader)
        assistant.warm_up()
        return Wegwijzer(name, assistant)

    return opened


def known_text(assistant: "Assistant") -> Callable[[str], str]:
    """Return what gives the stored text of a document, empty for one that does not exist."""

    def text_of(document: str) -> str:
        return assistant.document_text(document) if document in assistant.index.documents else ""

    return text_of


def _head(plan: Plan, settings: Settings) -> dict[str, Any]:
    """Return what is the same for all rows; a run with another head does not go on with them."""
    places = {"documents_dir", "index_dir", "chroma_url", "cache_dir", "model_url"}
    shown = {"host", "port", "log_level"}
    public = settings.model_dump(mode="json", exclude={*places, *shown, "model_key"})
    return {
        "commit": results.commit(),
        "machine": results.machine(),
        "settings": public,
        "gold": plan.gold.name,
        "gold_sha256": hashlib.sha256(plan.gold.read_bytes()).hexdigest(),
        "split": plan.split,
        "only": plan.only,
        "limit": plan.limit,
    }


def _measure(
    system: System,
    golds: Sequence[Gold],
    partial: Partial,
    plan: Plan,
    text_of: Callable[[str], str],
) -> Iterator[Outcome]:
    """Yield the outcome of every question; those that were measured before are not asked again."""
    done = {row["id"]: row for row in partial.rows}
    for gold in tqdm(golds, desc=f"{system.name:<24}", unit="vraag", disable=None):
        if gold.id in done:
            yield Outcome(gold, done[gold.id]["record"], done[gold.id]["scores"])
            continue
        if plan.only == "retrieval":
            record = retrieved(system, gold)
            scores = score_retrieval(gold, record)
        else:
            record = asked(system, gold)
            scores = score(gold, record, text_of)
        outcome = Outcome(gold, record, scores)
        partial.add(row(outcome))
        yield outcome


def asked(system: System, gold: Gold) -> dict[str, Any]:
    """Return the record of a question; an error of ours becomes one with status "error"."""
    try:
        # As JSON gives it back: what is scored is what is stored.
        record: dict[str, Any] = json.loads(
            json.dumps(system.record(gold.id, gold.question, gold.history))
        )
        return record
    except WegwijzerError as error:
        log.error("%s failed on %s", system.name, gold.id, exc_info=error)
        return _record(gold, "error", answer=f"{error} {error.advice}")


def retrieved(system: System, gold: Gold) -> dict[str, Any]:
    """Return a record that holds the passages and the time they took."""
    started = perf_counter()
    try:
        passages = system.retrieve(gold.question, gold.history)
    except WegwijzerError as error:
        return _record(gold, "error", answer=f"{error} {error.advice}")
    return _record(gold, "answered", passages, retrieve=(perf_counter() - started) * 1000)


def _record(
    gold: Gold,
    status: str,
    passages: Sequence[dict[str, Any]] = (),
    answer: str = "",
    retrieve: float = 0.0,
) -> dict[str, Any]:
    return {
        "id": gold.id,
        "question": gold.question,
        "status": status,
        "answer": answer,
        "statements": [],
        "citations": [],
        "passages": list(passages),
        "model": "",
        "timings_ms": {"retrieve": round(retrieve, 1), "first": 0.0, "total": 0.0},
    }


def row(outcome: Outcome) -> dict[str, Any]:
    """Return one row of a file of results: enough to see without the gold what went wrong."""
    gold, record = outcome.gold, outcome.record
    passages = record["passages"][:KEPT_PASSAGES]
    passages = [{k: v for k, v in p.items() if k != "text"} for p in passages]
    return {
        "id": gold.id,
        "persona": gold.persona,
        "kind": gold.kind,
        "split": gold.split,
        "answerable": gold.answerable,
        "scores": outcome.scores,
        "failed": outcome.failed,
        "evidence": gold.evidence,
        "missing": outcome.missing,
        "forbidden": outcome.forbidden,
        "record": {**record, "passages": passages},
        "timings": record["timings_ms"],
    }
