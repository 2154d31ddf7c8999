"""The calls that change who has access, and the policy before and after, as far as CloudTrail's record has it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .. import Origin
from ..remedy.written import document_of
from .errors import RecordError
from .record import Json, Record, object_of, text_of
from .subject import NO_POLICY, Kind, Stated, Subject


@dataclass(frozen=True, slots=True)
class Change:
    """A policy that was replaced. `before` and `after` are the old and new one, or None if the record does not have it.

    `at` is the time, for the order of changes. A new repository counts as older than other changes in the same second.
    """

    subject: Subject
    after: Stated | None
    at: datetime
    before: Stated | None = None


def change_of(record: Record) -> Change | None:
    """Return the change of a policy that a call made, or None if it made none. Raises RecordError."""
    change = _CHANGES.get(record.name)
    return None if change is None else change(record)


# --- repositories ---


def _set(record: Record) -> Change:
    return Change(_repository(record), _written(record, "policyText"), record.at)


def _deleted(record: Record) -> Change:
    return Change(_repository(record), NO_POLICY, record.at, _answered(record, "policyText"))


def _made(record: Record) -> Change:
    """Return the start without a policy. What is remembered about an earlier repository of that name does not apply."""
    return Change(_repository(record), NO_POLICY, record.at - timedelta(milliseconds=1))


def _repository(record: Record) -> Subject:
    if record.repository is None:
        raise RecordError(f"the record of {record.name} names no repository")
    kind = Kind.PUBLIC if record.is_public else Kind.REPOSITORY
    return Subject(kind, record.owner, record.region, record.repository)


# --- the registry ---


def _of_registry(record: Record, kind: Kind) -> Subject:
    return Subject(kind, record.owner, record.region, "")


def _registry_set(record: Record) -> Change:
    return Change(_of_registry(record, Kind.REGISTRY), _written(record, "policyText"), record.at)


def _registry_deleted(record: Record) -> Change:
    before = _answered(record, "policyText")
    return Change(_of_registry(record, Kind.REGISTRY), NO_POLICY, record.at, before)


def _replication(record: Record) -> Change:
    name = "replicationConfiguration"
    found = object_of(record.response, name) or object_of(record.request, name)
    return Change(_of_registry(record, Kind.REPLICATION), _configured(found), record.at)


# --- what is known by a prefix ---


def _stamped(record: Record) -> Change:
    """Return the policy of a template after the call. An update keeps the policy if it does not mention one."""
    answer = object_of(record.response, "repositoryCreationTemplate")
    stored, asked = _policy_in(answer, "repositoryPolicy"), _policy_in(record.request, "repositoryPolicy")
    after = None if stored is None else Stated(stored)
    if after is None and asked is not None:
        after = Stated(asked, Origin.PROPOSED)
    is_without = "prefix" in record.request and not {"repositoryPolicy"} & (record.request.keys() | answer.keys())
    if after is None and record.name.startswith("Create") and is_without:
        after = NO_POLICY
    return Change(_by_prefix(record, Kind.TEMPLATE, "prefix", answer), after, record.at)


def _template_deleted(record: Record) -> Change:
    answer = object_of(record.response, "repositoryCreationTemplate")
    return Change(_by_prefix(record, Kind.TEMPLATE, "prefix", answer), NO_POLICY, record.at)


def _cached(record: Record) -> Change:
    subject = _by_prefix(record, Kind.CACHE, "ecrRepositoryPrefix", record.response)
    rule = {**record.request, **{name: value for name, value in record.response.items() if value}}
    return Change(subject, _configured(rule if "upstreamRegistryUrl" in rule else {}), record.at)


def _cache_deleted(record: Record) -> Change:
    return Change(_by_prefix(record, Kind.CACHE, "ecrRepositoryPrefix", record.response), NO_POLICY, record.at)


def _by_prefix(record: Record, kind: Kind, name: str, answer: Json) -> Subject:
    prefix = text_of(record.request, name) or text_of(answer, name)
    if prefix is None:
        raise RecordError(f"the record of {record.name} names no prefix")
    return Subject(kind, record.owner, record.region, prefix)


# --- what a record says ---


def _answered(record: Record, name: str) -> Stated | None:
    text = _policy_in(record.response, name)
    return None if text is None else Stated(text)


def _written(record: Record, name: str) -> Stated | None:
    """Return a policy from ECR's response, otherwise from the request, or None if the record has neither.

    CloudTrail leaves out values that are too long.
    """
    asked = _policy_in(record.request, name)
    return _answered(record, name) or (None if asked is None else Stated(asked, Origin.PROPOSED))


def _policy_in(values: Json, name: str) -> str | None:
    """Return the text of a policy, or None if there is none or CloudTrail replaced it with something else."""
    text = text_of(values, name)
    return text if text is not None and document_of(text) is not None else None


def _configured(configuration: Json) -> Stated | None:
    return Stated(json.dumps(configuration, sort_keys=True)) if configuration else None


_CHANGES: Mapping[str, Callable[[Record], Change]] = {
    "CreatePullThroughCacheRule": _cached,
    "CreateRepository": _made,
    "CreateRepositoryCreationTemplate": _stamped,
    "DeletePullThroughCacheRule": _cache_deleted,
    "DeleteRegistryPolicy": _registry_deleted,
    "DeleteRepository": _deleted,
    "DeleteRepositoryCreationTemplate": _template_deleted,
    "DeleteRepositoryPolicy": _deleted,
    "PutRegistryPolicy": _registry_set,
    "PutReplicationConfiguration": _replication,
    "SetRepositoryPolicy": _set,
    "UpdateRepositoryCreationTemplate": _stamped,
}
CHANGES = frozenset(_CHANGES)
"""The calls that change a policy."""

SCOPE = "PutAccountSetting"
_SETTING, _NARROW = "REGISTRY_POLICY_SCOPE", "V1"


def is_scope_widened(record: Record) -> bool:
    """Return whether a registry's policy may apply to more actions after a call.

    https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
    """
    name = text_of(record.request, "name") or text_of(record.response, "name") or _SETTING
    value = text_of(record.request, "value") or text_of(record.response, "value")
    return record.name == SCOPE and name == _SETTING and value != _NARROW
