"""The commands for the documents, as they are typed, over documents read with the tiny model."""

import random

import pytest
from pypdf import PdfWriter
from shelf import HANDREIKING, LEYENBURG, YPENBURG, answers, texts_by_document

from assistant.__main__ import main
from corpus.sources import load_catalogue, verify

LAAK = (
    "Gebiedsplan Laak\n\nVersie mei 2024\n\nAanpak\n\nEen coach helpt ouders in Laak. "
    "De coach komt elke week.\n"
)


@pytest.fixture
def typed(shelf, tiny_folder, tmp_path, monkeypatch, capsys):
    """Type a command; give its exit status and what it said."""
    monkeypatch.setenv("WEGWIJZER_DOCUMENTS_DIR", str(shelf.folder))
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", str(shelf.index_dir))
    monkeypatch.setenv("WEGWIJZER_EMBEDDER", str(tiny_folder))
    monkeypatch.chdir(tmp_path)
    shelf.build()

    def run(*words):
        status = main([str(word) for word in words])
        told = capsys.readouterr()
        return status, told.out + told.err

    return run


def everything(shelf):
    """All that a command that fails must leave as it was."""
    files = {path.name: path.read_bytes() for path in shelf.folder.iterdir()}
    return files, shelf.names(), answers(shelf.open(), shelf.asked())


def test_a_document_is_added_with_one_command_and_only_it_is_embedded(typed, shelf, tmp_path):
    file = tmp_path / "Gebiedsplan Laak (définitief).TXT"
    file.write_text(LAAK, encoding="utf-8")
    before = (shelf.folder / "bronnen.toml").read_text(encoding="utf-8")

    status, told = typed("add", file, "--issuer", "Dak", "--audience", "ouders")

    assert status == 0
    assert "titel:       Gebiedsplan Laak  (voorstel)" in told
    assert "uitgever:    Dak\n" in told
    assert "jaar:        2024  (voorstel)" in told
    assert "gebieden:    Laak  (voorstel)" in told
    assert "Toegevoegd en ingelezen: 1 nieuwe passages." in told
    *_, new = load_catalogue(shelf.folder)
    verify(new)
    assert new.path.name == f"{new.id}.txt" == "gebiedsplan-laak-definitief.txt"
    assert (new.kind, new.year, new.areas) == ("gebiedsplan", 2024, ("Laak",))
    assert (new.issuer, new.audience) == ("Dak", ("ouders",))
    assert (shelf.folder / "bronnen.toml").read_text(encoding="utf-8").startswith(before.rstrip())
    assert file.exists()
    found = texts_by_document(shelf.open())
    assert list(found) == ["wijzer", "plan-leyenburg", "plan-ypenburg", new.id]
    assert "Een coach helpt ouders in Laak. De coach komt elke week." in found[new.id]
    assert typed("ingest")[1].endswith(
        "Niets veranderd: 4 documenten, 6 passages, 0 daarvan nieuw.\n"
    )


def write_scan(path):
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(path)


@pytest.mark.parametrize(
    ("name", "content", "status", "told"),
    [
        ("weg.txt", None, 2, "weg.txt kan niet worden gebruikt: het bestaat niet."),
        ("leeg.txt", b"", 1, "leeg kan niet worden gelezen: het bestand is leeg."),
        ("kop.txt", b"Inhoud\n", 1, "kop kan niet worden gelezen"),
        ("plaat.pdf", b"\x89PNG\r\n", 1, "plaat kan niet worden gelezen"),
        ("rekenblad.xlsx", b"PK", 1, "rekenblad kan niet worden gelezen: .xlsx kan niet"),
        ("Wijzer.md", b"Kop\n\nEen zin die er staat.\n", 2, "al een document met de id wijzer."),
        ("kopie.txt", HANDREIKING.encode(), 2, "het staat al in bronnen.toml, als wijzer."),
        ("los.txt", b"Kop\n\nEen andere zin.\n", 2, "al een ander bestand met de naam los.txt."),
    ],
)
def test_what_cannot_be_added_is_said_and_leaves_everything_as_it_was(
    typed, shelf, tmp_path, name, content, status, told
):
    (shelf.folder / "los.txt").write_text("Van iemand anders.\n", encoding="utf-8")
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    before = everything(shelf)

    got, said = typed("add", file)

    assert got == status
    assert told in said
    assert everything(shelf) == before


def test_a_file_that_lies_among_the_documents_is_named_by_ingest_and_can_be_added(typed, shelf):
    (shelf.folder / "Plan Laak.txt").write_text(LAAK, encoding="utf-8")

    status, told = typed("ingest")

    assert status == 0
    assert "Let op: Plan Laak.txt staat in de map met documenten, maar niet in" in told
    assert f'python -m assistant add "{shelf.folder / "Plan Laak.txt"}"' in told

    assert typed("add", shelf.folder / "Plan Laak.txt")[0] == 0
    assert not (shelf.folder / "Plan Laak.txt").exists()
    assert "Let op" not in typed("ingest")[1]
    assert "plan-laak" in shelf.open().sources


def test_an_entry_without_a_file_is_named_by_ingest_and_the_rest_goes_on(typed, shelf):
    (shelf.folder / "wijzer.txt").unlink()
    shelf.write({"plan-leyenburg": LEYENBURG + "\nNieuw\n\nDit is nieuw.\n"} | {"wijzer": "x"})
    (shelf.folder / "wijzer.txt").unlink()

    status, told = typed("ingest")

    assert status == 1
    assert "Het document wijzer ontbreekt" in told
    assert "python -m assistant remove" in told
    assert "Dit is nieuw." in texts_by_document(shelf.open())["plan-leyenburg"]


def test_a_new_version_is_searched_and_the_old_one_only_kept(typed, shelf, tmp_path):
    file = tmp_path / "plan-ypenburg.txt"  # new versions often have the name of the old one
    file.write_text(YPENBURG.replace("elke week", "elke dag"), encoding="utf-8")

    status, told = typed("replace", "plan-ypenburg", file, "--year", "2026")

    assert status == 0
    assert "plan-ypenburg wordt niet meer doorzocht." in told
    index = shelf.open()
    assert texts_by_document(index)["plan-ypenburg"] == []
    assert texts_by_document(index)["plan-ypenburg-2"] == [
        "Een coach helpt kinderen in de groep. De coach komt elke dag."
    ]
    old, new = index.sources["plan-ypenburg"], index.sources["plan-ypenburg-2"]
    assert (old.superseded_by, index.documents[old.id].text) == (new.id, YPENBURG)
    assert (new.title, new.areas, new.kind, new.year) == (old.title, old.areas, old.kind, 2026)

    status, told = typed("remove", "plan-ypenburg-2", "--delete-file")
    assert status == 0
    assert "plan-ypenburg was ervoor de versie, en wordt weer doorzocht." in told
    assert len(texts_by_document(shelf.open())["plan-ypenburg"]) == 1
    assert not (shelf.folder / "plan-ypenburg-2.txt").exists()


def test_a_removed_document_leaves_the_index_and_its_file_stays_unless_asked(typed, shelf):
    status, told = typed("remove", "plan-ypenburg")
    assert (status, "Het bestand" in told) == (0, True)
    assert list(shelf.open().sources) == ["wijzer", "plan-leyenburg"]
    assert (shelf.folder / "plan-ypenburg.txt").exists()

    typed("remove", "plan-leyenburg", "--delete-file")
    assert not (shelf.folder / "plan-leyenburg.txt").exists()

    before = everything(shelf)
    status, told = typed("remove", "wijzer")
    assert (status, "wijzer is het enige document" in told) == (2, True)
    assert everything(shelf) == before


@pytest.mark.parametrize(
    "command", [("remove", "geen"), ("inspect", "geen"), ("replace", "geen", "x")]
)
def test_an_unknown_id_is_answered_with_those_that_are_there(typed, shelf, command):
    before = everything(shelf)
    status, told = typed(*command)
    assert status == 1
    assert "Er is geen document geen. Kies uit: wijzer, plan-leyenburg, plan-ypenburg." in told
    assert everything(shelf) == before


def test_inspect_writes_one_page_and_says_where(typed, shelf, tmp_path):
    assert typed("inspect", "wijzer") == (0, "wijzer.html\n")
    page = (tmp_path / "wijzer.html").read_text(encoding="utf-8")
    assert page.startswith("<!doctype html>")
    assert "De coach overlegt elke week met de school." in page
    out = tmp_path / "uit" / "x.html"
    status, told = typed("inspect", "wijzer", "--out", out)
    assert (status, "x.html kan niet worden gebruikt" in told) == (2, True)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--year", "nu"], "fout bij --year: nu is geen jaartal"),
        (["--valid-until", "31-12-2026"], "31-12-2026 is geen datum zoals 2026-12-31"),
        (["--title", " "], "fout bij --title: de waarde is leeg"),
        (["--kind", "boek"], "fout bij --kind: onbekende keuze: 'boek'"),
    ],
)
def test_facts_that_cannot_be_are_refused_in_dutch(words, told, capsys):
    with pytest.raises(SystemExit):
        main(["add", "plan.txt", *words])
    assert told in capsys.readouterr().err


def test_a_change_in_a_long_section_embeds_its_passages_and_no_others(shelf):
    told = random.Random(7)

    def sentence():
        words = ["".join(told.choices("aeioubdgklmnprst", k=6)) for _ in range(12)]
        return f"Een {' '.join(words)}."

    paragraphs = [" ".join(sentence() for _ in range(4)) for _ in range(24)]
    lines = [
        f"Aanpak {'abcd'[n // 6]}\n\n{p}" if n % 6 == 0 else p for n, p in enumerate(paragraphs)
    ]
    shelf.write({"lang": "\n\n".join(lines) + "\n"})
    whole = shelf.build().passages
    lines[9] = lines[9].replace("Een ", "De ", 1)  # in the middle of the second section
    shelf.write({"lang": "\n\n".join(lines) + "\n"})

    report = shelf.build()

    assert whole >= 12
    assert (report.passages, report.embedded) == (whole, 1)


def test_ingest_lists_the_abbreviations_that_a_document_explains_for_the_maintainer(typed, shelf):
    shelf.write({"wijzer": HANDREIKING + "Dat heet buitenschoolse opvang (BSO).\n"})
    listed = shelf.folder / "afkortingen.toml"

    status, told = typed("ingest")

    assert (status, "Nieuw in afkortingen.toml, kijk of het klopt: BSO\n" in told) == (0, True)
    assert listed.read_text(encoding="utf-8").endswith('\n"BSO" = ["buitenschoolse opvang"]\n')
    assert "afkortingen.toml staat" not in told  # the list is no document
    assert typed("ingest")[1].endswith(
        "Niets veranderd: 1 documenten, 2 passages, 0 daarvan nieuw.\n"
    )

    listed.write_text('"NSO" = ["groep blijft klein"]\n"BSO" = []\n', encoding="utf-8")
    assert shelf.open().lexical("NSO", 9) == []
    assert typed("ingest")[1].endswith("Ingelezen: 1 documenten, 2 passages, 0 daarvan nieuw.\n")
    assert len(shelf.open().lexical("NSO", 9)) == 1
    assert listed.read_text(encoding="utf-8") == '"NSO" = ["groep blijft klein"]\n"BSO" = []\n'


def test_a_damaged_list_of_abbreviations_is_named_and_changes_nothing(typed, shelf):
    (shelf.folder / "afkortingen.toml").write_text('"BSO" = buiten', encoding="utf-8")
    before = everything(shelf)

    status, told = typed("ingest")

    assert status == 1
    assert "afkortingen.toml is niet te gebruiken" in told
    assert everything(shelf) == before
