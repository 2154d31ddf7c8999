"""Files written as a whole or not at all: whatever stops the run, nobody finds half a report."""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from hashlib import file_digest, sha256
from pathlib import Path

from ..errors import in_our_words
from .errors import InputError

PRIVATE = 0o600
"""Permissions of a file that its owner alone may read."""


class ChangedError(InputError):
    """A file is no longer what was read, so it was not replaced."""


class ExistsError(InputError):
    """A file of that name is there already, so none was created."""


def digest(data: bytes) -> str:
    """Return what tells the content of a file from any other."""
    return sha256(data).hexdigest()


def write_whole(path: str, text: str | Iterable[str], *, encoding: str = "utf-8") -> None:
    """Put `text`, whole or in pieces, into the file at `path`, replacing it at once.

    What is no regular file is written as it is.

    A link stays a link; a file keeps its permissions and, as far as the system allows, its owner and group.
    Raises InputError if it cannot be written.
    """
    data = _encoded(text, encoding)
    target = Path(os.path.realpath(path))
    try:
        old = _status_of(target)
        if old is not None and not stat.S_ISREG(old.st_mode):  # a pipe or a device, where nothing can be half there
            with target.open("wb") as file:
                file.writelines(data)
        else:
            _replace(target, data, old)
    except OSError as error:
        raise _unwritable(path, error) from None


def replace_read(path: str, text: str, read: str, *, encoding: str = "utf-8") -> None:
    """Replace the file at `path` if its content still has the digest `read`, and keep what `write_whole` keeps.

    Raises ChangedError where it has not, InputError if the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        _replace(target, _encoded(text, encoding), _regular(path, target), read)
    except FileNotFoundError:
        raise _changed(path) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def create_whole(path: str, text: str, *, mode: int | None = None) -> None:
    """Create the file at `path` with `text`, and never touch one that is there.

    `mode`: its permissions; by default those of any new file. Text and name are on the disk when this returns.
    Raises ExistsError, InputError if it cannot be written.
    """
    file = Path(path)
    try:
        # The empty file keeps the name; only its own creator puts the text in its place.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        try:
            _replace(file, _encoded(text, "utf-8"), None, mode=mode)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise ExistsError(f"`{path}` exists: it was not written over") from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _encoded(text: str | Iterable[str], encoding: str) -> Iterator[bytes]:
    pieces = [text] if isinstance(text, str) else text
    return (piece.encode(encoding, "backslashreplace") for piece in pieces)


def _unwritable(path: str, error: OSError) -> InputError:
    return InputError(f"cannot write `{path}`: {in_our_words(error)}")


def _changed(path: str | Path) -> ChangedError:
    return ChangedError(f"`{path}` was changed by someone else while this ran: nothing was written, run it again")


def _status_of(path: Path) -> os.stat_result | None:
    try:
        return path.stat()
    except FileNotFoundError:
        return None


def _regular(path: str, target: Path) -> os.stat_result:
    status = target.stat()
    if not stat.S_ISREG(status.st_mode):
        raise InputError(f"cannot write `{path}`: expected a regular file")
    return status


def _replace(
    path: Path, data: Iterable[bytes], old: os.stat_result | None, read: str | None = None, mode: int | None = None
) -> None:
    """Put `data` in the place of `path`, only if its content has the digest `read` where one is given."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:100]}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.writelines(data)
            file.flush()
            os.fsync(file.fileno())
        if old is not None:
            _give(name, old)
        Path(name).chmod(_permissions(old, mode))
        if read is not None:
            _refuse_another(path, read)
        Path(name).replace(path)
    except BaseException:  # an interrupt as well: the temporary file must not stay
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _refuse_another(path: Path, read: str) -> None:
    with path.open("rb") as file:
        now = file_digest(file, "sha256").hexdigest()
    if now != read:
        raise _changed(path)


def _permissions(old: os.stat_result | None, mode: int | None) -> int:
    if mode is not None:
        return mode
    return stat.S_IMODE(old.st_mode) if old is not None else 0o666 & ~_umask()


def _give(name: str, old: os.stat_result) -> None:
    """Give a file the owner and group of another one; who may not give it away leaves at least the group."""
    if not hasattr(os, "chown"):  # Windows
        return
    new = Path(name).stat()
    if new.st_gid != old.st_gid:
        with suppress(PermissionError):
            os.chown(name, -1, old.st_gid)
    if new.st_uid != old.st_uid:
        with suppress(PermissionError):
            os.chown(name, old.st_uid, -1)


def _sync_folder(folder: Path) -> None:
    """Put a folder's new name for a file on the disk, where the system can: the text is there already."""
    with suppress(OSError):  # Windows opens no folder, and some file systems sync none
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    """Return the process's mask, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
