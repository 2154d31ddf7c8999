"""From the findings of one Allow's searches to grants: one for each grantee, with all actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import or_

from ..documents.document import Statement
from . import reasons
from .search.denies import Deny
from .search.findings import Found
from .severity import severity
from .values import actions
from .values.actions import ActionSets
from .values.trust import Trust
from .values.verdict import Grant, Kind


class GrantWriter:
    """Writes the grants of one policy. `organization` is the owner's, and `denies` are the policy's Denies."""

    def __init__(self, sets: ActionSets, trust: Trust, organization: str | None, denies: Sequence[Deny]) -> None:
        self._sets = sets
        self._trust = trust
        self._organization = organization
        self._denies = denies

    def of(self, statement: Statement, findings: Iterable[tuple[int, Found]]) -> Iterator[Grant]:
        """Yield one grant for each grantee, with all actions.

        The witness is the request that is easiest to understand.
        """
        by_grantee: dict[tuple[Kind, str], list[tuple[int, Found]]] = {}
        for mask, found in findings:
            by_grantee.setdefault((found.kind, found.grantee), []).append((mask, found))
        for held in by_grantee.values():
            mask, telling = min(held, key=lambda one: (reasons.OBSCURITY[one[1].witness.action], -one[0]))
            denies = [deny for deny in self._denies if deny.perhaps & mask]
            yield self._grant(statement, telling, reduce(or_, [one for one, _ in held]), denies)

    def _grant(self, statement: Statement, found: Found, mask: int, denies: Sequence[Deny]) -> Grant:
        names = self._sets.names(mask)
        return Grant(
            statement=statement.number,
            sid=statement.sid,
            grantee=found.grantee,
            kind=found.kind,
            public=found.public,
            access=actions.access_of(mask),
            actions=names,
            severity=severity(found.kind, mask, public=found.public),
            reason=reasons.grant(statement, found, names, self._trust, denies, organization=self._organization),
            witness=found.witness,
            document=statement.document,
        )
