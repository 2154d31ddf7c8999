"""What a session of a role may do: its identity policies within its boundary, and what a resource policy grants.

In one account, either is enough, but an explicit Deny in any of the documents wins. The boundary limits what a resource
policy grants to the role's ARN, and not what it grants to a session's ARN or to `*`.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

from ...documents.document import Form as PrincipalForm
from ...documents.document import Resources, Statement
from ...judgement.conditions.operators import Clause, Mode, Roles, Truth
from ...judgement.context.domains import Values
from ...judgement.context.keys import SharedMeanings
from ...judgement.context.request import PrincipalRequest, RepositoryContext, Tagging
from ...judgement.patterns.automaton import Budget, BudgetSpentError
from ...judgement.search.callers import STEPS, possible_paths
from ...judgement.search.constraints import Constraints, DenyPart, JudgementCache, principal_matches
from ...judgement.search.denies import Deny, action_classes, exempt, ways_of_deny
from ...judgement.search.outsiders import solve
from ...judgement.search.solver import Solver
from ...judgement.search.witness import witness
from ...judgement.values.trust import TrustLevel
from ...judgement.values.verdict import Witness
from ...memo import by_identity
from .sessions import OWN_NAME, Form, Session, SessionMeanings

_EVERYBODY_ALIKE = (TrustLevel(), TrustLevel(), TrustLevel())
"""Nobody is trusted here, so that actions are split only by their Denies and tags."""


class Reach(Enum):
    """What a resource policy's grant needs besides itself."""

    DELEGATED = "the identity policies must allow it too"
    BOUNDED = "the boundary must allow it too"
    FREE = "nothing"


class Grantable(NamedTuple):
    """An Allow of an identity policy or a boundary. `actions` are those that it allows, as bits."""

    statement: Statement
    clauses: tuple[Clause, ...]
    actions: int


class Way(NamedTuple):
    """A way in which actions are allowed: if all clauses are true, and none of the principals in `exempt` calls.

    Not `certain` if it cannot be determined whether a Resource matches. `by` is the Allow.
    """

    clauses: tuple[Clause, ...]
    actions: int
    certain: bool = True
    by: Statement | None = None
    exempt: tuple[DenyPart, ...] = ()


@by_identity
class Permissions:
    """The permissions of a role: the Allows of its policies, its boundary, or None without one, and all Denies.

    `unread` are the reasons why they are not certain. `unknown`: a policy is missing, so it may allow everything.
    """

    allows: tuple[Grantable, ...]
    boundary: tuple[Grantable, ...] | None
    denies: tuple[Deny, ...]
    unread: tuple[str, ...] = ()
    unknown: bool = False

    @property
    def statements(self) -> list[Statement]:
        """All statements of the role's policies and its boundary."""
        return [
            *(allow.statement for allow in (*self.allows, *(self.boundary or ()))),
            *(d.statement for d in self.denies),
        ]


@by_identity
class Granted:
    """What the policies of a resource say: its Allows with their actions, and Denies.

    `unread` are the reasons why they are not certain. `unknown`: a part is missing, so it may grant everything.
    """

    allows: tuple[Grantable, ...] = ()
    denies: tuple[Deny, ...] = ()
    roles: Roles = field(default_factory=dict)
    unread: tuple[str, ...] = ()
    unknown: bool = False

    @property
    def statements(self) -> list[Statement]:
        """All statements."""
        return [*(allow.statement for allow in self.allows), *(deny.statement for deny in self.denies)]


def identity_ways(permissions: Permissions, arn: str, reached: _Reached) -> Iterator[Way]:
    """Yield the ways in which a role's own policies allow actions on a resource."""
    for allow in permissions.allows:
        found = reached(allow.statement.resources, arn)
        if found is not Truth.NO:
            whole = Way(allow.clauses, allow.actions, found is Truth.YES, allow.statement)
            yield from _limit_way(permissions.boundary, whole, arn, reached)
    if permissions.unknown:
        yield Way((), -1, certain=False)


_Reached = Callable[[Resources | None, str], Truth]
"""Returns whether a statement with this Resource is about a resource."""


def _limit_way(boundary: tuple[Grantable, ...] | None, way: Way, arn: str, reached: _Reached) -> Iterator[Way]:
    """Yield what a boundary leaves of a way."""
    if boundary is None:
        yield way
        return
    for limit in boundary:
        found, common = reached(limit.statement.resources, arn), limit.actions & way.actions
        if common and found is not Truth.NO:
            certain = way.certain and found is Truth.YES
            yield Way((*way.clauses, *limit.clauses), common, certain, way.by)


def granted_ways(granted: Granted, session: Session) -> Iterator[tuple[Way, Reach]]:
    """Yield the ways in which a resource policy of the same account grants actions to a session of a role."""
    owner = session.role.account
    for allow in granted.allows:
        principals = allow.statement.principals
        way = Way(allow.clauses, allow.actions, by=allow.statement)
        if principals.negated:
            yield way._replace(exempt=tuple(exempt(principals, owner, granted.roles))), Reach.FREE
            continue
        if principals.is_wild:
            yield way, Reach.FREE
        for entry in principals.named:
            if entry.account != owner:
                continue
            if entry.form is PrincipalForm.ACCOUNT:
                yield way, Reach.DELEGATED
                continue
            reach = Reach.FREE if entry.form is PrincipalForm.SESSION else Reach.BOUNDED
            for match in principal_matches(entry, granted.roles):
                yield way._replace(clauses=(*match.clauses, *way.clauses)), reach


def resource_ways(
    permissions: Permissions, granted: Granted, session: Session, arn: str, reached: _Reached
) -> Iterator[tuple[Way, Reach]]:
    """Yield the ways that need no identity policy, as the boundary limits them, and those that delegate."""
    if granted.unknown:
        yield Way((), -1, certain=False), Reach.FREE
    for way, reach in granted_ways(granted, session):
        if reach is Reach.BOUNDED:
            yield from ((one, reach) for one in _limit_way(permissions.boundary, way, arn, reached))
        else:
            yield way, reach


def refusals(
    permissions: Permissions, granted: Granted, arn: str, reached: _Reached, session: Session
) -> list[tuple[Deny, tuple[DenyPart, ...]]]:
    """Return the Denies that may apply to a session on a resource, with the ways in which they apply."""
    found: list[tuple[Deny, tuple[DenyPart, ...]]] = []
    for deny in permissions.denies:
        about = reached(deny.statement.resources, arn)
        if about is not Truth.NO:
            found.append((deny, (DenyPart(deny.clauses, deny.holed or about is Truth.UNKNOWN),)))
    for deny in granted.denies:
        parts = tuple(ways_of_deny(deny, session.role.account, granted.roles))
        if parts:
            found.append((deny, parts))
    return found


@by_identity
class Shown:
    """A request that the documents certainly allow: the actions that it stands for, and how to write it down."""

    actions: int
    way: Way
    solver: Solver
    problem: Constraints
    values: dict[str, Values]
    written: dict[str, Witness | None] = field(default_factory=dict)

    def witness(self, action: str) -> Witness | None:
        """Return the request. It is written once. None if that takes too much work."""
        if action not in self.written:
            try:
                found = witness(self.solver, self.problem, self.values, action, _Asked(self.problem))
            except BudgetSpentError:
                found = None
            self.written[action] = found
        return self.written[action]


class _Asked:
    """What a witness shows: the keys that the documents ask about, and the session's ARN."""

    taken: frozenset[str] = frozenset()

    def __init__(self, problem: Constraints) -> None:
        asked = [*problem.allow, *[clause for part in problem.denies for clause in part.clauses]]
        # A requirement of the call on the session is about another key than the one that the condition names.
        spelled = {
            clause.key: clause.condition.key if clause.condition.name == clause.key else ""
            for clause in asked
            if clause.key != OWN_NAME
        }
        self.spelling: Mapping[str, str] = {"aws:principalarn": "aws:PrincipalArn", **spelled}


@dataclass(slots=True)
class Ability:
    """What a session can do: the actions that are certain, with requests, and those that are possible.

    `spent`: the work budget was not enough, so everything that the ways allow is possible. `steps`: the work it took.
    """

    sure: int = 0
    perhaps: int = 0
    shown: list[Shown] = field(default_factory=list)
    spent: bool = False
    steps: int = 0


class Target(NamedTuple):
    """What a call is about: the resource's part of the request, and the form of a call of STS."""

    context: RepositoryContext
    form: Form | None = None


def ability(
    session: Session,
    target: Target,
    ways: Sequence[Way],
    denied: Sequence[tuple[Deny, tuple[DenyPart, ...]]],
    *,
    certain: bool,
) -> Ability:
    """Return what a session can do in at least one of some ways, past all Denies.

    Not `certain`: a part of the documents is unknown, so nothing is sure.
    """
    found, trial = Ability(), _Trial(session, target, dict(denied))
    try:
        for mode in (Mode.MUST, Mode.MAY) if certain else (Mode.MAY,):
            for way in ways:
                if mode is Mode.MAY or way.certain:
                    trial.add(found, way, mode)
    except BudgetSpentError:
        found.spent = True
        for way in ways:
            found.perhaps |= way.actions & ~found.sure
    found.steps = STEPS - trial.left
    return found


class _Trial:
    """Tries ways with one budget."""

    def __init__(self, session: Session, target: Target, denied: dict[Deny, tuple[DenyPart, ...]]) -> None:
        self._session = session
        self._target = target
        self._denied = denied
        self._cache = JudgementCache(Budget(STEPS), SharedMeanings())
        self._meanings: dict[PrincipalRequest, SessionMeanings] = {}

    @property
    def left(self) -> int:
        return max(self._cache.budget.left, 0)

    def add(self, found: Ability, way: Way, mode: Mode) -> None:
        left = way.actions & ~(found.sure | (found.perhaps if mode is Mode.MAY else 0))
        if not left:
            return
        clauses = (*self._session.asked, *way.clauses)
        for actions, _, denies, tagging in action_classes(left, _EVERYBODY_ALIKE, [*self._denied], clauses, mode):
            parts = [part for deny in denies for part in self._denied[deny]] + [*way.exempt]
            counted = tuple(one for one in parts if mode is Mode.MUST or not one.holed)
            shown = self._try(Constraints(clauses, counted), tagging, mode)
            if shown is None:
                continue
            if mode is Mode.MUST:
                found.sure |= actions
                found.shown.append(Shown(actions, way, *shown))
            else:
                found.perhaps |= actions

    def _try(
        self, problem: Constraints, tagging: Tagging, mode: Mode
    ) -> tuple[Solver, Constraints, dict[str, Values]] | None:
        keys = problem.keys
        for path in possible_paths(keys.intersection, mode):
            context, owner = self._target.context, self._session.role.account
            request = PrincipalRequest(context, owner, context.organization, False, network_path=path, tagging=tagging)  # noqa: FBT003 - its field's name says it
            meanings = self._meanings.get(request)
            if meanings is None:
                meanings = self._meanings[request] = SessionMeanings(self._session, request, self._target.form)
            solver = Solver(request, mode, self._cache, meanings)
            values = solve(solver, problem)
            if values is not None:
                return solver, problem, values
        return None
