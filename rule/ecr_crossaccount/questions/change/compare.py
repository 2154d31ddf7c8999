"""The search for a request from outside that one state of a repository allows and the other does not.

There are three reasons why the other state, the base, may not allow it, and a search for each:
- No Allow of the base applies. In this search, its Allows are additional Denies.
- A Deny of the base applies. In this search, an Allow must apply together with that Deny.
- The base trusts the caller, who is therefore not outside there. In this search, the caller is one of those whom only
the base trusts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property, partial
from typing import NamedTuple

from ...documents.conditions import Base, Condition, Quantifier
from ...documents.document import Effect, Principals, Statement
from ...documents.problems import first_of
from ...judgement import reasons
from ...judgement.admission import Admitted, allow_of, denies_of, deny_of
from ...judgement.conditions.operators import Clause, Mode, Roles, clause, key_condition, roles_in
from ...judgement.context.keys import meaning, meanings_for
from ...judgement.context.request import RepositoryContext, ServiceRequest, Unsure
from ...judgement.grants import GrantWriter
from ...judgement.patterns.automaton import Budget, BudgetSpentError
from ...judgement.reasons import name_of
from ...judgement.search.callers import Searches
from ...judgement.search.constraints import Allow, Doubt, Found, JudgementCache, NotExhausted
from ...judgement.search.denies import Deny
from ...judgement.search.outsiders import certain, possible
from ...judgement.values.actions import EVERY, ActionSets, of_ranks
from ...judgement.values.trust import Trust, TrustLevel
from ...judgement.values.verdict import Kind, Undecided
from ...memo import by_value
from .answer import Change, Opened
from .pieces import Overlap, by_values, is_certain, left_of, overlaps, parts_of, says_the_same

_MOST_NAMED = 3


@by_value
class Entries:
    """Entries of one kind that only the base has, for the access of one rank.

    `callers` and `sources`: the conditions that an AWS principal and a service meet if such an entry covers them. None
    if it covers none. `services`: the names of services that such an entry covers.
    """

    rank: int
    kind: str
    names: tuple[str, ...]
    callers: Condition | None = None
    sources: Condition | None = None
    services: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Return the entries in words."""
        return f"{self.kind} {first_of(list(self.names), _MOST_NAMED)}"

    def overlaps(self, allow: Allow) -> Iterator[Overlap]:
        """Yield the requests that an Allow matches and that such an entry covers."""
        actions = of_ranks((self.rank,))
        mine = replace(allow, actions=allow.actions & actions, perhaps=allow.perhaps & actions)
        if not mine.perhaps:
            return
        if self.callers is not None:
            yield Overlap(_with_condition(mine, self.callers), people=True, services=False)
        if self.sources is not None:
            yield Overlap(_with_condition(mine, self.sources), people=False, services=True)
        principals = mine.statement.principals
        hit = [service for service in self.services if _lets_in(principals, service)]
        if hit:
            statement = mine.statement._replace(principals=Principals(services=tuple(hit)))
            yield Overlap(replace(mine, statement=statement), people=False, services=True)


def _lets_in(principals: Principals, service: str) -> bool:
    if principals.negated:
        return service not in principals.services
    return principals.is_wild or service in principals.services


def _with_condition(allow: Allow, condition: Condition) -> Allow:
    return replace(allow, clauses=(*allow.clauses, clause(condition, Effect.ALLOW)))


def lost_entries(base: Sequence[TrustLevel], giver: Sequence[TrustLevel]) -> Iterator[Entries]:
    """Yield the entries of the base's circles of trust that the giver's do not have, by rank and kind."""
    for rank, (then, now) in enumerate(zip(base, giver, strict=True)):
        lost: dict[str, list[str]] = {
            "account": sorted(then.accounts - now.accounts),
            "organization": sorted(then.organizations - now.organizations),
            "path": [path for path in then.paths if path not in now.paths],
            "VPC": sorted(then.vpcs - now.vpcs),
            "VPC endpoint": sorted(then.endpoints - now.endpoints),
        }
        for kind, names in ((kind, tuple(names)) for kind, names in lost.items() if names):
            conditions = [
                key_condition(key, names, quantifier=Quantifier.ANY)
                if kind == "path"
                else key_condition(key, names, Base.STRING_EQUALS)
                for key in _KEYS_OF[kind]
            ]
            callers, sources = (*conditions, None)[:2]
            yield Entries(rank, kind, names, callers, sources)
        services = tuple(sorted(then.services - now.services))
        if services:
            yield Entries(rank, "service", services, services=services)


_KEYS_OF = {
    "account": ("aws:principalaccount", "aws:sourceaccount"),
    "organization": ("aws:principalorgid", "aws:sourceorgid"),
    "path": ("aws:principalorgpaths", "aws:sourceorgpaths"),
    "VPC": ("aws:sourcevpc",),
    "VPC endpoint": ("aws:sourcevpce",),
}
"""The keys that show an entry of a kind: of a caller, and of the source that a service acts for, if it can be one."""


MOST_STEPS = 20_000
"""The work budget of a comparison of repositories, in steps of the search."""
OF_MANY_STEPS = 800_000
"""The same for all resources of one request."""
OF_REGISTRY_STEPS = 60_000
"""The same for a registry, whose kinds of repositories are compared one by one."""

NOTHING_ALLOWED = "no statement of {} allows it"
TRUSTED = "{} is judged with a register that trusts {}"


class Side(NamedTuple):
    """One state: its statements, and the context and the trust with which they are judged. `name`: in messages."""

    admitted: Admitted
    context: RepositoryContext
    trust: Trust
    name: str = ""


def direction(base: Side, giver: Side, budget: Budget, reach: int = EVERY) -> Opened:
    """Return the access that one state, the giver, gives to principals outside and the `base` does not.

    Both must have the same meaning of the keys that describe the repository. `reach`: the actions that count.
    """
    return _Search(base, giver, budget, reach).direction()


@by_value
class _Case:
    """One search: an Allow, and the Denies that must not apply.

    `otherwise`: why the base does not let the request in. `others`: the statements of the base that decide about that.
    `by_trust`: whether the base trusts the caller.
    """

    overlap: Overlap
    denies: tuple[Deny, ...]
    otherwise: str
    others: tuple[Deny, ...] = ()
    by_trust: bool = False


_Found = tuple[int, Found, _Case]


class _Search:
    """One direction."""

    def __init__(self, base: Side, giver: Side, budget: Budget, reach: int) -> None:
        self._context = giver.context
        self._trust = giver.trust
        self._circles = giver.trust.circles(giver.context.organization)
        self._base_name = base.name
        self._sets = sets = ActionSets(reach)
        every = (*giver.admitted.statements, *base.admitted.statements)
        self._roles: Roles = roles_in(statement.principals for statement in every)
        self._allows = [allow_of(_plain(allow), sets) for allow in giver.admitted.allows]
        base_allows = [allow_of(_plain(allow), sets) for allow in base.admitted.allows]
        self._base_allows = [_as_deny(allow, sets) for allow in base_allows]
        self._denies = [deny for statement in giver.admitted.denies for deny in denies_of(statement, sets)]
        self._stated = [
            statement for statement in giver.admitted.statements if statement.effect is Effect.DENY or statement.holes
        ]
        self._base_denies = list(self._stopping(base.admitted))
        then = base.trust.circles(base.context.organization)
        self._lost = list(lost_entries(then, self._circles)) if then != self._circles else []
        self._cache = JudgementCache(budget, meanings_for(giver.context))

    def _stopping(self, base: Admitted) -> Iterator[Deny]:
        """Yield the Denies of the base that the giver does not have.

        They include statements that may be Denies, once their holes are filled.
        """
        for statement in base.statements:
            if any(says_the_same(statement, one) for one in self._stated):
                continue
            if statement.effect is Effect.DENY:
                for part in parts_of(statement):
                    yield from denies_of(part, self._sets)
            elif statement.holes:
                yield deny_of(statement._replace(effect=Effect.DENY), self._sets)

    def direction(self) -> Opened:
        changes: list[Change] = []
        undecided: list[Undecided] = []
        for allow in self._allows:
            found, doubt = self._search_allow(allow)
            changes += self._write_changes(allow.statement, found)
            if doubt is not None:
                undecided.append(doubt)
        changes.sort(key=lambda one: (-one.grant.severity, one.grant.statement))
        return Opened(tuple(changes), tuple(dict.fromkeys(undecided)))

    # --- one Allow ---

    def _search_allow(self, allow: Allow) -> tuple[list[_Found], Undecided | None]:
        found: list[_Found] = []
        pieces = [self._piece(allow, part) for part in parts_of(allow.statement)]
        try:
            if not allow.statement.holes:
                for piece in pieces:
                    found += self._findings(piece)
            known = [(mask, one) for mask, one, _ in found]
            doubt = next((undecided for piece in pieces for undecided in self._doubts(piece, known)), None)
        except BudgetSpentError:
            doubt = _make_doubt(allow.statement, reasons.budget(allow.statement))
        return found, doubt

    def _piece(self, allow: Allow, part: Statement) -> Allow:
        made = allow_of(part, self._sets)
        return replace(made, clauses=allow.clauses) if part.conditions is allow.statement.conditions else made

    def _findings(self, piece: Allow) -> Iterator[_Found]:
        for case in self._cases(piece, self._base_denies, Mode.MUST):
            allow = case.overlap.allow
            for searched in self._searches(case).cases(allow, allow.actions, Mode.MUST):
                for one in certain(searched):
                    if case.overlap.services if one.kind is Kind.SERVICE else case.overlap.people:
                        # If a Deny names a session, that session is the caller.
                        session = case.overlap.session
                        named = one if session is None else replace(one, witness=one.witness.by(session))
                        yield searched.actions, named, case

    def _doubts(self, piece: Allow, known: Sequence[tuple[int, Found]]) -> Iterator[Undecided]:
        """Yield the reason why it cannot be determined who else has new access, if that is the case."""
        if self._doubt(piece, self._base_denies, known) is None:
            return
        # The other policy may have the same values in separate statements, so try the values one by one.
        for part in by_values(piece.statement, piece.clauses):
            doubt = self._doubt(self._piece(piece, part), self._finest_denies, known)
            if doubt is not None:
                yield doubt

    @cached_property
    def _finest_denies(self) -> list[Deny]:
        """The Denies of the base that the giver does not have, one for each value of their conditions."""
        found = []
        for one in self._base_denies:
            for part in by_values(one.statement, one.clauses):
                deny = deny_of(part, self._sets)
                found.append(replace(deny, actions=deny.actions & one.actions, perhaps=deny.perhaps & one.perhaps))
        return found

    def _doubt(self, piece: Allow, stopping: Sequence[Deny], known: Sequence[tuple[int, Found]]) -> Undecided | None:
        for case in self._cases(piece, stopping, Mode.MAY):
            allow = case.overlap.allow
            for searched in self._searches(case).cases(allow, allow.perhaps, Mode.MAY):
                doubt = possible(searched, [found for held, found in known if not searched.actions & ~held])
                if isinstance(doubt, NotExhausted) and case.overlap.services:
                    return _make_doubt(piece.statement, reasons.budget(piece.statement))
                if isinstance(doubt, Doubt) and _counts(doubt, case.overlap):
                    holes = reasons.holes_of(_statements(piece, case))
                    return replace(
                        _make_doubt(piece.statement, self._reason(piece, case, doubt)), settled_by=holes or None
                    )
        return None

    # --- the cases ---

    def _cases(self, piece: Allow, stopping: Sequence[Deny], mode: Mode) -> Iterator[_Case]:
        """Yield the searches in which an Allow gives new access, for each of the three reasons."""
        statement = piece.statement
        denies = self._remaining_denies(self._denies, (statement,))
        if denies is None:
            return
        allows = self._remaining_denies(self._base_allows, (statement,))
        if allows is not None:
            served = mode is Mode.MAY or not any(map(_asks_for_tls, allows))
            overlap = Overlap(piece, people=True, services=served)
            none = NOTHING_ALLOWED.format(self._base_name)
            yield _Case(overlap, (*denies, *allows), none, tuple(self._base_allows))
        for deny in stopping:
            left = self._remaining_denies(self._denies, (statement, deny.statement))
            if left is not None:
                shown = mode is Mode.MAY or not _asks_for_tls(deny)
                otherwise = f"{name_of(deny.statement)} (Deny) of {self._base_name} stops it"
                for one in overlaps(piece, deny, mode, self._roles):
                    yield _Case(replace(one, services=one.services and shown), left, otherwise, (deny,))
        for entries in self._lost:
            for one in entries.overlaps(piece):
                yield _Case(one, denies, TRUSTED.format(self._base_name, entries), by_trust=True)

    def _remaining_denies(self, denies: Sequence[Deny], held: Sequence[Statement]) -> tuple[Deny, ...] | None:
        """Return what is left of the Denies if the `held` statements apply, or None if a Deny certainly applies too."""
        self._cache.budget.spend(len(denies))
        left = [left for deny in denies for left in [left_of(deny, held)] if left is not None]
        return None if any(map(is_certain, left)) else tuple(left)

    def _searches(self, case: _Case) -> Searches:
        telling = partial(reasons.telling_of, self._sets)
        return Searches(self._context, self._circles, case.denies, self._roles, telling, self._cache)

    # --- in words ---

    def _write_changes(self, statement: Statement, found: Sequence[_Found]) -> Iterator[Change]:
        denies = [deny for deny in self._denies if not deny.statement.empty_condition]
        writer = GrantWriter(self._sets, self._trust, self._context.organization, denies)
        told: dict[tuple[Kind, str], set[str]] = {}
        for is_trusted in (False, True):
            mine = [one for one in found if one[-1].by_trust is is_trusted]
            cases = {id(one.witness): case for _, one, case in mine}
            for grant in writer.write_grants(statement, [(mask, one) for mask, one, _ in mine]):
                known = told.setdefault((grant.kind, grant.grantee), set())
                if not known.issuperset(grant.actions):
                    known.update(grant.actions)
                    yield Change(grant, cases[id(grant.witness)].otherwise, is_trusted)

    def _reason(self, piece: Allow, case: _Case, doubt: Doubt) -> str:
        """Return a text that says what it depends on whether an Allow gives new access."""
        who = "an AWS service" if isinstance(doubt.request, ServiceRequest) else "someone outside"
        statements = _statements(piece, case)
        start = f"whether {name_of(piece.statement)} gives {who} access that {self._base_name} does not give"
        unknown = list(dict.fromkeys(text for statement in statements for text in reasons.unknown_of(statement)))
        if unknown:
            return f"{start} depends on unknown values: {first_of(unknown, 3)}"
        clauses = [*piece.clauses, *(clause for deny in (*case.others, *case.denies) for clause in deny.clauses)]
        keys = dict.fromkeys(one.condition.key for one in clauses if self._is_unsure(one, doubt))
        keys = keys or dict.fromkeys(one.condition.key for one in clauses)
        if keys:
            return f"{start} cannot be determined: it depends on {first_of(list(keys), 3)}"
        return f"{start} cannot be determined: it is not certain whom one of the statements means"

    def _is_unsure(self, one: Clause, doubt: Doubt) -> bool:
        uncertain = one.test is not None and any(not each.certain for each in one.test.comparisons)
        return uncertain or isinstance(meaning(doubt.request, one.key), Unsure)


def _statements(piece: Allow, case: _Case) -> list[Statement]:
    """Return the statements that decide whether an Allow gives new access."""
    return [piece.statement, *(deny.statement for deny in (*case.others, *case.denies))]


def _make_doubt(statement: Statement, reason: str) -> Undecided:
    return Undecided(statement.number, reason, statement.document)


def _plain(allow: Statement) -> Statement:
    """Return an Allow without `empty_condition`, which matters only for a Deny."""
    return allow._replace(empty_condition=False)


def _as_deny(allow: Allow, sets: ActionSets) -> Deny:
    """Return an Allow as a Deny, for a search in which it must not apply."""
    deny = deny_of(allow.statement, sets)
    certain = deny.actions | allow.actions
    return replace(deny, clauses=allow.clauses, actions=certain, perhaps=deny.perhaps | certain | allow.perhaps)


def _asks_for_tls(one: Deny) -> bool:
    """Return whether it depends on `aws:SecureTransport`, which AWS may omit from the request of a service."""
    return any(clause.key == "aws:securetransport" for clause in one.clauses)


def _counts(doubt: Doubt, overlap: Overlap) -> bool:
    return overlap.services if isinstance(doubt.request, ServiceRequest) else overlap.people
