"""One policy, one repository, one trust: searches every Allow, and builds the verdict.

If the Region of the repository is not known, it may be in several partitions. An ARN of another partition matches no
caller. So if a policy for China is judged for the commercial partition, its conditions seem to allow no one.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from ..documents.document import EVERYONE, PARTITIONS, Policy, Statement
from ..documents.parse import parse
from ..documents.pattern import Pattern
from ..documents.problems import Invalid
from ..memo import keep_results
from . import reasons
from .admission import ANY_ACTION, Origin, admit, allow_of, denies_of, possible_blocks, stand_as_written
from .conditions.operators import Roles, roles_in
from .context.keys import meanings_for
from .context.request import RepositoryContext
from .grants import GrantWriter, VerdictDraft
from .patterns.automaton import Budget
from .patterns.comparisons import STRINGS, comparison
from .patterns.tokens import AnyOf, Tokens
from .search.callers import STEPS, Searches
from .search.candidates import CALLERS, SOURCES
from .search.constraints import Allow, Found, JudgementCache, NotExhausted
from .search.denies import Deny
from .search.outsiders import Examined, examine
from .search.services import PlainFindings, is_plain, speaks_plainly
from .values import actions
from .values.actions import ActionSets
from .values.trust import Trust, TrustLevel
from .values.verdict import Compliance, Grant, Undecided, Verdict


def other_partitions(statements: Sequence[Statement], partition: str) -> Iterator[str]:
    """Yield one partition of each kind that conditions and Resources distinguish from `partition`, in a stable order.

    There is no other one if a Principal element has an ARN: ECR would not accept one of another partition.
    """
    if any(entry.partition for statement in statements for entry in statement.principals.named):
        return
    patterns = dict.fromkeys(_patterns(statements))
    seen = {_read_by(patterns, partition)}
    for name in sorted(PARTITIONS):
        read = _read_by(patterns, name)
        if read not in seen:
            seen.add(read)
            yield name


def _patterns(statements: Iterable[Statement]) -> Iterator[Tokens | AnyOf]:
    for statement in statements:
        if statement.resources is not None:
            yield from (block.tokens for block in possible_blocks(statement.resources))
        for condition in statement.conditions:
            base = condition.operator.base
            texts = (value for value in condition.values if isinstance(value, Pattern) and base in STRINGS)
            yield from (comparison(base, value.parts).tokens for value in texts)


def _read_by(patterns: Iterable[Tokens | AnyOf], partition: str) -> Hashable:
    """Return where the patterns are after the beginning of an ARN. Equal places match equal rests."""
    return tuple([pattern.places_after(f"arn:{partition}:") for pattern in patterns])


_ORGANIZATION_KEYS = CALLERS.organizations | SOURCES.organizations


def verdict_of(  # noqa: PLR0913 - everything that a verdict depends on
    policy: Policy | str,
    context: RepositoryContext,
    trust: Trust,
    origin: Origin,
    reach: int = actions.EVERY,
    *,
    scope: int = ANY_ACTION,
    budget: Budget | None = None,
) -> Verdict:
    """Judge one policy, or its text, for one repository and trust. The arguments are those of a `Judgement`.

    Most policies have only plain Allows, whose principals are the answer. These are added up without a search. Verdicts
    are cached and should be small, so such a policy is only prepared for the search when the grants are read. A text is
    then read again.
    """
    read = parse(policy) if isinstance(policy, str) else policy
    tally = _plain_tally(read, context, trust, reach)
    if tally is None:
        budget = Budget(STEPS) if budget is None else budget
        found = Judgement(read, context, trust, origin, reach, scope=scope, budget=budget).verdict()
        if context.region is not None or found.compliance is not Compliance.COMPLIANT:
            return found
        doubts = tuple(_elsewhere(read, context, trust, origin, reach, scope, budget))
        return replace(found, undecided=doubts) if doubts else found
    explain = _Later((policy, context, trust, origin, reach)) if tally.has_found_anybody else tuple
    return tally.verdict(trust, context.organization, invalid=read.invalid, explain=explain)


def _elsewhere(  # noqa: PLR0913, PLR0917 - what a verdict depends on, all of it
    policy: Policy, context: RepositoryContext, trust: Trust, origin: Origin, reach: int, scope: int, budget: Budget
) -> Iterator[Undecided]:
    """Yield who has access if the repository, whose Region is unknown, is in another partition that conditions name."""
    for name in other_partitions(policy.statements, context.partition):
        there = context._replace(partition=name)
        found = Judgement(policy, there, trust, origin, reach, scope=scope, budget=budget).verdict()
        yield from reasons.elsewhere(name, found)


def _plain_tally(policy: Policy, context: RepositoryContext, trust: Trust, reach: int) -> VerdictDraft | None:
    """Add up a policy that has only plain Allows that count unchanged. Return None for any other policy."""
    tally, sets = VerdictDraft(context.owner, trust.circles(context.organization)), ActionSets(reach)
    for statement in policy.statements:
        if not speaks_plainly(statement):
            return None
        mask, perhaps = sets.allowed_actions(statement.actions)
        if mask != perhaps:
            return None
        tally.count_plain(statement.principals, mask)
    return tally if stand_as_written(policy.statements, context) else None


class _Later:
    """Writes the grants of a policy of plain Allows when they are first read."""

    __slots__ = ("_asked", "_grants")

    def __init__(self, asked: tuple[Policy | str, RepositoryContext, Trust, Origin, int]) -> None:
        self._asked = asked
        self._grants: tuple[Grant, ...] | None = None

    def __call__(self) -> tuple[Grant, ...]:
        if self._grants is None:
            policy, context, trust, origin, reach = self._asked
            read = parse(policy) if isinstance(policy, str) else policy
            self._grants = Judgement(read, context, trust, origin, reach).grants()
        return self._grants


class Prepared(NamedTuple):
    """The statements of a policy, prepared for the search, with everything that may be a Deny, and the policy's faults.

    If it is uncertain whether a Deny counts, its `actions` are empty, so it certainly denies nothing. `sets` knows the
    bits of all actions, including those that are not in the table.
    """

    allows: tuple[Allow, ...]
    denies: tuple[Deny, ...]
    roles: Roles
    invalid: tuple[Invalid, ...]
    notes: tuple[str, ...]
    sets: ActionSets


class Judgement:
    """One policy, one repository, one trust: collects the findings of each Allow's searches.

    `reach` are the actions that a policy of its kind can grant. `scope` are the actions to which a registry policy
    applies. `budget` is the work that several judgements can share.
    """

    def __init__(  # noqa: PLR0913 - everything that a verdict depends on
        self,
        policy: Policy,
        context: RepositoryContext,
        trust: Trust,
        origin: Origin,
        reach: int = actions.EVERY,
        *,
        scope: int = ANY_ACTION,
        budget: Budget | None = None,
    ) -> None:
        self._context = context
        self._trust = trust
        self._circles: tuple[TrustLevel, TrustLevel, TrustLevel] = trust.circles(context.organization)
        self._budget = Budget(STEPS) if budget is None else budget
        admitted = admit(policy, context, origin)
        self._invalid = admitted.invalid
        self._tally = VerdictDraft(context.owner, self._circles)
        self._findings: list[tuple[Allow, list[tuple[int, Found]]]] = []
        self._undecided: list[Undecided] = []
        self._notes: list[str] = list(admitted.notes)
        self._sets = ActionSets(reach)
        self._telling = partial(reasons.telling_of, self._sets)
        """Chooses the action of a set that a witness shows."""
        self._scope = scope
        self._policy = policy
        self._admitted = admitted
        self._allows = [allow_of(statement, self._sets, scope) for statement in admitted.allows]
        denies = [statement for statement in admitted.denies if not statement.empty_condition]
        self._denies = [deny for statement in denies for deny in denies_of(statement, self._sets, scope)]
        self._telling_price = sum([1 + len(deny.clauses) for deny in self._denies]) // 2
        """The steps that it takes to say why no Deny stops a finding."""
        if self._denies:
            self._allows = [self._without_denied_actions(allow) for allow in self._allows]

    # --- preparation ---

    def _without_denied_actions(self, allow: Allow) -> Allow:
        """Return an Allow without the actions that a Deny refuses for everyone, whatever the request."""
        denied = 0
        for deny in self._denies:
            if deny.statement.principals == EVERYONE and not (deny.clauses or deny.holed):
                denied |= deny.actions
        return replace(allow, actions=allow.actions & ~denied, perhaps=allow.perhaps & ~denied) if denied else allow

    def prepare(self) -> Prepared:
        """Return the statements as written, for callers that need more than a verdict."""
        allows = [allow_of(allow, self._sets, self._scope) for allow in self._admitted.allows]
        denies = [deny for statement in self._admitted.denies for deny in denies_of(statement, self._sets, self._scope)]
        counted = [replace(one, actions=0) if one.statement.empty_condition else one for one in denies]
        roles = self._roles()
        return Prepared(tuple(allows), tuple(counted), roles, self._invalid, tuple(self._notes), self._sets)

    # --- the verdict ---

    def verdict(self) -> Verdict:
        """Judge every Allow. A request that no Allow allows has no access."""
        intricate: list[Allow] = []
        for allow in self._allows:
            if is_plain(allow, self._denies):
                self._tally.count_plain(allow.statement.principals, allow.actions)
            elif allow.perhaps:
                intricate.append(allow)
        if intricate:
            # Verdicts are cached, but the results of the searches are not kept.
            cache = JudgementCache(self._budget, meanings_for(self._context))
            searches = Searches(self._context, self._circles, self._denies, self._roles(), self._telling, cache)
            for one in examine(intricate, searches, self._tally.open, self._telling_price):
                self._count(one)
        self._notes += self._remarks()
        return self._tally.verdict(
            self._trust,
            self._context.organization,
            invalid=self._invalid,
            undecided=self._undecided,
            notes=self._notes,
            explain=self.grants,
        )

    def _remarks(self) -> Iterable[str]:
        """Return what a reader should know about the trust that this policy relies on."""
        vpcs, without_self = self._circles[0].vpcs, self._context.organization is None and self._trust.names_self
        return self._remarks_on_trust(vpcs, without_self=without_self) if vpcs or without_self else ()

    def _remarks_on_trust(self, vpcs: frozenset[str], *, without_self: bool) -> Iterator[str]:
        keys = {clause.key for allow in self._allows for clause in allow.clauses}
        if keys & {"aws:sourcevpc", "aws:sourcevpcarn"}:
            yield from map(reasons.regional, sorted(vpcs))
        keys |= {clause.key for deny in self._denies for clause in deny.clauses}
        if without_self and keys & _ORGANIZATION_KEYS:
            yield reasons.NO_ORGANIZATION

    def _roles(self) -> Roles:
        return roles_in(statement.principals for statement in self._policy.statements)

    @keep_results
    def grants(self) -> tuple[Grant, ...]:
        """Return the grants. They are written once."""
        found = [*self._findings, *self._plainly_found()]
        writer = GrantWriter(self._sets, self._trust, self._context.organization, self._denies)
        written = [grant for allow, findings in found for grant in writer.write_grants(allow.statement, findings)]
        return tuple(sorted(written, key=lambda grant: (-grant.severity, grant.statement)))

    def _plainly_found(self) -> Iterator[tuple[Allow, Iterator[tuple[int, Found]]]]:
        plain = [allow for allow in self._allows if is_plain(allow, self._denies)]
        if plain:
            findings = PlainFindings(self._context, self._circles, self._roles(), self._telling)
            yield from ((allow, findings.find_outsiders(allow)) for allow in plain)

    def _count(self, one: Examined) -> None:
        self._findings.append((one.allow, one.found))
        for mask, found in one.found:
            self._tally.count(mask, found)
        doubt = self._undecided_of(one)
        if doubt is not None:
            self._undecided.append(doubt)

    def _undecided_of(self, one: Examined) -> Undecided | None:
        """Return why it cannot be determined whether someone that the findings do not cover has access."""
        statement = one.allow.statement
        if one.doubt is None:
            return None
        if isinstance(one.doubt, NotExhausted):
            return Undecided(statement.number, reasons.budget(statement), statement.document)
        about = statement, one.doubt, [deny.statement for deny in self._denies]
        settled_by = reasons.settling(*about)
        return Undecided(statement.number, reasons.doubt(*about), statement.document, settled_by=settled_by)
