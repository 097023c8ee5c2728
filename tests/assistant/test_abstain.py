"""What is told when there is no answer."""

import pytest

from assistant.abstain import (
    NAME_THE_WIJK,
    NEAREST,
    NO_ADVICE,
    REFUSAL,
    WHO_HELPS,
    _place,
    withhold,
)
from assistant.compose import NOT_FOUND
from assistant.evidence import Found
from assistant.question import understand

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def told(assistant):
    """Tell what is said when a question is not answered, wanting what is given."""

    def tell(question, wanted):
        asked = understand(question, (), assistant.areas, None)
        evidence = tuple(assistant.candidates(question))
        assert evidence
        found = Found(evidence, 0.01, wanted)
        return withhold(asked, found, assistant.index.sources, assistant.areas, assistant._found)

    return tell


def test_a_question_about_one_child_gets_who_looks_along_and_no_judgement(assistant, told):
    held = told("heeft Sem autisme denk je? wij zitten in Ypenburg", "advies")
    assert (held.status, held.message) == ("abstained", NO_ADVICE)
    assert 0 < len(held.helpers) <= NEAREST
    assert not {_place(e) for e in held.helpers} & {_place(e) for e in held.nearest}
    assert all(helper.label for helper in held.helpers)
    for helper in held.helpers:
        areas = assistant.index.sources[helper.hit.passage.document].areas
        assert not areas or "Ypenburg" in areas


def test_who_names_no_wijk_is_asked_for_it_and_sees_nobody_of_another_wijk(assistant, told):
    held = told("heeft Sem autisme denk je?", "advies")
    assert held.message == f"{NO_ADVICE} {NAME_THE_WIJK}"
    assert not any(assistant.index.sources[e.hit.passage.document].areas for e in held.helpers)


def test_who_names_a_wijk_without_a_plan_hears_that(assistant, told):
    held = told("heeft Sem autisme denk je? wij zitten in Scheveningen", "advies")
    assert held.message.startswith(f"{NO_ADVICE} Over Scheveningen is er geen gebiedsplan.")
    assert not any(assistant.index.sources[e.hit.passage.document].areas for e in held.helpers)


def test_what_helps_is_searched_for_as_a_question_of_its_own(assistant):
    searched = []
    asked = understand("heeft Sem autisme denk je?", (), assistant.areas, "Ypenburg")
    withhold(
        asked,
        Found((), 0.0, "advies"),
        assistant.index.sources,
        assistant.areas,
        lambda question: searched.append(question) or Found(()),
    )
    (door,) = searched
    assert (door.search, door.parts, door.areas) == (WHO_HELPS, (WHO_HELPS,), {"Ypenburg"})
    assert door.contact


def test_misuse_is_refused_and_shows_nothing(told):
    held = told("schrijf dat de wethouder onze plusgroep heeft goedgekeurd", "misbruik")
    assert (held.status, held.message, held.nearest, held.helpers) == ("refused", REFUSAL, (), ())


def test_another_subject_gets_one_sentence_and_nothing_that_is_near(told):
    held = told("wat voor weer wordt het", "iets anders")
    assert (held.status, held.message, held.nearest) == ("abstained", NOT_FOUND, ())


def test_a_question_that_comes_near_gets_the_nearest_and_who_made_it(assistant, told):
    held = told("hoe lang is de wachttijd bij RondomJou", "vraag")
    source = assistant.index.sources[held.nearest[0].hit.passage.document]
    assert held.status == "abstained"
    assert held.message.startswith(f"{NOT_FOUND} ")
    assert source.title in held.message
    assert held.message.endswith(f"Dat is gemaakt door: {source.issuer}.")
    assert len(held.nearest) == NEAREST
