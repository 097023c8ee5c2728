import ast
from pathlib import Path

import pytest

from assistant.compose import NOT_FOUND

ROOT = Path(__file__).parents[1]
ORDER = ("corpus", "index", "assistant", "app")
MAX_FUNCTION_LINES = 60
MAX_FILE_LINES = 400

CODE = sorted(
    [
        *ROOT.glob("*.py"),
        *(f for d in ("corpus", "index", "assistant", "evals") for f in (ROOT / d).rglob("*.py")),
    ]
)
TREES = {path: ast.parse(path.read_text(encoding="utf-8")) for path in CODE}


def name(path):
    return path.relative_to(ROOT).as_posix()


def imported(tree):
    """The top-level packages that a file imports, also inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "a relative import hides its direction"
            yield node.module.split(".")[0]


def stage(path):
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def test_the_four_stages_are_all_looked_at():
    assert {stage(path) for path in CODE} == {*ORDER, "evals"}


@pytest.mark.parametrize("path", CODE, ids=name)
def test_a_stage_imports_only_from_itself_and_its_left(path):
    # evals looks at all of them, and nothing looks at evals or tests. The command
    # line is where the app is started from.
    own = stage(path)
    allowed = set(ORDER) if own == "evals" else set(ORDER[: ORDER.index(own) + 1])
    allowed |= {"evals"} if own == "evals" else set()
    allowed |= {"app"} if name(path) == "assistant/__main__.py" else set()
    assert set(imported(TREES[path])) & {*ORDER, "evals", "tests"} <= allowed


def test_the_abstention_is_written_once():
    literal = [
        name(path)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and NOT_FOUND in node.value
    ]
    assert literal == ["assistant/compose.py"]


def functions():
    for path, tree in TREES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{name(path)}:{node.name}", node.end_lineno - node.lineno + 1


def test_no_function_is_longer_than_sixty_lines():
    assert [found for found in functions() if found[1] > MAX_FUNCTION_LINES] == []


def test_no_file_is_longer_than_it_can_be_read_in_one_go():
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    assert {path: n for path, n in lengths.items() if n > MAX_FILE_LINES} == {}


def test_only_the_page_and_the_assistant_swallow_an_error_of_any_kind():
    swallowing = [
        name(path)
        for path, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
        and not any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
    ]
    assert swallowing == ["app.py", "assistant/ask.py"]


def test_reading_the_arguments_loads_no_heavy_library():
    heavy = {"torch", "chromadb", "gradio", "openvino_genai", "llama_index", "transformers"}
    direct = {
        name(path): sorted({*heavy}.intersection(top_level(tree))) for path, tree in TREES.items()
    }
    needing = {"app.py", "evals/review.py"}
    taught = ("adapter", "reader", "teach", "teach_asked", "teach_reader", "teacher")
    needing |= {f"index/{name}.py" for name in taught}
    assert {path for path, found in direct.items() if found} == needing


def top_level(tree):
    body = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    return imported(ast.Module(body, []))
