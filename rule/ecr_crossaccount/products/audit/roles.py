"""The access through roles, for an audit: the roles of each audited account, and what outsiders reach with them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from botocore.handlers import json_decode_policies

from ...questions.roles.answer import Through
from ...questions.roles.house import Account, Repository
from ...questions.roles.through import search_roles
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.retries import pages
from ..kinds.handling import Lack
from .account_details import Details, details
from .items import AuditError, Item, Unread
from .outcomes import partition_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from ...judgement.beside import RegistryPolicy
    from ...judgement.values.trust import Trust
    from .report import AuditReport

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


def each_account(
    read: Details,
    repositories: Mapping[str, Sequence[Repository]],
    organization: str | None,
    search: Callable[[Account], Through],
) -> Mapping[str, Through]:
    """Return what a search finds in each account with repositories, and in each whose roles were read."""
    found: dict[str, Through] = {}
    for number in sorted({*repositories, *read.roles}):
        if number not in read.roles and not read.unread:
            found[number] = Through(unread=("its roles were not read",))
            continue
        some, roles = tuple(repositories.get(number, ())), read.roles.get(number, ())
        partition = partition_of(some[0].arn) if some else "aws"
        found[number] = search(Account(number, roles, some, partition, organization, unread=read.unread))
    return found


def _through_roles(report: AuditReport, read: Details, organization: str | None, trust: Trust) -> Mapping[str, Through]:
    """Return the access through roles, by account."""
    by_account: dict[str, list[Repository]] = {number: [] for number in report.scope.accounts}
    for repository in report.repositories:
        by_account.setdefault(repository.item.account, []).append(repository_in(repository.item, repository.registry))

    def search(account: Account) -> Through:
        number = account.number
        rcps = report.rcps.texts(number) if report.rcps and number in report.scope.accounts else ()
        unread = (*account.unread, *unread_beside(report.errors, number, registries=not report.scope.unseen_registries))
        return search_roles(replace(account, rcps=rcps, unread=unread), trust)

    return each_account(read, by_account, organization, search)


def with_roles(report: AuditReport, read: Details, organization: str | None) -> AuditReport:
    """Return the report with the access through roles, and with the approvals that it uses.

    Expired entries count as used if they would cover something.
    """
    trust = report.trust
    found = _through_roles(report, read, organization, trust)
    covered = [one for each in found.values() for one in each.approved]
    if len(trust.current) < len(trust.entries):
        unending = replace(trust, entries=tuple(replace(entry, expires=None) for entry in trust.entries))
        every = _through_roles(report, read, organization, unending)
        covered += [one for each in every.values() for one in each.approved]
    used: dict[int, set[str]] = {}
    for approved in covered:
        for place in approved.entries:
            used.setdefault(place, set()).update(approved.repositories)
    for row in report.repositories if used else ():
        for trusted in row.trusted:
            used.get(trusted.entry, set()).discard(row.item.arn)
    more = tuple(
        replace(approval, used_by=approval.used_by + len(used.get(approval.number, ())))
        for approval in report.approvals
    )
    return replace(report, roles=found, approvals=more)


def repository_in(item: Item, registry: RegistryPolicy | None) -> Repository:
    """Return a repository, as roles reach it."""
    known = item.tags is not None
    return Repository(item.arn, item.name, item.region, item.policy, registry, item.tags or {}, known)


def unread_beside(errors: Iterable[Unread], account: str, *, registries: bool) -> Iterator[str]:
    """Yield why repositories, or policies that grant access to roles, may be missing."""
    about = [error for error in errors if error.about is Lack.POLICY and error.account in (None, account)]
    if about:
        yield f"not every policy of the account could be read: {about[0].reason}"
    if not registries:
        yield "the policy of the registry was not read"


def worst_accounts(found: Mapping[str, Through]) -> Iterable[tuple[str, Through]]:
    """Return the accounts, those with ways in first."""
    return sorted(found.items(), key=lambda one: (not one[1].ways, one[0]))
