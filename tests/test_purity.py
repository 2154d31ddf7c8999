"""The judgement only computes: what it may import, and what it must not do."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "rule" / "ecr_crossaccount"
PURE = ("documents", "judgement", "questions")
FILES = [ROOT / "memo.py", *sorted(path for floor in PURE for path in (ROOT / floor).rglob("*.py"))]
WITH_SIDE_EFFECTS = frozenset(
    {
        "asyncio",
        "ctypes",
        "fileinput",
        "glob",
        "http",
        "importlib",
        "io",
        "locale",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "random",
        "secrets",
        "shutil",
        "signal",
        "socket",
        "ssl",
        "subprocess",
        "tempfile",
        "threading",
        "time",
        "urllib",
        "uuid",
        "warnings",
    }
)
CALLS = frozenset({"open", "print", "input", "eval", "exec", "compile", "__import__", "breakpoint"})
CLOCKS = frozenset({"now", "utcnow", "today", "time", "monotonic", "perf_counter"})
ENVIRONMENT = frozenset({"argv", "environ", "stdin", "stdout", "stderr", "path", "modules"})


def imports_of(tree: ast.Module) -> Iterator[str]:
    """Yield the top of every import that is not relative. tests/test_floors.py looks at those inside the package."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


@pytest.fixture(params=FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def module(request: pytest.FixtureRequest) -> ast.Module:
    path: Path = request.param
    return ast.parse(path.read_text("utf-8"))


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in FILES} == {"memo.py", *PURE}


def test_only_the_standard_library(module: ast.Module) -> None:
    for top in imports_of(module):
        assert top in sys.stdlib_module_names
        assert top not in WITH_SIDE_EFFECTS


def test_no_input_no_output_no_clock(module: ast.Module) -> None:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in CALLS, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in CLOCKS, node.lineno
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "sys":
            assert node.attr not in ENVIRONMENT, node.lineno


def test_no_regular_expression_is_made_from_a_policy(module: ast.Module) -> None:
    """`re.compile` is at the top of a module, before any policy is read. Other calls take a literal or a constant."""
    tree = module
    top = {id(node) for statement in tree.body if not isinstance(statement, _BODIES) for node in ast.walk(statement)}
    of_services = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == "_others_names"]
    top |= {id(node) for one in of_services for node in ast.walk(one)}  # a pattern of the names of AWS's services
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id == "re":
                assert id(node) in top or _is_constant(node.args[0]), node.lineno
        if isinstance(node, ast.ImportFrom):
            assert node.module != "re", "from re import … would hide what is compiled"


def _is_constant(node: ast.expr) -> bool:
    while isinstance(node, ast.Subscript):
        node = node.value
    return isinstance(node, ast.Constant) or (isinstance(node, ast.Name) and node.id.isupper())


_BODIES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


def test_the_package_alone_does_not_load_the_engine() -> None:
    script = "import sys, ecr_crossaccount; print([m for m in sys.modules if m.startswith('ecr_crossaccount.')])"
    assert _python(script) == "[]"


def test_every_public_name_can_be_imported() -> None:
    import ecr_crossaccount

    for name in ecr_crossaccount.__all__:
        assert getattr(ecr_crossaccount, name) is not None
        assert name in dir(ecr_crossaccount)
    with pytest.raises(AttributeError, match="module `ecr_crossaccount` has no attribute `nothing`"):
        _ = ecr_crossaccount.nothing


def _python(script: str) -> str:
    import subprocess

    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, env={"PYTHONPATH": str(ROOT.parent)}
    )
    return run.stdout.strip()
