"""Commands that are killed at random moments: all is as before or as after, never between."""

import os
import random
import resource
import shutil
import signal
import time

import pytest
from shelf import MORE, Replay, answers
from test_store_interrupted import ELSEWHERE

from assistant.__main__ import main
from corpus.sources import load_catalogue
from index.embedder import Embedder

ADDED = "Inspraak\n\nOuders praten mee.\n\nKlacht\n\nEen kind klaagt.\n"
KILLS = 24


def run_command(words, surroundings, replay, room, began):
    """Run a command with the vectors given, so that nothing is spent on loading a model."""
    os.environ.update(surroundings)
    Embedder.load = lambda *_: replay
    if room:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
    began.send(time.monotonic())
    status = main(words)
    began.send(time.monotonic())
    os._exit(status)


@pytest.fixture
def command(shelf, tiny_folder, tmp_path):
    """Start a command in another process; give it and a pipe that tells when it began and ended."""
    file = tmp_path / "nieuw.txt"
    file.write_text(ADDED, encoding="utf-8")
    surroundings = {
        "WEGWIJZER_DOCUMENTS_DIR": str(shelf.folder),
        "WEGWIJZER_INDEX_DIR": str(shelf.index_dir),
        "WEGWIJZER_EMBEDDER": str(tiny_folder),
    }
    shelf.build()
    shutil.copytree(shelf.folder, tmp_path / "whole")
    shelf.write(MORE)
    replay = Replay(shelf.embedder, load_catalogue(shelf.folder))
    restore(shelf.folder, tmp_path / "whole")

    def start(*words, room=0):
        hear, began = ELSEWHERE.Pipe(duplex=False)
        told = ([str(w) for w in words], surroundings, replay, room, began)
        process = ELSEWHERE.Process(target=run_command, args=told)
        process.start()
        return process, hear

    return start, file


def restore(folder, whole):
    shutil.rmtree(folder)
    shutil.copytree(whole, folder)


def state(shelf):
    """What the index answers, and what the catalogue says, which must be whole."""
    ids = [source.id for source in load_catalogue(shelf.folder)]
    return answers(shelf.open(), shelf.asked()), ids


def kill_at_random(shelf, tmp_path, start, words, prepare):
    """Kill a command KILLS times; return the states before, after, and that were left."""
    shutil.copytree(shelf.index_dir, tmp_path / "whole index")
    prepare()
    before = state(shelf)
    process, hear = start(*words)
    began = hear.recv()
    process.join(60)
    took = hear.recv() - began
    assert process.exitcode == 0
    after = state(shelf)
    left, moments = [], random.Random(1)
    while len(left) < KILLS:
        restore(shelf.folder, tmp_path / "whole")
        restore(shelf.index_dir, tmp_path / "whole index")
        prepare()
        process, hear = start(*words)
        began = hear.recv()
        # One in each part of the time, and at random within it.
        time.sleep(took * (len(left) + moments.random()) / KILLS)
        process.kill()
        process.join(60)
        if process.exitcode == -signal.SIGKILL:
            left.append(state(shelf))
        else:  # it was faster than the first time
            assert state(shelf) == after
            took = 0.9 * min(took, hear.recv() - began)
    return before, after, left


def test_an_add_that_is_killed_at_any_moment_is_done_or_not_and_can_be_done_again(
    shelf, tmp_path, command
):
    start, file = command
    words = ("add", file, "--title", "Een titel", "--issuer", "onbekend")

    before, after, left = kill_at_random(shelf, tmp_path, start, words, lambda: None)

    assert before != after
    for found, ids in left:
        assert found in (before[0], after[0])
        assert ids in (before[1], after[1])
        assert ids == before[1] or found == after[0]  # never named before it can be found
    # The last one may have been done; the first was certainly not.
    restore(shelf.folder, tmp_path / "whole")
    (shelf.folder / "nieuw.txt").write_text(ADDED, encoding="utf-8")  # copied, and then killed
    process, _ = start(*words)
    process.join(60)
    assert (process.exitcode, state(shelf)) == (0, after)


def test_an_ingest_that_is_killed_at_any_moment_is_done_or_not(shelf, tmp_path, command):
    start, _ = command

    before, after, left = kill_at_random(
        shelf, tmp_path, start, ("ingest",), lambda: shelf.write(MORE)
    )

    assert before != after
    assert {str(found) for found, _ in left} <= {str(before[0]), str(after[0])}
    process, _ = start("ingest")
    process.join(60)
    assert (process.exitcode, state(shelf)) == (0, after)


@pytest.mark.parametrize("room", [50, 1000, 20_000])  # for the copy, the passages, the vectors
def test_an_add_without_room_on_the_disk_changes_nothing(shelf, command, room):
    start, file = command
    files = {path.name: path.read_bytes() for path in shelf.folder.iterdir()}
    names, before = shelf.names(), state(shelf)

    process, _ = start("add", file, room=room)
    process.join(60)

    assert process.exitcode == 1
    assert {path.name: path.read_bytes() for path in shelf.folder.iterdir()} == files
    assert (shelf.names(), state(shelf)) == (names, before)
