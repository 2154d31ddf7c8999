"""Tests and tools use public names, because a private name of the product may change without notice.

Ruff (SLF001) refuses `object._name`. Each use of another project's internals has a reason. Ruff does not see imported
names and names in texts.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("acceptance", "benchmarks", "demo", "tests")
OURS = frozenset(
    {"ecr_crossaccount", "handler", "alerts", "hook", "membership", "planner", "organization", "website", *FOLDERS}
)
_PRIVATE = re.compile(r"_[A-Za-z]\w*")
_PATH = re.compile(r"(\w+)(?:\.\w+)*\._[A-Za-z]\w*")
_PATCHES = frozenset({"setattr", "delattr", "getattr", "patch", "object"})


def private_names(text: str) -> Iterator[str]:
    """Yield the private names of this project that a module imports, or patches by a text."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.ImportFrom(module=module, names=names, level=level):
                if level or (module or "").partition(".")[0] in OURS:
                    yield from (one.name for one in names if _PRIVATE.fullmatch(one.name))
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called), args=args) if called in _PATCHES:
                for argument in args[:2]:
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                        path = _PATH.fullmatch(argument.value)
                        if _PRIVATE.fullmatch(argument.value) or (path and path[1] in OURS):
                            yield argument.value


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_private_name_is_pinned(folder: str) -> None:
    files = [one for one in sorted((ROOT / folder).rglob("*.py")) if "node_modules" not in one.parts]
    assert files
    found = {path.relative_to(ROOT).as_posix(): [*private_names(path.read_text("utf-8"))] for path in files}
    assert {path: names for path, names in found.items() if names} == {}


@pytest.mark.parametrize(
    "text, names",
    [
        ("from ecr_crossaccount.judgement.patterns.tokens import ANY, _of", ["_of"]),
        ("from .test_hostile_text import _assert_harmless", ["_assert_harmless"]),
        ("def f():\n    from tests.properties.changes import _alternatives as other", ["_alternatives"]),
        ('monkeypatch.setattr(sweep, "_FEW", 1)', ["_FEW"]),
        (
            'monkeypatch.setattr("ecr_crossaccount.judgement.values.trust._MOST", 1)',
            ["ecr_crossaccount.judgement.values.trust._MOST"],
        ),
        ('getattr(rule, "_clients")', ["_clients"]),
        ("from __future__ import annotations", []),
        ("from _typeshed.wsgi import StartResponse", []),
        ('monkeypatch.setattr("organization.__main__.install", f)', []),
        ('monkeypatch.setattr("botocore.client.BaseClient._make", f)', []),
        ('getattr(module, "__file__", None)', []),
    ],
)
def test_what_counts_as_private(text: str, names: list[str]) -> None:
    assert [*private_names(text)] == names
