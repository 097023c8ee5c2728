"""What the reports tell, as tables of Dutch text: the same ones in Markdown and on the page."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from evals import metrics
from evals.compare import BETTER, Paired, paired
from evals.failures import cause
from evals.results import Result
from evals.run import OURS

LABELS = {
    "correct": "goed",
    "fact_recall": "feiten genoemd",
    "evidence_first": "bewijs voorop",
    "abstention": "terecht gezwegen",
    "false_abstention": "onterecht gezwegen",
    "citation_verbatim": "citaat letterlijk",
    "citation_precision": "citaat terzake",
    "citation_recall": "zin gedekt",
    "hit@1": "bewijs op 1",
    "hit@5": "bewijs bij eerste 5",
    "hit@10": "bewijs bij eerste 10",
    "mrr@10": "MRR@10",
    "ndcg@10": "nDCG@10",
    "dutch": "Nederlands",
    "readability": "leesgemak",
    "words": "woorden",
    "first_ms": "tijd tot eerste bewijs",
    "total_ms": "tijd tot hele antwoord",
}
PERSONAS = {"pm": "pedagogisch medewerker", "beleid": "beleidsmedewerker"}
PERSONAS["kwartier"] = "kwartiermaker"
NONE = "–"
# What the table of wins and losses shows.
DUELS = (
    *("correct", "abstention", "false_abstention", "citation_precision"),
    *("hit@5", "mrr@10", "readability", "first_ms", "total_ms"),
)
# Bins of the plot of reliability; with some hundreds of questions more would be empty.
BINS = 5

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """One table; every cell is text, and the first column names the row."""

    title: str
    note: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Bin:
    """Questions of about one confidence: its mean, and the share that can be answered."""

    confidence: float
    answerable: float
    n: int


def ours(results: Sequence[Result]) -> Result:
    """Return the run that the others are compared with: ours, on the most questions.

    Of equals the one with an answer model.
    """
    order = ["wegwijzer-server", "wegwijzer-local", *OURS]
    named = {result.system: result for result in results if result.answered}
    named = named or {result.system: result for result in results}
    own = [named[name] for name in order if name in named] or list(named.values())
    return max(own, key=lambda result: len(result.rows))


def cell(values: Iterable[float]) -> str:
    """Return a mean with its 95% interval and n."""
    sample = list(values)
    if not sample:
        return NONE
    found = metrics.interval(sample)
    digits = 0 if abs(found.mean) > 1.5 else 2
    low, high = f"{found.low:.{digits}f}", f"{found.high:.{digits}f}"
    return f"{found.mean:.{digits}f} [{low}–{high}] n={found.n}".replace(".", ",")


def times(values: Iterable[float]) -> str:
    """Return p50 and p95, in words, of times in milliseconds."""
    sample = [value for value in values if value]
    if not sample:
        return NONE
    middle, slow = (metrics.percentile(sample, p) for p in (50, 95))
    if slow < 1000:
        return f"{middle:.0f} / {slow:.0f} ms n={len(sample)}"
    return f"{middle / 1000:.1f} / {slow / 1000:.1f} s n={len(sample)}".replace(".", ",")


def tables(results: Sequence[Result]) -> list[Table]:
    """Return all tables that the results have something for."""
    answered = [result for result in results if result.answered]
    found = [_answers(answered), _citations(answered), _search(results)]
    for field, title, names in (
        ("kind", "Goed per soort vraag", {}),
        ("persona", "Goed per rol", PERSONAS),
    ):
        found.append(_groups(answered, field, title, names))
    found += [_duels(results), _causes(answered)]
    return [table for table in found if table.rows]


def _answers(results: Sequence[Result]) -> Table:
    names = ("correct", "fact_recall", "abstention", "false_abstention")
    rows = tuple(
        (
            result.system,
            *(cell(result.values(name).values()) for name in names),
            *(times(result.values(name).values()) for name in ("first_ms", "total_ms")),
        )
        for result in results
    )
    note = (
        "Goed: alle feiten staan erin, niets fouts, en een citaat bij het bewijs. Terecht gezwegen: "
        "de vraag kan niet worden beantwoord en dat zegt het antwoord. Tijden: p50 / p95."
    )
    head = ("", *(LABELS[name] for name in (*names, "first_ms", "total_ms")))
    return Table("Antwoorden", note, head, rows)


def _citations(results: Sequence[Result]) -> Table:
    names: tuple[str, ...] = ("evidence_first", "citation_verbatim", "citation_precision")
    names += ("citation_recall", "readability", "dutch")
    rows = tuple(
        (result.system, *(cell(result.values(name).values()) for name in names), _length(result))
        for result in results
    )
    note = (
        "Bewijs voorop: het eerste citaat van het antwoord is het bewijs. Citaat terzake en zin "
        "gedekt vergelijken woorden: een ondergrens. Leesgemak is de maat van Flesch-Douma (60 tot "
        "70 is gewoon, onder 30 zeer moeilijk); Nederlands is het deel van de zinnen. Woorden: de "
        "mediaan."
    )
    head = ("", *(LABELS[name] for name in names), LABELS["words"])
    return Table("Citaten en taal", note, head, rows)


def _length(result: Result) -> str:
    lengths = list(result.values("words").values())
    return f"{median(lengths):.0f} n={len(lengths)}" if lengths else NONE


def _search(results: Sequence[Result]) -> Table:
    names = ("hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10")
    rows = tuple(
        (
            result.system,
            *(cell(result.values(name).values()) for name in names),
            times(row["timings"]["retrieve"] for row in result.rows),
        )
        for result in results
    )
    note = "Staat het bewijs bij de passages die het zoeken geeft, en hoe ver naar voren?"
    return Table("Zoeken", note, ("", *(LABELS[name] for name in names), "zoektijd"), rows)


def right(row: Row) -> float | None:
    """Return whether a question was dealt with well: answered right, or rightly not answered."""
    scores = row["scores"]
    value = scores.get("correct" if row["answerable"] else "abstention")
    return None if value is None else float(value)


def by_group(result: Result, field: str) -> dict[str, list[float]]:
    """Return for each kind or persona whether its questions were dealt with well."""
    groups: dict[str, list[float]] = {}
    for row in result.rows:
        if (value := right(row)) is not None:
            groups.setdefault(row[field], []).append(value)
    return groups


def _groups(results: Sequence[Result], field: str, title: str, names: Mapping[str, str]) -> Table:
    found = [by_group(result, field) for result in results]
    groups = sorted({group for one in found for group in one})
    rows = tuple(
        (names.get(group, group), *(cell(one.get(group, ())) for one in found)) for group in groups
    )
    note = "Bij vragen die niet te beantwoorden zijn: het deel waarop terecht is gezwegen."
    return Table(title, note, ("", *(result.system for result in results)), rows)


def duels(results: Sequence[Result]) -> dict[str, dict[str, Paired]]:
    """Return our run against each other one: by its name, for each measure that both have."""
    mine = ours(results)
    return {
        other.system: {
            name: paired(mine.values(name), other.values(name), more_is_better)
            for name, more_is_better in BETTER.items()
            if mine.values(name).keys() & other.values(name).keys()
        }
        for other in results
        if other.system != mine.system
    }


def _duels(results: Sequence[Result]) -> Table:
    rows = tuple(
        (other, LABELS[name], str(len(p.won)), str(len(p.lost)), str(p.ties), chance(p.p))
        for other, measures in duels(results).items()
        for name, p in measures.items()
        if name in DUELS
    )
    note = (
        "Dezelfde vragen, paarsgewijs. p: de kans op zo'n scheve verdeling als beide even goed "
        "waren (tekentoets, tweezijdig, exact); onder 0,05 is het verschil geen toeval te noemen."
    )
    head = ("tegen", "maat", "gewonnen", "verloren", "gelijk", "p")
    return Table(f"Winst en verlies van {ours(results).system}", note, head, rows)


def _causes(results: Sequence[Result]) -> Table:
    counts = [Counter(filter(None, map(cause, result.rows))) for result in results]
    total = sum(counts, Counter[str]())
    rows = tuple((name, *(str(c[name]) for c in counts)) for name, _ in total.most_common())
    note = "Aantal vragen; bij elke vraag telt de eerste oorzaak van voor naar achter in de keten."
    return Table("Wat er misging", note, ("", *(result.system for result in results)), rows)


def chance(p: float) -> str:
    """Return a p as readers see it."""
    return "< 0,001" if p < 0.001 else f"{p:.3f}".replace(".", ",")


def reliability(result: Result) -> list[Bin]:
    """Return how often questions can be answered for each level of confidence; empty without it."""
    told = [
        (row["record"]["confidence"], row["answerable"])
        for row in result.rows
        if row["record"].get("confidence") is not None
    ]
    bins: dict[int, list[tuple[float, bool]]] = {}
    for confidence, answerable in told:
        bins.setdefault(min(int(confidence * BINS), BINS - 1), []).append((confidence, answerable))
    return [
        Bin(
            sum(confidence for confidence, _ in members) / len(members),
            sum(answerable for _, answerable in members) / len(members),
            len(members),
        )
        for _, members in sorted(bins.items())
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Return the mean distance of confidence and share, by n (ECE; Naeini et al., AAAI 2015)."""
    total = sum(b.n for b in bins)
    return sum(b.n * abs(b.confidence - b.answerable) for b in bins) / total


def failures(result: Result) -> list[Row]:
    """Return the questions that were not dealt with well."""
    return [row for row in result.rows if row["failed"]]


def markdown(results: Sequence[Result], split: str, extra: str = "") -> str:
    """Return rapport.md.

    Args:
        results: the runs, of one split.
        split: its name, or all.
        extra: more Markdown, put before the failures.
    """
    lines = ["# Wegwijzer gemeten", "", *(f"{line}  " for line in intro(results, split))]
    for table in tables(results):
        lines += ["", f"## {table.title}", "", table.note, ""]
        lines.append("| " + " | ".join(table.head) + " |")
        lines.append("|---" * len(table.head) + "|")
        lines += ["| " + " | ".join(row) + " |" for row in table.rows]
    bins = reliability(ours(results))
    if bins:
        lines += ["", "## Zekerheid", "", "| zekerheid | te beantwoorden | n |", "|---|---|---|"]
        lines += [f"| {b.confidence:.2f} | {b.answerable:.2f} | {b.n} |" for b in bins]
    if extra:
        lines += ["", extra.strip()]
    mine = ours(results)
    failed = failures(mine)
    lines += ["", f"## Niet goed bij {mine.system}: {len(failed)} van {len(mine.rows)}", ""]
    lines += [f"- **{row['id']}** ({row['kind']}) {row['record']['question']}" for row in failed]
    lines += ["", "De antwoorden met het bewijs ernaast staan in rapport.html."]
    return "\n".join(lines) + "\n"


def intro(results: Sequence[Result], split: str) -> list[str]:
    """Return in a few sentences what was measured, on what and when."""
    mine = ours(results)
    head = mine.head
    answerable = sum(row["answerable"] for row in mine.rows)
    computer = head["machine"]
    runs: dict[str, list[str]] = {}
    for result in results:
        when = f"{result.head['date'][:10]} (versie {result.head['commit']})"
        runs.setdefault(when, []).append(result.system)
    parts = {"all": "alle vragen", "tune": "de afstelvragen", "test": "de toetsvragen"}
    return [
        f"{len(mine.rows)} vragen ({parts[split]} van {head['gold']}), waarvan "
        f"{len(mine.rows) - answerable} niet te beantwoorden.",
        f"Computer: {computer['cores']} kernen, {computer['memory_gb']} GB, "
        f"{computer['processor']}.",
        "Gemeten: "
        + "; ".join(f"{', '.join(names)} op {when}" for when, names in runs.items())
        + ".",
        "Bij elk getal: het gemiddelde, het 95%-interval (bootstrap) en n, het aantal vragen.",
    ]
