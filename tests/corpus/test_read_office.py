import re

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from papers import COLUMNS, INTRODUCTION, ITEMS, LINK, LIST_LEAD, TABLE

from corpus.mend import Mender
from corpus.read import read


def letter(path):
    """Write a Word document with headings, a list, a table, a link and a footer."""
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "Gemeente Voorbeeld"
    document.add_heading("Wat wij zien", 1)
    for text in INTRODUCTION:
        document.add_paragraph(text)
    document.add_heading("Ervaringen in de wijk", 2)
    document.add_paragraph(LIST_LEAD)
    for item in ITEMS:
        document.add_paragraph(item, style="List Bullet")
    table = document.add_table(rows=0, cols=3)
    for row in TABLE:
        cells = table.add_row().cells
        for cell, text in zip(cells, row, strict=True):
            cell.text = text
    linked = document.add_paragraph("Meld u aan via ")
    link = OxmlElement("w:hyperlink")
    link.set(
        qn("r:id"), document.part.relate_to(LINK, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    )
    run = OxmlElement("w:r")
    text = OxmlElement("w:t")
    text.text = "deze pagina"
    run.append(text)
    link.append(run)
    linked._p.append(link)
    document.save(path)
    return path


@pytest.fixture(scope="module")
def word(tmp_path_factory):
    return read("brief", letter(tmp_path_factory.mktemp("word") / "Brief één.docx"))


def table_rows(text):
    rows = [line for line in text.split("\n") if line.startswith("|") and "---" not in line]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in rows]


def test_the_headings_of_a_word_document_keep_their_level(word):
    assert re.findall(r"^#+ .*$", word.text, re.MULTILINE) == [
        "# Wat wij zien",
        "## Ervaringen in de wijk",
    ]


def test_the_paragraphs_and_items_of_a_word_document_are_read_in_order(word):
    parts = [*INTRODUCTION, LIST_LEAD, *(f"- {item}" for item in ITEMS)]
    assert [part for part in word.text.split("\n") if part in parts] == parts


def test_the_table_of_a_word_document_is_read_row_by_row(word):
    assert table_rows(word.text) == list(TABLE)


def test_the_link_of_a_word_document_keeps_its_address(word):
    assert word.text.endswith(f"Meld u aan via [deze pagina]({LINK})")
    assert Mender(word.text).mend(0, len(word.text)).text.endswith("via deze pagina")


def test_the_running_head_of_a_word_document_is_not_read(word):
    assert "Gemeente Voorbeeld" not in word.text


def test_dutch_style_names_are_headings_too(tmp_path):
    document = docx.Document()
    document.styles.add_style("Kop 2", 1)
    document.add_paragraph("Samenwerken", style="Kop 2")
    document.add_paragraph("Wij werken samen.")
    document.save(tmp_path / "brief.docx")
    assert read("brief", tmp_path / "brief.docx").text == "## Samenwerken\n\nWij werken samen."


PAGE = f"""<!doctype html><html><head><meta charset="{{charset}}"><title>Titel van het blad</title>
<style>p {{{{ color: red }}}}</style><script>alert("gevaar")</script></head><body>
<header><a href="/">Home</a> <nav><a href="/nieuws">Nieuws</a></nav></header>
<main><article><header><h1>Opvang in de Waterwijk</h1></header>
<p>{COLUMNS[0]}</p><h2>Wat wij doen – vóór 2028</h2><p>{LIST_LEAD}</p>
<ul>{"".join(f"<li>{item}</li>" for item in ITEMS)}</ul>
<table><tr>{"".join(f"<th>{cell}</th>" for cell in TABLE[0])}</tr>
{"".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in TABLE[1:])}</table>
<p hidden>Verborgen een.</p><p style="DISPLAY: none">Verborgen twee.</p>
<p>Kijk op <a href="{LINK}">deze pagina</a> of <a href="#boven">ga naar boven</a>.</p>
</article></main><footer>Privacy en cookies</footer></body></html>"""


@pytest.mark.parametrize(
    ("charset", "encoding"),
    [("utf-8", "utf-8"), ("windows-1252", "cp1252"), ("utf-16", "utf-16"), ("", "cp1252")],
)
def test_a_web_page_is_read_in_any_usual_encoding(tmp_path, charset, encoding):
    (tmp_path / "blad.html").write_bytes(PAGE.format(charset=charset).encode(encoding))
    assert "## Wat wij doen – vóór 2028" in read("blad", tmp_path / "blad.html").text


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("blad") / "blad.htm"
    path.write_text(PAGE.format(charset="utf-8"), encoding="utf-8")
    return read("blad", path).text


def test_a_web_page_is_read_without_menus_scripts_and_hidden_parts(page):
    for left_out in ("Home", "Nieuws", "gevaar", "color", "Verborgen", "cookies", "Titel van"):
        assert left_out not in page


def test_what_people_see_of_a_web_page_is_read_in_order(page):
    assert page.startswith(f"# Opvang in de Waterwijk\n\n{COLUMNS[0]}\n\n## Wat wij doen")
    assert "\n".join(f"- {item}" for item in ITEMS) in page
    assert table_rows(page) == list(TABLE)
    assert page.endswith(f"Kijk op [deze pagina]({LINK}) of ga naar boven.")


def test_the_title_in_the_head_of_a_page_is_kept_when_it_is_the_only_one(tmp_path):
    path = tmp_path / "blad.html"
    path.write_text(
        "<header><h1>Opvang</h1><a href='/'>Menu</a></header><p>Tekst van het blad.</p>"
    )
    assert read("blad", path).text == "# Opvang\n\nTekst van het blad."
