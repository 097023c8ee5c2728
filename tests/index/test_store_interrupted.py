import multiprocessing
import os
import resource
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from shelf import MORE, SHELF, Replay, answers

from corpus.sources import load_catalogue
from index.build import build
from index.store import current_build

# Builds that end badly run in processes of their own. These start from a server
# that has imported the libraries: importing them takes longer than a build.
ELSEWHERE = multiprocessing.get_context("forkserver")
ELSEWHERE.set_forkserver_preload(
    ["index.build", "chromadb", "llama_index.vector_stores.chroma", "pytest", "assistant.__main__"]
)


def run_elsewhere(target, shelf, *more):
    """Start `target` in another process, with all that a build needs to add MORE."""
    replay = Replay(shelf.embedder, load_catalogue(shelf.folder))
    facts = (shelf.folder, shelf.index_dir, shelf.embedder.fingerprint, replay)
    process = ELSEWHERE.Process(target=target, args=(*facts, *more))
    process.start()
    return process


def build_until(folder, index_dir, fingerprint, replay, event, what):
    """Build, and be killed at an audit event; progress counts as one."""

    def kill(name, args):
        writes = name != "open" or str(args[1]).startswith("w")
        if name == event and writes and any(what in str(arg) for arg in args):
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(kill)
    build(
        index_dir,
        load_catalogue(folder),
        fingerprint,
        lambda: replay,
        lambda label, share: sys.audit("progress", f"{label} {share:.2f}"),
    )


@pytest.mark.parametrize(
    ("event", "what"),
    [
        ("progress", "Passages inlezen 0.45"),  # the first of two passages
        ("progress", "Index schrijven"),
        ("open", "passages.jsonl"),
        ("open", "offsets.npy"),
        ("open", "vocab.index.json"),
        ("open", "manifest.json"),
        ("open", "current"),
        ("os.rename", "current"),  # all is written, the swap is next
    ],
)
def test_a_build_that_is_killed_leaves_the_old_index_and_the_next_build_cleans_up(
    shelf, event, what
):
    shelf.build()
    asked, old = shelf.asked(), shelf.names()
    expected = answers(shelf.open(), asked)
    shelf.write(MORE)

    process = run_elsewhere(build_until, shelf, event, what)
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert set(old) <= set(shelf.names())
    assert (len(shelf.names()) > len(old)) == (event != "progress")
    assert answers(shelf.open(), asked) == expected

    report = shelf.build()
    assert (report.changed, report.embedded, report.passages) == (True, 2, 7)
    assert len(shelf.open().passages) == 7
    assert_clean(shelf)


def assert_clean(shelf):
    """Only the build in use and the one before it, which a running app may still search."""
    *before, in_use, pointer = shelf.names()
    assert (in_use, pointer) == (current_build(shelf.index_dir).name, "current")
    assert len(before) == 1


def test_an_index_that_is_open_can_be_searched_after_the_next_build(shelf):
    shelf.build()
    asked, index = shelf.asked(), shelf.open()
    expected = answers(index, asked)
    shelf.write(MORE)
    shelf.build()
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda _: answers(index, asked), range(8)))
    assert found == [expected] * 8


def build_slowly(folder, index_dir, fingerprint, replay):
    """Build, and never get past the writing of the vectors."""
    sys.addaudithook(lambda name, args: time.sleep(60) if _writes_manifest(name, args) else None)
    build(
        index_dir,
        load_catalogue(folder),
        fingerprint,
        lambda: replay,
        lambda label, share: time.sleep(0.02),
    )


def _writes_manifest(name, args):
    return name == "open" and "manifest.json" in str(args[0]) and args[1] == "w"


def test_a_build_that_is_killed_while_vectors_are_stored_leaves_the_old_index(shelf):
    shelf.build()
    asked, (old, _) = shelf.asked(), shelf.names()
    expected = answers(shelf.open(), asked)
    shelf.write(MORE)

    process = run_elsewhere(build_slowly, shelf)
    deadline = time.monotonic() + 60
    while not any(p.parts[-3] != old for p in shelf.index_dir.glob("*/chroma/chroma.sqlite3")):
        assert process.is_alive()
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.kill()
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert answers(shelf.open(), asked) == expected
    assert shelf.build().passages == 7
    assert_clean(shelf)


def test_a_build_that_is_killed_after_the_swap_is_in_use(shelf):
    shelf.build()
    shelf.write(MORE)
    shelf.build()
    shelf.write(SHELF)

    process = run_elsewhere(build_until, shelf, "shutil.rmtree", "build-")
    process.join(60)

    assert process.exitcode == -signal.SIGKILL
    assert len(shelf.names()) == 4
    assert len(shelf.open().passages) == 5
    assert shelf.build().changed is False
    assert_clean(shelf)


def test_an_embedder_that_fails_halfway_leaves_the_old_index(shelf):
    class Failing(Replay):
        def encode_passages(self, texts):
            yield self.given[texts[0]]
            raise MemoryError

    shelf.build()
    names, expected = shelf.names(), answers(shelf.open(), shelf.asked())
    shelf.write(MORE)

    with pytest.raises(MemoryError):
        shelf.build(Failing(shelf.embedder, load_catalogue(shelf.folder)))

    assert shelf.names() == names
    assert answers(shelf.open(), shelf.asked()) == expected


def build_with_little_room(folder, index_dir, fingerprint, replay, room, told):
    """Build while no file can grow past `room` bytes; send what is raised."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    try:
        build(index_dir, load_catalogue(folder), fingerprint, lambda: replay, lambda *_: None)
    except Exception as error:  # noqa: BLE001 - what it is, is the question
        told.send(f"{type(error).__name__}: {error}")
    told.send("")


@pytest.mark.parametrize("room", [1000, 20_000])  # too little for passages, and for vectors
def test_a_build_without_room_on_the_disk_leaves_the_old_index_and_no_remains(shelf, room):
    shelf.build()
    names, expected = shelf.names(), answers(shelf.open(), shelf.asked())
    shelf.write(MORE)
    hear, told = ELSEWHERE.Pipe(duplex=False)

    process = run_elsewhere(build_with_little_room, shelf, room, told)
    process.join(60)

    assert process.exitcode == 0
    assert hear.recv() != ""
    assert shelf.names() == names
    assert answers(shelf.open(), shelf.asked()) == expected
    assert shelf.build().passages == 7
