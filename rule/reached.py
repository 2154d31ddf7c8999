"""Prints the files that a function can import, for the Makefile, which ships these: `python reached.py handler.py`.

An import in a function counts, and one that is only for a type checker does not.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent


def reachable_files(handler: str) -> list[str]:
    """Return the files of this project that a handler can import, and itself, as paths below this folder."""
    found: dict[str, Path] = {}
    waiting = [handler.removesuffix(".py")]
    while waiting:
        module = waiting.pop()
        file = _file_of(module)
        if file is not None and module not in found:
            found[module] = file
            package = module if file.name == "__init__.py" else module.rpartition(".")[0]
            waiting += [module.rpartition(".")[0], *_list_imports(ast.parse(file.read_text("utf-8")), package)]
    return sorted(file.relative_to(ROOT).as_posix() for file in found.values())


def _file_of(module: str) -> Path | None:
    """Return the file of a module, or None if it is not of this project."""
    path = ROOT.joinpath(*module.split("."))
    files = (path / "__init__.py", path.with_suffix(".py")) if module else ()
    return next((file for file in files if file.exists()), None)


def _list_imports(node: ast.AST, package: str) -> Iterator[str]:
    """Yield what a module of `package` imports. A name may be a module."""
    for part in ast.iter_child_nodes(node):
        match part:
            case ast.If(test=ast.Name("TYPE_CHECKING")):
                pass
            case ast.Import(names=names):
                yield from (one.name for one in names)
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package.split(".")[: 1 - level or None] if level else ()
                source = ".".join([*above, *([module] if module else [])])
                yield from (source, *(f"{source}.{one.name}" for one in names))
            case _:
                yield from _list_imports(part, package)


if __name__ == "__main__":
    sys.stdout.write("\n".join(reachable_files(sys.argv[1])) + "\n")
