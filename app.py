"""The page: wiring between the assistant and Gradio. The HTML is made in assistant/render.py."""

import os

# Read by gradio when it is imported: nothing is sent anywhere.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answer import Answer
from assistant.answer_model import Turn
from assistant.ask import Assistant
from assistant.render import Exchange, extend, render_about, render_conversation
from assistant.settings import load_settings
from corpus.errors import QuestionEmpty, SettingsError, WegwijzerError

log = logging.getLogger(__name__)

ALL_AREAS = "Alle gebieden"
EXAMPLES = {
    "Pedagogisch medewerker": (
        "Waar kan een ouder in Ypenburg terecht met vragen over opvoeden?",
        "Wat doet de VoorleesExpress?",
        "Tellen zorgmedewerkers mee in de BKR?",
    ),
    "Beleidsmedewerker": (
        "Waarvoor kan een gemeente oab-middelen inzetten?",
        "Welke knelpunten zijn er bij passende kinderopvang?",
        "Hoe groot is het risico op onderwijsachterstand in Leidschenveen-Ypenburg?",
    ),
    "Kwartiermaker": (
        "Hoe vaak is het voorscholenoverleg in Leidschenveen-Ypenburg?",
        "Hoe kan ik meedoen aan het Overleg Kindontwikkeling?",
        "Welke rollen vervult een kwartiermaker?",
    ),
}
# Visitors answered at the same time; the rest wait their turn.
VISITORS = 8
# The browser may fetch from this server and from nowhere else.
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
    " style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:;"
    " frame-ancestors 'self'; object-src 'none'"
)
PAGE = Path(__file__).resolve().parent / "assistant"

Exchanges = tuple[Exchange, ...]


def converse(
    assistant: Assistant, question: str, area: str | None, earlier: Exchanges
) -> Iterator[Exchanges]:
    """Yield the conversation with the new question, as its answer grows."""
    exchange = Exchange(question, Answer(question, "answered", final=False))
    yield (*earlier, exchange)
    try:
        for answer in assistant.stream(question, history(earlier), area):
            exchange = extend(exchange, answer, assistant.context)
            yield (*earlier, exchange)
    except Exception:  # the edge: whatever breaks, the conversation stays
        log.exception("showing an answer failed")
        fault = WegwijzerError()
        failed = Answer(question, "error", message=f"{fault} {fault.advice}")
        yield (*earlier, Exchange(question, failed))


def history(exchanges: Exchanges) -> list[Turn]:
    """Return the exchanges as turns; those that failed tell nothing about a follow-up."""
    turns = []
    for exchange in exchanges:
        if exchange.answer.status != "error":
            turns.append(Turn("user", exchange.question))
            turns.append(Turn("assistant", exchange.answer.text))
    return turns


def stopped(exchanges: Exchanges) -> Exchanges:
    """Close an exchange that was broken off: keep its quotes, or drop it when it has none."""
    if not exchanges or exchanges[-1].answer.final:
        return exchanges
    *earlier, last = exchanges
    if not last.answer.statements:
        return tuple(earlier)
    answer = replace(last.answer, final=True, message="Gestopt: het antwoord is niet af.")
    return (*earlier, replace(last, answer=answer))


def build_app(assistant: Assistant) -> gr.Blocks:
    """Build the page over one assistant, which all visitors share; their state is their own."""
    with gr.Blocks(title="Wegwijzer", analytics_enabled=False, fill_width=True) as app:
        exchanges = gr.State(())
        with gr.Column(elem_id="ww-page"):
            gr.HTML(
                "<h1>Wegwijzer</h1><p>Vragen over inclusieve kinderopvang in Den Haag.</p>",
                elem_id="ww-kop",
            )
            gr.HTML(render_about(assistant.sources, assistant.notice), elem_id="ww-over")
            with gr.Column(elem_id="ww-gesprek"):
                talk = gr.HTML("", elem_id="ww-beurten", js_on_load=None)
                with gr.Column(elem_id="ww-voorbeelden") as start:
                    examples = _examples()
                with gr.Column(elem_id="ww-invoer"):
                    hint = gr.HTML("", elem_id="ww-hint")
                    with gr.Row(elem_id="ww-balk"):
                        area = gr.Dropdown(
                            [ALL_AREAS, *assistant.areas],
                            value=ALL_AREAS,
                            label="Wijk of gebied",
                            filterable=False,
                            elem_id="ww-gebied",
                        )
                        fresh = gr.Button("Nieuw gesprek", elem_id="ww-nieuw", visible=False)
                    with gr.Row(elem_id="ww-vraagbalk"):
                        box = gr.Textbox(
                            label="Uw vraag",
                            placeholder="Typ uw vraag",
                            max_lines=5,
                            elem_id="ww-vraagveld",
                        )
                        send = gr.Button("Vraag", variant="primary", elem_id="ww-stuur")
                        stop = gr.Button("Stop", variant="stop", elem_id="ww-stop", visible=False)

        def show(now: Exchanges) -> dict[Any, Any]:
            return {exchanges: now, talk: render_conversation(now, assistant.sources)}

        def rest(now: Exchanges) -> dict[Any, Any]:
            return show(now) | {
                send: gr.Button(visible=True),
                stop: gr.Button(visible=False),
                start: gr.Column(visible=not now),
                fresh: gr.Button(visible=bool(now)),
            }

        def ask(
            typed: str, chosen: str, now: Exchanges, event: gr.EventData
        ) -> Iterator[dict[Any, Any]]:
            example = event.target.value if event.target in examples else None
            question = str(example or typed or "").strip()
            if not question:
                empty = QuestionEmpty()
                yield {hint: f'<p role="status">{empty} {empty.advice}</p>'}
                return
            yield {
                box: "",
                hint: "",
                start: gr.Column(visible=False),
                send: gr.Button(visible=False),
                stop: gr.Button(visible=True),
                fresh: gr.Button(visible=True),
            }
            for now in converse(assistant, question, None if chosen == ALL_AREAS else chosen, now):
                yield show(now)
            yield rest(now)

        changed: list[Any] = [exchanges, talk, box, hint, start, send, stop, fresh]
        asking = gr.on(
            [box.submit, send.click, *(button.click for button in examples)],
            ask,
            [box, area, exchanges],
            changed,
            api_name="vraag",
            show_progress="hidden",
            trigger_mode="once",
        )
        _quietly(stop.click, lambda now: rest(stopped(now)), exchanges, changed, asking)
        _quietly(fresh.click, lambda _: rest(()), exchanges, changed, asking)
    return app


def _examples() -> list[gr.Button]:
    buttons = []
    with gr.Row():
        for role, questions in EXAMPLES.items():
            with gr.Column(min_width=220):
                gr.HTML(f"<h2>{role}</h2>")
                buttons += [gr.Button(q, elem_classes="ww-voorbeeld") for q in questions]
    return buttons


def _quietly(
    trigger: Callable[..., Any],
    act: Callable[[Exchanges], dict[Any, Any]],
    inputs: gr.State,
    outputs: list[Any],
    cancels: Any,
) -> None:
    """Wire a button that breaks off the running answer; not part of the page's API."""
    trigger(
        act,
        inputs,
        outputs,
        cancels=[cancels],
        queue=False,
        show_progress="hidden",
        api_visibility="private",
    )


class DutchPage:
    """Middleware: makes gradio's page Dutch and private before it leaves the server.

    Gradio's own template says lang="en", follows the language of the browser,
    and names addresses elsewhere for previews and an app manifest.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass everything through, but rewrite the page itself."""
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = b""

        async def rewrite(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            page = dutch(body.decode("utf-8")).encode("utf-8")
            kept = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
            kept.append((b"content-length", str(len(page)).encode()))
            kept.append((b"content-security-policy", CONTENT_POLICY.encode()))
            await send({**start, "headers": kept})
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, rewrite)


def dutch(page: str) -> str:
    """Return gradio's page in Dutch, without previews and manifest from elsewhere."""
    page = re.sub(r'<meta\s+(?:property|name)="(?:og|twitter):[^>]*>', "", page)
    page = re.sub(r'<link\s+rel="manifest"[^>]*>', "", page)
    page = page.replace('lang="en"', 'lang="nl"', 1)
    language = (
        "<title>Wegwijzer</title><script>for (const [name, value] of"
        " [['language', 'nl'], ['languages', ['nl']]])"
        " Object.defineProperty(navigator, name, { get: () => value });</script>"
    )
    return page.replace("<head>", "<head>" + language, 1)


def serve(assistant: Assistant, host: str, port: int, *, block: bool = True) -> gr.Blocks:
    """Serve the page on host:port until interrupted, or in the background without `block`.

    Raises:
        SettingsError: the port is taken or the host is not of this machine.
    """
    app = build_app(assistant)
    app.queue(default_concurrency_limit=VISITORS)
    try:
        app.launch(
            server_name=host,
            server_port=port,
            share=False,
            quiet=True,
            inbrowser=False,
            prevent_thread_lock=not block,
            footer_links=[],
            run_history=False,
            enable_monitoring=False,
            ssr_mode=False,
            pwa=False,
            mcp_server=False,
            max_threads=4 * VISITORS,
            state_session_capacity=1000,
            theme=gr.themes.Base(
                font=["system-ui", "Segoe UI", "Roboto", "Arial", "sans-serif"],
                font_mono=["ui-monospace", "monospace"],
                text_size=gr.themes.sizes.text_lg,
            ),
            css=(PAGE / "page.css").read_text(encoding="utf-8"),
            js=(PAGE / "page.js").read_text(encoding="utf-8"),
            app_kwargs={"middleware": [Middleware(DutchPage)], "docs_url": None, "redoc_url": None},
        )
    except OSError as error:
        log.error("cannot listen on %s:%d", host, port, exc_info=error)
        reason = f"{host}:{port} is niet vrij"
        raise SettingsError(name="port", reason=reason) from error
    return app


def main() -> None:
    """Read the settings, open the assistant and serve it."""
    try:
        settings = load_settings()
        logging.basicConfig(level=settings.log_level.upper())
        serve(Assistant.open(settings), settings.host, settings.port)
    except WegwijzerError as error:
        raise SystemExit(f"{error} {error.advice}") from error


if __name__ == "__main__":
    main()
