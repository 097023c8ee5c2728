"""An answer model that says what a test gives it."""

from dataclasses import dataclass

from assistant.ask import Assistant
from corpus.errors import ModelUnavailable

VE = "Hoe vaak vindt het voorscholenoverleg plaats?"
BKR = "Telt een jeugdhulpmedewerker op de groep mee in de BKR?"
RISK = "Waartoe leidt het als een jeugdhulpmedewerker niet meetelt in de BKR?"
VOORLEES = "Wat doet de voorleesexpress?"
# Sentences that stand in the documents, and that the search finds for these questions.
NOW = "Het overleg vindt vier keer per jaar plaats en vormt daarmee al een stevige structuur."
PLAN = "Het overleg zal 2x per jaar plaats vinden."
RATIO = "Een jeugdhulpmedewerker op de groep telt niet mee in de BKR (Wko)."
CONFLICT = (
    "Het inzetten van een jeugdzorgmedewerker op een groep kan leiden tot conflicten over de "
    "beroepskracht/kind ratio (BKR) omdat deze professional niet meetelt in de BKR."
)
JESS = "De voorleesexpress in Leidschenveen-Ypenburg is een onderdeel van het aanbod van stichting Jess."


@dataclass
class Scripted:
    """An answer model that says what the test gives it, and then may break."""

    pieces: tuple[str, ...]
    breaks: bool = False
    name: str = "script"

    def stream(self, system, turns, max_tokens):
        yield from self.pieces
        if self.breaks:
            raise ModelUnavailable(model=self.name, reason="de server is gestopt")

    def warm_up(self, system, turns):
        pass


class Remembering(Assistant):
    """Searches for a question once: between most tests only the model's output differs."""

    found = {}  # noqa: RUF012  (shared by all on purpose)

    def _search(self, asked):
        key = (id(self.index), asked)
        if key not in self.found:
            self.found[key] = super()._search(asked)
        return self.found[key]


def written(assistant, question, *pieces, breaks=False):
    """All snapshots of an answer that a model with this output gives."""
    model = Scripted(pieces, breaks)
    asked = Remembering(assistant.index, assistant.embedder, model, "", assistant.reader)
    return list(asked.stream(question))


def check_answer(assistant, answer):
    """What holds for every answer with statements, whoever wrote it."""
    numbers = [c.n for c in answer.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {n for s in answer.statements for n in s.citations} == set(numbers)
    for statement in answer.statements:
        assert statement.citations
        assert "[" not in statement.text
    for c in answer.citations:
        assert c.quote == assistant.document_text(c.document)[c.start : c.end]
        assert c.quote.strip()
