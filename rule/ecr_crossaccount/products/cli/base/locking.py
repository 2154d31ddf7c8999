"""A lock that lets only one process of this command change a file at a time.

The lock is a file beside the target, not the folder, because an exclusive lock on NFS needs a descriptor open for
writing. Editors and Git ignore it, so the caller also compares the file with what it read before it replaces the file.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ....errors import InputError, in_our_words
from ....sources.reading.files import give_back, lock_of, take_lock
from . import clock

LONGEST_WAIT = 30.0
"""In seconds. One change of a large register takes a few seconds."""
_SAID_AFTER = 2.0
"""In seconds. A shorter wait is not reported."""
_BETWEEN = 0.02
"""Seconds between two attempts."""


@contextmanager
def only_one(path: str, complain: Callable[[str], None]) -> Iterator[None]:
    """Allow one process at a time to change the file at `path`. If this process must wait, it calls `complain`.

    The operating system locks an empty file beside `path` (`.trust.yaml.lock`), which is removed afterwards. The lock
    ends with its process, so a file that a killed run leaves behind blocks no one. Raises InputError if the lock is not
    available within LONGEST_WAIT.
    """
    lock = lock_of(path)
    try:
        descriptor = _await_lock(path, lock, complain)
    except OSError as error:
        folder = Path(path).parent
        if isinstance(error, FileNotFoundError) and not folder.exists():
            raise InputError(f"cannot write `{path}`: there is no folder `{folder}`") from None
        raise InputError(f"cannot lock `{path}` by `{lock}`: {in_our_words(error)}; nothing was written") from None
    try:
        yield
    finally:
        give_back(lock, descriptor)


def _await_lock(path: str, lock: Path, complain: Callable[[str], None]) -> int:
    """Return the descriptor that holds the lock. Raises OSError, InputError."""
    start = clock.monotonic()
    told = False
    while (descriptor := take_lock(lock)) is None:
        waited = clock.monotonic() - start
        if waited >= LONGEST_WAIT:
            raise InputError(
                f"another process has been changing `{path}` for {LONGEST_WAIT:.0f} seconds and holds its lock "
                f"`{lock}`: nothing was written, run it again"
            )
        if waited >= _SAID_AFTER and not told:
            complain(f"waiting for another process to finish changing `{path}`")
            told = True
        clock.sleep(_BETWEEN)
    return descriptor
