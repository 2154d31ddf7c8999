"""`ecr-crossaccount completion`: a script that lets a shell complete commands, options and files."""

from __future__ import annotations

import argparse
import sys

from .base.program import ExitStatus, parsers_in
from .main import whole_parser

SHELLS = ("bash", "zsh", "fish")
_FILES = frozenset({"FILE", "PATH", "FROM", "BACKUP"})
"""The names of values that are a file or a folder."""


def configure(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `completion`."""
    parser.add_argument("shell", choices=SHELLS, help="the shell that the script is for")


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Print the script. A shell reads it once, and does not run this program for each completion."""
    import shtab

    parser = whole_parser()
    for one in parsers_in(parser):
        for action in one._actions:  # noqa: SLF001 - argparse has no other way to its own options
            if action.metavar in _FILES:
                action.complete = shtab.FILE  # type: ignore[attr-defined]
    sys.stdout.write(shtab.complete(parser, arguments.shell) + "\n")
    return ExitStatus.COMPLIANT
