"""Who has access through an Allow without a search, and the services that have access through it.

Without conditions, holes and Denies, an Allow's principals are the answer. A service comes with the accounts that it
acts for: the confused deputy.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import replace
from typing import assert_never

from ...documents.document import Effect, Form, Named, Principals, Statement
from ...memo import once
from ..conditions.operators import Clause, Mode, Roles, role_of
from ..context.call import is_well_known
from ..context.domains import Assignment
from ..context.keys import SERVICES, is_of_service
from ..context.request import PrincipalRequest, RepositoryContext, ServiceRequest
from ..patterns.charsets import GENERIC
from ..values.trust import TrustLevel
from ..values.verdict import Kind, Witness
from .callers import TrustedAllow, trusted_identities_of
from .candidates import FRESH_ACCOUNT, FRESH_ORGANIZATION, SOURCES, known_services
from .constraints import (
    ALONE,
    ANY_ACCOUNT,
    ANY_SERVICE,
    TYPES_OF,
    Allow,
    Constraints,
    DenyPart,
    Doubt,
    Found,
    Membership,
    NotExhausted,
    most_telling,
    taken_identities,
)
from .denies import Deny, action_classes, left_of
from .solver import Solver
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
            outside: list[_Outsider] = [ANY_ACCOUNT] if principals.is_wild else []
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
        if not principals.is_wild:
            return [(name, name) for name in principals.services if name not in circle.services]
        return [(name, ANY_SERVICE) for name in known_services(sorted(circle.services)) if name not in circle.services][
            :1
        ]

    def _service(self, name: str, shown: str, action: str, others: frozenset[str]) -> Found:
        request = ServiceRequest(self._repository, name, FRESH_ACCOUNT, None, fresh=True)
        found = usual_witness(request, {}, action, others)
        return Found(Kind.SERVICE, f"{shown} for any account", (name, FRESH_ACCOUNT), found)


def _with_action(found: Found, action: str) -> Found:
    shown = found.witness.calling(action)
    return found if shown is found.witness else replace(found, witness=shown)


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


Act = Callable[[str, str, tuple[Membership, ...]], Witness | Doubt | None]
"""Tries the requests of a service that acts for an account in one of some organizations."""


class ServiceSearch:
    """The search for services, in one mode. `act` tries one that acts for an account."""

    def __init__(self, scoped: TrustedAllow, denies: frozenset[Deny], mode: Mode, act: Act) -> None:
        self.mode = mode
        self.allow_search = scoped.allow_search
        self._scoped = scoped
        self._callers = scoped.callers
        self._denies = denies
        self._act = act
        self._fruitless: set[Hashable] = set()
        """The sorts of services that have no access, whatever account they act for."""
        self._open_sources: list[_Source] = []
        """The sources that a service may act for, as far as they are known."""

    def outsiders(self, names: Sequence[str] | None) -> Iterator[Found | Doubt | NotExhausted]:
        """Yield answers for services that act for outside accounts. None means any service."""
        if not self.allow_search.has_hope_for_others(self.mode):
            return
        if names is not None:
            for name in names:
                yield from self._service(name, name)
            return
        tried = self._callers.services(self.mode)
        answers = (found for name in tried.names for found in self._service(name, ANY_SERVICE))
        found: Found | Doubt | NotExhausted | None = most_telling(answers)
        if found is not None:
            yield found
        elif not tried.complete:
            yield NotExhausted()

    def _service(self, name: str, shown: str) -> Iterator[Found | Doubt | NotExhausted]:
        if self._is_out_of_question(name):
            return
        sort, fruitless = self._sort_of(name), True
        for account, memberships, public in () if sort in self._fruitless else self._sources():
            found = self._act(name, account, memberships)
            if isinstance(found, Doubt):
                yield found
            elif found is not None:
                whom = "any account" if public else _acted_for(account, memberships[0][0], found)
                yield Found(Kind.SERVICE, f"{shown} for {whom}", (name, account), found)
                if public:
                    return
            fruitless = fruitless and found is None
        if fruitless:
            self._fruitless.add(sort)
        if not self._callers.tells_all_sources_apart:
            yield NotExhausted()

    def _sort_of(self, name: str) -> Hashable:
        """Return what decides about a service, whatever account it acts for.

        It is the name if a condition is about it.
        """
        if self.allow_search.mentions(SERVICES):
            return name
        return is_well_known(name), tuple([name in deny.statement.principals.services for deny in self._denies])

    def _is_out_of_question(self, name: str) -> bool:
        """Return whether a service need not be tried.

        Either trust covers it, or it cannot meet the clauses of the Allow that are not about the source.
        """
        if name in self._scoped.circle.services or (self.mode is Mode.MAY and self._asks_for_trusted_network()):
            return True
        return not self.allow_search.has_hope_for(name, self.mode)

    def _asks_for_trusted_network(self) -> bool:
        """Return whether the Allow applies only to network paths that trust covers."""
        circle = self._scoped.circle
        trusted = {"aws:sourcevpc": circle.vpcs, "aws:sourcevpce": circle.endpoints}
        return any(
            _holds_only_for(clause, trusted.get(clause.key, frozenset())) for clause in self.allow_search.allow.clauses
        )

    def _sources(self) -> Iterator[_Source]:
        """Yield the accounts that a service may act for, with their organizations, and whether it is any account.

        Those that no service can act for are left out. This is found out once for all services, as far as it is needed.
        """
        yield from self._open_sources
        for account, memberships, public in self._further_sources:
            left = tuple([membership for membership in memberships if self._is_open(account, membership)])
            if left:
                self._open_sources.append((account, left, public))
                yield account, left, public

    @once
    def _further_sources(self) -> Iterator[_Source]:
        """Yield the accounts that the Allow and its Denies distinguish. A new account is first."""
        fresh: tuple[Membership, ...] = (ALONE,)
        named: tuple[Membership, ...] = ()
        if self.allow_search.mentions(SOURCES.organizations):
            fresh = (ALONE, (FRESH_ORGANIZATION, True))
            named = tuple([(name, False) for name in (*self._callers.source_organizations.names, FRESH_ORGANIZATION)])
        yield FRESH_ACCOUNT, fresh, True
        for membership in named:
            yield FRESH_ACCOUNT, (membership,), False
        if self.allow_search.mentions(SOURCES.accounts):
            for account in self._callers.source_accounts.names:
                yield account, (*fresh, *named), False

    def _is_open(self, account: str, membership: Membership) -> bool:
        """Return whether account and organization do not already decide against every service.

        That is not asked where services are tried by their sort.
        """
        if not self.allow_search.mentions(SERVICES):
            return True
        request = self._scoped.service_request("", account, membership)
        solver = Solver(request, self.mode, self.allow_search.cache)
        return left_of(solver, self._of_every_service) is not None

    @once
    def _of_every_service(self) -> Constraints:
        """What every service must meet, whatever its name."""
        allow = tuple([clause for clause in self.allow_search.allow.clauses if not _is_of_service(clause)])
        denies = [
            DenyPart(deny.clauses)
            for deny in self.allow_search.in_order(self._denies)
            if deny.statement.principals.everyone
            and not (deny.statement.principals.negated or deny.holed or any(map(_is_of_service, deny.clauses)))
        ]
        return Constraints(allow, tuple(denies))


_Source = tuple[str, tuple[Membership, ...], bool]


def _is_of_service(one: Clause) -> bool:
    return any(map(is_of_service, (one.key, *one.variables)))


def _acted_for(account: str, organization: str | None, found: Witness) -> str:
    """Return the account or organization that a service acts for.

    For one that the policy does not name, return an example.
    """
    if account != FRESH_ACCOUNT:
        return account
    if organization != FRESH_ORGANIZATION:
        return str(organization)
    # A new organization differs from others only in its path. The witness shows the path.
    return f"an organization such as {''.join(found.values('aws:SourceOrgPaths')).partition('/')[0]}"


def _holds_only_for(one: Clause, names: frozenset[str]) -> bool:
    """Return whether a clause is true only for some of `names`."""
    operator = one.condition.operator
    if one.test is None or operator.negated or operator.if_exists or operator.quantifier:
        return False
    compared = one.test.comparisons  # always of strings
    return bool(compared) and all(each.text in names for each in compared)
