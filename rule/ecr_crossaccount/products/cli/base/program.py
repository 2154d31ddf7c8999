"""What a run of the command tells: its name and version, messages, errors, a crash, and the exit status.

A crash is not a verdict. Its exit status is 70, and a line of a batch that causes one is answered as not judged.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Sequence
from enum import IntEnum
from typing import TextIO

from ....errors import InputError


class ExitStatus(IntEnum):
    """The exit status of every subcommand."""

    COMPLIANT = 0
    NON_COMPLIANT = 1
    UNDECIDED = 2
    BAD_INPUT = 3
    CRASHED = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # as a shell reports a process that SIGINT ended
    NOBODY_READS = 141  # as a shell reports a process that SIGPIPE ended


_WORST_LAST = (ExitStatus.COMPLIANT, ExitStatus.UNDECIDED, ExitStatus.NON_COMPLIANT, ExitStatus.BAD_INPUT)


def worst_of(statuses: Iterable[ExitStatus]) -> ExitStatus:
    """Return the worst of several statuses."""
    return max(statuses, key=_WORST_LAST.index, default=ExitStatus.COMPLIANT)


def visible(text: str) -> str:
    """Return `text` with every character that a reader would not see written as an escape.

    These are all characters that Unicode does not call printable: controls (and so escape sequences), line breaks,
    bidirectional overrides, zero-width characters, spaces other than U+0020, lone surrogates and unassigned characters.
    """
    if text.isprintable():
        return text
    return "".join(character if character.isprintable() else _escape(character) for character in text)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "backslashreplace").decode("ascii")


PROGRAM = "ecr-crossaccount"


def version() -> str | None:
    """Return the version of the installed distribution. Its metadata are read only on request."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as version_of

    try:
        return version_of(PROGRAM)
    except PackageNotFoundError:
        return None


def complain(message: str) -> None:
    """Write a message to standard error in one line. If that fails, the exit status must be enough."""
    try:
        print(f"{PROGRAM}: {visible(message)}", file=sys.stderr)
    except OSError:
        write_no_more(sys.stderr)


def write_no_more(stream: TextIO) -> None:
    """Redirect a standard stream to the null device, so that the interpreter's flush at exit cannot fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


DEBUG_VARIABLE = "ECR_CROSSACCOUNT_DEBUG"
"""The environment variable that requests the traceback, like `--debug`."""

_LONGEST_REASON = 300


def tell(error: BaseException, argv: Sequence[str]) -> None:
    """Write to standard error what happened, that it proves nothing, and what to do about it."""
    if "--debug" in argv or os.environ.get(DEBUG_VARIABLE) == "1":  # argparse may be what failed
        import traceback

        for line in "".join(traceback.format_exception(error)).splitlines():
            print(visible(line), file=sys.stderr)
    print(
        f"ecr-crossaccount: internal error ({reason(error)}): nothing can be concluded from this run; {_help(error)}",
        file=sys.stderr,
    )


def reason(error: BaseException) -> str:
    """Return what happened, in one short line that is safe to show."""
    text = visible(f"{type(error).__name__}: {error}".removesuffix(": "))
    return text if len(text) <= _LONGEST_REASON else f"{text[: _LONGEST_REASON - 1]}…"


def _help(error: BaseException) -> str:
    match error:
        case ImportError():
            return "the installation is incomplete or damaged: install it again"
        case MemoryError():
            return "there was not enough memory: run it on fewer files, or on a machine with more memory"
        case _:
            return "run it again with `--debug` for the traceback, and report it as SECURITY.md describes"


_YES = frozenset({"y", "yes"})


def confirm(arguments: argparse.Namespace, asked: str) -> bool:
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
