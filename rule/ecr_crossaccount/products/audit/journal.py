"""The progress of an interrupted audit: one line per repository, so that the next run continues from there.

A line is complete or ignored: if a crash cuts one off, its repository is read again. So is a repository whose line is
too old.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from ...documents.document import is_account
from ...documents.json import value_of
from ...errors import in_our_words
from ...sources.reading.files import UnreadableError, give_back, lock_of, open_found_file, take_lock
from .items import AuditError, Item

_FORMAT = "ecr-crossaccount audit, resumable, with times"
_KEPT_FOR = timedelta(days=1)
"""A line that is older does not count. Policies change."""


@dataclass(slots=True)
class Journal:
    """The items read so far, by ARN, and the file that they are kept in.

    Set `complete` if nothing is missing. The file is then deleted.
    """

    known: dict[str, Item]
    file: IO[str]
    now: Callable[[], datetime]
    complete: bool = False

    def add(self, item: Item) -> None:
        """Write an item that was read now to the journal."""
        read = f"{self.now():%Y-%m-%dT%H:%M:%SZ}"
        fields = [item.arn, item.account, item.region, item.name, item.policy, item.tags, read]
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()


@contextmanager
def journal(path: Path, about: dict[str, object], now: Callable[[], datetime]) -> Iterator[Journal]:
    """Open the journal at `path`, or create it. `about` identifies the audit that it belongs to.

    Raises AuditError if it belongs to another audit, if another run has it open, or if it cannot be used. The items of
    an earlier run say when they were read.
    """
    with _alone(path):
        try:
            known, end = _read(path, about, now())
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # private, because it contains policies
        except (OSError, UnreadableError) as error:
            raise _unusable(path, error) from None
        with open(descriptor, "r+", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor has no Path
            file.truncate(end)
            file.seek(end)
            if not end:
                file.write(json.dumps({"format": _FORMAT, "about": about}) + "\n")
                file.flush()
            kept = Journal(known, file, now)
            yield kept
        if kept.complete:
            path.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Allow one run at a time to use the journal at `path`. Raises AuditError for any other."""
    lock = lock_of(path)
    try:
        descriptor = take_lock(lock)
    except OSError as error:
        raise _unusable(path, error) from None
    if descriptor is None:
        raise AuditError(f"another audit is using `{path}`: wait for its end, or give another file to --resume")
    try:
        yield
    finally:
        give_back(lock, descriptor)


def _unusable(path: Path, error: OSError | UnreadableError) -> AuditError:
    reason = in_our_words(error) if isinstance(error, OSError) else error
    return AuditError(f"cannot record the progress in `{path}`: {reason}")


def _read(path: Path, about: dict[str, object], now: datetime) -> tuple[dict[str, Item], int]:
    """Return the items in the journal that are not too old, and the number of bytes in complete lines."""
    if not path.exists():
        return {}, 0
    known: dict[str, Item] = {}
    end = 0
    with open_found_file(str(path)) as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                if number == 0:
                    raise AuditError(f"`{path}` is not a journal of an audit: --resume would overwrite it")
                break
            try:
                if number == 0:
                    _check(path, value_of(line.decode()), about)
                else:
                    item, read = _item(value_of(line.decode()))
                    if timedelta() <= now - read <= _KEPT_FOR:
                        known[item.arn] = item
            except ValueError:
                raise AuditError(f"`{path}` is not a journal of an audit, at line {number + 1}") from None
            end += len(line)
    return known, end


def _item(fields: object) -> tuple[Item, datetime]:
    """Return an item from the fields that `add` wrote, and when it was read. Raises ValueError."""
    match fields:
        case [str(arn), str(account), str(region), str(name), str() | None as policy, dict() | None as tags, str(at)]:
            if is_account(account) and all(isinstance(value, str) for value in (tags or {}).values()):
                read = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
                note = f"read at {read:%Y-%m-%dT%H:%MZ} by an interrupted audit: it may have changed since"
                return Item(arn, account, region, name, policy, tags, note=note), read
    raise ValueError(fields)


def _check(path: Path, header: object, about: dict[str, object]) -> None:
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise ValueError(header)
    if header.get("about") != about:
        other = _words(header.get("about"))
        raise AuditError(f"`{path}` belongs to another audit, {other}: give another file to --resume")


def _words(about: object) -> str:
    if not isinstance(about, dict):
        return "with no further details"
    return ", ".join(f"{name} {value}" for name, value in about.items())
