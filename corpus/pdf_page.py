"""What stands where on one page of a PDF: runs of text, ruled lines, links.

pypdf decodes the page and its fonts. The places are worked out here, because columns, tables
and headings can only be told from them, and `extract_text` gives no end of a run.
"""

import math
from collections.abc import Iterator
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, ContentStream, DictionaryObject

from corpus.marks import UNIT, Link, Matrix, PageMarks, Rule, Run, placed, times
from corpus.pdf_content import operations
from corpus.pdf_fonts import DAMAGE, Fonts, Letters, dictionary

# What turns a page the way it is shown, by its /Rotate.
_TURNS: dict[int, Matrix] = {
    90: (0.0, -1.0, 1.0, 0.0, 0.0, 0.0),
    180: (-1.0, 0.0, 0.0, -1.0, 0.0, 0.0),
    270: (0.0, 1.0, -1.0, 0.0, 0.0, 0.0),
}
# In thousandths of the font size: a step back this big in a TJ array starts a new run.
_JUMP = 900
_THIN = 3.0
_MOST_RULES = 600
_MOST_FORMS = 200


def read_marks(page: pypdf.PageObject, fonts: Fonts) -> PageMarks:
    """Read all that stands on a page.

    Raises:
        PyPdfError: the page is damaged; also plain errors of Python, which pypdf lets through.

    """
    turn = _TURNS.get(int(page.rotation or 0) % 360, UNIT)
    box = placed(turn, *_numbers(page.mediabox))
    found = PageMarks(box.x1 - box.x0, box.y0, box.y1)
    contents = page.get("/Contents")
    if contents is not None and contents.get_object() is not None:
        stream = ContentStream(contents.get_object(), page.pdf, "bytes")
        resources = dictionary(page.get("/Resources"))
        _Pen(found, fonts, turn).draw(stream.get_data(), resources)
    if len(found.rules) > _MOST_RULES:
        found.rules.clear()  # a drawing or a map
    found.links.extend(_links(page, turn))
    return found


def _links(page: pypdf.PageObject, turn: Matrix) -> Iterator[Link]:
    """Yield the links to addresses; other actions (a script, a page) are not looked at."""
    annotations: Any = page.get("/Annots")
    annotations = annotations.get_object() if annotations is not None else None
    for raw in annotations if isinstance(annotations, ArrayObject) else ():
        try:
            annotation = dictionary(raw)
            action = dictionary(annotation.get("/A"))
            if annotation.get("/Subtype") != "/Link" or action.get("/S") != "/URI":
                continue
            area = placed(turn, *_numbers(annotation["/Rect"]))
            uri = action["/URI"].get_object()
            address = uri.decode("utf-8", "replace") if isinstance(uri, bytes) else str(uri)
        except DAMAGE:
            continue
        yield Link(area, address.strip())


class _State:
    """The graphics state as far as it moves text."""

    __slots__ = ("char", "ctm", "font", "leading", "rise", "size", "stretch", "word")

    def __init__(self, ctm: Matrix) -> None:
        self.ctm = ctm
        self.font: Letters | None = None
        self.size = self.char = self.word = self.leading = self.rise = 0.0
        self.stretch = 1.0

    def copy(self) -> "_State":
        """Return a copy, for the stack of states."""
        twin = _State(self.ctm)
        for name in self.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin


class _Pen:
    """Follows the operators of a page and notes what they put where."""

    def __init__(self, found: PageMarks, fonts: Fonts, turn: Matrix) -> None:
        self.found = found
        self.fonts = fonts
        self.state = _State(turn)
        self.stack: list[_State] = []
        self.line: Matrix = UNIT
        self.text: Matrix = UNIT
        self.path: list[Rule] = []
        self.at = (0.0, 0.0)
        self.forms = 0
        self.open_forms: list[int] = []
        self.resources = DictionaryObject()
        self.named: dict[str, Letters] = {}
        self.actions = {
            b"BT": self._begin,
            b"q": lambda _: self.stack.append(self.state.copy()),
            b"Q": self._restore,
            b"cm": self._turn,
            b"Tf": self._font,
            b"Tc": lambda o: setattr(self.state, "char", float(o[0])),
            b"Tw": lambda o: setattr(self.state, "word", float(o[0])),
            b"TL": lambda o: setattr(self.state, "leading", float(o[0])),
            b"Ts": lambda o: setattr(self.state, "rise", float(o[0])),
            b"Tz": lambda o: setattr(self.state, "stretch", float(o[0]) / 100),
            b"Td": lambda o: self._step(float(o[0]), float(o[1])),
            b"TD": self._step_and_lead,
            b"Tm": self._place,
            b"T*": lambda _: self._step(0.0, -self.state.leading),
            b"Tj": lambda o: self._show([o[0]]),
            b"TJ": lambda o: self._show(o[0]),
            b"'": self._next_line,
            b'"': self._spaced_line,
            b"Do": self._object,
            b"BI": self._image,
            b"re": self._rectangle,
            b"m": self._move,
            b"l": self._draw_line,
            b"n": lambda _: self.path.clear(),
            **dict.fromkeys((b"S", b"s", b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"), self._paint),
        }

    def draw(self, data: bytes, resources: DictionaryObject) -> None:
        """Follow the operators of a page or form; damaged ones are passed over."""
        outer = self.resources, self.named
        self.resources, self.named = resources, self.fonts.named(resources)
        for operands, operator in operations(data):
            if action := self.actions.get(operator):
                try:
                    action(operands)
                except DAMAGE:
                    continue
        self.resources, self.named = outer

    def _begin(self, _: Any) -> None:
        self.line = self.text = UNIT

    def _restore(self, _: Any) -> None:
        if self.stack:
            self.state = self.stack.pop()

    def _turn(self, operands: Any) -> None:
        a, b, c, d, e, f = (float(value) for value in operands)
        self.state.ctm = times((a, b, c, d, e, f), self.state.ctm)

    def _font(self, operands: Any) -> None:
        self.state.font = self.named.get(str(operands[0]))
        self.state.size = float(operands[1])

    def _step(self, x: float, y: float) -> None:
        self.line = self.text = times((1.0, 0.0, 0.0, 1.0, x, y), self.line)

    def _step_and_lead(self, operands: Any) -> None:
        self.state.leading = -float(operands[1])
        self._step(float(operands[0]), float(operands[1]))

    def _place(self, operands: Any) -> None:
        a, b, c, d, e, f = (float(value) for value in operands)
        self.line = self.text = (a, b, c, d, e, f)

    def _next_line(self, operands: Any) -> None:
        self._step(0.0, -self.state.leading)
        self._show([operands[0]])

    def _spaced_line(self, operands: Any) -> None:
        self.state.word, self.state.char = float(operands[0]), float(operands[1])
        self._next_line(operands[2:])

    def _show(self, items: Any) -> None:
        """Show strings, with steps in between: a small one is a space, a big one a new run."""
        state, font = self.state, self.state.font
        if font is None:
            return
        parts: list[str] = []
        start = moved = 0.0
        for item in items:
            if isinstance(item, bytes):
                text, width, codes = font.decode(item)
                spaces = text.count(" ") if state.word else 0
                moved += (
                    width / 1000 * state.size + state.char * codes + state.word * spaces
                ) * state.stretch
                parts.append(text)
            elif isinstance(item, int | float):
                if -item > _JUMP:
                    self._note("".join(parts), start, moved)
                    parts, start = [], moved - float(item) / 1000 * state.size * state.stretch
                elif -item > 0.6 * font.space and parts and parts[-1][-1:] != " ":
                    parts.append(" ")
                moved -= float(item) / 1000 * state.size * state.stretch
        self._note("".join(parts), start, moved)
        self.text = times((1.0, 0.0, 0.0, 1.0, moved, 0.0), self.text)

    def _note(self, text: str, start: float, end: float) -> None:
        """Note a run that lies between two distances from the current place."""
        if not text:
            return
        a, b, c, d, e, f = times(self.text, self.state.ctm)
        rise = self.state.rise
        size = abs(self.state.size) * math.hypot(c, d)
        if abs(b) > 0.1 * abs(a) or a * self.state.size <= 0:
            self.found.sideways.append(text)
            return
        x, y = e + c * rise, f + d * rise
        # Text is only shown once a font was set.
        run = Run(x + a * start, x + a * end, y, size, bool(self.state.font.bold), text)  # type: ignore[union-attr]
        self.found.runs.append(run)

    def _object(self, operands: Any) -> None:
        """Draw a form, once inside itself at most; or measure an image."""
        drawn: Any = dictionary(self.resources.get("/XObject"))[operands[0]].get_object()
        if drawn.get("/Subtype") != "/Form":
            self._image([])
            return
        self.forms += 1
        if id(drawn) in self.open_forms or self.forms > _MOST_FORMS:
            return
        self.open_forms.append(id(drawn))
        outer, stack, self.stack = self.state.copy(), self.stack, []
        try:
            if matrix := drawn.get("/Matrix"):
                self._turn(matrix)
            resources = drawn.get("/Resources")
            inner = dictionary(resources) if resources is not None else self.resources
            self.draw(drawn.get_data(), inner)
        finally:
            self.state, self.stack = outer, stack
            self.open_forms.pop()

    def _image(self, _: Any) -> None:
        area = placed(self.state.ctm, 0.0, 0.0, 1.0, 1.0)
        self.found.image_area += (area.x1 - area.x0) * (area.y1 - area.y0)

    def _move(self, operands: Any) -> None:
        self.at = (float(operands[0]), float(operands[1]))

    def _draw_line(self, operands: Any) -> None:
        x, y = float(operands[0]), float(operands[1])
        self.path.append(placed(self.state.ctm, *self.at, x, y))
        self.at = (x, y)

    def _rectangle(self, operands: Any) -> None:
        x, y, width, height = (float(value) for value in operands)
        box = placed(self.state.ctm, x, y, x + width, y + height)
        if min(box.x1 - box.x0, box.y1 - box.y0) < _THIN:
            self.path.append(box)
            return
        for x0, y0, x1, y1 in (
            (box.x0, box.y0, box.x1, box.y0),
            (box.x0, box.y1, box.x1, box.y1),
            (box.x0, box.y0, box.x0, box.y1),
            (box.x1, box.y0, box.x1, box.y1),
        ):
            self.path.append(Rule(x0, y0, x1, y1))

    def _paint(self, _: Any) -> None:
        """Keep the straight lines of a path that is painted."""
        self.found.paths += 1
        room = _MOST_RULES + 1 - len(self.found.rules)
        for rule in self.path[: max(0, room)]:
            if min(rule.x1 - rule.x0, rule.y1 - rule.y0) < _THIN:
                self.found.rules.append(rule)
        self.path.clear()


def _numbers(values: Any) -> list[float]:
    return [float(value) for value in values.get_object()]
