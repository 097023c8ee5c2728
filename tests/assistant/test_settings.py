import os
import re
from pathlib import Path

import pytest

from assistant.settings import PROJECT, Settings, load_settings
from corpus.errors import SettingsError


@pytest.fixture(autouse=True)
def no_settings_around(tmp_path, monkeypatch):
    """An empty folder, and no variable of whoever runs the tests."""
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.upper().startswith("WEGWIJZER_")]:
        monkeypatch.delenv(name)


def toml(text):
    Path("wegwijzer.toml").write_text(text, encoding="utf-8")


def refused(**overrides):
    with pytest.raises(SettingsError) as caught:
        load_settings(**overrides)
    return str(caught.value)


def test_without_any_setting_the_page_is_local_and_the_folders_are_known():
    settings = load_settings()
    assert (settings.host, settings.port) == ("127.0.0.1", 7860)
    assert settings.model == "auto"
    assert settings.documents_dir == PROJECT / "corpus" / "documents"
    assert settings.index_dir == PROJECT / ".wegwijzer" / "index"
    assert settings.cache_dir.name == "wegwijzer"
    assert settings.model_key.get_secret_value() == ""


def test_a_variable_sets_a_setting(monkeypatch):
    monkeypatch.setenv("WEGWIJZER_PORT", "8000")
    monkeypatch.setenv("WEGWIJZER_INDEX_DIR", "elders/index")
    settings = load_settings()
    assert settings.port == 8000
    assert settings.index_dir == Path("elders/index")


def test_the_file_sets_a_setting():
    toml('model = "quotes"\nmodel_timeout_s = 2.5\n')
    settings = load_settings()
    assert settings.model == "quotes"
    assert settings.model_timeout_s == 2.5


def test_an_argument_wins_over_a_variable_and_a_variable_over_the_file(monkeypatch):
    toml("port = 8001\n")
    assert load_settings().port == 8001
    monkeypatch.setenv("WEGWIJZER_PORT", "8002")
    assert load_settings().port == 8002
    assert load_settings(port=8003).port == 8003


def test_an_unknown_name_in_the_file_is_refused():
    toml("poort = 8001\n")
    assert refused() == "De instelling poort kan niet worden gebruikt: die bestaat niet."


def test_an_unknown_variable_is_refused(monkeypatch):
    monkeypatch.setenv("WEGWIJZER_POORT", "8001")
    said = refused()
    assert said == "De instelling WEGWIJZER_POORT kan niet worden gebruikt: die bestaat niet."


def test_a_variable_of_another_program_is_not_ours_to_refuse(monkeypatch):
    monkeypatch.setenv("WEGWIJZERS_POORT", "8001")
    monkeypatch.setenv("PORT", "8001")
    assert load_settings().port == 7860


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "0"),
        ("port", "65536"),
        ("port", "achtduizend"),
        ("model", "groot"),
        ("model_timeout_s", "0"),
        ("log_level", "luid"),
        ("chroma_url", "127.0.0.1:8000"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_in_dutch(name, value, monkeypatch):
    monkeypatch.setenv(f"WEGWIJZER_{name.upper()}", value)
    meaning = Settings.model_fields[name].description
    assert refused() == (
        f"De instelling {name} kan niet worden gebruikt: "
        f"de waarde past niet. Bedoeld is: {meaning}."
    )


def test_a_key_that_does_not_fit_is_not_told(caplog):
    toml("model_key = 123454321\n")
    with caplog.at_level("DEBUG"):
        said = refused()
    assert said.startswith("De instelling model_key kan niet worden gebruikt")
    assert "model_key" in caplog.text
    assert "123454321" not in said + caplog.text


def test_a_file_that_is_no_toml_is_refused_with_its_line():
    toml("port = 8001\nmodel quotes\n")
    said = refused()
    assert said == (
        "De instelling wegwijzer.toml kan niet worden gebruikt: "
        "het bestand is geen geldige TOML (zie regel 2)."
    )


def test_a_file_that_is_no_text_is_refused():
    Path("wegwijzer.toml").write_bytes(b"\xff\xfe\x00")
    assert "geen geldige TOML" in refused()


def test_settings_cannot_be_changed_afterwards():
    with pytest.raises(ValueError, match="frozen"):
        load_settings().port = 1


def test_a_key_does_not_show_when_settings_are_printed():
    assert "geheim" not in repr(load_settings(model_key="geheim"))


def test_there_are_at_most_twenty_settings_and_all_are_explained():
    assert len(Settings.model_fields) <= 20
    assert [n for n, field in Settings.model_fields.items() if not field.description] == []


def test_every_setting_is_read_somewhere():
    code = "".join(
        path.read_text(encoding="utf-8")
        for path in [*PROJECT.glob("*.py"), *PROJECT.glob("assistant/*.py")]
        if path.name != "settings.py"
    )
    unread = [name for name in Settings.model_fields if not re.search(rf"settings\.{name}\b", code)]
    assert unread == []
