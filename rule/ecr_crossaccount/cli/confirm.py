"""A question that a person has to say yes to before something is written."""

from __future__ import annotations

import argparse
import sys

from .errors import InputError

_YES = frozenset({"y", "yes"})


def confirmed(arguments: argparse.Namespace, asked: str) -> bool:
    """Ask, unless `--yes` was given; say so where nothing is to be written. Raises InputError if nobody can answer."""
    if arguments.yes:
        return True
    if not sys.stdin.isatty():
        raise InputError("nobody to ask: give --yes, or --dry-run")
    print(f"{asked} [y/N] ", end="", flush=True)
    if sys.stdin.readline().strip().lower() in _YES:
        return True
    print("nothing was written")
    return False
