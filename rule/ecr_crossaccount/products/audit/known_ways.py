"""The access through roles in an earlier audit: grantee, actions, roles and repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...questions.roles.answer import More, PossibleWay, WayIn

Json = Mapping[str, Any]
Key = tuple[str, str, tuple[str, ...], str]
"""The kind of the grantee, the grantee, the roles, and the repository, or "" if it is about none."""


class KnownWays:
    """The access through roles of an earlier audit."""

    def __init__(self, accounts: Iterable[Json]) -> None:
        every = [*accounts]
        self._ways = ways_in(way for one in every for way in one["ways"])
        self._doubts = ways_in((way for one in every for way in one["undecided"]), "access")
        self._more = ways_in(way for one in every for way in one["more_is_possible"])

    def has(self, one: WayIn | PossibleWay | More) -> bool:
        """Return whether the earlier audit had all of an access, by the same roles to the same repositories."""
        held = self._doubts if isinstance(one, PossibleWay) else self._more if isinstance(one, More) else self._ways
        now = ways_in([one.to_json()], "access" if isinstance(one, PossibleWay) else "actions")
        return all(what <= held.get(key, frozenset()) for key, what in now.items())


def ways_in(some: Any, what: str = "actions") -> dict[Key, frozenset[str]]:  # noqa: ANN401 - JSON
    """Return what each access has, in their JSON form."""
    found: dict[Key, frozenset[str]] = {}
    for one in some:
        for arn in one.get("repositories", ("",)):
            key = (one["kind"], one["grantee"], tuple(one["chain"]), arn)
            found[key] = found.get(key, frozenset()) | frozenset(one.get(what, ()))
    return found
