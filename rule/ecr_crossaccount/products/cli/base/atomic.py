"""Files are written completely or not at all, and by one process at a time: no run leaves half a report.

The lock is a file beside the target, not the folder, because an exclusive lock on NFS needs a descriptor open for
writing. Editors and Git ignore it, so the caller also compares the file with what it read before it replaces the file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from ....errors import InputError, in_our_words
from ....sources.reading.locks import give_back, lock_of, take_lock
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


PRIVATE = 0o600
"""Permissions of a file that only its owner can read and write."""


class ExistsError(InputError):
    """A file of that name exists, so none was created."""


def write_whole(path: str, text: str | Iterable[str]) -> None:
    """Replace the file at `path` with `text`, whole or in pieces, in one step.

    A pipe, a device or any other file that is not regular is written in place. A symbolic link stays a link. A file
    keeps its permissions and, as far as the system allows, its owner and group. Raises InputError if it cannot be
    written.
    """
    data = _encode_pieces(text, "utf-8")
    target = Path(os.path.realpath(path))
    try:
        old = _status_of(target)
        if old is not None and not stat.S_ISREG(old.st_mode):  # a pipe or device, which has no half-written state
            with target.open("wb") as file:
                file.writelines(data)
        else:
            _replace(target, data, old)
    except OSError as error:
        raise _unwritable(path, error) from None


def replace_read(path: str, text: str, read: str, *, encoding: str = "utf-8") -> None:
    """Replace the file at `path` if its content still has the digest `read`. Keep what `write_whole` keeps.

    Raises InputError if the content has changed, or the file cannot be written.
    """
    target = Path(os.path.realpath(path))
    try:
        _replace(target, _encode_pieces(text, encoding), _regular(path, target), read)
    except FileNotFoundError:
        raise _changed_error(path) from None
    except OSError as error:
        raise _unwritable(path, error) from None


def create_whole(path: str, text: str, *, mode: int | None = None) -> None:
    """Create the file at `path` with `text`. An existing file is never changed.

    `mode` is its permissions; by default, those of any new file. The text and the name are on the disk on return.
    Raises ExistsError if the file exists, and InputError if it cannot be written.
    """
    file = Path(path)
    try:
        # The empty file reserves the name: only the process that created it puts the text in its place.
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, PRIVATE))
        try:
            _replace(file, _encode_pieces(text, "utf-8"), None, mode=mode)
        except BaseException:
            file.unlink(missing_ok=True)
            raise
    except FileExistsError:
        raise ExistsError(f"`{path}` exists: it was not written over") from None
    except OSError as error:
        raise _unwritable(path, error) from None


def _encode_pieces(text: str | Iterable[str], encoding: str) -> Iterator[bytes]:
    pieces = [text] if isinstance(text, str) else text
    return (piece.encode(encoding, "backslashreplace") for piece in pieces)


def _unwritable(path: str, error: OSError) -> InputError:
    return InputError(f"cannot write `{path}`: {in_our_words(error)}")


def _changed_error(path: str | Path) -> InputError:
    return InputError(f"`{path}` was changed by someone else while this ran: nothing was written, run it again")


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
    """Replace the file at `path` with `data`. If `read` is given, do so only if the content has that digest."""
    import tempfile

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
    except BaseException:  # also after an interrupt: the temporary file must be removed
        Path(name).unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _refuse_another(path: Path, read: str) -> None:
    from hashlib import file_digest

    with path.open("rb") as file:
        now = file_digest(file, "sha256").hexdigest()
    if now != read:
        raise _changed_error(path)


def _permissions(old: os.stat_result | None, mode: int | None) -> int:
    if mode is not None:
        return mode
    return stat.S_IMODE(old.st_mode) if old is not None else 0o666 & ~_umask()


def _give(name: str, old: os.stat_result) -> None:
    """Give a file the owner and group of another one, or only the group if changing the owner is not permitted."""
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
    """Write a folder's new entry for a file to the disk, if the system can. The content is on the disk already."""
    with suppress(OSError):  # Windows cannot open a folder, and some file systems cannot sync one
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _umask() -> int:
    """Return the umask of the process, which can only be read by setting it."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
