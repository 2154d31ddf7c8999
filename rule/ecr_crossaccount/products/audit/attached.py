"""The resource control policies that an audit applies, and the access that they leave.

AWS Organizations has attached them to accounts, their units and the root. Each target is queried once, and each policy
is read once, for any number of accounts below. An error becomes the reason of each account that it affects.
https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html

These policies only deny. So a policy that was not read can only close more. Access that the others close stays closed,
and all other access cannot be determined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from ...documents.document import is_account
from ...documents.problems import first_of
from ...errors import AwsError
from ...judgement.control import control_statements
from ...judgement.grants import NOBODY
from ...judgement.values.verdict import Compliance, Undecided, Verdict
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, Calls, lasts, reason_of
from ...sources.aws.errors import code_of, is_refusal
from ...sources.aws.retries import pages
from ...sources.register.listing import accounts_listed
from ..kinds.handling import Lack
from .items import AuditError, Unread

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_PERHAPS = "a resource control policy that was not read may deny it"
_MANAGES = (
    "{} is the management account of its organization: resource control policies do not apply to its repositories"
)


@by_value
class ControlPolicy:
    """A resource control policy in AWS Organizations. Its name may be any text."""

    id: str
    name: str
    text: str


@by_value
class Applied:
    """The policies that apply to the repositories of an account.

    `policies` are those that were read, from the root down. `unread` says why more may apply, or is None if these are
    all. `spared` says whether the account is the management account, to which none applies.
    """

    policies: tuple[ControlPolicy, ...] = ()
    unread: str | None = None
    spared: bool = False

    def to_json(self) -> dict[str, object]:
        """Return the policies without their texts."""
        return {
            "policies": [{"id": policy.id, "name": policy.name} for policy in self.policies],
            "unread": self.unread,
            "management_account": self.spared,
        }


@by_value
class ControlPolicies:
    """The policies of an audit: `given` in files, for every account, or `read` from AWS Organizations, by account."""

    given: tuple[str, ...] = ()
    read: Mapping[str, Applied] | None = None

    @property
    def option(self) -> str:
        """The option that requests them."""
        return "--rcp" if self.read is None else "--rcp @live"

    def texts(self, account: str) -> tuple[str, ...]:
        """Return the texts of the policies that apply to an account."""
        return self.given if self.read is None else tuple(policy.text for policy in self.read[account].policies)

    def leaves(self, account: str, verdict: Verdict) -> Verdict:
        """Return the access that remains in an account. `verdict` is the judgement with the account's policies."""
        applied = None if self.read is None else self.read[account]
        if applied is None:
            return verdict
        if applied.spared:
            return replace(verdict, notes=(*verdict.notes, _MANAGES.format(account)))
        if applied.unread is None or verdict.compliance is Compliance.COMPLIANT:
            return verdict
        return _doubt_grants(verdict, applied.unread)

    def is_undetermined(self, account: str) -> bool:
        """Return whether more policies may apply to an account than were read."""
        return self.read is not None and self.read[account].unread is not None

    def to_json(self) -> dict[str, object]:
        """Return the report's field with the policies of AWS Organizations. Empty for policies from files."""
        if self.read is None:
            return {}
        return {
            "resource_control_policies": [{"account": text, **self.read[text].to_json()} for text in sorted(self.read)]
        }

    @property
    def errors(self) -> tuple[Unread, ...]:
        """The errors of reading, each reason once."""
        reasons: dict[str, list[str]] = {}
        for account, applied in sorted((self.read or {}).items()):
            if applied.unread is not None:
                reasons.setdefault(applied.unread, []).append(account)
        return tuple(_unread(reason, accounts) for reason, accounts in reasons.items())


def _doubt_grants(verdict: Verdict, reason: str) -> Verdict:
    """Return a verdict without grants: each of them becomes undecided, because an unread policy may deny it."""
    perhaps = (Undecided(grant.statement, f"{_PERHAPS}: {grant.reason}", grant.document) for grant in verdict.grants)
    notes = (*verdict.notes, f"what is left cannot be determined: {reason}")
    return replace(NOBODY, undecided=(*verdict.undecided, *perhaps), invalid=verdict.invalid, notes=notes)


def _unread(reason: str, accounts: list[str]) -> Unread:
    first, count = accounts[0], len(accounts)
    whose = f"account {first}" if count == 1 else f"{count:,} accounts, {first} for example"
    says = f"the resource control policies of {whose}: {reason}"
    return Unread(says, first if count == 1 else None, about=Lack.CONTROL_POLICIES)


FEW = 10
"""The most accounts whose parents are queried. For more, the whole organization is listed, twenty accounts per call."""
AT_ONCE = 4
"""Concurrent calls. AWS Organizations allows only a few a second, and the whole organization shares this limit.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html
"""
_TYPE, _ENABLED = "RESOURCE_CONTROL_POLICY", "ENABLED"
_ALLOWS_ALL = "p-RCPFullAWSAccess"
"""The policy that is attached everywhere, cannot be detached, and changes nothing."""
_ROOT = re.compile(r"r-[0-9a-z]{4,32}")
_UNIT = re.compile(r"ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")
_WHO = "with the credentials of the management account or a delegated administrator"
_NO_ORGANIZATION = "AWSOrganizationsNotInUseException"
_ELSEWHERE = "it is not in the organization {} of the credentials: audit it " + _WHO + " of its own organization"
_GONE = ("ChildNotFoundException", "TargetNotFoundException")
_NAMED = 3
"""The most faults of a policy that are named."""

Path = tuple[str, ...]
"""The place of an account: the root, and the units down to its own."""
T = TypeVar("T")


@by_value
class _Failed:
    """Why an answer is missing. After `times` such failures in a row, every further call would fail the same way."""

    reason: str
    times: int | None = None


_Answer: TypeAlias = T | _Failed


def read_control_policies(organizations: OrganizationsClient, accounts: Iterable[str]) -> ControlPolicies:
    """Return the policies that apply to each account. Makes no call if there are no accounts."""
    names = sorted({*accounts})
    calls = Calls(AT_ONCE)
    try:
        return ControlPolicies(read=_Reader(organizations, calls).read_accounts(names) if names else {})
    finally:
        calls.close()


class _Reader:
    def __init__(self, organizations: OrganizationsClient, calls: Calls) -> None:
        self._organizations = organizations
        self._calls = calls

    def read_accounts(self, accounts: Sequence[str]) -> dict[str, Applied]:
        try:
            organization, management = self._organization()
        except AuditError as error:
            return dict.fromkeys(accounts, Applied(unread=str(error)))
        found = {account: Applied(spared=True) for account in accounts if account == management}
        others = [account for account in accounts if account not in found]
        if not others:
            return found
        try:
            return found | self._of_members(others, organization)
        except AuditError as error:
            return found | dict.fromkeys(others, Applied(unread=str(error)))

    def _of_members(self, accounts: Sequence[str], organization: str) -> dict[str, Applied]:
        enabled = self._root_statuses()
        found: dict[str, Applied] = {}
        paths: dict[str, Path] = {}
        for account, place in self._places(accounts, organization).items():
            if isinstance(place, _Failed):
                found[account] = Applied(unread=place.reason)
            elif place[0] not in enabled:
                found[account] = Applied(unread=f"ListRoots does not list its root `{place[0]}`: audit again")
            elif enabled[place[0]]:
                paths[account] = place
            else:
                found[account] = Applied()
        return found | self._read_at_paths(paths, organization)

    def _read_at_paths(self, paths: Mapping[str, Path], organization: str) -> dict[str, Applied]:
        """Return the policies that apply to accounts at these places. An account that has moved is an error."""
        if not paths:
            return {}
        policies = self._policies({account: (*path, account) for account, path in paths.items()})
        now = self._places([*paths], organization)
        return {
            one: policies[one] if now[one] == path else Applied(unread=_move_reason(now[one]))
            for one, path in paths.items()
        }

    def _organization(self) -> tuple[str, str]:
        """Return the organization of the credentials, and its management account. Raises AuditError."""
        try:
            found = self._organizations.describe_organization()["Organization"]
        except AWS_ERRORS as error:
            if isinstance(error, ClientError) and code_of(error) == _NO_ORGANIZATION:
                raise AuditError(
                    f"the account of the credentials is in no organization: audit {_WHO}, or without --rcp @live"
                ) from None
            raise AuditError(_why(error, "DescribeOrganization")) from None
        management = found.get("MasterAccountId", "")
        if not is_account(management):
            raise AuditError("DescribeOrganization does not say which account manages the organization: audit again")
        return found["Id"], management

    def _root_statuses(self) -> Mapping[str, bool]:
        """Return for each root whether resource control policies are enabled. Raises AuditError."""
        enabled: dict[str, bool] = {}
        try:
            for page in pages(self._organizations.list_roots, "organizations", "ListRoots", "NextToken"):
                for root in page["Roots"]:
                    statuses = [one["Status"] for one in root["PolicyTypes"] if one["Type"] == _TYPE]
                    if {*statuses} - {_ENABLED}:
                        raise AuditError(
                            f"resource control policies are being enabled or disabled (`{statuses[0]}`): audit again"
                        )
                    enabled[root["Id"]] = bool(statuses)
        except AWS_ERRORS as error:
            raise AuditError(_why(error, "ListRoots")) from None
        return enabled

    def _places(self, accounts: Sequence[str], organization: str) -> dict[str, _Answer[Path]]:
        """Return the place of each account. Raises AuditError if the accounts of the organization cannot be listed."""
        listed = self._list_paths(organization) if len(accounts) > FEW else dict.fromkeys(accounts)
        unknown = [text for text in accounts if text in listed and listed[text] is None]
        parents = self._parents(unknown)
        places: dict[str, _Answer[Path]] = {}
        for account in accounts:
            path = listed.get(account)
            if path is not None:
                places[account] = path
            elif account in listed:
                places[account] = _path(account, parents)
            else:
                places[account] = _Failed(_ELSEWHERE.format(organization))
        return places

    def _list_paths(self, organization: str) -> dict[str, Path | None]:
        """Return the path of each account in the organization, or None if the list does not contain a valid one."""
        try:
            return {
                one["account"]: _path_in(one.get("path", ""), organization)
                for one in accounts_listed(self._organizations)
            }
        except AWS_ERRORS as error:
            raise AuditError(_why(error, "ListAccounts")) from None
        except AwsError as error:
            raise AuditError(f"{error}; audit again") from None

    def _parents(self, accounts: Sequence[str]) -> dict[str, _Answer[str]]:
        """Return the parents of accounts, and of the units above them."""
        parents: dict[str, _Answer[str]] = {}
        asked: Sequence[str] = accounts
        while asked:
            parents.update(self._each(self._parent, asked))
            above = (parents[text] for text in asked)
            units = (one for one in above if isinstance(one, str) and _UNIT.fullmatch(one))
            asked = [unit for unit in dict.fromkeys(units) if unit not in parents]
        return parents

    def _parent(self, child: str) -> _Answer[str]:
        parents: list[str] = []
        for page in pages(self._organizations.list_parents, "organizations", "ListParents", "NextToken", ChildId=child):
            parents += [one["Id"] for one in page["Parents"]]
        if len(parents) == 1 and (_ROOT.fullmatch(parents[0]) or _UNIT.fullmatch(parents[0])):
            return parents[0]
        return _Failed(f"ListParents does not tell one parent of `{child}`: audit again")

    def _policies(self, targets: Mapping[str, Path]) -> dict[str, Applied]:
        """Return the policies that apply to each account. `targets` are the places to which they may be attached."""
        places = [*dict.fromkeys(text for target in targets.values() for text in target)]
        listed = dict(self._each(self._listed_for, places))
        ids = [*dict.fromkeys(text for found in listed.values() if not isinstance(found, _Failed) for text in found)]
        texts = dict(self._each(self._policy, ids))
        return {account: _collect_policies(account, chain, listed, texts) for account, chain in targets.items()}

    def _listed_for(self, target: str) -> _Answer[tuple[str, ...]]:
        call = self._organizations.list_policies_for_target
        asked = {"TargetId": target, "Filter": _TYPE}
        found: list[str] = []
        for page in pages(call, "organizations", "ListPoliciesForTarget", "NextToken", **asked):
            for one in page["Policies"]:
                if one["Type"] != _TYPE:
                    return _Failed(f"ListPoliciesForTarget answers with policies of the type `{one['Type']}`")
                found.append(one["Id"])
        return tuple(text for text in dict.fromkeys(found) if text != _ALLOWS_ALL)

    def _policy(self, policy_id: str) -> _Answer[ControlPolicy]:
        found = self._organizations.describe_policy(PolicyId=policy_id)["Policy"]
        text = found["Content"]
        _, invalid = control_statements([text])
        if invalid:
            # Organizations has accepted the policy, so this program fails to understand it. It may deny anything.
            faults = first_of([f"{one.at}: {one.reason}" for one in invalid], _NAMED)
            return _Failed(f"it cannot be understood: {faults}; read it yourself, or with a newer ecr-crossaccount")
        return ControlPolicy(policy_id, found["PolicySummary"].get("Name") or "", text)

    def _each(self, ask: Callable[[str], _Answer[T]], names: Sequence[str]) -> Iterator[tuple[str, _Answer[T]]]:
        """Yield the answer for each name. If every further call would fail the same way, the rest is not called."""
        in_a_row = 0
        answers = self._calls.each(lambda name: _attempt(ask, name), names)
        for place, answer in enumerate(answers):
            yield names[place], answer
            times = answer.times if isinstance(answer, _Failed) else None
            in_a_row = 0 if times is None else in_a_row + 1
            if times is not None and in_a_row >= times:
                yield from ((name, answer) for name in names[place + 1 :])
                return


def _attempt(ask: Callable[[str], _Answer[T]], name: str) -> _Answer[T]:
    try:
        return ask(name)
    except ClientError as error:
        if code_of(error) in _GONE:
            return _Failed("it is not in the organization of the credentials, or no longer")
        return _Failed(_why(error, error.operation_name), lasts(error))
    except BotoCoreError as error:
        return _Failed(f"{reason_of(error)}; audit again", lasts(error))


def _why(error: ClientError | BotoCoreError, operation: str) -> str:
    if isinstance(error, ClientError) and is_refusal(code_of(error)):
        return f"{reason_of(error)}; allow organizations:{operation} and audit {_WHO}"
    return f"{reason_of(error)}; audit again"


def _move_reason(now: _Answer[Path]) -> str:
    if isinstance(now, _Failed):
        return f"its current parent is unknown: {now.reason}"
    return "it was moved while its policies were being read: audit again"


def _path_in(path: str, organization: str) -> Path | None:
    """Return the path of an account's unit, `o-…/r-…/ou-…/`, or None if it is not one of this organization."""
    first, *places = path.removesuffix("/").split("/")
    is_one = first == organization and places and _ROOT.fullmatch(places[0]) and all(map(_UNIT.fullmatch, places[1:]))
    return tuple(places) if is_one else None


def _path(account: str, parents: Mapping[str, _Answer[str]]) -> _Answer[Path]:
    path: list[str] = []
    here = account
    while not _ROOT.fullmatch(here):
        above = parents[here]
        if isinstance(above, _Failed):
            return above
        if above in path:
            return _Failed(f"ListParents returns a loop at `{above}`: audit again")
        path.insert(0, here := above)
    return tuple(path)


def _collect_policies(
    account: str,
    chain: Path,
    listed: Mapping[str, _Answer[tuple[str, ...]]],
    policies: Mapping[str, _Answer[ControlPolicy]],
) -> Applied:
    found: dict[str, ControlPolicy] = {}
    unread: dict[str, None] = {}
    for target in chain:
        ids = listed[target]
        if isinstance(ids, _Failed):
            where = "the account itself" if target == account else f"`{target}`"
            unread[f"those attached to {where}: {ids.reason}"] = None
            continue
        for text in ids:
            policy = policies[text]
            if isinstance(policy, _Failed):
                unread[f"`{text}`: {policy.reason}"] = None
            else:
                found[text] = policy
    return Applied((*found.values(),), "; ".join(unread) or None)
