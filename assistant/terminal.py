"""What the commands show on a terminal, in Dutch: progress, and what went wrong."""

import logging
import sys
from collections.abc import Callable

from tqdm import tqdm

from corpus.errors import WegwijzerError

log = logging.getLogger(__name__)


class Bar:
    """A progress bar on stderr that shows what is being done, in Dutch."""

    def __enter__(self) -> Callable[[str, float], None]:
        self.bar = tqdm(total=100, bar_format="{desc:<32} {percentage:3.0f}% |{bar}| {elapsed}")
        return self._show

    def _show(self, label: str, share: float) -> None:
        if label != self.bar.desc.strip().removesuffix(":"):
            self.bar.reset()
            self.bar.set_description_str(label)
        self.bar.n = round(100 * share)
        self.bar.refresh()

    def __exit__(self, *_: object) -> None:
        self.bar.close()


def say_error(error: WegwijzerError, status: int) -> int:
    """Say on stderr what went wrong and what to do; return the exit status that was given."""
    print(f"{error} {error.advice}", file=sys.stderr)
    return status


def why_refused(error: OSError | UnicodeDecodeError) -> str:
    """Return in Dutch why a file cannot be used; the system's own words are logged."""
    log.info("file refused: %s", error)
    reasons = {
        FileNotFoundError: "het bestaat niet",
        IsADirectoryError: "het is een map",
        PermissionError: "u hebt er geen rechten voor",
        UnicodeDecodeError: "het is geen tekst in UTF-8",
    }
    return reasons.get(type(error), "het systeem weigert het")
