import io
import re
import time
import zipfile

import docx
import pypdf
import pytest
from papers import lines
from PIL import Image
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    TextStringObject,
)
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from corpus import ocr
from corpus.errors import DocumentScanned, DocumentUnreadable
from corpus.read import read

TEXT = "Dit plan gaat over de opvang van kinderen in de wijk."


def encrypted(path, user, algorithm):
    writer = pypdf.PdfWriter(clone_from=lines(path.with_name("open.pdf"), [TEXT]))
    writer.encrypt(user, "eigenaar", algorithm=algorithm)
    writer.write(path)
    return path


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_only_limits_printing_is_read(tmp_path, algorithm):
    assert read("plan", encrypted(tmp_path / "plan.pdf", "", algorithm)).text == TEXT


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_is_refused(tmp_path, algorithm):
    path = encrypted(tmp_path / "plan.pdf", "geheim", algorithm)
    with pytest.raises(DocumentUnreadable, match="wachtwoord"):
        read("plan", path)


def test_a_pdf_cut_short_is_read_as_far_as_it_goes_or_refused(tmp_path):
    whole = lines(tmp_path / "heel.pdf", *[[f"{TEXT} {i}"] for i in range(5)]).read_bytes()
    path = tmp_path / "plan.pdf"
    outcomes = set()
    for share in (0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 0.99):
        path.write_bytes(whole[: int(len(whole) * share)])
        try:
            document = read("plan", path)
            assert TEXT in document.text
            assert "niet heel" in document.warnings[0]
            outcomes.add("gelezen")
        except DocumentUnreadable:
            outcomes.add("geweigerd")
    assert outcomes == {"gelezen", "geweigerd"}


def test_a_pdf_with_a_wrong_cross_reference_is_read(tmp_path):
    path = lines(tmp_path / "plan.pdf", [TEXT])
    content = path.read_bytes()
    path.write_bytes(re.sub(rb"startxref\n\d+", b"startxref\n12", content))
    assert read("plan", path).text == TEXT
    shifted = content.replace(b"%PDF-1.4", b"%PDF-1.4\n% twintig tekens erbij")
    path.write_bytes(shifted)
    assert read("plan", path).text == TEXT


def test_a_script_in_a_pdf_is_not_run_nor_read(tmp_path):
    writer = pypdf.PdfWriter(clone_from=lines(tmp_path / "open.pdf", [TEXT]))
    script = {"/S": NameObject("/JavaScript"), "/JS": TextStringObject("app.alert('gevaar')")}
    action = DictionaryObject({NameObject(key): value for key, value in script.items()})
    writer.root_object[NameObject("/OpenAction")] = writer._add_object(action)
    writer.write(tmp_path / "plan.pdf")
    assert read("plan", tmp_path / "plan.pdf").text == TEXT


def test_a_pdf_of_ten_thousand_tiny_objects_is_read_in_time(tmp_path):
    writer = pypdf.PdfWriter(clone_from=lines(tmp_path / "open.pdf", [TEXT]))
    tiny = ArrayObject(
        writer._add_object(DictionaryObject({NameObject("/N"): NumberObject(i)}))
        for i in range(10_000)
    )
    writer.root_object[NameObject("/Klein")] = writer._add_object(tiny)
    writer.write(tmp_path / "plan.pdf")
    start = time.process_time()
    assert read("plan", tmp_path / "plan.pdf").text == TEXT
    assert time.process_time() - start < 10


def with_contents(path, data, extra=None):
    """Replace what the second of three pages draws."""
    plain = lines(path.with_name("open.pdf"), [TEXT], [TEXT], [TEXT])
    writer = pypdf.PdfWriter(clone_from=plain)
    stream = DecodedStreamObject()
    stream.set_data(data)
    stream.update(extra or {})
    writer.pages[1][NameObject("/Contents")] = writer._add_object(stream)
    writer.write(path)
    return path


def test_a_page_that_fails_is_named_and_the_others_are_read(tmp_path):
    filters = {NameObject("/Filter"): NameObject("/Onbekend")}
    path = with_contents(tmp_path / "plan.pdf", b"BT ET", filters)
    document = read("plan", path)
    assert document.text == f"{TEXT}\n\n\n\n{TEXT}"
    assert document.page_at(document.text.rindex(TEXT)) == 3
    assert len(document.warnings) == 1
    assert document.warnings[0].startswith("Bladzijde 2 is beschadigd")


def test_wrong_operators_on_a_page_do_not_hide_its_text(tmp_path):
    data = b"BT /F1 12 Tf (x) Td 1 0 0 Tm [(a) /b] Tj 50 700 Td (Rest van de bladzijde.) Tj Q Q ET"
    document = read("plan", with_contents(tmp_path / "plan.pdf", data))
    assert "Rest van de bladzijde." in document.text
    assert document.warnings == ()


def test_a_form_that_draws_itself_ends(tmp_path):
    writer = pypdf.PdfWriter(clone_from=lines(tmp_path / "open.pdf", [TEXT]))
    form = DecodedStreamObject()
    form.set_data(b"BT /F1 12 Tf 50 400 Td (In het formulier.) Tj ET /Zelf Do")
    form[NameObject("/Type")] = NameObject("/XObject")
    form[NameObject("/Subtype")] = NameObject("/Form")
    reference = writer._add_object(form)
    page = writer.pages[0]
    inner = DictionaryObject({NameObject("/Zelf"): reference})
    page["/Resources"][NameObject("/XObject")] = inner
    form[NameObject("/Resources")] = page["/Resources"]
    extra = DecodedStreamObject()
    extra.set_data(page.get_contents().get_data() + b" /Zelf Do")
    page[NameObject("/Contents")] = writer._add_object(extra)
    writer.write(tmp_path / "plan.pdf")
    assert read("plan", tmp_path / "plan.pdf").text == f"{TEXT}\n\nIn het formulier."


def test_control_characters_and_half_surrogates_are_not_stored(tmp_path):
    path = lines(tmp_path / "open.pdf", [TEXT])
    writer = pypdf.PdfWriter(clone_from=path)
    font = next(iter(writer.pages[0]["/Resources"]["/Font"].values())).get_object()
    cmap = DecodedStreamObject()
    cmap.set_data(
        b"begincmap 1 begincodespacerange <00><FF> endcodespacerange 3 beginbfchar\n"
        b"<44> <0000> <69> <D800> <74> <FB01> endbfchar endcmap"
    )
    font[NameObject("/ToUnicode")] = writer._add_object(cmap)
    writer.write(tmp_path / "plan.pdf")
    text = read("plan", tmp_path / "plan.pdf").text
    assert "\0" not in text
    assert text.encode("utf-8")
    assert text.startswith("\ufffdﬁ plan gaa")


def scan(path, *texts, gap=()):
    """Write a PDF of pictures of pages; pages in `gap` hold text instead."""
    from PIL import ImageDraw, ImageFont
    from reportlab.lib.utils import ImageReader

    canvas = Canvas(str(path), pagesize=A4)
    for number, text in enumerate(texts, 1):
        if number in gap:
            canvas.drawString(60, 700, text)
        else:
            picture = Image.new("L", (1240, 1754), 255)
            draw = ImageDraw.Draw(picture)
            draw.text((120, 200), text, fill=0, font=ImageFont.load_default(size=34))
            canvas.drawImage(ImageReader(picture), 0, 0, *A4)
        canvas.showPage()
    canvas.save()
    return path


@pytest.fixture
def no_recognition(monkeypatch):
    """A computer without tesseract."""
    monkeypatch.setenv("PATH", "")


@pytest.mark.usefixtures("no_recognition")
def test_a_scan_is_refused_with_what_to_do(tmp_path):
    with pytest.raises(DocumentScanned, match="gescand") as raised:
        read("plan", scan(tmp_path / "plan.pdf", TEXT, TEXT))
    assert "tesseract-ocr-nld" in raised.value.advice


@pytest.mark.usefixtures("no_recognition")
def test_scanned_pages_among_others_are_named(tmp_path):
    path = scan(tmp_path / "plan.pdf", *[TEXT] * 7, gap=(1, 4, 7))
    document = read("plan", path)
    assert document.text.count(TEXT) == 3
    assert document.warnings[0].startswith("Bladzijden 2, 3, 5 en 6 zijn scans zonder tekst")
    assert document.page_at(document.text.rindex(TEXT)) == 7


def test_an_empty_page_is_no_scan(tmp_path):
    document = read("plan", lines(tmp_path / "plan.pdf", [TEXT], [], [TEXT]))
    assert document.warnings == ()


def test_a_pdf_without_any_text_is_refused(tmp_path):
    with pytest.raises(DocumentScanned):
        read("plan", lines(tmp_path / "plan.pdf", [], []))


def test_a_photo_named_pdf_is_told_from_a_pdf(tmp_path):
    picture = io.BytesIO()
    Image.new("RGB", (30, 30)).save(picture, "JPEG")
    (tmp_path / "foto.pdf").write_bytes(picture.getvalue())
    with pytest.raises(DocumentUnreadable, match="geen PDF maar een afbeelding"):
        read("foto", tmp_path / "foto.pdf")


def test_a_word_document_that_unpacks_to_gigabytes_is_refused(tmp_path):
    path = tmp_path / "bom.docx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b"<a>" + b" " * 30_000_000 + b"</a>")
    assert path.stat().st_size < 100_000
    start = time.process_time()
    with pytest.raises(DocumentUnreadable, match="veel te groot"):
        read("bom", path)
    assert time.process_time() - start < 2


def test_a_word_document_that_expands_by_its_entities_is_refused(tmp_path):
    path = tmp_path / "bom.docx"
    letter = docx.Document()
    letter.add_paragraph(TEXT)
    letter.save(tmp_path / "goed.docx")
    entities = "".join(f'<!ENTITY e{i + 1} "{f"&e{i};" * 10}">' for i in range(9))
    head = f'<!DOCTYPE w [<!ENTITY e0 "haha">{entities}]>'
    with (
        zipfile.ZipFile(tmp_path / "goed.docx") as good,
        zipfile.ZipFile(path, "w") as packed,
    ):
        for name in good.namelist():
            part = good.read(name)
            if name == "word/document.xml":
                part = part.replace(b"?>", b"?>" + head.encode(), 1).replace(TEXT.encode(), b"&e9;")
            packed.writestr(name, part)
    start = time.process_time()
    with pytest.raises(DocumentUnreadable, match="Word"):
        read("bom", path)
    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("stuk.docx", b"PK\x03\x04 en dan niets", "Word-bestand is beschadigd"),
        ("tekst.docx", b"gewone tekst", "Word-bestand is beschadigd"),
        ("oud.docx", b"\xd0\xcf\x11\xe0\xa1\xb1" + b"\0" * 600, "oude Word"),
        ("foto.html", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "geen webpagina"),
        ("foto2.html", bytes(range(256)) * 8, "geen webpagina"),
        ("leeg.html", b"<html><head><title>x</title></head><body></body></html>", "geen tekst"),
        ("leeg.docx", b"", "leeg"),
    ],
)
def test_damaged_word_documents_and_pages_are_refused(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(DocumentUnreadable, match=told):
        read("plan", tmp_path / name)


def test_a_zip_that_is_no_word_document_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "map.docx", "w") as packed:
        packed.writestr("foto.txt", "niets")
    with pytest.raises(DocumentUnreadable, match="geen Word-document"):
        read("map", tmp_path / "map.docx")


def test_a_word_document_with_a_damaged_part_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "stuk.docx", "w") as packed:
        packed.writestr("word/document.xml", "<w:document><w:body>")
    with pytest.raises(DocumentUnreadable, match="beschadigd"):
        read("stuk", tmp_path / "stuk.docx")


@pytest.mark.skipif(not ocr.is_installed(), reason="ocrmypdf of tesseract met Nederlands ontbreekt")
def test_scanned_pages_are_recognised_when_the_tools_are_there(tmp_path):
    path = scan(tmp_path / "plan.pdf", TEXT, TEXT.replace("Dit", "Het"), gap=(2,))
    document = read("plan", path)
    first, second = document.text.index("Dit plan gaat over"), document.text.index("Het plan")
    assert "kinderen in de wijk" in document.text[:second]
    assert (document.page_at(first), document.page_at(second)) == (1, 2)
    assert document.warnings[0].startswith("Bladzijde 1 is een scan. De computer heeft")
    assert len(document.warnings) == 1
