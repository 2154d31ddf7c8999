"""Chains of roles: from the sessions that outsiders can start, to everything that these can reach.

A session is a role with what its caller could choose: whether tags and a source identity are set, and what the trust
policy asks of the session's name. There are finitely many, so following them ends, whatever cycles there are.
https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles.html#iam-term-role-chaining
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

from ...documents.conditions import Condition
from ...documents.document import Form as PrincipalForm
from ...documents.document import Resources
from ...documents.problems import first_of
from ...judgement.admission import names_resource
from ...judgement.conditions.operators import Clause, Truth
from ...judgement.context.keys import documented_name
from ...judgement.patterns.automaton import Budget
from ...judgement.search.constraints import DenyPart
from ...judgement.search.denies import Deny
from ...judgement.values.trust import Trust
from ...memo import by_identity, keep_results
from .account import Role
from .house import House, Repository
from .outsiders import Entry
from .permissions import (
    Ability,
    Granted,
    Permissions,
    Reach,
    Shown,
    Target,
    Way,
    ability,
    identity_ways,
    refusals,
    resource_ways,
)
from .sessions import ANY_FORMS, ASSUME, FORMS, OWN_NAME, Form, Session, asked_of_session


class Edge(NamedTuple):
    """A session that a session of another role starts.

    `shown` is the request if it is certain, else `doubt` says why it is not. `again` tries it with further conditions.
    """

    session: Session
    shown: Shown | None
    doubt: str | None
    again: Callable[[tuple[Clause, ...]], Shown | None] = lambda _: None


@by_identity
class Step:
    """A session of a role on the way from outside, and how it was reached: from an earlier step, or by an entry.

    `session` is that of the first of the roles that are like `role`.
    """

    role: Role
    session: Session
    entry: Entry
    before: Step | None = None
    edge: Edge | None = None

    @property
    def chain(self) -> tuple[str, ...]:
        """The roles on the way."""
        return (*(self.before.chain if self.before else ()), self.role.arn)

    @property
    def doubt(self) -> str | None:
        """Why it is not certain that the session can be reached."""
        own = self.entry.doubt if self.edge is None else self.edge.doubt
        return (self.before.doubt if self.before else None) or own


class Part(NamedTuple):
    """Repositories that a role can do the same with, as bits of their places, and the register about them."""

    about: Trust
    places: int
    first: Repository


WORK = 6_000_000
"""The work budget of one account, in steps. Each takes 1 to 5 µs."""
_OF_A_CALL, _OF_A_STEP = 50, 2
_INHERITED = "whether {} must allow sts:TagSession for a transitive tag of its caller is not documented"
"""https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html#id_session-tags_role-chaining"""
_OTHER_ACCOUNT, _OF_AN_ARN = "999999999999", 6


class Chains:
    """The sessions of an account, and what they reach. All roles that no document tells apart share it.

    Raises BudgetSpentError if there is too much of it.
    """

    def __init__(self, house: House) -> None:
        self._house = house
        self.budget = Budget(WORK)
        self._sessions: dict[tuple[Role, Form, tuple[Condition, ...], str | None], Session] = {}
        self._alike: dict[str, list[Role]] = {}
        self._named: dict[str, list[Role]] = {}
        self._open: list[Role] = []
        self._delegating: list[Role] = []

    def find_alike(self) -> None:
        """Index the roles that other roles may assume. Of those that no document tells apart, the first."""
        for role in self._house.roles.values():
            if not role.is_service_linked:
                first = self._house.alike(role, "sts")
                self._alike.setdefault(first.arn, []).append(role)
                if first is role:
                    self._file(role)

    def _file(self, role: Role) -> None:
        """Index a role by the sessions of the account that its trust policy may allow."""
        policy = self._house.trust_of(role)
        named: dict[str, None] = {}
        is_open, delegates = bool(policy.unread), False
        for statement in policy.statements:
            principals = statement.statement.principals
            if not (statement.is_allow and statement.calls & ASSUME):
                continue
            is_open = is_open or principals.admits_anyone
            for entry in principals.named:
                if entry.account == self._house.account.number:
                    delegates = delegates or entry.form is PrincipalForm.ACCOUNT
                    is_open = is_open or entry.form is PrincipalForm.SESSION
                    named[entry.source] = None
        if is_open:
            self._open.append(role)
            return
        for arn in named:
            self._named.setdefault(arn, []).append(role)
        if delegates:
            self._delegating.append(role)

    # --- sessions ---

    def session(self, role: Role, form: Form, asked: tuple[Clause, ...], provider: str | None = None) -> Session:
        """Return the session with what its caller could choose. Equal ones are the same object."""
        return self._session("sts", role, form, asked, provider)

    def _session(self, kind: str, role: Role, form: Form, asked: tuple[Clause, ...], provider: str | None) -> Session:
        first = self._house.alike(role, kind)
        key = (first, form, tuple(clause.condition for clause in asked), provider)
        return self._sessions.setdefault(key, Session(first, form, asked, provider))

    def _of_kind(self, kind: str, step: Step) -> Session:
        one = step.session
        return self._session(kind, step.role, one.form, one.asked, one.provider)

    def first_step(self, role: Role, entry: Entry) -> Step:
        """Return the step with which an entry begins."""
        return Step(role, self.session(role, entry.form, entry.asked, entry.provider), entry)

    def following(self, firsts: Sequence[Step]) -> Iterator[Step]:
        """Yield everything that first steps lead to, the shortest chains first, and certain ones before others."""
        certain: set[Session] = set()
        for is_certain in (True, False):
            begun: dict[Session, Step] = {}
            for one in firsts:
                if one.entry.doubt is None or not is_certain:
                    begun.setdefault(one.session, one)
            waiting, reached = deque(begun.values()), set[Session]()
            while waiting:
                step = waiting.popleft()
                for edge in self.edges(step.session):
                    if edge.session in reached or (is_certain and edge.doubt is not None):
                        continue
                    reached.add(edge.session)
                    alike = self._alike[edge.session.role.arn]
                    self.budget.spend(_OF_A_STEP * len(alike))
                    if edge.session not in certain:
                        yield from (Step(role, edge.session, step.entry, step, edge) for role in alike)
                    if edge.session not in begun:
                        begun[edge.session] = next_step = Step(alike[0], edge.session, step.entry, step, edge)
                        waiting.append(next_step)
            certain = reached

    # --- edges ---

    @keep_results
    def edges(self, session: Session) -> tuple[Edge, ...]:
        """Return the sessions of other roles that a session can start."""
        return tuple(self._edges_of(session))

    def _edges_of(self, session: Session) -> Iterator[Edge]:
        permissions = self._house.permissions(session.role, "sts")
        targets = [*self._open, *self._named.get(session.role.arn, ())]
        if permissions.unknown or any(allow.actions & ASSUME for allow in permissions.allows):
            targets += self._delegating
        for role in {target.arn: target for target in targets}.values():
            yield from self._chains_to(session, role, permissions)

    def _chains_to(self, session: Session, role: Role, permissions: Permissions) -> Iterator[Edge]:
        self.budget.spend(_OF_A_CALL)
        unread = self._house.trust_of(role).unread
        if unread and role is session.role:  # nothing is known about its other sessions either
            return
        for form in ANY_FORMS if unread else ():
            yield Edge(self.session(role, form, ()), None, unread[0])
        for form in () if unread else FORMS:
            if session.form.sourced and not form.sourced:
                continue
            yield from self._in_form(session, role, permissions, form, form.besides)
            if session.form.tagged and form.tagged:
                for edge in self._in_form(session, role, permissions, form, form.without_tags):
                    yield edge._replace(shown=None, doubt=edge.doubt or _INHERITED.format(role.shown))

    def _in_form(
        self, session: Session, role: Role, permissions: Permissions, form: Form, besides: tuple[int, ...]
    ) -> Iterator[Edge]:
        """Yield the calls of a form, which needs some actions besides its own."""
        needed = (ASSUME, *besides)
        every = [[*self._ways(session, role, permissions, action)] for action in needed]
        if not all(every):
            return
        denied = self._denies_of_call(session, role, permissions, needed)
        target = Target(self._house.context_of_role(role), form)
        for ways in product(*every):
            edge = self._edge(session, role, target, _together(ways), denied, permissions)
            if edge is not None:
                yield edge

    def _edge(  # noqa: PLR0913, PLR0917 - what a call depends on
        self,
        session: Session,
        role: Role,
        target: Target,
        way: Way,
        denied: _Denied,
        permissions: Permissions,
    ) -> Edge | None:
        found = self._ability(session, target, [way], denied, certain=not permissions.unread)
        if not (found.sure or found.perhaps):
            return None
        form = target.form or Form()
        asked = asked_of_session(way.clauses)
        what = f"whether {session.role.shown} may assume {role.shown}"
        doubt = (*permissions.unread, _why(what, [*way.clauses, *_clauses_of(denied)], found))[0]
        shown = found.shown[0] if found.shown else None

        def again(pins: tuple[Clause, ...]) -> Shown | None:
            pinned = way._replace(clauses=(*way.clauses, *pins))
            return next(iter(ability(session, target, [pinned], denied, certain=True).shown), None)

        return Edge(self.session(role, form, asked), shown, None if shown else doubt, again)

    def _ways(self, session: Session, role: Role, permissions: Permissions, action: int) -> Iterator[Way]:
        """Yield the ways in which a session may call an action on a role. The trust policy must allow it in each."""
        granted = self._house.granted_by_trust(role, action)
        own: list[Way] | None = None
        for way, reach in resource_ways(permissions, granted, session, role.arn, self._reach):
            if reach is not Reach.DELEGATED:
                yield way
                continue
            if own is None:
                own = [one for one in identity_ways(permissions, role.arn, self._reach) if one.actions & action]
            for one in own:
                yield Way((*way.clauses, *one.clauses), action, one.certain, way.by, way.exempt)

    def _denies_of_call(
        self, session: Session, role: Role, permissions: Permissions, needed: Sequence[int]
    ) -> list[tuple[Deny, tuple[DenyPart, ...]]]:
        """Return the Denies of any action that a call needs. Each denies the whole call."""
        mask = sum(needed)
        found: dict[Deny, tuple[DenyPart, ...]] = {}
        own = Permissions((), None, tuple(deny for deny in permissions.denies if deny.actions & mask))
        for action in needed:
            granted = self._house.granted_by_trust(role, action)
            found.update(refusals(own, granted, role.arn, self._reach, session))
        return [(Deny(one.statement, one.clauses, 1, 1, one.holed), parts) for one, parts in found.items()]

    @keep_results
    def _reach(self, resources: Resources | None, arn: str) -> Truth:
        """Return whether a statement of an identity policy is about a resource."""
        return Truth.YES if resources is None else names_resource(resources, arn)

    # --- what a session reaches ---

    def parts(self, role: Role) -> list[Part]:
        """Return the repositories, by what a role can do with them."""
        return self._parts(self._house.alike(role, "ecr"))

    @keep_results
    def _parts(self, role: Role) -> list[Part]:
        found: list[Part] = []
        every = self._house.permissions(role, "ecr").statements
        named = [self._house.places(resource) for resource in dict.fromkeys(statement.resources for statement in every)]
        for about, places in self._house.groups:
            split = [places]
            for certain, unsure in named:
                split = [part & some for part in split for some in (certain, unsure, ~(certain | unsure))]
                split = [part for part in split if part]
            places_of = self._house.account.repositories
            found += [Part(about, part, places_of[(part & -part).bit_length() - 1]) for part in split]
        return found

    def of_part(self, step: Step, part: Part) -> Ability:
        """Return what a session can do with repositories."""
        return self._of_part(self._of_kind("ecr", step), part)

    @keep_results
    def _of_part(self, session: Session, part: Part) -> Ability:
        permissions, granted = self._house.permissions(session.role, "ecr"), self._house.granted_by(part.first)
        arn = part.first.arn
        ways = [*identity_ways(permissions, arn, self._reach)]
        every = resource_ways(permissions, granted, session, arn, self._reach)
        ways += [way for way, reach in every if reach is not Reach.DELEGATED]
        denied = refusals(permissions, granted, arn, self._reach, session)
        target = Target(self._house.context(part.first.region, part.first.known_tags))
        certain = not (permissions.unread or granted.unread)
        return self._ability(session, target, ways, denied, certain=certain)

    def _ability(
        self, session: Session, target: Target, ways: Sequence[Way], denied: _Denied, *, certain: bool
    ) -> Ability:
        found = ability(session, target, ways, denied, certain=certain)
        self.budget.spend(_OF_A_CALL + found.steps)
        return found

    def more(self, step: Step) -> Ability:
        """Return which of the listed actions a session may call on some resource. What it may call it on is unknown."""
        return self._more(self._of_kind("more", step))

    @keep_results
    def _more(self, session: Session) -> Ability:
        permissions = self._house.permissions(session.role, "more")
        ways = [*identity_ways(permissions, "", lambda _resources, _arn: Truth.YES)]
        denied = refusals(permissions, Granted(), "*", self._reach, session)
        target = Target(self._house.context(None, None), Form(tagged=True))
        return self._ability(session, target, ways, denied, certain=not permissions.unread)

    @keep_results
    def leaving(self, session: Session) -> tuple[str, ...]:
        """Return the roles of other accounts that a session may assume, as its policies name them.

        Whether these trust it is not known here.
        """
        return tuple(self._leaving_from(session))

    def _leaving_from(self, session: Session) -> Iterator[str]:
        permissions, own = self._house.permissions(session.role, "sts"), session.role.account
        named = [allow.statement.resources for allow in permissions.allows if allow.actions & ASSUME]
        every = (
            text for each in named if each for text in (["*"] if each.negated else [p.source for p in each.patterns])
        )
        for source in dict.fromkeys(every):
            fields = source.split(":")
            if len(fields) < _OF_AN_ARN:
                fields = ["arn", session.role.partition, "iam", "", "*", "role/x"]
            account = _OTHER_ACCOUNT if "*" in fields[4] else fields[4]
            if account == own:
                continue
            arn = ":".join([*fields[:4], account, *fields[5:]]).replace("*", "x").replace("?", "x")
            ways = [way for way in identity_ways(permissions, arn, self._reach) if way.actions & ASSUME]
            denied = refusals(permissions, Granted(), arn, self._reach, session)
            context = self._house.context(None, None)._replace(owner=account)
            found = self._ability(session, Target(context, Form()), ways, denied, certain=True)
            if (found.sure | found.perhaps) & ASSUME:
                yield source

    def doubt_of(self, step: Step, part: Part) -> str:
        """Return why it is not certain what a session can do with repositories."""
        session, repository = self._of_kind("ecr", step), part.first
        permissions, granted = self._house.permissions(session.role, "ecr"), self._house.granted_by(repository)
        if permissions.unread or granted.unread:
            return (*permissions.unread, *granted.unread)[0]
        ways = identity_ways(permissions, repository.arn, self._reach)
        clauses = [clause for way in ways for clause in way.clauses]
        clauses += [clause for allow in granted.allows for clause in allow.clauses]
        denied = refusals(permissions, granted, repository.arn, self._reach, session)
        found = self.of_part(step, part)
        return _why(f"what {step.role.shown} may do", [*clauses, *_clauses_of(denied)], found)


def _together(ways: Sequence[Way]) -> Way:
    """Return the way of a call whose actions are all allowed."""
    clauses = dict.fromkeys(clause for way in ways for clause in way.clauses)
    exempt = tuple(part for way in ways for part in way.exempt)
    return Way(tuple(clauses), 1, all(way.certain for way in ways), ways[0].by, exempt)


_Denied = Sequence[tuple[Deny, tuple[DenyPart, ...]]]


def _clauses_of(denied: _Denied) -> list[Clause]:
    return [clause for _, parts in denied for part in parts for clause in part.clauses]


def _why(what: str, clauses: Sequence[Clause], found: Ability) -> str:
    """Return a sentence that says on which keys it depends, or that the work budget was not enough."""
    if found.spent:
        return f"{what} is too complex to decide within the work budget"
    keys = dict.fromkeys(documented_name(clause.condition.key) for clause in clauses if clause.key != OWN_NAME)
    on = first_of([*keys], 3) or "a Resource that cannot be compared"
    return f"{what} depends on {on}, which cannot be determined"
