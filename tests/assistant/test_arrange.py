"""In what order evidence is told, and what comes with it."""

from types import SimpleNamespace

import pytest

from assistant.arrange import ITEMS, LIST_WORDS, REST_WORDS, announces
from assistant.arrange import arrange as _arrange
from assistant.evidence import Evidence, Room
from corpus.passages import Passage
from corpus.sentences import Sentence
from index.search import Hit

# Words that there is room for.
ROOM = 10


def arrange(chosen, scored, parts=(), several=True):
    """What is told of an index in which a list is in `parts`, or in one passage."""
    index = SimpleNamespace(whole_list=lambda passage: parts or (passage,))
    return _arrange(index, chosen, scored, Room(9, ROOM, several))


def pieces(*texts, id="plan:0", kind="tekst", start=0):
    """Evidence of all sentences of one passage, at their places."""
    told = tuple(Sentence(text, n, n + 1) for n, text in enumerate(texts, start))
    passage = Passage(
        id=id,
        document="plan",
        section=("Overleg",),
        page=None,
        start=0,
        end=len(texts),
        text=" ".join(texts),
        sentences=told,
        label="",
        kind=kind,
    )
    hit = Hit(passage, 1.0, 0.9, 1.0, 0.6)
    return [Evidence(hit, s.start, s.end, s.text, "", 1.0 - s.start / 10) for s in told]


def scored(evidence, score):
    return Evidence(evidence.hit, evidence.start, evidence.end, evidence.text, "", score)


def texts(chosen, among=None):
    """What is told, for evidence given best first."""
    every = chosen if among is None else among
    return [e.text for e in arrange(chosen, every)]


def test_the_best_sentence_comes_first_and_the_others_as_they_stand_there():
    one, two, three = pieces("Er is een plan.", "Er is een overleg.", "Er is een kaart.")
    best = scored(three, 2.0)
    assert texts([best, two, one]) == ["Er is een kaart.", "Er is een plan.", "Er is een overleg."]


def test_what_the_best_sentence_leans_on_stays_before_it():
    one, two, three = pieces("Er is een plan.", "Een coach komt thuis.", "Die leest voor.")
    best = scored(three, 2.0)
    assert texts([best, two, one]) == [
        "Een coach komt thuis.",
        "Die leest voor.",
        "Er is een plan.",
    ]


def test_what_leans_on_the_best_sentence_stays_behind_it():
    one, two, three, four = pieces(
        "Er is een plan.", "Een coach komt thuis.", "Die leest voor.", "Ouders doen mee."
    )
    best = scored(two, 2.0)
    assert texts([best, one, three, four]) == [
        "Een coach komt thuis.",
        "Die leest voor.",
        "Er is een plan.",
        "Ouders doen mee.",
    ]


def test_the_passage_of_the_best_sentence_comes_first():
    one, two = pieces("Er is een plan.", "Er is een overleg.")
    other = pieces("Ouders doen mee.", id="plan:1")[0]
    assert texts([scored(other, 3.0), scored(two, 2.0), one]) == [
        "Ouders doen mee.",
        "Er is een overleg.",
        "Er is een plan.",
    ]


def test_a_sentence_that_leans_on_the_one_before_it_brings_that_one():
    first, second, third = every = pieces(
        "Een vrijwilliger komt thuis.", "Die leest voor.", "Ouders doen mee."
    )
    assert arrange([second], every) == (first, second)
    assert arrange([first, second], every) == (first, second)
    assert arrange([third], every) == (third,)
    # What was left out for another reason is not brought back.
    assert arrange([second], [second, third]) == (second,)


def test_what_is_added_to_a_sentence_is_not_told_without_it():
    for added in ("Daarnaast is er een kaart.", "Ook deze is gratis."):
        first, second = every = pieces("In Zoetermeer is er een plan.", added)
        assert arrange([second], every) == (first, second)
    other = pieces("Er is een plan.", "Ook ouders doen mee.")
    assert arrange(other[1:], other) == (other[1],)


def test_a_first_sentence_that_leans_has_nothing_before_it():
    first, second = pieces("Dit helpt.", "Ouders doen mee.")
    assert arrange([first], [first, second]) == (first,)


def test_a_sentence_of_another_passage_is_nothing_to_lean_on():
    before = pieces("Een vrijwilliger komt thuis.", id="plan:1")[0]
    leaning = pieces("Ouders doen mee.", "Die leest voor.")[1]
    assert arrange([leaning], [leaning, before]) == (leaning,)


def items(*words, id="plan:lijst", start=0):
    return pieces(*words, id=id, kind="lijst", start=start)


def others(*words):
    return [pieces(word, id=f"plan:{word}", start=n)[0] for n, word in enumerate(words, 20)]


def test_a_list_keeps_its_order():
    one, _, three = items("een", "twee", "drie")
    chosen = [scored(three, 2.0), one]
    assert [e.text for e in arrange(chosen, chosen)] == ["een", "twee", "drie"]


def test_two_items_of_a_list_bring_the_others_with_them():
    every = items("een", "twee", "drie")
    assert arrange(every[:2], every) == tuple(every)


def test_who_asks_for_one_thing_gets_the_best_item_first_and_no_whole_list():
    every = items("een", "twee", "drie", "vier", "vijf", "zes", "zeven")
    best = scored(every[3], 2.0)
    told = arrange([best, *every[:2]], every, several=False)
    assert told == (best, *every[:2])


def test_a_list_of_which_half_was_chosen_is_told_whole_whatever_is_asked():
    every = items("een", "twee", "drie", "vier")
    (other,) = others("iets anders")
    best = scored(every[2], 2.0)
    told = arrange([other, best, every[0]], [other, *every], several=False)
    assert told == (other, best, every[0], every[1], every[3])
    less = items("een", "twee", "drie", "vier", "vijf")
    assert arrange([other, *less[:2]], [other, *less], several=False) == (other, *less[:2])
    long = items("een", "twee", "woord " * (REST_WORDS + 1))
    assert arrange([other, *long[:2]], [other, *long], several=False) == (other, *long[:2])


def test_an_item_that_was_no_candidate_comes_with_its_list():
    one, two, three = items("een", "twee", "drie")
    brought = arrange([one, two], [one, two])[2]
    assert (brought.text, brought.start, brought.hit.passage) == ("drie", 2, three.hit.passage)


def test_a_list_that_goes_on_in_another_passage_is_one_list():
    first = items("een", "twee")
    rest = items("drie", "vier", id="plan:rest", start=2)
    parts = (first[0].hit.passage, rest[0].hit.passage)
    told = arrange([rest[0], first[1]], [*first, *rest], parts)
    assert [e.text for e in told] == ["een", "twee", "drie", "vier"]
    assert [e.hit.passage for e in told] == [parts[0], parts[0], parts[1], parts[1]]


def test_a_lead_in_is_no_item():
    every = items("Wie meedoen:", "een", "twee", "drie")
    assert announces(every[0].hit.passage, "Wie meedoen:")
    assert [e.text for e in arrange(every[1:3], every[1:])] == ["een", "twee", "drie"]


def test_a_list_is_completed_when_half_of_what_was_chosen_comes_from_it():
    every = [*items("een", "twee", "drie"), *others("vier", "vijf")]
    chosen = [every[0], every[1], every[3], every[4]]
    assert arrange(chosen, every) == tuple(every)


def test_beside_a_whole_list_there_is_what_room_is_left():
    every = items(*("een twee drie",) * 3)
    one, long = others("vier", "een zin van zes woorden hier")
    assert arrange([*every[:2], long, one], [*every, long, one]) == (*every, one)


def test_one_item_of_a_list_stays_alone():
    every = items("een", "twee", "drie")
    assert arrange(every[:1], every) == tuple(every[:1])


def test_a_list_that_gives_the_smaller_part_is_not_completed():
    rest = others("vier", "vijf", "zes")
    every = [*items("een", "twee", "drie", "tien", "elf"), *rest]
    assert arrange([*every[:2], *rest], every) == (*every[:2], *rest)


def test_enough_items_bring_the_others_whatever_else_was_chosen():
    rest = others("zes", "zeven", "acht", "negen")
    every = items("een", "twee", "drie", "vier", "vijf")
    told = arrange([*every[:ITEMS], *rest], [*every, *rest])
    assert told == (*every, *rest)


def test_what_is_no_list_is_not_completed():
    every = pieces("vier", "vijf", "zes")
    assert arrange(every[:2], every) == tuple(every[:2])


def test_a_list_that_is_too_long_to_read_is_not_completed():
    just = items("een", "twee", "woord " * (LIST_WORDS - 2))
    over = items("een", "twee", "woord " * (LIST_WORDS - 1))
    assert arrange(just[:2], just) == tuple(just)
    assert arrange(over[:2], over) == tuple(over[:2])


def test_nothing_chosen_stays_nothing():
    assert arrange([], items("een")) == ()


@pytest.mark.models
def test_a_list_that_was_cut_is_found_whole_from_each_of_its_parts(assistant):
    index = assistant.index
    parts = [p for p in index.passages if p.text.startswith("De gemeente Den Haag investeert in")]
    first = next(p for p in parts if any(s.text.startswith("Aanjagen:") for s in p.sentences))
    whole = index.whole_list(first)
    assert len(whole) == 2
    assert [s.text.split(":")[0] for p in whole for s in p.sentences][1:4] == [
        "Aanjagen",
        "Verbinden",
        "Borgen",
    ]
    assert index.whole_list(whole[1]) == whole
    alone = next(p for p in index.passages if p.kind == "tekst" and not p.label)
    assert index.whole_list(alone) == (alone,)
