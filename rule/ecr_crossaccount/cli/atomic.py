"""Files written as a whole or not at all: whatever stops the run, nobody finds half a report."""

from __future__ import annotations

import os
import stat
import tempfile
from pathlib import Path

from ..errors import in_our_words
from .errors import InputError


def write_whole(path: str, text: str, *, encoding: str = "utf-8") -> None:
    """Put `text` into the file at `path`, replacing it at once; what is no regular file is written as it is.

    A link stays a link, and a file keeps its permissions. Raises InputError if it cannot be written.
    """
    data = text.encode(encoding, "backslashreplace")
    target = Path(os.path.realpath(path))
    try:
        mode = _mode_of(target)
        if mode is not None and not stat.S_ISREG(mode):  # a pipe or a device, where nothing can be half there
            target.write_bytes(data)
        else:
            _replace(target, data, mode)
    except OSError as error:
        raise InputError(f"cannot write `{path}`: {in_our_words(error)}") from None


def _mode_of(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _replace(path: Path, data: bytes, mode: int | None) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(stat.S_IMODE(mode) if mode is not None else 0o666 & ~_umask())
        Path(name).replace(path)
    except BaseException:  # an interrupt as well: the temporary file must not stay
        Path(name).unlink(missing_ok=True)
        raise


def _umask() -> int:
    """Return the process's mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
