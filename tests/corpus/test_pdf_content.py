import papers
import pypdf
import pytest
from pypdf.generic import ContentStream

from corpus.pdf_content import operations


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (rb"(a\(b\)c) Tj", [([b"a(b)c"], b"Tj")]),
        (rb"(a(b(c))d) Tj", [([b"a(b(c))d"], b"Tj")]),
        (b"(regel\\\neinde) Tj", [([b"regeleinde"], b"Tj")]),
        (rb"(\101\7\\n\n) Tj", [([b"A\x07\\n\n"], b"Tj")]),
        (b"<41 4> Tj", [([b"A@"], b"Tj")]),
        (b"[(a)-20.5<42>.5]TJ", [([[b"a", -20.5, b"B", 0.5]], b"TJ")]),
        (
            b"/F#31 12 Tf % uitleg\n1 0 0 1 -5 +7 Tm",
            [(["/F1", 12.0], b"Tf"), ([1, 0, 0, 1, -5, 7], b"Tm")],
        ),
        (
            b"q BI /W 1 /H 1 ID \x00(]EI\x01 EI Q",
            [([], b"q"), (["/W", 1.0, "/H", 1.0], b"BI"), ([], b"Q")],
        ),
        (b"/P <</MCID 0>> BDC T* ET", [(["/P", "/MCID", 0.0], b"BDC"), ([], b"T*"), ([], b"ET")]),
        (b"(nooit gesloten", []),
        (b"] ) > } 5 Td", [([5.0], b"Td")]),
        (b"", []),
    ],
)
def test_operators_are_read_with_their_operands(data, expected):
    assert list(operations(data)) == expected


def test_a_page_is_read_as_pypdf_reads_it(tmp_path):
    papers.plan(tmp_path / "plan.pdf")
    reader = pypdf.PdfReader(tmp_path / "plan.pdf")
    for page in reader.pages:
        contents = page["/Contents"].get_object()
        whole = ContentStream(contents, reader, "bytes")
        data = whole.get_data()
        expected = [(_plain(operands), operator) for operands, operator in whole.operations]
        assert [(o, n) for o, n in operations(data)] == expected


def _plain(value):
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, bytes):
        return bytes(value)
    return str(value) if isinstance(value, str) else float(value)
