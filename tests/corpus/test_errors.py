import ast
import re
from pathlib import Path
from string import Formatter

import pytest

from corpus import errors
from corpus.errors import WegwijzerError

ROOT = Path(__file__).parents[2]
FILES = [
    *ROOT.glob("*.py"),
    *(f for d in ("corpus", "index", "assistant", "evals") for f in (ROOT / d).glob("*.py")),
]


def subclasses(error):
    for child in error.__subclasses__():
        yield child
        yield from subclasses(child)


EVERY = [
    e for e in (WegwijzerError, *subclasses(WegwijzerError)) if e.__module__ == errors.__name__
]


def raised_with():
    """Every place that makes an error of the tree: (file:line, class, names of its arguments)."""
    known = {error.__name__: error for error in EVERY}
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in known
            ):
                place = f"{path.relative_to(ROOT)}:{node.lineno}"
                yield place, known[node.func.id], node


SITES = list(raised_with())


def needed(error):
    templates = error.message + error.hint
    return {name for _, name, _, _ in Formatter().parse(templates) if name}


def drawn():
    """The tree of the module's docstring: name -> name of what it stands under."""
    parents, above = {}, {}
    for line in errors.__doc__.splitlines():
        if match := re.match(r"([│├└─ ]*)([A-Z]\w+)(\s{2,}|$)", line):
            depth = len(match.group(1)) // 4
            above[depth] = match.group(2)
            parents[match.group(2)] = above[depth - 1] if depth else None
    return parents


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes():
    real = {error.__name__: error.__base__.__name__ for error in EVERY}
    real["WegwijzerError"] = None
    assert drawn() == real


def test_every_error_stands_in_the_one_module():
    others = [e.__name__ for e in subclasses(WegwijzerError) if e.__module__ != errors.__name__]
    assert others == []


@pytest.mark.parametrize("error", EVERY)
def test_an_error_says_what_is_wrong_and_what_to_do_in_whole_sentences(error):
    assert error.message.endswith((".", "?", "!"))
    # A hint may end with the command to run, which a full stop would spoil.
    assert error.hint.endswith((".", "?", "!")) or re.search(
        r"python -m assistant \w+$", error.hint
    )


@pytest.mark.parametrize("error", [e for e in EVERY if not e.__subclasses__()])
def test_every_error_at_the_end_of_the_tree_is_raised_somewhere(error):
    assert error in {found for _, found, _ in SITES}


@pytest.mark.parametrize(("place", "error", "call"), SITES, ids=[place for place, _, _ in SITES])
def test_every_raise_gives_the_names_that_message_and_hint_need(place, error, call):
    given = {keyword.arg for keyword in call.keywords}
    assert call.args == []
    assert given == needed(error)
    made = error(**dict.fromkeys(given, "X"))
    assert "{" not in f"{made} {made.advice}"


def test_message_and_hint_are_filled_with_what_the_error_is_about():
    error = errors.QuestionTooLong(length=2100, limit=2000)
    assert str(error) == "De vraag is te lang: 2100 tekens, en hoogstens 2000 is mogelijk."
    assert error.advice == "Maak de vraag korter. Eén of twee zinnen is genoeg."
