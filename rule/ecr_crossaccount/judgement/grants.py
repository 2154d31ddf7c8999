"""From the findings of one Allow's searches to grants: one for each grantee, with all actions, and its severity.

The severity is that of the table of docs/semantics.md. The access that all Allows give is added up for the flags of a
verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import or_
from typing import assert_never

from ..documents.document import Principals, Statement
from ..documents.problems import Invalid
from . import reasons
from .search.constraints import Found
from .search.denies import Deny
from .values import actions
from .values.actions import ActionSets
from .values.trust import Trust, TrustLevel
from .values.verdict import Grant, Kind, Severity, Undecided, Verdict


def severity(kind: Kind, mask: int, *, public: bool) -> Severity:
    """Return the severity of a grant of a set of actions to a grantee.

    If a service writes for one outside account, the grant is as severe as if it wrote for anyone. The table names only
    the second case, but the images that production pulls can be tampered with in both.
    """
    tampers = bool(mask & actions.TAMPERING)
    harmless = not mask & ~actions.HARMLESS
    match kind:
        case Kind.SERVICE if tampers:
            return Severity.HIGH
        case _ if tampers:
            return Severity.CRITICAL
        case _ if harmless:
            return Severity.LOW
        case Kind.ANY if public:
            return Severity.HIGH
        case Kind.ANY | Kind.ACCOUNT | Kind.ORGANIZATION | Kind.SERVICE:
            return Severity.MEDIUM
        case _:
            assert_never(kind)


class GrantWriter:
    """Writes the grants of one policy. `organization` is the owner's, and `denies` are the policy's Denies."""

    def __init__(self, sets: ActionSets, trust: Trust, organization: str | None, denies: Sequence[Deny]) -> None:
        self._sets = sets
        self._trust = trust
        self._organization = organization
        self._denies = denies

    def write_grants(self, statement: Statement, findings: Iterable[tuple[int, Found]]) -> Iterator[Grant]:
        """Yield one grant for each grantee, with all actions.

        The witness is the request that is easiest to understand.
        """
        by_grantee: dict[tuple[Kind, str], list[tuple[int, Found]]] = {}
        for mask, found in findings:
            by_grantee.setdefault((found.kind, found.grantee), []).append((mask, found))
        for held in by_grantee.values():
            mask, telling = min(held, key=lambda one: (reasons.obscurity(one[1].witness.action), -one[0]))
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


class VerdictDraft:
    """Counts the access that each Allow gives. `circles` are those of the trust, by access.

    `open` are the actions that an Allow gives to everyone, including services. A doubt about these adds nothing.
    """

    __slots__ = ("_circles", "_external", "_owner", "_public", "_service", "open")

    def __init__(self, owner: str, circles: Sequence[TrustLevel]) -> None:
        self._owner = owner
        self._circles = circles
        self._external = self.open = 0
        self._public = self._service = False

    def count_plain(self, principals: Principals, mask: int) -> None:
        """Count an Allow that needs no search, with these actions."""
        if mask and principals.is_wild:
            self._public = self._service = True
            self._external |= mask
            self.open |= mask
            return
        accounts = {entry.account for entry in principals.named}
        accounts.discard(self._owner)
        services = principals.services
        for rank, part in actions.split(mask):
            circle = self._circles[rank]
            if not accounts <= circle.accounts:
                self._external |= part
            if services and not circle.services.issuperset(services):
                self._service = True

    def count(self, mask: int, found: Found) -> None:
        """Count a finding of a search, with these actions."""
        if found.kind is Kind.SERVICE:
            self._service = True
        else:
            self._external |= mask
            self._public = self._public or found.public

    @property
    def has_found_anybody(self) -> bool:
        """Whether anyone outside has access, so that there are grants to write."""
        return self._external != 0 or self._service

    def verdict(  # noqa: PLR0913 - the other parts of a verdict
        self,
        trust: Trust,
        organization: str | None,
        *,
        invalid: tuple[Invalid, ...],
        undecided: Sequence[Undecided] = (),
        notes: Sequence[str] = (),
        explain: Callable[[], tuple[Grant, ...]],
    ) -> Verdict:
        """Return the verdict. `explain` writes the grants."""
        if self._external and trust.lacks_members(organization):
            notes = [*notes, reasons.NO_MEMBERS]
        if not (self._external or self._service or undecided or invalid or notes):
            return NOBODY
        return Verdict(
            self._external != 0,
            self._public,
            self._service,
            actions.access_of(self._external),
            tuple(undecided),
            invalid,
            tuple(dict.fromkeys(notes)) if notes else (),
            # Verdicts are cached. Without grants, the judgement's data is not needed again.
            explain if self.has_found_anybody else tuple,
        )


NOBODY = Verdict(
    external=False, public=False, service=False, access=(), undecided=(), invalid=(), notes=(), explain=tuple
)
"""The verdict of every policy that gives no access outside and has nothing to note."""
