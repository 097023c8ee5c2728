"""Two runs at the same time: the second one is told so, and changes nothing."""

import time

import pytest
from shelf import LEYENBURG, SHELF, answers
from test_store_interrupted import ELSEWHERE

from assistant.__main__ import main
from corpus.errors import IndexBusy, IndexUnwritable
from corpus.sources import load_catalogue
from index.lock import alone

COMMANDS = (
    ("ingest",),
    ("add", "nieuw.txt"),
    ("replace", "wijzer", "nieuw.txt"),
    ("remove", "wijzer"),
)


def hold(index_dir, told):
    """Be another run that goes on for long."""
    with alone(index_dir):
        told.send("busy")
        time.sleep(120)


@pytest.fixture
def other(shelf, tiny_folder, tmp_path, monkeypatch):
    """Another run that is busy with the documents of the shelf."""
    monkeypatch.setenv("WEGWIJZER_DOCUMENTS_DIR", str(shelf.folder))
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", str(shelf.index_dir))
    monkeypatch.setenv("WEGWIJZER_EMBEDDER", str(tiny_folder))
    (tmp_path / "nieuw.txt").write_text("Inspraak\n\nOuders praten mee.\n", encoding="utf-8")
    shelf.build()
    hear, told = ELSEWHERE.Pipe(duplex=False)
    process = ELSEWHERE.Process(target=hold, args=(shelf.index_dir, told))
    process.start()
    assert hear.recv() == "busy"
    monkeypatch.chdir(tmp_path)
    yield process
    process.kill()
    process.join(60)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda words: words[0])
def test_a_second_run_is_told_that_another_is_busy_and_changes_nothing(
    shelf, other, command, capsys
):
    # So that each of the commands has something to do.
    shelf.write(SHELF | {"plan-leyenburg": LEYENBURG.replace("alles", "niets")})
    catalogue, names = load_catalogue(shelf.folder), shelf.names()
    expected = answers(shelf.open(), shelf.asked())

    assert main(list(command)) == 1

    assert capsys.readouterr().err == (
        "De documenten worden op dit moment al ingelezen of veranderd. "
        "Wacht tot dat klaar is en probeer het opnieuw. Er is niets veranderd.\n"
    )
    assert (load_catalogue(shelf.folder), shelf.names()) == (catalogue, names)
    assert answers(shelf.open(), shelf.asked()) == expected


def test_a_run_that_was_killed_locks_nobody_out(shelf, other, capsys):
    assert main(["ingest"]) == 1
    other.kill()
    other.join(60)

    assert main(["remove", "wijzer"]) == 0
    assert main(["ingest"]) == 0
    assert "wijzer" not in shelf.open().sources


def test_the_lock_is_free_again_after_a_run_and_after_one_that_failed(tmp_path):
    place = tmp_path / "new" / "index"
    with pytest.raises(MemoryError), alone(place):
        raise MemoryError
    with alone(place):
        assert place.is_dir()
    with alone(place), pytest.raises(IndexBusy), alone(place):
        pass


def test_a_place_that_cannot_be_a_folder_is_an_index_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(IndexUnwritable), alone(tmp_path / "file" / "index"):
        pass
