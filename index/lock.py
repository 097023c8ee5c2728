"""One run at a time changes the documents and their index."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import IndexBusy, IndexUnwritable

log = logging.getLogger(__name__)

LOCK = ".lock"


@contextmanager
def alone(index_dir: Path) -> Iterator[None]:
    """Keep other runs out until the block ends, or this process does.

    The system gives the lock free with the process, so that a run that was
    killed locks nobody out. The file itself stays: it says nothing.

    Raises:
        IndexBusy: another run is changing this index.
        IndexUnwritable: the folder cannot be written.
    """
    lock = FileLock(index_dir / LOCK)
    try:
        index_dir.mkdir(parents=True, exist_ok=True)
        lock.acquire(blocking=False)
    except Timeout as error:
        raise IndexBusy() from error
    except OSError as error:
        log.error("%s cannot be locked", index_dir, exc_info=error)
        raise IndexUnwritable(path=index_dir) from error
    try:
        yield
    finally:
        lock.release()
