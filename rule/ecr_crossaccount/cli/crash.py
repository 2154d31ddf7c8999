"""What is said when the program itself fails: one line, and the traceback if it is asked for.

A crash is no verdict: its exit status is 70, and a line of a batch that meets one is answered as not judged.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

from .visible import visible

VARIABLE = "ECR_CROSSACCOUNT_DEBUG"
"""The environment variable that asks for the traceback, as `--debug` does."""

_LONGEST_REASON = 300


def tell(error: BaseException, argv: Sequence[str]) -> None:
    """Say on standard error what happened, that it proves nothing, and what to do about it."""
    if "--debug" in argv or os.environ.get(VARIABLE) == "1":  # argparse may be what failed
        for line in "".join(traceback.format_exception(error)).splitlines():
            print(visible(line), file=sys.stderr)
    print(
        f"ecr-crossaccount: internal error ({reason(error)}): nothing can be concluded from this run; {_help(error)}",
        file=sys.stderr,
    )


def reason(error: BaseException) -> str:
    """Return what happened, in one line that is safe to show and not too long for it."""
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
