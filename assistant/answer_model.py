"""The language models that can write an answer: a local GGUF file, or an OpenAI-compatible server.

The heavy libraries are imported when a model is opened, not with this module.
"""

import ctypes
import logging
import mmap
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Protocol

from assistant.model_file import MODEL_NAME, find_answer_model, openvino_genai
from assistant.model_file import prepare_answer_model as prepare_answer_model
from assistant.settings import Settings
from corpus.errors import ModelDamaged, ModelMissing, ModelUnavailable, SettingsError

if TYPE_CHECKING:
    from httpx import Client

log = logging.getLogger(__name__)

_WARM_UP_TOKENS = 4
# Room for a prompt and its answer, with the prefix that is kept: 8,192 tokens,
# 0.1 GB. Prompts are about 700 tokens.
_KV_BLOCKS = 256
_KV_BLOCK_TOKENS = 32  # openvino's own, on a CPU


@dataclass(frozen=True)
class Turn:
    """What one side said in a conversation."""

    role: Literal["user", "assistant"]
    content: str


class AnswerModel(Protocol):
    """What the assistant asks of a model. `name` is what the answer record says."""

    name: str

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Iterator[str]:
        """Yield pieces of text as they come; closing the iterator stops the model.

        Raises:
            ModelUnavailable: it does not answer, or stopped halfway.
        """
        ...

    def warm_up(self, system: str, turns: Sequence[Turn]) -> None:
        """Pay for the first call, and for this start of every prompt, before a user waits for it.

        Raises:
            ModelUnavailable: it does not answer.
        """
        ...


class LocalModel:
    """A GGUF file, run by openvino-genai in this process.

    One generation runs at a time: two would each get less than half of the
    processor. A next question waits its turn; one that is closed gives it up.
    """

    def __init__(self, name: str, pipeline: Any, path: Path) -> None:
        self.name = name
        self._path = path
        self._pipeline = pipeline
        self._tokenizer = pipeline.get_tokenizer()
        self._one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="answer-model")

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Iterator[str]:
        """Yield pieces of text; see AnswerModel."""
        prompt = self._tokenizer.encode(self._prompt(system, turns), add_special_tokens=False)
        if prompt.input_ids.shape[-1] + max_tokens > _KV_BLOCKS * _KV_BLOCK_TOKENS:
            reason = "de vraag en de citaten zijn samen te lang"
            raise ModelUnavailable(model=self.name, reason=reason)
        pieces: SimpleQueue[str | None] = SimpleQueue()
        closed = Event()
        run = self._one_at_a_time.submit(self._generate, prompt, max_tokens, pieces, closed)
        try:
            while (piece := pieces.get()) is not None:
                yield piece
            run.result()
        except RuntimeError as error:
            log.error("%s failed while generating: %s", self.name, error)
            raise ModelUnavailable(model=self.name, reason="het model liep vast") from error
        finally:
            closed.set()
            run.cancel()

    def warm_up(self, system: str, turns: Sequence[Turn]) -> None:
        """Generate a little after this start of every prompt; see AnswerModel."""
        for _ in self.stream(system, turns, _WARM_UP_TOKENS):
            pass
        _give_back(self._path)

    def _prompt(self, system: str, turns: Sequence[Turn]) -> str:
        """The conversation in the model's own chat template, up to where it begins to speak."""
        messages = [{"role": "system", "content": _plain(system)}]
        messages += [{"role": turn.role, "content": _plain(turn.content)} for turn in turns]
        return str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True))

    def _generate(
        self, prompt: Any, max_tokens: int, pieces: SimpleQueue[str | None], closed: Event
    ) -> None:
        """Run the pipeline on a prompt in tokens; puts pieces, and None however it ends."""
        genai = openvino_genai()
        status = genai.StreamingStatus

        def receive(piece: str) -> Any:
            if piece:
                pieces.put(piece)
            return status.CANCEL if closed.is_set() else status.RUNNING

        config = genai.GenerationConfig(
            max_new_tokens=max_tokens, do_sample=False, apply_chat_template=False
        )
        # With prompt lookup the pipeline does not take it from the tokenizer, and never stops.
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        # Quoting goes faster when words of the prompt are tried ahead: the next
        # 10 tokens after the last 3 that the prompt also has.
        config.num_assistant_tokens = 10
        config.max_ngram_size = 3
        try:
            if not closed.is_set():
                self._pipeline.generate(prompt, config, receive)
        finally:
            pieces.put(None)


class ServerModel:
    """A model behind an OpenAI-compatible server, such as Ollama, vLLM or llama-server."""

    def __init__(self, url: str, name: str, key: str, timeout_s: float) -> None:
        self.name = name
        self._url = url
        self._key = key
        self._timeout_s = timeout_s

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Iterator[str]:
        """Yield pieces of text; see AnswerModel. The whole answer must come within the timeout."""
        from httpx import Client, HTTPError
        from openai import OpenAIError

        deadline = monotonic() + self._timeout_s
        finish = None
        empty = True
        try:
            # A connection of its own: closing it is what tells the server to stop writing.
            with Client(timeout=self._timeout_s) as http:
                for chunk in self._chunks(http, system, turns, max_tokens):
                    if monotonic() > deadline:
                        raise TimeoutError
                    if chunk.raw.choices:
                        finish = chunk.raw.choices[0].finish_reason or finish
                    if chunk.delta:
                        empty = False
                        yield chunk.delta
        # What is no OpenAI stream fails wherever the client first misses something in it.
        except (OpenAIError, HTTPError, OSError, ValueError, TypeError, AttributeError) as error:
            raise self._unavailable(_reason(error, self._timeout_s), error) from error
        if empty:
            raise self._unavailable("het antwoord van de server is leeg")
        if finish is None:
            raise self._unavailable("het antwoord van de server brak af")

    def warm_up(self, system: str, turns: Sequence[Turn]) -> None:
        """Have the server load its model; see AnswerModel."""
        for _ in self.stream(system, turns, _WARM_UP_TOKENS):
            pass

    def _chunks(
        self, http: "Client", system: str, turns: Sequence[Turn], max_tokens: int
    ) -> Iterator[Any]:
        from llama_index.core.llms import ChatMessage
        from llama_index.llms.openai_like import OpenAILike

        model = OpenAILike(
            model=self.name,
            api_base=self._url,
            api_key=self._key or "-",  # left empty, the key of OPENAI_API_KEY would be sent
            is_chat_model=True,
            temperature=0.0,
            timeout=self._timeout_s,
            max_retries=0,
            http_client=http,  # type: ignore[call-arg]  # taken by the __init__ of its parent
        )
        messages = [ChatMessage(role="system", content=system)]
        messages += [ChatMessage(role=turn.role, content=turn.content) for turn in turns]
        return model.stream_chat(messages, max_tokens=max_tokens)

    def _unavailable(self, reason: str, error: Exception | None = None) -> ModelUnavailable:
        # Only the kinds of errors are logged: a server's message may repeat the question.
        kinds = [type(e).__name__ for e in (error, error and error.__cause__) if e]
        log.error("%s: %s (%s)", self.name, reason, " from ".join(kinds))
        return ModelUnavailable(model=self.name, reason=reason)


def open_local(file: Path | None, cache: Path) -> LocalModel:
    """Load the prepared model, or the GGUF file `file`; takes seconds and 3 GB.

    Raises:
        ModelMissing: the model has not been prepared.
        ModelDamaged: the prepared model is not what it was.
        SettingsError: `file` is not there or is no GGUF file of a chat model.
    """
    if file is None:
        path = find_answer_model(cache)
        try:
            return LocalModel(MODEL_NAME, _load(path), path)
        except RuntimeError as error:
            log.error("%s cannot be loaded: %s", path, error)
            raise ModelDamaged(model="taalmodel", reason="het laadt niet", path=path) from error
    if not file.is_file():
        raise SettingsError(name="model_file", reason=f"{file} bestaat niet")
    try:
        pipeline = _load(file)
    except RuntimeError as error:
        log.error("%s cannot be loaded: %s", file, error)
        reason = f"{file} is geen GGUF-bestand dat hier kan draaien"
        raise SettingsError(name="model_file", reason=reason) from error
    if not pipeline.get_tokenizer().chat_template:
        raise SettingsError(name="model_file", reason=f"{file} is geen chatmodel")
    return LocalModel(file.stem, pipeline, file)


def open_server(url: str, name: str, key: str, timeout_s: float) -> ServerModel:
    """Make a client for a server; nothing is asked of it yet.

    Args:
        url: its address up to and including /v1.
        name: the model's name on that server.
        key: sent as bearer token; may be empty.
        timeout_s: seconds in which an answer must be whole.

    Raises:
        SettingsError: the address or the name is missing.
    """
    if not url.startswith(("http://", "https://")):
        raise SettingsError(name="model_url", reason="het begint niet met http:// of https://")
    if not name:
        raise SettingsError(name="model_name", reason="de naam van het model ontbreekt")
    import llama_index.llms.openai_like  # noqa: F401  (seconds, better now than at a question)

    for library in ("openai", "httpcore"):  # at debug level they log questions and keys
        logging.getLogger(library).setLevel(logging.INFO)
    return ServerModel(url, name, key, timeout_s)


def _load(path: Path) -> Any:
    """Return the pipeline, with the settings that measured best on two cores."""
    genai = openvino_genai()
    scheduler = genai.SchedulerConfig()
    scheduler.enable_prefix_caching = True
    scheduler.num_kv_blocks = _KV_BLOCKS
    # Weights of 4 bits are multiplied faster as integers, which bfloat16, the default on
    # processors that have it, stands in the way of: 12% less time and 90 MB less.
    options = {"INFERENCE_PRECISION_HINT": "f32"}
    return genai.LLMPipeline(
        str(path), "CPU", scheduler_config=scheduler, prompt_lookup=True, **options
    )


def _give_back(path: Path) -> None:
    """Let the system take back the memory of mapped model files, where it can be asked to.

    The first call copies the weights into the order in which they are
    multiplied; the mapped gigabyte that they came from is not read again.
    """
    if sys.platform != "linux":
        return
    libc = ctypes.CDLL(None)
    for line in Path("/proc/self/maps").read_text(encoding="utf-8").splitlines():
        if str(path.resolve()) in line and " r--" in line:  # only what cannot have been written to
            start, end = (int(address, 16) for address in line.split(maxsplit=1)[0].split("-"))
            libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), mmap.MADV_DONTNEED)


def _plain(text: str) -> str:
    """Take the meaning from markers such as <|im_end|>, with which a text could end its own turn."""
    return text.replace("<|", "< |")


def _reason(error: Exception, timeout_s: float) -> str:
    """What is wrong with a server, as the end of a Dutch sentence."""
    from httpx import RemoteProtocolError, TimeoutException
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    if isinstance(error, APITimeoutError | TimeoutException | TimeoutError):
        return f"geen antwoord binnen {timeout_s:g} seconden"
    if isinstance(error, APIStatusError):
        return f"de server geeft fout {error.status_code}"
    if isinstance(error, RemoteProtocolError):
        return "het antwoord van de server brak af"
    if isinstance(error, APIConnectionError | OSError):
        return "de server is niet bereikbaar"
    return "de server geeft een antwoord dat niet te lezen is"


def open_model(settings: Settings) -> AnswerModel | None:
    """Open the answer model that the settings name; None means quotes only.

    Raises:
        ModelMissing: the local model was asked for and is not prepared.
    """
    if settings.model == "quotes":
        return None
    if settings.model == "server" or (settings.model == "auto" and settings.model_url):
        key = settings.model_key.get_secret_value()
        return open_server(settings.model_url, settings.model_name, key, settings.model_timeout_s)
    try:
        return open_local(settings.model_file, settings.cache_dir)
    except ModelMissing:
        if settings.model == "local":
            raise
        return None
