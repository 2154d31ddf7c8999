"""The command as a process of its own: what is installed on PATH, and `python -m ecr_crossaccount`."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

# Those of `cli.exit_status`, which may itself be what cannot be imported.
CRASHED = 70
INTERRUPTED = 130
_LEAVING = (0, 3)
"""With which argparse leaves, after help and bad usage; from anybody else, `sys.exit` is a crash."""


def process() -> int:
    """Run the command with the process's own arguments, and return its exit status.

    Whatever goes wrong has a status of its own. Python's is 1, which would say that a policy is not compliant.
    """
    try:
        from .cli.main import main  # noqa: PLC0415 - the import may fail as well

        status = main()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BaseException as error:
        if isinstance(error, SystemExit) and error.code in _LEAVING:
            raise
        _tell(error)
        return CRASHED
    # Python would look through all that is left for cycles before it ends: of a large report, half a second's work.
    gc.freeze()
    return status


def _tell(error: BaseException) -> None:
    try:
        from .cli.crash import tell  # noqa: PLC0415 - likewise

        tell(error, sys.argv[1:])
    except Exception as another:  # noqa: BLE001 - the status counts, even where nothing can be said
        with suppress(Exception):
            sys.stderr.write(f"ecr-crossaccount: internal error ({type(error).__name__}, {type(another).__name__})\n")
        with suppress(Exception):  # what is left in the stream would fail once more at exit, with a status of Python's
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())


if __name__ == "__main__":
    sys.exit(process())
