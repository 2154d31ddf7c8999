"""What can be opened: the policy of a repository, registry or template, a replication, or a pull-through cache."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ...documents.principals import partition_of
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, reads_tags
from ...judgement.values.named import names_under
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import EXCHANGES, PREFIXED
from ...judgement.values.verdict import ResourceKind as Kind
from ...questions.change.states import ANY_NAME, Form, State

_NAMES: Mapping[Kind, tuple[str, str]] = {
    Kind.REPOSITORY: ("REPOSITORY", "repository"),
    Kind.REGISTRY: ("REGISTRY", "registry"),
    Kind.CREATION_TEMPLATE: ("TEMPLATE", "creation template"),
    Kind.PUBLIC_REPOSITORY: ("PUBLIC", "public repository"),
    Kind.REPLICATION: ("REPLICATION", "replication"),
    Kind.PULL_THROUGH_CACHE: ("CACHE", "pull-through cache"),
}
"""The name of each kind in the memory, which must not change, and its name for a person."""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a policy belongs to.

    `name` is the repository, the prefix of a template or cache, or empty for a registry.
    """

    kind: Kind
    account: str
    region: str
    name: str

    @property
    def partition(self) -> str:
        """The partition of the Region."""
        return partition_of(self.region)

    @property
    def key(self) -> str:
        """The key under which the subject is remembered."""
        return f"{_NAMES[self.kind][0]}#{self.account}#{self.region}#{self.name}"

    @property
    def what(self) -> str:
        """The name of the kind for a person."""
        return _NAMES[self.kind][1]

    @property
    def called(self) -> str:
        """The name of the subject for a person."""
        name = f" `{self.name}`" if self.name else ""
        return f"ECR {self.what}{name} of account {self.account} in {self.region}"


@dataclass(frozen=True, slots=True)
class Stated:
    """A policy at one time: its text, or None if there is none, and whether ECR or the caller wrote it.

    For a replication or a cache, the text is the JSON of its configuration. `applied_for`: what a creation template is
    used for, or None if that is unknown. `scope`: the actions to which the policy of a registry applies.
    """

    text: str | None
    origin: Origin = Origin.DEPLOYED
    applied_for: tuple[str, ...] | None = None
    scope: Scope = Scope.UNKNOWN


NO_POLICY = Stated(None)


def state_of(
    subject: Subject, policy: Stated, trust: Trust, repository: Repository, registry: RegistryPolicy | None = None
) -> State:
    """Return a subject with a policy as the state that is judged and compared.

    `repository` is the subject as the judgement takes it. `registry` is the policy of its registry.
    """
    text = policy.text
    document = json.loads(text) if text is not None and subject.kind in EXCHANGES else text
    form = Form(document, registry=registry, scope=policy.scope)
    # of the repositories that a template or a cache will apply to, only the beginning of the name is known
    names = names_under(subject.name) if subject.kind in PREFIXED else ANY_NAME
    return State(subject.kind, repository, trust, (form,), names, policy.applied_for, policy.origin)


def ask_for_tags(subject: Subject, policies: Iterable[object]) -> bool:
    """Return whether the tags of a repository may decide about one of the policies."""
    texts = (one for one in policies if isinstance(one, str))
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def about(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
    """Return a subject as the judgement takes it. `tags` is None if they are unknown."""
    is_one = subject.kind in (Kind.REPOSITORY, Kind.PUBLIC_REPOSITORY)
    return Repository(
        subject.account,
        subject.name if is_one else "*",
        region=subject.region,
        partition=subject.partition,
        organization=organization,
        tags=tags or {},
        tags_known=tags is not None,
    )
