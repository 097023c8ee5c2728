"""Haystack (deepset, Apache-2.0): its pipeline for questions over documents, with its defaults.

Chunks of 200 words without overlap, the ten nearest of them, all in the prompt. The
prompt is the one of its first steps in Dutch, with numbers to cite by.
"""

import os
from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer
from assistant.answer_model import AnswerModel
from assistant.settings import Settings
from corpus.errors import ModelUnavailable, PackageUnavailable
from evals.baselines.common import (
    RANKED,
    Baseline,
    Library,
    Piece,
    open_library,
    open_writer,
    parsed,
    say,
)
from index.e5 import PASSAGE_PREFIX, QUERY_PREFIX
from index.embedder import prepare_embedder

if TYPE_CHECKING:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

# Before its import: it reports to its makers from then on.
os.environ["HAYSTACK_TELEMETRY_ENABLED"] = "False"

NAME = "haystack"
# The model is stored with numbers of 16 bits; at that the library warns of a slow processor.
MODEL = {"dtype": "float32"}

PROMPT = """Beantwoord de vraag met deze documenten.
Documenten:
{% for document in documents %}
[{{ loop.index }}] {{ document.content }}
{% endfor %}
Vraag: {{ question }}
Antwoord:"""


def open_haystack(settings: Settings) -> Baseline:
    """Embed the documents and open the pipeline.

    Raises:
        PackageUnavailable: haystack is not installed (it is in the extra `rivals`).
    """
    try:
        import haystack  # noqa: F401  (only to know that it is there)
        import haystack_integrations.components.embedders.sentence_transformers  # noqa: F401  (so too)
    except ImportError as error:
        raise PackageUnavailable(package="haystack-ai") from error
    library, model = open_library(settings), open_writer(settings)
    folder = str(
        prepare_embedder(settings.embedder, settings.cache_dir, lambda _label, _share: None)
    )
    store = _store(settings, folder)
    return Baseline(
        NAME, model.name, library, _search(store, folder), _write(library, store, folder, model)
    )


@cache
def _store(settings: Settings, folder: str) -> "InMemoryDocumentStore":
    """Split and embed the documents, with a progress bar of the library's own."""
    from haystack import Document, Pipeline
    from haystack.components.preprocessors import DocumentSplitter
    from haystack.components.writers import DocumentWriter
    from haystack.document_stores.in_memory import InMemoryDocumentStore
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersDocumentEmbedder,
    )

    store = InMemoryDocumentStore()
    pipeline = Pipeline()
    pipeline.add_component("splitter", DocumentSplitter())
    embedder = SentenceTransformersDocumentEmbedder(
        model=folder, prefix=PASSAGE_PREFIX, model_kwargs=MODEL
    )
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("writer", DocumentWriter(store))
    pipeline.connect("splitter", "embedder")
    pipeline.connect("embedder", "writer")
    documents = open_library(settings).documents
    whole = [Document(content=text.text, meta={"document": id}) for id, text in documents.items()]
    pipeline.run({"splitter": {"documents": whole}})
    return store


def _search(store: "InMemoryDocumentStore", folder: str) -> Callable[[str], Sequence[Piece]]:
    pipeline = _retrieval(store, folder)

    def search(question: str) -> list[Piece]:
        result = pipeline.run({"embedder": {"text": question}})
        return [_piece(document) for document in result["retriever"]["documents"][:RANKED]]

    return search


def _write(
    library: Library, store: "InMemoryDocumentStore", folder: str, model: AnswerModel
) -> Callable[[str, Sequence[Piece]], Answer]:
    from haystack import component
    from haystack.components.builders import PromptBuilder
    from haystack.core.errors import PipelineRuntimeError

    @component
    class Generator:
        @component.output_types(replies=list[str])
        def run(self, prompt: str) -> dict[str, list[str]]:
            return {"replies": [say(model, prompt)]}

    pipeline = _retrieval(store, folder)
    pipeline.add_component("prompt", PromptBuilder(PROMPT, required_variables="*"))
    pipeline.add_component("generator", Generator())
    pipeline.connect("retriever", "prompt.documents")
    pipeline.connect("prompt", "generator")

    def write(question: str, _pieces: Sequence[Piece]) -> Answer:
        inputs = {"embedder": {"text": question}, "prompt": {"question": question}}
        try:
            result = pipeline.run(inputs, include_outputs_from={"retriever"})
        except PipelineRuntimeError as error:
            if isinstance(error.__cause__, ModelUnavailable):
                raise error.__cause__ from error
            raise
        found = [_piece(document) for document in result["retriever"]["documents"]]
        return parsed(library, question, result["generator"]["replies"][0], found)

    return write


def _retrieval(store: "InMemoryDocumentStore", folder: str) -> Any:
    """Return a pipeline that embeds a question and finds the nearest chunks."""
    from haystack import Pipeline
    from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
    from haystack_integrations.components.embedders.sentence_transformers import (
        SentenceTransformersTextEmbedder,
    )

    embedder = SentenceTransformersTextEmbedder(
        model=folder, prefix=QUERY_PREFIX, progress_bar=False, model_kwargs=MODEL
    )
    pipeline = Pipeline()
    pipeline.add_component("embedder", embedder)
    pipeline.add_component("retriever", InMemoryEmbeddingRetriever(store))
    pipeline.connect("embedder.embedding", "retriever.query_embedding")
    return pipeline


def _piece(document: "Document") -> Piece:
    start = document.meta["split_idx_start"]
    return Piece(
        document.meta["document"], start, start + len(document.content or ""), document.score or 0.0
    )
