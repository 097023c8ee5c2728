"""Assistant.ask: from a question to an answer that is proved by its sources."""

import logging
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import replace
from functools import cache
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

from threadpoolctl import threadpool_limits

from assistant.abstain import withhold
from assistant.answer import Answer, Citation, Statement, Timings
from assistant.answer_model import AnswerModel, Turn, open_model
from assistant.arrange import REPEATED, repeats
from assistant.compose import NOT_FOUND, SYSTEM, examples, write
from assistant.evidence import Evidence, Found, candidates, is_enough, select
from assistant.named_documents import named_documents
from assistant.place import Context, context, elsewhere, is_old, outdated
from assistant.question import Question, understand
from assistant.settings import Settings
from assistant.verify import check, strip_markers, told
from corpus.errors import ModelUnavailable, QuestionError, StoreError, WegwijzerError
from corpus.mend import Mender
from corpus.sources import Source
from index.embedder import Embedder, fingerprint
from index.search import Hit, Probe, Wanted, probe, search
from index.store import Index
from index.text import tokens

if TYPE_CHECKING:
    from index.reader import Reader

log = logging.getLogger(__name__)

# A statement, the evidence it rests on (positions), and whether it is that evidence itself.
Told = tuple[str, tuple[int, ...], bool]

ONLY_QUOTES = "Het taalmodel staat niet klaar: u krijgt letterlijke citaten."
WARM_UP_QUESTION = "Wat is inclusieve kinderopvang?"


class Assistant:
    """Answers questions over one index with one embedder and at most one answer model."""

    def __init__(
        self,
        index: Index,
        embedder: Embedder,
        model: AnswerModel | None,
        notice: str = "",
        reader: "Reader | None" = None,
    ) -> None:
        self.embedder = embedder
        self.model = model
        self.notice = notice
        self.reader = reader
        self._renewing = Lock()
        self._take(index)

    def _take(self, index: Index) -> None:
        """Answer from an index from now on."""
        self.index = index
        # An older version of a document is kept for old citations, and not searched.
        self.sources: tuple[Source, ...] = tuple(
            source for source in index.sources.values() if not source.superseded_by
        )
        # Making a mender reads the whole document, so each is made once.
        self._mender = cache(lambda id: Mender(index.documents[id].text))
        self.areas = tuple(dict.fromkeys(area for s in self.sources for area in s.areas))

    def up_to_date(self) -> "Assistant":
        """Take the index that was made since, if any, and return this assistant as it is now.

        What is returned keeps its index: another visitor's question cannot change it.
        """
        with self._renewing:
            try:
                index = self.index.newest()
                if index is not self.index:
                    self._take(index)
            except StoreError as error:
                log.error("the new index cannot be opened, the old one stays", exc_info=error)
            return copy(self)

    @classmethod
    def open(cls, settings: Settings) -> "Assistant":
        """Open the index and the models that the settings name.

        A missing answer model is no error under `auto`: the answers are quotes then.

        Raises:
            ModelMissing: the embedder, or the model that was asked for, is not prepared.
            StoreError: there is no usable index.
        """
        # The products of a question are small; threads that wait for each other cost more.
        threadpool_limits(1, user_api="blas")
        # The largest first: what loading it takes for a moment is free again after it.
        identity = fingerprint(settings.embedder, settings.cache_dir)
        index = Index.open(settings.index_dir, identity, settings.chroma_url)
        model = open_model(settings)
        embedder = Embedder.load(settings.embedder, settings.cache_dir)
        notice = ONLY_QUOTES if model is None and settings.model != "quotes" else ""
        from index.reader import Reader  # torch is loaded by now

        return cls(index, embedder, model, notice, Reader.load(embedder))

    def load_model(self, settings: Settings) -> None:
        """Load the answer model and warm it up; until then, and without it, answers are quotes."""
        try:
            self.model = open_model(settings)
        except WegwijzerError as error:
            log.error("the answer model cannot be loaded", exc_info=error)
        self.notice = "" if self.model else ONLY_QUOTES
        self.warm_up()

    def warm_up(self) -> None:
        """Pay for the first use of the models before a user waits for it."""
        next(self.stream(WARM_UP_QUESTION))  # the quotes
        if self.model is not None:
            try:
                self.model.warm_up(SYSTEM, examples())
            except ModelUnavailable as error:
                log.error("the answer model does not answer yet: %s", error)

    def ask(self, question: str, history: Sequence[Turn] = (), area: str | None = None) -> Answer:
        """Return the whole answer; see `stream`."""
        *_, last = self.stream(question, history, area)
        return last

    def retrieve(
        self, question: str, history: Sequence[Turn] = (), area: str | None = None
    ) -> tuple[Hit, ...]:
        """Return the ranked passages for a question, without answering it."""
        asked = understand(question, history, self.areas, area)
        return self._search(asked)[1]

    def candidates(self, question: str) -> list[Evidence]:
        """Return the sentences that a search brings for a question, those most like it first."""
        asked = understand(question, (), self.areas, None)
        probes, hits = self._search(asked)
        return candidates(self.index, probes, asked, hits)

    def stream(
        self, question: str, history: Sequence[Turn] = (), area: str | None = None
    ) -> Iterator[Answer]:
        """Yield the answer as it grows: first the quotes, then checked sentences, then the whole.

        Errors come as an answer with status "error" and never as an exception,
        so that whoever shows it can go on.

        Args:
            question: as typed.
            history: the turns of this conversation before it, oldest first.
            area: the area chosen beside the chat, if any.
        """
        started = perf_counter()
        try:
            yield from self.up_to_date()._stream(question, history, area, started)
        except WegwijzerError as error:
            if not isinstance(error, QuestionError):
                log.error("answering failed", exc_info=error)
            yield _failed(question, f"{error} {error.advice}", started)
        except Exception:  # the edge: a fault of ours must not end a conversation
            log.exception("answering failed")
            sorry = "Er ging iets mis in Wegwijzer. Stel de vraag opnieuw."
            yield _failed(question, sorry, started)

    def _stream(
        self, text: str, history: Sequence[Turn], area: str | None, started: float
    ) -> Iterator[Answer]:
        asked = understand(text, history, self.areas, area)
        if asked.misuse:
            answer = self._withheld(asked, Found(()))
            yield replace(answer, confidence=None, timings_ms=_timings(started))
            return
        probes, hits = self._search(asked)
        timings = _timings(started)
        found = select(self.index, probes, asked, hits, self.reader)
        evidence = found.evidence
        searched = asked.search if asked.search != asked.text else ""
        if not is_enough(asked, found):
            answer = replace(self._withheld(asked, found), searched=searched, hits=hits)
            yield replace(answer, timings_ms=_whole(timings, started))
            return
        quotes = self._quotes(text, evidence)
        timings = replace(timings, first=_ms(started))
        quotes = replace(
            quotes,
            searched=searched,
            hits=hits,
            message=self.notice,
            confidence=found.confidence if self.reader else None,
        )
        model = self.model
        whole = _whole(timings, started, first=False)
        quotes = replace(quotes, timings_ms=whole, final=model is None)
        yield quotes
        if model is not None:
            yield from self._written(model, asked, evidence, quotes, started)

    def _search(self, asked: Question) -> tuple[tuple[Probe, ...], tuple[Hit, ...]]:
        """Search for each question in the question; a passage keeps its best score."""
        named = named_documents(asked.search, self.sources)
        wanted = Wanted(asked.areas, named)
        probes, best = [], dict[str, Hit]()
        for part in asked.parts:
            probes.append(probe(self.index, self.embedder.encode_query(part), part, asked.places))
            for hit in search(self.index, probes[-1], part, wanted):
                id = hit.passage.id
                best[id] = max(best.get(id, hit), hit, key=lambda h: h.score)
        hits = sorted(best.values(), key=lambda hit: (-hit.score, hit.passage.id))
        return tuple(probes), tuple(hits)

    def _withheld(self, asked: Question, found: Found) -> Answer:
        """Return what is told instead of an answer."""
        held = withhold(asked, found, self.index.sources, self.areas, self._found)
        return Answer(
            asked.text,
            held.status,
            message=held.message,
            nearest=self._cited(held.nearest),
            helpers=self._cited(held.helpers),
            confidence=found.confidence if self.reader else None,
        )

    def _found(self, asked: Question) -> Found:
        """Return the evidence for a question."""
        probes, hits = self._search(asked)
        return select(self.index, probes, asked, hits, self.reader)

    def _written(
        self,
        model: AnswerModel,
        asked: Question,
        evidence: Sequence[Evidence],
        quotes: Answer,
        started: float,
    ) -> Iterator[Answer]:
        """Yield the model's sentences as they pass the check, at last with the quotes left out.

        When no sentence passes, the quotes stay.
        """
        answer = quotes
        kept: list[Told] = []
        dropped = 0
        try:
            for sentence in write(model, asked.search, evidence):
                statement = strip_markers(sentence)
                if statement == NOT_FOUND or any(repeats(statement, text) for text, _, _ in kept):
                    continue
                verdict = check(statement, evidence)
                if not verdict.supported:
                    dropped += 1
                    log.info("statement dropped: %s", verdict.reason)
                    continue
                # Of a quote that the model cut, the rest may be what limits it.
                text = evidence[verdict.evidence[0]].text if verdict.verbatim else statement
                if (text, verdict.evidence, verdict.verbatim) in kept:
                    continue
                kept.append((text, verdict.evidence, verdict.verbatim))
                answer = self._told(quotes, kept, evidence, model.name)
                yield replace(answer, final=False)
        except ModelUnavailable as error:
            # Without its cause: a server's message may repeat the question.
            log.error("the answer model failed: %s", error)
            answer = replace(answer, message=f"{error} {error.advice}")
        log.info("statements kept %d, dropped %d", len(kept), dropped)
        if kept:
            # What a small model leaves out is often what was asked.
            whole = self._told(quotes, [*kept, *_left_out(kept, evidence)], evidence, model.name)
            answer = replace(whole, message=answer.message)
        yield replace(
            answer, timings_ms=_whole(quotes.timings_ms, started, first=False), final=True
        )

    def _quotes(self, question: str, evidence: Sequence[Evidence]) -> Answer:
        """Return the evidence itself as the answer, each quote a statement."""
        kept = [_quoted(n, piece) for n, piece in enumerate(evidence)]
        return self._told(Answer(question, "answered"), kept, evidence, "quotes")

    def _told(
        self,
        answer: Answer,
        kept: Sequence[Told],
        evidence: Sequence[Evidence],
        model: str,
    ) -> Answer:
        """Return the kept statements, with the evidence they use numbered without gaps."""
        used = list(dict.fromkeys(n for _, numbers, _ in kept for n in numbers))
        number = {old: new for new, old in enumerate(used, start=1)}
        citations = tuple(self._cite(number[n], evidence[n]) for n in used)
        return replace(
            answer,
            statements=tuple(
                Statement(
                    text,
                    tuple(sorted(number[n] for n in numbers)),
                    "verbatim" if is_quote else "supported",
                )
                for text, numbers, is_quote in _label_once(kept, evidence)
            ),
            citations=citations,
            model=model,
            warnings=outdated(self.index, citations),
        )

    def _cited(self, evidence: Sequence[Evidence]) -> tuple[Citation, ...]:
        """Return the citations of all evidence, numbered from one."""
        return tuple(self._cite(n, e) for n, e in enumerate(evidence, start=1))

    def _cite(self, n: int, evidence: Evidence) -> Citation:
        passage = evidence.hit.passage
        source = self.index.sources[passage.document]
        document = self.index.documents[passage.document]
        return Citation(
            n=n,
            document=source.id,
            title=source.title,
            section=" › ".join(passage.section),
            page=document.page_at(evidence.start),
            quote=document.text[evidence.start : evidence.end],
            start=evidence.start,
            end=evidence.end,
            url=source.url,
            readable=evidence.text,
            label=evidence.label,
            year=source.year,
            also=elsewhere(document, evidence),
        )

    def is_old(self, citation: Citation) -> bool:
        """Tell whether a document was changed, replaced or removed since it was cited."""
        return is_old(self.index, citation)

    def context(self, citation: Citation) -> Context:
        """Return the quote of a citation within the text around it, readable."""
        with self._renewing:
            index, mender = self.index, self._mender
        return context(index, mender, citation)

    def document_text(self, document: str) -> str:
        """Return the stored text of a document: what quotes are cut from."""
        return self.index.documents[document].text


def _quoted(n: int, piece: Evidence) -> Told:
    return piece.text, (n,), True


def _left_out(kept: Sequence[Told], evidence: Sequence[Evidence]) -> Iterator[Told]:
    """Yield the evidence that no kept statement tells, as quotes."""
    said = [set(tokens(text)) for text, _, _ in kept]
    for n, piece in enumerate(evidence):
        terms = set(tokens(piece.text))
        if all(len(terms & statement) < REPEATED * len(terms) for statement in said):
            yield _quoted(n, piece)


def _label_once(kept: Sequence[Told], evidence: Sequence[Evidence]) -> Iterator[Told]:
    """Yield each statement, a quote with its label in front unless the one before has it too."""
    before = ""
    for text, numbers, is_quote in kept:
        piece = evidence[numbers[0]]
        label = piece.hit.passage.document + piece.label if is_quote else ""
        yield (told(piece) if is_quote and label != before else text), numbers, is_quote
        before = label


def _failed(question: str, message: str, started: float) -> Answer:
    return Answer(question, "error", message=message, timings_ms=_timings(started))


def _ms(started: float) -> float:
    return (perf_counter() - started) * 1000


def _timings(started: float) -> Timings:
    now = _ms(started)
    return Timings(retrieve=now, first=now, total=now)


def _whole(timings: Timings, started: float, first: bool = True) -> Timings:
    now = _ms(started)
    return replace(timings, first=now if first else timings.first, total=now)
