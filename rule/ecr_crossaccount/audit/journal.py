"""The progress of an interrupted audit: one line per repository, so that the next run continues from there.

A line is complete or ignored: if a crash cuts one off, its repository is read again.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import IO

from ..errors import in_our_words
from ..policy.principals import is_account
from ..policy.strict_json import value_of
from ..reading.files import UnreadableError, found
from .failures import AuditError
from .items import Item

_FORMAT = "ecr-crossaccount audit, resumable"
_KEPT_FOR = timedelta(days=1)
"""The time after which a journal expires. Policies change, and older data would be reported as current."""


@dataclass(frozen=True, slots=True)
class Journal:
    """The items read so far, by ARN, and the file that they are kept in."""

    known: dict[str, Item]
    file: IO[str]

    def add(self, item: Item) -> None:
        """Write an item to the journal."""
        fields = [item.arn, item.account, item.region, item.name, item.policy, item.tags]
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()


@contextmanager
def journal(path: Path, about: dict[str, object], today: date) -> Iterator[Journal]:
    """Open the journal at `path`, or create it. `about` identifies the audit that it belongs to.

    Raises AuditError if it belongs to another audit, is older than a day, or cannot be used.
    """
    try:
        known, end = _read(path, about, today)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # private, because it contains policies
    except (OSError, UnreadableError) as error:
        reason = in_our_words(error) if isinstance(error, OSError) else error
        raise AuditError(f"cannot record the progress in `{path}`: {reason}") from None
    with open(descriptor, "r+", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor has no Path
        file.truncate(end)
        file.seek(end)
        if not end:
            file.write(json.dumps({"format": _FORMAT, "begun": today.isoformat(), "about": about}) + "\n")
            file.flush()
        yield Journal(known, file)


def _read(path: Path, about: dict[str, object], today: date) -> tuple[dict[str, Item], int]:
    """Return the items in the journal, and the number of bytes in complete lines."""
    if not path.exists():
        return {}, 0
    known: dict[str, Item] = {}
    end = 0
    with found(str(path)) as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                if number == 0:
                    raise AuditError(f"`{path}` is not a journal of an audit: --resume would overwrite it")
                break
            try:
                if number == 0:
                    _check(path, value_of(line.decode()), about, today)
                else:
                    item = _item(value_of(line.decode()))
                    known[item.arn] = item
            except ValueError:
                raise AuditError(f"`{path}` is not a journal of an audit, at line {number + 1}") from None
            end += len(line)
    return known, end


def _item(fields: object) -> Item:
    """Return an item from the fields that `add` wrote. Raises ValueError."""
    match fields:
        case [str(arn), str(account), str(region), str(name), str() | None as policy, dict() | None as tags]:
            if is_account(account) and all(isinstance(value, str) for value in (tags or {}).values()):
                return Item(arn, account, region, name, policy, tags)
    raise ValueError(fields)


def _check(path: Path, header: object, about: dict[str, object], today: date) -> None:
    if not isinstance(header, dict) or header.get("format") != _FORMAT or not isinstance(header.get("begun"), str):
        raise ValueError(header)
    if header.get("about") != about:
        other = _words(header.get("about"))
        raise AuditError(f"`{path}` belongs to another audit, {other}: give another file to --resume")
    if today - date.fromisoformat(header["begun"]) > _KEPT_FOR:
        raise AuditError(f"`{path}` was started on {header['begun']}, too long ago: delete it to start again")


def _words(about: object) -> str:
    if not isinstance(about, dict):
        return "with no further details"
    return ", ".join(f"{name} {value}" for name, value in about.items())
