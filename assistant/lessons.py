"""Lessons for the reader: questions with the sentences that our own search brings for them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from assistant.ask import Assistant
from assistant.evidence import Evidence, in_place, to_read
from corpus.errors import InputFileError, QuestionError
from index.questions import (
    NEAR,
    UNANSWERABLE,
    Example,
    load_questions,
    load_unanswerable,
)
from index.store import Index
from index.teach import section
from index.teach_reader import SENTENCES, Lesson
from index.text import tokens

# Share of the terms of the longer sentence that stand in the other: then both answer.
SAME = 0.85
# Questions without an answer are kept aside in groups of so many.
GROUP = 10


def lessons(
    assistant: Assistant,
    questions: Path,
    left_out: str,
    progress: Callable[[str, float], None],
) -> list[Lesson]:
    """Search for every question and mark what answers it, also those that nothing answers.

    A question of which it is not known which sentences answer it is left out.

    Args:
        assistant: with the taught embedder and an index that does not know the questions:
            each would find itself.
        questions: see `index.questions.load_questions`.
        left_out: id of a document whose questions are not used; empty for none.
        progress: told a Dutch label and the share (0 to 1) that is done.

    Raises:
        InputFileError: a file cannot be read or a line is not as it should be.
    """
    index = assistant.index
    known = load_questions(questions, index.passages)
    if not known:
        raise InputFileError(path=questions, reason="er staat geen vraag in bij deze documenten")
    examples: dict[str, list[Example]] = {}
    for example in known:
        if example.answers:
            examples.setdefault(example.question, []).append(example)
    examples = {
        question: places
        for question, places in examples.items()
        if all(index.passages[e.row].document != left_out for e in places)
    }
    nowhere = load_unanswerable(questions.with_name(UNANSWERABLE))
    total = len(examples) + len(nowhere)
    found = []
    for n, (question, places) in enumerate(examples.items()):
        progress("Vragen opzoeken", n / total)
        found.append(_answered(index, places, _brought(assistant, question)))
    for n, (question, sort) in enumerate(nowhere):
        progress("Vragen opzoeken", (len(examples) + n) / total)
        brought = tuple(map(_shown, _brought(assistant, question)))
        group = f"nergens {n // GROUP}"
        wanted = "vraag" if sort in NEAR else sort
        found.append(Lesson(question, brought, frozenset(), frozenset(), (), group, wanted))
    return found


def _brought(assistant: Assistant, question: str) -> list[Evidence]:
    """Return the sentences that a search brings; none when the question is not taken."""
    try:
        # Twice what is shown: some are taken off the page while teaching.
        return to_read(assistant.candidates(question), 2 * SENTENCES)
    except QuestionError:
        return []


def _answered(index: Index, places: Sequence[Example], brought: Sequence[Evidence]) -> Lesson:
    """Return the lesson of a question that is answered in some places."""
    passages = [index.passages[example.row] for example in places]
    right = [
        (passage, passage.sentences[n].text)
        for example, passage in zip(places, passages, strict=True)
        for n in sorted(example.answers)
    ]
    answers = frozenset(
        n
        for n, evidence in enumerate(brought)
        if any(is_same(evidence.text, text) for _, text in right)
    )
    shown = [evidence.text for evidence in brought[:SENTENCES]]
    missed = tuple(
        in_place(passage.label, passage.section, text)
        for passage, text in right
        if not any(is_same(text, other) for other in shown)
    )
    ids = {passage.id for passage in passages}
    related = frozenset(n for n, e in enumerate(brought) if e.hit.passage.id in ids)
    sentences = tuple(map(_shown, brought))
    return Lesson(places[0].question, sentences, answers, related, missed, section(passages[0]))


def _shown(evidence: Evidence) -> str:
    return in_place(evidence.label, evidence.hit.passage.section, evidence.text)


def is_same(one: str, other: str) -> bool:
    """Tell whether two sentences say the same in nearly the same words."""
    first, second = set(tokens(one)), set(tokens(other))
    return bool(first and second) and (len(first & second) >= SAME * max(len(first), len(second)))
