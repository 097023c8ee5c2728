import os
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from index.embedder import Embedder


def cache_dir():
    """The user's own cache: what `python -m assistant prepare` has put there."""
    return Path(os.environ.get("WEGWIJZER_CACHE_DIR") or user_cache_path("wegwijzer"))


@pytest.fixture(scope="session")
def embedder():
    """The real default embedder. Tests that use it carry the mark `models`."""
    return Embedder.load("", cache_dir())
