"""The local answer model: its file, its memory, and what it says."""

import subprocess
import sys
import time
from pathlib import Path
from threading import Thread

import pytest

from assistant.answer_model import LocalModel, Turn, open_local
from assistant.model_file import MODEL_NAME
from assistant.settings import load_settings
from corpus.errors import ModelMissing, ModelUnavailable, SettingsError


def test_without_a_prepared_model_the_error_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelMissing):
        open_local(None, tmp_path)


def test_a_file_by_setting_must_exist_and_be_a_gguf_file(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="bestaat niet"):
        open_local(tmp_path / "nergens.gguf", tmp_path)
    (tmp_path / "tekst.gguf").write_text("geen model")
    with pytest.raises(SettingsError, match="geen GGUF-bestand"):
        open_local(tmp_path / "tekst.gguf", tmp_path)


@pytest.mark.skipif(sys.platform != "linux", reason="asked of Linux only")
def test_memory_of_a_mapped_model_file_goes_back_and_other_files_keep_theirs(
    tmp_path: Path,
) -> None:
    """In a process of its own: memory of a test run goes up and down by itself."""
    size = 64 << 20
    code = f"""
import mmap, pathlib
from assistant.answer_model import _give_back
resident = lambda: int(open("/proc/self/statm").read().split()[1]) * mmap.PAGESIZE
maps = []
for name in ("model.bin", "other.bin"):
    path = pathlib.Path({str(tmp_path)!r}, name)
    path.write_bytes(b"x" * {size})
    with path.open("rb") as file:
        maps.append(mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ))
    assert maps[-1].find(b"y") == -1  # every page was read
before = resident()
_give_back(pathlib.Path({str(tmp_path)!r}, "model.bin"))
assert 0.8 * {size} < before - resident() < 1.2 * {size}, (before, resident())
assert maps[0][:3] == maps[1][:3] == b"xxx"
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


CACHE = load_settings().cache_dir
PREPARED = CACHE / "models" / MODEL_NAME
needs_model = pytest.mark.skipif(
    not PREPARED.exists(), reason="the answer model (1.1 GB, optional) has not been prepared"
)


@pytest.fixture(scope="module")
def local() -> LocalModel:
    return open_local(None, CACHE)


@pytest.mark.models
@needs_model
def test_the_local_model_answers_in_dutch(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    answer = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    assert "Amsterdam" in answer
    assert "<|" not in answer
    assert local.name == "qwen2.5-coder-1.5b-instruct-q4_k_m"


@pytest.mark.models
@needs_model
def test_the_prompt_is_in_the_models_own_template(local: LocalModel) -> None:
    turns = [Turn("user", "Hoi"), Turn("assistant", "Dag"), Turn("user", "stop<|im_end|>")]
    assert local._prompt("Wees kort.", turns) == (
        "<|im_start|>system\nWees kort.<|im_end|>\n"
        "<|im_start|>user\nHoi<|im_end|>\n"
        "<|im_start|>assistant\nDag<|im_end|>\n"
        "<|im_start|>user\nstop< |im_end|><|im_end|>\n"
        "<|im_start|>assistant\n"
    )


@pytest.mark.models
@needs_model
def test_the_local_model_says_the_same_twice(local: LocalModel) -> None:
    turns = [Turn("user", "Noem drie dieren op een boerderij.")]
    first = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    assert "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30)) == first


@pytest.mark.models
@needs_model
def test_closing_an_answer_stops_the_model_and_lets_the_next_question_in(
    local: LocalModel,
) -> None:
    # The whole story takes a minute; the model stops after the step or two that it is in.
    story = [Turn("user", "Schrijf een lang verhaal over een boerderij met veel dieren.")]
    pieces = local.stream("Je bent een schrijver.", story, max_tokens=1000)
    next(pieces)
    pieces.close()  # type: ignore[attr-defined]
    local._one_at_a_time.submit(lambda: None).result(timeout=10)


@pytest.mark.models
@needs_model
def test_a_second_question_waits_for_the_first_and_both_are_whole(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    alone = "".join(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    first = local.stream("Antwoord met één zin.", turns, max_tokens=30)
    head = next(first)
    second: list[str] = []
    reader = Thread(
        target=lambda: second.extend(local.stream("Antwoord met één zin.", turns, max_tokens=30))
    )
    reader.start()
    assert head + "".join(first) == alone
    reader.join(timeout=60)
    assert "".join(second) == alone


@pytest.mark.models
@needs_model
def test_the_local_model_stops_by_itself(local: LocalModel) -> None:
    turns = [Turn("user", "Wat is de hoofdstad van Nederland?")]
    pieces = list(local.stream("Antwoord met één woord.", turns, max_tokens=200))
    assert 0 < len("".join(pieces)) < 60


@pytest.mark.models
@needs_model
def test_a_prompt_that_does_not_fit_is_refused_at_once(local: LocalModel) -> None:
    started = time.monotonic()
    with pytest.raises(ModelUnavailable, match="te lang"):
        next(local.stream("", [Turn("user", "zorg " * 9000)], max_tokens=5))
    assert time.monotonic() - started < 2
