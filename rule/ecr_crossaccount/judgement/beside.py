"""The documents that decide together with a repository's own policy: the registry policy and resource control policies.

All statements that apply to a repository are judged as one policy. Each of them keeps the document that it is from.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

from ..documents.document import Document, Policy, Statement
from ..documents.parse import parse
from ..documents.problems import Invalid
from ..memo import by_identity
from .admission import Origin, RepositoryArn, answers, select_statements
from .conditions.operators import Truth
from .context.request import RepositoryContext
from .control import SPARED, control_statements
from .judgement import verdict_of
from .patterns.automaton import Budget
from .search.callers import STEPS
from .values import actions
from .values.trust import Trust
from .values.verdict import Access, Grant, Kind, Settles, Undecided, Verdict


class Scope(Enum):
    """The actions to which a registry policy applies. `GetAccountSetting` returns it as `REGISTRY_POLICY_SCOPE`.

    V2: all actions. V1: ecr:ReplicateImage, ecr:BatchImportUpstreamImage and ecr:CreateRepository.
    """

    V1 = "V1"
    V2 = "V2"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__  # by identity: verdicts are looked up by it


SCOPE_FROM = "give {}, as `aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE` prints it"
"""What to do if a field or an option can give the scope of a registry policy. `{}` is its name."""

SCOPE_SETTING = "`registry-scope:` in ecr-crossaccount.yaml"
"""What gives it on the command line."""


@dataclass(frozen=True, slots=True)
class RegistryPolicy:
    """The policy of a repository's registry.

    `document` is its text, its JSON object, or None if there is none. `unread` is the reason why the policy is unknown.
    In this case, `document` is ignored, and the access that it gives is undecided. `way_out` says what to do if the
    scope is unknown.
    """

    document: object = None
    scope: Scope = Scope.UNKNOWN
    unread: str | None = None
    way_out: str = "`aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE` says it"


class Beside(NamedTuple):
    """The documents that decide together with a repository's own policy."""

    registry: RegistryPolicy | None
    rcps: tuple[object, ...]

    @property
    def documents(self) -> tuple[object, ...]:
        """The contents of these documents."""
        return self.rcps if self.registry is None else (self.registry.document, *self.rcps)


@by_identity
class Spoken:
    """The statements of other documents as they would be in a repository's own policy. Compared by identity.

    `scope` are the actions to which the statements of the registry policy apply.
    """

    statements: tuple[Statement, ...]
    scope: int


class JudgeCall(NamedTuple):
    """Everything that a judgement needs, except the other documents."""

    policy: object
    context: RepositoryContext
    trust: Trust
    origin: Origin


def judge_with(question: JudgeCall, name: str, beside: Beside) -> Verdict:
    """Judge the policy of the repository `name` with the registry policy and resource control policies.

    A Deny of either of them counts if it certainly applies, whichever document has the Allow.
    """
    registry, context = beside.registry, question.context
    arn = RepositoryArn(context.partition, context.region, context.owner, name)
    of_registry = registry_statements(registry)
    controls, faults = control_statements(beside.rcps)
    statements = (*of_registry.statements, *controls)
    spoken = answers(statements, arn)
    own = _judge_scopes if isinstance(question.policy, str) else _judge_scopes.__wrapped__
    scopes = scopes_of(registry, of_registry.statements)
    verdict, *others = own(question, tuple([_select_in_scope(statements, spoken, scope) for scope in scopes]))
    if registry is not None and others:
        verdict = _common_verdict(verdict, others[0], f"its scope is unknown: {registry.way_out}")
    invalid = (*of_registry.invalid, *faults)
    unread = None if registry is None else registry.unread
    why = f"the access that the registry policy gives is unknown: {unread}"
    doubts = () if unread is None else (Undecided(None, why, Document.REGISTRY),)
    notes = (SPARED,) if controls else ()
    if not (invalid or doubts or notes):
        return verdict
    return replace(
        verdict,
        invalid=(*verdict.invalid, *invalid),
        undecided=(*verdict.undecided, *doubts),
        notes=(*verdict.notes, *notes),
    )


def spoken_of(beside: Beside, repository: RepositoryArn) -> tuple[Spoken, tuple[Invalid, ...]]:
    """Return the statements of other documents that apply to a repository, and the faults of these documents.

    The statements of the registry policy count as with scope V2.
    """
    of_registry = registry_statements(beside.registry)
    controls, faults = control_statements(beside.rcps)
    statements = (*of_registry.statements, *controls)
    return _select_in_scope(statements, answers(statements, repository), -1), (*of_registry.invalid, *faults)


# --- the statements ---


def registry_statements(registry: RegistryPolicy | None) -> Policy:
    """Return the statements of a registry policy. None if it is unknown."""
    if registry is None or registry.unread is not None:
        return Policy((), ())
    document = registry.document
    return _of_text(document) if isinstance(document, str) else _of_registry(parse(document))


@lru_cache(maxsize=64)
def _of_text(document: str) -> Policy:
    return _of_registry(parse(document))


def _of_registry(read: Policy) -> Policy:
    statements = tuple(statement._replace(document=Document.REGISTRY) for statement in read.statements)
    invalid = (*read.invalid, *without_resource(read.statements))
    return Policy(statements, tuple(replace(one, at=f"{Document.REGISTRY.prefix}{one.at}") for one in invalid))


def without_resource(statements: Iterable[Statement]) -> Iterator[Invalid]:
    """Yield a fault for each statement of a registry policy without a Resource."""
    for statement in statements:
        # If the whole statement is a hole, its Resource is a part of the hole.
        if statement.resources is None and not statement.holes:
            at = f"$.Statement[{statement.number}]"
            yield Invalid(at, "has no Resource, which a registry policy needs: judged as if it were `*`")


def scopes_of(registry: RegistryPolicy | None, statements: Sequence[Statement]) -> list[int]:
    """Return the sets of actions to which the registry policy may apply."""
    if registry is None or not statements:
        return [-1]
    return {Scope.V1: [actions.SCOPE_V1], Scope.V2: [-1], Scope.UNKNOWN: [actions.SCOPE_V1, -1]}[registry.scope]


@lru_cache(maxsize=1024)
def _select_in_scope(statements: tuple[Statement, ...], spoken: tuple[Truth, ...], scope: int) -> Spoken:
    """Return the statements that apply to a repository.

    If these are the same for two repositories, so is the object.
    """
    return Spoken(tuple(select_statements(statements, spoken)), scope)


@lru_cache(maxsize=4096)
def _judge_scopes(question: JudgeCall, scopes: tuple[Spoken, ...]) -> tuple[Verdict, ...]:
    """Judge the policy with the statements in each scope. The judgements share a budget."""
    own, budget = parse(question.policy), Budget(STEPS)
    unions = [Policy((*own.statements, *scope.statements), own.invalid) for scope in scopes]
    pairs = zip(unions, scopes, strict=True)
    return tuple([verdict_of(union, *question[1:], scope=one.scope, budget=budget) for union, one in pairs])


# --- if the scope of the registry policy is unknown ---

_Key = tuple[Document, int, Kind, str]


def _common_verdict(first: Verdict, second: Verdict, ask: str) -> Verdict:
    """Return what is true with scope V1 and with scope V2. A grant that exists only with one of them is undecided."""
    if first == second and first.grants == second.grants:
        return first
    grants, loose = _compare_grants(first.grants, second.grants)
    outsiders = [grant for grant in grants if grant.kind is not Kind.SERVICE]
    doubts = {_key(grant): _if_scope(scope, grant, ask) for scope, grant in reversed(loose)}
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


def _compare_grants(first: Sequence[Grant], second: Sequence[Grant]) -> tuple[list[Grant], list[tuple[Scope, Grant]]]:
    """Return the grants that exist under both scopes, worst first, and the grants under one scope only.

    If the repository's own policy gives access under V2, it also does under V1, because fewer Denies count there. If
    the registry policy gives access under V1, it also does under V2, because the same Denies count for these actions.
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
    return Undecided(grant.statement, reason, grant.document, grant, Settles.SCOPE)
