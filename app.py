"""The page: wiring between the assistant and Gradio. The HTML is made in assistant/render.py."""

import os

# Read by gradio when it is imported: no telemetry.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from assistant.answer import Answer
from assistant.answer_model import Turn
from assistant.ask import Assistant
from assistant.render import Exchange, extend, render_about, render_conversation, renew
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
        "Voor wie is de kinderopvangtoeslag?",
        "Hoeveel peuters en leerlingen in Leidschenveen-Ypenburg hebben het grootste risico op"
        " onderwijsachterstand?",
    ),
    "Kwartiermaker": (
        "Wie zorgt voor de agenda van het Overleg Kindontwikkeling?",
        "Hoe meld ik me aan voor het Overleg Kindontwikkeling in Leyenburg?",
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
STYLE = (PAGE / "page.css").read_text(encoding="utf-8")
SCRIPT = (PAGE / "page.js").read_text(encoding="utf-8")

Exchanges = tuple[Exchange, ...]
Updates = dict[Any, Any]  # component -> its new value, as gradio takes them


def converse(
    assistant: Assistant, question: str, area: str | None, earlier: Exchanges
) -> Iterator[Exchanges]:
    """Yield the conversation with the new question, as its answer grows."""
    exchange = Exchange(question, Answer(question, "answered", final=False))
    yield (*earlier, exchange)
    try:
        for answer in assistant.stream(question, history(earlier), area):
            exchange = extend(exchange, answer, assistant.context)
            earlier = tuple(renew(e, assistant.is_old, assistant.context) for e in earlier)
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
    app = gr.Blocks(title="Wegwijzer", analytics_enabled=False, fill_width=True)
    with app:
        page = Page(assistant)
        # What was added or removed since the app started shows without starting it again.
        app.load(
            page.opened,
            None,
            [page.about, page.area],
            queue=False,
            show_progress="hidden",
            api_name="documenten",
        )
        asking = gr.on(
            [page.box.submit, page.send.click, *(button.click for button in page.examples)],
            page.ask,
            [page.box, page.area, page.exchanges],
            page.changed,
            api_name="vraag",
            show_progress="hidden",
            trigger_mode="once",
        )
        for button, act in ((page.stop, page.broken_off), (page.fresh, page.begun_anew)):
            button.click(
                act,
                page.exchanges,
                page.changed,
                cancels=[asking],
                queue=False,
                show_progress="hidden",
                api_visibility="private",
            )
    return app


class Page:
    """The components of the page, and what a question or a button changes in them."""

    def __init__(self, assistant: Assistant) -> None:
        self.assistant = assistant
        self.exchanges = gr.State(())
        with gr.Column(elem_id="ww-page"):
            title = "<h1>Wegwijzer</h1><p>Vragen over inclusieve kinderopvang in Den Haag.</p>"
            _html(title, "ww-kop")
            self.about = _html(self._about(assistant), "ww-over")
            with gr.Column(elem_id="ww-gesprek"):
                self.talk = _html("", "ww-beurten")
                with gr.Column(elem_id="ww-voorbeelden") as self.start, gr.Row():
                    self.examples = [b for role in EXAMPLES for b in _examples(role)]
                with gr.Column(elem_id="ww-invoer"):
                    self.hint = _html("", "ww-hint")
                    with gr.Row(elem_id="ww-balk"):
                        self.area = gr.Dropdown(
                            self._areas(assistant),
                            value=ALL_AREAS,
                            label="Wijk of gebied",
                            filterable=False,
                            elem_id="ww-gebied",
                        )
                        self.fresh = gr.Button("Nieuw gesprek", elem_id="ww-nieuw", visible=False)
                    with gr.Row(elem_id="ww-vraagbalk"):
                        self.box = gr.Textbox(
                            label="Uw vraag",
                            placeholder="Typ uw vraag",
                            max_lines=5,
                            elem_id="ww-vraagveld",
                        )
                        self.send = gr.Button("Vraag", variant="primary", elem_id="ww-stuur")
                        self.stop = gr.Button("Stop", elem_id="ww-stop", visible=False)
        self.changed: list[Any] = [self.exchanges, self.talk, self.box, self.hint]
        self.changed += [self.start, self.send, self.stop, self.fresh]

    def opened(self) -> tuple[str, dict[str, Any]]:
        """Show the documents and areas as they are when a visitor opens the page."""
        now = self.assistant.up_to_date()
        return self._about(now), gr.update(choices=self._areas(now), value=ALL_AREAS)

    @staticmethod
    def _about(assistant: Assistant) -> str:
        return render_about(assistant.sources, assistant.notice)

    @staticmethod
    def _areas(assistant: Assistant) -> list[str]:
        return [ALL_AREAS, *assistant.areas]

    def ask(
        self, typed: str, chosen: str, earlier: Exchanges, event: gr.EventData
    ) -> Iterator[Updates]:
        """Answer what was typed, or the example that was clicked."""
        example = event.target.value if event.target in self.examples else None
        question = str(example or typed or "").strip()
        if not question:
            empty = QuestionEmpty()
            yield {self.hint: f'<p role="status">{empty} {empty.advice}</p>'}
            return
        yield {self.box: "", self.hint: "", **self._buttons(busy=True, begun=True)}
        area = None if chosen == ALL_AREAS else chosen
        talk = earlier
        for talk in converse(self.assistant, question, area, earlier):
            yield self._show(talk)
        yield self._show(talk) | self._buttons(busy=False, begun=True)

    def broken_off(self, talk: Exchanges) -> Updates:
        """Show the conversation after its last answer was broken off."""
        left = stopped(talk)
        return self._show(left) | self._buttons(busy=False, begun=bool(left))

    def begun_anew(self, _: Exchanges) -> Updates:
        """Show the page without a conversation."""
        return self._show(()) | self._buttons(busy=False, begun=False)

    def _show(self, talk: Exchanges) -> Updates:
        return {
            self.exchanges: talk,
            self.talk: render_conversation(talk, self.assistant.sources),
        }

    def _buttons(self, *, busy: bool, begun: bool) -> Updates:
        return {
            self.send: gr.Button(visible=not busy),
            self.stop: gr.Button(visible=busy),
            self.start: gr.Column(visible=not begun),
            self.fresh: gr.Button(visible=begun),
        }


def _html(value: str, elem_id: str | None = None) -> gr.HTML:
    return gr.HTML(value, elem_id=elem_id, js_on_load=None, apply_default_css=False)


def _examples(role: str) -> list[gr.Button]:
    with gr.Column(min_width=220):
        _html(f"<h2>{role}</h2>")
        return [gr.Button(q, elem_classes="ww-voorbeeld") for q in EXAMPLES[role]]


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
    # Gradio would prefix our style and so change which rule wins.
    head = (
        "<title>Wegwijzer</title><script>for (const [name, value] of"
        " [['language', 'nl'], ['languages', ['nl']]])"
        " Object.defineProperty(navigator, name, { get: () => value });</script>"
    )
    style = f"<style>{STYLE}</style></head>"
    return page.replace("<head>", "<head>" + head, 1).replace("</head>", style, 1)


def serve(assistant: Assistant, host: str, port: int, *, block: bool = True) -> gr.Blocks:
    """Serve the page; see `launch`."""
    return launch(build_app(assistant), SCRIPT, host, port, block=block)


def launch(app: gr.Blocks, script: str, host: str, port: int, *, block: bool = True) -> gr.Blocks:
    """Serve a page on host:port until interrupted, or in the background without `block`.

    It is Dutch and private: nothing of it comes from elsewhere or goes there.

    Raises:
        SettingsError: the port is taken or the host is not of this machine.

    """
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
            js=script,
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
