"""The page for judging: what it shows, where it goes on, and what it keeps."""

import json

import pytest
from gradio_client import Client
from standin import free_port

import app
from corpus.errors import InputFileError
from evals.agreement import Judgement, read_judgements
from evals.review import Desk, build_page, next_place, render

GOLD = "vragen.jsonl"  # of which pm-01 has a fact and a wrong answer


def row(id, question="Waar zit <b>het team</b>?", answerable=True):
    citation = {
        **{"n": 1, "document": "plan", "title": "Plan", "section": "Kaart", "page": 7},
        "quote": "Het team zit aan de Laan.",
    }
    record = {
        "question": question,
        "answer": "Aan de Laan. [1]",
        "statements": [{"text": "Aan de Laan.", "citations": [1], "support": "supported"}],
        "citations": [citation],
    }
    return {
        **{"id": id, "kind": "contact", "answerable": answerable},
        **{"scores": {"correct": 1.0}, "evidence": ["Team: Laan 1"] if answerable else []},
        "record": record,
    }


@pytest.fixture
def folder(tmp_path):
    head = {"system": "ons", "commit": "c1", "only": "", "split": "all", "date": "", "gold": GOLD}
    rows = [row("pm-01"), row("x-2", "Hoe warm is het?", answerable=False), row("x-3")]
    (tmp_path / "ons-c1.json").write_text(json.dumps(head | {"rows": rows}), encoding="utf-8")
    search = head | {"system": "bm25", "only": "retrieval", "rows": []}
    (tmp_path / "bm25-c1.json").write_text(json.dumps(search), encoding="utf-8")
    (tmp_path / "groei-c1.json").write_text('{"sizes": []}', encoding="utf-8")
    return tmp_path


@pytest.fixture
def desk(folder):
    return Desk(folder, folder / "oordelen.jsonl")


@pytest.fixture
def client(desk):
    page = app.launch(build_page(desk), "() => {}", "127.0.0.1", free_port(), block=False)
    yield Client(page.local_url, verbose=False)
    page.close()


def test_answer_and_evidence_stand_side_by_side_and_the_score_does_not(desk):
    place = [r["id"] for r in desk.results["ons-c1.json"].rows].index("pm-01")
    page = desk.shown("ons-c1.json", place)
    answer, wanted = page.split("</section><section>")
    assert "Waar zit &lt;b&gt;het team&lt;/b&gt;?" in answer
    assert "Aan de Laan. [1]" in answer
    assert "<blockquote>Het team zit aan de Laan.</blockquote>" in answer
    assert "Plan, Kaart, pagina 7" in answer
    assert "<blockquote>Team: Laan 1</blockquote>" in wanted
    assert "<li>Laan van Hoornwijck 152</li>" in wanted
    assert "Hoornwijck 260" in wanted
    assert "correct" not in page
    assert "Niet te beantwoorden (contact)" in render(row("x", answerable=False), None)


def test_only_results_with_answers_can_be_judged(desk, tmp_path):
    assert list(desk.results) == ["ons-c1.json"]
    (tmp_path / "leeg").mkdir()
    with pytest.raises(InputFileError, match="geen uitslagen met antwoorden"):
        Desk(tmp_path / "leeg", tmp_path / "oordelen.jsonl")


def test_the_next_place_passes_over_what_is_done_and_stops_at_the_ends():
    ids = ["a", "b", "c", "d"]
    assert next_place(ids, {}, -1, 1) == 0
    assert next_place(ids, {"b": 1, "c": 1}, 0, 1) == 3
    assert next_place(ids, {"d": 1}, 2, 1) is None
    assert next_place(ids, {}, 2, -1) == 1
    assert next_place(ids, {"a": 1}, 1, -1) is None


def said(outputs):
    return next(o for o in outputs if isinstance(o, str) and "role=" in o)


def test_judging_on_the_page_keeps_each_judgement_and_goes_on(client, desk):
    name = "ons-c1.json"
    ids = [r["id"] for r in desk.results[name].rows]
    assert "1 van 3, 0 door u" in said(client.predict(name, "An", True, api_name="/begin"))
    told = said(client.predict(name, " ", True, "", api_name="/goed"))
    assert "1 van 3" in told
    assert "Vul eerst uw naam in." in told
    assert read_judgements(desk.kept) == ()

    told = said(client.predict(name, "An", True, " let op ", api_name="/niet-gesteund"))
    assert "2 van 3, 1 door u" in told
    assert "Bewaard: niet gesteund." in told
    back = client.predict(name, "An", True, api_name="/vorige")
    assert "1 van 3, 1 door u beoordeeld. Uw oordeel was: niet gesteund." in said(back)
    assert back[-1] == "let op"
    assert "2 van 3" in said(client.predict(name, "An", True, api_name="/volgende"))
    client.predict(name, "An", True, "", api_name="/goed")
    told = said(client.predict(name, "An", True, "", api_name="/deels"))
    assert "3 van 3, 3 door u" in told
    assert "Verder is er niets te beoordelen." in told
    assert "1 van 3, 0 door u" in said(client.predict(name, "Bo", True, api_name="/begin"))

    kept = read_judgements(desk.kept)
    assert [(j.id, j.judgement) for j in kept] == list(
        zip(ids, ["niet gesteund", "goed", "deels"], strict=True)
    )
    assert kept[0] == Judgement(ids[0], "ons", "c1", "niet gesteund", "let op", "An", kept[0].date)
