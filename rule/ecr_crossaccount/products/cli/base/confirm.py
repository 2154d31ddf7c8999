"""The question that a person must answer with yes before something is written."""

from __future__ import annotations

import argparse
import sys

from .errors import InputError

_YES = frozenset({"y", "yes"})


def confirmed(arguments: argparse.Namespace, asked: str) -> bool:
    """Return whether the user agrees, or gave `--yes`. Raises InputError if there is no terminal to ask on."""
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("nobody to ask: give --yes, or --dry-run")
    print(f"{asked} [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() in _YES:
        return True
    print("nothing was written")
    return False
