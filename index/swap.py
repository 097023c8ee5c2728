"""Which build is in use, and the end of those that are not."""

import logging
import shutil
from pathlib import Path
from typing import Any

from corpus.errors import ChromaUnavailable, IndexOutdated
from index.store import current_build, is_on_server, read_manifest
from index.vectors import Vectors, drop

log = logging.getLogger(__name__)


def swap(index_dir: Path, folder: Path) -> None:
    """Let a build take the place of the one in use, in one step."""
    pointer = folder / "current"  # in the build, so that one cut short is cleaned up with it
    pointer.write_text(folder.name, encoding="utf-8")
    pointer.replace(index_dir / "current")


def clean(index_dir: Path, url: str) -> None:
    """Remove older builds, but for the last one: a running app may still search it."""
    in_use = current_build(index_dir)
    if in_use is None:
        return
    older = sorted(f for f in index_dir.glob("build-*") if f.name < in_use.name)
    whole = [folder for folder in older if read_manifest(folder)]
    for folder in older:
        if folder not in whole[-1:]:
            discard(folder, url)


def discard(folder: Path, url: str) -> None:
    """Remove a build and what a server has of it; the folder last, so that it is tried again.

    By the folders that are here, because others may keep theirs on the same server.
    """
    try:
        if url:
            drop(folder, url)
    except ChromaUnavailable as error:
        log.warning("%s stays for now: %s", folder.name, error)
        return
    shutil.rmtree(folder, ignore_errors=True)


def manifest_in_use(index_dir: Path, url: str) -> dict[str, Any]:
    """Return the manifest of the build in use; empty when there is none or it is damaged."""
    folder = current_build(index_dir)
    manifest = {} if folder is None else read_manifest(folder)
    if folder is None or not (url and is_on_server(manifest)):
        return manifest
    try:
        whole = Vectors.open(folder, url).count() == manifest["passages"]
    except IndexOutdated:
        whole = False
    return manifest if whole else {}
