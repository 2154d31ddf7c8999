"""Writes from outside the owner account: the caller, the action, the repository, and whether trust covers it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from ...judgement.values.actions import access_of_names
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Access, Severity
from .alert import Alert
from .comparison import Finding
from .record import Record, list_of, object_of, text_of

WRITES = frozenset(
    {
        "BatchDeleteImage",
        "BatchImportUpstreamImage",
        "CreateRepository",
        "DeleteLifecyclePolicy",
        "DeletePullThroughCacheRule",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "PutImage",
        "PutImageScanningConfiguration",
        "PutImageTagMutability",
        "PutLifecyclePolicy",
        "ReplicateImage",
        "SetRepositoryPolicy",
        "StartImageScan",
        "TagResource",
        "UntagResource",
        "UpdateImageStorageClass",
        "UpdatePullThroughCacheRule",
    }
)
"""The calls that complete a change. Layers alone change no image, so a push is recognized by its PutImage."""
_NAMED = 5
_LONGEST_NAME = 500
"""Characters. A key in DynamoDB has at most 2,048 bytes."""


class Covered(Enum):
    """Whether the register trusts a caller to write."""

    YES = "trusted"
    NO = "not trusted"
    UNKNOWN = "not known to be trusted"


def is_write_from_outside(record: Record) -> bool:
    """Return whether a caller outside the owner account has changed something. A caller without a name counts."""
    return record.name in WRITES and not record.is_by_owner


def covered(record: Record, trust: Trust, organization: str | None) -> Covered:
    """Return whether the register trusts the caller with the action.

    CloudTrail does not record the organization of an account. So if an organization or a path is trusted with the
    action, the list of members decides. Without a fresh list of that organization, the answer is unknown. The same is
    true of a service if the record does not say for which account it acts, as in replication.
    """
    account = record.caller.account
    naming = trust.naming(account or "", organization)
    circle = naming.about(record.repository or "*").circles(organization)[_access(record).rank]
    if account in circle.accounts:
        return Covered.YES
    if account is None:
        return Covered.UNKNOWN
    answers = {_is_below(account, name, trust.members) for name in (*circle.organizations, *circle.paths)}
    if True in answers:
        return Covered.YES
    return Covered.UNKNOWN if None in answers else Covered.NO


def _is_below(account: str, name: str, members: Members | None) -> bool | None:
    """Return whether an account is in an organization, or below a path, or None if the list does not say so."""
    if members is None or name.partition("/")[0] != members.organization:
        return None
    if "/" in name and members.paths.get(account, "") is None:
        return None
    return members.has(account, name)


def written(record: Record, answer: Covered, problems: tuple[str, ...]) -> Alert:
    """Return the alarm about a write. `problems` are reasons why too little may be trusted."""
    severity = _SEVERITY[answer]
    who = f"account {record.caller.account}" if record.caller.account else "someone whose account is not recorded"
    sentence = f"{who} ({answer.value} with {_access(record).value}) called {record.name}{_what(record)}"
    repository = f"ECR repository `{record.repository}`" if record.repository else "ECR registry"
    notes = (_MEMBERSHIP,) if answer is Covered.UNKNOWN and record.caller.account else ()
    return Alert(
        severity,
        f"{record.name} from outside",
        f"{repository} of account {record.owner} in {record.region}",
        record,
        (Finding(severity, sentence),),
        "someone outside the owner account wrote",
        (*notes, *problems),
    )


_SEVERITY = {Covered.YES: Severity.LOW, Covered.UNKNOWN: Severity.MEDIUM, Covered.NO: Severity.CRITICAL}
_MEMBERSHIP = "the register trusts an organization with this, and it is not known whether the account is in it"


def window_of(record: Record, answer: Covered) -> str:
    """Return the key of the claim that limits the alarms about a kind of write to one in each window."""
    caller = record.caller.account or f"{record.caller.service} {record.caller.identity}"[:_LONGEST_NAME]
    parts = (record.owner, record.region, record.repository or "", caller, record.name, answer.name)
    return "#".join(("WRITE", *parts))


def _access(record: Record) -> Access:
    found = access_of_names([f"ecr:{record.name}"])
    return max(found, key=lambda one: one.rank)


def _what(record: Record) -> str:
    """Return the images of a call, by tag and digest, as text."""
    images = [_image(object_of(record.response, "image").get("imageId")), _image(record.request)]
    images += [_image(one) for one in list_of(record.request, "imageIds")]
    named = list(dict.fromkeys(image for image in images if image))
    if not named:
        return ""
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f" on {', '.join(named[:_NAMED])}{more}"


def _image(value: object) -> str:
    if not isinstance(value, Mapping):
        return ""
    tag, digest = text_of(value, "imageTag"), text_of(value, "imageDigest")
    return "@".join(part for part in (tag, digest) if part)
