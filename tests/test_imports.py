"""No module imports one that imports it, directly or indirectly. Shared code is below both, or is passed in."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1] / "rule"

Graph = Mapping[str, frozenset[str]]


def module_at(path: Path, root: Path) -> str:
    """Return the module name of a file."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def imported_in(tree: ast.Module, package: tuple[str, ...], known: Collection[str]) -> Iterator[str]:
    """Yield all imports in a module of `package`, including those in functions and for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) + 1 - node.level] if node.level else ()
            base = ".".join([*above, *([node.module] if node.module else [])])
            inner = {f"{base}.{name.name}" for name in node.names}
            # A name that is not a module is in the module that it is imported from.
            yield from inner & set(known)
            yield from () if inner <= set(known) else (base,)


def graph(root: Path) -> Graph:
    """Return the modules under `root`, each with those of them that it imports.

    Not included are modules that Python also imports, the packages of a module, and imports by a name that is only
    known at run time, as `cli.main` imports its commands.
    """
    files = {module_at(path, root): path for path in root.rglob("*.py")}
    found = {}
    for name, path in files.items():
        parts = tuple(name.split("."))
        package = parts if path.name == "__init__.py" else parts[:-1]
        names = imported_in(ast.parse(path.read_text("utf-8")), package, files)
        found[name] = frozenset(names) & (files.keys() - {name})
    return found


def reached(modules: Graph, start: str) -> frozenset[str]:
    """Return what a module imports, directly or through others."""
    seen: set[str] = set()
    waiting = list(modules[start])
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += modules[one]
    return frozenset(seen)


def circles(modules: Graph) -> frozenset[frozenset[str]]:
    """Return the largest groups of modules in which each imports every other one, directly or through others."""
    reach = {name: reached(modules, name) for name in modules}
    return frozenset(
        frozenset(other for other in reach[name] if name in reach[other]) for name in modules if name in reach[name]
    )


def test_no_module_imports_one_that_imports_it() -> None:
    assert circles(graph(ROOT)) == frozenset()


def test_a_circle_is_found_however_it_is_imported(tmp_path: Path) -> None:
    package = tmp_path / "one"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "a.py").write_text("import typing\nif typing.TYPE_CHECKING:\n    from .b import B\n")
    (package / "b.py").write_text("def f():\n    from . import c\n")
    (package / "c.py").write_text("import one.a\n")
    (package / "d.py").write_text("from .a import *\n")
    inner = package / "inner"
    inner.mkdir()
    (inner / "__init__.py").write_text("from . import e\nNAME = 1\n")
    (inner / "e.py").write_text("from . import NAME\n")
    (inner / "f.py").write_text("from . import e\n")
    assert circles(graph(tmp_path)) == {
        frozenset({"one.a", "one.b", "one.c"}),
        frozenset({"one.inner", "one.inner.e"}),
    }
