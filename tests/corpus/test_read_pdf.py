import re

import papers
import pytest
from papers import BODY, grid, lines, plan
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate

from corpus.mend import Mender
from corpus.passages import passages
from corpus.read import read
from corpus.sources import Source
from corpus.structure import structure


@pytest.fixture(scope="module")
def waterwijk(tmp_path_factory):
    path = tmp_path_factory.mktemp("plan") / "plan.pdf"
    made = plan(path)
    return read("plan", path), made


def words(text):
    return re.findall(r"\w+", text)


def flat(text):
    return " ".join(words(text))


def test_every_paragraph_is_read_with_its_words_in_order(waterwijk):
    document, made = waterwijk
    read_words = flat(document.text.replace(papers.LINK, ""))
    missing = [p.text for p in made if flat(p.text) not in read_words]
    assert missing == []


def test_columns_are_read_one_after_the_other(waterwijk):
    document, _ = waterwijk
    text = flat(document.text)
    at = [text.index(flat(column)) for column in papers.COLUMNS]
    assert at == sorted(at)
    assert text.count(flat(papers.COLUMNS[0])) == 3


def test_every_paragraph_is_on_the_page_where_it_was_put(waterwijk):
    document, made = waterwijk
    for paragraph in {p.text: p for p in reversed(made)}.values():
        first = paragraph.text.split()[:3]
        found = re.search(r"\s+".join(map(re.escape, first)), document.text)
        assert document.page_at(found.start()) == paragraph.page, paragraph.text


def test_the_outline_gives_headings_with_their_level(waterwijk):
    document, _ = waterwijk
    heads = re.findall(r"^(#+) (.*)$", document.text, re.MULTILINE)
    assert [(len(marks), text) for marks, text in heads] == list(papers.HEADINGS)


def test_without_an_outline_headings_are_known_by_their_size(tmp_path):
    plan(tmp_path / "plan.pdf", outline=False)
    document = read("plan", tmp_path / "plan.pdf")
    heads = re.findall(r"^(#+) (.*)$", document.text, re.MULTILINE)
    assert [(len(marks), text) for marks, text in heads] == list(papers.HEADINGS)


def test_a_ruled_table_is_read_row_by_row(waterwijk):
    document, _ = waterwijk
    rows = [tuple(row.split("\t")) for row in document.text.split("\n") if "\t" in row]
    assert rows == list(papers.TABLE)


def test_running_heads_and_feet_stand_on_lines_of_their_own(waterwijk):
    document, _ = waterwijk
    assert document.text.count("\n") > 10
    for number in (1, 2, 3):
        assert f"\n\n{papers.FOOT} {number}" in document.text
    assert document.text.split("\n").count("Gemeente Voorbeeld") == 3


def test_running_heads_and_feet_are_in_no_passage(waterwijk):
    document, _ = waterwijk
    found = " ".join(p.text for p in passages(source(), document))
    assert papers.FOOT not in found
    assert "Gemeente Voorbeeld" not in found


def test_the_address_of_a_link_follows_its_text(waterwijk):
    document, _ = waterwijk
    assert f"deze pagina ({papers.LINK}) van de wijk" in document.text


def test_the_items_of_a_list_stay_items(waterwijk):
    document, _ = waterwijk
    assert [f"• {item}" in document.text.split("\n") for item in papers.ITEMS] == [True] * 3


def source():
    return Source(
        id="plan",
        title=papers.TITLE,
        issuer="Gemeente Voorbeeld",
        kind="gebiedsplan",
        year=2027,
        areas=("Waterwijk",),
        audience=("pedagogisch medewerkers",),
        url=None,
        sha256="0" * 64,
        path=None,
        superseded_by=None,
    )


def test_passages_name_the_page_on_which_they_stand(waterwijk):
    document, made = waterwijk
    pages = {flat(p.text): p.page for p in made}
    found = passages(source(), document)
    for passage in found:
        for sentence in passage.sentences:
            stands = [page for text, page in pages.items() if flat(sentence.text) in text]
            if stands:
                assert document.page_at(sentence.start) in stands
    assert {passage.page for passage in found} == {1, 2, 3}


def test_an_address_that_is_shown_is_not_repeated(tmp_path):
    path = tmp_path / "plan.pdf"
    text = f'Zie <a href="{papers.LINK}/">www.voorbeeld.nl/aanmelden</a> voor alle locaties.'
    SimpleDocTemplate(str(path)).build([Paragraph(text, BODY)])
    assert "Zie www.voorbeeld.nl/aanmelden voor alle" in read("plan", path).text


def test_two_links_on_one_line_keep_each_their_address(tmp_path):
    path = tmp_path / "plan.pdf"
    text = 'Bel <a href="tel:070111">het team</a> of schrijf <a href="mailto:a@b.nl">ons</a> snel.'
    SimpleDocTemplate(str(path)).build([Paragraph(text, BODY)])
    assert "Bel het team (070111) of schrijf ons (a@b.nl) snel." in read("plan", path).text


def test_a_word_broken_at_the_end_of_a_line_is_mended(tmp_path):
    path = lines(tmp_path / "plan.pdf", ["Wij werken aan passende kinder-", "opvang in elke wijk."])
    text = read("plan", path).text
    mended = Mender(text + "\nkinderopvang").mend(0, len(text)).text
    assert mended == "Wij werken aan passende kinderopvang in elke wijk."


def test_a_word_broken_in_a_cell_is_whole(tmp_path):
    path = tmp_path / "plan.pdf"
    rows = [
        ("Soort", "Uitleg"),
        ("Groep", "Plaats voor kinder-<br/>opvang en spel."),
        ("Pool", "Hulp."),
    ]
    SimpleDocTemplate(str(path)).build([grid(rows)])
    document = read("plan", path)
    row = next(line for line in document.text.split("\n") if "Groep" in line)
    assert Mender(row).mend(0, len(row)).text == "Groep | Plaats voor kinderopvang en spel."


def test_a_table_without_rules_is_read_row_by_row(tmp_path):
    canvas = Canvas(str(tmp_path / "plan.pdf"), pagesize=A4)
    rows = [("Wijk", "Locaties", "Plekken"), ("Noord", "4", "120"), ("Zuid", "11", "86")]
    canvas.drawString(60, 760, "In de wijken zijn vorig jaar zoveel plekken geteld:")
    for i, row in enumerate(rows):
        for x, cell in zip((60, 200, 320), row, strict=True):
            canvas.drawString(x, 730 - 16 * i, cell)
    canvas.save()
    text = read("plan", tmp_path / "plan.pdf").text
    assert "\n".join("\t".join(row) for row in rows) in text


def test_a_heading_across_the_page_parts_the_columns_above_and_under_it(tmp_path):
    path = tmp_path / "plan.pdf"
    canvas = Canvas(str(path), pagesize=A4)
    left = "de linker kolom telt woorden genoeg om vol"
    right = "de rechter kolom doet dat net zo goed mee"
    for block, top in (("boven", 700), ("onder", 480)):
        canvas.setFont("Helvetica-Bold", 16)
        canvas.drawString(60, top + 30, f"Kop {block}")
        canvas.setFont("Helvetica", 10)
        for i in range(8):
            canvas.drawString(60, top - 13 * i, f"{block} {i} {left}")
            canvas.drawString(310, top - 13 * i, f"{block} {i} {right}")
    canvas.save()
    found = re.findall(
        r"(Kop boven|Kop onder|(?:boven|onder) \d de (?:linker|rechter))", read("plan", path).text
    )
    expected = []
    for block in ("boven", "onder"):
        expected.append(f"Kop {block}")
        expected += [f"{block} {i} de {side}" for side in ("linker", "rechter") for i in range(8)]
    assert found == expected


def test_text_that_is_printed_twice_to_look_bold_is_read_once(tmp_path):
    canvas = Canvas(str(tmp_path / "plan.pdf"), pagesize=A4)
    canvas.drawString(60, 700, "Samen werken in de wijk is ons doel.")
    canvas.drawString(60.3, 700, "Samen werken in de wijk is ons doel.")
    canvas.save()
    assert read("plan", tmp_path / "plan.pdf").text == "Samen werken in de wijk is ons doel."


def test_a_page_that_is_turned_is_read_as_it_is_shown(tmp_path):
    canvas = Canvas(str(tmp_path / "plan.pdf"), pagesize=A4)
    canvas.setPageRotation(90)
    canvas.translate(A4[0], 0)
    canvas.rotate(90)
    for i, line in enumerate(("Eerst komt deze regel met genoeg letters,", "en daarna komt deze.")):
        canvas.drawString(60, 500 - 14 * i, line)
    canvas.save()
    text = read("plan", tmp_path / "plan.pdf").text
    assert text == "Eerst komt deze regel met genoeg letters,\nen daarna komt deze."


def test_text_that_runs_upwards_is_kept_apart(tmp_path):
    canvas = Canvas(str(tmp_path / "plan.pdf"), pagesize=A4)
    canvas.drawString(60, 700, "Dit staat gewoon op de bladzijde.")
    canvas.rotate(90)
    canvas.drawString(300, -30, "Dit staat langs de rand.")
    canvas.save()
    text = read("plan", tmp_path / "plan.pdf").text
    assert text == "Dit staat gewoon op de bladzijde.\n\nDit staat langs de rand."


def test_the_progress_is_told_page_by_page(tmp_path):
    path = lines(tmp_path / "plan.pdf", *[["Deze bladzijde heeft tekst genoeg."]] * 3)
    told = []
    read("plan", path, on_page=lambda text, share: told.append((text, round(share, 2))))
    assert told == [
        ("bladzijde 1 van 3", 0.33),
        ("bladzijde 2 van 3", 0.67),
        ("bladzijde 3 van 3", 1.0),
    ]


def test_headings_are_sections_of_the_blocks_under_them(waterwijk):
    document, _ = waterwijk
    rows = [block for block in structure(document).blocks if block.kind == "rij"]
    assert {row.section[-1].lstrip("# ").removeprefix("2.1 ") for row in rows} == {"Partners"}
