"""The access through roles, for an audit: the roles of each audited account, and what outsiders reach with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.handlers import json_decode_policies

from ...questions.roles.answer import Through
from ...questions.roles.house import Account, Repository
from ...questions.roles.through import through
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.retries import pages
from .account_details import Details, details
from .items import AuditError, Lack
from .outcomes import partition_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from .report import AuditReport
    from .rows import Audited

_KINDS = ("Role", "LocalManagedPolicy", "AWSManagedPolicy")


def read_account(client: IAMClient) -> Details:
    """Read the roles of the account from IAM. Raises AuditError."""
    events: Any = client.meta.events
    # botocore decodes each document, and drops the second of two equal keys.
    events.unregister("after-call.iam", json_decode_policies)
    call, operation = client.get_account_authorization_details, "GetAccountAuthorizationDetails"
    found: list[tuple[str, Mapping[str, Any]]] = []
    try:
        found += [("IAM", page) for page in pages(call, "iam", operation, "Marker", Filter=list(_KINDS))]
    except AWS_ERRORS as error:
        raise AuditError(f"the roles of the account: {reason_of(error)}") from None
    return details(found)


def _through_roles(report: AuditReport, read: Details, organization: str | None) -> Mapping[str, Through]:
    """Return the access through roles, by account: each audited account, and each whose roles were read."""
    by_account: dict[str, list[Repository]] = {number: [] for number in report.scope.accounts}
    partitions: dict[str, str] = {}
    for one in report.repositories:
        by_account.setdefault(one.item.account, []).append(_repository(one))
        partitions[one.item.account] = partition_of(one.item.arn)
    found: dict[str, Through] = {}
    for number in sorted({*by_account, *read.roles}):
        if number not in read.roles and not read.unread:
            found[number] = Through(unread=("its roles were not read",))
            continue
        rcps = report.rcps.texts(number) if report.rcps and number in report.scope.accounts else ()
        account = Account(
            number,
            read.roles.get(number, ()),
            tuple(by_account.get(number, ())),
            partitions.get(number, "aws"),
            organization,
            rcps,
            (*read.unread, *_unread(report, number)),
        )
        found[number] = through(account, report.trust)
    return found


def with_roles(report: AuditReport, read: Details, organization: str | None) -> AuditReport:
    """Return the report with the access through roles, and with the approvals that it uses."""
    found = _through_roles(report, read, organization)
    used: dict[int, set[str]] = {}
    for approved in (one for each in found.values() for one in each.approved):
        for place in approved.entries:
            used.setdefault(place, set()).update(approved.repositories)
    for row in report.repositories if used else ():
        for trusted in row.trusted:
            used.get(trusted.entry, set()).discard(row.item.arn)
    more = tuple(replace(one, used_by=one.used_by + len(used.get(one.number, ()))) for one in report.approvals)
    return replace(report, roles=found, approvals=more)


def _repository(one: Audited) -> Repository:
    item = one.item
    known = item.tags is not None
    return Repository(item.arn, item.name, item.region, item.policy, one.registry, item.tags or {}, known)


def _unread(report: AuditReport, account: str) -> Iterator[str]:
    """Yield why repositories, or policies that grant access to roles, may be missing."""
    about = [one for one in report.errors if one.about is Lack.POLICY and one.account in (None, account)]
    if about:
        yield f"not every policy of the account could be read: {about[0].reason}"
    if report.scope.unseen_registries:
        yield "the policy of the registry was not read"


def worst_accounts(found: Mapping[str, Through]) -> Iterable[tuple[str, Through]]:
    """Return the accounts, those with ways in first."""
    return sorted(found.items(), key=lambda one: (not one[1].ways, one[0]))
