"""Values that the user gives for parameters and variables that nothing declares. Most are misspelt."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ...documents.problems import first_of
from ...errors import closest
from .context import Context
from .found import Skipped, Unread

_OPTION = "--parameter"
_MOST_NAMED = 8


def undeclared(context: Context, declared: Collection[str]) -> Iterator[Unread]:
    """Yield an error for each of the user's parameters that no template and no configuration declares.

    If nothing declares the parameter, the default that the user meant to replace stays in effect. A parameter from
    settings may be for files outside this run, so it is an error only if a declared name is similar.
    """
    for name, reason in _undeclared(context, declared):
        if name not in context.standing or closest(name, declared):
            yield Unread(*context.standing.get(name, (_OPTION, None)), reason)


def for_others(context: Context, declared: Collection[str]) -> Iterator[Skipped]:
    """Yield the parameters from settings that nothing here declares, one item for each settings file."""
    names: dict[str, list[str]] = {}
    for name, _ in _undeclared(context, declared):
        if name in context.standing and not closest(name, declared):
            names.setdefault(context.standing[name][0], []).append(name)
    for source, some in names.items():
        yield Skipped(source, f"its parameters {_listed(some)} are not declared by any template or module here")


def _undeclared(context: Context, declared: Collection[str]) -> Iterator[tuple[str, str]]:
    for name in context.parameters:
        if name not in declared:
            yield name, f"`{name}` is not declared by any template or module here: {_instead(name, declared)}"


def _instead(name: str, declared: Collection[str]) -> str:
    names = sorted(declared)
    if not names:
        return "none of them declares a parameter"
    close = closest(name, names)
    hint = f"did you mean `{close}`? " if close else ""
    return f"{hint}declared are {_listed(names)}"


def unused(names: Collection[str]) -> str:
    """Return the note for variables in a file that no configuration declares. Terraform only warns about them."""
    return f"no configuration here declares {_listed(names)}, so their values in the file are not used"


def _listed(names: Iterable[str]) -> str:
    return first_of([f"`{one}`" for one in names], _MOST_NAMED)
