"""The accounts that a function for an organization serves: those in the organization's list, see `register`."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime

from ..access.members import Members
from ..register.clients import client_of
from ..register.location import Location
from ..register.reader import KEPT, LARGEST_MEMBERS
from ..register.shelf import Shelf
from .errors import AccountNotServedError

SERVED_MEMBERS = "SERVED_MEMBERS"
"""The environment variable with the location of the list, `s3://bucket/key`."""


def _now() -> datetime:
    return datetime.now(UTC)


class ListedMembers:
    """The accounts in the list at a location. Keep it for the life of a container."""

    def __init__(self, location: Location, now: Callable[[], datetime] = _now) -> None:
        self._shelf = Shelf(location, Members.parse, LARGEST_MEMBERS)
        self._now = now

    @classmethod
    def of_environment(cls) -> ListedMembers:
        """Return the members in the list that the environment names. Raises RegisterError."""
        return cls(Location.parse(os.environ[SERVED_MEMBERS].strip()))

    def refusal(self, account: str) -> str | None:
        """Return why an account is not served, or None if it is in the list. An unusable list serves no one."""
        known = self._known()
        if isinstance(known, str):
            return known
        return None if known.is_in_use(account) else f"it is not an account in use of {known.organization}"

    def in_use(self) -> frozenset[str]:
        """Return all accounts in use. Raises AccountNotServedError if the list is unusable."""
        known = self._known()
        if isinstance(known, str):
            raise AccountNotServedError(f"it cannot be determined which accounts are served: {known}")
        return frozenset(filter(known.is_in_use, known.paths))

    def _known(self) -> Members | str:
        """Return the list, or why it is unusable."""
        moment = self._now()
        self._shelf.look(client_of, moment)
        read = self._shelf.counting(moment, KEPT)
        problem = str(self._shelf.reason) if read is None else read.value.problem(moment)
        if read is None or problem is not None:
            return f"nobody is, while the list of members at {self._shelf.location} cannot be used: {problem}"
        return read.value
