"""What a model writes reaches the user only when the documents say it."""

import pytest
from scripted import (
    BKR,
    CONFLICT,
    JESS,
    NOW,
    PLAN,
    RATIO,
    RISK,
    VE,
    VOORLEES,
    Remembering,
    Scripted,
    check_answer,
    written,
)

from assistant.compose import NOT_FOUND
from corpus.errors import ModelUnavailable

pytestmark = pytest.mark.models


@pytest.mark.parametrize(
    ("question", "sentence", "document"),
    [
        (VE, NOW, "gebiedsplan-leidschenveen-ypenburg"),
        (VE, PLAN, "gebiedsplan-leidschenveen-ypenburg"),
        (BKR, RATIO, "handreiking-inclusieve-kinderopvang"),
        (RISK, CONFLICT, "handreiking-inclusieve-kinderopvang"),
        (VOORLEES, JESS, "gebiedsplan-leidschenveen-ypenburg"),
    ],
)
def test_a_sentence_that_the_model_copies_is_told_with_its_place(
    assistant, question, sentence, document
):
    *_, answer = written(assistant, question, sentence)
    check_answer(assistant, answer)
    statement, *_ = answer.statements
    # With its label in front, if it has one, and with the stops of the document.
    assert statement.text.rstrip(".").endswith(sentence.rstrip("."))
    assert (statement.support, statement.citations) == ("verbatim", (1,))
    assert answer.model == "script"
    citation, *_ = answer.citations
    assert citation.document == document
    assert " ".join(citation.quote.split()).rstrip(".").endswith(sentence[-20:].rstrip("."))


@pytest.mark.parametrize(
    ("question", "sentence", "change"),
    [
        (VE, PLAN, ("2x", "3x")),
        (VE, PLAN, ("2x", "12x")),
        (VE, PLAN, ("2x", "4x")),  # four is how often another sentence says it is
        (VE, NOW, ("vier", "vijf")),
        (VE, NOW, ("vindt", "vindt niet")),
        (VE, PLAN, ("zal", "zal niet")),
        (BKR, RATIO, ("niet ", "")),
        (RISK, CONFLICT, ("niet meetelt", "meetelt")),
        (RISK, CONFLICT, ("kan leiden", "kan niet leiden")),
        (RISK, CONFLICT, ("kan leiden", "moet leiden")),
        (BKR, RATIO, ("telt niet", "mag niet")),
        (VOORLEES, JESS, ("Leidschenveen-Ypenburg", "Leyenburg")),
        (VOORLEES, JESS, ("Leidschenveen-Ypenburg", "Leidschenveen-Leyenburg")),
        (VOORLEES, JESS, ("Jess", "Kwadraad")),
        (VOORLEES, JESS, ("De voorleesexpress", "Leyenburg")),
    ],
)
def test_one_change_that_matters_never_reaches_the_user(assistant, question, sentence, change):
    changed = sentence.replace(*change)
    assert changed != sentence
    quotes, *_, last = snapshots = written(assistant, question, changed)
    for snapshot in snapshots:
        assert changed not in snapshot.text
        assert snapshot.model == "quotes"
    check_answer(assistant, last)
    assert last.statements == quotes.statements


def test_the_wrong_sentences_go_and_the_right_one_stays(assistant):
    snapshots = written(
        assistant, VE, PLAN.replace("2x", "3x") + f" [1] {PLAN} [2]\n", "Zo is het."
    )
    first, *others = (s.text for s in snapshots[-1].statements)
    assert first == PLAN
    assert not any("3x" in text for text in others)
    check_answer(assistant, snapshots[-1])


@pytest.mark.parametrize(
    "pieces",
    [
        (NOT_FOUND,),
        (NOT_FOUND, " [1]"),
        (NOT_FOUND.rstrip("."),),
        (),
        ("",),
        ("  \n\n ",),
        ("[1] [2] [3]",),
        ("[1]. [2].",),
        ("Het. De. Een.",),
        ("1. 2. 3.",),
        ("qwrt zxcv. asdf ghjk!",),
        ("Het overleg vindt vier keer per",),
        ("<script>alert(1)</script>.",),
        ("Vraag: " + VE + "\nZinnen:\n",),
    ],
)
def test_a_model_that_says_nothing_of_use_leaves_the_quotes_as_the_answer(assistant, pieces):
    quotes, *_, last = written(assistant, VE, *pieces)
    assert (last.status, last.model, last.final) == ("answered", "quotes", True)
    assert last.statements == quotes.statements
    assert last.citations == quotes.citations
    check_answer(assistant, last)


@pytest.mark.parametrize("marker", ["[0]", "[99]", "[1,2]", "[1, 2]", "[1][2]", "[1-3]", "[ 7 ]"])
def test_markers_of_the_model_are_dropped_and_ours_are_put_in_their_place(assistant, marker):
    *_, last = written(assistant, VE, f"{NOW} {marker} {PLAN[:-1]} {marker}.")
    assert [s.text for s in last.statements[:2]] == [NOW, PLAN]
    assert last.text.startswith(f"{NOW} [1]\n{PLAN} [2]")
    check_answer(assistant, last)


def test_of_a_quote_that_the_model_cut_the_whole_is_told_and_once(assistant):
    cut = NOW.split(" en vormt")[0]
    *_, last = written(assistant, VE, f"{cut}. [1] {cut.split('vindt ')[1]}. [1]")
    assert last.model == "script"
    first, *others = (s.text for s in last.statements)
    assert first == NOW
    assert not any(cut in text for text in others)


def test_a_sentence_that_comes_twice_is_told_once(assistant):
    *_, last = written(assistant, VE, f"{PLAN} {PLAN} {NOW} {PLAN}")
    texts = [s.text for s in last.statements]
    assert texts[:2] == [PLAN, NOW]
    assert (texts.count(PLAN), texts.count(NOW)) == (1, 1)


def test_the_quotes_that_the_model_left_out_follow_what_it_wrote(assistant):
    quotes, *_, last = written(assistant, VE, PLAN)
    assert last.statements[0].text == PLAN
    assert last.model == "script"
    every = {c.quote for c in quotes.citations}
    assert {c.quote for c in last.citations} == every
    assert len(last.statements) == len(quotes.statements)
    assert {s.support for s in last.statements} == {"verbatim"}
    check_answer(assistant, last)


def test_a_sentence_is_told_as_soon_as_it_is_whole_and_not_before(assistant):
    first, second, third, last = written(assistant, VE, *NOW, " ", *PLAN)
    assert first.model == "quotes"
    assert [s.text for s in second.statements] == [NOW]
    assert [s.text for s in third.statements] == [NOW, PLAN]
    assert last.statements[:2] == third.statements


def test_a_model_that_does_not_answer_leaves_the_quotes_with_a_dutch_remark(assistant):
    quotes, last = written(assistant, VE, breaks=True)
    assert (last.status, last.model) == ("answered", "quotes")
    assert last.statements == quotes.statements
    assert last.message.startswith("Het taalmodel script geeft geen antwoord")
    assert last.text == quotes.text


def test_a_model_that_does_not_answer_yet_does_not_stop_the_warm_up(assistant):
    class Absent(Scripted):
        warmed = False

        def warm_up(self, system, turns):
            self.warmed = True
            raise ModelUnavailable(model=self.name, reason="de server is niet bereikbaar")

    model = Absent(())
    Remembering(assistant.index, assistant.embedder, model).warm_up()
    assert model.warmed


def test_a_model_that_breaks_halfway_leaves_what_was_checked(assistant):
    *_, last = written(assistant, VE, NOW, " Het overleg is verplicht voor", breaks=True)
    assert (last.status, last.model) == ("answered", "script")
    assert last.text.startswith(f"{NOW} [1]")
    assert last.message.startswith("Het taalmodel script geeft geen antwoord")
    check_answer(assistant, last)


@pytest.mark.parametrize("breaks", [False, True])
def test_exactly_the_last_snapshot_is_final_and_the_first_shows_quotes(assistant, breaks):
    snapshots = written(assistant, VE, f"{NOW} {PLAN}", breaks=breaks)
    assert [s.final for s in snapshots] == [False] * (len(snapshots) - 1) + [True]
    assert snapshots[0].model == "quotes"
    for snapshot in snapshots:
        check_answer(assistant, snapshot)


def test_the_clock_runs_on_from_passages_to_evidence_to_the_whole(assistant):
    first, *_, last = written(assistant, VE, NOW)
    assert 0 < last.timings_ms.retrieve < last.timings_ms.first < last.timings_ms.total
    assert first.timings_ms.retrieve == last.timings_ms.retrieve
    assert first.timings_ms.first == last.timings_ms.first
