import pypdf
import pytest
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject

from corpus.errors import DocumentMissing, DocumentUnreadable
from corpus.read import DocumentText, read

DUTCH = "Eén coördinator, vóór 1 januari: € 50 – ‘twee’.\n\nCafé België.\n"


def pdf(path, pages, password=None):
    """Write a PDF with a line of text on each page."""
    writer = pypdf.PdfWriter()
    for text in pages:
        page = writer.add_blank_page(width=595, height=842)
        if not text:
            continue
        font = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        stream = DecodedStreamObject()
        stream.set_data(f"BT /F1 12 Tf 50 700 Td ({text}) Tj ET".encode("latin-1"))
        page[NameObject("/Contents")] = writer._add_object(stream)
    if password:
        writer.encrypt(password)
    writer.write(path)
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_is_read_in_any_usual_encoding(tmp_path, encoding):
    path = tmp_path / "plan.txt"
    path.write_bytes(DUTCH.encode(encoding))
    assert read("plan", path).text == DUTCH


def test_line_ends_are_kept_as_they_are(tmp_path):
    path = tmp_path / "plan.md"
    path.write_bytes(b"Een\r\nTwee\r\n")
    assert read("plan", path).text == "Een\r\nTwee\r\n"


def test_a_byte_without_meaning_loses_no_letters(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_bytes(b"caf\xe9 \x81 twee")
    text = read("plan", path).text
    assert text.startswith("café ")
    assert text.endswith(" twee")


def test_text_has_no_pages(tmp_path):
    path = tmp_path / "plan.txt"
    path.write_text(DUTCH, encoding="utf-8")
    assert read("plan", path).page_at(5) is None


def test_pages_of_a_pdf_are_counted_from_one(tmp_path):
    path = pdf(tmp_path / "plan.pdf", ["De eerste bladzijde van dit plan.", "En dit is de tweede."])
    document = read("plan", path)
    first, second = document.text.index("eerste"), document.text.index("tweede")
    assert (document.page_at(first), document.page_at(second)) == (1, 2)
    assert document.text[document.page_starts[1] :].startswith("En dit")


def test_a_page_starts_at_its_first_character():
    document = DocumentText("plan", "aaaa\n\nbbbb", (0, 6))
    assert [document.page_at(offset) for offset in (0, 5, 6, 9)] == [1, 1, 2, 2]


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("leeg.txt", b"", "leeg"),
        ("leeg.pdf", b"", "leeg"),
        ("wit.txt", b" \n\n ", "leeg"),
        ("bom.txt", b"\xef\xbb\xbf", "geen tekst"),
        ("foto.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "beschadigd"),
        ("foto.txt", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "geen tekstbestand"),
        ("brief.docx", b"PK", "alleen .txt, .md en .pdf"),
        ("brief", b"tekst", "alleen .txt, .md en .pdf"),
    ],
)
def test_what_cannot_be_read_is_told_in_dutch(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DocumentUnreadable, match=told):
        read("plan", path)


def test_a_truncated_pdf_is_refused(tmp_path):
    path = pdf(tmp_path / "plan.pdf", ["De eerste bladzijde van dit plan is lang genoeg."])
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DocumentUnreadable):
        read("plan", path)


def test_an_encrypted_pdf_is_refused(tmp_path):
    path = pdf(tmp_path / "plan.pdf", ["Geheim plan met genoeg tekst erin."], password="geheim")
    with pytest.raises(DocumentUnreadable, match="beveiligd"):
        read("plan", path)


def test_a_scan_is_refused(tmp_path):
    path = pdf(tmp_path / "plan.pdf", ["", "", ""])
    with pytest.raises(DocumentUnreadable, match="gescand"):
        read("plan", path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentMissing):
        read("plan", tmp_path / "weg.txt")
