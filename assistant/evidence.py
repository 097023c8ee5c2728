"""From ranked passages to the few sentences and table rows that carry the answer."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from assistant.arrange import announces, arrange, is_told, label_of
from assistant.expected import Kind, expected
from assistant.question import Question, named_areas
from corpus.passages import spans
from index.search import Hit, Probe, interaction, known_likeness
from index.store import Index

if TYPE_CHECKING:
    from index.reader import Reader, Reading

# Passages that sentences are taken from, and what together still reads in seconds.
PASSAGES = 8
SENTENCES = 5
# Sentences that the reader judges together, and how many of one passage: when the first
# passage is not the right one, it must see another.
READ = 6
READ_EACH = 2
WORDS = 75
# The same for each document of a comparison: together more, as a list.
EACH_SENTENCES = 3
EACH_WORDS = 55
# And for a question that asks for several things.
LIST_SENTENCES = 7
LIST_OF_WORDS = 120
# Sentences about one organisation when it is asked whom to turn to: there may be others.
PER_CONTACT = 2
# A sentence of fewer words says little by itself ("Meedoen?").
MIN_WORDS = 4
# How much the rank of its passage weighs beside the sentence's own score.
PASSAGE_WEIGHT = 1.5
# What the likeness to a question that a sentence answers counts for. One that answers none
# of the questions that are known about its passage is taken to be less like any.
SENTENCE_KNOWN_WEIGHT = 0.3
KNOWN_FLOOR = 0.3
# What a sentence gains that has the form that is asked for (a date, a number).
FORM_GAIN = 0.1
# A sentence that scores below this share of the best says something else.
WORTH = 0.8
# How much the reader weighs beside that: it adds this times the log odds it gives.
READER_WEIGHT = 0.1
# What it adds to the log odds of an answer to be more like questions that passages answer
# than like those that nothing does, and how much more is neither here nor there: a logistic
# regression on the tuning part of the gold questions (10 to 30 differ little).
ALIKE_WEIGHT = 20
ALIKE_EVEN = 0.02
# What it adds where no such questions are known: the reader alone is too careful. It brings
# 0.24, above which all but 3% of the same questions with an answer were, to even odds.
ALONE = 1.15
# Below this chance that the answer is there, there is none. Even odds would withhold one more
# of the 34 questions of the tuning part without an answer, and one more of the 137 with one.
MIN_CONFIDENCE = 0.4
# A question that no passage is this near to, by cosine nor by late interaction of the taught
# embedder, is about something else; none of the tuning part that can be answered is.
MIN_NEARNESS = 0.45

# A list of sources says what was read, not what is so.
_SOURCES = re.compile(
    r"^((wetenschappelijke|geraadpleegde|gebruikte|overige) )?"
    r"(bronnen|literatuur\w*|referenties|bibliografie)\b",
    re.IGNORECASE,
)
_REFERENCE = re.compile(
    r"\([^()]*(?<!\d)(19|20)\d\d\w?\)|\bgeraadpleegd\b|https?://", re.IGNORECASE
)
_ASKS_SOURCES = re.compile(
    r"\b(bron(nen)?|literatuur|artikel(en)?|na ?lezen|onderzoek(en)?|rapport(en)?|publicaties?)\b",
    re.IGNORECASE,
)


# How a question asks for somebody.
_WHO = re.compile(r"\bwie\b", re.IGNORECASE)
# How a question asks for several things.
_SEVERAL = re.compile(
    r"\b(welke|wat zijn|wie zijn|wie zitten|wie doen|noem|som op|allemaal|lijst\w*|opsomming"
    r"|overzicht|op een rij|stappen\w*|vergelijk\w*|verschil\w*|versus|vs"
    r"|(twee|drie|vier|vijf|zes|zeven|acht) (\w+e )?\w+(en|s))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Evidence:
    """A verbatim piece of a document that bears on the question.

    `text` is how a person reads `document.text[start:end]`; `label` is what it
    needs to be understood by itself (the row's organisation, the list's
    lead-in), empty where nothing is needed.
    """

    hit: Hit
    start: int
    end: int
    text: str
    label: str
    score: float


@dataclass(frozen=True)
class Room:
    """How many sentences, and of how many words together, there is room for.

    `several` is whether several things are asked for: then a list is told whole.
    """

    sentences: int = SENTENCES
    words: int = WORDS
    several: bool = False


@dataclass(frozen=True)
class Found:
    """The evidence for a question, and the chance (0 to 1) that it holds the answer.

    Without a reader the chance is not known, and 1. `wanted` is one of
    `index.reader.WANTED`.
    """

    evidence: tuple[Evidence, ...]
    confidence: float = 1.0
    wanted: str = "vraag"


def select(
    index: Index,
    asked: Sequence[Probe],
    question: Question,
    hits: Sequence[Hit],
    reader: "Reader | None" = None,
) -> Found:
    """Return the sentences that carry the answer, those of the best passage first.

    Candidates are scored by late interaction: the weighted mean over the
    question's tokens of the best match among the sentence's tokens, as they
    were encoded within their passage, so that "het overleg" still knows which
    overleg it is. Of two questions in one, the one that a sentence is most like
    counts. The best of them the reader judges together, and `arrange` puts them in order.
    Of a question about areas that different documents are about, each document has its
    own evidence, if it has any. Of a question that names a document nothing else is told,
    unless the answer is not there.
    """
    if any(hit.is_named for hit in hits[:PASSAGES]):
        named = [hit for hit in hits if hit.is_named]
        found = _of_areas(index, asked, question, named, reader)
        if is_enough(question, found):
            return found
    return _of_areas(index, asked, question, hits, reader)


def _of_areas(
    index: Index,
    asked: Sequence[Probe],
    question: Question,
    hits: Sequence[Hit],
    reader: "Reader | None",
) -> Found:
    """Return the evidence of each document on an area that is asked about, or of all as one."""
    groups = _by_area(index, question, hits)
    room = _room(question)
    if len(groups) > 1:
        room = Room(EACH_SENTENCES, EACH_WORDS, room.several)
    found = [_select(index, asked, question, group, reader, room) for group in groups]
    best = max(found, key=lambda one: one.confidence)
    told = [one for one in found if one.confidence >= MIN_CONFIDENCE] or found
    return replace(best, evidence=tuple(e for one in told for e in one.evidence))


def _room(question: Question) -> Room:
    several = _SEVERAL.search(question.search)
    return Room(LIST_SENTENCES, LIST_OF_WORDS, several=True) if several else Room()


def _by_area(index: Index, question: Question, hits: Sequence[Hit]) -> list[list[Hit]]:
    """Return the hits by document when no document is about all areas named, else all as one."""
    areas = {hit.passage.document: index.sources[hit.passage.document].areas for hit in hits}
    named = {id for id, own in areas.items() if question.areas.intersection(own)}
    if len(named) < 2 or any(question.areas.issubset(areas[id]) for id in named):
        return [list(hits)]
    return [[hit for hit in hits if hit.passage.document == id] for id in sorted(named)]


def _select(
    index: Index,
    asked: Sequence[Probe],
    question: Question,
    hits: Sequence[Hit],
    reader: "Reader | None",
    room: Room,
) -> Found:
    """Return the evidence among some hits, as much as there is room for."""
    scored = candidates(index, asked, question, hits)
    reading = None
    if reader and scored:
        scored, reading = _read(reader, question, scored, asked)
    chosen: list[Evidence] = []
    length = 0
    for evidence in scored:
        size = len(evidence.text.split())
        if evidence.score < WORTH * scored[0].score or len(chosen) == room.sentences:
            break
        if chosen and length + size > room.words:
            continue
        if any(is_told(evidence, other) for other in chosen):
            continue
        if question.contact and sum(e.label == evidence.label for e in chosen) == PER_CONTACT:
            continue
        chosen.append(evidence)
        length += size
    told = arrange(index, chosen, scored, room)
    if reading is None:
        return Found(told)
    near = max(max(hit.cosine, hit.interaction) for hit in hits) >= MIN_NEARNESS
    own = [hit for hit in hits if _is_about(index, hit, question.areas)]
    chance = _chance(index, asked, own, reading.answered)
    return Found(told, chance if near else 0.0, reading.wanted)


def _chance(index: Index, asked: Sequence[Probe], hits: Sequence[Hit], answered: float) -> float:
    """Return the chance that the answer is there, by the reader and by questions alike.

    A question that is more like those that no document answers than like any that the
    passages found do has less of a chance.
    """
    nowhere = [index.questions.nowhere(one.known) for one in asked]
    unlike = [likeness for likeness in nowhere if likeness is not None]
    odds = _log_odds(answered)
    if unlike:
        alike = max(hit.known for hit in hits[:PASSAGES]) - sum(unlike) / len(unlike)
        odds += ALIKE_WEIGHT * (alike - ALIKE_EVEN)
    else:
        odds += ALONE
    return 1 / (1 + math.exp(-odds))


def _read(
    reader: "Reader", question: Question, scored: Sequence[Evidence], asked: Sequence[Probe]
) -> tuple[list[Evidence], "Reading"]:
    """Order sentences with what the reader says of the best; others count as its least likely."""
    read = to_read(scored, READ)
    shown = [in_place(e.label, e.hit.passage.section, e.text) for e in read]
    # Of two questions in one the middle: the documents should answer both.
    vector = np.mean([one.vector for one in asked], axis=0)
    reading = reader.read(question.search, shown, vector)
    # What there was no room for on the page has no chance.
    least = min((chance for chance in reading.answers if chance), default=1.0)
    chances = {id(e): chance for e, chance in zip(read, reading.answers, strict=True)}
    judged = [
        replace(e, score=e.score + READER_WEIGHT * _log_odds(chances.get(id(e)) or least))
        for e in scored
    ]
    return sorted(judged, key=lambda e: (-e.score, e.hit.passage.id, e.start)), reading


def to_read(scored: Sequence[Evidence], most: int) -> list[Evidence]:
    """Return the best sentences that the reader judges: so many, and READ_EACH of a passage."""
    read: list[Evidence] = []
    for evidence in scored:
        own = sum(e.hit.passage.id == evidence.hit.passage.id for e in read)
        if len(read) < most and own < READ_EACH:
            read.append(evidence)
    return read


def _log_odds(chance: float) -> float:
    kept = min(max(chance, 1e-6), 1 - 1e-6)
    return math.log(kept / (1 - kept))


def candidates(
    index: Index, asked: Sequence[Probe], question: Question, hits: Sequence[Hit]
) -> list[Evidence]:
    """Return the sentences of the best passages, those most like the question first."""
    kinds = expected(question.search)
    # The organisation of another wijk is a wrong phone call, however well it fits.
    own = [hit for hit in hits if _is_about(index, hit, question.areas)]
    scored = [e for hit in own[:PASSAGES] for e in _scored(index, asked, hit, kinds)]
    if not _ASKS_SOURCES.search(question.search):
        scored = [e for e in scored if not is_reference(e)]
    return sorted(scored, key=lambda e: (-e.score, e.hit.passage.id, e.start))


def is_reference(evidence: Evidence) -> bool:
    """Tell whether evidence is an entry in a list of sources."""
    section = evidence.hit.passage.section
    listed = bool(section) and _SOURCES.search(section[-1]) is not None
    return listed and _REFERENCE.search(evidence.text) is not None


def in_place(label: str, section: Sequence[str], text: str) -> str:
    """Return a sentence as the reader is shown it: with its label, or else its heading, in front."""
    lead = label.rstrip(": ") or (section[-1] if section else "")
    return f"{lead}: {text}" if lead and lead != text else text


def _is_about(index: Index, hit: Hit, areas: frozenset[str]) -> bool:
    """Tell whether a passage may speak for the areas asked about: theirs, or of no area."""
    covered = index.sources[hit.passage.document].areas
    return not areas or not covered or bool(areas.intersection(covered))


def is_enough(question: Question, found: Found) -> bool:
    """Tell whether the evidence is strong enough to be an answer.

    It is not when the reader does not find the answer in it or takes the question
    for one that is not for documents, when the question is for something of a certain form
    (a telephone number, an amount) and no evidence has it, or when it names a wijk that no
    evidence names.
    """
    evidence = found.evidence
    # Who asks for somebody asks for no judgement, also when it is about one child.
    asks_who = question.contact or _WHO.search(question.search) is not None
    is_question = found.wanted == "vraag" or (found.wanted == "advies" and asks_who)
    if not evidence or found.confidence < MIN_CONFIDENCE or not is_question:
        return False
    texts = [f"{e.label} {e.text}" for e in evidence]
    if question.uncovered and not named_areas(" ".join(texts), [question.uncovered]):
        return False
    required = [kind for kind in expected(question.text) if kind.required]
    return all(any(kind.looks.search(text) for text in texts) for kind in required)


def _scored(
    index: Index, asked: Sequence[Probe], hit: Hit, kinds: Sequence[Kind]
) -> list[Evidence]:
    passage = hit.passage
    offsets = index.token_offsets(passage.id)
    met = [(one, index.similarities(one.tokens, [passage.id])[passage.id]) for one in asked]
    known = [index.questions.by_sentence(index.row[passage.id], one.known) for one in asked]
    found = []
    for n, (sentence, (start, end)) in enumerate(
        zip(passage.sentences, spans(passage), strict=True)
    ):
        # A question in a document asks and a lead-in announces; neither tells.
        if sentence.text.endswith("?") or announces(passage, sentence.text):
            continue
        # Of a list the lead-in says what a short item is about.
        is_item = passage.kind == "lijst" and bool(passage.label)
        if len(sentence.text.split()) < MIN_WORDS and not is_item:
            continue
        inside = _inside(offsets, start, end)
        if not inside.any():
            continue
        late = max(interaction(one, similar[:, inside]) for one, similar in met)
        score = late
        if index.questions.has_answers:
            score += SENTENCE_KNOWN_WEIGHT * max(_known(like, n, late) for like in known)
        score += PASSAGE_WEIGHT * hit.score
        score += FORM_GAIN * any(kind.looks.search(sentence.text) for kind in kinds)
        label = label_of(passage, sentence.text)
        found.append(Evidence(hit, sentence.start, sentence.end, sentence.text, label, score))
    return found


def _known(likeness: Mapping[int, float], n: int, late: float) -> float:
    """Return how like the question is to one that sentence n answers.

    Args:
        likeness: by sentence, of those of its passage that answer a known question.
        n: the sentence.
        late: the late interaction with it, by which it is estimated for a passage of which
            no question is known.
    """
    if likeness:
        return max(KNOWN_FLOOR, likeness.get(n, KNOWN_FLOOR))
    return known_likeness(math.nan, late)


def _inside(offsets: NDArray[np.int32], start: int, end: int) -> NDArray[np.bool_]:
    return np.asarray((offsets[:, 0] >= start) & (offsets[:, 1] <= end))
