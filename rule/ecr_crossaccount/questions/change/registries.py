"""The access that the policy of a registry gives to any of its repositories, compared with that of another state.

Repositories that the same Resources and register entries match form a kind, because both policies treat them equally.
This module makes up one repository of each kind. It then compares the statements about that repository as if they were
its own policies.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ...documents.document import Document, Effect, Policy, Statement
from ...documents.parse import parse
from ...documents.problems import Invalid
from ...judgement.admission import Origin, admit
from ...judgement.context.shapes import LABELS
from ...judgement.judge import Repository, context_of
from ...judgement.kinds.registry import CONTRADICTION
from ...judgement.patterns.automaton import Budget, BudgetSpentError, classes
from ...judgement.patterns.tokens import Block, literal
from ...judgement.resources import RepositoryArn, certain_blocks, possible_blocks
from ...judgement.values.actions import CONTRADICTED, EVERY_OF_REGISTRY
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import glob
from ...judgement.values.verdict import Kind, Undecided
from .answer import Change, Opened
from .compare import Side, direction
from .sides import EVERYTHING, applying, in_scope, with_one_meaning
from .states import State

STEPS_OF_KINDS = 400_000
"""The steps for finding the kinds of repositories in a registry. Beyond these, the difference is undecided."""
_MOST = 64
"""The most kinds of repositories that are compared. If there are more, the difference is undecided."""
_TOO_MANY = "the policies distinguish more kinds of repositories than the work budget of a comparison allows"
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
    def of(cls, state: State, policy: object, scope: int, trust: Trust) -> RegistrySide:
        """Return the side of a state. `scope`: the actions to which the policy applies."""
        read = parse(policy)
        registry = replace(state.repository, tags={}, tags_known=False)  # tags belong to one repository
        return cls(registry, tuple(in_scope(read.statements, scope)), read.invalid, trust, state.origin)

    def about(self, arn: RepositoryArn, *, denying: bool = False) -> Side:
        """Return the side of one repository of the registry. If `denying`, its own policy may allow anything."""
        spoken = tuple(applying(self.statements, arn))
        if denying:
            stopping = [one for one in self.statements if one.effect is Effect.DENY or one.holes]
            spoken = (EVERYTHING, *applying(stopping, arn))
        context = context_of(self.registry, self.trust, ())
        admitted = admit(Policy(spoken, ()), context, self.origin)
        return Side(admitted, context, self.trust.about(arn.name), self.name)


def opened_in_registry(before: RegistrySide, after: RegistrySide, budget: Budget) -> Opened:
    """Return the access that a registry policy gives to any repository and the one before did not give."""
    kinds = _kinds((*before.statements, *after.statements), after.registry, (before.trust, after.trust))
    if kinds is None:
        return Opened((), (Undecided(None, _TOO_MANY, Document.REGISTRY),))
    return _united([_on(arn, before, after, budget) for arn in kinds])


def _kinds(
    statements: Iterable[Statement], registry: Repository, registers: Iterable[Trust]
) -> list[RepositoryArn] | None:
    """Return one repository of every kind that the statements and the registers distinguish.

    Returns None if there are too many kinds.
    """
    region = LABELS if registry.region is None else literal(registry.region)
    start = literal(f"arn:{registry.partition}:ecr:") + region + literal(f":{registry.account}:repository/")
    blocks: dict[Block, None] = {}
    for resources in (one.resources for one in statements):
        if resources is not None:
            blocks |= dict.fromkeys((*certain_blocks(resources), *possible_blocks(resources)))
    for names in (entry.repositories for trust in registers for entry in trust.valid):
        blocks |= dict.fromkeys(Block(start + glob(name)) for name in names if name != "*")
    shape = RepositoryArn(registry.partition, registry.region, registry.account).shape
    try:
        texts, complete = classes(shape, list(blocks), _MOST, Budget(STEPS_OF_KINDS))
    except BudgetSpentError:
        return None
    return list(map(_arn, texts)) if complete else None


def _arn(text: str) -> RepositoryArn:
    _, partition, _, region, account, resource = text.split(":", 5)
    return RepositoryArn(partition, region, account, resource.partition("/")[2])


def _on(arn: RepositoryArn, before: RegistrySide, after: RegistrySide, budget: Budget) -> Opened:
    """Return the difference on one repository of a registry."""
    base, giver = with_one_meaning(before.about(arn), after.about(arn))
    found = direction(base, giver, budget, EVERY_OF_REGISTRY)
    contradicted = direction(base, giver, budget, CONTRADICTED)
    others = direction(*with_one_meaning(before.about(arn, denying=True), after.about(arn, denying=True)), budget)
    numbers = dict.fromkeys(one.grant.statement for one in contradicted.changes)
    doubts = [*found.undecided, *(Undecided(number, CONTRADICTION) for number in numbers)]
    of_registry = (replace(one, document=Document.REGISTRY) for one in doubts)
    return replace(found, undecided=(*of_registry, *_of_others(others)))


def _of_others(others: Opened) -> Iterator[Undecided]:
    """Yield that a Deny that is gone also affects access that the policies of repositories give, which are not here."""
    if not others.is_nothing:
        why = dict.fromkeys(one.otherwise for one in others.changes) or ["what a Deny stops cannot be determined"]
        yield from (Undecided(None, _OF_REPOSITORIES.format(one)) for one in why)


def _united(found: Sequence[Opened]) -> Opened:
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
