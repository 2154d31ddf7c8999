"""The statements of a policy that can apply to one repository, prepared for the search.

A repository policy cannot have a Resource. A registry policy must have one, and a statement applies only to the
repositories that it matches.
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html

The account of a principal with holes is known even so, if it is as in `arn:aws:iam::111122223333:role/<Name>`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from ..documents.document import PARTITIONS, Document, Effect, Form, Named, Policy, Resources, Statement
from ..documents.pattern import Hole, Holed, Part, Pattern, Wild
from ..documents.problems import Invalid
from ..memo import by_value
from . import reasons
from .conditions.operators import Truth, clause
from .context.keys import is_blind
from .context.request import RepositoryContext
from .context.shapes import LABELS, some
from .control import A_SERVICE, NO_SERVICE_LINKED_ROLE
from .patterns.automaton import Budget, BudgetSpentError, TextQuestion, find
from .patterns.charsets import ANY, NOT_COLON, REPOSITORY
from .patterns.tokens import NOTHING, Block, Token, Tokens, any_of, literal, star
from .search.constraints import Allow
from .search.denies import Deny
from .values.actions import OF_SERVICE_LINKED_ROLES, PERHAPS_OF_SERVICE_LINKED_ROLES, ActionSets
from .values.trust import names_like

_FIELDS = 6
STEPS_OF_RESOURCES = 50_000
"""The work budget for the Resources of all statements of a document."""
_UNSURE = Holed((Hole("Resource"),))


@by_value
class RepositoryArn:
    """A repository, by the parts of its ARN. `region` is None if it is unknown.

    `name` has a `*` for each unknown part.
    """

    partition: str
    region: str | None
    account: str
    name: str = "*"

    @property
    def text(self) -> str | None:
        """The ARN of the repository, or None if a part of it is unknown."""
        if self.region is None or "*" in self.name:
            return None
        return f"arn:{self.partition}:ecr:{self.region}:{self.account}:repository/{self.name}"

    @classmethod
    def parse(cls, text: str) -> RepositoryArn:
        """Return the repository with an ARN."""
        _, partition, _, region, account, resource = text.split(":", 5)
        return cls(partition, region, account, resource.partition("/")[2])

    @property
    def start(self) -> Tokens:
        """The ARN up to the name of the repository."""
        region = LABELS if self.region is None else literal(self.region)
        return literal(f"arn:{self.partition}:ecr:") + region + literal(f":{self.account}:repository/")

    @property
    def shape(self) -> Tokens:
        """The ARNs that the repository may have in its partition."""
        return _shape_of(self)

    @property
    def in_any_partition(self) -> tuple[Tokens, ...]:
        """Those that it may have in any: without its Region, its partition is not certain either."""
        names = sorted(PARTITIONS) if self.region is None else [self.partition]
        return tuple(replace(self, partition=name).shape for name in names)


@lru_cache(maxsize=64)
def _shape_of(arn: RepositoryArn) -> Tokens:
    return arn.start + (some(REPOSITORY) if arn.name == "*" else names_like(arn.name))


def concerns(resources: Resources, repository: RepositoryArn, budget: Budget) -> Truth:
    """Return whether a statement's Resource matches a repository.

    UNKNOWN if it matches only some of the ARNs that the repository may have, or if the budget is spent.
    """
    try:
        found = _match_resources(resources, repository, budget)
    except BudgetSpentError:
        return Truth.UNKNOWN
    return ~found if resources.negated else found


def _match_resources(resources: Resources, repository: RepositoryArn, budget: Budget) -> Truth:
    certain, possible = certain_blocks(resources), possible_blocks(resources)
    text = repository.text
    if text is not None:
        # One ARN needs no search. A scheduled run calls this for every repository.
        return _names(text, certain, possible)
    shapes = (repository.shape,)
    if find(TextQuestion(shapes, (possible,), ()), budget) is None:
        return Truth.UNKNOWN if find(TextQuestion(repository.in_any_partition, (possible,), ()), budget) else Truth.NO
    return Truth.YES if find(TextQuestion(shapes, (), certain), budget) is None else Truth.UNKNOWN


def _names(text: str, certain: Iterable[Block], possible: Iterable[Block]) -> Truth:
    if any(block.matches(text) for block in certain):
        return Truth.YES
    return Truth.UNKNOWN if any(block.matches(text) for block in possible) else Truth.NO


def names_resource(resources: Resources, arn: str) -> Truth:
    """Return whether a statement's Resource matches the whole ARN of a resource of any service.

    UNKNOWN if that cannot be determined: a wildcard in an ARN stops at a colon, but what it does at one in the name of
    a resource is not documented.
    """
    found = _names(arn, certain_blocks(resources), possible_blocks(resources))
    if found is Truth.NO and arn.count(":") >= _FIELDS:
        return Truth.UNKNOWN
    return ~found if resources.negated else found


def answers(statements: Iterable[Statement], repository: RepositoryArn) -> tuple[Truth, ...]:
    """Return, for each statement, whether it applies to a repository. Without a Resource, it applies to all of them."""
    budget = Budget(STEPS_OF_RESOURCES)
    return tuple(
        Truth.YES if statement.resources is None else concerns(statement.resources, repository, budget)
        for statement in statements
    )


def select_statements(statements: Iterable[Statement], spoken: Iterable[Truth]) -> Iterator[Statement]:
    """Yield the statements that apply to a repository, as they would be in its own policy.

    `spoken` is the result of `answers`.
    """
    for one, answer in zip(statements, spoken, strict=True):
        if answer is Truth.YES:
            yield one._replace(resources=None)
        elif answer is Truth.UNKNOWN:
            yield one._replace(resources=None, holes=(*one.holes, _UNSURE))


@lru_cache(maxsize=1024)
def possible_blocks(resources: Resources) -> tuple[Block, ...]:
    """Return the ARNs that the patterns may match."""
    return _together(resources.patterns)


@lru_cache(maxsize=1024)
def certain_blocks(resources: Resources) -> tuple[Block, ...]:
    """Return the ARNs that the patterns certainly match."""
    return _together(filter(_is_certain, resources.patterns))


def _together(patterns: Iterable[Pattern]) -> tuple[Block, ...]:
    tokens = tuple(map(_tokens, patterns))
    return (Block(any_of(tokens)),) if tokens else ()


_BEGINNING = r"arn:[^:]+:[^:]+:"
"""Prefix, partition and service. An ARN takes no wildcard in these."""


def _is_certain(value: Pattern) -> bool:
    """Return whether it is certain what a pattern matches. It is for `*`, and for an ARN with all its fields."""
    if value.holes or value.variables:
        return False
    first = value.parts[0] if value.parts else None
    begins = isinstance(first, str) and re.match(_BEGINNING, first) is not None
    return value.parts == (Wild.ANY,) or (begins and _colons(value) >= _FIELDS - 1)


def _colons(value: Pattern) -> int:
    return sum(part.count(":") for part in value.parts if isinstance(part, str))


def _tokens(value: Pattern) -> Tokens:
    """Return the pattern. Its wildcards stop at a colon, except `*` as the last character of a field."""
    tokens = NOTHING
    for part, after in zip(value.parts, (*value.parts, ":")[1:], strict=True):
        tokens += literal(part) if isinstance(part, str) else _wild(part, after)
    # It is uncertain what AWS does with a pattern of too few fields. At most, it matches any rest.
    return tokens if _colons(value) >= _FIELDS - 1 else tokens + star(ANY)


def _wild(part: Part, after: Part) -> Tokens:
    if part is Wild.ONE:
        return Tokens((Token(charset=NOT_COLON),))
    bounded = part is Wild.ANY and not (isinstance(after, str) and after.startswith(":"))
    return star(NOT_COLON if bounded else ANY)


_GAP = "\0"
_ARN = re.compile(r"arn:([^:]+):(?:iam|sts)::([0-9]{12}):.+", re.DOTALL)


def without_idle_holes(statement: Statement, owner: str) -> Statement:
    """Return a statement without the holes that make no difference for outsiders.

    A principal of the owner's account is never outside, whichever it is. A principal of another account is always
    someone of that account. An Allow gives that account access, if its conditions do not depend on the principal in it.
    """
    principals = statement.principals
    certain = statement.effect is Effect.ALLOW and not (principals.negated or statement.holes) and _is_blind(statement)
    left: list[Holed] = []
    named: list[Named] = []
    for text in principals.unknown:
        entry = None if text in principals.unknown_services else _of_account(text)
        if entry is None or (entry.account != owner and not certain):
            left.append(text)
        elif entry.account != owner:
            named.append(entry)
    if len(left) == len(principals.unknown):
        return statement
    known = principals._replace(named=(*principals.named, *named), unknown=tuple(left))
    return statement._replace(principals=known)


def _is_blind(statement: Statement) -> bool:
    """Return whether the conditions depend at most on the caller's account, organization and network path."""
    values = (value for condition in statement.conditions for value in condition.values)
    varied = any(isinstance(value, Pattern) and value.variables for value in values)
    return not varied and all(is_blind(condition.name) for condition in statement.conditions)


def _of_account(text: Holed) -> Named | None:
    """Return the account of a principal as a principal, or None if the account is unknown."""
    found = _ARN.fullmatch("".join(_GAP if isinstance(part, Hole) else part for part in text.parts))
    if found is None:
        return None
    partition = None if _GAP in found[1] else found[1]
    return Named(Form.ACCOUNT, found[2], "", partition, str(text))


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

    @classmethod
    def from_statements(
        cls, statements: Iterable[Statement], invalid: tuple[Invalid, ...], notes: tuple[str, ...]
    ) -> Admitted:
        """Return the part of a policy that has these statements."""
        every = tuple(statements)
        allows, denies = (
            tuple([one for one in every if one.effect is effect]) for effect in (Effect.ALLOW, Effect.DENY)
        )
        return cls(every, allows, denies, invalid, notes)


def admit(policy: Policy, context: RepositoryContext, origin: Origin) -> Admitted:
    """Return the policy without the parts that cannot apply to this repository.

    These are principals of other partitions, deleted principals, and resources.
    """
    admission = _Admission(context, origin)
    statements = [admission.admit_statement(statement) for statement in policy.statements]
    return Admitted.from_statements(statements, (*policy.invalid, *admission.invalid), tuple(admission.notes))


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
    perhaps = certain if all(isinstance(text, str) for text in statement.actions.patterns) else covered
    return Deny(statement, clauses, certain, perhaps, bool(statement.holes))


def denies_of(statement: Statement, sets: ActionSets, scope: int = ANY_ACTION) -> Iterator[Deny]:
    """Prepare a Deny. A Deny of a resource control policy becomes several that together mean the same."""
    whole = deny_of(statement, sets, scope)
    if statement.document is not Document.RESOURCE_CONTROL:
        yield whole
    else:
        yield from _sparing(whole)


def _covered_actions(statement: Statement, scope: int) -> int:
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
