"""The command that teaches the embedder on questions about the documents."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from assistant.terminal import Bar
from corpus.sources import load_catalogue

Add = Callable[[str, Callable[[Any, Settings], int], str], argparse.ArgumentParser]


def add_teach(add: Add) -> None:
    """Add the command to the command line."""
    command = add("teach", _teach, "leer het embedding-model van vragen over de documenten")
    file: dict[str, Any] = {"type": Path, "metavar": "BESTAND"}
    command.add_argument("--questions", help="vragen per plaats (JSON-object per regel)", **file)
    command.add_argument("--out", help="waar de adapter komt", required=True, **file)
    command.add_argument("--epochs", type=int, default=3, metavar="N", help="aantal rondes (3)")
    command.add_argument(
        "--seed", type=int, default=1, metavar="N", help="begin van het toeval (1)"
    )
    command.add_argument(
        "--leave-out", default="", metavar="ID", help="document waarvan niet wordt geleerd"
    )


def _teach(arguments: argparse.Namespace, settings: Settings) -> int:
    """Make an index with the untaught model, and teach on it."""
    from index import teach
    from index.build import build
    from index.embedder import ADAPTER, Embedder, default_folder, fingerprint
    from index.store import Index

    cache = settings.cache_dir
    untaught = fingerprint("", cache, taught=False)
    with tempfile.TemporaryDirectory() as folder, Bar() as progress:
        build(
            Path(folder),
            load_catalogue(settings.documents_dir),
            untaught,
            lambda: Embedder.load("", cache, taught=False),
            progress,
        )
        made = teach.teach(
            Index.open(Path(folder), untaught),
            default_folder(cache),
            arguments.questions or teach.QUESTIONS,
            arguments.out,
            teach.Settings(arguments.epochs, arguments.seed, arguments.leave_out),
            progress,
        )
    figures, kept = made["figures"], made["kept_epoch"]
    if not kept:
        print("Geen ronde was beter dan het begin. Er is niets bewaard.", file=sys.stderr)
        return 1
    print(
        f"Klaar in {made['minutes']} minuten. Bij de eerste vijf, op vragen die apart "
        f"zijn gehouden: {figures[0]['hit@5']:.2f} voor en {figures[kept]['hit@5']:.2f} na. "
        f"De adapter wordt pas gebruikt als hij in {ADAPTER} staat; lees eerst "
        f"{ADAPTER.with_name('README.md')}.",
        file=sys.stderr,
    )
    return 0
