"""Writes from outside the owner account: the caller, the action, the repository, and whether trust covers it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

from .. import Access, Severity, Trust
from ..access.actions import access_of_names
from .alert import Alert
from .comparison import Finding
from .record import Record, list_of, object_of, text_of

WRITES = frozenset(
    {
        "BatchDeleteImage",
        "BatchImportUpstreamImage",
        "CreateRepository",
        "DeleteLifecyclePolicy",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "PutImage",
        "PutImageScanningConfiguration",
        "PutImageTagMutability",
        "PutLifecyclePolicy",
        "ReplicateImage",
        "SetRepositoryPolicy",
        "TagResource",
        "UntagResource",
        "UpdateImageStorageClass",
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
    action, the answer is unknown. The same is true of a service if the record does not say for which account it acts,
    as in replication.
    """
    account = record.caller.account
    naming = trust.naming(account or "", organization)
    circle = naming.about(record.repository or "*").circles(organization)[_access(record).rank]
    if account in circle.accounts:
        return Covered.YES
    return Covered.UNKNOWN if account is None or circle.organizations or circle.paths else Covered.NO


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
_MEMBERSHIP = "the register trusts an organization with this, and the record does not say whether the account is in it"


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
