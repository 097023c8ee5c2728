"""An answer as HTML and as text to copy: pure functions, everything escaped.

A citation button names, in `data-bron`, the how-manieth hidden source of its
exchange it opens; assistant/page.js does so in the browser, without the server.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import groupby
from typing import TYPE_CHECKING

from assistant.answer import Answer, Citation, Statement
from corpus.sources import Source

if TYPE_CHECKING:
    from assistant.place import Context

# A question this long is an accident (a pasted document); the page shows its start.
SHOWN_QUESTION_CHARS = 400

HEADINGS = {
    "abstained": "Geen antwoord gevonden",
    "refused": "Deze vraag beantwoord ik niet",
    "error": "Dat lukte niet",
}
SUPPORT_WORDS = {"verbatim": "letterlijk", "supported": "ondersteund"}


@dataclass(frozen=True)
class Exchange:
    """One question with its answer so far.

    `known` are the places that the page can show, in the order in which they
    came: an answer that is being written uses fewer and fewer of them, and what
    someone is reading must not vanish. `sources_html` is each of them in its
    document, hidden until asked for.
    """

    question: str
    answer: Answer
    known: tuple[Citation, ...] = ()
    sources_html: str = ""


def extend(
    exchange: Exchange, answer: Answer, context: "Callable[[Citation], Context]"
) -> Exchange:
    """Return the exchange with a newer snapshot of its answer.

    Args:
        exchange: the exchange so far.
        answer: the newer snapshot.
        context: gives a citation in its document; called once for each place.

    """
    known = {_position(c): c for c in (*answer.nearest, *answer.helpers, *answer.citations)}
    known = {_position(c): c for c in exchange.known} | known
    places = tuple(known.values())
    if len(places) == len(exchange.known):
        return replace(exchange, answer=answer)
    new = places[len(exchange.known) :]
    html = "".join(f"<div>{render_source(context(c))}</div>" for c in new)
    return replace(exchange, answer=answer, known=places, sources_html=exchange.sources_html + html)


def renew(
    exchange: Exchange,
    is_old: Callable[[Citation], bool],
    context: "Callable[[Citation], Context]",
) -> Exchange:
    """Return an earlier exchange whose sources say which documents have a newer version."""
    if not any(is_old(citation) for citation in exchange.known):
        return exchange
    html = "".join(f"<div>{render_source(context(c))}</div>" for c in exchange.known)
    return replace(exchange, sources_html=html)


def render_conversation(exchanges: Sequence[Exchange], sources: Sequence[Source]) -> str:
    """Render the whole conversation, oldest question first; `sources` are those searched."""
    return "".join(
        f'<article class="ww-beurt"><h2 class="ww-vraag"><span class="ww-onzichtbaar">Uw vraag: '
        f"</span>{escape(_shown(exchange.question))}</h2>"
        f"{render_answer(exchange.answer, exchange.known, sources)}"
        f'<div class="ww-bronnen" hidden>{exchange.sources_html}</div></article>'
        for exchange in exchanges
    )


def render_answer(
    answer: Answer, known: Sequence[Citation] = (), sources: Sequence[Source] = ()
) -> str:
    """Render one answer.

    Args:
        answer: a snapshot or the whole answer.
        known: the places that the page can show; those of the answer when empty.
        sources: the documents that are searched.

    """
    known = known or (*answer.nearest, *answer.helpers, *answer.citations)
    if answer.status == "answered":
        body = _answered(answer, known)
    else:
        body = _other(answer, known, sources)
    searched = (
        f'<p class="ww-klein">Gezocht op: {escape(answer.searched)}</p>' if answer.searched else ""
    )
    return f'<div class="ww-antwoord ww-{answer.status}">{searched}{body}{_foot(answer)}</div>'


def render_source(context: "Context") -> str:
    """Render a passage in its document, with the quote marked."""
    facts = [
        ("Uitgever", context.issuer),
        ("Jaar", str(context.year) if context.year else ""),
        ("Plaats", context.section),
        ("Pagina", "" if context.page is None else str(context.page)),
    ]
    rows = "".join(f"<dt>{name}</dt><dd>{escape(value)}</dd>" for name, value in facts if value)
    return (
        f"<h2>{escape(context.title)}</h2>{_remark(context.note)}<dl>{rows}</dl>{_also(context)}"
        f'<p class="ww-passage">{escape(context.before)} <mark>{escape(context.quote)}</mark> '
        f"{escape(context.after)}</p>{_link(context.url)}"
    )


def _also(context: "Context") -> str:
    """Say where else the quote stands, each place once and not the place that is shown."""
    shown = _named(context.section, context.page)
    named = dict.fromkeys(_named(" › ".join(p.section), p.page) for p in context.also)
    places = "; ".join(name for name in named if name and name != shown)
    return f'<p class="ww-klein">Staat ook in: {escape(places)}</p>' if places else ""


def _named(section: str, page: int | None) -> str:
    return f"{section} (p. {page})".strip() if page is not None else section


def render_about(sources: Sequence[Source], notice: str) -> str:
    """Render who answers here, from which documents, and what not to type."""
    return (
        f"{_remark(notice)}<p><strong>Wegwijzer is een AI.</strong> De antwoorden komen uit de documenten"
        " hieronder. Ze kunnen onvolledig zijn. Lees daarom ook de bron.</p>"
        "<p><strong>Zet geen gegevens van kinderen in uw vraag:</strong>"
        " geen naam, geboortedatum of adres.</p>"
        f'<details class="ww-documenten"><summary>Documenten ({len(sources)}) en uitleg</summary>'
        f'{_titles(sources)}<p class="ww-klein"><em class="ww-steun">letterlijk</em> staat zo in'
        ' het document. <em class="ww-steun">ondersteund</em> is door de AI geschreven en met de'
        " bron vergeleken.</p></details>"
    )


def answer_to_copy(answer: Answer) -> str:
    """Return the answer with its numbered sources as plain text."""
    lines = [f"Vraag: {_shown(answer.question)}", "", answer.text, "", "Bronnen"]
    for c in answer.citations:
        lines.append(f"[{c.n}] {_place_in_words(c)}: “{c.readable}”")
        lines += [f"    {c.url}"] if _is_web_address(c.url) else []
    lines += ["", *answer.warnings] if answer.warnings else []
    lines += ["", "Antwoord van Wegwijzer, een AI. Het kan onvolledig zijn."]
    return "\n".join(lines)


def _answered(answer: Answer, known: Sequence[Citation]) -> str:
    if answer.model == "quotes":
        written = "" if answer.final else _short_answer("", final=False)
        numbered: Sequence[Citation] = answer.citations if answer.final else ()
    else:
        items = "".join(_statement(s, answer.citations, known) for s in answer.statements)
        written = _short_answer(items, final=answer.final)
        numbered = answer.citations
    remark = "".join(_remark(text) for text in (*answer.warnings, answer.message))
    if not known:
        return remark
    numbers = {_position(c): c.n for c in numbered}
    cards = _cards(known, known, numbers)
    return (
        f'{written}{remark}<section class="ww-bewijs"><h3>Letterlijk uit de documenten</h3>'
        f'<ul class="ww-kaarten">{cards}</ul></section>'
    )


def _remark(text: str) -> str:
    return f'<p class="ww-melding">{escape(text)}</p>' if text else ""


def _short_answer(items: str, *, final: bool) -> str:
    waiting = (
        ""
        if final
        else '<p class="ww-wacht">De AI schrijft. Elke zin wordt eerst gecontroleerd.</p>'
    )
    return (
        f'<section class="ww-kort{"" if final else " ww-bezig"}"><h3>Kort antwoord</h3>'
        f'<ul class="ww-zinnen">{items}</ul>{waiting}</section>'
    )


def _statement(
    statement: Statement, citations: Sequence[Citation], known: Sequence[Citation]
) -> str:
    by_number = {c.n: c for c in citations}
    buttons = "".join(
        _citation_button(by_number[n], known) for n in statement.citations if n in by_number
    )
    return (
        f"<li>{escape(statement.text)} {buttons}"
        f'<em class="ww-steun">{SUPPORT_WORDS[statement.support]}</em></li>'
    )


def _citation_button(citation: Citation, known: Sequence[Citation]) -> str:
    return _source_button(citation, _index(citation, known), str(citation.n))


def _source_button(citation: Citation, index: int, shown: str) -> str:
    label = escape(f"Bron {shown}: {citation.title}" if shown else f"Bron: {citation.title}")
    return (
        f'<button type="button" class="ww-cite" data-bron="{index}" aria-haspopup="dialog"'
        f' aria-label="{label}"><span class="ww-nummer">{shown or "Bron"}</span></button>'
    )


def _cards(
    citations: Sequence[Citation],
    known: Sequence[Citation],
    numbers: Mapping[tuple[str, int, int], int],
) -> str:
    """Return the cards of citations; those that follow each other in one place share one.

    Args:
        citations: what is shown.
        known: the places that the page can show, in which each is found.
        numbers: by position, of those that have one.
    """
    cards = []
    for _, group in groupby(citations, key=_short_place):
        own = list(group)
        shown = [numbers.get(_position(c)) for c in own]
        first = _index(own[0], known)
        if len(own) == 1:
            cards.append(_card(own[0], first, shown[0]))
            continue
        label, rows = "", ""
        for citation, number in zip(own, shown, strict=True):
            if citation.label != label:
                label = citation.label
                rows += _label(label)
            button = _source_button(citation, _index(citation, known), str(number or ""))
            quote = f"<blockquote>{escape(citation.readable)}</blockquote>"
            rows += f'<div class="ww-citaat">{button}{quote}</div>'
        place = f'<p class="ww-herkomst">{_short_place(own[0])}</p>'
        cards.append(f'<li class="ww-kaart">{rows}{place}</li>')
    return "".join(cards)


def _index(citation: Citation, known: Sequence[Citation]) -> int:
    return [_position(c) for c in known].index(_position(citation))


def _label(text: str) -> str:
    return f'<p class="ww-label">{escape(text)}</p>' if text else ""


def _card(citation: Citation, index: int, number: int | None) -> str:
    badge = f'<span class="ww-nummer">{number}</span>' if number is not None else ""
    return (
        f'<li class="ww-kaart">{_label(citation.label)}'
        f"<blockquote>{escape(citation.readable)}</blockquote>"
        f'<button type="button" class="ww-herkomst" data-bron="{index}" aria-haspopup="dialog">'
        f'<span class="ww-onzichtbaar">Bron </span>{badge}'
        f"<span>{_short_place(citation)}</span></button></li>"
    )


def _other(answer: Answer, known: Sequence[Citation], sources: Sequence[Source]) -> str:
    parts = [f'<h3 class="ww-soort">{HEADINGS[answer.status]}</h3><p>{escape(answer.message)}</p>']
    helpers = _cards(answer.helpers, known, {})
    parts.append(_beside("Wie kan meekijken", "Dit zeggen de documenten:", helpers))
    similar = "Deze stukken lijken op uw vraag. Misschien helpen ze u verder."
    parts.append(_beside("Dit is geen antwoord", similar, _cards(answer.nearest, known, {})))
    named = all(source.title in answer.message for source in sources)
    if answer.status != "error" and not named:
        parts.append(f"<p>Ik zoek alleen in deze documenten:</p>{_titles(sources)}")
    return "".join(parts)


def _beside(heading: str, remark: str, cards: str) -> str:
    if not cards:
        return ""
    return (
        f'<section class="ww-nabij"><h4>{heading}</h4><p>{remark}</p>'
        f'<ul class="ww-kaarten">{cards}</ul></section>'
    )


def _foot(answer: Answer) -> str:
    if not answer.final:
        known = "Citaten gevonden." if answer.statements else "Ik zoek in de documenten."
        return f'<p class="ww-status" role="status">{known}</p>'
    if answer.status != "answered":
        return f'<p class="ww-onzichtbaar" role="status">{HEADINGS[answer.status]}</p>'
    return (
        '<p class="ww-status" role="status">Het antwoord is klaar.</p>'
        '<button type="button" class="ww-kopieer"'
        f' data-kopieer="{escape(answer_to_copy(answer))}">Kopieer antwoord met bronnen</button>'
    )


def _titles(sources: Sequence[Source]) -> str:
    items = "".join(f"<li>{escape(s.title)} ({escape(s.issuer)}, {s.year})</li>" for s in sources)
    return f'<ul class="ww-titels">{items}</ul>'


def _place_in_words(citation: Citation) -> str:
    parts = [f"{citation.title} ({citation.year})" if citation.year else citation.title]
    parts += [citation.section] if citation.section else []
    parts += [f"pagina {citation.page}"] if citation.page is not None else []
    return ", ".join(parts)


def _short_place(citation: Citation) -> str:
    year = f" ({citation.year})" if citation.year else ""
    under = [part.strip() for part in citation.section.split("›")[-1:] if part.strip()]
    under += [f"pagina {citation.page}"] if citation.page is not None else []
    small = f"<small>{escape(', '.join(under))}</small>" if under else ""
    return f"<b>{escape(citation.title + year)}</b>{small}"


def _position(citation: Citation) -> tuple[str, int, int]:
    return citation.document, citation.start, citation.end


def _is_web_address(url: str | None) -> bool:
    return bool(url) and str(url).startswith(("https://", "http://"))


def _link(url: str | None) -> str:
    if not _is_web_address(url):
        return ""
    return (
        f'<p><a href="{escape(str(url))}" target="_blank" rel="noopener noreferrer">'
        "Open het document (nieuw tabblad)</a></p>"
    )


def _shown(question: str) -> str:
    if len(question) <= SHOWN_QUESTION_CHARS:
        return question
    return question[:SHOWN_QUESTION_CHARS].rstrip() + " …"
