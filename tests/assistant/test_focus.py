"""A long message cut to what it asks, and two questions in one."""

import pytest

from assistant.answer_model import Turn
from assistant.focus import gist, parts
from assistant.question import understand

AREAS = ("Ypenburg", "Leidschenveen", "Leyenburg", "Escamp")
STORY = (
    "hoi, ik werk nu drie jaar op de groep en we hebben sinds kort een jongetje van bijna drie, "
    "hij is heel lief maar hij praat nog niet en mijn collega zegt dat we gewoon moeten wachten. "
    "wie kan er meekijken op de groep? het is in Haagse Hout. alvast bedankt"
)
# A message, and the questions in it.
DOUBLE = [
    (
        "wie betaalt de peuterplek en waar vraag ik hem aan?",
        ("wie betaalt de peuterplek?", "waar vraag ik de peuterplek aan?"),
    ),
    ("wat is SMI en wat is OAB?", ("wat is SMI?", "wat is OAB?")),
    (
        "wat is een plusgroep en wie mag erin?",
        ("wat is een plusgroep?", "wie mag in een plusgroep?"),
    ),
    ("Wat is een OOGO? Wie zit daarin?", ("Wat is een OOGO?", "Wie zit in een OOGO?")),
    ("wat is een OOGO, wie zit daarin?", ("wat is een OOGO?", "wie zit in een OOGO?")),
    (
        "LEA: hoe vaak is die verplicht en wie nodigt uit?",
        ("LEA: hoe vaak is die verplicht?", "LEA: wie nodigt uit?"),
    ),
    (
        "mijn peuter bijt, wie kan ik bellen en wat kost dat?",
        ("mijn peuter bijt, wie kan ik bellen?", "mijn peuter bijt, wat kost dat?"),
    ),
    (
        "wie helpt bij taal in Leyenburg en wat kost dat?",
        ("wie helpt bij taal in Leyenburg?", "Over taal in Leyenburg: wat kost dat?"),
    ),
    (
        "wat verwacht Escamp van mij en wat Ypenburg?",
        ("wat verwacht Escamp van mij?", "wat verwacht Ypenburg van mij?"),
    ),
    (
        "mag ik het dossier inzien en moet ik dat vragen aan ouders?",
        (
            "mag ik het dossier inzien?",
            "mag ik het dossier inzien, en moet ik dat vragen aan ouders?",
        ),
    ),
]
SINGLE = [
    "wat is SMI?",
    "wat doet de JGZ voor peuters en kleuters?",
    "wie en wat zijn de partners?",
    "waar en hoe laat moet ik zijn?",
    "mogen cursussen en begeleiding uit dit potje?",
    "actielijn 1: waar en wanneer begint die?",
    "een collega weet niet hoe en waarom je observeert",
]


@pytest.mark.parametrize(("text", "meant"), DOUBLE)
def test_two_questions_are_each_readable_alone(text, meant):
    assert parts(text, AREAS) == meant


@pytest.mark.parametrize("text", SINGLE)
def test_one_question_is_one_part(text):
    assert parts(text, AREAS) == (text,)


def test_both_questions_of_a_follow_up_keep_the_subject():
    asked = understand(
        "wie betaalt dat en hoe lang duurt dat?", [Turn("user", "wat is SMI?")], AREAS, None
    )
    assert asked.parts == ("wie betaalt SMI?", "hoe lang duurt SMI?")


def test_the_one_part_of_a_question_is_what_is_searched():
    asked = understand("en in Leyenburg?", [Turn("user", "wie helpt in Ypenburg?")], AREAS, None)
    assert asked.parts == (asked.search,) == ("wie helpt in Leyenburg?",)


def test_a_short_message_is_searched_as_it_is():
    text = "Ouders willen het niet. Mag ik dan toch bellen?"
    assert gist(text) == text == understand(text, [], AREAS, None).search


def test_of_a_long_story_the_question_comes_first_and_the_situation_in_words():
    asked = understand(STORY, [], AREAS, None)
    question, situation = asked.search.split("? Het gaat om: ")
    assert question == "wie kan er meekijken op de groep"
    told = situation.rstrip(".").split(", ")
    assert {"jongetje", "praat", "Haagse Hout"} <= set(told)
    assert not {"bedankt", "hij", "en", "gewoon", "lief"} & set(told)
    assert asked.uncovered == "Haagse Hout"


def test_a_story_without_punctuation_gives_its_question():
    text = (
        "we hebben een meisje met epilepsie op de groep in Ypenburg en de ouders zijn gescheiden "
        "en vader wil niet dat wij iets delen met school maar moeder wel en nu moet ze naar groep "
        "een en ik wil graag weten wie er toestemming geeft voor de overdracht"
    )
    found = gist(text, AREAS)
    assert found.startswith("wie er toestemming geeft voor de overdracht? Het gaat om: ")
    assert "epilepsie" in found
    assert "Ypenburg" in found


def test_a_long_story_that_asks_nothing_stays_as_it_is():
    text = "op maandag hebben we overleg met de orthopedagoog. " * 10
    assert gist(text) == text


def test_both_questions_of_a_long_story_keep_the_situation():
    text = f"{STORY.replace('alvast bedankt', '')} en wie betaalt dat meekijken?"
    one, two = understand(text, [], AREAS, None).parts
    assert one.startswith("wie kan er meekijken op de groep?")
    assert "wie betaalt dat meekijken?" in two
    assert "Haagse Hout" in one
    assert "Haagse Hout" in two


def test_somebody_to_turn_to_is_seen_in_a_long_story():
    assert understand(STORY.replace("meekijken op", "helpen op"), [], AREAS, None).contact
