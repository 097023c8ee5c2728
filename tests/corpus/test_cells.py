import docx
import pytest
from papers import CELL
from reportlab.lib import colors
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table

from corpus.read import read
from corpus.structure import structure


def rows(path, html):
    path.write_text(f"<h1>Opvang</h1><table>{html}</table>", encoding="utf-8")
    lines = [line for line in read("blad", path).text.split("\n") if line.startswith("|")]
    return [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if "---" not in line]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "blad.html"


def test_a_cell_over_two_rows_is_read_with_both(path):
    assert rows(
        path,
        "<tr><th>Wijk</th><th>Locatie</th><th>Plaatsen</th></tr>"
        "<tr><td rowspan=2>Waterwijk</td><td>De Boot</td><td>16</td></tr>"
        "<tr><td>Het Riet</td><td>12</td></tr>"
        "<tr><td>Zandwijk</td><td>Het Duin</td><td>14</td></tr>",
    ) == [
        ["Wijk", "Locatie", "Plaatsen"],
        ["Waterwijk", "De Boot", "16"],
        ["Waterwijk", "Het Riet", "12"],
        ["Zandwijk", "Het Duin", "14"],
    ]


def test_a_cell_over_rows_in_the_middle_moves_no_other_cell(path):
    assert rows(
        path,
        "<tr><th>Dag</th><th>Ruimte</th><th>Groep</th></tr>"
        "<tr><td>maandag</td><td rowspan=3>zaal</td><td>peuters</td></tr>"
        "<tr><td>dinsdag</td><td>kleuters</td></tr><tr><td>vrijdag</td><td>ouders</td></tr>",
    )[1:] == [
        ["maandag", "zaal", "peuters"],
        ["dinsdag", "zaal", "kleuters"],
        ["vrijdag", "zaal", "ouders"],
    ]


def test_two_rows_of_headings_become_one(path):
    assert rows(
        path,
        "<thead><tr><th rowspan=2>Locatie</th><th colspan=2>Open</th></tr>"
        "<tr><th>ma-vr</th><th>zaterdag</th></tr></thead>"
        "<tbody><tr><td>De Boot</td><td>8-18</td><td>9-12</td></tr>"
        "<tr><td>Het Riet</td><td colspan=2>dicht</td></tr></tbody>",
    ) == [
        ["Locatie", "Open ma-vr", "Open zaterdag"],
        ["De Boot", "8-18", "9-12"],
        ["Het Riet", "dicht", "dicht"],
    ]


def test_a_cell_over_the_whole_width_stays_the_name_of_the_rows_under_it(path):
    assert rows(
        path,
        "<thead><tr><th colspan=2>Alle wijken</th></tr><tr><th>Naam</th><th>Taak</th></tr></thead>"
        "<tr><td>CJG</td><td>advies</td></tr><tr><td colspan=2>Alleen Waterwijk</td></tr>"
        "<tr><td>De Boot</td><td>opvang</td></tr>",
    ) == [
        ["Naam", "Taak"],
        ["Alle wijken", ""],
        ["CJG", "advies"],
        ["Alleen Waterwijk", ""],
        ["De Boot", "opvang"],
    ]


def test_a_long_text_beside_several_rows_is_read_once(path):
    long = "Dit is een lange uitleg die bij de eerste rij hoort. " * 7
    first, second = rows(
        path, f"<tr><td rowspan=2>{long}</td><td>een</td></tr><tr><td>twee</td></tr>"
    )
    assert (first[0], second[0]) == (long.strip(), "")


def test_a_table_that_asks_for_millions_of_cells_is_read_as_it_stands(path):
    found = rows(
        path, "<tr><td colspan=1000 rowspan=1000>x</td></tr>" + "<tr><td>y</td></tr>" * 300
    )
    assert sum(row[0] == "y" for row in found) == 300


def test_a_bar_in_a_cell_does_not_part_it(path):
    path.write_text(
        "<h2>Team</h2><table><tr><th>Naam</th><th>Dag</th></tr>"
        "<tr><td>Noor | Sam</td><td>maandag</td></tr></table>"
    )
    assert r"| Noor \| Sam | maandag |" in read("blad", path).text


def test_rows_of_a_word_table_are_read_with_the_cell_that_is_merged_over_them(tmp_path):
    document = docx.Document()
    document.add_heading("Afspraken", 1)
    table = document.add_table(rows=4, cols=3)
    for i, texts in enumerate(
        [
            ("Thema", "Actie", "Wie"),
            ("Taal", "Elke week voorlezen", "Bibliotheek"),
            ("", "Ouders uitnodigen", "De Boot"),
            ("Spel", "Samen buiten spelen", "Het Riet"),
        ]
    ):
        for cell, text in zip(table.rows[i].cells, texts, strict=True):
            cell.text = text
    table.cell(1, 0).merge(table.cell(2, 0))
    document.save(tmp_path / "plan.docx")
    found = structure(read("plan", tmp_path / "plan.docx"))
    rows = [block for block in found.blocks if block.kind == "rij"]
    assert [(row.label, found.mender.mend(*row.parts[0]).text) for row in rows] == [
        ("Taal (Actie | Wie)", "Elke week voorlezen | Bibliotheek"),
        ("Taal (Actie | Wie)", "Ouders uitnodigen | De Boot"),
        ("Spel (Actie | Wie)", "Samen buiten spelen | Het Riet"),
    ]


def ruled(path, rows, *style):
    """Write a PDF with one ruled table; return its rows as they are read."""
    cells = [[Paragraph(cell, CELL) if cell else "" for cell in row] for row in rows]
    table = Table(cells, colWidths=[100, 160, 120], style=list(style))
    SimpleDocTemplate(str(path)).build([table])
    return [line.split("\t") for line in read("plan", path).text.split("\n") if "\t" in line]


GRID = ("GRID", (0, 0), (-1, -1), 0.5, colors.black)


def test_a_cell_over_rows_of_a_pdf_is_read_with_each(tmp_path):
    rows = (
        ("Thema", "Actie", "Wie"),
        ("Taal en lezen in de hele wijk", "Elke week voorlezen", "Bibliotheek"),
        ("", "Ouders uitnodigen", "De Boot"),
        ("", "Boeken lenen", "Het Riet"),
        ("Spel", "Samen buiten spelen", "Het Duin"),
    )
    middle = ("VALIGN", (0, 0), (-1, -1), "MIDDLE")
    found = ruled(tmp_path / "plan.pdf", rows, GRID, middle, ("SPAN", (0, 1), (0, 3)))
    assert found == [
        ["Thema", "Actie", "Wie"],
        ["Taal en lezen in de hele wijk", "Elke week voorlezen", "Bibliotheek"],
        ["Taal en lezen in de hele wijk", "Ouders uitnodigen", "De Boot"],
        ["Taal en lezen in de hele wijk", "Boeken lenen", "Het Riet"],
        ["Spel", "Samen buiten spelen", "Het Duin"],
    ]


def test_texts_far_apart_are_not_joined_where_the_rule_between_was_not_drawn(tmp_path):
    rows = (
        ("Dag", "Groep", "Ruimte"),
        ("maandag", "peuters<br/>en<br/>kleuters", "zaal"),
        ("dinsdag", "ouders<br/>en<br/>buren", "keuken"),
    )
    style = [
        ("BOX", (0, 0), (-1, -1), 0.5, colors.black),
        ("LINEBELOW", (0, 0), (-1, 0), 0.5, colors.black),
        ("LINEBELOW", (1, 1), (-1, 1), 0.5, colors.black),
        ("LINEAFTER", (0, 0), (1, -1), 0.5, colors.black),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ]
    assert ruled(tmp_path / "plan.pdf", rows, *style) == [
        ["Dag", "Groep", "Ruimte"],
        ["maandag", "peuters en kleuters", "zaal"],
        ["dinsdag", "ouders en buren", "keuken"],
    ]


CELLS = (
    "<tr><th>Thema</th><th>Acties</th><th>Wie</th></tr>"
    "<tr><td>Taal<br>en lezen</td><td><p>Dit doen we:</p><ul><li>voorlezen</li>"
    "<li>boeken lenen<ul><li>elke week</li></ul></li></ul></td>"
    "<td><p>Bibliotheek</p><p>De Boot<br>in de wijk</p></td></tr>"
)


def test_items_and_lines_in_a_cell_stay_apart_on_one_line(path):
    assert rows(path, CELLS)[1] == [
        "Taal en lezen",
        "Dit doen we: • voorlezen • boeken lenen • elke week",
        "Bibliotheek<br>De Boot in de wijk",
    ]


def test_items_and_lines_in_a_cell_are_parts_of_its_row(path):
    rows(path, CELLS)
    found = structure(read("blad", path))
    assert [
        (block.label, [found.mender.mend(*part).text for part in block.parts])
        for block in found.blocks
        if block.kind == "rij"
    ] == [
        (
            "Taal en lezen – Acties",
            ["Dit doen we:", "voorlezen", "boeken lenen", "elke week"],
        ),
        ("Taal en lezen – Wie", ["Bibliotheek", "De Boot in de wijk"]),
    ]
