"""The LlamaIndex starter with its CitationQueryEngine, and its dense search alone.

Both use VectorStoreIndex.from_documents as it comes: chunks of 1,024 tokens (of the
library's own tokenizer) with 200 overlapping, and the file's name in the metadata, as
its reader of folders puts there, embedded with the chunk. multilingual-e5-small reads
the first 512 tokens of a chunk, so the end of a long one is not seen.
"""

from collections.abc import Callable, Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

from assistant.answer import Answer
from assistant.answer_model import AnswerModel
from assistant.settings import Settings
from evals.baselines.common import (
    MAX_TOKENS,
    RANKED,
    Baseline,
    Library,
    Piece,
    locate,
    open_embedder,
    open_library,
    open_writer,
    parsed,
    quote_best,
    say,
)
from index.embedder import Embedder

if TYPE_CHECKING:
    from llama_index.core import Document, VectorStoreIndex
    from llama_index.core.embeddings import BaseEmbedding
    from llama_index.core.llms import LLM
    from llama_index.core.schema import BaseNode

STARTER = "llamaindex-starter"
DENSE = "dense"
# As in the library's guide to the CitationQueryEngine.
TOP_K = 3
# What the local model can read and write together.
_CONTEXT = 8192


def open_starter(settings: Settings) -> Baseline:
    """Open the starter: dense search, and the CitationQueryEngine with the answer model."""
    library, model = open_library(settings), open_writer(settings)
    index = _index(settings)
    return Baseline(STARTER, model.name, library, _search(index), citing(index, library, model))


def open_dense(settings: Settings) -> Baseline:
    """Open the starter's search alone: the answer is the best chunk, quoted."""
    library = open_library(settings)
    return Baseline(DENSE, "quotes", library, _search(_index(settings)), quote_best(library))


def documents(library: Library) -> "list[Document]":
    """Return the documents as the library's reader of a folder gives them."""
    from llama_index.core import Document

    return [
        Document(id_=id, text=text.text, metadata={"file_path": library.sources[id].path.name})
        for id, text in library.documents.items()
    ]


def chunks(library: Library) -> list[tuple[Piece, str]]:
    """Return the starter's chunks for others to search in, each with the text that it embeds."""
    from llama_index.core.node_parser import SentenceSplitter
    from llama_index.core.schema import MetadataMode

    nodes = SentenceSplitter().get_nodes_from_documents(documents(library))
    return [(_piece(node), node.get_content(MetadataMode.EMBED)) for node in nodes]


def _piece(node: "BaseNode", score: float = 0.0) -> Piece:
    """Return a node as a place in its document."""
    start, end = getattr(node, "start_char_idx", None), getattr(node, "end_char_idx", None)
    if node.ref_doc_id is None or start is None or end is None:
        raise ValueError("a node that does not know its place")
    return Piece(node.ref_doc_id, start, end, score)


def citing(
    index: "VectorStoreIndex", library: Library, model: AnswerModel
) -> Callable[[str, Sequence[Piece]], Answer]:
    """Return the CitationQueryEngine as a writer; it searches by itself."""
    from llama_index.core.query_engine import CitationQueryEngine

    engine = CitationQueryEngine.from_args(index, llm=_llm(model), similarity_top_k=TOP_K)

    def write(question: str, _pieces: Sequence[Piece]) -> Answer:
        response = engine.query(question)
        sources = [_source(library, n.node) for n in response.source_nodes]
        return parsed(library, question, str(response).strip(), sources)

    return write


def _source(library: Library, node: "BaseNode") -> Piece:
    """Return where a cited source stands: the engine cuts chunks anew and heads them "Source n:"."""
    document = node.ref_doc_id or ""
    chunk = node.get_content().split("\n", 1)[1]
    found = locate(library.documents[document].text, chunk)
    if found is None:
        raise ValueError("a source that is not in its document")
    return Piece(document, *found)


def _search(index: "VectorStoreIndex") -> Callable[[str], Sequence[Piece]]:
    retriever = index.as_retriever(similarity_top_k=RANKED)
    return lambda question: [_piece(n.node, n.score or 0.0) for n in retriever.retrieve(question)]


@cache
def _index(settings: Settings) -> "VectorStoreIndex":
    from llama_index.core import VectorStoreIndex

    return VectorStoreIndex.from_documents(
        documents(open_library(settings)),
        embed_model=_embedding(open_embedder(settings)),
        show_progress=True,
    )


def _embedding(embedder: Embedder) -> "BaseEmbedding":
    """Return our embedder as the library wants it; its prefixes are put there by itself."""
    from llama_index.core.embeddings import BaseEmbedding

    class Embedding(BaseEmbedding):
        def _get_query_embedding(self, query: str) -> list[float]:
            return [float(x) for x in embedder.encode_query(query).vector]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return self._get_query_embedding(query)

        def _get_text_embedding(self, text: str) -> list[float]:
            return self._get_text_embeddings([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return [[float(x) for x in e.vector] for e in embedder.encode_passages(texts)]

    return Embedding(model_name="multilingual-e5-small")


def _llm(model: AnswerModel) -> "LLM":
    """Return our answer model as the library wants it."""
    from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata

    class Local(CustomLLM):
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(
                context_window=_CONTEXT, num_output=MAX_TOKENS, model_name=model.name
            )

        def complete(self, prompt: str, formatted: bool = False, **_: Any) -> CompletionResponse:
            return CompletionResponse(text=say(model, prompt))

        def stream_complete(self, prompt: str, formatted: bool = False, **_: Any) -> Any:
            raise NotImplementedError("the engine does not stream unless it is told to")

    return Local()
