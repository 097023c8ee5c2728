"""The ratchet itself, and that it holds: wrong changes to the assistant make it fall."""

import dataclasses
import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from assistant.answer_model import open_model
from assistant.ask import Assistant
from assistant.settings import load_settings
from corpus.errors import InputFileError, ModelMissing
from evals import metrics, ratchet
from evals.gold import FOLDER, Gold, load_gold
from evals.report import score_retrieval
from evals.run import Wegwijzer, known_text, retrieved
from index.embedder import Embedder

GOLDS = load_gold(FOLDER / json.loads(ratchet.RECORD.read_text(encoding="utf-8"))["gold"], "tune")
ANSWERABLE = [gold for gold in GOLDS if gold.answerable]
# Enough to notice what is wrong with all of them.
FEW = 40
# With the answer model a question takes seconds.
SAMPLE = 12


def _scores(values: str) -> dict[str, float]:
    return {f"v{n}": float(value) for n, value in enumerate(values)}


def _fallen(measure: str, before: str, now: str) -> list[ratchet.Fall]:
    return ratchet.falls({measure: _scores(before)}, {measure: _scores(now)})


def test_five_questions_lost_and_none_won_is_a_fall_and_four_is_not():
    # One-sided: 1/32 = 0.031 and 1/16 = 0.063.
    (fall,) = _fallen("hit@5", "1111111111", "0000011111")
    assert (fall.recorded, fall.found, fall.won) == (1.0, 0.5, 0)
    assert fall.lost == ("v0", "v1", "v2", "v3", "v4")
    assert _fallen("hit@5", "1111111111", "0000111111") == []


def test_what_is_won_makes_up_for_what_is_lost():
    # 5 lost and 1 won of 6: 7/64 = 0.11.
    assert _fallen("hit@5", "1111100000", "0000010000") == []


def test_more_false_abstentions_are_a_fall_and_fewer_are_not():
    assert _fallen("false_abstention", "00000", "11111")
    assert _fallen("false_abstention", "11111", "00000") == []


def test_other_questions_than_those_recorded_are_refused():
    with pytest.raises(InputFileError, match="andere vragen"):
        ratchet.falls({"hit@5": {"a": 1.0}}, {"hit@5": {"b": 1.0}})


def test_raising_takes_what_is_better_and_keeps_what_is_a_little_worse():
    recorded = {
        "hit@5": _scores("110"),
        "mrr@10": _scores("110"),
        "false_abstention": _scores("00"),
    }
    found = {"hit@5": _scores("101"), "mrr@10": _scores("1001"), "false_abstention": _scores("01")}
    record = ratchet.raised(recorded, found)
    assert record["hit@5"] == _scores("101")  # as good on the whole
    assert record["mrr@10"] == _scores("1101")  # lower on what both have; v3 is new
    assert record["false_abstention"] == _scores("00")


def test_a_record_is_read_as_it_was_written(tmp_path: Path):
    scores = {"hit@5": _scores("10")}
    ratchet.write(scores, FOLDER / "vragen.jsonl", tmp_path / "r.json")
    assert ratchet.read(tmp_path / "r.json") == scores
    text = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (text["measures"]["hit@5"]["mean"], text["measures"]["hit@5"]["n"]) == (0.5, 2)
    (tmp_path / "r.json").write_text("{}", encoding="utf-8")
    with pytest.raises(InputFileError):
        ratchet.read(tmp_path / "r.json")


@pytest.fixture(scope="session")
def measured(assistant: Assistant) -> dict[str, Any]:
    """All questions of the tune split, asked once."""
    return ratchet.measure(Wegwijzer("", assistant), assistant, GOLDS)


@pytest.mark.models
def test_nothing_has_fallen_below_the_record(measured: dict[str, Any]):
    fallen = ratchet.falls(ratchet.read(), measured)
    assert [str(fall) for fall in fallen] == []


def _search_scores(
    assistant: Assistant, golds: Sequence[Gold] = ANSWERABLE
) -> dict[str, dict[str, float]]:
    """The measures of the ratchet that need no answer."""
    found: dict[str, dict[str, float]] = {"hit@5": {}, "mrr@10": {}}
    for gold in golds:
        scores = score_retrieval(gold, retrieved(Wegwijzer("", assistant), gold))
        for name in found:
            found[name][gold.id] = scores[name]
    return found


def _recorded(*names: str) -> dict[str, dict[str, float]]:
    return {name: scores for name, scores in ratchet.read().items() if name in names}


@pytest.mark.models
def test_a_query_that_another_model_encodes_falls(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
):
    # A dropped prefix does not fall any more: the taught embedder hardly needs it.
    cache = load_settings().cache_dir
    untaught = Embedder.load("", cache, adapter=None)
    monkeypatch.setattr(assistant, "embedder", untaught)
    assert ratchet.falls(_recorded("hit@5", "mrr@10"), _search_scores(assistant))


@pytest.mark.models
def test_shuffled_passages_fall(assistant: Assistant, monkeypatch: pytest.MonkeyPatch):
    real, order = Assistant._search, random.Random(1)

    def shuffled(self: Assistant, *arguments: Any) -> tuple[Any, Any]:
        probes, found = real(self, *arguments)
        hits = list(found)
        order.shuffle(hits)
        return probes, tuple(hits)

    monkeypatch.setattr(Assistant, "_search", shuffled)
    few = ANSWERABLE[:FEW]
    ids = {gold.id for gold in few}
    recorded = {
        name: {id: value for id, value in scores.items() if id in ids}
        for name, scores in _recorded("hit@5", "mrr@10").items()
    }
    fallen = ratchet.falls(recorded, _search_scores(assistant, few))
    assert {fall.measure for fall in fallen} == {"hit@5", "mrr@10"}


@pytest.mark.models
def test_citations_off_by_one_fall(assistant: Assistant, monkeypatch: pytest.MonkeyPatch):
    cite = Assistant._cite

    def off(self: Assistant, *arguments: Any) -> Any:
        citation = cite(self, *arguments)
        return dataclasses.replace(citation, start=citation.start + 1)

    monkeypatch.setattr(Assistant, "_cite", off)
    few = ratchet.measure(Wegwijzer("", assistant), assistant, GOLDS[:SAMPLE])
    recorded = _recorded("citation_verbatim")
    fallen = ratchet.falls(recorded, few)
    assert [(fall.measure, fall.recorded, fall.found) for fall in fallen] == [
        ("citation_verbatim", 1.0, 0.0)
    ]


def _sample() -> list[Gold]:
    """Answerable questions of every kind in turn, so that each kind is in a small sample."""
    by_kind: dict[str, list[Gold]] = {}
    for gold in ANSWERABLE:
        by_kind.setdefault(gold.kind, []).append(gold)
    places = [(n, kind) for kind, golds in by_kind.items() for n in range(len(golds))]
    return [by_kind[kind][n] for n, kind in sorted(places)][:SAMPLE]


@pytest.fixture(scope="session")
def writer(assistant: Assistant) -> Assistant:
    """The assistant with the answer model, where that is prepared."""
    try:
        model = open_model(load_settings(model="local"))
    except ModelMissing as error:
        pytest.skip(str(error))
    return Assistant(assistant.index, assistant.embedder, model, "", assistant.reader)


@pytest.mark.models
@pytest.mark.parametrize("gold", _sample(), ids=lambda gold: gold.id)
def test_the_answer_model_cites_verbatim_and_tells_nothing_forbidden(gold: Gold, writer: Assistant):
    record = writer.ask(gold.question, gold.history).to_record(gold.id)
    assert record["status"] in ("answered", "abstained")
    text_of = known_text(writer)
    assert all(metrics.is_verbatim(c, text_of(c["document"])) for c in record["citations"])
    assert not [surface for surface in gold.forbidden if metrics.shows(record["answer"], surface)]
