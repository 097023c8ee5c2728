"""The client's documents, read as a whole."""

from collections import Counter
from pathlib import Path

import pytest

import corpus
from corpus.passages import furniture, passages
from corpus.read import read
from corpus.sources import load_catalogue, verify
from corpus.structure import headings, structure

FOLDER = Path(corpus.__file__).parent / "documents"
SOURCES = load_catalogue(FOLDER)
TEXTS = {source.id: read(source.id, source.path) for source in SOURCES}
PASSAGES = {source.id: passages(source, TEXTS[source.id]) for source in SOURCES}

every_document = pytest.mark.parametrize("document", TEXTS)

HANDREIKING = "handreiking-inclusieve-kinderopvang"
LOKAAL = "handreiking-lokaal-samenwerken-aan-kindvoorzieningen"
LEIDSCHENVEEN = "gebiedsplan-leidschenveen-ypenburg"
RUSTENBURG = "gebiedsplan-rustenburg-oostbroek-en-leyenburg"
PRESENTATIE = "presentatie-passende-opvang"


def holding(document: str, quote: str):
    """Return the one passage with a sentence that holds a quote."""
    found = [p for p in PASSAGES[document] if any(quote in s.text for s in p.sentences)]
    assert len(found) == 1, [p.id for p in found]
    return found[0]


def test_all_documents_are_the_ones_in_the_catalogue():
    for source in SOURCES:
        verify(source)


def test_there_are_as_many_passages_as_fit_a_reader():
    assert 500 <= sum(len(found) for found in PASSAGES.values()) <= 1000


@every_document
def test_every_sentence_is_its_stored_span_mended(document):
    mender = structure(TEXTS[document]).mender
    for passage in PASSAGES[document]:
        for sentence in passage.sentences:
            assert mender.mend(sentence.start, sentence.end).text == sentence.text
            assert passage.start <= sentence.start < sentence.end <= passage.end


@every_document
def test_every_character_is_in_a_passage_a_heading_or_furniture(document):
    text = TEXTS[document].text
    covered = bytearray(len(text))
    spans = [*PASSAGES[document], *furniture(TEXTS[document]), *headings(TEXTS[document])]
    for span in spans:
        covered[span.start : span.end] = b"\1" * (span.end - span.start)
    assert not [text[i] for i, seen in enumerate(covered) if not seen and not text[i].isspace()]


@every_document
def test_ids_are_unique_and_passages_are_in_order(document):
    found = PASSAGES[document]
    assert len({p.id for p in found}) == len(found)
    assert [p.start for p in found] == sorted(p.start for p in found)


@every_document
def test_no_passage_is_longer_than_a_model_can_read(document):
    for passage in PASSAGES[document]:
        assert len(passage.text) <= 1000
        assert passage.sentences


@every_document
def test_readable_text_has_no_markup_left(document):
    for passage in PASSAGES[document]:
        for scrap in ("<p", "<ul", "</", "**", "](", "\t", "\n", "\uf0e8", "•", "  ", "data-bbox"):
            assert scrap not in passage.text


@every_document
def test_a_line_that_comes_back_on_many_pages_is_in_no_passage(document):
    text = TEXTS[document].text
    sheets = [sheet for sheet in text.split("\n\n\n") if sheet.strip()]
    lines = Counter(line for s in sheets for line in {x.strip() for x in s.split("\n")} if line)
    repeated = {line for line, n in lines.items() if n > 0.3 * len(sheets) and n > 2}
    for passage in PASSAGES[document]:
        assert not repeated & {sentence.text for sentence in passage.sentences}


@every_document
def test_no_text_is_printed_twice(document):
    texts = Counter(p.text.casefold() for p in PASSAGES[document] if len(p.text) > 120)
    assert not [text for text, n in texts.items() if n > 1]


@pytest.mark.parametrize(
    ("document", "quote", "label"),
    [
        (LEIDSCHENVEEN, "een half jaar lang thuis bezoek", "Voorleesexpress (Stichting Jess)"),
        (LEIDSCHENVEEN, "1 locatie gevestigd", "Centrum voor Jeugd en Gezin (CJG)"),
        (LEIDSCHENVEEN, "Laan van Hoornwijck 152", "RondomJou"),
        (LEIDSCHENVEEN, "Laan van Hoornwijck 260", "Wijkz"),
        (LEIDSCHENVEEN, "verschillende logopedisten actief", "Logopedie"),
        (LEIDSCHENVEEN, "2 vestigingen", "Bibliotheek Den Haag"),
        (LEIDSCHENVEEN, "losse ‘eilandjes’", "Interprofessionele samenwerking"),
        (LEIDSCHENVEEN, "Taalbarrières kunnen", "Samenwerking met ouders"),
        (LEIDSCHENVEEN, "Zij geven regelmatig aan", "Kennis & scholing"),
        (HANDREIKING, "Niet-groepsgebonden uren", "Hoge werkdruk – Oplossingsrichtingen"),
        (HANDREIKING, "afgeweken van de beroepskracht-kind ratio", "Extra medewerker – Voorbeelden"),
        (HANDREIKING, "Zij kunnen begeleiding geven", "Inzet van gespecialiseerde professionals op de groep – Voorbeelden"),
        (HANDREIKING, "Wijs een implementatiecoördinator aan", "Gebrek aan afstemming – Oplossingsrichtingen"),
        (HANDREIKING, "Doelgroep: Ouders die niet in aanmerking", "Asschermiddelen (decentrale uitkering)"),
        (HANDREIKING, "Verantwoordelijk: CIZ en zorgkantoor", "Wlz"),
        (HANDREIKING, "De Wet kinderopvang regelt de kwaliteit, financiering", "Wet kinderopvang (Wko)"),
    ],
)  # fmt: skip
def test_rows_and_cards_have_the_label_of_their_table(document, quote, label):
    assert holding(document, quote).label == label


@pytest.mark.parametrize(
    ("document", "quote", "section"),
    [
        (HANDREIKING, "uitgekeerd door middel van een decentrale uitkering", ("Planvorming", "Financiering", "Asschermiddelen (decentrale uitkering)")),
        (HANDREIKING, "vraagt om een regisseur", ("Vertrekpunt", "Verkenning startpunt", "Een regisseur voor het proces aanwijzen")),
        (HANDREIKING, "een bso-groep met 14 kinderen", ("Planvorming", "Aanbod", "Componenten", "Minder kinderen")),
        (HANDREIKING, "gaat nadrukkelijk niet over een etiket", ("Planvorming", "Regie en toeleiding", "Componenten van Regie en Toeleiding", "Indiceren", "Afwegingen")),
        (HANDREIKING, "ook wel bekend als de Deming-cirkel", ("Evaluatie en bijstellen", "Kwaliteitscyclus")),
        (LOKAAL, "Staatssteun is niet toegestaan", ("Kinderopvang", "Waar kan een gemeente op inzetten?")),
        (LOKAAL, "Het bruine tandwiel", ("Analyse",)),
        (LEIDSCHENVEEN, "gro-up en 2samen, in afstemming", ("Kansen en aanbevelingen", "Actielijn 2: Anders organiseren van het VE-overleg", "Wie is verantwoordelijk?")),
        (LEIDSCHENVEEN, "volledige integratie en gelijkwaardigheid", ("Visie",)),
        (LEIDSCHENVEEN, "laagdrempelige omgeving waarin kinderen", ("Kansen en aanbevelingen", "Aanbevelingen toegankelijkheid", "Extra ondersteuning beschikbaar maken binnen de reguliere opvang")),
        (RUSTENBURG, "is een naoorlogse wijk", ("Rustenburg-Oostbroek en Leyenburg in beeld", "Leyenburg")),
        (RUSTENBURG, "Kick-off: Dinsdag 14 oktober", ("Het netwerk in Rustenburg-Oostbroek en Leyenburg", "Actielijnen", "1. organisatie-overstijgende deskundigheidsbevordering", "Planning")),
        (PRESENTATIE, "VVE is niet het antwoord", ("Knelpunten passende kinderopvang",)),
    ],
)  # fmt: skip
def test_passages_know_the_section_they_stand_in(document, quote, section):
    assert holding(document, quote).section == section


def test_a_paragraph_that_a_document_prints_again_is_kept_with_both_places():
    passage = holding(LOKAAL, "veel redenen te noemen voor een actief beleid")
    (place,) = passage.also
    assert (passage.section[-1], place.section[-1]) == ("Waarom?", "Waarom?")
    assert passage.section[-2] == "Hoe doen we dat?" != place.section[-2]
    text = TEXTS[LOKAAL].text
    assert text[place.start : place.end] == text[passage.start : passage.end]


@every_document
def test_every_place_of_what_is_printed_again_is_remembered_once_it_is_left_out(document):
    mender = structure(TEXTS[document]).mender
    left_out = {f.start: f.end for f in furniture(TEXTS[document]) if f.kept_at is not None}
    places = {place for p in PASSAGES[document] for place in p.also}
    assert {place.start: place.end for place in places} == left_out
    for place in places:
        for sentence in place.sentences:
            assert mender.mend(sentence.start, sentence.end).text == sentence.text


def test_logos_that_were_lost_leave_no_partners_behind():
    for passage in PASSAGES[RUSTENBURG]:
        assert passage.section[-1] != "Partners"


def test_the_goals_are_a_list_with_their_lead_in():
    passage = holding(LEIDSCHENVEEN, "gelijke ontwikkelkansen;")
    assert (passage.kind, passage.label) == ("lijst", "Doelstellingen:")
    assert len(passage.sentences) == 5
