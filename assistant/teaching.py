"""The command that teaches the models on questions about the documents."""

import argparse
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from assistant.settings import Settings
from assistant.terminal import Bar
from corpus.errors import DocumentUnknown, ModelMissing
from corpus.sources import load_catalogue

Progress = Callable[[str, float], None]
Add = Callable[[str, Callable[[Any, Settings], int], str], argparse.ArgumentParser]


def add_teach(add: Add) -> None:
    """Add the command to the command line."""
    command = add("teach", _teach, "leer de zoek- en leesmodellen van vragen over de documenten")
    file: dict[str, Any] = {"type": Path, "metavar": "BESTAND"}
    command.add_argument("--questions", help="vragen per plaats (JSON-object per regel)", **file)
    command.add_argument(
        "--out",
        type=Path,
        required=True,
        metavar="MAP",
        help="waar het geleerde komt; wat er al staat, wordt niet opnieuw geleerd",
    )
    command.add_argument("--epochs", type=int, default=2, metavar="N", help="aantal rondes (2)")
    command.add_argument(
        "--seed", type=int, default=1, metavar="N", help="begin van het toeval (1)"
    )
    command.add_argument(
        "--anew", action="store_true", help="begin van niets, niet bij wat er al geleerd is"
    )
    command.add_argument(
        "--leave-out", default="", metavar="ID", help="document waarvan niet wordt geleerd"
    )


def _teach(arguments: argparse.Namespace, settings: Settings) -> int:
    """Teach the embedder, then the reader on what the taught embedder finds."""
    from index.embedder import ADAPTER
    from index.questions import QUESTIONS, UNANSWERABLE, load_texts, load_unanswerable

    # What is wrong is told before an hour is spent.
    _check_left_out(arguments.leave_out, settings)
    questions = arguments.questions or QUESTIONS
    load_texts(questions)
    load_unanswerable(questions.with_name(UNANSWERABLE))
    arguments.out.mkdir(parents=True, exist_ok=True)
    adapter, reader = arguments.out / ADAPTER.name, arguments.out / "reader.safetensors"
    # A run that is stopped leaves nothing half taught: a file is moved when it is whole.
    with tempfile.TemporaryDirectory(dir=arguments.out) as name, Bar() as progress:
        folder = Path(name)
        if not adapter.exists():
            made = _embedder(arguments, settings, folder, progress)
            if not made["kept_epoch"] and not made["went_on"]:
                print("Geen ronde was beter dan het begin. Er is niets bewaard.", file=sys.stderr)
                return 1
            if not made["kept_epoch"]:
                shutil.copyfile(ADAPTER, folder / adapter.name)
            (folder / adapter.name).replace(adapter)
            _keep(arguments.out, "embedder", made)
        if not reader.exists():
            made = _reader(arguments, settings, folder, adapter, progress)
            (folder / reader.name).replace(reader)
            _keep(arguments.out, "reader", made)
        _known_questions(arguments, settings, adapter, progress)
    print(f"Klaar. De cijfers staan in {arguments.out / 'made.json'}.", file=sys.stderr)
    return 0


def _is_anew(arguments: argparse.Namespace) -> bool:
    """Tell whether to begin with nothing; what is there was taught on every document."""
    return bool(arguments.anew or arguments.leave_out)


def _check_left_out(document: str, settings: Settings) -> None:
    known = [source.id for source in load_catalogue(settings.documents_dir)]
    if document and document not in known:
        raise DocumentUnknown(document=document, known=", ".join(known))


def _embedder(
    arguments: argparse.Namespace, settings: Settings, folder: Path, progress: Progress
) -> dict[str, Any]:
    """Teach on an index of the untaught model; what was taught is written to the folder."""
    from index.embedder import ADAPTER, default_folder
    from index.questions import QUESTIONS
    from index.teach import Start, teach
    from index.teacher import Settings as TeacherSettings

    index = build_index(settings, folder / "voor", None, progress)
    known = ADAPTER if ADAPTER.exists() and not _is_anew(arguments) else None
    return teach(
        index,
        Start(default_folder(settings.cache_dir), known),
        arguments.questions or QUESTIONS,
        folder / ADAPTER.name,
        TeacherSettings(arguments.epochs, arguments.seed, arguments.leave_out),
        progress,
    )


def _known_questions(
    arguments: argparse.Namespace, settings: Settings, adapter: Path, progress: Progress
) -> None:
    """Encode the questions once for all who will make an index of them."""
    import numpy as np

    from index.embedder import Embedder
    from index.encode import VECTORS, save_vectors
    from index.questions import QUESTIONS, UNANSWERABLE, load_nowhere, load_texts

    embedder = Embedder.load("", settings.cache_dir, adapter)
    path = arguments.questions or QUESTIONS
    questions = load_texts(path)
    questions += [e.question for e in load_nowhere(path.with_name(UNANSWERABLE))]
    vectors = []
    for done, vector in enumerate(embedder.query_vectors(questions)):
        progress("Vragen inlezen", done / len(questions))
        vectors.append(vector)
    save_vectors(arguments.out / VECTORS.name, embedder.fingerprint, questions, np.stack(vectors))


def _reader(
    arguments: argparse.Namespace,
    settings: Settings,
    folder: Path,
    adapter: Path,
    progress: Progress,
) -> dict[str, Any]:
    """Teach on what is found in an index of the taught model; write it to the folder."""
    import numpy as np

    from assistant.ask import Assistant
    from assistant.lessons import lessons
    from index.adapter import merge
    from index.embedder import Embedder, default_folder
    from index.questions import QUESTIONS
    from index.reader import TAUGHT, Reader
    from index.teach_asked import teach_asked
    from index.teach_reader import Settings as ReaderSettings
    from index.teach_reader import teach_reader
    from index.teacher import bare

    index = build_index(settings, folder / "na", adapter, progress)
    assistant = Assistant(index, Embedder.load("", settings.cache_dir, adapter), None)
    questions = arguments.questions or QUESTIONS
    taught = lessons(assistant, questions, arguments.leave_out, progress)
    model, tokenizer = bare(default_folder(settings.cache_dir))
    merge(model, adapter)
    out = folder / TAUGHT.name
    made = teach_reader(
        (model, tokenizer),
        taught,
        out,
        ReaderSettings(arguments.epochs, arguments.seed),
        progress,
        TAUGHT if TAUGHT.exists() and not _is_anew(arguments) else None,
    )
    reader = Reader.load(assistant.embedder, out)
    if reader is None:
        raise ModelMissing(model="leesmodel")
    vectors = np.stack(list(assistant.embedder.query_vectors([x.question for x in taught])))
    return made | {"asked": teach_asked(reader, taught, vectors, out)}


def build_index(
    settings: Settings,
    folder: Path,
    adapter: Path | None,
    progress: Progress,
    questions: Path | None = None,
) -> Any:
    """Build the index of the embedder with an adapter in a folder of its own, and open it.

    Without known questions unless they are given: one that is taught would find itself.
    """
    from index.build import Aids, build
    from index.embedder import Embedder, fingerprint
    from index.store import Index

    cache = settings.cache_dir
    identity = fingerprint("", cache, adapter)
    build(
        folder,
        load_catalogue(settings.documents_dir),
        identity,
        lambda: Embedder.load("", cache, adapter),
        progress,
        Aids(questions=questions),
    )
    return Index.open(folder, identity)


def _keep(folder: Path, name: str, made: dict[str, Any]) -> None:
    """Write how something was made beside it."""
    path = folder / "made.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    text = json.dumps({**known, name: made}, indent=1, ensure_ascii=False)
    path.write_text(text + "\n", encoding="utf-8")
