"""A file's name as reports need it, and a result in one line."""

from __future__ import annotations

from pathlib import Path, PurePath

from .....sources.check.results import Result
from ...base.documentation import link
from ...base.visible import visible


def relative(file: str) -> str:
    """Return a file relative to the working folder, if it is in that folder. `./a` becomes `a`."""
    path = PurePath(file)
    if path.is_absolute() and path.is_relative_to(Path.cwd()):
        path = path.relative_to(Path.cwd())
    return path.as_posix()


def line_of(result: Result) -> str:
    """Return a line with the place, severity, rule, message and link of a result."""
    at, rule = result.at, result.rule
    what = f"{result.label} {rule.id}: {result.told} ({link(rule)})"
    return visible(f"{at.file}:{at.line}:{at.column}: {what}")
