from assistant.answer_model import Turn
from assistant.compose import NOT_FOUND, SYSTEM, WORDS_READ, examples, prompt, split_whole, write
from assistant.evidence import Evidence


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


def piece(text, score):
    return Evidence(hit=None, start=0, end=0, text=text, label="", score=score)


def test_the_best_evidence_is_read_as_far_as_there_is_time_in_the_order_of_the_documents():
    model = Scripted("Goed.")
    half = "woord " * (WORDS_READ // 2)
    evidence = [piece("Zwak.", 0.1), piece(f"Tweede {half}", 0.8), piece(f"Eerste {half}", 0.9)]
    list(write(model, "mag dat?", evidence))
    assert "[1] Eerste" in model.turns[-1].content  # together they are two words too many
    assert "Tweede" not in model.turns[-1].content

    short = [piece("Derde.", 0.7), piece("Zwak.", 0.1), piece("Eerste.", 0.9), piece("Ook.", 0.8)]
    list(write(model, "mag dat?", short))
    assert model.turns[-1].content.endswith("[1] Derde.\n[2] Eerste.\n[3] Ook.")


def test_one_piece_of_evidence_is_read_however_long_it_is():
    model = Scripted("Goed.")
    list(write(model, "mag dat?", [piece("woord " * (2 * WORDS_READ), 0.9)]))
    assert model.turns[-1].content.count("woord") == 2 * WORDS_READ


def test_the_abstention_is_the_same_in_the_prompt():
    assert NOT_FOUND in SYSTEM
