"""Allows that need no search. Without conditions, holes and Denies, their principals are the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from ...documents.document import Effect, Statement
from ...documents.principals import Form, Named, Principals
from ..conditions.clause import Roles, role_of
from ..conditions.operators import Mode
from ..context.domains import Assignment
from ..context.request import PrincipalRequest, RepositoryContext, ServiceRequest
from ..patterns.charsets import GENERIC
from ..values.trust import TrustLevel
from ..values.verdict import Kind
from .callers import trusted_identities_of
from .candidates import FRESH_ACCOUNT, known_services
from .denies import Deny, action_classes
from .problem import ANY_ACCOUNT, ANY_SERVICE, TYPES_OF, Allow, Found, taken_identities
from .witness import usual_witness


def speaks_plainly(statement: Statement) -> bool:
    """Return whether a statement is an Allow without conditions, holes and unknown principals.

    It may have holes in its actions.
    """
    _, _, effect, principals, _, _, conditions, _, holes, _ = statement
    negated, _, _, _, _, ids, unknown, unknown_services = principals
    doubtful = conditions or holes or negated or ids or unknown or unknown_services
    return effect is Effect.ALLOW and not doubtful


def is_plain(allow: Allow, denies: Sequence[Deny]) -> bool:
    """Return whether an Allow needs no search: it is plain, its actions have no holes, and no Deny has its actions."""
    if not speaks_plainly(allow.statement) or allow.perhaps != allow.actions:
        return False
    return not denies or not any(deny.perhaps & allow.actions for deny in denies)


_Outsider = str | Named | tuple[str, str]
"""Anyone (a name), a principal, or a service and its name in the result."""


class PlainFindings:
    """Returns the same for plain Allows as a search would.

    `telling` chooses the action of a set that a witness shows.
    """

    def __init__(
        self, repository: RepositoryContext, circles: Sequence[TrustLevel], roles: Roles, telling: Callable[[int], str]
    ) -> None:
        self._repository = repository
        self._circles = circles
        self._trusted = trusted_identities_of(repository, circles)
        self._roles = roles
        self._telling = telling

    def find_outsiders(self, allow: Allow) -> Iterator[tuple[int, Found]]:
        """Yield the outsiders to whom an Allow gives access, with the actions for which they are not trusted."""
        principals = allow.statement.principals
        others = taken_identities(self._trusted, principals.named)
        told: dict[_Outsider, Found] = {}
        for action_class in action_classes(allow.actions, self._circles, (), (), Mode.MUST):
            action = self._telling(action_class.actions)
            circle, trusted = self._circles[action_class.circle], self._trusted[action_class.circle]
            outside: list[_Outsider] = [ANY_ACCOUNT] if _admits_anybody(principals) else []
            outside += [entry for entry in principals.named if entry.account not in trusted.accounts]
            outside += self._services(principals, circle)
            for one in outside:
                if one not in told:
                    told[one] = self._finding(one, action, others)
                yield action_class.actions, _with_action(told[one], action)

    def _finding(self, one: _Outsider, action: str, others: frozenset[str]) -> Found:
        if isinstance(one, str):
            return self._anybody(action, others)
        return self._account(one, action, others) if isinstance(one, Named) else self._service(*one, action, others)

    def _anybody(self, action: str, others: frozenset[str]) -> Found:
        request = PrincipalRequest(self._repository, FRESH_ACCOUNT, None, fresh=True)
        return Found(Kind.ANY, ANY_ACCOUNT, (FRESH_ACCOUNT, None), usual_witness(request, {}, action, others))

    def _account(self, entry: Named, action: str, others: frozenset[str]) -> Found:
        request = PrincipalRequest(
            self._repository, entry.account, None, fresh=True, principal_type=TYPES_OF[entry.form][0]
        )
        shown = usual_witness(request, _identity(entry, self._roles), action, others)
        if entry.form is Form.SESSION:
            shown = shown.by(entry.source)
        return Found(Kind.ACCOUNT, entry.account, (entry.account, None), shown)

    def _services(self, principals: Principals, circle: TrustLevel) -> list[tuple[str, str]]:
        """Return the services to try, each with its name in the result.

        For any service, one untrusted service is enough.
        """
        if not _admits_anybody(principals):
            return [(name, name) for name in principals.services if name not in circle.services]
        return [(name, ANY_SERVICE) for name in known_services(sorted(circle.services)) if name not in circle.services][
            :1
        ]

    def _service(self, name: str, shown: str, action: str, others: frozenset[str]) -> Found:
        request = ServiceRequest(self._repository, name, FRESH_ACCOUNT, None, fresh=True)
        found = usual_witness(request, {}, action, others)
        return Found(Kind.SERVICE, f"{shown} for any account", (name, FRESH_ACCOUNT), found)


def _with_action(found: Found, action: str) -> Found:
    """Return the same finding with another action in the request."""
    shown = found.witness.calling(action)
    return found if shown is found.witness else replace(found, witness=shown)


def _admits_anybody(principals: Principals) -> bool:
    return principals.everyone or principals.any_aws


def _identity(entry: Named, roles: Roles) -> Assignment:
    """Return the values in a request of a named principal that identify it."""
    match entry.form:
        case Form.ACCOUNT:
            return {}
        case Form.ROLE:
            return {"aws:principalarn": (entry.source,)}
        case Form.USER:
            return {"aws:principalarn": (entry.source,), "aws:username": (entry.name.rpartition("/")[2],)}
        case Form.FEDERATED:
            return {"aws:principalarn": (entry.source,), "aws:userid": (f"{entry.account}:{entry.name}",)}
        case Form.SESSION:
            arns, session = role_of(entry, roles)
            return {"aws:principalarn": (arns[0],), "aws:userid": (f"AROA{GENERIC * 17}:{session}",)}
        case _:
            assert_never(entry.form)
