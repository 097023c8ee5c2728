"""Evidence -> text: the Dutch prompt, and the sentences that the model writes."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from assistant.answer_model import AnswerModel, Turn
from assistant.evidence import Evidence
from assistant.verify import told

# What is said when the documents do not hold the answer: by the prompt, the
# assistant, the tests and the evals.
NOT_FOUND = "Dat staat niet in de documenten."
# What the model reads and writes decides how long a user waits: on two cores about
# 100 tokens a second are read and 16 written, and a Dutch word takes two tokens.
SENTENCES_READ = 3
WORDS_READ = 50
SENTENCES_WRITTEN = 3
MAX_TOKENS = 80

SYSTEM = f"""Je beantwoordt vragen van mensen in de kinderopvang. Je krijgt een vraag en genummerde zinnen uit documenten.
Schrijf één tot drie korte zinnen in eenvoudig Nederlands.
Gebruik alleen wat in de genummerde zinnen staat. Neem namen, getallen en de woorden niet, geen, moet, mag en kan precies over.
Zet achter elke zin het nummer van de zin die het zegt.
Staat het antwoord er niet in, schrijf dan alleen: {NOT_FOUND}"""

# Worked examples, about another subject than any document, so that nothing of
# them can leak into an answer unseen.
_EXAMPLES = (
    (
        "mag de fiets mee in de bus",
        (
            "Fietsen in het vervoer: Een fiets mag niet mee in de bus.",
            "Fietsen in het vervoer: Een vouwfiets mag gratis mee als hij is ingeklapt.",
            "Reizigers kunnen hun fiets stallen bij het station.",
        ),
        "Een fiets mag niet mee in de bus. [1] Een vouwfiets mag gratis mee als hij is ingeklapt. [2]",
    ),
    (
        "wie repareert de lantaarn in onze straat?",
        (
            "Wijkbeheer: Wijkbeheer herstelt lantaarns en losse tegels.",
            "Bewoners kunnen een kapotte lantaarn melden bij Wijkbeheer aan de Havenkade 4.",
        ),
        "Wijkbeheer herstelt lantaarns. [1] U kunt de lantaarn melden bij Wijkbeheer aan de Havenkade 4. [2]",
    ),
)

# The end of a sentence, with its closing quotes and markers, once something follows:
# a marker or the rest of a number may still have to come.
_END = re.compile(r"(?<=[.!?])[\"”’)]*(?:\s*\[[\d\s,;–-]+\])*(?=\s+[^\s\[])|\n+(?=\S)")
_ABBREVIATION = re.compile(r"\b(?:bijv|evt|nr|art|dr|mr|ca|enz|(?:\w\.)+\w)\.$")


def prompt(question: str, evidence: Sequence[str]) -> str:
    """Return the last turn: the question and the numbered sentences it may use."""
    numbered = "\n".join(f"[{n}] {text}" for n, text in enumerate(evidence, start=1))
    return f"Vraag: {question}\nZinnen:\n{numbered}"


def examples() -> list[Turn]:
    """Return the worked examples as turns; with SYSTEM the unchanged start of every prompt."""
    turns = []
    for question, evidence, answer in _EXAMPLES:
        turns += [Turn("user", prompt(question, evidence)), Turn("assistant", answer)]
    return turns


def write(model: AnswerModel, question: str, evidence: Sequence[Evidence]) -> Iterator[str]:
    """Yield the sentences that the model writes, each as soon as it is whole.

    Nothing is checked here, and a last sentence that was cut off is left out.

    Raises:
        ModelUnavailable: the model does not answer.
    """
    read = [told(e) for e in evidence if e in _best(evidence)]
    turns = [*examples(), Turn("user", prompt(question, read))]
    yield from islice(_sentences(model.stream(SYSTEM, turns, MAX_TOKENS)), SENTENCES_WRITTEN)


def _best(evidence: Sequence[Evidence]) -> list[Evidence]:
    """Return the evidence with the highest scores, at least one, as far as the model reads it."""
    best: list[Evidence] = []
    words = 0
    for piece in sorted(evidence, key=lambda e: -e.score)[:SENTENCES_READ]:
        words += len(told(piece).split())
        if best and words > WORDS_READ:
            break
        best.append(piece)
    return best


def _sentences(pieces: Iterator[str]) -> Iterator[str]:
    text = ""
    for piece in pieces:
        text += piece
        *whole, text = split_whole(text)
        yield from whole
    if text.strip().endswith((".", "!", "?", "]")):
        yield text.strip()


def split_whole(text: str) -> list[str]:
    """Return the sentences of a text that are whole, and last what is not yet."""
    whole = []
    start = 0
    for end in _END.finditer(text):
        sentence = text[start : end.end()].strip()
        if sentence and not _ABBREVIATION.search(sentence):
            whole.append(sentence)
            start = end.end()
    return [*whole, text[start:]]
