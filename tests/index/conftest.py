import pytest
from shelf import SHELF, Shelf
from tiny_e5 import write_tiny

from index import e5
from index.embedder import Embedder


@pytest.fixture(scope="session")
def tiny_folder(tmp_path_factory):
    place = tmp_path_factory.mktemp("tiny")
    e5.write_model(e5.read_e5(write_tiny(place / "tiny.bin")), place / "model")
    return place / "model"


@pytest.fixture(scope="session")
def tiny(tiny_folder):
    return Embedder.load(str(tiny_folder), tiny_folder.parent)


@pytest.fixture
def shelf(tiny, tmp_path):
    made = Shelf(tmp_path / "documents", tmp_path / "index", tiny)
    made.write(SHELF)
    return made


@pytest.fixture(scope="session")
def built(tiny, tmp_path_factory):
    """A shelf with an index that tests only read."""
    place = tmp_path_factory.mktemp("built")
    made = Shelf(place / "documents", place / "index", tiny)
    made.write(SHELF)
    report = made.build()
    assert (report.documents, report.passages, report.embedded) == (3, 5, 5)
    assert (report.changed, report.problems) == (True, ())
    return made
