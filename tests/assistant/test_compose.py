from assistant.answer_model import Turn
from assistant.compose import NOT_FOUND, SYSTEM, examples, prompt, split_whole, write


class Scripted:
    """A model that says what it is told to, in the given pieces, and remembers its prompt."""

    name = "scripted"

    def __init__(self, *pieces):
        self.pieces = pieces
        self.turns = ()

    def stream(self, system, turns, max_tokens):
        self.turns = turns
        yield from self.pieces

    def warm_up(self, system, turns):
        pass


def said(*pieces):
    return list(write(Scripted(*pieces), "vraag", []))


def test_a_sentence_comes_when_the_next_begins():
    assert split_whole("De groep is klein. [1] De be") == ["De groep is klein. [1]", " De be"]
    assert split_whole("De groep is klein.") == ["De groep is klein."]


def test_pieces_are_joined_to_sentences():
    assert said("De gr", "oep is klein", ". [1] De begeleiding is", " goed. [2]") == [
        "De groep is klein. [1]",
        "De begeleiding is goed. [2]",
    ]


def test_a_decimal_and_an_abbreviation_do_not_end_a_sentence():
    assert said("Kinderen van 3.5 jaar, bijv. peuters, mogen mee. ", "Dat is zo.") == [
        "Kinderen van 3.5 jaar, bijv. peuters, mogen mee.",
        "Dat is zo.",
    ]


def test_a_last_sentence_that_was_cut_off_is_left_out():
    assert said("De groep is klein. De begeleiding is") == ["De groep is klein."]


def test_lines_are_sentences():
    assert said("De groep is klein.\nDe begeleiding is goed.\n") == [
        "De groep is klein.",
        "De begeleiding is goed.",
    ]


def test_a_model_that_says_nothing_gives_nothing():
    assert said() == []
    assert said("", " \n") == []


def test_the_prompt_numbers_the_evidence_and_keeps_its_start():
    assert prompt("mag dat?", ["Ja.", "Nee."]) == "Vraag: mag dat?\nZinnen:\n[1] Ja.\n[2] Nee."
    model = Scripted("Goed.")
    list(write(model, "mag dat?", []))
    assert model.turns[:-1] == examples()
    assert isinstance(model.turns[-1], Turn)


def test_the_abstention_is_the_same_in_the_prompt():
    assert NOT_FOUND in SYSTEM
