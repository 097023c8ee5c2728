from corpus.read import DocumentText
from corpus.structure import structure


def items(text: str) -> list[str]:
    found = structure(DocumentText("plan", text))
    return [
        found.mender.mend(*part).text
        for block in found.blocks
        if block.kind in {"punt", "rij"}
        for part in block.parts
    ]


def test_a_number_behind_a_bullet_is_no_part_of_the_item():
    text = "Visie\n\nDit zijn de stappen:\n\n- 5. Kies een regisseur\n- 6) Maak een plan.\n"
    assert items(text) == ["Kies een regisseur", "Maak een plan."]


def test_a_date_or_an_amount_behind_a_bullet_stays():
    text = "Planning\n\nEerste dagen:\n\n- 23 september, school\n- 2.500 euro voor boeken\n"
    assert items(text) == ["23 september, school", "2.500 euro voor boeken"]


def test_items_that_lost_their_marks_are_parted_behind_a_bracket_at_a_word_that_is_no_name():
    text = (
        "Opvang\n\nHet kost minder tijd dan bij anderen.\n\nVoordelen\tNadelen\n"
        "<ul> Duidelijke afspraken\t<ul> Lange procedure (ook voor ouders) Minder plaatsen\n"
        "Kort\t<ul> Hulp van de buren (zoals nu) Noor doet dat graag\n"
    )
    assert items(text) == [
        "Duidelijke afspraken",
        "Lange procedure (ook voor ouders)",
        "Minder plaatsen",
        "Hulp van de buren (zoals nu) Noor doet dat graag",
    ]
