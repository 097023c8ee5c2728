import hashlib
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import CatalogueError, DocumentChanged, DocumentMissing
from corpus.sources import load_catalogue, verify

TEXT = "Een klein plan.\n"
ENTRY = {
    "id": '"plan"',
    "file": '"plan.txt"',
    "title": '"Een plan"',
    "issuer": '"onbekend"',
    "kind": '"gebiedsplan"',
    "year": "2025",
    "areas": '["Leyenburg"]',
    "audience": "[]",
    "sha256": f'"{hashlib.sha256(TEXT.encode()).hexdigest()}"',
}


def catalogue(folder: Path, *changes: dict[str, str | None]) -> Path:
    """Write a document and a catalogue with one entry per set of changes; None removes."""
    (folder / "plan.txt").write_text(TEXT, encoding="utf-8")
    blocks = []
    for change in changes or ({},):
        fields = {k: v for k, v in {**ENTRY, **change}.items() if v is not None}
        blocks.append("[[bron]]\n" + "\n".join(f"{k} = {v}" for k, v in fields.items()))
    (folder / "bronnen.toml").write_text("\n".join(blocks), encoding="utf-8")
    return folder


def test_an_entry_becomes_a_source(tmp_path):
    (source,) = load_catalogue(catalogue(tmp_path))
    assert (source.id, source.year, source.areas) == ("plan", 2025, ("Leyenburg",))
    assert source.url is None
    assert source.path.read_text(encoding="utf-8") == TEXT
    verify(source)


def test_the_last_day_of_a_document_is_a_date(tmp_path):
    (source,) = load_catalogue(catalogue(tmp_path, {"valid_until": "2026-12-31"}))
    assert source.valid_until == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"title": None}, "title ontbreekt"),
        ({"jaar": "2025"}, "jaar is onbekend"),
        ({"year": '"2025"'}, "jaartal"),
        ({"year": "true"}, "jaartal"),
        ({"kind": '"folder"'}, "handreiking"),
        ({"areas": '"Leyenburg"'}, "lijst"),
        ({"title": '" "'}, "moet tekst zijn"),
        ({"id": '"ander"'}, "bestandsnaam"),
        ({"id": '"../../plan"', "file": '"../../plan.txt"'}, "bestandsnaam"),
        ({"file": '"../buiten/plan.txt"'}, "buiten de map"),
        ({"superseded_by": '"niemand"'}, "vervangen"),
        ({"superseded_by": '"plan"'}, "vervangen"),
        ({"valid_until": '"2026-12-31"'}, "zonder aanhalingstekens"),
        ({"valid_until": "2026-12-31T10:00:00"}, "valid_until moet een datum zijn"),
    ],
)
def test_a_wrong_entry_is_named(tmp_path, change, told):
    with pytest.raises(CatalogueError, match=told):
        load_catalogue(catalogue(tmp_path, change))


def test_two_entries_with_one_id_are_refused(tmp_path):
    with pytest.raises(CatalogueError, match="twee keer"):
        load_catalogue(catalogue(tmp_path, {}, {}))


@pytest.mark.parametrize("content", ["[[bron]", "", "bron = 3", "[bron]\nid = 'x'"])
def test_a_damaged_catalogue_is_refused(tmp_path, content):
    (tmp_path / "bronnen.toml").write_text(content, encoding="utf-8")
    with pytest.raises(CatalogueError):
        load_catalogue(tmp_path)


def test_a_missing_catalogue_is_refused(tmp_path):
    with pytest.raises(CatalogueError):
        load_catalogue(tmp_path)


def test_a_missing_document_is_named(tmp_path):
    (source,) = load_catalogue(catalogue(tmp_path))
    source.path.unlink()
    with pytest.raises(DocumentMissing, match="plan"):
        verify(source)


def test_a_changed_document_is_refused_with_its_new_hash(tmp_path):
    (source,) = load_catalogue(catalogue(tmp_path))
    source.path.write_text("Een ander plan.\n", encoding="utf-8")
    with pytest.raises(DocumentChanged) as error:
        verify(source)
    assert hashlib.sha256(b"Een ander plan.\n").hexdigest() in error.value.advice
