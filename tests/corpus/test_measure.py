from pathlib import Path

import pytest

import corpus
from corpus.checks import coverage, mid_sentence
from corpus.measure import load_examples, read_all, wrong_sections

READINGS = read_all(Path(corpus.__file__).parent / "documents")
EXAMPLES = load_examples(Path(__file__).parent / "sections.jsonl")
HANDREIKING = "handreiking-inclusieve-kinderopvang"
LEIDSCHENVEEN = "gebiedsplan-leidschenveen-ypenburg"


@pytest.mark.parametrize("document", READINGS)
def test_no_character_of_a_document_is_lost(document):
    reading = READINGS[document]
    counts = coverage(reading.text, reading.passages)
    assert counts.lost == ()
    assert counts.total == counts.blank + counts.passage + counts.heading + counts.left_out


def test_the_section_path_is_right_on_97_of_100_places_judged_by_hand():
    assert len(EXAMPLES) == 100
    assert len(list(wrong_sections(READINGS, EXAMPLES))) <= 3


def test_at_most_one_passage_in_a_hundred_begins_or_ends_in_a_sentence():
    cut = sum(len(mid_sentence(r.text, r.passages)) for r in READINGS.values())
    assert cut <= 0.01 * sum(len(r.passages) for r in READINGS.values())


def labels(document: str, first: str, last: str) -> list[str]:
    """The labels of the rows between two quotes, each once, in order."""
    reading = READINGS[document]
    start = reading.text.text.index(first)
    end = reading.text.text.index(last, start)
    rows = [p.label for p in reading.passages if p.kind == "rij" and start <= p.start < end]
    return list(dict.fromkeys(rows))


def test_all_rows_of_the_table_of_challenges_in_practice():
    challenges = [
        "Weerstand tegen verandering",
        "Tekort aan professionals",
        "Gebrek aan afstemming",
        "Financieringsvraagstukken",
    ]
    expected = [
        f"{c} – {head}" for c in challenges for head in ("Toelichting", "Oplossingsrichtingen")
    ]
    assert labels(HANDREIKING, "Uitdaging\tToelichting", "HOME") == expected


def test_all_rows_of_the_table_of_communication():
    groups = [
        "Ouders en kinderen",
        "Professionals opvang- en zorgorganisaties",
        "Collega's gemeente",
        "Externe partners",
    ]
    expected = [
        f"{g} – {head}" for g in groups for head in ("Boodschap", "Communicatiemiddel/kanaal")
    ]
    assert (
        labels(HANDREIKING, "Doelgroep\tBoodschap", "Uitdagingen bij samenwerking en draagvlak")
        == expected
    )


def test_all_rows_of_the_social_map_without_lines():
    assert labels(LEIDSCHENVEEN, "Organisatie Toelichting", "Uitdaging Toelichting") == [
        "Centrum voor Jeugd en Gezin (CJG)",
        "RondomJou",
        "Onderwijs",
        "SPPOH",
        "SMW+",
        "Opvoedsteunpunt",
        "Logopedie",
        "Bibliotheek Den Haag",
        "Integrale Vroeghulp (MEE ZHN)",
        "Voorleesexpress (Stichting Jess)",
        "Cultuurschakel",
        "Wijkz",
    ]


def test_all_rows_of_the_challenges_without_lines():
    assert labels(LEIDSCHENVEEN, "Uitdaging Toelichting", "Verbinding met") == [
        "Kennis & scholing",
        "Toegankelijkheid",
        "Interprofessionele samenwerking",
        "Samenwerking met ouders",
    ]
