"""The conditions that one kind of request must meet to be a witness, and what the search found.

The results so far of one judgement are shared by all kinds of requests and sets of actions.

A finding is someone who has access, or someone whose access cannot be determined. An Allow has the ways in which its
Principal includes the principals of an account.

Accounts that the statements cannot distinguish stand for one another: a result about one is also true of the others.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from functools import partial
from typing import NamedTuple, TypeVar

from ...documents.document import Effect, Form, Named, Principals, Statement, is_account
from ...memo import by_identity, by_value, once
from ..conditions.operators import Clause, Demand, Mode, Roles, Truth, clause, identity
from ..context.domains import Assignment, Constraint, Domain, Strings
from ..context.keys import SharedMeanings, is_early
from ..context.request import (
    NetworkPath,
    Open,
    PrincipalType,
    RequestKind,
    Settled,
    TrustedIdentities,
    Unsure,
    settled_answer,
)
from ..patterns.automaton import Budget
from ..patterns.comparisons import Test
from ..values.verdict import Kind, Witness
from .candidates import accounts_in


@by_identity
class DenyPart:
    """One way in which a Deny applies: if all its clauses are true.

    `holed`: a part of the Deny is unknown. A certain witness must not depend on its value.
    """

    clauses: tuple[Clause, ...]
    holed: bool = False

    def whatever(self, variables: AbstractSet[str]) -> DenyPart:
        """Return the part with only the clauses that use none of these policy variables.

        Only they can be avoided for certain.
        """
        return DenyPart(tuple([one for one in self.clauses if variables.isdisjoint(one.variables)]), self.holed)


class Constraints(NamedTuple):
    """What a request must meet: the clauses of the Allow, the clauses that trust excludes, and the Denies to avoid.

    `whole`: the same with the clauses that account and organization have decided. Those were decided for an account
    with an unknown number, but a witness shows a number.
    """

    allow: tuple[Clause, ...]
    denies: tuple[DenyPart, ...]
    outside: tuple[Clause, ...] = ()
    whole: Constraints | None = None

    @property
    def clauses(self) -> list[Clause]:
        """The clauses of the Allow and of the Denies."""
        return [*self.allow, *[one for part in self.denies for one in part.clauses]]

    @property
    def keys(self) -> set[str]:
        """The keys that the clauses ask about, including those in variables."""
        return {key for one in (*self.clauses, *self.outside) for key in (one.key, *one.variables)}

    def whatever(self, variables: AbstractSet[str]) -> Constraints:
        """Return a problem for requests that avoid the Denies whatever the values of these policy variables are."""
        return self._replace(denies=tuple([part.whatever(variables) for part in self.denies]))


problem_of = partial(tuple.__new__, Constraints)
"""Makes Constraints from their fields, in half the time of NamedTuple's own constructor."""


ANY_ACCOUNT, ANY_SERVICE = "any AWS account", "any AWS service"
"""The name of a grantee that the policy does not name."""
FROM_NETWORK = "any AWS account from a network that the policy names"
"""The same if a fixed VPC, VPC endpoint or public address range restricts the network. Outsiders cannot choose these
freely."""


@by_identity
class Found:
    """Someone outside to whom an Allow gives access.

    `tried`: the account and organization of the request, or the service and its account, as the search represents them.
    """

    kind: Kind
    grantee: str
    tried: tuple[str, str | None]
    witness: Witness

    @property
    def public(self) -> bool:
        """Whether a new account has access from any network."""
        return self.kind is Kind.ANY and self.grantee == ANY_ACCOUNT


@by_value
class Doubt:
    """A kind of request that an Allow may allow. This cannot be determined, and depends on `clauses`."""

    clauses: tuple[Clause, ...]
    request: RequestKind


@by_value
class NotExhausted:
    """No one was found, but not all accounts, organizations and services that the policy distinguishes were tried."""


T = TypeVar("T")


def most_telling(answers: Iterable[T | NotExhausted]) -> T | NotExhausted | None:
    """Return the first answer that names someone. Without one, return NotExhausted if there is any, else None."""
    found: NotExhausted | None = None
    for answer in answers:
        if not isinstance(answer, NotExhausted):
            return answer
        found = answer
    return found


ALL_TYPES = (PrincipalType.ROLE, PrincipalType.USER, PrincipalType.FEDERATED, PrincipalType.ROOT)
DIRECT = NetworkPath()
Membership = tuple[str | None, bool]
"""An organization or None, and whether its root and units are ones that no policy names."""
ALONE: Membership = (None, True)
"""In no organization."""

TYPES_OF = {
    Form.ACCOUNT: ALL_TYPES,
    Form.ROLE: (PrincipalType.ROLE,),
    Form.SESSION: (PrincipalType.ROLE,),
    Form.USER: (PrincipalType.USER,),
    Form.FEDERATED: (PrincipalType.FEDERATED,),
}


@by_identity
class Allow:
    """An Allow, prepared for the search. `perhaps` has the actions that it may allow, depending on its holes."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int
    perhaps: int


@by_identity
class PrincipalMatch:
    """One way for AWS principals of an account to match the Allow's Principal.

    `besides` must not be true of a request.
    """

    account: str
    principal_types: tuple[PrincipalType, ...]
    clauses: tuple[Clause, ...] = ()
    session: str | None = None
    besides: tuple[Clause, ...] = ()


def principal_matches(entry: Named, roles: Roles) -> Iterator[PrincipalMatch]:
    """Yield the matches for one named principal. A user includes its federated sessions."""
    session = entry.source if entry.form is Form.SESSION else None
    clauses = tuple([clause(condition, Effect.ALLOW) for condition in identity(entry, roles)])
    yield PrincipalMatch(entry.account, TYPES_OF[entry.form], clauses, session)
    if entry.form is Form.USER:
        yield PrincipalMatch(entry.account, (PrincipalType.FEDERATED,))


def taken_identities(trusted: Iterable[TrustedIdentities], named: Iterable[Named]) -> frozenset[str]:
    """Return the accounts and organizations that are not "someone else": those inside, and those named."""
    found = {entry.account for entry in named}
    for one in trusted:
        found.update(one.accounts, one.organizations, [path.partition("/")[0] for path in one.paths])
    return frozenset(found)


def services_of(principals: Principals) -> Sequence[str] | None:
    """Return the services that an Allow names, or None for any service."""
    if principals.negated:
        return () if principals.everyone else None
    return None if principals.is_wild else principals.services


_ACCOUNT = "aws:principalaccount"


class Indistinguishable:
    """Finds accounts that can be exchanged without changing the meaning of the statements.

    They appear in the same lists of numbers, in conditions on `aws:PrincipalAccount` and in Principal elements, and
    nowhere else. `lists`: the Principal elements of Denies, and a NotPrincipal of the Allow. `tells_apart`: wildcards,
    bounds or variables distinguish accounts, so there are no twins.
    """

    def __init__(self, clauses: Iterable[Clause], lists: Iterable[Principals], *, tells_apart: bool) -> None:
        self._clauses = tuple(clauses)
        self._lists = tuple(lists)
        self._tells_apart = tells_apart

    def place_of(self, account: str) -> Hashable | None:
        """Return what twins have in common, or None for an account without twins."""
        if self._none or account in self._odd:
            return None
        return self._places.get(account, _NOWHERE)

    @once
    def _none(self) -> bool:
        return self._tells_apart or any(each.variables or each.holed for each in self._clauses)

    @once
    def _places(self) -> dict[str, tuple[Hashable, ...]]:
        """The lists that contain an account number as an item of its own, by account."""
        found: dict[str, tuple[Hashable, ...]] = {}
        for each in self._clauses:
            for text in dict.fromkeys(each.texts if each.key == _ACCOUNT else ()):
                found[text] = (*found.get(text, ()), each)
        for place, principals in enumerate(self._lists):
            for account in dict.fromkeys(one.account for one in principals.named):
                found[account] = (*found.get(account, ()), place)
        return found

    @once
    def _odd(self) -> set[str]:
        """The accounts that appear in another form: in an ARN, a path, or the value of a tag."""
        found = {one.account for each in self._lists for one in each.named if one.form is not Form.ACCOUNT}
        for each in self._clauses:
            plain = each.key == _ACCOUNT
            found.update(accounts_in(tuple([text for text in each.texts if not (plain and is_account(text))])))
        return found


_NOWHERE = ()


def in_place_of(found: Witness | Doubt | None, twin: str, account: str) -> Witness | Doubt | None:
    """Return the result for an account, made from the result for its twin."""
    if not isinstance(found, Witness):
        return found
    context = {
        key: value.replace(twin, account)
        if isinstance(value, str)
        else tuple([text.replace(twin, account) for text in value])
        for key, value in found.context.items()
    }
    return Witness(found.principal.replace(twin, account), found.action, context)


class JudgementCache:
    """The results so far of one judgement. Kinds of requests that differ in other ways share them."""

    __slots__ = ("_answers", "_assigned", "_early", "_remembered", "_unknown", "budget", "meanings")

    def __init__(self, budget: Budget, meanings: SharedMeanings) -> None:
        self.budget = budget
        self.meanings = meanings
        self._early: dict[DenyPart, bool] = {}
        self._remembered: dict[tuple[Clause, Demand], Constraint] = {}
        self._unknown: dict[tuple[str, Open], Strings] = {}
        self._answers: dict[tuple[Clause, int], tuple[object, Truth]] = {}
        self._assigned: dict[tuple[int, Mode, frozenset[Constraint]], tuple[object, Assignment | None]] = {}

    def is_early(self, part: DenyPart) -> bool:
        """Return whether account and organization may decide a clause of a Deny."""
        known = self._early.get(part)
        if known is None:
            known = self._early[part] = any(map(may_be_early, part.clauses))
        return known

    def unknown(self, key: str, found: Open) -> Strings:
        """Return the domain of the one value of a key whose value cannot be determined."""
        known = self._unknown.get((key, found))
        if known is None:
            single = replace(found, single=True) if isinstance(found, Unsure) else found
            known = self._unknown[key, found] = single.value(key)
        return known

    def constraint_of(self, one: Clause, test: Test, want: Demand) -> Constraint:
        """Return the constraint of a clause. Without policy variables, it is the same object each time."""
        if one.test is None:
            return Constraint(one.key, test, want)
        known = self._remembered.get((one, want))
        if known is None:
            known = self._remembered[one, want] = Constraint(one.key, test, want)
        return known

    def settled_answer(self, one: Clause, test: Test, found: Settled) -> Truth:
        """Return the result of a clause on a key whose value an outsider cannot choose."""
        if one.test is None:
            self.budget.spend(1 + test.price)
            return settled_answer(found, test, self.budget)
        key = (one, id(found))
        known = self._answers.get(key)
        if known is None:
            self.budget.spend(1 + test.price)
            # The cache keeps the meaning itself, because meanings are compared by identity.
            known = self._answers[key] = (found, settled_answer(found, test, self.budget))
        return known[1]

    def assign(self, domain: Domain, asked: tuple[Constraint, ...], mode: Mode) -> Assignment | None:
        """Return values of a domain that meet all constraints, or None."""
        key = (id(domain), mode, frozenset(asked))
        known = self._assigned.get(key)
        if known is None:
            known = self._assigned[key] = (domain, domain.assign(asked, mode, self.budget))
        return known[1]


def may_be_early(one: Clause) -> bool:
    """Return whether a clause may depend only on the account and its organization."""
    return is_early(one.key) and all(map(is_early, one.variables))


class DomainConstraint(NamedTuple):
    """One constraint on a domain."""

    domain: Domain
    asked: Constraint


domain_constraint = partial(tuple.__new__, DomainConstraint)
"""Makes a DomainConstraint from its fields, in half the time of NamedTuple's own constructor."""


ByDomain = dict[int, tuple[Domain, tuple[Constraint, ...]]]
"""All constraints of each domain, by the domain's identity. Keys that depend on each other share a domain."""


def propagate(firm: Iterable[DomainConstraint], cache: JudgementCache, mode: Mode) -> ByDomain | None:
    """Return constraints by domain, or None if some of them cannot be met together."""
    constraints: ByDomain = {}
    for domain, asked in firm:
        constraints[id(domain)] = with_constraint(constraints, domain, asked)
    for domain, every in constraints.values():
        if cache.assign(domain, every, mode) is None:
            return None
    return constraints


def with_constraint(constraints: ByDomain, domain: Domain, asked: Constraint) -> tuple[Domain, tuple[Constraint, ...]]:
    """Return a domain with its constraints and one more."""
    known = constraints.get(id(domain))
    return domain, (asked,) if known is None else (*known[1], asked)
