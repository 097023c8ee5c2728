"""Recognise the text of scanned pages, when ocrmypdf and tesseract are installed."""

import importlib.util
import logging
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

log = logging.getLogger(__name__)

_LANGUAGE = "nld"
_SECONDS_A_PAGE = 120
INSTALL = (
    "Installeer tekstherkenning (pip install 'wegwijzer[ocr]' en "
    "apt install tesseract-ocr tesseract-ocr-nld ghostscript) en lees het document opnieuw in"
)


def is_installed() -> bool:
    """Tell whether scanned pages can be recognised here, in Dutch."""
    if importlib.util.find_spec("ocrmypdf") is None or shutil.which("tesseract") is None:
        return False
    listed = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, timeout=60, check=False
    )
    return _LANGUAGE in listed.stdout.split()


def recognise(path: Path, pages: Iterable[int], out: Path) -> bool:
    """Write a PDF in which the pages of these numbers have text; tell whether that worked."""
    numbers = sorted(pages)
    command = [sys.executable, "-m", "ocrmypdf", "--quiet", "--skip-text", "--jobs", "1"]
    command += ["--language", _LANGUAGE, "--output-type", "pdf", "--optimize", "0"]
    command += ["--pages", ",".join(map(str, numbers)), str(path), str(out)]
    limit = 60 + _SECONDS_A_PAGE * len(numbers)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=limit, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        log.error("text recognition failed: %s", error)
        return False
    if done.returncode != 0:
        log.error("text recognition failed (%d): %s", done.returncode, done.stderr[-500:])
    return done.returncode == 0 and out.exists()
