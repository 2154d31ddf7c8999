"""The tests that a page names: `tests/FILE.py`, or `tests/FILE.py::NAME` and `tests/FILE.py::CLASS::NAME`."""

from __future__ import annotations

import ast
import re
from functools import cache

from tests.docs.markdown import ROOT, Page

_NAMED = re.compile(r"`(tests/[^`\s]+?\.py(?:::[^`\s]+)?)`")


def named_in(text: str) -> list[str]:
    """Return every test that a text names, without repetition."""
    return sorted(set(_NAMED.findall(text)))


def named_by(page: Page) -> list[str]:
    """Return every test that a page names."""
    return named_in(page.path.read_text(encoding="utf-8"))


def exists(name: str) -> bool:
    """Return whether a file has such a test. pytest must find it, so its name must have the right prefix."""
    file, *path = name.split("::")
    if not (ROOT / file).is_file():
        return False
    return not path or ("::".join(path) in _tests_in(file) and path[-1].startswith("test_"))


@cache
def _tests_in(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = set()
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            found |= {f"{node.name}::{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
    return frozenset(found)
