import shutil

import pytest

from assistant.__main__ import main
from assistant.doctor import examine
from assistant.settings import PROJECT, load_settings


@pytest.fixture
def nothing(tmp_path, monkeypatch):
    """A computer on which nothing has been prepared."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WEGWIJZER_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", str(tmp_path / "index"))


def test_with_nothing_prepared_the_doctor_names_the_command_for_each_thing(nothing, capsys):
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert "MIST  Embedding-model: Het zoekmodel staat nog niet klaar." in lines
    assert "      Voer uit: python -m assistant prepare" in lines
    # Without an embedder the index cannot be checked.
    assert [line for line in lines if line.startswith("MIST  Index")] != []
    assert sum(line.startswith("goed  Document: ") for line in lines) == 5


def test_a_missing_answer_model_alone_is_no_fault(nothing):
    *_, answers = examine(load_settings())
    assert answers.optional
    assert not answers.good
    assert answers.advice == "Voor geschreven antwoorden: python -m assistant prepare"


def test_answers_of_quotes_by_choice_miss_nothing(nothing):
    *_, answers = examine(load_settings(model="quotes"))
    assert answers.good
    assert answers.advice == ""


def test_a_local_model_that_was_asked_for_and_is_missing_is_a_fault(nothing):
    *_, answers = examine(load_settings(model="local"))
    assert (answers.good, answers.optional) == (False, False)
    assert answers.advice == "Voer uit: python -m assistant prepare"


def test_a_document_that_was_changed_and_one_that_is_gone_are_named(nothing, tmp_path):
    folder = tmp_path / "documents"
    shutil.copytree(PROJECT / "corpus" / "documents", folder)
    changed = folder / "presentatie-passende-opvang.txt"
    changed.chmod(0o644)
    changed.write_text("Iets anders.", encoding="utf-8")
    (folder / "gebiedsplan-leidschenveen-ypenburg.txt").unlink()
    bad = [f for f in examine(load_settings(documents_dir=folder)) if not f.good]
    told = "\n".join(f"{f.text} {f.advice}" for f in bad)
    assert "Het document presentatie-passende-opvang is niet het bestand" in told
    assert "Het document gebiedsplan-leidschenveen-ypenburg ontbreekt" in told


def test_without_a_catalogue_the_rest_is_still_looked_at(nothing, tmp_path):
    findings = examine(load_settings(documents_dir=tmp_path))
    assert findings[0].text.startswith("Documenten: De lijst met documenten")
    assert [f.text.split(":")[0] for f in findings] == [
        "Documenten",
        "Embedding-model",
        "Index",
        "Taalmodel",
    ]


@pytest.mark.models
@pytest.mark.usefixtures("assistant")
def test_with_everything_there_the_doctor_is_content(capsys, monkeypatch):
    monkeypatch.setenv("WEGWIJZER_MODEL", "quotes")
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if not line.startswith("goed  ")] == []
    assert any(line.startswith("goed  Embedding-model: klaar, 384 dimensies") for line in lines)
    assert any(line.startswith("goed  Index: 5 documenten, ") for line in lines)


@pytest.mark.models
@pytest.mark.usefixtures("assistant")
def test_an_index_that_is_missing_is_told_with_its_command(capsys, monkeypatch, tmp_path):
    monkeypatch.setenv("WEGWIJZER_MODEL", "quotes")
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", str(tmp_path))
    assert main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    at = lines.index("MIST  Index: De documenten zijn nog niet ingelezen.")
    assert lines[at + 1] == "      Voer uit: python -m assistant ingest"
