import hashlib
import shutil
from dataclasses import replace
from datetime import date

import pytest

from assistant.__main__ import readable
from assistant.ask import Assistant
from assistant.place import CHANGED
from assistant.render import Exchange, answer_to_copy, extend, render_answer, render_source, renew
from corpus.catalogue import Facts, superseded, with_entry
from corpus.sources import parse_catalogue
from index.build import build
from index.reader import Reader
from index.store import Index

pytestmark = pytest.mark.models

TEXT = (
    "Plan Noord\n\n1. Taal\n\nHet taalhuis helpt kinderen elke dinsdag met de Nederlandse taal. "
    "Ouders kunnen hun kinderen voor taalhulp aanmelden bij het taalhuis.\n"
)
ASKED = "Wie helpt kinderen met de Nederlandse taal?"
OTHER = "Plan Zuid\n\n1. Sport\n\nDe sportcoach geeft elke vrijdag gymles aan peuters in de zaal.\n"
SPORT = "Wie geeft gymles aan peuters?"


class Papers:
    """A folder with documents and the index of them."""

    def __init__(self, folder, embedder):
        self.folder, self.embedder = folder, embedder
        self.content = b""

    def write(self, id, text, valid_until=None, replaces=None):
        (self.folder / f"{id}.txt").write_text(text, encoding="utf-8")
        facts = Facts(f"Plan {id}", "Dak", 2024, "anders", valid_until=valid_until)
        sha256 = hashlib.sha256(text.encode()).hexdigest()
        self.content = with_entry(self.content, id, f"{id}.txt", sha256, facts)
        if replaces:
            self.content = superseded(self.content, replaces, id)

    def build(self):
        sources = parse_catalogue(self.content, self.folder)
        embedder = self.embedder
        return build(
            self.folder / "index", sources, embedder.fingerprint, lambda: embedder, lambda *_: None
        )

    def open(self):
        index = Index.open(self.folder / "index", self.embedder.fingerprint)
        return Assistant(index, self.embedder, None, "", Reader.load(self.embedder))


@pytest.fixture
def papers(tmp_path, embedder):
    return Papers(tmp_path, embedder)


@pytest.mark.parametrize(
    ("until", "warnings"),
    [
        (date(2020, 12, 31), ("Let op: “Plan noord” was geldig tot en met 31-12-2020.",)),
        (date.today(), ()),
        (None, ()),
    ],
)
def test_an_answer_from_a_document_that_holds_no_longer_warns(papers, until, warnings):
    papers.write("noord", TEXT, until)
    papers.build()
    assistant = papers.open()

    answer = assistant.ask(ASKED)

    assert answer.status == "answered"
    assert answer.warnings == warnings
    assert answer.to_record()["warnings"] == list(warnings)
    for shown in (render_answer(answer), readable(answer, []), answer_to_copy(answer)):
        assert all(warning in shown for warning in warnings)
        assert ("Let op" in shown) == bool(warnings)


def test_a_document_that_is_not_cited_does_not_warn(papers):
    papers.write("noord", TEXT)
    papers.write("zuid", OTHER, date(2020, 12, 31))
    papers.build()
    answer = papers.open().ask(ASKED)
    assert {c.document for c in answer.citations} == {"noord"}
    assert answer.warnings == ()


def test_a_document_that_is_added_is_found_without_a_restart(papers):
    papers.write("noord", TEXT)
    papers.build()
    assistant = papers.open()
    assert {c.document for c in assistant.ask(SPORT).citations} <= {"noord"}
    papers.write("zuid", OTHER)
    papers.build()

    answer = assistant.ask(SPORT)

    assert [c.document for c in answer.citations][:1] == ["zuid"]
    assert [source.id for source in assistant.sources] == ["noord", "zuid"]
    assert assistant.index is assistant.index.newest()


def test_a_new_index_that_is_damaged_is_not_taken(papers, caplog):
    papers.write("noord", TEXT)
    papers.build()
    assistant = papers.open()
    papers.write("zuid", OTHER)
    papers.build()
    newest = papers.folder / "index" / (papers.folder / "index" / "current").read_text()
    shutil.rmtree(newest / "chroma")

    assert assistant.ask(ASKED).status == "answered"
    assert [source.id for source in assistant.sources] == ["noord"]
    assert "the old one stays" in caplog.text


def test_an_old_citation_opens_and_tells_of_the_new_version(papers):
    papers.write("noord", TEXT)
    papers.build()
    assistant = papers.open()
    answer = assistant.ask(ASKED)
    exchange = extend(Exchange(ASKED, answer), answer, assistant.context)
    assert renew(exchange, assistant.is_old, assistant.context) is exchange
    papers.write("noord-2", TEXT.replace("dinsdag", "woensdag"), replaces="noord")
    papers.build()

    again = assistant.ask(ASKED)

    assert {c.document for c in again.citations} == {"noord-2"}
    assert [source.id for source in assistant.sources] == ["noord-2"]
    (old, *_) = answer.citations
    place = assistant.context(old)
    assert place.note == "Er is een nieuwere versie van dit document: Plan noord-2 (2024)."
    assert "dinsdag" in place.quote
    assert "Ouders kunnen hun kinderen" in place.quote + place.after
    assert assistant.context(again.citations[0]).note == ""
    renewed = renew(exchange, assistant.is_old, assistant.context)
    assert place.note in renewed.sources_html
    assert replace(renewed, sources_html=exchange.sources_html) == exchange


def test_a_quote_that_is_printed_twice_tells_so_as_long_as_it_is(papers):
    twice = f"{TEXT}\n\n\n2. Werkwijze\n{TEXT.partition('1. Taal')[2]}"
    papers.write("noord", twice)
    papers.build()
    assistant = papers.open()

    cited = assistant.ask(ASKED).citations[0]

    (place,) = cited.also
    assert place.start > twice.index("Werkwijze")
    assert twice[place.start : place.end] == cited.quote
    shown = render_source(assistant.context(cited))
    assert "Staat ook in: " in shown
    assert "Werkwijze</p>" in shown
    for changed in ("woensdag".join(twice.rsplit("dinsdag", 1)), TEXT):
        papers.content = b""
        papers.write("noord", changed)
        papers.build()
        still = assistant.up_to_date().context(cited)
        assert (still.note, still.quote, still.also) == ("", cited.quote, ())


def test_a_citation_of_a_document_that_was_changed_or_removed_shows_its_quote_only(papers):
    papers.write("noord", TEXT)
    papers.write("zuid", OTHER)
    papers.build()
    assistant = papers.open()
    old = assistant.ask(ASKED).citations[0]
    papers.content = b""
    papers.write("zuid", OTHER)
    papers.build()
    assistant.ask(SPORT)
    gone = assistant.context(old)
    papers.write("noord", "Plan Noord\n\nEr is nu iets heel anders te doen in deze wijk.\n")
    papers.build()
    assistant.ask(SPORT)
    for place in (gone, assistant.context(old)):
        assert (place.before, place.quote, place.after) == ("", old.readable, "")
        assert place.note == CHANGED
    assert assistant.is_old(old)
