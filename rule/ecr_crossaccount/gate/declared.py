"""Values that the user gives for parameters and variables which nobody has declared: misspelt, most likely."""

from __future__ import annotations

from collections.abc import Collection, Iterator

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
    from difflib import get_close_matches  # noqa: PLC0415 - asked for rarely

    by_small = {one.lower(): one for one in names}
    close = get_close_matches(name.lower(), by_small, 1)
    hint = f"did you mean `{by_small[close[0]]}`? " if close else ""
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"{hint}declared are {', '.join(f'`{one}`' for one in names[:_MOST_NAMED])}{more}"


def unused(names: Collection[str]) -> str:
    """Return what to say of a file's variables that no configuration declares; Terraform warns of them, and goes on."""
    shown = ", ".join(f"`{one}`" for one in list(names)[:_MOST_NAMED])
    more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
    return f"no configuration here declares {shown}{more}, so what the file says of that is not used"
