"""What the commands show on a terminal, in Dutch: help, progress, and what went wrong."""

import argparse
import logging
import sys
from collections.abc import Callable
from typing import Any

from tqdm import tqdm

from corpus.errors import WegwijzerError

log = logging.getLogger(__name__)


ARGUMENT_ERROR = 2

# What argparse says by itself, in the order in which it is replaced.
_DUTCH = {
    "usage:": "gebruik:",
    "options:": "opties:",
    "positional arguments:": "argumenten:",
    "show this help message and exit": "toon deze uitleg en stop",
    "error: the following arguments are required:": "fout: dit ontbreekt nog:",
    "error: unrecognized arguments:": "fout: dit is onbekend:",
    "error: argument": "fout bij",
    "invalid choice:": "onbekende keuze:",
    "choose from": "kies uit",
    "expected one argument": "er hoort één waarde achter",
}


class Parser(argparse.ArgumentParser):
    """An ArgumentParser that speaks Dutch."""

    def _print_message(self, message: str, file: Any = None) -> None:
        for english, dutch in _DUTCH.items():
            message = message.replace(english, dutch)
        super()._print_message(message, file)


class Bar:
    """A progress bar on stderr that shows what is being done, in Dutch."""

    def __enter__(self) -> Callable[[str, float], None]:
        self.bar = tqdm(total=100, bar_format="{desc:<32} {percentage:3.0f}% |{bar}| {elapsed}")
        return self._show

    def _show(self, label: str, share: float) -> None:
        new = label != self.bar.desc.strip().removesuffix(":")
        if new:
            self.bar.reset()
            self.bar.set_description_str(label, refresh=False)
        self.bar.n = round(100 * share)
        # In a file every refresh would be a line.
        if new or sys.stderr.isatty():
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
