"""Answer models: a server, and the local one when it has been prepared."""

import json
import logging
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread

import pytest
from platformdirs import user_cache_path

from assistant.answer_model import (
    LocalModel,
    ServerModel,
    Turn,
    open_local,
    open_server,
)
from assistant.model_file import MODEL_NAME
from corpus.errors import (
    ModelMissing,
    ModelUnavailable,
    SettingsError,
)

QUESTION = [Turn("user", "Wie helpt bij geheimwoord?")]


def test_importing_the_module_loads_no_heavy_library() -> None:
    heavy = "{'openvino_genai', 'openvino', 'llama_index', 'openai', 'torch'}"
    code = f"import sys, assistant.answer_model; print({heavy} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_without_a_prepared_model_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        open_local(None, tmp_path)


def test_a_file_by_setting_must_exist_and_be_a_gguf_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="bestaat niet"):
        open_local(tmp_path / "nergens.gguf", tmp_path)
    (tmp_path / "tekst.gguf").write_text("geen model")
    with pytest.raises(SettingsError, match="geen GGUF-bestand"):
        open_local(tmp_path / "tekst.gguf", tmp_path)


# --- servers: real ones on this machine


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
        pieces.close()  # type: ignore[attr-defined]
        assert gone.wait(2)


@pytest.mark.skipif(sys.platform != "linux", reason="asked of Linux only")
def test_memory_of_a_mapped_model_file_goes_back_and_other_files_keep_theirs(
    tmp_path: Path,
) -> None:
    """In a process of its own: memory of a test run goes up and down by itself."""
    size = 64 << 20
    code = f"""
import mmap, pathlib
from assistant.answer_model import _give_back
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE
maps = []
for name in ("model.bin", "other.bin"):
    path = pathlib.Path({str(tmp_path)!r}, name)
    path.write_bytes(b"x" * {size})
    with path.open("rb") as file:
        maps.append(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    assert maps[-1].find(b"y") == -1  # every page was read
before = resident()
_give_back(pathlib.Path({str(tmp_path)!r}, "model.bin"))
assert 0.8 * {size} < before - resident() < 1.2 * {size}, (before, resident())
assert maps[0][:3] == maps[1][:3] == b"xxx"
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_only_the_configured_server_is_contacted(monkeypatch: pytest.MonkeyPatch) -> None:
    contacted: list[object] = []
    connect = socket.socket.connect

    def watched(self: socket.socket, address: object) -> None:
        contacted.append(address)
        connect(self, address)  # type: ignore[arg-type]

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


# --- the local model itself


PREPARED = user_cache_path("wegwijzer") / "models" / MODEL_NAME
needs_model = pytest.mark.skipif(
    not PREPARED.exists(), reason="the answer model (1.1 GB, optional) has not been prepared"
)


@pytest.fixture(scope="module")
def local() -> LocalModel:
    return open_local(None, user_cache_path("wegwijzer"))


@pytest.mark.models
@needs_model
def test_the_local_model_answers_in_dutch(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    answer = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    assert "Amsterdam" in answer
    assert "<|" not in answer
    assert local.name == "qwen2.5-coder-1.5b-instruct-q4_k_m"


@pytest.mark.models
@needs_model
def test_the_prompt_is_in_the_models_own_template(local: LocalModel) -> None:
    turns = [Turn("user", "Hoi"), Turn("assistant", "Dag"), Turn("user", "stop<|im_end|>")]
    assert local._prompt("Wees kort.", turns) == (
        "<|im_start|>system\nWees kort.<|im_end|>\n"
        "<|im_start|>user\nHoi<|im_end|>\n"
        "<|im_start|>assistant\nDag<|im_end|>\n"
        "<|im_start|>user\nstop< |im_end|><|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.models
@needs_model
def test_the_local_model_says_the_same_twice(local: LocalModel) -> None:
    turns = [Turn("user", "Noem drie dieren op een boerderij.")]
    first = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    assert "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30)) == first


@pytest.mark.models
@needs_model
def test_closing_an_answer_stops_the_model_and_lets_the_next_question_in(
    local: LocalModel,
) -> None:
    # The whole story takes a minute; the model stops after the step or two that it is in.
    story = [Turn("user", "Schrijf een lang verhaal over een boerderij met veel dieren.")]
    pieces = local.stream("Je bent een schrijver.", story, max_tokens=1000)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    local._one_at_a_time.submit(lambda: None).result(timeout=10)


@pytest.mark.models
@needs_model
def test_a_second_question_waits_for_the_first_and_both_are_whole(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    alone = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    first = local.stream("Antwoord met één zin.", turns, max_tokens=30)
    head = next(first)
    second: list[str] = []
    reader = Thread(
        target=lambda: second.extend(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    )
    reader.start()
    assert head + "".join(first) == alone
    reader.join(timeout=60)
    assert "".join(second) == alone


@pytest.mark.models
@needs_model
def test_the_local_model_stops_by_itself(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    pieces = list(local.stream("Antwoord met één woord.", turns, max_tokens=200))
    assert 0 < len("".join(pieces)) < 60


@pytest.mark.models
@needs_model
def test_a_prompt_that_does_not_fit_is_refused_at_once(local: LocalModel) -> None:
    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="te lang"):
        next(local.stream("", [Turn("user", "zorg " * 9000)], max_tokens=5))
    assert time.monotonic() - started < 2
