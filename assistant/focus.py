"""What a message asks: the question in a long story, and the two questions in one."""

import re
from collections.abc import Sequence

from assistant.areas import area_spans
from assistant.follow_up import Thread, follow, is_follow_up
from assistant.topic import prefix
from assistant.wording import FILLERS, PREPOSITIONS, QUESTION_WORDS, content, opening, plain

# About three spoken sentences; shorter messages are searched as they are.
LONG_WORDS = 40
# How many words of the rest are kept beside the question itself.
EXTRA_WORDS = 15
_SITUATION = " Het gaat om: "
# Words of a story that tell nothing of what it is about.
_IDLE = frozenset(
    """
    altijd soms vaak bijna vanzelf alvast bedankt dank groetjes groet morgen vandaag gisteren
    vorige volgende week weken maand maanden sindsdien steeds weer veel weinig alleen anders iets
    niets alles zegt zeggen denk denkt denken vindt vinden gevraagd past lief leuk goed goede heel
    lijkt blijft zoals want terwijl omdat vraag gaat geleden inmiddels volgens echt
    """.split()
)
_SENTENCE = re.compile(r"(?<=[.?!;])\s+")
_ASKING = "|".join(sorted(QUESTION_WORDS))
_PREPOSITION = "|".join(sorted(PREPOSITIONS))
_MODAL = "mag|mogen|moet|moeten|kan|kunnen|is|zijn|heeft|hebben|geldt|krijg|krijgt"
_SUBJECT = "ik|je|we|wij|u|men|de|het|een|dat|ze|zij|er|hij|ouders|kinderen"
_CLAUSE = re.compile(
    rf",\s+|\s+(?=(?:en|maar|dus|want) (?:(?:{_PREPOSITION}) )?(?:{_ASKING}|ik|we|nu|hij|ze|zij)\b)"
    rf"|\s+(?=weten (?:{_ASKING})\b)",
    re.IGNORECASE,
)
_ASKS = re.compile(
    rf"\?$|^(?:(?:en|maar|dus|weten) )?(?:(?:{_PREPOSITION}) )?(?:{_ASKING})\b"
    rf"|^(?:(?:en|maar|dus) )?(?:{_MODAL}) (?:{_SUBJECT})\b"
    r"|\b(?:mijn vraag|vraag (?:ik )?me af|(?:ik|we) zoek(?:en)?|weten of)\b",
    re.IGNORECASE,
)
_SECOND = re.compile(
    rf"\?\s+(?=\w)|(?:,|;)?\s+(?:en|of)\s+(?=(?:(?:{_PREPOSITION})\s+)?(?:{_ASKING})\b)"
    r"|,\s+(?=(?:wie|wat|hoe|welke?|wanneer|hoeveel)\b)"
    rf"|(?:,|;)?\s+en\s+(?=(?:{_MODAL})\s+(?:{_SUBJECT})\b)",
    re.IGNORECASE,
)


def gist(text: str, areas: Sequence[str] = ()) -> str:
    """Return what a long message asks: its questions, then the words that tell the situation.

    Short messages, and long ones in which no question is recognised, stay as they are.
    """
    if len(text.split()) <= LONG_WORDS:
        return text
    pieces = _SENTENCE.split(text)
    pieces = [part for piece in pieces for part in _clauses(piece)]
    asked = [piece for piece in pieces if _ASKS.search(piece)]
    told = [piece for piece in pieces if not _ASKS.search(piece)]
    if not asked or not told:
        return text
    question = " ".join(re.sub(r"^(?:en|maar|dus|weten) ", "", piece) for piece in asked)
    extra = _telling(" ".join(told), question, areas)
    if not extra:
        return question
    return f"{question.rstrip('?!.,; ')}?{_SITUATION}{', '.join(extra)}."


def _clauses(sentence: str) -> list[str]:
    """Return a sentence, or its clauses when it is long itself."""
    if len(sentence.split()) <= LONG_WORDS // 2:
        return [sentence]
    return [piece for piece in _CLAUSE.split(sentence) if piece]


def _telling(text: str, question: str, areas: Sequence[str]) -> list[str]:
    """Return the words of a text that tell most, in its order: places, abbreviations, long words."""
    typed = text.split()
    places = {" ".join(typed[start:end]).strip("?!.,;:") for start, end in area_spans(text, areas)}
    known = set(content(question))
    found = [w.strip("?!.,;:()\"'") for w in typed]
    words = [w for w in dict.fromkeys(found) if w and content(w) and plain(w) not in known]
    words.sort(key=lambda w: (-_is_short_name(w), -len(w)))
    kept = [w for w in words if plain(w) not in FILLERS | _IDLE][:EXTRA_WORDS]
    return [w for w in dict.fromkeys(_units(typed, places)) if w in places or w in kept]


def _units(typed: Sequence[str], places: set[str]) -> list[str]:
    """Return words in order, names of two words ("Haagse Hout") as one."""
    bared = [word.strip("?!.,;:()\"'") for word in typed]
    pairs = [f"{one} {two}" for one, two in zip(bared, [*bared[1:], ""], strict=True)]
    return [
        pair if pair in places else word for word, pair in zip(bared, pairs, strict=True) if word
    ]


def _is_short_name(word: str) -> bool:
    return len(word) > 1 and (word.isupper() or any(c.isdigit() for c in word))


def parts(text: str, areas: Sequence[str] = (), before: Thread | None = None) -> tuple[str, ...]:
    """Return the one or two questions in a message, each readable by itself.

    The second gets its subject from the first when it leans on it.

    Args:
        text: the message.
        areas: names of wijken and stadsdelen.
        before: the conversation before it, if any.
    """
    asked, _, situation = text.partition(_SITUATION)
    for cut in _SECOND.finditer(asked):
        one, two = asked[: cut.start()], asked[cut.end() :]
        if not (_is_question(one) and _is_question(two)):
            continue
        opened = follow(before, one, areas)
        second = _second(opened, one, two, areas)
        if second != opened.asked:
            return (_closed(opened.asked, situation), _closed(second, situation))
    return (follow(before, text, areas).asked,)


def _second(opened: Thread, one: str, two: str, areas: Sequence[str]) -> str:
    """Return the second of two questions made whole from the first."""
    if is_follow_up(two, areas):
        return follow(opened, two, areas).asked
    alone = two[len(opening(two)) :]
    # What is said before the first question holds for the second as well.
    return f"{prefix(one)} {alone}" if prefix(one) else alone


def _is_question(text: str) -> bool:
    """Tell whether a piece can be a question: it asks, and says of what."""
    text = text[len(prefix(text)) :].strip()
    typed = [plain(word) for word in text.split()]
    asking = QUESTION_WORDS.intersection(typed) or re.match(rf"(?:{_MODAL})\b", text, re.IGNORECASE)
    # "weet niet hoe en waarom": the second belongs to the same question.
    return bool(asking) and len(typed) > 1 and typed[-1] not in QUESTION_WORDS


def _closed(text: str, situation: str) -> str:
    return text.rstrip("?!.,; ") + "?" + (_SITUATION + situation if situation else "")
