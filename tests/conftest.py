import os
from pathlib import Path

import pytest
from platformdirs import user_cache_path

from assistant.ask import Assistant
from assistant.settings import load_settings
from corpus.errors import ModelMissing, StoreError
from index.embedder import Embedder


def cache_dir():
    """The user's own cache: what `python -m assistant prepare` has put there."""
    return Path(os.environ.get("WEGWIJZER_CACHE_DIR") or user_cache_path("wegwijzer"))


@pytest.fixture(scope="session")
def embedder():
    """The real default embedder. Tests that use it carry the mark `models`."""
    return Embedder.load("", cache_dir())


@pytest.fixture(scope="session")
def assistant():
    """The assistant over the five documents, without an answer model; tests carry `models`."""
    try:
        return Assistant.open(load_settings(model="quotes"))
    except (ModelMissing, StoreError) as error:
        if os.environ.get("CI"):
            raise
        pytest.skip(f"{error} {error.advice}")
