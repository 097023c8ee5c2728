"""The answer model of a server: real servers, on this machine."""

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

import pytest

from assistant.answer_model import (
    ServerModel,
    Turn,
    open_server,
)
from corpus.errors import (
    ModelUnavailable,
    SettingsError,
)

QUESTION = [Turn("user", "Wie helpt bij geheimwoord?")]


def test_importing_the_module_loads_no_heavy_library() -> None:
    heavy = "{'openvino_genai', 'openvino', 'llama_index', 'openai', 'torch'}"
    code = f"import sys, assistant.answer_model; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


Reply = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def serving(reply: Reply) -> Iterator[tuple[str, list[dict[str, object]]]]:
    """Run a server whose answer to every POST is `reply`; yield its address and the requests."""
    requests: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            requests.append({"path": self.path, "key": self.headers["Authorization"], **body})
            self.close_connection = True
            with suppress(ConnectionError):  # the client may leave before the end
                reply(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/v1", requests
    finally:
        server.shutdown()
        server.server_close()


def event(delta: str | None, finish: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": delta}, "finish_reason": finish}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 0, "model": "klein"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n".encode()


def start_stream(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.send_header("Connection", "close")
    handler.end_headers()


def streaming(*events: bytes) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        start_stream(handler)
        for sent in events:
            handler.wfile.write(sent)
            handler.wfile.flush()

    return reply


def failing(status: int) -> Reply:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        body = json.dumps({"error": {"message": "kan niets met: geheimwoord"}}).encode()
        handler.send_response(status)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return reply


def open_test_server(url: str, timeout_s: float = 10.0, key: str = "") -> ServerModel:
    return open_server(url, "klein", key, timeout_s)


DONE = b"data: [DONE]\n\n"


def test_a_server_streams_its_answer_in_pieces() -> None:
    reply = streaming(event("Bel "), event(""), event("het CJG."), event(None, "stop"), DONE)
    with serving(reply) as (url, requests):
        model = open_test_server(url, key="sleutel")
        turns = [Turn("user", "Een?"), Turn("assistant", "Twee."), Turn("user", "Drie?")]
        assert list(model.stream("Wees kort.", turns, max_tokens=60)) == ["Bel ", "het CJG."]
    assert model.name == "klein"
    [request] = requests
    assert request["path"] == "/v1/chat/completions"
    assert request["key"] == "Bearer sleutel"
    assert request["messages"] == [
        {"role": "system", "content": "Wees kort."},
        {"role": "user", "content": "Een?"},
        {"role": "assistant", "content": "Twee."},
        {"role": "user", "content": "Drie?"},
    ]
    assert (request["model"], request["max_tokens"]) == ("klein", 60)
    assert (request["temperature"], request["stream"]) == (0.0, True)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (failing(500), "de server geeft fout 500"),
        (failing(404), "de server geeft fout 404"),
        (streaming(event(""), event(None, "stop"), DONE), "het antwoord van de server is leeg"),
        (streaming(DONE), "het antwoord van de server is leeg"),
        (streaming(b"data: {kapot\n\n"), "de server geeft een antwoord dat niet te lezen is"),
        (streaming(b'data: {"x": 1}\n\n'), "de server geeft een antwoord dat niet te lezen is"),
        (streaming(b"data: [1, 2]\n\n"), "de server geeft een antwoord dat niet te lezen is"),
        (streaming(b'data: "hoi"\n\n'), "de server geeft een antwoord dat niet te lezen is"),
        (streaming(b"data: \xff\xfe\n\n"), "de server geeft een antwoord dat niet te lezen is"),
        (streaming(b"<html>Welkom</html>"), "het antwoord van de server is leeg"),
    ],
)
def test_a_server_without_an_answer_is_unavailable_and_is_asked_once(
    reply: Reply, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    with (
        serving(reply) as (url, requests),
        caplog.at_level(logging.DEBUG),
        pytest.raises(ModelUnavailable) as caught,
    ):
        list(open_test_server(url, key="sleutel").stream("", QUESTION, 60))
    assert caught.value.facts == {"model": "klein", "reason": reason}
    assert len(requests) == 1
    assert reason in caplog.text
    assert "geheimwoord" not in caplog.text
    assert "sleutel" not in caplog.text


def test_a_stream_that_breaks_off_gives_its_pieces_and_then_the_error() -> None:
    with serving(streaming(event("Bel "), event("het"))) as (url, _):
        pieces = open_test_server(url).stream("", QUESTION, 60)
        assert [next(pieces), next(pieces)] == ["Bel ", "het"]
        with pytest.raises(ModelUnavailable, match="brak af"):
            next(pieces)


def test_a_connection_that_breaks_inside_a_chunk_is_an_answer_broken_off() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", "text/event-stream")
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        sent = event("Bel ")
        handler.wfile.write(f"{len(sent):x}\r\n".encode() + sent + b"\r\nff\r\nhalf")

    with serving(reply) as (url, _):
        pieces = open_test_server(url).stream("", QUESTION, 60)
        assert next(pieces) == "Bel "
        with pytest.raises(ModelUnavailable, match="brak af"):
            next(pieces)


def test_a_server_that_hangs_is_left_after_the_timeout() -> None:
    release = Event()
    with serving(lambda handler: bool(release.wait(20)) and None) as (url, requests):
        started = time.monotonic()
        with pytest.raises(ModelUnavailable, match="geen antwoord binnen 1 seconden"):
            list(open_test_server(url, timeout_s=1.0).stream("", QUESTION, 60))
        assert 0.9 < time.monotonic() - started < 3
        release.set()
    assert len(requests) == 1


def test_a_server_that_drips_is_left_after_the_timeout() -> None:
    def reply(handler: BaseHTTPRequestHandler) -> None:
        start_stream(handler)
        for _ in range(40):
            handler.wfile.write(event("ja "))
            time.sleep(0.25)

    with serving(reply) as (url, _):
        started = time.monotonic()
        with pytest.raises(ModelUnavailable, match="geen antwoord binnen 1 seconden"):
            list(open_test_server(url, timeout_s=1.0).stream("", QUESTION, 60))
        assert time.monotonic() - started < 3


def test_a_server_that_is_not_there_cannot_be_reached() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    model = open_test_server(f"http://127.0.0.1:{port}/v1")
    with pytest.raises(ModelUnavailable, match="de server is niet bereikbaar"):
        list(model.stream("", QUESTION, 60))


def test_closing_the_answer_closes_the_connection_to_the_server() -> None:
    gone = Event()

    def reply(handler: BaseHTTPRequestHandler) -> None:
        start_stream(handler)
        try:
            for _ in range(200):
                handler.wfile.write(event("ja "))
                time.sleep(0.02)
        except OSError:
            gone.set()

    with serving(reply) as (url, _):
        pieces = open_test_server(url).stream("", QUESTION, 60)
        assert next(pieces) == "ja "
        pieces.close()  # type: ignore[attr-defined]  # an iterator that is a generator
        assert gone.wait(2)


def test_only_the_configured_server_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    contacted: list[object] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: object) -> None:
        contacted.append(address)
        connect(self, address)  # type: ignore[arg-type]  # any address passes through

    monkeypatch.setattr(socket.socket, "connect", watched)
    monkeypatch.setenv("OPENAI_API_KEY", "sleutel-van-een-ander")
    with serving(streaming(event("ja", "stop"), DONE)) as (url, requests):
        model = open_test_server(url)
        model.warm_up("", QUESTION)
        assert list(model.stream("", QUESTION, 60)) == ["ja"]
        port = int(url.removesuffix("/v1").rpartition(":")[2])
    assert set(contacted) == {("127.0.0.1", port)}
    assert {request["key"] for request in requests} == {"Bearer -"}


@pytest.mark.parametrize(("url", "name"), [("", "klein"), ("localhost:1/v1", "klein")])
def test_an_address_that_is_none_is_a_setting_that_cannot_be_used(url: str, name: str) -> None:
    with pytest.raises(SettingsError, match="model_url"):
        open_server(url, name, "", 10)


def test_a_server_without_the_name_of_a_model_cannot_be_used() -> None:
    with pytest.raises(SettingsError, match="model_name"):
        open_server("http://127.0.0.1:1/v1", "", "", 10)
