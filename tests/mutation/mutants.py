"""Mutants of the package: their place, their text, and the ones that a seed selects."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from types import CodeType
from typing import TypeAlias

from .edits import Edit, edits

Key: TypeAlias = tuple[str, str, str]
"""The identity of a mutant by its text: its place by name, and the code before and after."""
_SHOWN = 100
"""The most characters of the code around a change that are shown, and compared with reviewed mutants."""
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Mutant:
    """One change of one module: the `number`-th of its edits."""

    root: Path
    module: str
    number: int
    operator: str
    scope: str
    line: int
    before: str
    after: str
    lines: range | None
    """The lines whose tests may notice it, or None for code that runs when the module is imported."""

    @property
    def path(self) -> Path:
        """The file of the changed module, which is not written."""
        return self.root / self.module

    @property
    def dotted(self) -> str:
        """The name that Python imports the module by."""
        parts = Path(self.module).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    @property
    def key(self) -> Key:
        """Its identity by text, which does not depend on its position."""
        return self.scope, self.before, self.after

    def __str__(self) -> str:
        after = self.after or "(removed)"
        return f"{self.module}:{self.line} in {self.scope} [{self.operator}]\n    - {self.before}\n    + {after}"

    @cached_property
    def rank(self) -> str:
        """A random number that is the same as long as the text of the change is."""
        return sha256("\n".join((self.module, self.operator, *self.key)).encode()).hexdigest()

    def code(self) -> CodeType:
        """Return the compiled module with the change."""
        tree = ast.parse(self.path.read_bytes())
        next(edit for number, edit in enumerate(edits(tree)) if number == self.number).apply()
        return compile(tree, self.path, "exec", dont_inherit=True)


def mutants(root: Path, folders: Iterable[str]) -> Iterator[Mutant]:
    """Yield every mutant of the modules in these folders of a source root, by file and place."""
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield from _of_module(root, path)


def sample(all_of_them: Sequence[Mutant], count: int, seed: int) -> list[Mutant]:
    """Return that many of them, selected by the seed. A change elsewhere does not affect the selection."""
    ranked = sorted(all_of_them, key=lambda mutant: sha256(f"{seed}{mutant.rank}".encode()).digest())
    return ranked[:count]


def _of_module(root: Path, path: Path) -> Iterator[Mutant]:
    module = path.relative_to(root).as_posix()
    for number, edit in enumerate(edits(ast.parse(path.read_bytes()))):
        before, after = _texts(edit)
        if before != after:
            yield Mutant(root, module, number, edit.operator, edit.scope, _line(edit), before, after, _lines(edit))


def _line(edit: Edit) -> int:
    located = next(node for node in (edit.old, *reversed(edit.above)) if hasattr(node, "lineno"))
    return int(located.lineno)


def _texts(edit: Edit) -> tuple[str, str]:
    """Return the code around a change before and after: as much as is short enough, or only the removed code."""
    around = _around(edit)
    before = _text(around)
    if around is edit.old:
        return before, _text(edit.new) if edit.new else ""
    undo = edit.apply()
    after = _text(around)
    undo()
    return before, after


def _text(node: ast.AST) -> str:
    """Return one line, unless it contains a text with several. For a compound statement, this is its head."""
    text = ast.unparse(node).strip()
    return text.partition("\n")[0] if isinstance(node, (ast.stmt, ast.match_case)) else text


def _around(edit: Edit) -> ast.AST:
    found: ast.AST | None = edit.old if isinstance(edit.old, (ast.expr, ast.stmt, ast.pattern)) else None
    for node in reversed(edit.above):
        if not _is_shown_whole(node) or (found is not None and len(ast.unparse(node)) > _SHOWN):
            break
        found = node
    return found or edit.above[-1]


def _is_shown_whole(node: ast.AST) -> bool:
    return isinstance(node, (ast.expr, ast.comprehension, ast.keyword, ast.pattern)) or (
        isinstance(node, ast.stmt) and not hasattr(node, "body") and not isinstance(node, ast.Match)
    )


def _lines(edit: Edit) -> range | None:
    """Return the lines of the innermost statement that runs with the function, or of the function for its defaults."""
    chain = [*edit.above, edit.old]
    inside = next((at for at in range(len(chain) - 1, -1, -1) if isinstance(chain[at], _FUNCTIONS)), None)
    if inside is None:
        return None
    function, below = chain[inside], chain[inside + 1 :]
    assert isinstance(function, _FUNCTIONS)
    if not below or isinstance(below[0], ast.arguments):
        return range(function.body[0].lineno, (function.end_lineno or function.lineno) + 1)
    return _header(
        next(node for node in reversed(below) if isinstance(node, (ast.stmt, ast.match_case, ast.excepthandler)))
    )


def _header(node: ast.stmt | ast.match_case | ast.excepthandler) -> range:
    body = getattr(node, "body", getattr(node, "cases", None))
    first = node.pattern.lineno if isinstance(node, ast.match_case) else node.lineno
    if not body:
        return range(first, (getattr(node, "end_lineno", first) or first) + 1)
    start = body[0].pattern.lineno if isinstance(body[0], ast.match_case) else body[0].lineno
    return range(first, max(start, first + 1))
