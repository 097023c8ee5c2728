"""The page on which people judge answers: python -m evals review.

Whether the meter found an answer right is not shown, so that it sways nobody.
"""

import os

# Read by gradio when it is imported: no telemetry.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import argparse
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

import app
from corpus.errors import InputFileError, WegwijzerError
from evals.agreement import (
    FILE,
    JUDGEMENTS,
    UNSUPPORTED,
    Judgement,
    keep,
    latest,
    of_result,
    read_judgements,
)
from evals.gold import FOLDER as GOLD_FOLDER
from evals.gold import Gold, draw, load_gold
from evals.results import FOLDER, Result, files, load

Row = Mapping[str, Any]
Updates = dict[Any, Any]  # component -> its new value, as gradio takes them

PORT = 7861
_MEANING = {
    "goed": "alles wat gevraagd is, en niets onjuist",
    "deels": "juist, maar er ontbreekt iets",
    "fout": "onjuist, of onterecht (niet) beantwoord",
    UNSUPPORTED: "de citaten dragen de zinnen niet",
}
_STYLE = """<style>
#oordeel { max-width: 84rem; margin: 0 auto; padding: 0.75rem 1rem 2rem; gap: 0.75rem; }
#oordeel h1, #oordeel h2, #oordeel h3 { font-weight: 650; }
#oordeel h1 { font-size: 1.4rem; margin: 0; }
#oordeel h2 { font-size: 1.15rem; margin: 0 0 0.5rem; }
#oordeel h3 { font-size: 1rem; margin: 1rem 0 0.25rem; }
#oordeel h1, #oordeel h2, #oordeel h3, #oordeel p, #oordeel li, #oordeel blockquote {
  color: var(--ww-ink); overflow-wrap: anywhere; }
.naast { display: grid; grid-template-columns: 1fr 1fr; gap: 1rem; }
.naast section { background: var(--ww-card); border: 1px solid var(--ww-line);
  border-radius: 0.5rem; padding: 0.9rem 1rem; }
.naast blockquote { margin: 0.25rem 0 0.75rem; padding: 0.3rem 0.75rem;
  border-left: 0.25rem solid var(--ww-accent); background: var(--ww-wash); }
.naast ul { padding-left: 1.2rem; }
.naast .tekst { white-space: pre-wrap; }
.naast small { color: var(--ww-soft); }
#oordeel button { min-height: 2.75rem; }
@media (max-width: 45rem) { .naast { grid-template-columns: 1fr; } }
</style>"""
# A key that comes at once after another would judge an answer that was not read.
_SCRIPT = """() => {
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.target.closest("input, textarea, [contenteditable]")) return;
    const button = document.querySelector("#oordeel-" + event.key);
    if (!/^[1-4]$/.test(event.key) || !button || event.timeStamp - last < 700) return;
    last = event.timeStamp;
    button.click();
  });
}"""


def main(argv: Sequence[str] = ()) -> int:
    """Serve the page until it is stopped; return the exit status.

    Raises:
        WegwijzerError: there is nothing to judge, or the port is taken.
    """
    parser = argparse.ArgumentParser(prog="python -m evals review")
    parser.add_argument("--port", type=int, default=PORT)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args(argv)
    desk = Desk(arguments.folder, arguments.folder / FILE.name)
    print(f"Beoordeel op http://127.0.0.1:{arguments.port} (stop met Ctrl+C)", file=sys.stderr)
    app.launch(build_page(desk), _SCRIPT, "127.0.0.1", arguments.port)
    return 0


class Desk:
    """The answers that can be judged, and the judgements so far.

    Args:
        folder: with the files of results.
        kept: the file of judgements.

    Raises:
        InputFileError: there is no result with answers, or a file cannot be read.
    """

    def __init__(self, folder: Path, kept: Path) -> None:
        self.kept = kept
        found = {path.name: load(path) for path in files(folder)}
        self.results = {
            name: Result(r.head, _drawn(r.rows)) for name, r in found.items() if r.answered
        }
        if not self.results:
            reason = "er staan geen uitslagen met antwoorden in"
            raise InputFileError(path=folder, reason=reason)
        self._golds = {name: _golds(r) for name, r in self.results.items()}

    def judged(self, name: str, judge: str) -> dict[str, Judgement]:
        """Return by question what someone made of the answers in a file."""
        given = of_result(read_judgements(self.kept), self.results[name])
        return {j.id: j for j in latest(given) if j.judge == judge.strip()}

    def judge(self, name: str, place: int, words: tuple[str, str, str]) -> None:
        """Keep a judgement on the answer at a place: the judgement, a remark and who gave it."""
        result = self.results[name]
        judgement, remark, judge = words
        keep(
            Judgement(
                id=result.rows[place]["id"],
                system=result.system,
                commit=result.head["commit"],
                judgement=judgement,
                remark=remark.strip(),
                judge=judge.strip(),
                date=datetime.now(UTC).isoformat(timespec="seconds"),
            ),
            self.kept,
        )

    def shown(self, name: str, place: int) -> str:
        """Return the answer at a place beside what it should tell, as HTML."""
        row = self.results[name].rows[place]
        return render(row, self._golds[name].get(row["id"]))


def _drawn(rows: Sequence[Row]) -> tuple[Row, ...]:
    by_id = {row["id"]: row for row in rows}
    return tuple(by_id[id] for id in draw(by_id))


def _golds(result: Result) -> dict[str, Gold]:
    """Return the questions of a result by id; none when they are not there any more."""
    path = GOLD_FOLDER / str(result.head.get("gold", ""))
    return {gold.id: gold for gold in load_gold(path)} if path.is_file() else {}


def next_place(ids: Sequence[str], done: Mapping[str, Any], place: int, by: int) -> int | None:
    """Return the nearest place after `place` (before it when `by` is -1) not in `done`, if any."""
    end = len(ids) if by > 0 else -1
    return next((n for n in range(place + by, end, by) if ids[n] not in done), None)


def render(row: Row, gold: Gold | None) -> str:
    """Render an answer with its citations beside the evidence and facts of its question."""
    record = row["record"]
    turns = "".join(
        f"<p><small>{'Vraag' if turn.role == 'user' else 'Antwoord'} hiervoor: "
        f"{escape(turn.content)}</small></p>"
        for turn in (gold.history if gold else ())
    )
    cited = "".join(
        f"<p>[{c['n']}] <small>{escape(_place(c))}</small></p>"
        f"<blockquote>{escape(c['quote'])}</blockquote>"
        for c in record["citations"]
    )
    answer = (
        f"{turns}<h2>{escape(record['question'])}</h2><h3>Antwoord</h3>"
        f'<p class="tekst">{escape(record["answer"])}</p>'
        f"<h3>Citaten ({len(record['citations'])})</h3>{cited or '<p>Geen.</p>'}"
    )
    return f'<div class="naast"><section>{answer}</section><section>{_wanted(row, gold)}</section></div>'


def _wanted(row: Row, gold: Gold | None) -> str:
    if not row["answerable"]:
        return (
            f"<h2>Niet te beantwoorden ({escape(row['kind'])})</h2><p>De documenten beantwoorden "
            "deze vraag niet. Goed is: zeggen dat het er niet in staat, of weigeren.</p>"
        )
    parts = ["<h2>Wat er in de documenten staat</h2>", *map(_quote, row["evidence"])]
    if gold is not None:
        if gold.alt_evidence:
            parts += ["<h3>Ook goed</h3>", *map(_quote, gold.alt_evidence)]
        facts = "".join(f"<li>{escape(' / '.join(fact))}</li>" for fact in gold.facts)
        parts.append(f"<h3>Feiten in een goed antwoord</h3><ul>{facts}</ul>")
        if gold.forbidden:
            parts.append(f"<h3>Zou fout zijn</h3><p>{escape(' / '.join(gold.forbidden))}</p>")
        parts.append(f"<p><small>{escape(', '.join(gold.documents))}</small></p>")
    return "".join(parts)


def _quote(text: str) -> str:
    return f"<blockquote>{escape(text)}</blockquote>"


def _place(citation: Mapping[str, Any]) -> str:
    page = [f"pagina {citation['page']}"] if citation["page"] else []
    return ", ".join([citation["title"], citation["section"], *page])


@dataclass(frozen=True)
class _View:
    """What the page is set to."""

    name: str
    judge: str
    skip: bool
    place: int


def build_page(desk: Desk) -> gr.Blocks:
    """Build the page over a desk; each visitor has a place of their own."""
    page = gr.Blocks(title="Beoordelen", analytics_enabled=False, fill_width=True)
    with page:
        Page(desk, page)
    return page


class Page:
    """The components of the page, and what a button changes in them."""

    def __init__(self, desk: Desk, page: gr.Blocks) -> None:
        self.desk = desk
        names = list(desk.results)
        with gr.Column(elem_id="oordeel"):
            _html(f"{_STYLE}<h1>Antwoorden beoordelen</h1>")
            with gr.Row():
                self.name = gr.Dropdown(
                    names, value=names[0], label="Uitslag", filterable=False, min_width=260
                )
                self.judge = gr.Textbox(
                    label="Uw naam",
                    placeholder="Enter: verder waar u was",
                    max_lines=1,
                    min_width=260,
                )
            self.skip = gr.Checkbox(True, label="Sla over wat ik heb beoordeeld")
            self.place = gr.State(0)
            self.progress = _html("")
            self.case = _html("")
            self.remark = gr.Textbox(label="Opmerking (mag leeg)", max_lines=4)
            with gr.Row():
                buttons = [
                    gr.Button(f"{n} {word.capitalize()}", elem_id=f"oordeel-{n}", min_width=140)
                    for n, word in enumerate(JUDGEMENTS, start=1)
                ]
            with gr.Row():
                back = gr.Button("Vorige", min_width=140)
                on = gr.Button("Volgende", min_width=140)
            told = "; ".join(f"{n} {w}: {_MEANING[w]}" for n, w in enumerate(JUDGEMENTS, start=1))
            _html(f"<p><small>Toetsen {escape(told)}.</small></p>")
        self.changed = [self.place, self.progress, self.case, self.remark]
        given = [self.name, self.judge, self.skip, self.place]
        settings: dict[str, Any] = {"queue": False, "show_progress": "hidden"}
        for word, button in zip(JUDGEMENTS, buttons, strict=True):
            act = self._judging(word)
            button.click(act, [*given, self.remark], self.changed, api_name=_slug(word), **settings)
        back.click(self.back, given, self.changed, api_name="vorige", **settings)
        on.click(self.on, given, self.changed, api_name="volgende", **settings)
        for event in (page.load, self.name.change, self.judge.submit):
            event(self.begun, given, self.changed, api_name="begin", **settings)

    def begun(self, name: str, judge: str, skip: bool, place: int) -> Updates:
        """Show the first answer of a file that is to be judged."""
        return self._move(_View(name, judge, skip, -1), 1)

    def back(self, name: str, judge: str, skip: bool, place: int) -> Updates:
        """Show the one before; also one that was judged, so that it can be looked at again."""
        return self._move(_View(name, judge, False, place), -1)

    def on(self, name: str, judge: str, skip: bool, place: int) -> Updates:
        """Show the next one."""
        return self._move(_View(name, judge, skip, place), 1)

    def _judging(self, word: str) -> Any:
        def act(name: str, judge: str, skip: bool, place: int, remark: str) -> Updates:
            view = _View(name, judge, skip, place)
            if not judge.strip():
                return self._show(view, "Vul eerst uw naam in.") | {self.remark: remark}
            try:
                self.desk.judge(name, place, (word, remark, judge))
            except WegwijzerError as error:
                return self._show(view, f"{error} {error.advice}") | {self.remark: remark}
            return self._move(view, 1, f"Bewaard: {word}.")

        return act

    def _move(self, view: _View, by: int, said: str = "") -> Updates:
        done = self.desk.judged(view.name, view.judge) if view.skip else {}
        ids = [row["id"] for row in self.desk.results[view.name].rows]
        place = next_place(ids, done, view.place, by)
        if place is None:
            said = f"{said} Verder is er niets te beoordelen."
            place = max(view.place, 0)
        return self._show(_View(view.name, view.judge, view.skip, place), said)

    def _show(self, view: _View, said: str = "") -> Updates:
        rows = self.desk.results[view.name].rows
        done = self.desk.judged(view.name, view.judge)
        before = done.get(rows[view.place]["id"])
        own = f" Uw oordeel was: {before.judgement}." if before else ""
        line = f"{view.place + 1} van {len(rows)}, {len(done)} door u beoordeeld.{own}"
        return {
            self.place: view.place,
            self.progress: f'<p role="status"><strong>{line}</strong> {escape(said)}</p>',
            self.case: self.desk.shown(view.name, view.place),
            self.remark: before.remark if before else "",
        }


def _slug(word: str) -> str:
    return word.replace(" ", "-")


def _html(value: str) -> gr.HTML:
    return gr.HTML(value, js_on_load=None, apply_default_css=False)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
