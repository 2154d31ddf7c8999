"""The calls that change who has access: what can be opened, and the policy before and after.

It is the policy of a repository, registry or template, a replication, or a pull-through cache.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ...documents.document import partition_of
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, reads_tags
from ...judgement.kinds.table import EXCHANGES, PREFIXED
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust, names_under
from ...questions.change.states import ANY_NAME, Form, State
from ...questions.plan.outcome import document_of
from ...sources.aws.errors import EventError
from .record import Json, Record, list_of, object_of, text_of

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
    texts = (policy for policy in policies if isinstance(policy, str))
    return subject.kind is Kind.REPOSITORY and any(map(reads_tags, texts))


def make_repository(subject: Subject, organization: str | None, tags: Mapping[str, str] | None) -> Repository:
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


@dataclass(frozen=True, slots=True)
class PolicyCall:
    """A policy that was replaced. `before` and `after` are the old and new one, or None if the record does not have it.

    `at` is the time, for the order of changes. A new repository counts as older than other changes in the same second.
    `scope` is what the call set if it changed only the scope of a registry's policy. `asked` is the policy of the
    request, if ECR's response has another one.
    """

    subject: Subject
    after: Stated | None
    at: datetime
    before: Stated | None = None
    scope: Scope | None = None
    asked: Stated | None = None


def change_of(record: Record) -> PolicyCall | None:
    """Return the change of a policy that a call made, or None if it made none. Raises EventError."""
    change = _CHANGES.get(record.name)
    return None if change is None else change(record)


# --- repositories ---


def _set(record: Record) -> PolicyCall:
    return _put(record, _repository(record))


def _deletion(record: Record) -> PolicyCall:
    return PolicyCall(_repository(record), NO_POLICY, record.at, _stored_policy(record, "policyText"))


def _creation(record: Record) -> PolicyCall:
    """Return the start without a policy. What is remembered about an earlier repository of that name does not apply."""
    return PolicyCall(_repository(record), NO_POLICY, record.at - timedelta(milliseconds=1), NO_POLICY)


def _gone(record: Record) -> PolicyCall:
    """Return the end, which opens nothing."""
    return PolicyCall(_repository(record), NO_POLICY, record.at, NO_POLICY)


def _repository(record: Record) -> Subject:
    if record.repository is None:
        raise EventError(f"the record of {record.name} names no repository")
    kind = Kind.PUBLIC_REPOSITORY if record.is_public else Kind.REPOSITORY
    return Subject(kind, record.owner, record.region, record.repository)


# --- the registry ---

_SETTING = "REGISTRY_POLICY_SCOPE"


def _of_registry(record: Record, kind: Kind = Kind.REGISTRY) -> Subject:
    return Subject(kind, record.owner, record.region, "")


def _registry_set(record: Record) -> PolicyCall:
    return _put(record, _of_registry(record))


def _registry_deleted(record: Record) -> PolicyCall:
    return PolicyCall(_of_registry(record), NO_POLICY, record.at, _stored_policy(record, "policyText"))


def _scope_change(record: Record) -> PolicyCall | None:
    """Return the change of the actions to which a registry's policy applies.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    name, value = (text_of(record.request, text) or text_of(record.response, text) for text in ("name", "value"))
    scope = next((one for one in (Scope.V1, Scope.V2) if one.value == value), Scope.UNKNOWN)
    return PolicyCall(_of_registry(record), None, record.at, scope=scope) if name in (None, _SETTING) else None


def _replication(record: Record) -> PolicyCall:
    name = "replicationConfiguration"
    found = object_of(record.response, name) or object_of(record.request, name)
    return PolicyCall(_of_registry(record, Kind.REPLICATION), _configuration_json(found), record.at)


# --- what is known by a prefix ---


def _template_change(record: Record) -> PolicyCall:
    """Return the policy of a template after the call. An update keeps the policy if it does not mention one."""
    answer = object_of(record.response, "repositoryCreationTemplate")
    stored, asked = _policy_in(answer, "repositoryPolicy"), _policy_in(record.request, "repositoryPolicy")
    after = None if stored is None else Stated(stored)
    if after is None and asked is not None:
        after = Stated(asked, Origin.PROPOSED)
    is_without = "prefix" in record.request and not {"repositoryPolicy"} & (record.request.keys() | answer.keys())
    if after is None and record.name.startswith("Create") and is_without:
        after = NO_POLICY
    if after is not None:
        after = replace(after, applied_for=_uses(answer) or _uses(record.request))
    return PolicyCall(_by_prefix(record, Kind.CREATION_TEMPLATE, "prefix", answer), after, record.at)


def template_in(template: Json) -> Stated:
    """Return the policy of a template, and what it is used for, as ECR shows it."""
    return Stated(text_of(template, "repositoryPolicy"), applied_for=_uses(template))


def _uses(template: Json) -> tuple[str, ...] | None:
    return tuple(map(str, list_of(template, "appliedFor"))) or None


def _template_deleted(record: Record) -> PolicyCall:
    answer = object_of(record.response, "repositoryCreationTemplate")
    return PolicyCall(_by_prefix(record, Kind.CREATION_TEMPLATE, "prefix", answer), NO_POLICY, record.at, NO_POLICY)


def _cache_change(record: Record) -> PolicyCall:
    subject = _by_prefix(record, Kind.PULL_THROUGH_CACHE, "ecrRepositoryPrefix", record.response)
    rule = {**record.request, **{name: value for name, value in record.response.items() if value}}
    return PolicyCall(subject, _configuration_json(rule if "upstreamRegistryUrl" in rule else {}), record.at)


def _cache_deleted(record: Record) -> PolicyCall:
    subject = _by_prefix(record, Kind.PULL_THROUGH_CACHE, "ecrRepositoryPrefix", record.response)
    return PolicyCall(subject, NO_POLICY, record.at)


def _by_prefix(record: Record, kind: Kind, name: str, answer: Json) -> Subject:
    prefix = text_of(record.request, name) or text_of(answer, name)
    if prefix is None:
        raise EventError(f"the record of {record.name} names no prefix")
    return Subject(kind, record.owner, record.region, prefix)


# --- what a record says ---


def _stored_policy(record: Record, name: str) -> Stated | None:
    text = _policy_in(record.response, name)
    return None if text is None else Stated(text)


def _put(record: Record, subject: Subject) -> PolicyCall:
    """Return the change to the policy of ECR's response, or to that of the request if the response has none.

    CloudTrail leaves out values that are too long. ECR may store another policy than the request has, for example the
    unique ID of a role in place of its ARN. Then both count.
    """
    stored, asked = _stored_policy(record, "policyText"), _policy_in(record.request, "policyText")
    requested = None if asked is None else Stated(asked, Origin.PROPOSED)
    if stored is None or requested is None or document_of(stored.text) == document_of(asked):
        return PolicyCall(subject, stored or requested, record.at)
    return PolicyCall(subject, stored, record.at, asked=requested)


def _policy_in(values: Json, name: str) -> str | None:
    """Return the text of a policy, or None if there is none or CloudTrail replaced it with something else."""
    text = text_of(values, name)
    return text if text is not None and document_of(text) is not None else None


def _configuration_json(configuration: Json) -> Stated | None:
    return Stated(json.dumps(configuration, sort_keys=True)) if configuration else None


_CHANGES: Mapping[str, Callable[[Record], PolicyCall | None]] = {
    "CreatePullThroughCacheRule": _cache_change,
    "CreateRepository": _creation,
    "CreateRepositoryCreationTemplate": _template_change,
    "DeletePullThroughCacheRule": _cache_deleted,
    "DeleteRegistryPolicy": _registry_deleted,
    "DeleteRepository": _gone,
    "DeleteRepositoryCreationTemplate": _template_deleted,
    "DeleteRepositoryPolicy": _deletion,
    "PutAccountSetting": _scope_change,
    "PutRegistryPolicy": _registry_set,
    "PutReplicationConfiguration": _replication,
    "SetRepositoryPolicy": _set,
    "UpdateRepositoryCreationTemplate": _template_change,
}
CHANGES = frozenset(_CHANGES)
"""The calls that change a policy."""
