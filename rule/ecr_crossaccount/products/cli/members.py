"""The list of an organization's accounts, as a file. `members: true` in a register covers these accounts by name."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from ...errors import TrustError
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from ...sources.reading.files import MEGABYTE, UnreadableError, text_named
from .base.errors import InputError
from .base.json_text import JsonError, read_json
from .base.program import complain

LARGEST = 16 * MEGABYTE
"""In bytes. 50,000 accounts take about 6,000,000."""
_NAMED = 3
"""The most faults that a message names."""


def with_members(trust: Trust, path: str | None, now: datetime) -> Trust:
    """Return the trust with the members in the file at `path`, or unchanged if `path` is None. Raises InputError.

    A list that is too old covers no account. A note on standard error says so.
    """
    if path is None:
        return trust
    members = members_in(path)
    problem = members.problem(now)
    if problem is not None:
        complain(f"note: `{path}` covers nobody: {problem}")
        return trust
    return replace(trust, members=members)


def members_in(path: str) -> Members:
    """Return the members in a file of any age. Raises InputError."""
    try:
        return Members.parse(read_json(text_named(path, LARGEST)))
    except (UnreadableError, JsonError) as error:
        raise InputError(f"cannot read the list of members `{path}`: {error}") from None
    except TrustError as error:
        raise InputError(*(f"{path}: {at}: {reason}" for at, reason in error.problems[:_NAMED])) from None
