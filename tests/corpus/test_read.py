import pytest

from corpus.errors import DocumentMissing, DocumentUnreadable
from corpus.read import DocumentText, read

DUTCH = "Eén coördinator, vóór 1 januari: € 50 – ‘twee’.\n\nCafé België.\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
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
        ("foto.pdf", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "geen PDF maar een afbeelding"),
        ("brief.pdf", b"Geachte heer", "geen PDF maar iets anders"),
        ("foto.txt", b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "geen tekstbestand"),
        ("brief.odt", b"PK", "alleen .txt, .md, .pdf, .docx en .html"),
        ("brief", b"tekst", "alleen .txt, .md, .pdf, .docx en .html"),
    ],
)
def test_what_cannot_be_read_is_told_in_dutch(tmp_path, name, content, told):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(DocumentUnreadable, match=told):
        read("plan", path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(DocumentMissing):
        read("plan", tmp_path / "weg.txt")
