"""The plots of the page, as inline SVG by matplotlib: of the extra `dev`, late because slow."""

import io
import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from evals import metrics
from evals.growth_report import Figures, Growth
from evals.overview import Bin, by_group, calibration_error, duels, ours, reliability
from evals.results import Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OURS_COLOUR = "#0b57d0"
OTHER_COLOURS = (
    *("#b3261e", "#e08600", "#2e7d32", "#7b1fa2"),
    *("#00838f", "#6d4c41", "#757575", "#c2185b"),
)
GREEN, ORANGE, GREY = "#2e7d32", "#c75000", "#c4c7c5"
MARKS = "so^vDPX*<"
WIDTH = 5.6  # inches; a phone shows it at two thirds


def plots(results: Sequence[Result], growth: Sequence[Growth] = ()) -> dict[str, str]:
    """Return the plots by their Dutch title; none when matplotlib is not installed."""
    try:
        import matplotlib
    except ImportError:
        return {}
    answered = [result for result in results if result.answered]
    bins = reliability(ours(results))
    drawn: dict[str, str] = {}
    with matplotlib.rc_context(
        {"svg.fonttype": "none", "font.size": 12, "font.family": "sans-serif", "svg.hashsalt": "w"}
    ):
        if answered:
            kinds = len(by_group(ours(results), "kind"))
            drawn["Goed per soort vraag"] = _figure(lambda a: _kinds(a, answered), kinds)
        rivals = [name for name, found in duels(results).items() if _measure(found)]
        if rivals:
            drawn["Winst en verlies"] = _figure(lambda a: _duels(a, results), len(rivals))
        if answered:
            drawn["Tijd tegen kwaliteit"] = _figure(lambda a: _times(a, answered), 8)
        if bins:
            drawn["Zekerheid tegen werkelijkheid"] = _figure(lambda a: _reliability(a, bins), 8)
        grown = [measured.sizes for measured in growth if len(measured.sizes) > 1][:1]
        if grown:
            drawn["Tijd bij groei"] = _figure(lambda a: _growth(a, grown[0]), 6)
    return drawn


def _figure(draw: Callable[["Axes"], None], rows: int) -> str:
    """Return the SVG of one plot with room for some rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(WIDTH, 1.9 + 0.42 * rows), layout="constrained")
    axes = figure.add_subplot()
    axes.spines[["top", "right"]].set_visible(False)
    draw(axes)
    target = io.StringIO()
    figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    svg = target.getvalue()
    svg = svg[svg.index("<svg") :]
    return re.sub(r' (width|height)="[\d.]+pt"', "", svg, count=2)


def _colours(results: Sequence[Result]) -> dict[str, tuple[str, str]]:
    """Return colour and mark of each system; both, for who cannot tell the colours apart."""
    mine = ours(results).system
    others = [result.system for result in results if result.system != mine]
    pairs = zip(others, OTHER_COLOURS * 2, MARKS[1:] * 2, strict=False)
    return {mine: (OURS_COLOUR, MARKS[0])} | {name: (c, m) for name, c, m in pairs}


def _kinds(axes: "Axes", results: Sequence[Result]) -> None:
    colours, mine = _colours(results), ours(results)
    groups = by_group(mine, "kind")
    names = sorted(groups, reverse=True)
    for place, name in enumerate(names):
        found = metrics.interval(groups[name])
        axes.plot([found.low, found.high], [place, place], color=OURS_COLOUR, lw=3, alpha=0.35)
    for result in results:
        shares = by_group(result, "kind")
        colour, mark = colours[result.system]
        front = result.system == mine.system
        points = [(sum(v) / len(v), y) for y, n in enumerate(names) if (v := shares.get(n))]
        axes.scatter(
            [x for x, _ in points],
            [y for _, y in points],
            color=colour,
            marker=mark,
            s=70 if front else 32,
            alpha=1 if front else 0.75,
            label=result.system,
            zorder=3 if front else 2,
        )
    axes.set_yticks(range(len(names)), [f"{name} ({len(groups[name])})" for name in names])
    axes.set_xlim(-0.03, 1.03)
    axes.xaxis.set_major_formatter(_comma)
    axes.grid(axis="y", color=GREY, lw=0.5)
    axes.set_xlabel("deel dat goed is (balk: 95%-interval)")
    _legend(axes)


def _measure(found: dict[str, Any]) -> str:
    return next((name for name in ("correct", "hit@5") if name in found), "")


def _duels(axes: "Axes", results: Sequence[Result]) -> None:
    rows = [(n, d[_measure(d)], _measure(d)) for n, d in duels(results).items() if _measure(d)]
    for place, (_, pair, _) in enumerate(reversed(rows)):
        for ids, sign, colour in ((pair.won, 1, GREEN), (pair.lost, -1, ORANGE)):
            axes.barh(place, sign * len(ids), color=colour)
            side = "left" if sign > 0 else "right"
            axes.annotate(
                str(len(ids)),
                (sign * len(ids), place),
                (4 * sign, 0),
                textcoords="offset points",
                ha=side,
                va="center",
            )
    labels = [f"{n}\n(zoeken)" if m == "hit@5" else n for n, _, m in reversed(rows)]
    axes.set_yticks(range(len(rows)), labels)
    axes.axvline(0, color="black", lw=0.8)
    axes.margins(x=0.15)
    axes.xaxis.set_major_formatter(lambda value, _: f"{abs(value):.0f}")
    axes.set_xlabel(f"← verloren | vragen | gewonnen door {ours(results).system} →")


def _times(axes: "Axes", results: Sequence[Result]) -> None:
    colours = _colours(results)
    for result in results:
        good = [value for values in by_group(result, "kind").values() for value in values]
        times = [value for value in result.values("total_ms").values() if value]
        if not good or not times:
            continue
        found, colour = metrics.interval(good), colours[result.system]
        axes.errorbar(
            metrics.percentile(times, 50) / 1000,
            found.mean,
            [[found.mean - found.low], [found.high - found.mean]],
            color=colour[0],
            marker=colour[1],
            markersize=8,
            capsize=3,
            ls="none",
            label=result.system,
        )
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(_comma)
    axes.yaxis.set_major_formatter(_comma)
    axes.set_ylim(0, 1)
    axes.set_xlabel("seconden tot het hele antwoord (mediaan, logaritmisch)")
    axes.set_ylabel("deel dat goed is")
    axes.grid(color=GREY, lw=0.5)
    _legend(axes)


def _reliability(axes: "Axes", bins: Sequence[Bin]) -> None:
    axes.plot([0, 1], [0, 1], color=GREY, ls="--", label="precies goed ingeschat")
    x, y = [b.confidence for b in bins], [b.answerable for b in bins]
    axes.plot(x, y, color=OURS_COLOUR, marker="o", label="gemeten")
    for b in bins:
        text = f"n={b.n}"
        axes.annotate(text, (b.confidence, b.answerable), (6, -14), textcoords="offset points")
    axes.set_xlim(-0.03, 1.08)
    axes.set_ylim(-0.08, 1.05)
    axes.xaxis.set_major_formatter(_comma)
    axes.yaxis.set_major_formatter(_comma)
    axes.set_xlabel("zekerheid dat het in de documenten staat")
    axes.set_ylabel("deel dat te beantwoorden is")
    error = f"{calibration_error(bins):.2f}".replace(".", ",")
    axes.set_title(f"gemiddelde afstand (ECE): {error}", fontsize=12)
    _legend(axes)


def _growth(axes: "Axes", sizes: Sequence[Figures]) -> None:
    """Draw the times of each side against the number of passages, p95 dashed."""
    colours = (OURS_COLOUR, *OTHER_COLOURS)
    for n, (name, side) in enumerate(
        {"vectoren": "dense", "woorden": "lexical", "samen": "both"}.items()
    ):
        for percentile, style in (("p50", "-"), ("p95", "--")):
            axes.plot(
                [figures.passages for figures in sizes],
                [getattr(getattr(figures, side), percentile) for figures in sizes],
                color=colours[n],
                marker=MARKS[n],
                ls=style,
                label=f"{name}, {percentile}",
            )
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: f"{value:,.0f}".replace(",", "."))
    axes.yaxis.set_major_formatter(_comma)
    axes.set_xlabel("passages (logaritmisch)")
    axes.set_ylabel("ms per vraag (logaritmisch)")
    axes.grid(color=GREY, lw=0.5)
    _legend(axes)


def _comma(value: float, _place: float) -> str:
    return f"{value:.3g}".replace(".", ",")


def _legend(axes: "Axes") -> None:
    """Put the legend under the plot: on a phone there is no room beside it."""
    axes.figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=11)
