"""Documents made for the tests, and what was put in them."""

from dataclasses import dataclass

from reportlab.lib import colors
from reportlab.lib.enums import TA_JUSTIFY
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import cm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import (
    BaseDocTemplate,
    Frame,
    NextPageTemplate,
    PageBreak,
    PageTemplate,
    Paragraph,
    Spacer,
    Table,
    TableStyle,
)

BODY = ParagraphStyle("tekst", fontName="Helvetica", fontSize=10, leading=13, spaceAfter=7)
JUSTIFIED = ParagraphStyle("uitgevuld", parent=BODY, alignment=TA_JUSTIFY)
ITEM = ParagraphStyle("punt", parent=BODY, leftIndent=14, bulletIndent=2, spaceAfter=2)
CELL = ParagraphStyle("cel", parent=BODY, fontSize=9, leading=11, spaceAfter=0)
HEADS = (
    ParagraphStyle("kop1", fontName="Helvetica-Bold", fontSize=20, leading=25, spaceAfter=12),
    ParagraphStyle("kop2", fontName="Helvetica-Bold", fontSize=14, leading=18, spaceAfter=6),
)

TITLE = "Gebiedsplan Waterwijk"
FOOT = "Gebiedsplan Waterwijk 2027"

INTRODUCTION = (
    "In de Waterwijk wonen ruim vierduizend kinderen onder de twaalf jaar. Zij gaan naar "
    "zestien locaties voor opvang, verspreid over vijf buurten.",
    "Dit plan beschrijft hoe de partners in de wijk samenwerken. Het geldt voor drie jaar en "
    "wordt elk voorjaar bijgesteld in het overleg van de kwartiermakers.",
)
COLUMNS = (
    "Ouders noemen de drempel naar hulp hoog. Zij weten niet altijd bij wie zij terechtkunnen "
    "en vertellen hun verhaal liever aan iemand die zij al kennen.",
    "Medewerkers zien veel, maar missen soms de tijd om het te bespreken. Een vaste coach op "
    "de groep helpt om eerder te zien wat een kind nodig heeft.",
    "De gemeente wil dat elke locatie een vaste contactpersoon krijgt. Die persoon kent de "
    "weg in de wijk en belt mee wanneer het nodig is.",
    "Scholen willen graag eerder horen welke kinderen extra steun krijgen. Een warme "
    "overdracht voorkomt dat ouders hetzelfde verhaal vier keer moeten doen.",
    "De wijkpool bestaat uit zes ervaren begeleiders. Zij werken op meerdere locaties en "
    "komen binnen een week langs nadat een locatie om hulp heeft gevraagd.",
    "In het eerste jaar doen acht locaties mee. Daarna sluiten de andere aan, zodat in het "
    "derde jaar alle groepen een beroep kunnen doen op de pool.",
)
LIST_LEAD = "Elke locatie doet in het eerste jaar drie dingen:"
ITEMS = (
    "een contactpersoon kiezen voor ouders en partners in de wijk;",
    "twee keer per jaar met de kwartiermaker bespreken wat goed gaat en wat beter kan;",
    "de afspraken over overdracht opschrijven.",
)
TABLE = (
    ("Organisatie", "Wat zij doet", "Telefoon"),
    (
        "Taalhuis Noord",
        "Helpt ouders met formulieren en geeft taalles in kleine groepen.",
        "070 111",
    ),
    (
        "Speelgoedbank",
        "Leent spullen uit aan gezinnen en aan opvanglocaties in de wijk.",
        "070 222",
    ),
    ("Wijkzorgteam", "Denkt mee bij zorgen over groei, gedrag of veiligheid thuis.", "070 333"),
)
LINK = "https://www.voorbeeld.nl/aanmelden"
HEADINGS = (
    (1, "Inleiding"),
    (1, "1. Wat wij zien"),
    (2, "1.1 Ervaringen in de wijk"),
    (1, "2. Wat wij gaan doen"),
    (2, "2.1 Partners"),
)


@dataclass(frozen=True)
class Made:
    """A paragraph that was put in, and the page on which it starts."""

    text: str
    page: int


class _Plan(BaseDocTemplate):
    """A plan with running head and foot, an outline, and pages of one and of two columns."""

    def __init__(self, path, outline, **options):
        super().__init__(str(path), pagesize=A4, title=TITLE, **options)
        self.with_outline = outline
        self.made = []
        width, height = A4
        full = Frame(2 * cm, 2.2 * cm, width - 4 * cm, height - 4.8 * cm, id="vol")
        half = (width - 5 * cm) / 2
        size = {"width": half, "height": height - 6.6 * cm}
        pair = [Frame(2 * cm, 2.2 * cm, **size), Frame(3 * cm + half, 2.2 * cm, **size)]
        top = Frame(2 * cm, height - 4.4 * cm, width - 4 * cm, 1.8 * cm)
        self.addPageTemplates(
            [
                PageTemplate("een", [full], onPage=self._edges),
                PageTemplate("twee", [top, *pair], onPage=self._edges),
            ]
        )

    @staticmethod
    def _edges(canvas, _):
        width, height = A4
        canvas.setFont("Helvetica", 8)
        canvas.drawString(2 * cm, height - 1.4 * cm, "Gemeente Voorbeeld")
        canvas.drawString(2 * cm, 1.2 * cm, FOOT)
        canvas.drawRightString(width - 2 * cm, 1.2 * cm, str(canvas.getPageNumber()))

    def afterFlowable(self, flowable):  # noqa: N802
        if not isinstance(flowable, Paragraph):
            return
        text = flowable.getPlainText()
        level = next((i for i, head in enumerate(HEADS) if flowable.style is head), None)
        if level is None:
            self.made.append(Made(text, self.page))
        elif self.with_outline:
            self.canv.bookmarkPage(text)
            self.canv.addOutlineEntry(text, text, level)


def grid(rows):
    cells = [[Paragraph(cell, CELL) for cell in row] for row in rows]
    table = Table(cells, colWidths=[3.5 * cm, 9 * cm, 3 * cm])
    table.setStyle(TableStyle([("GRID", (0, 0), (-1, -1), 0.5, colors.black)]))
    return table


def plan(path, outline=True):
    """Write a plan like those of the areas; return its paragraphs with their pages."""
    document = _Plan(path, outline)
    heads = [Paragraph(text, HEADS[level - 1]) for level, text in HEADINGS]
    document.build(
        [
            heads[0],
            *(Paragraph(text, BODY) for text in INTRODUCTION),
            Paragraph(
                f'Meld u aan via <a href="{LINK}" color="blue">deze pagina</a> van de wijk.', BODY
            ),
            NextPageTemplate("twee"),
            PageBreak(),
            heads[1],
            heads[2],
            *(Paragraph(text, JUSTIFIED) for text in COLUMNS * 3),
            NextPageTemplate("een"),
            PageBreak(),
            heads[3],
            Paragraph(LIST_LEAD, BODY),
            *(Paragraph(item, ITEM, bulletText="•") for item in ITEMS),
            Spacer(1, 12),
            heads[4],
            grid(TABLE),
            Spacer(1, 12),
            Paragraph("De lijst wordt elk half jaar nagekeken.", BODY),
        ]
    )
    return document.made


def lines(path, *pages, size=11, font="Helvetica"):
    """Write a PDF with these lines on each page."""
    canvas = Canvas(str(path), pagesize=A4)
    for page in pages:
        text = canvas.beginText(2 * cm, A4[1] - 4 * cm)
        text.setFont(font, size)
        for line in page:
            text.textLine(line)
        canvas.drawText(text)
        canvas.showPage()
    canvas.save()
    return path


def book(path, pages):
    """Write a PDF of ordinary pages, of about 350 words each."""
    words = " ".join(COLUMNS + INTRODUCTION + COLUMNS).split()
    canvas = Canvas(str(path), pagesize=A4)
    for number in range(1, pages + 1):
        text = canvas.beginText(2 * cm, A4[1] - 3 * cm)
        text.setFont("Helvetica", 10)
        for at in range(0, 350, 10):
            text.textLine(" ".join(words[(at + i) % len(words)] for i in range(10)))
        canvas.drawText(text)
        canvas.drawCentredString(A4[0] / 2, cm, str(number))
        canvas.showPage()
    canvas.save()
    return path
