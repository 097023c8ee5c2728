"""The vectors of a build, kept and searched by Chroma. The only importer of chromadb.

They are in the folder of the build or, when an address is given, on a Chroma server
(`chroma run`), in a collection that is named after the build and goes with its folder.
"""

import logging
import math
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import numpy as np
from numpy.typing import NDArray

from corpus.errors import ChromaUnavailable, IndexOutdated, WegwijzerError

log = logging.getLogger(__name__)

# In the folder of a build: the folder of its vectors, and the one collection there.
CHROMA = "chroma"
COLLECTION = "passages"
# How a collection is made: see Chroma, "Configure collections". At 10,000 passages and more its
# own ef_search (100) misses some of the nearest; twice that takes a few ms more (`evals.growth`).
HNSW: dict[str, Any] = {"space": "cosine", "ef_search": 200}
# A server that is there answers at once; one that stores a block of vectors may take a while.
TIMEOUT = httpx.Timeout(60.0, connect=5.0)
DAMAGED = "hij is beschadigd"
ELSEWHERE = "zijn vectoren staan niet op de Chroma-server van chroma_url"


@dataclass(frozen=True)
class Item:
    """A passage as it is stored: its vector is of unit length; `facts` are for who looks there."""

    id: str
    text: str
    vector: NDArray[np.float32]
    facts: dict[str, str]


class Vectors:
    """The vectors of one build. Safe to share between threads.

    Every method raises IndexOutdated when they are not where they should be, and
    ChromaUnavailable when a server cannot be used.

    Args:
        client: of Chroma.
        collection: that of the build.
        url: of the server; empty when they are in the folder of the build.
    """

    def __init__(self, client: Any, collection: Any, url: str) -> None:
        from llama_index.vector_stores.chroma import ChromaVectorStore

        self._collection = collection
        self._store = ChromaVectorStore(chroma_collection=collection)
        self._block = int(client.get_max_batch_size())
        self._url = url

    @classmethod
    def make(cls, folder: Path, url: str = "") -> "Vectors":
        """Begin the vectors of a build that has none."""
        return cls._at(folder, url, "create_collection", configuration={"hnsw": HNSW})

    @classmethod
    def open(cls, folder: Path, url: str = "") -> "Vectors":
        """Open the vectors of a build."""
        return cls._at(folder, url, "get_collection")

    @classmethod
    def _at(cls, folder: Path, url: str, how: str, **more: Any) -> "Vectors":
        with _answering(url):
            client = _connect(url) if url else _embedded(folder)
            name = _collection(folder) if url else COLLECTION
            return cls(client, getattr(client, how)(name, **more), url)

    def add(self, items: Iterable[Item]) -> None:
        """Store passages, in blocks as large as Chroma takes them."""
        from llama_index.core.schema import TextNode

        nodes = (
            TextNode(id_=i.id, text=i.text, embedding=i.vector.tolist(), metadata=i.facts)
            for i in items
        )
        while block := list(islice(nodes, self._block)):
            with _answering(self._url):
                self._store.add([*block])

    def count(self) -> int:
        """Return how many there are."""
        with _answering(self._url):
            return int(self._collection.count())

    def nearest(self, vector: NDArray[np.float32], k: int) -> list[tuple[str, float]]:
        """Return the k passages nearest to a unit vector: (id, cosine), best first."""
        from llama_index.core.vector_stores.types import VectorStoreQuery

        with _answering(self._url):
            found = self._store.query(
                VectorStoreQuery(query_embedding=vector.tolist(), similarity_top_k=k)
            )
        # LlamaIndex gives exp(-distance) as similarity; Chroma's distance is 1 - cosine.
        pairs = [
            (id, 1.0 + math.log(similarity))
            for id, similarity in zip(found.ids or [], found.similarities or [], strict=True)
        ]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def by_id(self) -> dict[str, NDArray[np.float32]]:
        """Return them all, by the id of their passage."""
        found: dict[str, NDArray[np.float32]] = {}
        with _answering(self._url):
            for start in range(0, self._collection.count(), self._block):
                page = self._collection.get(include=["embeddings"], limit=self._block, offset=start)
                vectors = np.asarray(page["embeddings"], dtype=np.float32)
                found.update(zip(page["ids"], vectors, strict=True))
        return found


def reach(url: str) -> None:
    """Do nothing when there is no server, or it answers.

    Raises:
        ChromaUnavailable: it does not.
    """
    if url:
        _connect(url).close()


def drop(folder: Path, url: str) -> None:
    """Remove from a server what it has of a build, if anything.

    Raises:
        ChromaUnavailable: the server cannot be used.
    """
    from chromadb.errors import NotFoundError

    with _answering(url), _connect(url) as client:
        try:
            client.delete_collection(_collection(folder))
        except NotFoundError:
            log.info("the server has nothing of %s", folder.name)


def storage_errors() -> tuple[type[Exception], ...]:
    """Return what is raised when a disk is full or a folder cannot be written."""
    from chromadb.errors import ChromaError

    return (OSError, ChromaError)


def _collection(folder: Path) -> str:
    """Return the name of a build's collection; a server may have those of others too."""
    return f"wegwijzer-{folder.name}"


def _embedded(folder: Path) -> Any:
    chromadb, settings = _chromadb()
    return chromadb.PersistentClient(str(folder / CHROMA), settings)


def _connect(url: str) -> Any:
    """Return a client of a server."""
    chromadb, settings = _chromadb()
    with _answering(url):
        # Asked first: Chroma's client waits for ever, and takes a limit only when it is made.
        heartbeat = f"{url.rstrip('/')}/api/v2/heartbeat"
        httpx.get(heartbeat, timeout=TIMEOUT.connect).raise_for_status()
        client = chromadb.HttpClient(url, settings=settings)
        client._server._session.timeout = TIMEOUT
    return client


def _chromadb() -> tuple[Any, Any]:
    """Return the library and its settings; late because slow, and without its telemetry."""
    os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
    import chromadb
    from chromadb.config import Settings

    return chromadb, Settings(anonymized_telemetry=False)


@contextmanager
def _answering(url: str) -> Iterator[None]:
    """Turn whatever a server, or the way to it, can raise into an error of our own."""
    from chromadb.errors import NotFoundError

    try:
        yield
    except NotFoundError as error:
        log.info("Chroma does not have the vectors", exc_info=error)
        raise IndexOutdated(reason=ELSEWHERE if url else DAMAGED) from error
    except Exception as error:  # of the client and of the way to it: they have no common class
        if not url or isinstance(error, WegwijzerError):
            raise
        log.info("the Chroma server cannot be used", exc_info=error)
        parts = urlsplit(url)
        # Without a name and password that may be in the address.
        shown = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
        raise ChromaUnavailable(url=shown, reason=_reason(error)) from error


def _reason(error: Exception) -> str:
    """Return in Dutch why a server cannot be used."""
    if isinstance(error, httpx.TimeoutException):
        return "hij antwoordt niet op tijd"
    # Chroma's client makes a ValueError of a connection that fails.
    if isinstance(error, httpx.TransportError | ValueError):
        return "hij is niet te bereiken"
    return "hij meldt een fout"
