"""A follow-up made whole: what it leaves unsaid is taken from the conversation, and no more."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from assistant.areas import area_spans, moved
from assistant.mentioned import first_name, first_thing
from assistant.topic import prefix, thing, topic
from assistant.wording import (
    ATTRIBUTES,
    COMMON_VERBS,
    PREPOSITIONS,
    QUESTION_WORDS,
    SUBORDINATE,
    asks,
    bare,
    content,
    is_courtesy,
    opening,
    plain,
    pointing,
    stands_for,
)

# A question of more content words than this stands on its own, though it may say "dat".
FOLLOW_UP_WORDS = 4
# Without anything that points back, a fragment of more words stands on its own.
FRAGMENT_WORDS = 4
# A question of fewer content words has its subject elsewhere.
FEW_WORDS = 3

# Questions about the answer itself ask the last question again.
_ABOUT_ANSWER = frozenset(
    """
    korter kort korte bron bronnen vindplaats pagina bladzijde bladzij link citaat letterlijk leg
    uitleggen uitleg uitgelegd simpeler simpel eenvoudiger eenvoudig makkelijker duidelijker
    begrijp snap herhaal herhalen samenvatten samenvatting opnieuw verder zeker klopt langer
    uitgebreider document documenten vandaan baseer gebaseerd bewijs
    """.split()
)
_BESIDE_IT = frozenset(
    """
    antwoord woorden zin zinnen gewone gewoon makkelijke eenvoudige simpele andere eigen taal nederlands vertel toon laat zien handreiking
    gebiedsplan presentatie plan stuk tekst stukje uit weer anders zeggen zeg geen letterlijke
    precieze staan staat geleerd puntsgewijs keer welke
    """.split()
)
_ABOUT_ANSWER_SAID = re.compile(
    r"\b(waar|in welke?|op welke?)\b.{0,20}\bsta(at|an)\b|\bhoe (weet|kom) (je|u)\b"
    r"|\b(gewone|makkelijke|eenvoudige|simpele|andere|eigen) (taal|woorden|nederlands)\b"
    r"|\bin (1|een|één|twee|drie|\d) (zin|zinnen|woorden)\b|\bin het kort\b"
    r"|^(en )?(nog )?meer\b|\b(vertel|geef|weet)\b.{0,20}\bmeer\b|\bzijn er (nog )?meer\b",
    re.IGNORECASE,
)
_NEW_SUBJECT = re.compile(
    r"^(?:wat|wie) (?:is|zijn|betekent|betekenen|doet|doen) (?!de\b|het\b|t\b|dat\b|die\b|dit\b)",
    re.IGNORECASE,
)
# "duurder dan" compares; any other "dan" is: with what was said just now.
_THEN = re.compile(r"(?<!\w\wer )(?<!anders )\bdan\b", re.IGNORECASE)
# Asks for what is set beside the subject: "het verschil met niveau 3", "wat als ouders nee zeggen".
_BESIDE = re.compile(r"\bverschil(?:len)? met\b|^wat als\b", re.IGNORECASE)
_THAT_OF = re.compile(
    r"^(en )(?:(?:in|bij|voor|van) )?(?:die|dat) (?=(?:van|in|uit) )", re.IGNORECASE
)
# "en welke scholen?" after "welke organisaties doen mee?"
_WHICH = re.compile(r"(?:welke?|hoeveel) [\w'’-]+", re.IGNORECASE)
_GROUPS = re.compile(
    r"\b(?:ouders?|vaders?|moeders?|baby'?s?|dreumes(?:en)?|peuters?|kleuters?|schoolkinderen"
    r"|leidsters?|medewerkers?|collega'?s|gemeenten?|scholen|kwartiermakers?|wethouders?"
    r"|beleidsmedewerkers?|gastouders?|bso|kinderdagverblijven|peuterspeelzalen)\b",
    re.IGNORECASE,
)
# Who is pointed at as a person or organisation; plural forms keep their own word for the grammar.
_WHO = frozenset("die hij hen hun hem ze zij daar".split())
_ONE = frozenset("dat dit die deze hem hij".split())
_PLURAL = frozenset("ze zij hun daar".split())
_ASKS_WHO = re.compile(r"\b(?:wie|welke?|waar|waarheen)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Thread:
    """What a conversation is about.

    `asked` is the last question, made whole; `base` the last that stood on its
    own, with what was replaced in it since; `answer` is what was said last.
    """

    asked: str
    base: str
    answer: str = ""


def follow(thread: Thread | None, text: str, areas: Sequence[str]) -> Thread:
    """Return the conversation after a question: `asked` is that question made whole."""
    text = " ".join(text.split())
    if thread is None or not is_follow_up(text, areas):
        return Thread(text, text)
    if is_about_answer(text, areas) or is_courtesy(bare(text)):
        return replace(thread, answer="")
    text = _THAT_OF.sub(r"\1", text)
    if _is_fragment(text, areas):
        return _swapped(thread, bare(text), areas)
    return _joined(thread, text, areas)


def is_follow_up(text: str, areas: Sequence[str]) -> bool:
    """Tell whether a question leans on the one before it."""
    about = content(_without(text, area_spans(text, areas)), areas)
    if is_about_answer(text, areas):
        return True
    if len(about) > FOLLOW_UP_WORDS or prefix(text):
        return False
    asked = bare(text)
    if not about or pointing(text):
        return True
    if opening(text):
        return not _NEW_SUBJECT.search(asked)
    return _is_short(text, asked, about)


def is_about_answer(text: str, areas: Sequence[str]) -> bool:
    """Tell whether a question is about the last answer: its source, its length, its words."""
    rest = [word for word in content(text, areas) if word not in _ABOUT_ANSWER]
    if any(word not in _BESIDE_IT and not word.isdigit() for word in rest) or area_spans(
        text, areas
    ):
        return False
    spoken = {plain(word) for word in text.split()}
    return bool(spoken & _ABOUT_ANSWER) or bool(_ABOUT_ANSWER_SAID.search(text))


def _is_short(text: str, asked: str, about: Sequence[str]) -> bool:
    """Tell whether a question without a word that points back is too short to stand alone."""
    typed = [plain(word) for word in asked.split()]
    if _THEN.search(text) and "als" not in typed:
        return len(about) < FEW_WORDS
    if _BESIDE.search(text):
        return True
    if all(word in ATTRIBUTES or _GROUPS.fullmatch(word) for word in about):
        if len(typed) == 1 or typed[0] in COMMON_VERBS:
            return True
        return asks(typed) and not (_NEW_SUBJECT.search(asked) or ATTRIBUTES.isdisjoint(about))
    if len(typed) > FRAGMENT_WORDS or COMMON_VERBS.intersection(typed):
        return False
    if asks(typed):
        return len(about) == 1
    return typed[0] in PREPOSITIONS and len(about) < FEW_WORDS


def _is_fragment(text: str, areas: Sequence[str]) -> bool:
    """Tell whether a follow-up only names what takes another's place: "en in Leyenburg?"."""
    typed = [plain(word) for word in bare(text).split()]
    if _is_gapped(text, areas) or _WHICH.fullmatch(bare(text)):
        return True
    if not typed or QUESTION_WORDS.intersection(typed) or COMMON_VERBS.intersection(typed):
        return False
    return not pointing(text) and bool(content(text, areas) or area_spans(text, areas))


def _is_gapped(text: str, areas: Sequence[str]) -> bool:
    """Tell whether only a place follows the question word: "en wat Ypenburg?"."""
    typed = bare(text).split()
    spans = area_spans(bare(text), areas)
    if not asks(typed[:1]) or not spans or spans[-1][1] < len(typed):
        return False
    return PREPOSITIONS.issuperset(map(plain, typed[1 : spans[0][0]]))


def _swapped(thread: Thread, new: str, areas: Sequence[str]) -> Thread:
    """Return the conversation with a place, a group or a thing replaced by another."""
    new = new.removesuffix(" ook")
    spans = area_spans(new, areas)
    typed = new.split()
    if SUBORDINATE.intersection([plain(typed[0])]) or _asks_other(typed, thread.base):
        return _joined(thread, new, areas)
    if spans and not content(_without(new, spans), areas):
        place = " ".join(typed[spans[0][0] : spans[-1][1]]).strip("?!.,")
        return _changed(thread, lambda text: moved(text, place, areas))
    if _WHICH.fullmatch(new):
        if not _WHICH.match(thread.base):
            return _joined(thread, new, areas)
        return _changed(thread, lambda text: _WHICH.sub(new, text, count=1))
    numbered = re.fullmatch(r"(\w+ )?\d+", new)
    if numbered and re.search(same := rf"\b{numbered.group(1) or ''}\d+\b", thread.base, re.I):
        return _changed(thread, lambda text: re.sub(same, new, text, count=1, flags=re.I))
    if plain(typed[0]) in PREPOSITIONS:
        return _changed(thread, lambda text: _with_phrase(text, new))
    old = thing(thread.base)
    groups = _GROUPS.search(new) and _GROUPS.search(thread.base)
    if old and not groups and not ATTRIBUTES.issuperset(content(new)):
        return _changed(thread, lambda text: _placed(text.replace(old, new), text, areas))
    if groups:
        return _changed(thread, lambda text: _GROUPS.sub(new, text, count=1))
    return _joined(thread, new, areas)


def _asks_other(typed: Sequence[str], base: str) -> bool:
    """Tell whether a fragment asks with another question word than the last whole question."""
    first = plain(typed[0])
    return first in QUESTION_WORDS and first not in map(plain, base.split())


def _changed(thread: Thread, change: Callable[[str], str]) -> Thread:
    return Thread(_question(change(bare(thread.asked))), _question(change(bare(thread.base))))


def _with_phrase(text: str, phrase: str) -> str:
    """Return a question with "voor peuters" in place of its own "voor ...", else added to it."""
    typed = text.split()
    first = plain(phrase.split()[0])
    # The first word may be part of its question word: "voor wie", "in welke wijk".
    starts = [n for n, word in enumerate(typed) if plain(word) == first and not asks(typed[n:])]
    if not starts:
        return f"{text} {phrase}"
    end = starts[-1] + 1
    while end < len(typed) and not _ends_phrase(typed, end):
        end += 1
    comma = "," if typed[end - 1].endswith(",") and end < len(typed) else ""
    return " ".join([*typed[: starts[-1]], phrase + comma, *typed[end:]])


def _ends_phrase(typed: Sequence[str], n: int) -> bool:
    """Tell whether a phrase that began with a preposition has ended before word n."""
    word = plain(typed[n])
    if typed[n - 1].endswith((",", ":", ";")) or asks(typed[n:]):
        return True
    # "van", "met" and "tussen" belong to the noun before them.
    return word in COMMON_VERBS or word in PREPOSITIONS - {"van", "met", "tussen", "tot", "over"}


def _joined(thread: Thread, text: str, areas: Sequence[str]) -> Thread:
    """Return the conversation after a question that leans on the subject of the last whole one."""
    asked = bare(text)
    base = thread.base
    spans = area_spans(asked, areas)
    if spans and area_spans(base, areas):
        place = " ".join(asked.split()[spans[0][0] : spans[-1][1]])
        base = _question(moved(bare(base), place, areas))
        thread = replace(thread, answer="")
        asked = _without(asked, spans)
    asked, known = _named(base, asked, thread.answer)
    if not known and _THEN.search(text) and not pointing(asked) and not thing(base):
        # "dan": with what was said just now.
        introduced = first_thing(thread.answer)
        asked = f"{asked} ({introduced})" if introduced else asked
    whole = "" if known else _filled(base, asked)
    if not whole:
        lead = topic(base)
        whole = f"{lead} {_lowered(asked)}" if lead else f"{bare(base)}, en {_lowered(asked)}"
    return Thread(_question(_placed(whole, base, areas)), base)


def _placed(text: str, base: str, areas: Sequence[str]) -> str:
    """Return a text with the place that the base names and the text has lost."""
    typed = bare(base).split()
    spans = area_spans(bare(base), areas)
    if not spans or area_spans(text, areas):
        return text
    return f"{text} in {' '.join(typed[spans[0][0] : spans[-1][1]]).strip(',:;')}"


def _without(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """Return a text without the places it names, and without the words that lead to them."""
    typed = text.split()
    for start, end in reversed(spans):
        while start and plain(typed[start - 1]) in {"in", "van", "uit", "voor", "en", "of", "wijk"}:
            start -= 1
        del typed[start:end]
    return " ".join(typed)


def _filled(base: str, asked: str) -> str:
    """Return a question with the thing it points to in place of "dat" or "daarvoor", or nothing."""
    old = thing(base)
    found = pointing(asked)
    if not old or len(found) != 1:
        return ""
    typed = asked.split()
    n = found[0]
    before = stands_for(typed[n])
    if not before and (plain(typed[n]) not in _ONE or _is_determiner(typed, n)):
        return ""
    typed[n] = f"{before} {old}".strip()
    return " ".join(typed)


def _is_determiner(typed: Sequence[str], n: int) -> bool:
    """Tell whether "dat" at n belongs to the noun after it: "dat overleg"."""
    may = plain(typed[n]) in {"dat", "die", "dit", "deze", "hun", "zo'n"}
    return may and n + 1 < len(typed) and bool(content(typed[n + 1]))


def _named(base: str, asked: str, answer: str) -> tuple[str, bool]:
    """Return a question with what the answer named where it points to it, and whether it does."""
    typed = asked.split()
    found = [n for n in pointing(asked) if not stands_for(typed[n])]
    if not found or _is_determiner(typed, found[0]):
        return asked, False
    n = found[0]
    word = plain(typed[n])
    name = first_name(answer) if word in _WHO and _ASKS_WHO.search(base) else ""
    if name:
        typed[n] = f"{typed[n]} ({name})" if word in _PLURAL else name
        return " ".join(typed), True
    if word in _ONE and not thing(base) and len(content(asked)) < FEW_WORDS:
        name = first_thing(answer)
        typed[n] = f"{typed[n]} ({name})" if name else typed[n]
    return " ".join(typed), bool(name)


def _lowered(text: str) -> str:
    """Return a text with a small first letter, but for abbreviations and names alone."""
    first = text.split()[0] if text else ""
    return text if first[1:] != first[1:].lower() else text[:1].lower() + text[1:]


def _question(text: str) -> str:
    return text.rstrip("?!.,; ") + "?"
