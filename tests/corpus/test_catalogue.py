import hashlib
import os
import tomllib
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from pypdf import PdfWriter

from corpus.catalogue import (
    Facts,
    changed,
    placed,
    propose,
    slug,
    superseded,
    with_entry,
    without_entry,
)
from corpus.errors import CatalogueError, CatalogueUnwritable
from corpus.pdf_info import Carried, carried
from corpus.read import DocumentText
from corpus.sources import load_catalogue, newest, parse_catalogue, unlisted

CATALOGUE = """# Onze documenten.

# Over de eerste.
[[bron]]
id = "een"
file = "een.txt"
title = "Plan \\"Noord\\""   # met aanhalingstekens
issuer = "onbekend"
kind = "gebiedsplan"
# Het jaar staat er niet in.
year = 2025
areas = [
    "Laak",   # de hele wijk
]
audience = []
sha256 = "AB"

# Over de tweede.

[[bron]]
id = "twee"
file = "twee.txt"
title = "Twee"
issuer = "onbekend"
kind = "handreiking"
year = 2020
areas = []
audience = []
sha256 = "cd"
# Slot.
"""
FACTS = Facts('Een "plan" – deel 1\\2', "Dak", 2026, "anders", ("Laak",), ("ouders",))
AREAS = ("Laak", "Spoorwijk", "Leidschenveen-Ypenburg", "Ypenburg", "Haagse Hout")


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Gebiedsplan Laak (définitief) v2", "gebiedsplan-laak-definitief-v2"),
        ("../../etc/passwd", "etc-passwd"),
        ("regel\neen\r\ttwee", "regel-een-twee"),
        ("..", "document"),
        ("文件", "document"),
        ("a" * 300, "a" * 80),
    ],
)
def test_any_file_name_becomes_an_id_of_letters_digits_and_hyphens(name, id):
    assert slug(name) == id


def test_an_entry_is_added_and_every_other_line_stays(tmp_path):
    facts = Facts(**{**vars(FACTS), "url": "https://a.nl/?b=1", "valid_until": date(2027, 1, 31)})

    after = with_entry(CATALOGUE.encode(), "drie", "drie.pdf", "ef", facts)

    assert after.decode().startswith(CATALOGUE)
    *_, new = parse_catalogue(after, tmp_path)
    assert (new.id, new.path, new.sha256) == ("drie", tmp_path / "drie.pdf", "ef")
    assert (new.title, new.issuer, new.year) == ('Een "plan" – deel 1\\2', "Dak", 2026)
    assert (new.kind, new.areas, new.audience) == ("anders", ("Laak",), ("ouders",))
    assert (new.url, new.valid_until) == ("https://a.nl/?b=1", date(2027, 1, 31))


def test_the_first_entry_makes_a_catalogue(tmp_path):
    (source,) = parse_catalogue(with_entry(b"", "een", "een.txt", "ab", FACTS), tmp_path)
    assert (source.id, source.url, source.valid_until) == ("een", None, None)


def test_an_entry_is_removed_with_the_remark_above_it_and_every_other_line_stays(tmp_path):
    first, second = CATALOGUE.index("\n# Over de eerste"), CATALOGUE.index("\n# Over de tweede")
    without_first = without_entry(CATALOGUE.encode(), "een").decode()
    assert without_first == CATALOGUE[:first] + CATALOGUE[second:]
    without_second = without_entry(CATALOGUE.encode(), "twee").decode()
    assert without_second == CATALOGUE[:second]


def test_a_document_gives_way_to_another_and_gets_its_place_back(tmp_path):
    whole = with_entry(CATALOGUE.encode(), "drie", "drie.txt", "ef", FACTS)

    after = superseded(whole, "een", "drie")

    added = 'sha256 = "AB"\nsuperseded_by = "drie"\n\n# Over de tweede.\n'
    assert added in after.decode()
    assert after.decode().replace('superseded_by = "drie"\n', "") == whole.decode()
    assert without_entry(after, "drie").decode().rstrip() == CATALOGUE.rstrip()


def test_what_was_replaced_gives_way_to_what_replaced_its_successor(tmp_path):
    whole = with_entry(CATALOGUE.encode(), "drie", "drie.txt", "ef", FACTS)
    row = superseded(superseded(whole, "een", "twee"), "twee", "drie")
    assert newest("een", parse_catalogue(row, tmp_path)).id == "drie"

    first, last = parse_catalogue(without_entry(row, "twee"), tmp_path)

    assert (first.superseded_by, last.superseded_by) == ("drie", None)


def test_a_ring_of_versions_is_refused(tmp_path):
    ring = superseded(superseded(CATALOGUE.encode(), "een", "twee"), "twee", "een")
    with pytest.raises(CatalogueError, match="dat niet kan"):
        parse_catalogue(ring, tmp_path)


def test_the_line_ends_and_the_mark_of_a_windows_editor_are_no_trouble(tmp_path):
    windows = b"\xef\xbb\xbf" + CATALOGUE.replace("\n", "\r\n").encode()

    after = superseded(with_entry(windows, "drie", "drie.txt", "ef", FACTS), "twee", "drie")

    assert after.count(b"\n") == after.count(b"\r\n")
    assert [s.superseded_by for s in parse_catalogue(after, tmp_path)] == [None, "drie", None]


def test_a_catalogue_written_otherwise_is_refused_and_not_damaged(tmp_path):
    inline = b'bron = [{ id = "een" }]'
    with pytest.raises(CatalogueError):
        without_entry(CATALOGUE.replace('"Twee"', '"""\n[[bron]]\n"""').encode(), "een")
    with (
        pytest.raises(CatalogueError),
        changed(tmp_path, with_entry(inline, "a", "a.txt", "b", FACTS)),
    ):
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_catalogue_changes_when_all_went_well_and_not_before(tmp_path):
    path = tmp_path / "bronnen.toml"
    path.write_text(CATALOGUE, encoding="utf-8")
    path.chmod(0o640)
    after = without_entry(CATALOGUE.encode(), "een")

    with pytest.raises(KeyError), changed(tmp_path, after):
        raise KeyError
    assert path.read_text(encoding="utf-8") == CATALOGUE

    with changed(tmp_path, after) as sources:
        assert [source.id for source in sources] == ["twee"]
        assert path.read_text(encoding="utf-8") == CATALOGUE
    assert path.read_bytes() == after
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in tmp_path.iterdir()] == ["bronnen.toml"]


def failing_in(block, folder):
    """Fail inside a block; return the files that were in a folder then."""
    with suppress(KeyError), block:
        names = [path.name for path in folder.iterdir()]
        raise KeyError
    return names


def test_a_file_is_copied_and_taken_away_again_when_it_fails(tmp_path):
    file, target = tmp_path / "Mijn plan.txt", tmp_path / "map" / "mijn-plan.txt"
    target.parent.mkdir()
    file.write_text("Tekst.", encoding="utf-8")

    assert failing_in(placed(file, target), target.parent) == ["mijn-plan.txt"]
    assert list(target.parent.iterdir()) == []

    with placed(file, target):
        pass
    assert file.exists()
    assert [p.name for p in target.parent.iterdir()] == ["mijn-plan.txt"]


def test_a_file_that_lies_among_the_documents_gets_its_name_and_the_old_one_when_it_fails(tmp_path):
    file, target = tmp_path / "Mijn plan.txt", tmp_path / "mijn-plan.txt"
    file.write_text("Tekst.", encoding="utf-8")

    assert failing_in(placed(file, target), tmp_path) == ["mijn-plan.txt"]
    assert [p.name for p in tmp_path.iterdir()] == ["Mijn plan.txt"]

    with placed(file, target):
        pass
    assert [p.name for p in tmp_path.iterdir()] == ["mijn-plan.txt"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(CatalogueUnwritable), changed(tmp_path, CATALOGUE.encode()):
        pass
    tmp_path.chmod(0o700)


def test_a_folder_that_is_not_there_is_said(tmp_path):
    with pytest.raises(CatalogueUnwritable), changed(tmp_path / "weg", CATALOGUE.encode()):
        pass


PLAN = (
    "Gebiedsplan inclusieve kinderopvang Spoorwijk\n\nVersie maart 2024\n\n"
    "Uitgave van Stichting Dak, in opdracht van de gemeente.\n\n1. Inleiding\n\n"
    "In Spoorwijk en in Leidschenveen-Ypenburg wonen sinds 2019 veel kinderen. Sinds 2019 zijn "
    "er ook laaktribunes.\n"
)


def test_what_a_plan_says_of_itself_is_proposed():
    found = propose(DocumentText("plan", PLAN), Path("plan.txt"), AREAS, Carried())

    assert found == Facts(
        "Gebiedsplan inclusieve kinderopvang Spoorwijk",
        "Stichting Dak",
        2024,
        "gebiedsplan",
        ("Spoorwijk", "Leidschenveen-Ypenburg"),
    )


def test_a_file_name_tells_what_the_text_does_not():
    text = "1. Inleiding\n\nKinderen horen erbij. Wij helpen hen.\n"
    file = Path("gebiedsplan_haagse-hout_2023.txt")

    found = propose(DocumentText("plan", text), file, AREAS, Carried())

    assert (found.title, found.year) == ("Gebiedsplan Haagse Hout 2023", 2023)
    assert (found.kind, found.areas) == ("gebiedsplan", ("Haagse Hout",))
    assert found.issuer == "onbekend"


@pytest.mark.parametrize(
    ("carries", "title", "year"),
    [
        (Carried("Samen in Laak", 2022), "Samen in Laak", 2022),
        (Carried("Microsoft Word - plan.docx", 2022), "Samen spelen", 2022),
        (Carried("plan_def.indd", None), "Samen spelen", 2021),
    ],
)
def test_what_a_file_carries_counts_unless_a_program_made_it_up(carries, title, year):
    text = "Samen spelen\n\nIn 2021 begon het. Ook in 2021 kwam er een groep bij in Laak.\n"

    found = propose(DocumentText("stuk", text), Path("stuk.pdf"), AREAS, carries)

    # Areas limit a search, so only those of a gebiedsplan are taken over.
    assert (found.title, found.year, found.kind, found.areas) == (title, year, "anders", ())


def test_a_pdf_tells_its_title_and_year_and_a_broken_one_nothing(tmp_path):
    writer = PdfWriter()
    writer.add_blank_page(100, 100)
    writer.add_metadata({"/Title": "Plan Laak", "/CreationDate": "D:20230401120000"})
    writer.write(tmp_path / "heel.pdf")
    (tmp_path / "stuk.pdf").write_bytes(b"%PDF-1.7\nniets")
    assert carried(tmp_path / "heel.pdf") == Carried("Plan Laak", 2023)
    assert carried(tmp_path / "stuk.pdf") == Carried()
    assert carried(tmp_path / "weg.pdf") == Carried()
    assert carried(tmp_path / "tekst.txt") == Carried()


def test_files_that_no_entry_names_are_found(tmp_path):
    (tmp_path / "bronnen.toml").write_text(CATALOGUE, encoding="utf-8")
    for name in ("een.txt", "Los plan.pdf", "README.md", ".verborgen"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "map").mkdir()

    found = unlisted(tmp_path, load_catalogue(tmp_path))

    assert [path.name for path in found] == ["Los plan.pdf"]


def test_the_hash_that_is_written_is_that_of_the_catalogue_in_use():
    # The five documents: an entry made anew by us describes the file that is there.
    folder = Path(__file__).parents[2] / "corpus" / "documents"
    content = (folder / "bronnen.toml").read_bytes()
    first, *rest = load_catalogue(folder)
    sha256 = hashlib.sha256(first.path.read_bytes()).hexdigest()
    facts = Facts(first.title, first.issuer, first.year, first.kind, first.areas, first.audience)

    again = with_entry(without_entry(content, first.id), first.id, first.path.name, sha256, facts)

    assert parse_catalogue(again, folder) == (*rest, first)
    assert len(tomllib.loads(again.decode())["bron"]) == 5
