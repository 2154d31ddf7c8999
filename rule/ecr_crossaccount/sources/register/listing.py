"""The list of an organization's accounts, read from AWS Organizations and written beside the register."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from ...documents.document import is_account
from ...errors import AwsError, TrustError
from ...judgement.values.members import Members
from .content import Location, Store, pack_bytes
from .stores import Clients, version_in

MOST_PAGES = 10_000
"""An organization has at most 50,000 accounts, and a page of AWS's at most 20."""


def write_members(location: Location, own: str, clients: Clients, now: datetime) -> Mapping[str, object]:
    """List the accounts of the organization, write the list, and return a summary for the log. Raises AwsError.

    `own` is the calling account. Errors of AWS are raised unchanged, and the earlier list then stays in place.
    """
    if location.store is not Store.S3:
        raise AwsError(f"`{location}`: the list of members is written to S3 alone, `s3://bucket/key`")
    value = members_of(clients("organizations"), now)
    accounts = _check_members(value, own)
    bucket, key = location.parts
    body = pack_bytes(json.dumps(value, separators=(",", ":")).encode())
    answer = clients("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    return {
        "organization": value["organization"],
        "accounts": len(accounts.paths),
        "withoutPath": sum(path is None for path in accounts.paths.values()),
        "version": version_in(answer),
    }


def members_of(organizations: Any, now: datetime) -> dict[str, object]:  # noqa: ANN401 - see `Clients`
    """Return the list of the organization's accounts. Raises AwsError if it is incomplete."""
    organization = organizations.describe_organization().get("Organization", {}).get("Id")
    accounts = accounts_listed(organizations)
    listed = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"version": 1, "organization": organization, "listed": listed, "accounts": accounts}


def accounts_listed(organizations: Any) -> list[dict[str, str]]:  # noqa: ANN401 - see `Clients`
    """Return every account of the organization: `account`, and `path` and `state` if AWS returns them.

    `path` is that of its unit, `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. Raises AwsError for a list without end.
    """
    return [_account(page) for page in chain.from_iterable(_pages(organizations))]


def _pages(organizations: Any) -> Iterator[list[Mapping[str, Any]]]:  # noqa: ANN401 - see `Clients`
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = organizations.list_accounts(**more)
        if "Accounts" not in answer:
            raise AwsError("the answer of organizations to ListAccounts has no `Accounts`")
        yield answer["Accounts"]
        token = answer.get("NextToken")
        if not token:
            return
        if token == more.get("NextToken"):
            raise AwsError("the next page of organizations' ListAccounts is the same page")
        more = {"NextToken": token}
    raise AwsError("organizations' ListAccounts has no end")


def _account(one: Mapping[str, Any]) -> dict[str, str]:
    """Return an account in the form of the list.

    It has no path unless AWS returns exactly one; older SDKs return none.
    """
    found = {"account": str(one.get("Id"))}
    paths = one.get("Paths")
    if paths and len(paths) == 1:
        found["path"] = _unit_of(str(paths[0]), found["account"])
    state = one.get("State") or one.get("Status")
    return found | ({"state": str(state)} if state else {})


def _unit_of(path: str, account: str) -> str:
    """Return the path in the form of `aws:PrincipalOrgPaths`: the unit's, without the account, with a slash at the end.

    The path from ListAccounts may end with the account, because its model allows both.
    """
    return f"{path.rstrip('/').removesuffix(f'/{account}')}/"


def _check_members(value: object, own: str) -> Members:
    try:
        members = Members.parse(value)
    except TrustError as error:
        raise AwsError(f"what AWS Organizations answered is not a list of accounts: {error}") from None
    if not is_account(own) or own not in members.paths:
        raise AwsError(f"the list has {len(members.paths)} accounts, and not the one that asks (`{own}`)")
    return members
