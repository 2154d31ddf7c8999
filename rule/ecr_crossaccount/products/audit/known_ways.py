"""The access through roles in an earlier audit: grantee, actions, roles and repository."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...questions.roles.answer import Perhaps, WayIn

Json = Mapping[str, Any]
Key = tuple[str, str, tuple[str, ...], str]
"""The kind of the grantee, the grantee, the roles, and the repository."""


class KnownWays:
    """The access through roles of an earlier audit."""

    def __init__(self, accounts: Iterable[Json]) -> None:
        every = [*accounts]
        self._ways = ways_in(way for one in every for way in one["ways"])
        self._doubts = ways_in((way for one in every for way in one["undecided"]), "access")

    def has(self, one: WayIn | Perhaps) -> bool:
        """Return whether the earlier audit had all of an access, by the same roles to the same repositories."""
        is_doubt = isinstance(one, Perhaps)
        held = self._doubts if is_doubt else self._ways
        return all(
            what <= held.get(key, frozenset())
            for key, what in ways_in([one.to_json()], "access" if is_doubt else "actions").items()
        )


def ways_in(some: Any, what: str = "actions") -> dict[Key, frozenset[str]]:  # noqa: ANN401 - JSON
    """Return what each access has, in their JSON form."""
    found: dict[Key, frozenset[str]] = {}
    for one in some:
        for arn in one["repositories"]:
            key = (one["kind"], one["grantee"], tuple(one["chain"]), arn)
            found[key] = found.get(key, frozenset()) | frozenset(one.get(what, ()))
    return found
