"""Does the tree still have the shape that lets two people see a request's flow from the file names?"""

import ast
import re
import statistics
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SERVICES = ("intake", "router", "notifier", "audit")
VERBS = {"intake": "accept", "router": "route", "notifier": "notify", "audit": "record"}
SOURCES = sorted(path for folder in ("libs", "services", "tests") for path in (ROOT / folder).rglob("*.py"))
PRODUCT = [path for path in SOURCES if path.parts[len(ROOT.parts)] != "tests"]
FILE_LINES_MAX = 300
FUNCTION_LINES_MAX = 50
NAMES_THAT_SAY_NOTHING = {
    "common",
    "utils",
    "helpers",
    "core",
    "base",
    "manager",
    "impl",
    "ports",
    "adapters",
    "util",
    "misc",
}
SQL = re.compile(
    r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+[\w.]*\s+SET|DELETE\s+FROM|CREATE\s+TABLE)\b", re.DOTALL
)
TOPIC_NAME = re.compile(
    r"\b(requests\.(inbound|accepted|routed|progressed)|notices\.sent|directory\.published|audit\.checkpoints)\.v\d"
)


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def strings_in(path: Path) -> list[str]:
    """Every string literal that is not a docstring."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


@pytest.mark.parametrize("service", SERVICES)
def test_each_service_has_the_same_files(service: str) -> None:
    folder = ROOT / "services" / service
    wanted = {"README.md", "__main__.py", "settings.py", "app.py", "consume.py", "rules.py", f"{VERBS[service]}.py"}
    if service != "router":  # the router keeps nothing
        wanted |= {"store.py", "migrations"}
    assert wanted <= {path.name for path in folder.iterdir()}


def test_services_are_started_in_the_same_way() -> None:
    mains = {(ROOT / "services" / s / "__main__.py").read_text(encoding="utf-8").replace(s, "X") for s in SERVICES}
    assert len(mains) == 1


def test_no_file_is_longer_than_people_read_at_once() -> None:
    lengths = {relative(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LINES_MAX} == {}
    assert statistics.median(lengths.values()) <= 150


def test_no_function_is_longer_than_a_screen() -> None:
    long = {
        f"{relative(p)}:{f.name}": length(f) for p in PRODUCT for f in functions(p) if length(f) > FUNCTION_LINES_MAX
    }
    assert long == {}


def test_every_module_says_which_question_it_answers() -> None:
    silent = [
        relative(p)
        for p in SOURCES
        if p.read_text("utf-8").strip() and not ast.get_docstring(ast.parse(p.read_text("utf-8")))
    ]
    assert silent == []


def test_no_file_has_a_name_that_says_nothing() -> None:
    assert [relative(path) for path in PRODUCT if path.stem in NAMES_THAT_SAY_NOTHING] == []


def test_a_service_keeps_its_sql_in_one_file() -> None:
    strays = [
        relative(path)
        for path in (ROOT / "services").rglob("*.py")
        if path.name != "store.py" and any(SQL.search(text) for text in strings_in(path))
    ]
    assert strays == []


def test_topics_are_named_in_one_file_only() -> None:
    strays = [
        relative(path)
        for path in PRODUCT
        if path != ROOT / "libs/events/topics.py" and any(TOPIC_NAME.search(text) for text in strings_in(path))
    ]
    assert strays == []


def test_only_the_delivery_library_catches_everything() -> None:
    def catches_everything(path: Path) -> bool:
        handlers = (
            node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.ExceptHandler)
        )
        return any(
            handler.type is None
            or (isinstance(handler.type, ast.Name) and handler.type.id in {"Exception", "BaseException"})
            for handler in handlers
        )

    strays = [relative(path) for path in PRODUCT if "libs/delivery/" not in str(path) and catches_everything(path)]
    assert strays == []


def test_every_folder_of_code_has_a_readme() -> None:
    folders = {path.parent for path in PRODUCT if path.name != "__init__.py"} | {ROOT / "libs", ROOT / "services"}
    top = {folder for folder in folders if len(folder.relative_to(ROOT).parts) <= 2}
    assert [relative(folder) for folder in sorted(top) if not (folder / "README.md").exists()] == []


def test_nothing_is_left_for_later_in_the_code() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|NotImplementedError)\b")
    assert [relative(path) for path in PRODUCT if marks.search(path.read_text(encoding="utf-8"))] == []
