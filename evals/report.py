"""From answer records to scores, and from scores to report.json and report.md."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from evals import language, metrics
from evals.gold import Gold

RETRIEVAL = ("hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10")
ANSWERS = (
    "correct",
    "fact_recall",
    "evidence_first",
    "citation_verbatim",
    "citation_precision",
    "citation_recall",
    "false_abstention",
    "abstention",
    "dutch",
    "readability",
)
TIMES = ("retrieve", "first", "total")
_SHOWN_CHARS = 400


@dataclass(frozen=True)
class Outcome:
    """One question, its answer record and its scores; a score that does not apply is absent."""

    gold: Gold
    record: Mapping[str, Any]
    scores: Mapping[str, float]

    @property
    def failed(self) -> bool:
        """True when the answer is not right; with retrieval only, when nothing relevant was found."""
        first = ("correct", "abstention", "hit@10")
        return next((self.scores[name] < 1 for name in first if name in self.scores), False)

    @property
    def missing(self) -> list[tuple[str, ...]]:
        """The facts that the answer does not show."""
        answer = self.record["answer"]
        return [fact for fact in self.gold.facts if not metrics.fact_recall(answer, [fact])]

    @property
    def forbidden(self) -> list[str]:
        """What the answer shows and should not."""
        return [s for s in self.gold.forbidden if metrics.shows(self.record["answer"], s)]


def score(gold: Gold, record: Mapping[str, Any], text_of: Callable[[str], str]) -> dict[str, float]:
    """Return all scores of a record that apply; arguments as for `score_answer`."""
    times = record["timings_ms"]
    scores = score_retrieval(gold, record) | score_answer(gold, record, text_of)
    if record["status"] == "answered" and record["citations"]:
        scores["first_ms"] = times["first"]
    if record["status"] != "error":
        scores["total_ms"] = times["total"]
    return scores


def score_retrieval(gold: Gold, record: Mapping[str, Any]) -> dict[str, float]:
    """Score the ranked passages of a record; a question without an answer has no such scores."""
    if not gold.answerable:
        return {}
    ranking = [metrics.relevant(p["text"], gold.places) for p in record["passages"]]
    return {
        **{f"hit@{k}": metrics.hit(ranking, k) for k in (1, 5, 10)},
        "mrr@10": metrics.reciprocal_rank(ranking, 10),
        "ndcg@10": metrics.ndcg(ranking, len(gold.evidence), 10),
    }


def score_answer(
    gold: Gold, record: Mapping[str, Any], text_of: Callable[[str], str]
) -> dict[str, float]:
    """Score the answer of a record.

    Args:
        gold: the question.
        record: its answer record.
        text_of: gives the stored text of a document.
    """
    answered = record["status"] == "answered"
    silent = record["status"] in ("abstained", "refused")
    if not gold.answerable:
        return {"abstention": float(silent)} | _citation_scores(record, text_of)
    answer = metrics.without_markers(record["answer"]) if answered else ""
    recall = metrics.fact_recall(answer, gold.facts)
    wrong = any(metrics.shows(answer, s) for s in gold.forbidden)
    proved = [
        c["document"] in gold.documents and metrics.overlaps(c["quote"], gold.places)
        for c in record["citations"]
    ]
    scores = {
        "correct": float(answered and recall == 1 and not wrong and any(proved)),
        "fact_recall": recall,
        "false_abstention": float(silent),
    }
    if answered:
        scores |= {"evidence_first": float(any(proved[:1]))} | _language(answer)
    return scores | _citation_scores(record, text_of)


def _language(answer: str) -> dict[str, float]:
    found = {
        "words": float(len(answer.split())),
        "dutch": language.dutch_share(answer),
        "readability": language.readability(answer),
    }
    return {name: value for name, value in found.items() if value is not None}


def _citation_scores(record: Mapping[str, Any], text_of: Callable[[str], str]) -> dict[str, float]:
    statements, citations = record["statements"], record["citations"]
    if record["status"] != "answered" or not statements:
        return {}
    # A quote is read under its heading, so that counts as part of what it says.
    sources = {
        c["n"]: f"{c['section']}: {c['quote']}"
        for c in citations
        if metrics.is_verbatim(c, text_of(c["document"]))
    }
    return {
        "citation_verbatim": len(sources) / len(citations) if citations else 0.0,
        "citation_precision": metrics.citation_precision(statements, sources, metrics.supports),
        "citation_recall": metrics.citation_recall(statements, sources, metrics.supports),
    }


def summarise(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return the scores of all questions and per persona and kind, the times and the failures."""
    groups = {"alle": list(outcomes)}
    for field in ("persona", "kind"):
        for value in sorted({getattr(o.gold, field) for o in outcomes}):
            groups[f"{field}: {value}"] = [o for o in outcomes if getattr(o.gold, field) == value]
    return {
        "n": len(outcomes),
        "errors": sum(o.record["status"] == "error" for o in outcomes),
        "groups": {name: _group(members) for name, members in groups.items()},
        "times_ms": _times(outcomes),
        "failures": [_failure(o) for o in outcomes if o.failed],
    }


def _group(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    group: dict[str, Any] = {}
    for name in RETRIEVAL + ANSWERS:
        values = [o.scores[name] for o in outcomes if name in o.scores]
        if values:
            group[name] = asdict(metrics.interval(values))
    lengths = [o.scores["words"] for o in outcomes if "words" in o.scores]
    if lengths:
        group["words"] = {"median": median(lengths), "n": len(lengths)}
    return group


def _times(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return p50 and p95 of each time; the evidence and the answer only where there is one."""
    times = {}
    for name in TIMES:
        values = [
            o.record["timings_ms"][name]
            for o in outcomes
            if o.record["timings_ms"][name] and (name != "first" or o.record["citations"])
        ]
        if values:
            percentiles = {f"p{p}": metrics.percentile(values, p) for p in (50, 95)}
            times[name] = {**percentiles, "n": len(values)}
    return times


def _failure(outcome: Outcome) -> dict[str, Any]:
    gold, record = outcome.gold, outcome.record
    return {
        "id": gold.id,
        "question": gold.question,
        "status": record["status"],
        "answer": record["answer"],
        "evidence": list(gold.evidence),
        "missing": outcome.missing,
        "forbidden": outcome.forbidden,
        "hit@10": outcome.scores.get("hit@10"),
    }


def markdown(report: Mapping[str, Any]) -> str:
    """Return a report as Markdown: each score with its 95% interval and its n."""
    lines = [
        f"# Meting van {report['gold']}",
        "",
        f"Antwoordmodel: {report['model']}. Split: {report['split']}. Vragen: {report['n']}, "
        f"waarvan met een fout beantwoord: {report['errors']}.",
        "Bij elk getal: het gemiddelde, het 95%-interval (bootstrap) en n.",
    ]
    lines += _table("Zoeken", RETRIEVAL, report["groups"])
    lines += _table("Antwoorden", (*ANSWERS, "words"), report["groups"])
    lines += ["", "## Tijden (ms)", "", "| | p50 | p95 | n |", "|---|---|---|---|"]
    for name, t in report["times_ms"].items():
        lines.append(f"| {name} | {t['p50']:.0f} | {t['p95']:.0f} | {t['n']} |")
    lines += ["", f"## Niet goed: {len(report['failures'])} van {report['n']}"]
    for failure in report["failures"]:
        lines += _failure_lines(failure)
    return "\n".join(lines) + "\n"


def _table(title: str, names: Sequence[str], groups: Mapping[str, Any]) -> list[str]:
    used = [name for name in names if name in groups["alle"]]
    if not used:
        return []
    head = ["", f"## {title}", "", "| | " + " | ".join(used) + " |", "|---" * (len(used) + 1) + "|"]
    rows = [
        f"| {group} | " + " | ".join(_cell(scores.get(name)) for name in used) + " |"
        for group, scores in groups.items()
        if any(name in scores for name in used)
    ]
    return head + rows


def _cell(score: Mapping[str, Any] | None) -> str:
    if score is None:
        return "–"
    if "median" in score:
        return f"{score['median']:.0f} (n={score['n']})"
    return f"{score['mean']:.2f} [{score['low']:.2f}–{score['high']:.2f}] (n={score['n']})"


def _failure_lines(failure: Mapping[str, Any]) -> list[str]:
    answer = " ".join(failure["answer"].split())
    shown = answer[:_SHOWN_CHARS] + ("…" if len(answer) > _SHOWN_CHARS else "")
    lines = ["", f"**{failure['id']}** {failure['question']}", f"- {failure['status']}: {shown}"]
    lines += [f"- bewijs: {evidence}" for evidence in failure["evidence"]]
    if failure["hit@10"] == 0:
        lines.append("- het bewijs staat niet bij de eerste tien passages")
    lines += [f"- ontbreekt: {' / '.join(fact)}" for fact in failure["missing"]]
    lines += [f"- fout: {surface}" for surface in failure["forbidden"]]
    return lines
