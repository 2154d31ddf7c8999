"""No module imports one that imports it, directly or indirectly. Shared code is below both, or is passed in.

A name is imported from the module that defines it, so that an import says what a module depends on.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[1] / "rule"

Graph = Mapping[str, frozenset[str]]


def module_at(path: Path, root: Path) -> str:
    """Return the module name of a file."""
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def source_of(node: ast.ImportFrom, package: tuple[str, ...]) -> str:
    """Return the module that a module of `package` imports from."""
    above = package[: len(package) + 1 - node.level] if node.level else ()
    return ".".join([*above, *([node.module] if node.module else [])])


def imported_in(tree: ast.Module, package: tuple[str, ...], known: Collection[str]) -> Iterator[str]:
    """Yield all imports in a module of `package`, including those in functions and for type checkers."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = source_of(node, package)
            inner = {f"{base}.{name.name}" for name in node.names}
            # A name that is not a module is in the module that it is imported from.
            yield from inner & set(known)
            yield from () if inner <= set(known) else (base,)


def graph(root: Path) -> Graph:
    """Return the modules under `root`, each with those of them that it imports.

    Not included are modules that Python also imports, the packages of a module, and imports by a name that is only
    known at run time, as `cli.main` imports its commands.
    """
    trees = trees_in(root)
    return {
        name: frozenset(imported_in(tree, package, trees)) & (trees.keys() - {name})
        for name, (package, tree) in trees.items()
    }


def trees_in(root: Path) -> Mapping[str, tuple[tuple[str, ...], ast.Module]]:
    """Return the modules under `root`, each with its package and its text as a tree."""
    found = {}
    for path in root.rglob("*.py"):
        parts = tuple(module_at(path, root).split("."))
        package = parts if path.name == "__init__.py" else parts[:-1]
        found[".".join(parts)] = (package, ast.parse(path.read_text("utf-8")))
    return found


def passed_on(root: Path) -> Iterator[str]:
    """Yield each import of a name from a module under `root` that only imports it."""
    trees = trees_in(root)
    bound = {name: {*_bound_in(tree.body)} for name, (_, tree) in trees.items()}
    for name, (package, tree) in trees.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and (base := source_of(node, package)) in trees:
                names = {one.name for one in node.names} - bound[base]
                yield from (f"{name}: {base}.{one}" for one in names if f"{base}.{one}" not in trees and one != "*")


def _bound_in(body: Iterable[ast.stmt]) -> Iterator[str]:
    """Yield the names that statements bind other than by an import."""
    for statement in body:
        match statement:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                yield name
            case ast.If() | ast.Try() | ast.For() | ast.With():
                yield from _bound_in(one for one in ast.iter_child_nodes(statement) if isinstance(one, ast.stmt))
            case _:
                names = (one for one in ast.walk(statement) if isinstance(one, ast.Name))
                yield from (one.id for one in names if isinstance(one.ctx, ast.Store))


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


def test_each_name_is_imported_from_where_it_is_defined() -> None:
    assert sorted(passed_on(ROOT)) == []


def test_a_name_that_is_passed_on_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("import typing\nA: int = 1\nif A:\n    B = 2\n")
    (tmp_path / "b.py").write_text("from a import A, B\nC = A\n")
    (tmp_path / "c.py").write_text("def f():\n    from b import A, C\n")
    assert [*passed_on(tmp_path)] == ["c: b.A"]


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
