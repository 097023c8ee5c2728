"""The vectors on a real Chroma server, in place of in the folder of the index."""

import os
import signal
import socket
import subprocess
import sys
import time

import chromadb
import pytest
from chromadb.config import Settings
from shelf import MORE, SHELF, Shelf, answers
from test_store_interrupted import run_elsewhere

from assistant.settings import PROJECT
from corpus.errors import ChromaUnavailable, IndexOutdated, IndexUnwritable
from corpus.sources import load_catalogue
from evals.chroma_server import chroma_server
from index import vectors
from index.build import Aids, build
from index.store import current_build


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with chroma_server(tmp_path_factory.mktemp("server")) as running:
        yield running


@pytest.fixture
def remote(shelf, server):
    """A shelf of which the vectors go to the server."""
    shelf.chroma_url = server.url
    return shelf


def collections(url):
    client = chromadb.HttpClient(url, settings=Settings(anonymized_telemetry=False))
    return {collection.name for collection in client.list_collections()}


def rounded(found):
    """What an index tells; the server writes its numbers with as few digits as it can."""
    if isinstance(found, list):
        return [rounded(part) for part in found]
    return round(found, 5) if isinstance(found, float) else found


def kept(shelf):
    """The collections that the server should have for the builds in the folder."""
    return {f"wegwijzer-{folder.name}" for folder in shelf.index_dir.glob("build-*")}


def test_an_index_on_a_server_gives_the_same_as_one_in_its_folder(remote, built):
    report = remote.build()

    assert (report.passages, report.embedded) == (5, 5)
    index, embedded, asked = remote.open(), built.open(), remote.asked()
    assert rounded(answers(index, asked)) == rounded(answers(embedded, asked))
    for _, question in asked:
        found = [id for id, _ in index.dense(question.vector, 3)]
        assert found == [id for id, _ in embedded.dense(question.vector, 3)]
        assert len(found) == 3
    assert not (current_build(remote.index_dir) / "chroma").exists()
    assert f"wegwijzer-{current_build(remote.index_dir).name}" in collections(remote.chroma_url)


def test_only_what_changed_is_embedded_and_collections_go_with_their_builds(remote):
    others = collections(remote.chroma_url)
    remote.build()
    remote.write(MORE)
    assert remote.build().embedded == 2
    remote.write(SHELF)

    report = remote.build()

    assert (report.changed, report.embedded, len(remote.open().passages)) == (True, 0, 5)
    assert len(kept(remote)) == 2  # a running app may still search the one before
    assert collections(remote.chroma_url) == others | kept(remote)
    assert remote.build().changed is False


def test_many_passages_go_and_come_back_in_blocks(remote, monkeypatch):
    monkeypatch.setattr("chromadb.api.client.Client.get_max_batch_size", lambda client: 2)
    remote.build()

    found = remote.open().encodings()

    assert len(found) == 5
    (given,) = (text for text in found if "betaalt" in text)
    expected = next(remote.embedder.encode_passages([given])).vector
    assert found[given].vector == pytest.approx(expected, abs=1e-6)


def build_until_the_manifest(folder, index_dir, fingerprint, replay, url):
    """Build, and be killed when the vectors are on the server."""

    def kill(name, args):
        if name == "open" and "manifest.json" in str(args[0]) and args[1] == "w":
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    sources, aids = load_catalogue(folder), Aids(chroma_url=url)
    build(index_dir, sources, fingerprint, lambda: replay, lambda *_: None, aids)


def test_a_build_that_is_killed_is_never_opened_and_the_next_one_cleans_up(remote):
    remote.build()
    others = collections(remote.chroma_url) - kept(remote)
    expected = answers(remote.open(), remote.asked())
    remote.write(MORE)

    process = run_elsewhere(build_until_the_manifest, remote, remote.chroma_url)
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert len(kept(remote)) == 2
    assert collections(remote.chroma_url) == others | kept(remote)
    assert answers(remote.open(), remote.asked()) == expected

    assert remote.build().embedded == 2
    assert len(remote.open().passages) == 7
    assert len(kept(remote)) == 2
    assert collections(remote.chroma_url) == others | kept(remote)


def test_a_build_that_fails_leaves_nothing_on_the_server(remote, monkeypatch):
    remote.build()
    before = collections(remote.chroma_url)
    remote.write(MORE)

    def fail(folder):
        raise OSError("no room")

    monkeypatch.setattr("index.build.file_sizes", fail)
    with pytest.raises(IndexUnwritable):
        remote.build()

    assert collections(remote.chroma_url) == before


def test_moving_to_a_server_and_back_asks_for_an_ingest_and_answers_the_same(shelf, server):
    shelf.build()
    expected = rounded(answers(shelf.open(), shelf.asked()))
    for url, embedded in ((server.url, 0), ("", 5)):
        shelf.chroma_url = url
        with pytest.raises(IndexOutdated, match="Chroma-server") as error:
            shelf.open()
        assert "python -m assistant ingest" in error.value.advice

        report = shelf.build()

        assert (report.changed, report.embedded) == (True, embedded)
        assert rounded(answers(shelf.open(), shelf.asked())) == expected


def test_an_index_whose_vectors_are_gone_from_the_server_is_made_anew(remote):
    remote.build()
    index, asked = remote.open(), remote.asked()
    expected = answers(index, asked)
    client = chromadb.HttpClient(remote.chroma_url, settings=Settings(anonymized_telemetry=False))
    client.delete_collection(f"wegwijzer-{index.folder.name}")

    for use in (remote.open, lambda: index.dense(asked[0][1].vector, 3)):
        with pytest.raises(IndexOutdated, match="staan niet op de Chroma-server") as error:
            use()
        assert "python -m assistant ingest" in error.value.advice
    assert (remote.build().embedded, answers(remote.open(), asked)) == (5, expected)


def test_a_server_that_stops_gives_a_sentence_and_goes_on_when_it_is_back(shelf, tmp_path):
    data = tmp_path / "server"
    with chroma_server(data) as first:
        shelf.chroma_url = first.url
        shelf.build()
        index, asked, names = shelf.open(), shelf.asked(), shelf.names()
        expected = answers(index, asked)
        first.process.kill()
        first.process.wait()

        for use in (lambda: index.dense(asked[0][1].vector, 3), shelf.open, shelf.build):
            with pytest.raises(ChromaUnavailable, match="niet te bereiken") as error:
                use()
            assert first.url in str(error.value)
            assert "of de server aanstaat" in error.value.advice
        assert shelf.names() == names
    with chroma_server(data, int(first.url.rpartition(":")[2])):
        assert answers(index, asked) == expected


@pytest.fixture
def silent():
    """An address that takes a connection and never says anything."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield f"http://gebruiker:geheim@127.0.0.1:{listening.getsockname()[1]}"


def test_a_server_that_says_nothing_is_not_waited_for(silent, monkeypatch):
    monkeypatch.setattr(vectors.TIMEOUT, "connect", 0.2)
    started = time.monotonic()

    with pytest.raises(ChromaUnavailable, match="antwoordt niet op tijd") as error:
        vectors.reach(silent)

    assert time.monotonic() - started < 5
    assert "127.0.0.1" in str(error.value)
    assert "geheim" not in str(error.value)


def test_ingest_says_in_one_sentence_that_there_is_no_server(
    shelf, tiny_folder, tmp_path, monkeypatch
):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("WEGWIJZER_DOCUMENTS_DIR", str(shelf.folder))
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", str(shelf.index_dir))
    monkeypatch.setenv("WEGWIJZER_EMBEDDER", str(tiny_folder))
    monkeypatch.setenv("WEGWIJZER_CHROMA_URL", nobody)
    monkeypatch.setenv("PYTHONPATH", str(PROJECT))

    # In a process of its own, to see all that a user sees, the log too.
    command = [sys.executable, "-m", "assistant", "ingest"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    told = run.stdout + run.stderr
    assert run.returncode == 1
    assert f"De Chroma-server {nobody} kan niet worden gebruikt: hij is niet te bereiken." in told
    assert "Traceback" not in told
    assert Shelf(shelf.folder, shelf.index_dir, shelf.embedder).names() == []
