"""What a change opens: the one place that decides whether access was there before.

Everything that compares two states of a resource asks `opened_access`. What the change closes is the same with the
states exchanged.

Of replication and pull-through caches, the flows of images are compared. The policy of a registry is compared by the
access that it gives to any of its repositories. Repositories that the same Resources and register entries match form a
kind, because both policies treat them equally. This module makes up one repository of each kind. It then compares the
statements about that repository as if they were its own policies.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...documents.document import Document, Effect, Policy, Statement
from ...documents.parse import parse
from ...documents.pattern import Pattern, holes_in
from ...documents.problems import Invalid
from ...judgement.admission import ANY_ACTION, Origin, RepositoryArn, admit, certain_blocks, possible_blocks
from ...judgement.beside import Scope
from ...judgement.judge import Repository, context_of
from ...judgement.kinds.exchanges import Exchanged, includes
from ...judgement.kinds.public import with_public_names
from ...judgement.kinds.registry import CONTRADICTION
from ...judgement.kinds.table import EXCHANGES, OF_MANY, ResourceKind
from ...judgement.patterns.automaton import Budget, BudgetSpentError, classes
from ...judgement.patterns.tokens import Block
from ...judgement.values.actions import CONTRADICTED, EVERY_OF_REGISTRY, SCOPE_V1, SCOPE_V1_OF_REGISTRY
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import glob
from ...judgement.values.verdict import Compliance, Grant, Kind, Undecided
from ...memo import by_value
from .answer import Change, Difference, Opened
from .compare import MOST_STEPS, OF_REGISTRY_STEPS, Side, direction
from .owners import TOO_MANY_OWNERS, Owners
from .sides import EVERYTHING, applying, entries_of, in_scope, side_of, trust_of, with_one_meaning
from .states import EXCHANGED, Documents, Form, Guard, State, is_ambiguous, owners_of, with_unread
from .together import Case, anywhere, case_of, number_statements, together, verdict_of_forms

_BEYOND = "{} does not say so of all these images"
_TRUSTED = "{} is judged with a register that trusts it"


def compare_exchanges(before: State, old: object, after: State, new: object, names: tuple[str, str]) -> Opened:
    """Return the exchanges of images that are open after a change and were not before.

    Flows that the register of the state before covers were not open there. `names`: both states, in messages.
    """
    was, now = (name.replace("policy", "configuration") for name in names)
    known = [flow for part in _parts(before, old) for flow in part.flows]
    parts = [
        part
        for part in _parts(after, new)
        if not part.flows or not all(any(includes(other, flow) for other in known) for flow in part.flows)
    ]
    trusted = [flow for part in _parts(replace(before, trust=Trust.nobody()), old) for flow in part.flows]
    changes = []
    for part in parts:
        if isinstance(part.part, Grant):
            is_trusted = all(any(includes(other, flow) for other in trusted) for flow in part.flows)
            changes.append(Change(part.part, (_TRUSTED if is_trusted else _BEYOND).format(was), is_trusted))
    faults = tuple(part.part for part in parts if isinstance(part.part, Invalid))
    gone = (part.part for part in _parts(before, old) if isinstance(part.part, Invalid))
    doubts = [f"in {now}, {part.part.reason}" for part in parts if isinstance(part.part, Undecided)]
    doubts += [
        f"in {name}, {invalid.at}: {invalid.reason}" for name, each in ((now, faults), (was, gone)) for invalid in each
    ]
    return Opened(tuple(changes), tuple(Undecided(None, reason) for reason in doubts), faults)


def _parts(state: State, configuration: object) -> list[Exchanged]:
    if configuration is None:
        return []
    return list(EXCHANGED[state.kind](configuration, state.repository, state.trusted))


STEPS_OF_KINDS = 10_000
"""The steps for finding the kinds of repositories in a registry. Beyond these, the difference is undecided."""
_MOST = 64
"""The most kinds of repositories that are compared. If there are more, the difference is undecided."""
_TOO_MANY = "the policies distinguish more kinds of repositories than the work budget of a comparison allows"
_TOO_MUCH = Opened((), (Undecided(None, _TOO_MANY, Document.REGISTRY),))
_OF_REPOSITORIES = (
    "whether the policies of repositories allow what a Deny of the registry policy stops cannot be determined here: {}"
)


class RegistrySide(NamedTuple):
    """The policy of a registry in one state, with the trust in that state. `name`: the state in messages."""

    registry: Repository
    statements: tuple[Statement, ...]
    invalid: tuple[Invalid, ...]
    trust: Trust
    origin: Origin
    name: str = ""

    @classmethod
    def for_state(cls, state: State, policy: object, scope: int, trust: Trust) -> RegistrySide:
        """Return the side of a state. `scope`: the actions to which the policy applies."""
        read = parse(policy)
        registry = replace(state.repository, tags={}, tags_known=False)  # tags belong to one repository
        return cls(registry, tuple(in_scope(read.statements, scope)), read.invalid, trust, state.origin)

    def for_repository(self, arn: RepositoryArn, *, denying: bool = False) -> Side:
        """Return the side of one repository of the registry. If `denying`, its own policy may allow anything."""
        spoken = tuple(applying(self.statements, arn))
        if denying:
            stopping = [
                statement for statement in self.statements if statement.effect is Effect.DENY or statement.holes
            ]
            spoken = (EVERYTHING, *applying(stopping, arn))
        context = context_of(self.registry, self.trust, ())
        admitted = admit(Policy(spoken, ()), context, self.origin)
        return Side(admitted, context, self.trust.about(arn.name), self.name)


def opened_in_registry(before: RegistrySide, after: RegistrySide, budget: Budget) -> Opened:
    """Return the access that a registry policy gives to any repository and the one before did not give."""
    kinds = _kinds((*before.statements, *after.statements), after.registry, (before.trust, after.trust))
    if kinds is None:
        return _TOO_MUCH
    found: list[Opened] = []
    steps = sum(map(_steps_of, (*before.statements, *after.statements)))
    for arn in kinds:
        try:
            budget.spend(steps)
        except BudgetSpentError:
            return _unite_changes([*found, _TOO_MUCH])
        found.append(_compare_repository(arn, before, after, budget))
    return _unite_changes(found)


def _steps_of(statement: Statement) -> int:
    """Return what it costs to compare a statement on one repository, besides the search."""
    values = (value for condition in statement.conditions for value in condition.values)
    return 25 + sum(len(value.parts) for value in values if isinstance(value, Pattern)) // 4


def _kinds(
    statements: Iterable[Statement], registry: Repository, registers: Iterable[Trust]
) -> list[RepositoryArn] | None:
    """Return one repository of every kind that the statements and the registers distinguish.

    Returns None if there are too many kinds.
    """
    every = RepositoryArn(registry.partition, registry.region, registry.account)
    blocks: dict[Block, None] = {}
    for resources in (statement.resources for statement in statements):
        if resources is not None:
            blocks |= dict.fromkeys((*certain_blocks(resources), *possible_blocks(resources)))
    for names in (entry.repositories for trust in registers for entry in trust.valid):
        blocks |= dict.fromkeys(Block(every.start + glob(name)) for name in names if name != "*")
    try:
        texts, complete = classes(every.shape, list(blocks), _MOST, Budget(STEPS_OF_KINDS))
    except BudgetSpentError:
        return None
    return list(map(RepositoryArn.parse, texts)) if complete else None


def _compare_repository(arn: RepositoryArn, before: RegistrySide, after: RegistrySide, budget: Budget) -> Opened:
    base, giver = with_one_meaning(before.for_repository(arn), after.for_repository(arn))
    found = direction(base, giver, budget, EVERY_OF_REGISTRY)
    contradicted = direction(base, giver, budget, CONTRADICTED)
    others = direction(
        *with_one_meaning(before.for_repository(arn, denying=True), after.for_repository(arn, denying=True)), budget
    )
    numbers = dict.fromkeys(change.grant.statement for change in contradicted.changes)
    doubts = [*found.undecided, *(Undecided(number, CONTRADICTION) for number in numbers)]
    of_registry = (replace(doubt, document=Document.REGISTRY) for doubt in doubts)
    return replace(found, undecided=(*of_registry, *_of_others(others)))


def _of_others(others: Opened) -> Iterator[Undecided]:
    """Yield that a Deny that is gone also affects access that the policies of repositories give, which are not here."""
    if not others.is_nothing:
        why = dict.fromkeys(change.otherwise for change in others.changes) or ["what a Deny stops cannot be determined"]
        yield from (Undecided(None, _OF_REPOSITORIES.format(text)) for text in why)


def _unite_changes(found: Sequence[Opened]) -> Opened:
    """Return the changes on any repository.

    Each grantee of a statement appears once, with the most access on any of them.
    """
    most: dict[tuple[int, Kind, str, bool], Change] = {}
    for change in (one for each in found for one in each.changes):
        key = change.grant.statement, change.grant.kind, change.grant.grantee, change.by_trust
        if key not in most or len(change.grant.actions) > len(most[key].grant.actions):
            most[key] = replace(change, grant=replace(change.grant, document=Document.REGISTRY))
    changes = sorted(most.values(), key=lambda one: (-one.grant.severity, one.grant.statement))
    undecided = dict.fromkeys(one for each in found for one in each.undecided)
    return Opened(tuple(changes), tuple(undecided))


OLD, NEW = "the old policy", "the new policy"
Names = tuple[str, str]
NOTHING_BEFORE = "nothing allowed it before"


def difference(before: State, after: State) -> Difference:
    """Return what a change opens and closes."""
    return Difference(opened_access(before, after), opened_access(after, before, (NEW, OLD)))


def opened_access(
    before: State | None, after: State, names: Names = (OLD, NEW), budget: Budget | None = None, *, at_once: bool = True
) -> Opened:
    """Return the access that a state gives to principals outside and the state before did not give.

    `before` is None if the resource did not exist. A state of other repositories does not count as the state before.
    `names`: both states, in messages. `budget`: the work that several comparisons can share. `at_once`: whether
    both states were read together, so that an unknown setting is the same in both.
    """
    if before is None or not after.is_within(before):
        return everything(after)
    if after.owners is not None:
        return _of_owners(after.owners, before, after, names, budget, at_once=at_once)
    steps = OF_REGISTRY_STEPS if after.kind is ResourceKind.REGISTRY else MOST_STEPS
    cases = [
        Case(
            new.when or old.when,
            old.by_default and new.by_default,
            number_statements(
                new,
                _Pair(
                    before.for_form(old), old, after.for_form(new), new, names, budget or Budget(steps), at_once
                ).opened_access(),
            ),
        )
        for old, new in _cells(before.forms, after.forms)
    ]
    found = together(cases)
    sides = ((after.doubts, before.doubts), (before.doubts, after.doubts))
    doubts = [Undecided(None, reason) for mine, others in sides for reason in mine if reason not in others]
    return replace(found, undecided=tuple(dict.fromkeys((*found.undecided, *doubts)))) if doubts else found


def _of_owners(  # noqa: PLR0913 - the arguments of `opened_access`
    owners: Owners, before: State, after: State, names: Names, budget: Budget | None, *, at_once: bool
) -> Opened:
    """Return what is opened for any account that may own the resource."""
    found = owners_of(owners, before, after)
    if found is None:
        is_same = before == after and not any(is_ambiguous(form.policy) for form in after.forms)
        return Opened() if is_same else Opened(undecided=(Undecided(None, TOO_MANY_OWNERS),))
    cases = [
        case_of(
            owner,
            opened_access(
                before.owned_by(owner.account), after.owned_by(owner.account), names, budget, at_once=at_once
            ),
        )
        for owner in found
    ]
    return anywhere(cases) if owners.accounts and owners.each else together(cases)


def everything(state: State) -> Opened:
    """Return all access that a state gives to principals outside, as its verdict says."""
    verdict = verdict_of_forms(state)
    faults = (Undecided(None, f"{invalid.at}: {invalid.reason}") for invalid in verdict.invalid)
    changes = tuple(Change(grant, NOTHING_BEFORE) for grant in verdict.grants)
    return Opened(changes, (*verdict.undecided, *faults), verdict.invalid)


# --- the forms of both states ---


def _cells(olds: Sequence[Form], news: Sequence[Form]) -> list[tuple[Form, Form]]:
    """Return the pairs of forms that can follow each other, because an input has one value before and after.

    If a form before depends on a value that may be anything, nothing is known that could be new.
    """
    known = [form for form in olds if form.beyond.isdisjoint(holes_in(list(form.documents)))] or olds
    cells = [(old, new) for old, new in itertools.product(known, news) if not old.when.excludes(new.when)]
    before, after = ([form.when.words for form in forms] for forms in (olds, news))
    if sorted(before) == sorted(after) and len(set(before)) == len(before):
        return [(old, new) for old, new in cells if old.when.words == new.when.words]
    return cells


@by_value
class _Pair:
    """One form of the state before, and one of the state after."""

    before: State
    old: Form
    after: State
    new: Form
    names: Names
    budget: Budget
    at_once: bool

    def opened_access(self) -> Opened:
        if self._is_unchanged():
            return Opened(invalid=self.after.verdict(self.new).invalid)
        kind, after = self.after.kind, self.after
        if kind in EXCHANGES:
            return compare_exchanges(self.before, self.old.policy, after, self.new.policy, self.names)
        # A Deny of a registry's policy also denies what the policies of its repositories allow.
        if kind is not ResourceKind.REGISTRY and after.verdict(self.new).compliance is Compliance.COMPLIANT:
            return Opened()
        cases = [Case(Guard(words), by_default=True, found=self._in_scopes(scopes)) for words, scopes in self._scopes()]
        return together(cases)

    def _is_unchanged(self) -> bool:
        """Return whether both forms certainly mean the same to the same callers."""
        before, after, old, new = self.before, self.after, self.old, self.new
        same = (
            (old.policy, old.registry, old.scope) == (new.policy, new.registry, new.scope)
            and (before.repository, before.origin, before.rcps) == (after.repository, after.origin, after.rcps)
            and not is_ambiguous(new.policy)
            and (self.at_once or len(self._scope_of(new)) == 1)
        )
        if not same:
            return False
        documents = (*old.documents, *new.documents)
        then, now = (trust_of(state, after, documents) for state in (before, after))
        organizations = before.repository.organization, after.repository.organization
        if after.kind in OF_MANY:
            of_each = zip((then, now), organizations, strict=True)
            one, other = (entries_of(trust, after.kind, organization) for trust, organization in of_each)
            return one == other
        return then.circles(organizations[0]) == now.circles(organizations[1])

    def _in_scopes(self, scopes: tuple[int, int]) -> Opened:
        """Return what is opened if the registry's policies apply to these actions."""
        old, new = (
            (form.policy, None if form.registry is None else form.registry.document) for form in (self.old, self.new)
        )
        return with_unread(lambda one, other: self._compare_documents(one, other, scopes), old, new, self.names)

    def _compare_documents(
        self, old: Documents, new: Documents, scopes: tuple[int, int]
    ) -> tuple[Opened, tuple[Invalid, ...]]:
        before, after = self.before, self.after
        trusts = [trust_of(state, after, (*old, *new)) for state in (before, after)]
        if after.kind is ResourceKind.REGISTRY:
            then, now = (
                RegistrySide.for_state(one, document, scope, trust)
                for one, (document, _), scope, trust in zip((before, after), (old, new), scopes, trusts, strict=True)
            )
            found = opened_in_registry(then._replace(name=self.names[0]), now, self.budget)
            return replace(found, invalid=now.invalid), then.invalid
        base = side_of(before, after, old, self.old.registry, scopes[0])._replace(trust=trusts[0], name=self.names[0])
        giver = side_of(after, after, new, self.new.registry, scopes[1])._replace(trust=trusts[1])
        base, giver = with_one_meaning(base, giver)
        found = direction(base, giver, self.budget)
        if after.kind is ResourceKind.PUBLIC_REPOSITORY:
            found = replace(
                found, changes=tuple(replace(change, grant=with_public_names(change.grant)) for change in found.changes)
            )
        faults, theirs = (self._relevant_faults(side.admitted.invalid) for side in (base, giver))
        return replace(found, invalid=theirs), faults

    def _relevant_faults(self, faults: tuple[Invalid, ...]) -> tuple[Invalid, ...]:
        """Return the faults, without those of resource control policies that both states have."""
        if self.before.rcps != self.after.rcps:
            return faults
        return tuple(fault for fault in faults if not fault.at.startswith(Document.RESOURCE_CONTROL.prefix))

    # --- the scope of the registry's policy ---

    def _scopes(self) -> list[tuple[str, tuple[int, int]]]:
        """Return the pairs of scopes that the registry's policies may have, in words and as the actions of each."""
        then, now = self._scope_of(self.old), self._scope_of(self.new)
        pairs = zip(then, now, strict=True) if self.at_once and then == now else itertools.product(then, now)
        return [(_words(*pair), (self._actions(pair[0]), self._actions(pair[1]))) for pair in pairs]

    def _scope_of(self, form: Form) -> tuple[Scope, ...]:
        known = form.scope if self.after.kind is ResourceKind.REGISTRY else Scope.V2
        if form.registry is not None and form.registry.document is not None:
            known = form.registry.scope
        return (Scope.V1, Scope.V2) if known is Scope.UNKNOWN else (known,)

    def _actions(self, scope: Scope) -> int:
        if scope is Scope.V2:
            return ANY_ACTION
        return SCOPE_V1_OF_REGISTRY if self.after.kind is ResourceKind.REGISTRY else SCOPE_V1


def _words(then: Scope, now: Scope) -> str:
    is_now = f"the registry policy has the scope {now.value}"
    return is_now if then is now else f"{is_now} and had {then.value}"
