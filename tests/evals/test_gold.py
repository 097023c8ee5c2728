"""The gold questions themselves: a wrong one misleads all that is measured with it."""

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import pytest

from corpus.errors import InputFileError
from evals import metrics
from evals.gold import Gold, load_gold, sample

PROJECT = Path(__file__).parents[2]
FILE = PROJECT / "evals" / "gold" / "vragen.jsonl"
ROWS = [json.loads(line) for line in FILE.read_text(encoding="utf-8").splitlines()]
GOLD = load_gold(FILE)
ANSWERABLE = [gold for gold in GOLD if gold.answerable]
SOURCES = {
    path.stem: path.read_text(encoding="utf-8")
    for path in (PROJECT / "corpus" / "documents").glob("*.txt")
}
DOCUMENTS = {id: metrics.folded(text) for id, text in SOURCES.items()}
KINDS = {
    "contact",
    "feit",
    "definitie",
    "lijst",
    "procedure",
    "financiering",
    "wetgeving",
    "vergelijking",
    "planning",
    "vervolg",
}
UNANSWERABLE_KINDS = {"offtopic", "neartopic", "advies", "injectie"}
FIELDS = {
    "id",
    "question",
    "history",
    "persona",
    "kind",
    "answerable",
    "documents",
    "sections",
    "evidence",
    "alt_evidence",
    "facts",
    "forbidden",
    "split",
}
# A word is rare when at most this share of the paragraphs has it.
RARE_SHARE = 0.01


def _by_id(gold: Gold) -> str:
    return gold.id


def test_every_line_has_the_fields_of_the_format_and_no_others():
    for row in ROWS:
        assert set(row) | {"history"} == FIELDS, row["id"]
        assert all(turn["role"] in ("user", "assistant") for turn in row.get("history", []))


def test_ids_and_questions_are_unique():
    assert len({gold.id for gold in GOLD}) == len(GOLD) >= 240
    assert len({gold.question for gold in GOLD}) == len(GOLD)


def test_there_are_enough_questions_of_each_kind_and_of_each_persona():
    kinds = Counter(gold.kind for gold in GOLD)
    assert kinds["contact"] >= 30
    assert kinds["financiering"] >= 35
    assert kinds["wetgeving"] >= 30
    assert kinds["lijst"] >= 20
    assert kinds["vervolg"] >= 20
    assert sum(not gold.answerable for gold in GOLD) >= 50
    assert sum(len(gold.evidence) > 1 for gold in GOLD) >= 15
    assert min(Counter(gold.persona for gold in GOLD).values()) >= 80


def test_all_kinds_occur_and_tell_whether_a_question_can_be_answered():
    assert {gold.kind for gold in ANSWERABLE} == KINDS
    assert {gold.kind for gold in GOLD if not gold.answerable} == UNANSWERABLE_KINDS


def test_follow_ups_and_only_they_have_a_history_that_ends_with_the_assistant():
    follow_ups = [gold for gold in GOLD if gold.history]
    assert len(follow_ups) >= 6
    assert follow_ups == [gold for gold in GOLD if gold.kind == "vervolg"]
    assert all(gold.history[-1].role == "assistant" for gold in follow_ups)


def test_every_document_is_asked_about():
    assert {document for gold in GOLD for document in gold.documents} == set(DOCUMENTS)


def test_the_splits_are_about_half_each():
    for part in (ANSWERABLE, [gold for gold in GOLD if not gold.answerable]):
        counts = Counter(gold.split for gold in part)
        assert set(counts) == {"tune", "test"}
        assert min(counts.values()) >= 0.4 * len(part)


@pytest.mark.parametrize("gold", ANSWERABLE, ids=_by_id)
def test_the_evidence_stands_verbatim_in_a_named_document(gold: Gold):
    texts = [DOCUMENTS[document] for document in gold.documents]
    for place in gold.places:
        assert 30 <= len(place) <= 250
        assert any(place in text for text in texts), place
    for document in gold.documents:
        assert any(place in DOCUMENTS[document] for place in gold.places), document


@pytest.mark.parametrize("gold", ANSWERABLE, ids=_by_id)
def test_the_evidence_shows_every_fact_and_nothing_forbidden(gold: Gold):
    evidence = " ".join(gold.places)
    assert gold.facts
    assert metrics.fact_recall(evidence, gold.facts) == 1
    assert not any(metrics.shows(evidence, surface) for surface in gold.forbidden)


def test_what_cannot_be_answered_has_no_evidence_facts_or_documents():
    for gold in GOLD:
        if not gold.answerable:
            assert (*gold.places, *gold.facts, *gold.documents) == (), gold.id


def test_questions_on_one_section_are_all_in_one_split():
    splits: dict[str, set[str]] = {}
    for row in ROWS:
        assert sorted({s.partition("#")[0] for s in row["sections"]}) == row["documents"]
        for section in row["sections"]:
            splits.setdefault(section, set()).add(row["split"])
    assert [section for section, found in splits.items() if len(found) > 1] == []


def test_no_evidence_is_shared_between_the_splits():
    for one, other in combinations(ANSWERABLE, 2):
        if one.split != other.split:
            shared = [place for place in one.places if metrics.overlaps(place, other.places)]
            assert shared == [], (one.id, other.id)


def test_no_two_questions_are_near_copies():
    # Follow-ups are short by nature: what they ask about stands in their history.
    for one, other in combinations([gold for gold in GOLD if not gold.history], 2):
        first, second = set(metrics.words(one.question)), set(metrics.words(other.question))
        assert len(first & second) <= 0.5 * len(first | second), (one.id, other.id)


def test_at_least_two_thirds_share_no_rare_word_with_their_evidence():
    paragraphs = [set(metrics.words(p)) for text in SOURCES.values() for p in text.split("\n\n")]
    frequency = Counter(word for paragraph in paragraphs for word in paragraph)
    rare = {word for word, n in frequency.items() if n <= RARE_SHARE * len(paragraphs)}
    sharing = [
        gold.id
        for gold in ANSWERABLE
        if rare & set(metrics.words(gold.question)) & set(metrics.words(" ".join(gold.evidence)))
    ]
    assert len(sharing) <= len(ANSWERABLE) / 3, sharing


def test_a_question_never_copies_three_words_in_a_row_more_than_once():
    for gold in ANSWERABLE:
        asked = metrics.grams(gold.question)
        assert sum(len(asked & metrics.grams(place)) for place in gold.places) <= 1, gold.id


@pytest.mark.parametrize(
    "line",
    [
        "geen json",
        "[]",
        '{"id": "x"}',
        '{"id": "x", "question": "q", "persona": "pm", "kind": "feit", "answerable": true}',
        '{"id": 1, "question": "q", "persona": "pm", "kind": "offtopic", "answerable": false}',
        '{"id": "x", "question": "q", "persona": "pm", "kind": "feit", "answerable": true, '
        '"evidence": "los"}',
    ],
)
def test_a_line_that_is_no_gold_question_is_refused_with_its_number(tmp_path: Path, line: str):
    good = '{"id": "a", "question": "q", "persona": "pm", "kind": "offtopic", "answerable": false}'
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{good}\n{line}\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="regel 2"):
        load_gold(path)


def test_an_id_that_occurs_twice_is_refused(tmp_path: Path):
    good = '{"id": "a", "question": "q", "persona": "pm", "kind": "offtopic", "answerable": false}'
    path = tmp_path / "gold.jsonl"
    path.write_text(f"{good}\n\n{good}\n", encoding="utf-8")
    with pytest.raises(InputFileError, match="regel 3 herhaalt id a"):
        load_gold(path)


def test_a_split_gives_its_own_questions_only():
    assert {gold.split for gold in load_gold(FILE, "tune")} == {"tune"}
    assert len(load_gold(FILE, "tune")) + len(load_gold(FILE, "test")) == len(GOLD)


def test_a_sample_is_the_same_each_time_and_within_a_larger_one():
    golds = load_gold(FILE)
    small, large = sample(golds, 20), sample(golds, 60)
    assert small == sample(tuple(reversed(golds)), 20)[::-1]
    assert len(small) == 20
    assert {gold.id for gold in small} < {gold.id for gold in large}
    assert len(sample(golds, 10_000)) == len(golds)
