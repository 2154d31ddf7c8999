"""The script of a step, made of a module of `products/automation/`: only the code that its handler runs.

Systems Manager accepts documents of at most 64 KB. Docstrings, comments and types are for readers of the module, and
code that the handler does not reach is for other steps. Code that a module imports from its neighbors is included.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

NEIGHBOURS = Path(__file__).parents[1] / "rule" / "ecr_crossaccount" / "products" / "automation"


def script(source: str, handler: str) -> str:
    """Return the part of a module, and of its neighbors, that a handler needs.

    Raises LookupError if the module has no such handler, and ValueError if two modules define the same name
    differently.
    """
    module = ast.Module(list(_needed(_whole(source), handler)), [])
    return _formatted(ast.unparse(ast.fix_missing_locations(module)))


def _whole(source: str) -> list[ast.stmt]:
    """Return the statements of a module after those of the neighbors that it imports, each once, imports first."""
    found = {ast.dump(one): one for one in _statements(source)}
    imports = [one for one in found.values() if isinstance(one, ast.Import | ast.ImportFrom)]
    others = [one for one in found.values() if one not in imports]
    names = [name for one in others for name in _defined(one)]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"`{name}` is defined twice, in the module or in one that it imports")
    return [*imports, *others]


def _statements(source: str) -> Iterator[ast.stmt]:
    for statement in _Code().visit(ast.parse(source)).body:
        if isinstance(statement, ast.ImportFrom) and statement.level:
            yield from _statements((NEIGHBOURS / f"{statement.module}.py").read_text(encoding="utf-8"))
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            yield from _each(statement)
        else:
            yield statement


def _each(statement: ast.Import | ast.ImportFrom) -> Iterator[ast.stmt]:
    """Yield an import for each name, so that duplicates between two modules are found."""
    for alias in statement.names:
        if isinstance(statement, ast.Import):
            yield ast.Import([alias])
        else:
            yield ast.ImportFrom(statement.module, [alias], 0)


class _Code(ast.NodeTransformer):
    """Removes everything from a module that does not run."""

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        only_types = ast.unparse(node.test) == "TYPE_CHECKING" and not node.orelse
        return None if only_types else self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.arg:
        return ast.arg(node.arg)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.Assign | None:
        return ast.Assign([node.target], node.value) if node.value else None

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        # An annotation in a class is a field of a tuple, so it is code that runs.
        kept = [one if isinstance(one, ast.AnnAssign) else self.visit(one) for one in node.body]
        node.body = [one for one in kept if one] or [ast.Pass()]
        return node


def _needed(statements: Iterable[ast.stmt], handler: str) -> Iterator[ast.stmt]:
    """Yield the statements of a module that define what the handler reaches, by name."""
    statements = list(statements)
    definitions = {name: one for one in statements for name in _defined(one)}
    if handler not in definitions:
        raise LookupError(f"the module has no `{handler}`")
    names = _reached(definitions, handler)
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            statement.names = [alias for alias in statement.names if _bound(alias) in names]
            if not statement.names:
                continue
        elif not names & set(_defined(statement)):
            continue
        yield statement


def _reached(definitions: Mapping[str, ast.stmt], handler: str) -> set[str]:
    reached: set[str] = set()
    waiting = [handler]
    while waiting:
        name = waiting.pop()
        if name in definitions and name not in reached:
            reached.add(name)
            waiting += [node.id for node in ast.walk(definitions[name]) if isinstance(node, ast.Name)]
    return reached


def _defined(statement: ast.stmt) -> list[str]:
    """Return the names that a statement of a module defines. Raises ValueError for a statement of any other kind."""
    match statement:
        case ast.Import() | ast.ImportFrom():
            return [_bound(alias) for alias in statement.names]
        case ast.FunctionDef() | ast.ClassDef():
            return [statement.name]
        case ast.Assign():
            return [node.id for target in statement.targets for node in ast.walk(target) if isinstance(node, ast.Name)]
        case _:
            code = ast.unparse(statement).partition("\n")[0]
            raise ValueError(
                f"line {statement.lineno}: `{code}` is no import, definition or assignment; a script has no other"
            )


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.partition(".")[0]


def _formatted(code: str) -> str:
    """Return the code as ruff formats it, in few bytes: indented by two, in quotes that JSON does not escape."""
    style = ("--config", "format.quote-style = 'single'", "--config", "indent-width = 2")
    named = [str(Path(sys.executable).with_name("ruff")), "format", *style, "--stdin-filename", "script.py", "-"]
    here = Path(__file__).parents[1]  # the folder with the project's settings
    return subprocess.run(named, cwd=here, input=code, capture_output=True, text=True, check=True).stdout
