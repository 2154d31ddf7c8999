"""The accounts that a function for an organization serves.

They are those in the organization's list (see `register`), or those that the stack names in a parameter of Systems
Manager: an environment of 4 KB has no room for hundreds.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ...documents.document import is_account
from ...documents.problems import quote
from ...errors import TrustError
from ...judgement.values.members import Members
from ...memo import by_value
from ..aws.clients import client_of
from ..aws.errors import AccountNotServedError
from .content import Location
from .reader import KEPT, LARGEST_MEMBERS
from .stores import Shelf

SERVED_MEMBERS = "SERVED_MEMBERS"
"""The environment variable with the location of the list, `s3://bucket/key`, or of the stack's own, `ssm:/name`."""


def _now() -> datetime:
    return datetime.now(UTC)


@by_value
class Named:
    """The accounts that a stack names. They are served as long as it names them."""

    paths: Mapping[str, None]
    organization: str = "those that the stack names"

    @classmethod
    def parse(cls, value: Mapping[str, object]) -> Named:
        """Read `{"accounts": "111122223333,444455556666"}`. Raises TrustError."""
        named = [text.strip() for text in str(value["accounts"]).split(",")]
        wrong = [quote(text) for text in named if not is_account(text)]
        if wrong:
            raise TrustError((("accounts", f"{wrong[0]} is not an account: expected 12 digits"),))
        return cls(dict.fromkeys(named))

    def problem(self, _: datetime) -> str | None:
        """Return that the accounts can be used at any time."""
        return None

    def is_in_use(self, account: str) -> bool:
        """Return whether the stack names an account."""
        return account in self.paths


def _parse_list(value: object) -> Members | Named:
    return Named.parse(value) if isinstance(value, Mapping) and set(value) == {"accounts"} else Members.parse(value)


class ListedMembers:
    """The accounts in the list at a location. Keep it for the life of a container."""

    def __init__(self, location: Location, now: Callable[[], datetime] = _now) -> None:
        self._shelf = Shelf(location, _parse_list, LARGEST_MEMBERS)
        self._now = now

    @classmethod
    def of_environment(cls) -> ListedMembers:
        """Return the members in the list that the environment names. Raises RegisterError."""
        return cls(Location.parse(os.environ[SERVED_MEMBERS].strip()))

    def refusal(self, account: str) -> str | None:
        """Return why an account is not served, or None if it is in the list. An unusable list serves no one."""
        known = self._usable_list()
        if isinstance(known, str):
            return known
        return None if known.is_in_use(account) else f"it is not an account in use of {known.organization}"

    def in_use(self) -> frozenset[str]:
        """Return all accounts in use. Raises AccountNotServedError if the list is unusable."""
        known = self._usable_list()
        if isinstance(known, str):
            raise AccountNotServedError(f"it cannot be determined which accounts are served: {known}")
        return frozenset(filter(known.is_in_use, known.paths))

    def _usable_list(self) -> Members | Named | str:
        """Return the list, or why it is unusable."""
        moment = self._now()
        self._shelf.look(client_of, moment)
        read = self._shelf.counting(moment, KEPT)
        problem = str(self._shelf.reason) if read is None else read.value.problem(moment)
        if read is None or problem is not None:
            return f"nobody is, while the list of members at {self._shelf.location} cannot be used: {problem}"
        return read.value
