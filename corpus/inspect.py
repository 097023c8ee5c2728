"""One HTML page that shows a person how a document was read, to judge the reading by eye.

The page holds the stored text itself, cut into passages, headings and what was left out; it
needs nothing from elsewhere.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import islice, pairwise, takewhile

from corpus.checks import Complaint, Coverage, complaints, coverage
from corpus.furniture import Furniture
from corpus.passages import Passage, furniture, passages
from corpus.read import DocumentText
from corpus.sources import Source
from corpus.structure import Block, structure

_LONGEST_SAMPLE = 90
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 76rem; padding: 1rem;
  color: #1b1b1b; background: #fff; }
h1 { font-size: 1.5rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem .8rem .2rem 0;
  vertical-align: top; border-bottom: 1px solid #ddd; } td.n { text-align: right; }
.regel { display: grid; grid-template-columns: minmax(0, 1fr) 15rem; gap: 1rem; }
.tekst { white-space: pre-wrap; overflow-wrap: anywhere; }
.marge { font-size: .85rem; color: #8a1c00; }
.passage { border: 2px solid #1f6feb; border-radius: .4rem; padding: .3rem .7rem; margin: .35rem 0; }
.passage.lijst { border-color: #1a7f37; } .passage.rij { border-color: #8250df; }
.passage.kaart { border-color: #9a6700; }
.pad { font-size: .82rem; color: #444; border-bottom: 1px dotted #bbb; margin-bottom: .2rem; }
.pad b { color: #000; }
.kop { font-weight: 700; color: #0a3069; margin: .6rem 0 .1rem; }
.kop.n1 { font-size: 1.5rem; } .kop.n2 { font-size: 1.3rem; } .kop.n3 { font-size: 1.12rem; }
.kolommen { color: #5a32a3; font-weight: 600; }
.punt { background: #e8f6ec; } .rij { background: #f6f0ff; } .kaart { background: #fff6dd; }
.weg { color: #6b6b6b; background: #eee; padding: .1rem .7rem; margin: .2rem 0; }
.weg .tekst { text-decoration: line-through; text-decoration-color: #aaa; }
.kwijt { background: #ffd7d0; outline: 2px solid #c00; padding: .1rem .7rem; }
.blad { font-size: .8rem; color: #666; border-top: 1px dashed #999; margin-top: 1.2rem; }
.legenda { display: flex; flex-wrap: wrap; gap: .4rem; }
.legenda span { padding: .1rem .5rem; border-radius: .3rem; }
@media (max-width: 700px) { .regel { grid-template-columns: 1fr; gap: 0; } }
"""


_Owner = Passage | Block | Furniture | None


@dataclass(frozen=True)
class _Piece:
    """A stretch of the stored text with its owner; `goes_on` when the owner began before it."""

    start: int
    end: int
    owner: _Owner
    goes_on: bool


def inspect_page(source: Source, document: DocumentText) -> str:
    """Return a page that shows how a document was read, from top to bottom."""
    found = passages(source, document)
    counts = coverage(document, found)
    left_out = furniture(document)
    said = complaints(document, found)
    parts = [
        f"<h1>{escape(source.title)}</h1>",
        f"<p>Zo is <b>{escape(source.path.name)}</b> gelezen: {len(found)} passages.</p>",
        _counts(counts),
        _reasons(document, left_out),
        "".join(f"<p>⚠ {escape(warning)}</p>" for warning in document.warnings),
        _complaint_list(document, said),
        "<h2>Het document</h2>",
        _LEGEND,
        *_body(document, found, left_out, said),
    ]
    head = (
        '<!doctype html><html lang="nl"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Inlezen: {escape(source.title)}</title><style>{_STYLE}</style></head><body>"
    )
    return head + "\n".join(parts) + "</body></html>\n"


_LEGEND = (
    '<p class="legenda"><span class="passage">tekst</span><span class="passage lijst">lijst</span>'
    '<span class="passage rij">tabelrij</span><span class="passage kaart">kaart</span>'
    '<span class="weg">weggelaten</span><span class="kwijt">kwijtgeraakt</span></p>'
)


def _counts(counts: Coverage) -> str:
    """Return the table of where the characters ended up."""
    read = max(1, counts.total - counts.blank)
    rows = (
        ("in een passage", counts.passage),
        ("in een kop of kolomkop (staat boven de passages)", counts.heading),
        ("weggelaten, met reden", counts.left_out),
        ("kwijtgeraakt", counts.lost_count),
    )
    body = "".join(
        f'<tr><td>{name}</td><td class="n">{_number(n)}</td>'
        f'<td class="n">{100 * n / read:.1f}%</td></tr>'.replace(".", ",")
        for name, n in rows
    )
    return (
        "<h2>Waar de tekst bleef</h2><table><tr><th>tekens</th><th>aantal</th><th>deel</th></tr>"
        f"{body}</table><p>Daarnaast {_number(counts.blank)} tekens wit en opmaak.</p>"
    )


def _number(count: int) -> str:
    """Write a number as Dutch readers do."""
    return f"{count:,}".replace(",", "\u202f")


def _reasons(document: DocumentText, left_out: Sequence[Furniture]) -> str:
    """Return the list of what was left out, by reason, with its texts."""
    told: dict[str, Counter[str]] = {}
    for part in left_out:
        line = " ".join(document.text[part.start : part.end].split())
        told.setdefault(part.reason, Counter())[line[:_LONGEST_SAMPLE]] += 1
    if not told:
        return "<h2>Weggelaten</h2><p>Er is niets weggelaten.</p>"
    blocks = []
    for reason, lines in sorted(told.items()):
        items = "".join(
            f"<li>{escape(line) or '(leeg)'}{f' ({n} keer)' if n > 1 else ''}</li>"
            for line, n in lines.most_common()
        )
        total = lines.total()
        blocks.append(
            f"<details><summary>{escape(reason)}: {total}</summary><ul>{items}</ul></details>"
        )
    return "<h2>Weggelaten, en waarom</h2>" + "".join(blocks)


def _complaint_list(document: DocumentText, said: Sequence[Complaint]) -> str:
    """Return the warnings together, each with a link to its place."""
    if not said:
        return "<h2>Waarschuwingen</h2><p>Geen.</p>"
    items = "".join(
        f'<li><a href="#t{one.start}">{escape(one.message)}</a>: '
        f"{escape(' '.join(document.text[one.start : one.end].split())[:_LONGEST_SAMPLE])}</li>"
        for one in said
    )
    return f"<h2>Waarschuwingen: {len(said)}</h2><ul>{items}</ul>"


def _body(
    document: DocumentText,
    found: Sequence[Passage],
    left_out: Sequence[Furniture],
    said: Sequence[Complaint],
) -> Iterator[str]:
    """Yield the document, stretch by stretch, each with its warnings beside it."""
    notes: dict[int, list[str]] = {}
    for one in said:
        notes.setdefault(one.start, []).append(one.message)
    blocks = sorted(structure(document).blocks, key=lambda block: block.start)
    page = 0
    for piece in _pieces(document, found, blocks, left_out):
        number = document.page_at(piece.start)
        if number is not None and number != page:
            page = number
            yield f'<div class="blad">bladzijde {page}</div>'
        beside = "".join(f"<div>⚠ {escape(note)}</div>" for note in notes.pop(piece.start, []))
        if isinstance(piece.owner, Furniture):
            beside += f"<div>{escape(piece.owner.reason)}</div>"
        yield (
            f'<div class="regel" id="t{piece.start}"><div>{_shown(document, piece, blocks)}</div>'
            f'<div class="marge">{beside}</div></div>'
        )


def _pieces(
    document: DocumentText,
    found: Sequence[Passage],
    blocks: Sequence[Block],
    left_out: Sequence[Furniture],
) -> Iterator[_Piece]:
    """Cut the text where passages, headings and what was left out begin and end."""
    owners: list[_Owner] = [None] * len(document.text)
    parts: list[Passage | Block | Furniture] = [*found]
    parts += [block for block in blocks if not block.parts]
    for part in [*parts, *left_out]:
        owners[part.start : part.end] = [part] * (part.end - part.start)
    changes = {i for i in range(1, len(owners)) if owners[i] is not owners[i - 1]}
    changes |= {start for start in document.page_starts if start > 0}
    seen: set[int] = set()
    for start, end in pairwise([0, *sorted(changes), len(owners)]):
        if document.text[start:end].strip():
            yield _Piece(start, end, owners[start], id(owners[start]) in seen)
            seen.add(id(owners[start]))


def _shown(document: DocumentText, piece: _Piece, blocks: Sequence[Block]) -> str:
    """Return one stretch of the text as it was understood."""
    owner = piece.owner
    plain = escape(document.text[piece.start : piece.end].strip("\n"))
    if owner is None:
        return f'<div class="kwijt tekst">{plain}</div>'
    if isinstance(owner, Furniture):
        return f'<div class="weg"><div class="tekst">{plain}</div></div>'
    if isinstance(owner, Block):
        look = f"kop n{min(4, len(owner.section))}" if owner.kind == "kop" else "kolommen"
        return f'<div class="{look} tekst">{plain}</div>'
    path = " › ".join(map(escape, owner.section))
    label = f" · <b>{escape(owner.label)}</b>" if owner.label else ""
    more = " (vervolg)" if piece.goes_on else ""
    return (
        f'<div class="passage {owner.kind}"><div class="pad">{path}{label}{more}</div>'
        f'<div class="tekst">{_coloured(document.text, piece, blocks)}</div></div>'
    )


def _coloured(text: str, piece: _Piece, blocks: Sequence[Block]) -> str:
    """Return the text of a passage with its list items, rows and cards marked."""
    first = bisect_left(blocks, piece.start, key=lambda block: block.end)
    out, at = [], piece.start
    for block in takewhile(lambda block: block.start < piece.end, islice(blocks, first, None)):
        start, end = max(at, block.start), min(block.end, piece.end)
        if start >= end or not block.parts:
            continue
        out.append(escape(text[at:start]))
        out.append(f'<span class="{block.kind}">{escape(text[start:end])}</span>')
        at = end
    out.append(escape(text[at : piece.end]))
    return "".join(out).strip("\n")
