import json
import socket
from importlib.util import find_spec
from shutil import copyfile

import pytest
import tomlkit

from assistant.answer_model import Turn
from assistant.compose import NOT_FOUND
from assistant.settings import load_settings
from corpus.errors import ModelUnavailable
from evals.baselines import RIVALS, bm25, common, haystack_rag, llamaindex, own
from evals.baselines.common import Piece, parsed, quote_best, searched

QUESTIONS = (
    "Hoe vaak vindt het voorscholenoverleg plaats?",
    "Telt een jeugdhulpmedewerker op de groep mee in de BKR?",
)
WRITERS = (llamaindex.STARTER, haystack_rag.NAME, own.UNCHECKED)
QUOTERS = (bm25.NAME, bm25.DUTCH, llamaindex.DENSE, own.QUOTES)
FIELDS = {
    *("id", "question", "status", "answer", "statements", "citations", "passages", "model"),
    "timings_ms",
}


class Scripted:
    """A model that says what the test gives it, and remembers what it was asked."""

    name = "scripted"

    def __init__(self, text):
        self.text = text
        self.prompts = []

    def stream(self, system, turns, max_tokens):
        self.prompts.append(turns[-1].content)
        if self.text is None:
            raise ModelUnavailable(model=self.name, reason="de server is gestopt")
        yield self.text

    def warm_up(self, system, turns):
        pass


@pytest.fixture(scope="module")
def settings():
    return load_settings(model="quotes")


@pytest.fixture(scope="module")
def small(settings, tmp_path_factory):
    """The settings with one of the documents: embedding all takes a minute."""
    folder = tmp_path_factory.mktemp("documents")
    catalogue = tomlkit.parse((settings.documents_dir / "bronnen.toml").read_text("utf-8"))
    only = next(b for b in catalogue["bron"] if "rustenburg" in b["id"])
    (folder / "bronnen.toml").write_text(tomlkit.dumps({"bron": [only]}), "utf-8")
    copyfile(settings.documents_dir / only["file"], folder / only["file"])
    return load_settings(model="quotes", documents_dir=folder)


@pytest.fixture
def over(settings, small):
    """Which documents a rival is tried on: our own search has its index of all."""
    return lambda name: settings if name in {own.UNCHECKED, own.QUOTES} else small


@pytest.fixture(scope="module")
def library(settings):
    return common.open_library(settings)


@pytest.fixture
def say(monkeypatch):
    """Make every rival that writes say a text; returns the model, to see what it was asked."""
    model = Scripted("")

    def open_writer(_settings):
        return model

    for module in (llamaindex, own, haystack_rag):
        monkeypatch.setattr(module, "open_writer", open_writer)

    def told(text):
        model.text = text
        return model

    return told


def opened(name, settings):
    missing = [n for n in ("haystack", "haystack_integrations") if find_spec(n) is None]
    if name == haystack_rag.NAME and missing:
        pytest.skip(f"not installed: {missing}")
    return RIVALS[name](settings)


def pieces(library, *spans):
    document = next(iter(library.documents))
    return [Piece(document, start, end) for start, end in spans]


def check_record(record, library):
    """What the exchange format asks of every record."""
    assert set(record) >= FIELDS
    json.dumps(record)
    numbers = [c["n"] for c in record["citations"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for s in record["statements"] for n in s["citations"]} == set(numbers)
    for c in record["citations"]:
        assert c["quote"] == library.documents[c["document"]].text[c["start"] : c["end"]]
        assert c["quote"].strip()
    scores = [p["score"] for p in record["passages"]]
    assert scores == sorted(scores, reverse=True)
    for passage in record["passages"]:
        assert passage["document"] in library.documents
    times = record["timings_ms"]
    assert 0 < times["retrieve"] <= times["first"] <= times["total"]


def test_markers_become_citations_numbered_by_first_use(library):
    sources = pieces(library, (0, 40), (100, 140), (200, 240))
    answer = parsed(library, "vraag", "De groep is klein [3]. De zorg is goed. [1, 3]", sources)
    assert [(s.text, s.citations) for s in answer.statements] == [
        ("De groep is klein.", (1,)),
        ("De zorg is goed.", (1, 2)),
    ]
    assert [(c.n, c.start) for c in answer.citations] == [(1, 200), (2, 0)]
    assert answer.text == "De groep is klein. [1]\nDe zorg is goed. [1][2]"


def test_a_marker_past_the_sources_is_left_out(library):
    answer = parsed(library, "vraag", "De groep is klein. [7]", pieces(library, (0, 40)))
    assert [s.citations for s in answer.statements] == [()]
    assert answer.citations == ()


def test_markers_on_a_line_of_their_own_belong_to_the_sentence_before(library):
    text = "De groep is klein.\n[Source 2]"
    answer = parsed(library, "vraag", text, pieces(library, (0, 40), (100, 140)))
    assert [(s.text, s.citations) for s in answer.statements] == [("De groep is klein.", (1,))]
    assert answer.citations[0].start == 100


def test_only_the_sentence_that_is_asked_for_is_an_abstention(library):
    sources = pieces(library, (0, 40))
    assert parsed(library, "vraag", f"{NOT_FOUND} [1]", sources).status == "abstained"
    assert parsed(library, "vraag", "Ik weet het niet.", sources).status == "answered"


def test_a_quote_is_one_statement_and_nothing_found_is_an_abstention(library):
    write = quote_best(library)
    best = pieces(library, (0, 400))
    answer = write("vraag", best)
    assert [s.text for s in answer.statements] == [" ".join(library.text(best[0]).split())]
    assert answer.citations[0].quote == library.text(best[0])
    assert write("vraag", []).status == "abstained"


def test_a_chunk_is_found_when_only_its_white_space_differs():
    text = "Een twee.\n\n  Drie vier. Drie  vier."
    assert common.locate(text, "twee. Drie") == (4, 17)
    assert common.locate(text, "Drie vier.", start=20) == (24, 35)
    assert common.locate(text, "vijf") is None


def test_a_follow_up_is_searched_with_the_question_before_it():
    history = [Turn("user", "wat is een hybride groep?"), Turn("assistant", "Een groep.")]
    assert searched("en in ypenburg?", history) == "wat is een hybride groep? en in ypenburg?"
    assert searched("wat?", []) == "wat?"


def test_every_chunk_of_the_starter_knows_its_place(library):
    chunks = llamaindex.chunks(library)
    assert {piece.document for piece, _ in chunks} == set(library.documents)
    for piece, text in chunks:
        name = library.sources[piece.document].path.name
        assert text == f"file_path: {name}\n\n{library.text(piece)}"


@pytest.mark.parametrize("name", [bm25.NAME, bm25.DUTCH])
@pytest.mark.parametrize("question", QUESTIONS)
def test_bm25_quotes_its_best_passage(name, question, settings, library):
    rival = opened(name, settings)
    record = rival.record("v1", question, [])
    check_record(record, library)
    assert (record["id"], record["question"], record["model"]) == ("v1", question, "quotes")
    assert len(record["passages"]) == 10
    assert record["citations"][0]["quote"] == record["passages"][0]["text"]
    assert record["passages"] == rival.retrieve(question, [])


def test_bm25_that_finds_no_word_abstains(settings):
    record = opened(bm25.NAME, settings).record("v1", "xyzzy", [])
    assert (record["status"], record["answer"], record["passages"]) == ("abstained", NOT_FOUND, [])


def test_the_stemmer_finds_another_form_of_a_word(settings):
    """The text has "voorscholenoverleg" and no "voorscholenoverleggen"."""
    asked = "voorscholenoverleggen"
    assert opened(bm25.NAME, settings).retrieve(asked, []) == []
    assert "voorscholenoverleg" in opened(bm25.DUTCH, settings).retrieve(asked, [])[0]["text"]


@pytest.mark.models
@pytest.mark.parametrize("name", WRITERS)
def test_what_is_written_is_cited_to_its_place(name, over, library, say):
    model = say("Het overleg is vier keer per jaar. [2] Het is een stevige structuur [1].")
    rival = opened(name, over(name))
    for question in QUESTIONS:
        record = rival.record("v1", question, [])
        check_record(record, library)
        assert (record["status"], record["model"]) == ("answered", "scripted")
        assert [s["citations"] for s in record["statements"]] == [[1], [2]]
        assert record["passages"] == rival.retrieve(question, [])
        assert question in model.prompts[-1]
        if name != own.UNCHECKED:  # that one reads the mended text
            for citation in record["citations"]:
                assert " ".join(citation["quote"].split()) in " ".join(model.prompts[-1].split())


@pytest.mark.models
@pytest.mark.parametrize("name", WRITERS)
def test_a_writer_abstains_by_its_own_words_and_says_when_its_model_fails(name, over, library, say):
    say(NOT_FOUND)
    rival = opened(name, over(name))
    record = rival.record("v1", QUESTIONS[0], [])
    check_record(record, library)
    assert (record["status"], record["answer"]) == ("abstained", NOT_FOUND)
    say(None)
    record = rival.record("v1", QUESTIONS[0], [])
    assert (record["status"], record["citations"]) == ("error", [])
    assert "de server is gestopt" in record["answer"]


@pytest.mark.models
@pytest.mark.parametrize("name", [llamaindex.DENSE, own.QUOTES])
def test_dense_and_our_quotes_give_verbatim_quotes(name, over, library):
    rival = opened(name, over(name))
    for question in QUESTIONS:
        record = rival.record("v1", question, [])
        check_record(record, library)
        assert record["status"] == "answered"
        assert {s["support"] for s in record["statements"]} == {"verbatim"}
        assert record["passages"] == rival.retrieve(question, [])


@pytest.mark.models
def test_haystack_embeds_as_the_assistant_does_and_connects_to_nothing(small, say, monkeypatch):
    def refuse(*_arguments, **_options):
        raise AssertionError("a connection is made")

    say("De groep is klein. [1]")
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    rival = opened(haystack_rag.NAME, small)
    rival.record("v1", QUESTIONS[0], [])

    from haystack import telemetry

    assert telemetry._telemetry.telemetry is None
    best = rival.retrieve(QUESTIONS[0], [])[0]
    embedder = common.open_embedder(small)
    passage = next(embedder.encode_passages([best["text"]])).vector
    cosine = float(embedder.encode_query(QUESTIONS[0]).vector @ passage)
    assert best["score"] == pytest.approx(cosine, abs=0.002)


def test_every_rival_is_known_by_its_name():
    assert set(RIVALS) == {*WRITERS, *QUOTERS}
