import re
from pathlib import Path

from assistant.settings import PROJECT, Settings

README = (PROJECT / "README.md").read_text(encoding="utf-8")


def test_the_settings_table_lists_every_setting_with_its_meaning():
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]+?) \|$", README, re.MULTILINE))
    assert rows == {name: field.description for name, field in Settings.model_fields.items()}


def test_every_file_in_the_readme_is_there():
    named = re.findall(r"`((?:corpus|index|assistant|evals)/[\w./]+|app\.py)`", README)
    assert len(named) > 10
    assert [name for name in named if not (Path(PROJECT) / name).exists()] == []
