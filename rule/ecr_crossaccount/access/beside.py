"""What decides beside a repository's own policy: the registry policy, and resource control policies.

All statements that speak of a repository are judged as one policy, each with the document that it stands in.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from ..policy.document import Document, Policy, Statement
from ..policy.parse import parse
from ..policy.problems import Invalid
from . import actions
from .conditions.operators import Answer
from .context.request import RepositoryContext
from .control import SPARED, control_statements
from .judgement import Origin, verdict_of
from .resources import RepositoryArn, answers, narrowed
from .trust import Trust
from .verdict import Access, Grant, Kind, Undecided, Verdict


class Scope(Enum):
    """On which actions a registry policy counts, as `GetAccountSetting` says of `REGISTRY_POLICY_SCOPE`.

    V2: on all. V1: on ecr:ReplicateImage, ecr:BatchImportUpstreamImage and ecr:CreateRepository.
    """

    V1 = "V1"
    V2 = "V2"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # by identity: verdicts are looked up by it


SCOPE_FROM = "give `{}`, as `aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE` prints it"
"""What to do where a field or an option would say the scope of a registry policy; `{}` is its name."""


@dataclass(frozen=True, slots=True)
class RegistryPolicy:
    """The policy of a repository's registry.

    `document` is its text, its JSON object, or None where there is none. `unread` says why it is not known; then
    `document` is not heeded, and what it lets in is undecided. `way_out`: what a reader should do where the scope is
    not known.
    """

    document: object = None
    scope: Scope = Scope.UNKNOWN
    unread: str | None = None
    way_out: str = "`aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE` says it"


class Beside(NamedTuple):
    """The documents from beside."""

    registry: RegistryPolicy | None
    rcps: tuple[object, ...]

    @property
    def documents(self) -> tuple[object, ...]:
        """What is read of them."""
        return self.rcps if self.registry is None else (self.registry.document, *self.rcps)


@dataclass(frozen=True, slots=True, eq=False)
class Spoken:
    """Statements from beside, as a repository's own policy would hold them; compared by identity.

    `scope` are the actions on which those of the registry policy count.
    """

    statements: tuple[Statement, ...]
    scope: int


class Question(NamedTuple):
    """What is judged besides the documents from beside."""

    policy: object
    context: RepositoryContext
    trust: Trust
    origin: Origin


def judge_with(question: Question, name: str, beside: Beside) -> Verdict:
    """Judge the policy of the repository `name` with the registry policy and resource control policies.

    A Deny of either counts where it certainly applies, whoever allows.
    """
    registry, context = beside.registry, question.context
    arn = RepositoryArn(context.partition, context.region, context.owner, name)
    of_registry = _registry_statements(registry)
    controls, faults = control_statements(beside.rcps)
    statements = (*of_registry.statements, *controls)
    spoken = answers(statements, arn)
    own = _judged if isinstance(question.policy, str) else _judged.__wrapped__
    scopes = _scopes(registry, of_registry.statements)
    verdicts = [own(question, _narrowed(statements, spoken, scope)) for scope in scopes]
    verdict, *others = verdicts
    if registry is not None and others:
        verdict = _agreed(verdict, others[0], f"its scope is unknown: {registry.way_out}")
    invalid = (*of_registry.invalid, *faults)
    doubts = () if registry is None or registry.unread is None else (_unread(registry.unread),)
    notes = (SPARED,) if controls else ()
    if not (invalid or doubts or notes):
        return verdict
    return replace(
        verdict,
        invalid=(*verdict.invalid, *invalid),
        undecided=(*verdict.undecided, *doubts),
        notes=(*verdict.notes, *notes),
    )


def _unread(reason: str) -> Undecided:
    return Undecided(None, f"the access that the registry policy gives is unknown: {reason}", Document.REGISTRY)


def spoken_of(beside: Beside, repository: RepositoryArn) -> tuple[Spoken, tuple[Invalid, ...]]:
    """Return what documents from beside say of a repository, whatever the registry policy's scope, and their faults."""
    of_registry = _registry_statements(beside.registry)
    controls, faults = control_statements(beside.rcps)
    statements = (*of_registry.statements, *controls)
    return _narrowed(statements, answers(statements, repository), -1), (*of_registry.invalid, *faults)


# --- the statements ---


def _registry_statements(registry: RegistryPolicy | None) -> Policy:
    if registry is None or registry.unread is not None:
        return Policy((), ())
    document = registry.document
    return _of_text(document) if isinstance(document, str) else _of_registry(parse(document))


@lru_cache(maxsize=64)
def _of_text(document: str) -> Policy:
    return _of_registry(parse(document))


def _of_registry(read: Policy) -> Policy:
    statements = tuple(one._replace(document=Document.REGISTRY) for one in read.statements)
    invalid = (*read.invalid, *without_resource(read.statements))
    return Policy(statements, tuple(replace(one, at=f"{Document.REGISTRY.prefix}{one.at}") for one in invalid))


def without_resource(statements: Iterable[Statement]) -> Iterator[Invalid]:
    """Yield the statements of a registry policy that lack a Resource."""
    for one in statements:
        # Where the whole statement is a hole, its Resource is part of what is not known.
        if one.resources is None and not one.holes:
            at = f"$.Statement[{one.number}]"
            yield Invalid(at, "has no Resource, which a registry policy needs: judged as if it were `*`")


def _scopes(registry: RegistryPolicy | None, statements: Sequence[Statement]) -> list[int]:
    """The sets of actions on which the registry policy may count."""
    if registry is None or not statements:
        return [-1]
    return {Scope.V1: [actions.SCOPE_V1], Scope.V2: [-1], Scope.UNKNOWN: [actions.SCOPE_V1, -1]}[registry.scope]


@lru_cache(maxsize=1024)
def _narrowed(statements: tuple[Statement, ...], spoken: tuple[Answer, ...], scope: int) -> Spoken:
    """What speaks of a repository: the same object for all repositories of which the same speaks."""
    return Spoken(tuple(narrowed(statements, spoken)), scope)


@lru_cache(maxsize=4096)
def _judged(question: Question, beside: Spoken) -> Verdict:
    own = parse(question.policy)
    union = Policy((*own.statements, *beside.statements), own.invalid)
    return verdict_of(union, *question[1:], scope=beside.scope)


# --- where the scope of the registry policy is not known ---

_Key = tuple[Document, int, Kind, str]


def _agreed(first: Verdict, second: Verdict, ask: str) -> Verdict:
    """What is true whether the registry policy has the scope V1 or V2; what only one of them says is undecided."""
    if first == second and first.grants == second.grants:
        return first
    grants, loose = _compared(first.grants, second.grants)
    outsiders = [grant for grant in grants if grant.kind is not Kind.SERVICE]
    doubts = {(grant.document, grant.statement): _if_scope(scope, grant, ask) for scope, grant in reversed(loose)}
    return Verdict(
        external=bool(outsiders),
        public=any(grant.public for grant in outsiders),
        service=len(outsiders) < len(grants),
        access=tuple(access for access in Access if any(access in grant.access for grant in outsiders)),
        undecided=tuple(dict.fromkeys((*first.undecided, *second.undecided, *doubts.values()))),
        invalid=tuple(dict.fromkeys((*first.invalid, *second.invalid))),
        notes=tuple(dict.fromkeys((*first.notes, *second.notes))),
        explain=lambda: tuple(grants),
    )


def _compared(first: Sequence[Grant], second: Sequence[Grant]) -> tuple[list[Grant], list[tuple[Scope, Grant]]]:
    """The grants that hold under both scopes, worst first, and those that hold under one only.

    What the repository's own policy lets in under V2 it lets in under V1 too, where fewer Denies count. What the
    registry policy lets in under V1 it lets in under V2 too: on those actions the same Denies count.
    """
    both = [grant for grant in second if grant.document is Document.REPOSITORY]
    both += [grant for grant in first if grant.document is Document.REGISTRY]
    known = {_key(grant): set(grant.actions) for grant in both}
    loose = [
        (scope, grant)
        for scope, grants in ((Scope.V1, first), (Scope.V2, second))
        for grant in grants
        if not set(grant.actions) <= known.get(_key(grant), set())
    ]
    return sorted(both, key=lambda grant: -grant.severity), loose


def _key(grant: Grant) -> _Key:
    return grant.document, grant.statement, grant.kind, grant.grantee


def _if_scope(scope: Scope, grant: Grant, ask: str) -> Undecided:
    reason = f"if the registry policy has the scope {scope.value}: {grant.reason}; {ask}"
    return Undecided(grant.statement, reason, grant.document)
