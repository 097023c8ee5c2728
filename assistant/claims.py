"""What a Dutch sentence claims beside its words: numbers, names, denials, duties, amounts, limits."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

from index.text import STOP_WORDS, fold, stem, words


def _classes(**forms: str) -> dict[str, str]:
    """Return the class of each word; `_` stands for the space in forms of two words."""
    return {word.replace("_", " "): name for name, text in forms.items() for word in text.split()}


NEGATIONS = frozenset("niet geen nooit niemand niets nergens noch zonder nauwelijks".split())
# Strength of a duty: what a source says of it must be told, and no other.
DUTIES = _classes(
    moet="moet moeten moest moesten verplicht verplichte verplichting plicht dient dienen vereist vereiste",
    mag="mag mogen mocht toegestaan toestaan",
    kan="kan kun kunt kunnen kon konden mogelijk",
    hoeft="hoeft hoeven",
    zou="zou zouden",
    advies="adviseert geadviseerd aanbevolen aanbevelen bevelen beveelt aanraden",
    wens="belangrijk wenselijk voorkeur idealiter wil willen pleit pleiten streeft streven gestreefd"
    " beoogt beogen beoogd voorgesteld voorstellen",
)
# Nouns that may be told as a duty, but need not be.
_DUTY_NOUNS = _classes(
    kan="mogelijkheid mogelijkheden",
    advies="advies adviseren aanbeveling aanbevelingen",
    wens="voorstel plan",
)
# How much or how often; "all" may be left out, the others weaken and may not.
AMOUNTS = _classes(
    all="alle allemaal elk elke ieder iedere iedereen altijd steeds telkens overal volledig",
    most="meeste meestal grotendeels overgrote merendeel voornamelijk hoofdzakelijk",
    many="veel vele vaak regelmatig dikwijls",
    some="sommige sommigen soms enkele een_aantal af_en_toe deels gedeeltelijk",
    few="weinig zelden",
    about="ongeveer circa ca plusminus",
    nearly="bijna vrijwel nagenoeg haast",
    least="minstens minimaal minimum tenminste ten_minste meer_dan ruim",
    most_of="hoogstens maximaal maximum hooguit ten_hoogste minder_dan",
    only="alleen uitsluitend slechts enkel",
)
# "Niet alleen X, maar ook Y" says both; "niet alle" is an amount, and no denial of the rest.
_NOT_ONLY = re.compile(r"\bniet (?:alleen|slechts|enkel|uitsluitend)\b(?=.*\bmaar\b)", re.DOTALL)
_ALL = "|".join(word for word, name in AMOUNTS.items() if name == "all")
_NOT_ALL = re.compile(rf"\bniet (?:{_ALL})\b")
_AMOUNT = re.compile(rf"\b(?:niet (?:{_ALL})|{'|'.join(sorted(AMOUNTS, key=len, reverse=True))})\b")

_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien "
        "zestien zeventien achttien negentien twintig".split()
    )
    if word != "een"  # also the article
} | {"half": "0,5", "halve": "0,5", "anderhalf": "1,5", "tweeënhalf": "2,5"}
_ONE = frozenset("een één eens eenmaal".split())
_NAME = re.compile(r"(?<!\w)\w*[A-ZÀ-Þ][\w’'+&-]*")
_DATES = frozenset(
    "januari februari maart april mei juni juli augustus september oktober november december "
    "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag".split()
)

_UNITS = _classes(
    minuut="minuut minuten",
    uur="uur uren",
    dag="dag dagen dagelijks dagelijkse",
    week="week weken wekelijks wekelijkse",
    maand="maand maanden maandelijks maandelijkse",
    kwartaal="kwartaal kwartalen",
    jaar="jaar jaren jaarlijks jaarlijkse",
)
_PER = re.compile(
    rf"\b(per|elke|elk|iedere|ieder)\s+(?:(?:\d+|{'|'.join(_NUMBER_WORDS)})\s+)?(\w+)"
)
# A unit stands within so many words of its number: "10 tot 20 minuten".
_TO_UNIT = 3

# Where a clause begins: after a comma outside a number, at brackets around words, at a conjunction.
_LIMITS = "wanneer indien mits tenzij zolang behalve ingeval voorzover uitgezonderd totdat".split()
_JOINTS = "maar want omdat doordat zodat waardoor terwijl waarbij waarin hoewel".split()
_CUT = re.compile(
    r"(?:[;:]|,(?!\d)|\s[–-]\s|\b(?=en (?:is|wordt|worden|heeft|hebben|kan|kunnen|moet|moeten|mag|mogen)\b)"
    r"|\b(?=dan (?:is|wordt|worden|heeft|hebben|kan|kunnen|moet|moeten|mag|mogen)\b)"
    rf"|\b(?=(?:{'|'.join([*_LIMITS, *_JOINTS])}|voor zover|als|zonder|die)\b))",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"(?<!\w)\(([^()]*)\)(?!\w)")
# Before a condition these say that it is not the only one: "vooral als", "of wanneer".
_NO_LIMIT = frozenset(
    "vooral zeker juist ook zelfs bijvoorbeeld name zoals net zowel en of".split()
)
# "Als" is a condition before these and a plural ("als ouders"), not in "zien als een kans".
_SUBJECTS = frozenset(
    "de het een er dit dat deze die je u we wij zij ze hij iemand niemand iedereen ieder elk alle beide iets alles daar daarvoor hun".split()
)
_SEEN = frozenset("gezien beschouwd ervaren benoemd gebruikt ingezet beschreven genoemd".split())
_FINITE = frozenset(
    "is was wordt werd werden kwam had heeft doet gebeurt gaat komt staat blijkt ziet biedt geeft".split()
) | set(DUTIES)
_INFINITIVES = frozenset(["zijn", "worden", "hebben"])
_VERBS = _FINITE | _INFINITIVES | {"waren", "geldt"}
# In "t", and no verb: nouns such as recht and dienst, participles such as ingezet.
_NO_VERB = re.compile(r"niet|\w*(?:ch|c|ns|ge)t|\w{0,5}ge\w+t")
# "Iedere organisatie die ..." is not every organisation.
_EVERY = re.compile(rf"\b(?:{_ALL})(?:\s[\w-]+){{1,2}}\s*$")
_AND = re.compile(r"\ben\b")
_LINKS = frozenset(
    "bovendien daarnaast daarbij daarmee hierbij hiermee hierdoor daardoor daarom dus echter wel".split()
)


@dataclass(frozen=True)
class Clause:
    """A part of a sentence with what it claims.

    `content` are the stems of the words that carry its subject, `first` is the first of
    them. Each of the `amounts` comes with the stems of the words beside it. A clause that
    `limits` is a condition or exception of its sentence.
    """

    text: str
    content: frozenset[str]
    first: str
    negations: int
    duties: frozenset[str]
    amounts: tuple[tuple[str, frozenset[str]], ...]
    limits: bool


def clauses(text: str) -> tuple[Clause, ...]:
    """Cut a sentence into its clauses, those without a word of content left out."""
    text = _NOT_ONLY.sub("", fold(text))
    asides = [_clause(aside, _limits(aside, "", "")) for aside in _ASIDE.findall(text)]
    text = _ASIDE.sub("", text)
    cuts = [0, *(match.end() for match in _CUT.finditer(text)), len(text)]
    parts = [text[start:end] for start, end in pairwise(cuts)]
    found: list[Clause] = []
    for n, part in enumerate(parts):
        before = "".join(parts[:n])
        limits = _limits(part, before, "".join(parts[n + 1 :]))
        goes_on = not _opens(part, before) and not before.endswith((";", ":"))
        if found and goes_on and not limits and not _has_own_verb(part, found[-1]):
            # An item of a list, or "als" in "zowel ... als": the clause goes on.
            found[-1] = _clause(found[-1].text + part, found[-1].limits)
        elif words(part):
            found += [_clause(half, limits) for half in _halves(part)]
    return tuple(clause for clause in [*found, *asides] if clause.content)


def _has_own_verb(part: str, before: Clause) -> bool:
    """Tell whether a part has a verb that does not go with a duty said before it.

    "..., de scholen niet" has the verb of what went before, and denies it.
    """
    if words(part)[-1:] in (["niet"], ["wel"]):
        return True
    return _has_verb([w for w in words(part) if not before.duties or w not in _INFINITIVES])


def _halves(part: str) -> list[str]:
    """Return the two clauses of a part in which "en" joins two, each with its own verb."""
    for joint in _AND.finditer(part):
        left, right = part[: joint.start()], part[joint.start() :]
        if _has_verb(words(left)) and _FINITE.intersection(words(right)):
            return [left, right]
    return [part]


def _clause(text: str, limits: bool) -> Clause:
    content = [stem(word) for word in words(text) if _is_content(word)]
    return Clause(
        text,
        frozenset(content),
        content[0] if content else "",
        negations(text),
        duties(text),
        amounts(text),
        limits,
    )


def _is_content(word: str) -> bool:
    return not any(word in known for known in (STOP_WORDS, NEGATIONS, DUTIES, AMOUNTS, _LINKS))


def _limits(part: str, before: str, after: str) -> bool:
    """Tell whether a part of a sentence is a condition or exception of the rest."""
    if words(after)[:1] == ["dan"]:
        return True
    return _opens(part, before) and not _NO_LIMIT.intersection(words(before)[-1:])


def _opens(part: str, before: str) -> bool:
    """Tell whether a part has the form of a condition: by the word that it begins with."""
    used = words(part)
    opener = used[0] if used else ""
    if opener == "als":
        return _is_condition(used, before)
    if opener == "zonder":
        return negations(before) > 0
    if opener == "die":
        return _EVERY.search(before) is not None
    return opener in _LIMITS or part.startswith("voor zover")


def _is_condition(used: Sequence[str], before: str) -> bool:
    """Tell whether "als" begins a condition, and not "als een kans" or "zowel ... als"."""
    subject = used[1] if len(used) > 2 else ""
    if subject == "een" and before.strip() and not before.rstrip().endswith((",", ";", ":")):
        return False
    starts = subject in _SUBJECTS or subject.endswith(("en", "s"))
    has_verb = _has_verb(used[2:]) or any(len(w) > 3 and w.endswith("en") for w in used[2:])
    return starts and has_verb and not _SEEN.intersection(used)


def _has_verb(used: Sequence[str]) -> bool:
    """Guess whether there is a verb among words: known, or in the form of the third person."""
    return any(
        word in _VERBS or (len(word) > 3 and word.endswith("t") and not _NO_VERB.fullmatch(word))
        for word in used
    )


def negations(text: str) -> int:
    """Return how often a text denies something; "niet alle" is an amount."""
    bare = _NOT_ALL.sub("", _NOT_ONLY.sub("", fold(text)))
    return sum(word in NEGATIONS for word in words(bare))


def duties(text: str) -> frozenset[str]:
    """Return the strengths of duty in a text: moet, mag, kan, hoeft, zou, advies, wens."""
    used = ("kunnen" if word.endswith("kunnen") else word for word in words(text))
    return frozenset(DUTIES[word] for word in used if word in DUTIES)


def possible_duties(text: str) -> frozenset[str]:
    """Return the strengths of duty that a text may be told with: also those of its nouns."""
    return duties(text) | {_DUTY_NOUNS[word] for word in words(text) if word in _DUTY_NOUNS}


def amounts(text: str) -> tuple[tuple[str, frozenset[str]], ...]:
    """Return how much or how often a text says that something is so.

    As classes, each with the stems of what stands beside it: that many, or that often.
    """
    bare = _NOT_ONLY.sub("", fold(text))
    found = []
    for match in _AMOUNT.finditer(bare):
        kind = "not all" if match.group().startswith("niet") else AMOUNTS[match.group()]
        sides = (words(bare[: match.start()])[::-1], words(bare[match.end() :]))
        near = (next((w for w in side if _is_content(w) and w not in _VERBS), "") for side in sides)
        found.append((kind, frozenset(stem(word) for word in near if word)))
    return tuple(found)


def numbers(text: str) -> frozenset[str]:
    """Return the numbers of a text as digits: "2x", "twee" and "2" are all "2"."""
    return frozenset(number for word in words(text) for number in _numbers_in(word))


def _numbers_in(word: str) -> list[str]:
    if word in _NUMBER_WORDS:
        return [_NUMBER_WORDS[word]]
    return re.findall(r"\d+(?:[.,]\d+)*", word)


def ones(text: str) -> frozenset[str]:
    """Return {"1"} when a text says one in words, which may also be the article."""
    return frozenset({"1"} if _ONE.intersection(words(text)) else ())


def units(text: str) -> frozenset[tuple[str, str]]:
    """Return the numbers of a text with their unit of time, and what is counted per unit."""
    used = words(text)
    found = {
        ("per", _UNITS.get(word, stem(word)))
        for each, word in _PER.findall(fold(text))
        if each == "per" or word in _UNITS
    }
    for n, word in enumerate(used):
        if word in _UNITS and word.endswith(("lijks", "lijkse")):
            found.add(("per", _UNITS[word]))
        if word in _UNITS and used[max(n - 1, 0)] in _ONE:
            found.add(("1", _UNITS[word]))
        unit = next((_UNITS[w] for w in used[n + 1 : n + 1 + _TO_UNIT] if w in _UNITS), "")
        found |= {(number, unit) for number in _numbers_in(word) if unit}
    return frozenset(found)


def names(text: str) -> frozenset[str]:
    """Return the words of names in a text, folded.

    Capitals past the first word, abbreviations anywhere, months and days.
    """
    found: set[str] = {word for word in words(text) if word in _DATES}
    for match in _NAME.finditer(text):
        word = match.group()
        first = not text[: match.start()].rstrip(" \"'“‘([").rstrip()
        after_stop = text[: match.start()].rstrip().endswith((".", "!", "?", ":"))
        if (first or after_stop) and not any(c.isupper() for c in word[1:]):
            continue
        found.update(fold(part) for part in words(word))
    return frozenset(found)


# What belongs to a number stands with it between these; "2 en 6" is one range.
_NEAR = re.compile(r"[;:]|,(?!\d)|(?<!\d)\s(?:en|of|maar|terwijl)\s|\s(?:en|of)\s(?!\d)")
_RANGE = frozenset("tot en of met t m".split())


def companions(text: str) -> Iterator[tuple[str, frozenset[str]]]:
    """Yield each number of a text with the stems of the words that it is nearest to."""
    for part in _NEAR.split(fold(text)):
        used = words(part)
        ranges: list[list[int]] = []
        for n in (n for n, word in enumerate(used) if _numbers_in(word)):
            if ranges and all(word in _RANGE for word in used[ranges[-1][-1] + 1 : n]):
                ranges[-1].append(n)
            else:
                ranges.append([n])
        beside: list[set[str]] = [set() for _ in ranges]
        for n, word in enumerate(used):
            if ranges and _is_content(word) and not _numbers_in(word):
                near = min(range(len(ranges)), key=lambda r: min(abs(n - at) for at in ranges[r]))
                beside[near].add(stem(word))
        for at, near_by in zip(ranges, beside, strict=True):
            for number in (number for n in at for number in _numbers_in(used[n])):
                yield number, frozenset(near_by)


_PREPOSITIONS = frozenset(
    "aan als bij dan dat door in met naar om onder op over tegen tot tussen uit van vanuit via voor".split()
)
_DETERMINERS = frozenset("de het een deze dit die hun zijn haar".split())
_PASSIVE = frozenset("worden wordt werd werden".split())
_BEFORE_NOUNS = _PREPOSITIONS | _DETERMINERS | set(DUTIES) | {"en", "of", "geen"}


# The place of the subject, as far as words tell.
FIRST = "first"


def is_passive(text: str) -> bool:
    """Tell whether something is done in a text, and not said who does it before the verb."""
    return not _PASSIVE.isdisjoint(words(text))


def governors(text: str) -> dict[str, str]:
    """Return for each stem that stands once the preposition or conjunction before it.

    Without one it is FIRST before the first verb and "" after it.
    """
    used = words(text)
    stems = [stem(word) for word in used]
    verb = next((n for n, word in enumerate(used) if _has_verb([word])), 0)
    if used[:1] and used[0] in _PREPOSITIONS.union(_LIMITS, _JOINTS):
        verb = 0
    found = {}
    for n, word in enumerate(used):
        if not _is_content(word) or stems.count(stems[n]) > 1:
            continue
        back = n - 1
        while back >= 0 and used[back] in _DETERMINERS:
            back -= 1
        before = used[back] if back >= 0 and used[back] in _PREPOSITIONS else ""
        found[stems[n]] = before or (FIRST if n < verb else "")
    return found


def replaced(statement: str, source: str) -> Iterator[str]:
    """Yield the nouns of a statement that stand where the source has another one.

    A noun, as far as words tell: it follows the same article or preposition as the other,
    and no word of content follows that it could describe.
    """
    ours, theirs = words(statement), words(source)
    for kind, a, a_end, b, b_end in SequenceMatcher(
        None, theirs, ours, autojunk=False
    ).get_opcodes():
        if kind != "replace" or (a_end - a, b_end - b) != (1, 1) or not a or not b:
            continue
        before, after = ours[b - 1], ours[b_end : b_end + 1]
        if (
            before in _BEFORE_NOUNS
            and _is_content(ours[b])
            and not any(_is_content(word) for word in after)
        ):
            yield ours[b]
