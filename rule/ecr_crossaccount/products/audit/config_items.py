"""Repositories as AWS Config records them, from any of its responses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from ...documents.principals import PARTITIONS, is_region, partition_of
from ...documents.problems import quoted
from ...judgement.beside import RegistryPolicy
from ...judgement.values.resource_kind import ResourceKind as Kind
from ...sources.aws.errors import EventError
from ...sources.aws.events import REPOSITORY, RepositoryItem, decoded
from .items import EVERY, Blank, Item, Unread, arn_of

_REGISTRY = "AWS::ECR::RegistryPolicy"
_KINDS = (REPOSITORY, _REGISTRY)
_POLICY = "PolicyText"
_MENTIONED = re.compile(rf"{_REGISTRY}|(?<!Repository){_POLICY}")
"""Matches a text that is not JSON but may be the damaged row of a registry policy."""

# Not a set, because a status may be an unhashable value.
_GONE = ("ResourceDeleted", "ResourceDeletedNotRecorded")
_NO_POLICY = (
    "AWS Config has not recorded whether it has a policy: audit its account itself, or let Config record it again"
)
_NO_REGISTRY_POLICY = "AWS Config has not recorded its text: audit its account itself, or let Config record it again"
_BLANK = (
    "AWS Config shows no policy, which can also mean that it may not read it: audit the account itself, "
    "or give --blank-is-none to treat each such repository as one without a policy"
)
_TAKEN = "AWS Config shows no policy, which --blank-is-none treats as none"


@dataclass(frozen=True, slots=True)
class Gone:
    """A repository that was deleted."""

    arn: str


def item_of(row: Mapping[str, object]) -> Item | Unread | Gone | None:
    """Return the repository or registry policy in `row`, or None for other resources.

    `row` is a configuration item or a row of a query.
    """
    kind = row.get("resourceType")
    if isinstance(kind, str) and kind not in _KINDS:
        return None
    is_registry = kind == _REGISTRY or (not isinstance(kind, str) and _shows_registry_policy(row))
    return _registry_policy_in(row) if is_registry else _repository_in(row)


def unread_row(reason: str, text: str) -> Unread:
    """Return the error for an unusable row. If its text mentions a registry policy, it may be that of any registry."""
    if _MENTIONED.search(text) is None:
        return Unread(reason)
    return Unread(reason, registry=RegistryPolicy(unread=f"{reason}, and nothing says whose registry it is"))


def _shows_registry_policy(row: Mapping[str, object]) -> bool:
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        return _POLICY in configuration and _MENTIONED.search(configuration) is not None
    return isinstance(configuration, Mapping) and _POLICY in configuration


def _repository_in(row: Mapping[str, object]) -> Item | Unread | Gone:
    row = _with_arn(row)
    try:
        item = _parsed(row)
    except EventError as error:
        return Unread(_says_too_little(row, "a repository", error))
    arn = arn_of(item.partition, item.region, item.account, item.name)
    named = row.get("arn") or row.get("ARN")
    if named and named != arn:
        odd = EventError(f"its ARN is {quoted(named)}, and its fields are those of {quoted(arn)}")
        return Unread(_says_too_little(row, "a repository", odd))
    if row.get("configurationItemStatus") in _GONE:
        return Gone(arn)
    if item.is_blank:
        empty = Item(arn, item.account, item.region, item.name, None, item.tags, note=_TAKEN)
        return Blank(_BLANK, item.account, item.region, arn, item=empty)
    if item.policy is None:
        return Unread(_NO_POLICY, item.account, item.region, arn)
    return Item(arn, item.account, item.region, item.name, item.policy, item.tags)


def _registry_policy_in(row: Mapping[str, object]) -> Item | Unread | Gone:
    try:
        item = _with_region(_parsed(_as_repository(row)))
    except EventError as error:
        return _unread_registry(row, _says_too_little(row, "a registry policy", error))
    arn = arn_of(item.partition, item.region, item.account, item.name)
    if row.get("configurationItemStatus") in _GONE:
        return Gone(arn)
    if item.policy is None:  # also if blank, because a registry without a policy has no item
        unread = RegistryPolicy(unread=_NO_REGISTRY_POLICY)
        reason = f"the registry policy: {_NO_REGISTRY_POLICY}"
        return Unread(reason, item.account, item.region, arn, registry=unread)
    return Item(arn, item.account, item.region, item.name, item.policy, item.tags, Kind.REGISTRY)


def _unread_registry(row: Mapping[str, object], reason: str) -> Unread:
    """Return the error for a damaged row of a registry policy, with the affected account and Region, if known."""
    region = row.get("awsRegion")
    known = region if isinstance(region, str) and is_region(region) else ""
    try:
        item = _parsed({**row, "resourceId": EVERY, "configuration": {}, "awsRegion": known})
    except EventError:
        why = f"{reason}, so nothing says whose registry it is; let AWS Config record it again"
        return Unread(why, None, known or None, registry=RegistryPolicy(unread=why))
    why = f"{reason}; audit its account itself, or let Config record it again"
    return Unread(why, item.account, item.region, registry=RegistryPolicy(unread=why))


def _with_region(item: RepositoryItem) -> RepositoryItem:
    if not item.region:
        raise EventError("the event has no `awsRegion`")
    return item


def _says_too_little(row: Mapping[str, object], what: str, error: EventError) -> str:
    name = row.get("resourceId")
    label = f"`{name}`" if isinstance(name, str) else "it"
    return f"no configuration item of {what}: {str(error).replace('the event', label)}"


def _parsed(row: Mapping[str, object]) -> RepositoryItem:
    item = RepositoryItem.parse(row, {})
    if item.region and not is_region(item.region):
        raise EventError(f"{quoted(item.region)} is not a Region")
    if item.region and item.partition in PARTITIONS and partition_of(item.region) != item.partition:
        raise EventError(f"{quoted(item.region)} is not a Region of the partition {quoted(item.partition)}")
    return item


def _as_repository(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return the row of a registry policy as that of a repository whose name matches all. Raises EventError."""
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        configuration = decoded(configuration, "`configuration`")
    text = configuration.get(_POLICY) if isinstance(configuration, Mapping) else None
    return {**row, "resourceId": EVERY, "configuration": {"RepositoryPolicyText": text} if text else {}}


def _with_arn(row: Mapping[str, object]) -> Mapping[str, object]:
    """Return the row with its ARN, which a query may have selected only in the configuration."""
    if row.get("arn") or row.get("ARN"):
        return row
    configuration = row.get("configuration")
    if isinstance(configuration, str):
        try:
            configuration = decoded(configuration, "`configuration`")
        except EventError:
            return row
    return {**row, "arn": configuration.get("Arn")} if isinstance(configuration, Mapping) else row
