"""Locks between processes: an empty file beside another one, which the operating system locks for one process.

The lock ends with its process, so a file that a killed process leaves behind blocks no one.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path

if sys.platform == "win32":
    import msvcrt

    def _take(descriptor: int) -> None:
        """Lock an open file. Raises OSError if another process has locked it."""
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(descriptor: int) -> None:
        """Lock an open file. Raises OSError if another process has locked it."""
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def lock_of(path: str | Path) -> Path:
    """Return the lock of the file at `path`: `.trust.yaml.lock` beside the file itself, not beside a link to it."""
    target = Path(os.path.realpath(path))
    return target.with_name(f".{target.name}.lock")


def take_lock(lock: Path) -> int | None:
    """Return the descriptor of a lock, or None if another process holds it. Raises OSError."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
    held = False
    try:
        with suppress(BlockingIOError, PermissionError, FileNotFoundError):
            _take(descriptor)
            # The previous holder may have removed the file while this process was opening it.
            held = os.path.samestat(os.fstat(descriptor), lock.stat())
    finally:
        if not held:
            os.close(descriptor)
    return descriptor if held else None


def give_back(lock: Path, descriptor: int) -> None:
    """Remove a lock that this process holds."""
    with suppress(OSError):  # Windows cannot remove an open file, and waiting processes have it open
        lock.unlink()
    os.close(descriptor)
