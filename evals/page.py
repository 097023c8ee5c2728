"""rapport.html: one file that needs nothing else, with every failure beside its evidence."""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from corpus.errors import InputFileError
from evals.growth_report import Growth
from evals.growth_report import markdown as growth_tables
from evals.overview import (
    LABELS,
    PERSONAS,
    Row,
    Table,
    duels,
    failures,
    intro,
    markdown,
    ours,
    tables,
)
from evals.plots import plots
from evals.results import Result

STATUS = {
    "answered": "beantwoord",
    "abstained": "gezwegen: niet gevonden",
    "refused": "geweigerd",
    "error": "fout",
}
ALTS = {
    "Goed per soort vraag": "Punten per systeem; dezelfde getallen staan in de tabel.",
    "Winst en verlies": "Staven per tegenstander; dezelfde getallen staan in de tabel.",
    "Tijd tegen kwaliteit": "Een punt per systeem; dezelfde getallen staan in de tabellen.",
    "Zekerheid tegen werkelijkheid": "Hoe vaak een vraag te beantwoorden is, per zekerheid.",
    "Tijd bij groei": "Tijd per aantal passages; dezelfde getallen staan in de tabel.",
}
STYLE = (Path(__file__).parent / "page.css").read_text(encoding="utf-8")
SCRIPT = (Path(__file__).parent / "page.js").read_text(encoding="utf-8")


def write_reports(
    results: Sequence[Result],
    folder: Path,
    split: str,
    extra: str = "",
    growth: Sequence[Growth] = (),
) -> None:
    """Write rapport.md and rapport.html.

    Args:
        results: the runs, of one split.
        folder: where they go.
        split: its name, or all.
        extra: more Markdown, such as how people judged.
        growth: what was measured of larger collections, if anything.

    Raises:
        InputFileError: the folder cannot be written.
    """
    extra = "\n\n".join(filter(None, [extra.strip(), *map(growth_tables, growth)]))
    try:
        (folder / "rapport.md").write_text(markdown(results, split, extra), encoding="utf-8")
        (folder / "rapport.html").write_text(html(results, split, extra, growth), encoding="utf-8")
    except OSError as error:
        raise InputFileError(path=folder, reason="er is niet in te schrijven") from error


def html(
    results: Sequence[Result], split: str, extra: str = "", growth: Sequence[Growth] = ()
) -> str:
    """Return the page; arguments as for `write_reports`, whose `extra` has the tables of growth."""
    drawn = plots(results, growth)
    parts = ["<h1>Wegwijzer gemeten</h1>"]
    parts += [f"<p>{escape(line)}</p>" for line in intro(results, split)]
    if not drawn:
        parts.append("<p>De grafieken ontbreken: installeer matplotlib (pip install .[dev]).</p>")
    found = tables(results)
    parts += map(_table, found[:3])
    parts += [_plot(title, svg) for title, svg in drawn.items()]
    parts += map(_table, found[3:])
    parts.append(_lists(results))
    if extra:
        parts.append(f"<section>{_plain(extra)}</section>")
    parts.append(_failures(results))
    return (
        '<!doctype html>\n<html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Wegwijzer gemeten</title><style>{STYLE}</style></head>\n"
        f"<body><main>{chr(10).join(parts)}</main><script>{SCRIPT}</script></body></html>\n"
    )


def _plain(text: str) -> str:
    """Return the little Markdown that our own reports use as HTML: a heading, tables, lines."""
    parts = []
    for block in text.strip().split("\n\n"):
        lines = block.split("\n")
        if lines[0].startswith("|"):
            cells = [[escape(c.strip()) for c in line.strip("|").split("|")] for line in lines]
            head, *rows = (cells[0], *cells[2:])
            body = "".join("<tr><td>" + "</td><td>".join(row) + "</td></tr>" for row in rows)
            top = "</th><th>".join(head)
            table = f"<table><tr><th>{top}</th></tr>{body}</table>"
            parts.append(f'<div class="breed" tabindex="0">{table}</div>')
        elif lines[0].startswith("## "):
            parts.append(f"<h2>{escape(block[3:])}</h2>")
        else:
            parts.append(f"<p>{escape(block.replace('**', ''))}</p>")
    return "".join(parts)


def _table(table: Table) -> str:
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in table.head)
    rows = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>'
        + "".join(f"<td>{_number(value)}</td>" for value in row[1:])
        + "</tr>"
        for row in table.rows
    )
    return (
        f"<section><h2>{escape(table.title)}</h2><p>{escape(table.note)}</p>"
        f'<div class="breed" tabindex="0"><table><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></section>"
    )


def _number(value: str) -> str:
    """Return a cell with its interval and n in small print on a line below."""
    shown = re.match(r"(.*?)((?: \[.*\])?(?: n=\d+)?)$", value)
    first, rest = shown.groups() if shown else (value, "")
    return escape(first) + (f"<small>{escape(rest.strip())}</small>" if rest else "")


def _plot(title: str, svg: str) -> str:
    # Ids are unique within a plot only.
    prefix = "".join(filter(str.isalpha, title)).lower()
    svg = re.sub(r'(id="|href="#|url\(#)', rf"\g<1>{prefix}-", svg)
    label = escape(f"{title}. {ALTS[title]}")
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f"<section><h2>{escape(title)}</h2><figure>{svg}</figure></section>"


def _lists(results: Sequence[Result]) -> str:
    """Return which questions were won and lost against each other system."""
    blocks = []
    for other, measures in duels(results).items():
        lines = "".join(
            f"<dt>{escape(LABELS[name])}, {label} ({len(ids)})</dt><dd>{_links(ids)}</dd>"
            for name in ("correct", "abstention", "hit@5")
            if name in measures
            for label, ids in (("gewonnen", measures[name].won), ("verloren", measures[name].lost))
            if ids
        )
        blocks.append(
            f"<details><summary>Tegen {escape(other)}: welke vragen</summary><dl>{lines}</dl></details>"
        )
    return f"<section>{''.join(blocks)}</section>"


def _links(ids: Iterable[str]) -> str:
    return ", ".join(f'<a href="#v-{escape(id)}">{escape(id)}</a>' for id in ids)


def _failures(results: Sequence[Result]) -> str:
    """Return every question that went wrong with some system, and what each made of it."""
    answered = [result for result in results if result.answered] or list(results)
    mine = ours(results).system
    by_id: dict[str, dict[str, Row]] = {}
    for result in answered:
        for row in result.rows:
            by_id.setdefault(row["id"], {})[result.system] = row
    wrong = {row["id"] for result in answered for row in failures(result)}
    shown = {id: rows for id, rows in by_id.items() if id in wrong}
    # What went wrong with ours is what a reader came for.
    order = sorted(shown, key=lambda id: not (mine in shown[id] and shown[id][mine]["failed"]))
    counts = "".join(
        f"<li>{escape(r.system)}: {len(failures(r))} van {len(r.rows)}</li>" for r in answered
    )
    kinds = sorted({next(iter(rows.values()))["kind"] for rows in shown.values()})
    return (
        '<section id="fouten"><h2>Wat niet goed ging</h2>'
        f"<ul>{counts}</ul>{_filters([r.system for r in answered], mine, kinds)}"
        + "".join(_question(shown[id], mine) for id in order)
        + "</section>"
    )


def _filters(systems: Sequence[str], mine: str, kinds: Sequence[str]) -> str:
    def options(values: Mapping[str, str], chosen: str = "") -> str:
        return "".join(
            f'<option value="{escape(v)}"{" selected" if v == chosen else ""}>{escape(t)}</option>'
            for v, t in values.items()
        )

    wrong = {"": "alle systemen"} | {name: name for name in systems}
    return (
        '<form id="filter"><label>Fout bij <select name="systeem">'
        f"{options(wrong, mine)}</select></label>"
        f'<label>Soort <select name="soort">{options({"": "alle"} | {k: k for k in kinds})}'
        f'</select></label><label>Rol <select name="rol">{options({"": "alle"} | PERSONAS)}'
        '</select></label><label>Woord <input name="woord" type="search"></label>'
        '<output role="status"></output></form>'
    )


def _question(rows: Mapping[str, Row], mine: str) -> str:
    first = rows.get(mine) or next(iter(rows.values()))
    wrong = [name for name, row in rows.items() if row["failed"]]
    evidence = "".join(f"<blockquote>{escape(text)}</blockquote>" for text in first["evidence"])
    order = sorted(rows, key=lambda name: name != mine)
    answers = "".join(_answer(name, rows[name], name == mine) for name in order)
    kind, persona = escape(first["kind"]), escape(first["persona"])
    return (
        f'<details class="vraag" id="v-{escape(first["id"])}" data-fout="{escape(" ".join(wrong))}" '
        f'data-soort="{kind}" data-rol="{persona}"><summary><b>{escape(first["id"])}</b> '
        f"{escape(first['record']['question'])} <small>{kind}, fout bij {len(wrong)} van "
        f'{len(rows)}</small></summary><div class="naast"><div><h3>Bewijs</h3>'
        f"{evidence or '<p>Geen: de documenten beantwoorden dit niet.</p>'}</div>"
        f"<div>{answers}</div></div></details>"
    )


def _answer(name: str, row: Row, opened: bool) -> str:
    record = row["record"]
    notes = [f"ontbreekt: {' / '.join(fact)}" for fact in row["missing"]]
    notes += [f"fout: {text}" for text in row["forbidden"]]
    if row["scores"].get("hit@10") == 0:
        notes.append("het bewijs staat niet bij de eerste tien passages")
    listed = "".join(f"<li>{escape(note)}</li>" for note in notes) if row["failed"] else ""
    quotes = "".join(_citation(citation) for citation in record["citations"])
    mark = "niet goed" if row["failed"] else "goed"
    return (
        f'<details class="antwoord"{" open" if opened else ""}><summary>{escape(name)}: '
        f"<b>{mark}</b>, {STATUS[record['status']]}</summary>"
        f'<p class="tekst">{escape(record["answer"])}</p><ul>{listed}</ul>{quotes}</details>'
    )


def _citation(citation: Mapping[str, Any]) -> str:
    where = ", ".join(filter(None, (citation["document"], citation["section"])))
    return f"<p><small>[{citation['n']}] {escape(where)}: “{escape(citation['quote'])}”</small></p>"
