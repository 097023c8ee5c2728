"""The page: its conversation, its visitors, and what leaves the server.

The assistant is a stand-in with answers that carry meaning: the page is under
test. The last test uses the real one.
"""

import re
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from gradio_client import Client
from standin import SOURCES, StandIn, StandInSource, free_port

import app
from assistant.ask import Assistant
from assistant.render import render_conversation
from assistant.settings import load_settings
from corpus.errors import SettingsError

PROJECT = Path(app.__file__).resolve().parent


@pytest.fixture
def stand_in():
    return StandIn()


@pytest.fixture
def address(stand_in):
    page = app.serve(stand_in, "127.0.0.1", free_port(), block=False)
    yield page.local_url
    page.close()


def ask(client, question, area=app.ALL_AREAS):
    """Ask through the page's own API; the conversation is the only HTML that comes back."""
    outputs = client.predict(question, area, api_name="/vraag")
    return next((o for o in outputs if isinstance(o, str) and "ww-beurt" in o), ""), outputs


# The conversation


def test_a_follow_up_gets_the_turns_of_this_conversation_but_not_the_failed_ones(stand_in):
    *_, talk = app.converse(stand_in, "breek af", None, ())
    *_, talk = app.converse(stand_in, "eerste", None, talk)
    *_, talk = app.converse(stand_in, "tweede", "Noord", talk)
    assert stand_in.asked[-1] == ("tweede", ("eerste", "U vroeg: eerste [1]"), "Noord")
    assert [e.answer.status for e in talk] == ["error", "answered", "answered"]


def test_evidence_is_shown_before_the_written_answer(stand_in):
    shown = [
        render_conversation(talk, SOURCES) for talk in app.converse(stand_in, "vraag", None, ())
    ]
    assert "Ik zoek in de documenten" in shown[0]
    assert "op dag 0 open" in shown[1]
    assert "U vroeg" not in shown[1]
    assert "Elke zin wordt eerst gecontroleerd" in shown[1]
    assert "U vroeg: vraag" in shown[2]


def test_a_fault_becomes_a_dutch_sentence_and_the_conversation_stays(stand_in, caplog):
    *_, talk = app.converse(stand_in, "eerste", None, ())
    *_, talk = app.converse(stand_in, "breek af", None, talk)
    assert len(talk) == 2
    assert talk[1].answer.status == "error"
    assert talk[1].answer.message == "Er ging iets mis. Probeer het opnieuw."
    assert "niet te tonen oorzaak" in caplog.text
    assert "breek af" not in caplog.text


def test_stopping_keeps_the_quotes_that_are_there_and_drops_an_empty_answer(stand_in):
    searching, evidence, _ = app.converse(stand_in, "vraag", None, ())
    assert app.stopped(searching) == ()
    kept = app.stopped(evidence)
    assert kept[0].answer.final
    assert "Gestopt" in kept[0].answer.message
    assert kept[0].answer.citations == evidence[0].answer.citations
    assert app.stopped(kept) == kept


# The running page


def test_two_visitors_do_not_see_each_others_conversation(address, stand_in):
    one, two = Client(address, verbose=False), Client(address, verbose=False)
    ask(one, "vraag van een")
    html, _ = ask(two, "vraag van twee")
    assert "vraag van twee" in html
    assert "vraag van een" not in html
    html, _ = ask(one, "nog een vraag", "Zuid")
    assert "vraag van een" in html
    assert "vraag van twee" not in html
    assert stand_in.asked[-1][1] == ("vraag van een", "U vroeg: vraag van een [1]")
    assert stand_in.asked[-1][2] == "Zuid"


def test_a_visitor_sees_the_documents_and_areas_of_the_moment_the_page_is_opened(address, stand_in):
    stand_in.sources = (*SOURCES, StandInSource("Gebiedsplan Laak", "Opvang Laak", 2026))
    stand_in.areas = ("Noord", "Zuid", "Laak")
    client = Client(address, verbose=False)
    about, area = client.predict(api_name="/documenten")
    assert "Documenten (3)" in about
    assert "<li>Gebiedsplan Laak (Opvang Laak, 2026)</li>" in about
    assert [name for name, _ in area["choices"]] == [app.ALL_AREAS, "Noord", "Zuid", "Laak"]
    html, _ = ask(client, "vraag", "Laak")
    assert "U vroeg: vraag" in html
    assert stand_in.asked[-1][2] == "Laak"


def test_a_fault_reaches_the_visitor_in_dutch(address):
    client = Client(address, verbose=False)
    ask(client, "eerste")
    html, _ = ask(client, "breek af")
    assert "Er ging iets mis. Probeer het opnieuw." in html
    assert "U vroeg: eerste" in html
    assert "RuntimeError" not in html


def test_an_empty_question_is_not_asked_and_gets_a_hint(address, stand_in):
    html, outputs = ask(Client(address, verbose=False), "   ")
    assert html == ""
    assert "Er staat nog geen vraag." in str(outputs)
    assert stand_in.asked == []


def test_a_question_of_ten_thousand_characters_is_answered_and_shown_short(address, stand_in):
    html, _ = ask(Client(address, verbose=False), "waarom " * 1429)
    assert len(stand_in.asked[0][0]) == len("waarom " * 1429) - 1
    assert "De vraag is te lang." in html
    assert len(html) < 2000


def test_a_taken_port_is_a_setting_that_cannot_be_used(address, stand_in):
    port = int(address.rstrip("/").rsplit(":", 1)[1])
    with pytest.raises(SettingsError, match="niet vrij"):
        app.serve(stand_in, "127.0.0.1", port, block=False)


OFFLINE = """
import socket, sys, urllib.request
real = socket.socket.connect
def connect(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
        print("OUT", address, file=sys.stderr)
        raise OSError("outgoing connections are blocked")
    return real(self, address)
socket.socket.connect = connect
socket.socket.connect_ex = lambda self, address: connect(self, address) or 0
def lookup(host, *rest, real=socket.getaddrinfo, **named):
    if host not in ("127.0.0.1", "::1", "localhost", None):
        print("OUT", host, file=sys.stderr)
        raise OSError("outgoing connections are blocked")
    return real(host, *rest, **named)
socket.getaddrinfo = lookup
import app
sys.path.insert(0, "tests")
from standin import StandIn, free_port
page = app.serve(StandIn(), "127.0.0.1", free_port(), block=False)
with urllib.request.urlopen(page.local_url) as answer:
    assert answer.status == 200
    print(answer.headers["content-security-policy"])
    print(answer.read().decode("utf-8"))
page.close()
"""


def test_the_page_starts_and_is_served_with_outgoing_connections_blocked():
    run = subprocess.run(
        [sys.executable, "-c", OFFLINE], cwd=PROJECT, capture_output=True, text=True, timeout=120
    )
    assert run.returncode == 0, run.stderr
    assert "OUT" not in run.stderr
    policy, _, page = run.stdout.partition("\n")
    assert policy.startswith("default-src 'self';")
    assert 'lang="nl"' in page
    assert "<title>Wegwijzer</title>" in page
    assert foreign_addresses(page) == []


def test_the_page_and_its_styles_name_no_other_host(address):
    with urllib.request.urlopen(address) as answer:
        page = answer.read().decode("utf-8")
    styles = re.findall(r'<link rel="stylesheet"[^>]*href="\./([^"]+)"', page)
    assert styles
    for style in [*styles, "theme.css"]:
        with urllib.request.urlopen(address + style) as answer:
            assert foreign_addresses(answer.read().decode("utf-8")) == []
    assert foreign_addresses(page) == []
    assert 'rel="manifest"' not in page
    assert "og:image" not in page


def foreign_addresses(text):
    """Addresses of other hosts that a browser would fetch by itself."""
    fetched = r"""(?:src|href)\s*=\s*["']?|@import\s+(?:url\()?["']?|url\(\s*["']?"""
    found = re.findall(rf"(?:{fetched})((?:https?:)?//[^\"')\s>]+)", text)
    return [a for a in found if not re.match(r"(https?:)?//(127\.0\.0\.1|localhost)", a)]


def test_foreign_addresses_are_recognised():
    assert foreign_addresses('<link href="https://fonts.example/css">') == [
        "https://fonts.example/css"
    ]
    assert foreign_addresses("@import url('//cdn.example/a.css')") == ["//cdn.example/a.css"]
    assert foreign_addresses('<a title="https://x.example">') == []


@pytest.mark.models
def test_the_real_assistant_answers_an_example_on_the_page():
    settings = load_settings(model="quotes")
    page = app.serve(Assistant.open(settings), "127.0.0.1", free_port(), block=False)
    try:
        html, _ = ask(Client(page.local_url, verbose=False), "Wat doet de VoorleesExpress?")
    finally:
        page.close()
    shown = re.findall(r"<blockquote>(.*?)</blockquote>", html)
    assert any("thuis bezoek van een vrijwilliger" in quote for quote in shown)
    assert html.count("<mark>") == len(shown)
