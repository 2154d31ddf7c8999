"""The command as a process of its own: what is installed on PATH, and `python -m ecr_crossaccount`."""

from __future__ import annotations

import gc
import sys

from .cli.main import main


def process() -> int:
    """Run the command with the process's own arguments, and return its exit status."""
    status = main()
    # Python would look through all that is left for cycles before it ends: of a large report, half a second's work.
    gc.freeze()
    return status


if __name__ == "__main__":
    sys.exit(process())
