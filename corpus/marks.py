"""What can stand on a page: runs of text, ruled lines and links, with their places.

Places are in points from the bottom left of the page as it is shown.
"""

from dataclasses import dataclass, field

Matrix = tuple[float, float, float, float, float, float]

UNIT: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Run:
    """Characters on one baseline."""

    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    text: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A line that is drawn, level or upright; x0 <= x1 and y0 <= y1."""

    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Link:
    """An address that an area of the page leads to."""

    area: Rule
    address: str


@dataclass
class PageMarks:
    """All that stands on a page; sizes are in points.

    `sideways` is text that does not run from left to right. `paths` counts what is painted.
    """

    width: float = 0.0
    bottom: float = 0.0
    top: float = 0.0
    runs: list[Run] = field(default_factory=list)
    sideways: list[str] = field(default_factory=list)
    rules: list[Rule] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    image_area: float = 0.0
    paths: int = 0


def placed(matrix: Matrix, x0: float, y0: float, x1: float, y1: float) -> Rule:
    """Return where two opposite corners come to lie on the page."""
    a, b, c, d, e, f = matrix
    xs = sorted((a * x0 + c * y0 + e, a * x1 + c * y1 + e))
    ys = sorted((b * x0 + d * y0 + f, b * x1 + d * y1 + f))
    return Rule(xs[0], ys[0], xs[1], ys[1])


def times(m: Matrix, n: Matrix) -> Matrix:
    """Return the matrix that does first m, then n."""
    return (
        m[0] * n[0] + m[1] * n[2],
        m[0] * n[1] + m[1] * n[3],
        m[2] * n[0] + m[3] * n[2],
        m[2] * n[1] + m[3] * n[3],
        m[4] * n[0] + m[5] * n[2] + n[4],
        m[4] * n[1] + m[5] * n[3] + n[5],
    )
