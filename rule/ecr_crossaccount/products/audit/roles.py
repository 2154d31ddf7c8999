"""The access through roles, for an audit: the roles of each audited account, and what outsiders reach with them.

The roles come from the answers of `iam:GetAccountAuthorizationDetails`, live or saved. No member of an answer is
required, so a missing one was not read. It is never empty.
https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from botocore.handlers import json_decode_policies

from ...documents.problems import quote
from ...judgement.beside import Beside
from ...judgement.values.trust import Trust
from ...memo import by_value
from ...questions.ask.question import Caller, Wanted
from ...questions.roles.account import Role, Text
from ...questions.roles.answer import Through
from ...questions.roles.house import Account, Repository
from ...questions.roles.through import asked_through, search_roles
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.retries import pages
from ..kinds.handling import Lack
from .access import Gathering
from .items import AuditError, Item, Unread
from .outcomes import partition_of

if TYPE_CHECKING:
    from mypy_boto3_iam import IAMClient

    from ...judgement.beside import RegistryPolicy
    from .report import AuditReport

_ARN = re.compile(r"arn:[a-z-]+:iam::[0-9]{12}:role/.+", re.DOTALL)
_Json = Mapping[str, Any]


@by_value
class Details:
    """The roles of some accounts, by account. `unread` are reasons why there may be more."""

    roles: Mapping[str, tuple[Role, ...]]
    unread: tuple[str, ...]


def read_files(paths: Iterable[Path]) -> Details:
    """Read saved answers. Raises AuditError for a file that is not one."""
    return details([answer for path in paths for answer in _answers(path)])


def _answers(path: Path) -> Iterator[tuple[str, _Json]]:
    shown = quote(str(path))
    try:
        value = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise AuditError(f"{shown}: {error.strerror or error}") from None
    except (ValueError, RecursionError) as error:
        raise AuditError(f"{shown} is not the output of `aws iam get-account-authorization-details`: {error}") from None
    pages = value if isinstance(value, list) else [value]
    for page in pages:
        if not isinstance(page, dict):
            raise AuditError(f"{shown} is not the output of `aws iam get-account-authorization-details`")
        yield shown, page


def details(pages: Iterable[tuple[str, _Json]]) -> Details:
    """Return the roles in some pages, each with the name of its source."""
    unread: dict[str, None] = {}
    found: dict[str, _Json] = {}
    managed: dict[str, _Json | None] = {}
    listing: set[str] = set()
    last: dict[str, _Json] = {}
    for source, page in pages:
        last[source] = page
        if isinstance(page.get("RoleDetailList"), list):
            listing.add(source)
        unread |= dict.fromkeys(_add_roles(found, page.get("RoleDetailList")))
        for one in filter(None, _items(page.get("Policies"))):
            arn = str(one.get("Arn"))
            managed[arn] = one if managed.get(arn, one) == one else None
    for source, page in last.items():
        if any(map(page.get, ("IsTruncated", "NextToken", "Marker"))):
            unread[f"{source} is truncated: it does not have all roles of the account"] = None
        if source not in listing:
            unread[f"{source} has no RoleDetailList: it was asked with a filter, or is of something else"] = None
    roles: dict[str, list[Role]] = {}
    for arn, one in found.items():
        roles.setdefault(arn.split(":")[4], []).append(_role(arn, one, managed))
    return Details({account: tuple(some) for account, some in roles.items()}, tuple(unread))


def _add_roles(found: dict[str, _Json], value: object) -> Iterator[str]:
    """Add the roles of a page by their ARN. Yield why some cannot be read."""
    for item in _items(value):
        arn = item.get("Arn") if item else None
        if item is None or not isinstance(arn, str) or not _ARN.fullmatch(arn):
            yield f"a role has no ARN that can be read: {quote(arn)}"
        elif found.setdefault(arn, item) != item:
            yield f"the role {quote(arn)} is there twice, with different contents"


def _items(value: object) -> list[_Json | None]:
    """Return the objects of a list, and None for each item that is something else."""
    return [one if isinstance(one, dict) else None for one in value] if isinstance(value, list) else []


def _role(arn: str, one: _Json, managed: Mapping[str, _Json | None]) -> Role:
    shown = quote(arn.partition(":role/")[2])
    unread: list[str] = []
    policies: list[Text] = []
    inline, attached = one.get("RolePolicyList"), one.get("AttachedManagedPolicies")
    for name, value in (("RolePolicyList", inline), ("AttachedManagedPolicies", attached)):
        if not isinstance(value, list):
            unread.append(f"{shown} has no {name} in the answer of IAM")
        elif None in _items(value):
            unread.append(f"{shown} has something in its {name} that cannot be read")
    for policy in filter(None, _items(inline)):
        name = f"the inline policy {quote(policy.get('PolicyName'))} of {shown}"
        document = _document(policy.get("PolicyDocument"))
        if document is None:
            unread.append(f"{name} is not in the answer of IAM")
        else:
            policies.append(Text(name, document))
    for policy in filter(None, _items(attached)):
        text, reason = _default_version(policy.get("PolicyArn"), shown, managed)
        policies += [text] if text else []
        unread += [reason] if reason else []
    boundary, unbounded = None, None
    limits = one.get("PermissionsBoundary")
    if limits is not None:
        named = limits.get("PermissionsBoundaryArn") if isinstance(limits, dict) else None
        boundary, unbounded = _default_version(named, shown, managed)
    trust = _document(one.get("AssumeRolePolicyDocument"))
    return Role(
        arn,
        str(one.get("RoleId") or ""),
        None if trust is None else Text(f"the trust policy of {shown}", trust),
        tuple(policies),
        boundary,
        _tags(one.get("Tags")),
        tuple(unread),
        unbounded,
    )


def _default_version(arn: object, shown: str, managed: Mapping[str, _Json | None]) -> tuple[Text | None, str | None]:
    """Return the default version of a managed policy, or the reason why it is not known."""
    name = f"the policy {quote(arn)} of {shown}"
    policy = managed.get(str(arn))
    if policy is None:
        is_there = "is there twice, with different contents," if str(arn) in managed else "is not"
        return None, f"{name} {is_there} in the answer of IAM"
    versions = [*filter(None, _items(policy.get("PolicyVersionList")))]
    default = policy.get("DefaultVersionId")
    marked = [version for version in versions if version.get("IsDefaultVersion") is True]
    named = [version for version in versions if version.get("VersionId") == default]
    if len(named) != 1 or (marked and marked != named):
        return None, f"the answer of IAM does not have the default version {quote(default)} of {name}"
    document = _document(named[0].get("Document"))
    return (None, f"{name} has no document in the answer of IAM") if document is None else (Text(name, document), None)


def _document(value: object) -> object:
    """Return a document as text or object. IAM sends it URL-encoded, and the AWS CLI decodes it.

    Two equal keys of an object are seen only in the text that IAM sends. A tool that decodes it keeps one of them.
    """
    if isinstance(value, str) and not value.lstrip().startswith("{"):
        return unquote(value)
    return value


def _tags(value: object) -> Mapping[str, str] | None:
    tags = _items(value)
    if not isinstance(value, list) or not all(tag and isinstance(tag.get("Key"), str) for tag in tags):
        return None
    return {tag["Key"]: str(tag.get("Value", "")) for tag in tags if tag}


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


def asked_roles(  # noqa: PLR0913, PLR0917 - everything that an answer depends on
    gathering: Gathering,
    read: Details,
    wanted: Wanted,
    caller: Caller | None,
    trust: Trust,
    beside: Beside,
    organization: str | None,
) -> Mapping[str, Through]:
    """Return who can call the wanted actions through roles. A question about one caller asks for no approval."""
    about = trust if caller is None else replace(trust, entries=())
    by_account: dict[str, list[Repository]] = {}
    unseen: set[str] = set()
    for item in gathering.items:
        registry = gathering.registries.find_policy(item.account, item.region) or beside.registry
        by_account.setdefault(item.account, []).append(repository_in(item, registry))
        if registry is None and not gathering.knows_registries:
            unseen.add(item.account)

    def search(account: Account) -> Through:
        more = unread_beside(gathering.errors, account.number, registries=account.number not in unseen)
        unread = (*account.unread, *more)
        return asked_through(replace(account, rcps=beside.rcps, unread=unread), about, wanted, caller)

    return each_account(read, by_account, organization, search)
