"""Lessons for the reader: what the search brings for a question, and what of it answers."""

import json

import pytest

from assistant.ask import Assistant
from assistant.lessons import is_same, lessons
from corpus.errors import InputFileError
from index.teach_reader import SENTENCES


@pytest.fixture
def nowhere(tmp_path):
    path = tmp_path / "unanswerable.jsonl"
    path.write_text('{"question": "wat kost een ijsje", "sort": "iets anders"}\n', encoding="utf-8")
    return path


@pytest.fixture
def asked(built, tmp_path):
    """A question that the second sentence of a passage answers, and one without a known answer."""
    passage = max(built.open().passages, key=lambda p: len(p.sentences))
    second = passage.sentences[1]
    row = {"document": passage.document, "start": passage.start, "end": passage.end}
    row |= {
        "questions": ["wie zit er in de groep", "wat"],
        "answers": [[[second.start, second.end]]],
    }
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps(row), encoding="utf-8")
    return path, passage, second


def quiet(label, share):
    pass


def test_a_lesson_marks_the_sentence_that_answers_or_holds_it_as_missed(
    built, tiny, asked, nowhere
):
    path, passage, second = asked
    lesson, unanswerable = lessons(Assistant(built.open(), tiny, None), path, "", quiet)
    assert lesson.question == "wie zit er in de groep"
    shown = [lesson.sentences[n] for n in sorted(lesson.answers)]
    assert all(text.endswith(second.text) for text in [*shown, *lesson.missed])
    assert len(shown) + len(lesson.missed) >= 1
    assert lesson.answers <= lesson.related
    assert len(lesson.sentences) <= 2 * SENTENCES
    assert lesson.section.startswith(passage.document)
    assert (unanswerable.question, unanswerable.answers) == ("wat kost een ijsje", frozenset())
    assert (unanswerable.missed, unanswerable.wanted) == ((), "iets anders")
    assert lesson.wanted == "vraag"


def test_a_question_that_is_answered_in_two_places_is_one_lesson(built, tiny, asked, nowhere):
    path, passage, second = asked
    other = next(p for p in built.open().passages if p.document != passage.document)
    first = other.sentences[0]
    row = {"document": other.document, "start": other.start, "end": other.end}
    row |= {"questions": ["wie zit er in de groep"], "answers": [[[first.start, first.end]]]}
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" + json.dumps(row))
    lesson, _ = lessons(Assistant(built.open(), tiny, None), path, "", quiet)
    shown = [lesson.sentences[n] for n in sorted(lesson.answers)]
    right = [*shown, *lesson.missed]
    for text in (second.text, first.text):
        assert any(told.endswith(text) for told in right)
    # What stands in a document that is left out too is not taught as if it were no answer.
    without = lessons(Assistant(built.open(), tiny, None), path, other.document, quiet)
    assert [lesson.question for lesson in without] == ["wat kost een ijsje"]


def test_a_question_that_only_comes_near_the_documents_is_still_a_question(
    built, tiny, asked, nowhere
):
    nowhere.write_text('{"question": "wat kost het", "sort": "bijna"}\n', encoding="utf-8")
    *_, near = lessons(Assistant(built.open(), tiny, None), asked[0], "", quiet)
    assert (near.answers, near.wanted) == (frozenset(), "vraag")


def test_the_questions_of_a_document_left_out_are_not_used(built, tiny, asked, nowhere):
    path, passage, _ = asked
    (only,) = lessons(Assistant(built.open(), tiny, None), path, passage.document, quiet)
    assert only.question == "wat kost een ijsje"


def test_a_file_that_is_not_as_it_should_be_is_said(built, tiny, asked, nowhere):
    nowhere.write_text("{}\n", encoding="utf-8")
    with pytest.raises(InputFileError):
        lessons(Assistant(built.open(), tiny, None), asked[0], "", quiet)


def test_sentences_are_the_same_in_nearly_the_same_words():
    long = "De gemeente betaalt opvang, coaching, scholing, materiaal, vervoer en huur."
    # Eight terms; seven of eight are 0.875, six of eight are 0.75. The limit is 0.85.
    assert is_same(long, long.replace("huur", "lunch"))
    assert not is_same(long, long.replace("huur", "lunch").replace("vervoer", "fietsen"))
    assert not is_same("De gemeente betaalt opvang.", long)
    assert not is_same("", "")
