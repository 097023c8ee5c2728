"""What is installed, prepared and indexed, and what to do where something is missing."""

from collections.abc import Callable
from dataclasses import dataclass

from assistant.settings import Settings
from corpus.errors import WegwijzerError
from corpus.sources import load_catalogue, verify
from index.embedder import Embedder, fingerprint
from index.store import Index


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at, in Dutch; `optional` when Wegwijzer works without it."""

    text: str
    good: bool
    advice: str = ""
    optional: bool = False


def examine(settings: Settings) -> tuple[Finding, ...]:
    """Look at documents, models, index and answer model, in the order they are needed."""
    return (
        *_documents(settings),
        _look("Embedding-model", lambda: _embedder(settings)),
        _look("Index", lambda: _index(settings)),
        _answer_model(settings),
    )


def _look(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(f"{what}: {look()}", good=True)
    except WegwijzerError as error:
        return Finding(f"{what}: {error}", good=False, advice=error.advice)


def _documents(settings: Settings) -> list[Finding]:
    try:
        sources = load_catalogue(settings.documents_dir)
    except WegwijzerError as error:
        return [Finding(f"Documenten: {error}", good=False, advice=error.advice)]
    findings = []
    for source in sources:
        try:
            verify(source)
            findings.append(Finding(f"Document: {source.title} ({source.year})", good=True))
        except WegwijzerError as error:
            findings.append(Finding(f"Document: {error}", good=False, advice=error.advice))
    return findings


def _embedder(settings: Settings) -> str:
    embedder = Embedder.load(settings.embedder, settings.cache_dir, adapter=None)
    embedder.self_test()
    return f"klaar, {embedder.dimension} dimensies, vectoren gecontroleerd"


def _index(settings: Settings) -> str:
    embedder = fingerprint(settings.embedder, settings.cache_dir)
    index = Index.open(settings.index_dir, embedder, settings.chroma_url)
    return f"{len(index.sources)} documenten, {len(index.passages)} passages"


def _answer_model(settings: Settings) -> Finding:
    from assistant.answer_model import open_model

    try:
        model = open_model(settings)
    except WegwijzerError as error:
        return Finding(f"Taalmodel: {error}", good=False, advice=error.advice)
    if model is None:
        return Finding(
            "Taalmodel: niet in gebruik, antwoorden zijn letterlijke citaten",
            good=settings.model == "quotes",
            advice=""
            if settings.model == "quotes"
            else "Voor geschreven antwoorden: python -m assistant prepare",
            optional=True,
        )
    return Finding(f"Taalmodel: {model.name}", good=True)
