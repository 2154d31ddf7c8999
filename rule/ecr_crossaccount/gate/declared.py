"""Values that the user gives for parameters and variables which nobody has declared: misspelt, most likely."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from ..errors import closest
from ..policy.problems import first_of
from .context import Context
from .found import Unread

_OPTION = "--parameter"
_MOST_NAMED = 8


def undeclared(context: Context, declared: Collection[str]) -> Iterator[Unread]:
    """Yield an error for each of the user's parameters that no template and no configuration declares.

    A value that nobody takes leaves a default standing that the user has meant to replace.
    """
    for name in context.parameters:
        if name not in declared:
            yield Unread(
                _OPTION, None, f"`{name}` is declared by no template and no module here: {_instead(name, declared)}"
            )


def _instead(name: str, declared: Collection[str]) -> str:
    names = sorted(declared)
    if not names:
        return "nothing here declares any"
    close = closest(name, names)
    hint = f"did you mean `{close}`? " if close else ""
    return f"{hint}declared are {_listed(names)}"


def unused(names: Collection[str]) -> str:
    """Return what to say of a file's variables that no configuration declares; Terraform warns of them, and goes on."""
    return f"no configuration here declares {_listed(names)}, so what the file says of that is not used"


def _listed(names: Iterable[str]) -> str:
    return first_of([f"`{one}`" for one in names], _MOST_NAMED)
