"""The statements of a policy that can apply to one repository, prepared for the search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from enum import Enum
from typing import NamedTuple

from ..documents.document import Document, Effect, Policy, Resources, Statement
from ..documents.problems import Invalid
from . import reasons
from .conditions.clause import clause
from .conditions.operators import Truth
from .context.request import RepositoryContext
from .control import A_SERVICE, NO_SERVICE_LINKED_ROLE
from .patterns.automaton import Budget
from .resources import STEPS_OF_RESOURCES, RepositoryArn, concerns, without_idle_holes
from .search.denies import Deny
from .search.problem import Allow
from .values.actions import OF_SERVICE_LINKED_ROLES, PERHAPS_OF_SERVICE_LINKED_ROLES, ActionSets

ANY_ACTION = -1
"""The set of all actions, including those that are not in the table."""


class Origin(Enum):
    """Where a policy is from. This decides what a unique id of a principal in it means."""

    PROPOSED = "proposed"
    DEPLOYED = "deployed"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # by identity: verdicts are looked up by it


class Admitted(NamedTuple):
    """The part of a policy that can be judged, everything that IAM would not accept, and notes for the reader.

    `allows` and `denies` are the `statements` by their effect. They include Denies that may not apply.
    """

    statements: tuple[Statement, ...]
    allows: tuple[Statement, ...]
    denies: tuple[Statement, ...]
    invalid: tuple[Invalid, ...]
    notes: tuple[str, ...]


def admit(policy: Policy, context: RepositoryContext, origin: Origin) -> Admitted:
    """Return the policy without the parts that cannot apply to this repository.

    These are principals of other partitions, deleted principals, and resources.
    """
    admission = _Admission(context, origin)
    statements = tuple([admission.admit_statement(statement) for statement in policy.statements])
    return Admitted(
        statements,
        tuple([one for one in statements if one.effect is Effect.ALLOW]),
        tuple([one for one in statements if one.effect is Effect.DENY]),
        (*policy.invalid, *admission.invalid),
        tuple(admission.notes),
    )


def stand_as_written(statements: Sequence[Statement], context: RepositoryContext) -> bool:
    """Return whether Allows without unknown principals count unchanged, and there is nothing to note."""
    home = (None, context.partition)
    left_out = [
        statement
        for statement in statements
        if statement.resources is not None
        or statement.document is not Document.REPOSITORY
        or [entry for entry in statement.principals.named if entry.partition not in home]
    ]
    return not left_out


class _Admission:
    """Collects the faults in the statements of one policy."""

    def __init__(self, context: RepositoryContext, origin: Origin) -> None:
        self._context = context
        self._origin = origin
        self._budget = Budget(STEPS_OF_RESOURCES)
        self.invalid: list[Invalid] = []
        self.notes: list[str] = []

    def admit_statement(self, statement: Statement) -> Statement:
        """Return a statement without principals of other partitions, deleted principals and resources."""
        statement = without_idle_holes(statement, self._context.owner) if statement.principals.unknown else statement
        principals = statement.principals
        home = (None, self._context.partition)
        foreign = [entry for entry in principals.named if entry.partition not in home]
        for entry in foreign:
            at = f"{statement.place}.Principal.AWS"
            reason = f"`{entry.source}` is of another partition than the repository, `{self._context.partition}`"
            self.invalid.append(Invalid(at, reason))
        self.notes += reasons.remarks(statement)
        if statement.resources is not None:
            statement = self._without_resource(statement, statement.resources)
        ids = principals.ids
        if ids and self._origin is Origin.DEPLOYED:
            self.notes += [reasons.stale(statement, identifier.id) for identifier in ids]
            ids = ()
        if not foreign and ids is principals.ids:
            return statement
        named = tuple(entry for entry in principals.named if entry not in foreign)
        return statement._replace(principals=principals._replace(named=named, ids=ids))

    def _without_resource(self, statement: Statement, resources: Resources) -> Statement:
        """Return the statement without its Resource.

        A new policy cannot have one, but a policy that ECR has stored can. A Deny counts if its Resource certainly
        matches every repository of the registry.
        """
        if self._origin is not Origin.DEPLOYED:
            at = f"{statement.place}.Resource"
            self.invalid.append(Invalid(at, "a repository policy takes no Resource: it is ignored; remove it"))
            return statement
        everywhere = RepositoryArn(self._context.partition, self._context.region, self._context.owner)
        certain = concerns(resources, everywhere, self._budget) is Truth.YES
        self.notes.append(reasons.resource(statement, certain=certain))
        if statement.effect is Effect.DENY and not certain:
            return statement._replace(empty_condition=True)
        return statement._replace(resources=None)


# --- preparation for the search ---


def allow_of(statement: Statement, sets: ActionSets, scope: int = ANY_ACTION) -> Allow:
    """Prepare an Allow. Prepare all Allows before the first Deny.

    `scope`: the actions to which statements of a registry policy apply.
    """
    clauses = tuple([clause(condition, Effect.ALLOW) for condition in statement.conditions])
    certain, perhaps = sets.allowed_actions(statement.actions)
    covered = _covered_actions(statement, scope)
    return Allow(statement, clauses, certain & covered, perhaps & covered)


def deny_of(statement: Statement, sets: ActionSets, scope: int = ANY_ACTION) -> Deny:
    """Prepare a Deny, or an Allow that must not apply in a search.

    The clauses have the effect of the statement.
    """
    clauses = tuple([clause(condition, statement.effect) for condition in statement.conditions])
    covered = _covered_actions(statement, scope)
    certain = sets.denied_actions(statement.actions) & covered
    perhaps = covered if _is_holed(statement) else certain
    return Deny(statement, clauses, certain, perhaps, bool(statement.holes))


def denies_of(statement: Statement, sets: ActionSets, scope: int = ANY_ACTION) -> Iterator[Deny]:
    """Prepare a Deny. A Deny of a resource control policy becomes several that together mean the same."""
    whole = deny_of(statement, sets, scope)
    if statement.document is not Document.RESOURCE_CONTROL:
        yield whole
    else:
        yield from _sparing(whole)


def _covered_actions(statement: Statement, scope: int) -> int:
    """Return the actions to which a statement applies."""
    return scope if statement.document is Document.REGISTRY else ANY_ACTION


def _sparing(deny: Deny) -> Iterator[Deny]:
    """Split a Deny of a resource control policy, because it does not apply to service-linked roles.

    For the actions that such roles call, the Deny applies only to other callers.
    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    theirs, perhaps = OF_SERVICE_LINKED_ROLES, PERHAPS_OF_SERVICE_LINKED_ROLES
    yield replace(deny, actions=deny.actions & ~theirs & ~perhaps, perhaps=deny.perhaps & ~theirs)
    shared = theirs | perhaps
    for conditions in (NO_SERVICE_LINKED_ROLE, (A_SERVICE,)):
        others = tuple(clause(condition, Effect.DENY) for condition in conditions)
        yield replace(
            deny, clauses=(*deny.clauses, *others), actions=deny.actions & shared, perhaps=deny.perhaps & shared
        )


def _is_holed(statement: Statement) -> bool:
    return bool([text for text in statement.actions.patterns if not isinstance(text, str)])
