"""The list of an organization's accounts: read from AWS Organizations, written beside the register."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import chain
from typing import Any

from ..access.members import Members
from ..errors import EcrCrossAccountError, TrustError
from ..policy.principals import is_account
from .content import packed
from .location import Location, Store
from .stores import Clients, version_in

MOST_PAGES = 10_000
"""An organization has at most 50,000 accounts, and a page of AWS's at most 20."""


class ListingError(EcrCrossAccountError):
    """The accounts could not be listed as a whole, so that nothing was written."""


def write_members(location: Location, own: str, clients: Clients, now: datetime) -> Mapping[str, object]:
    """List the accounts of the organization, write the list, and return what to tell of it. Raises ListingError.

    `own` is the account that asks. Errors of AWS are raised as they are, and leave the earlier list where it is.
    """
    if location.store is not Store.S3:
        raise ListingError(f"`{location}`: the list of members is written to S3 alone, `s3://bucket/key`")
    value = members_of(clients("organizations"), now)
    accounts = _checked(value, own)
    bucket, key = location.parts
    body = packed(json.dumps(value, separators=(",", ":")).encode())
    answer = clients("s3").put_object(Bucket=bucket, Key=key, Body=body, ContentType="application/json")
    return {
        "organization": value["organization"],
        "accounts": len(accounts.paths),
        "withoutPath": sum(path is None for path in accounts.paths.values()),
        "version": version_in(answer),
    }


def members_of(organizations: Any, now: datetime) -> dict[str, object]:  # noqa: ANN401 - see `Clients`
    """Return the list of the organization's accounts. Raises ListingError for one that is not whole."""
    organization = organizations.describe_organization().get("Organization", {}).get("Id")
    accounts = accounts_listed(organizations)
    listed = f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return {"version": 1, "organization": organization, "listed": listed, "accounts": accounts}


def accounts_listed(organizations: Any) -> list[dict[str, str]]:  # noqa: ANN401 - see `Clients`
    """Return every account of the organization: `account`, and `path` and `state` where AWS tells them.

    `path` is that of its unit, `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`. Raises ListingError for a list that has no end.
    """
    return [_account(one) for one in chain.from_iterable(_pages(organizations))]


def _pages(organizations: Any) -> Iterator[list[Mapping[str, Any]]]:  # noqa: ANN401 - see `Clients`
    more: dict[str, str] = {}
    for _ in range(MOST_PAGES):
        answer = organizations.list_accounts(**more)
        if "Accounts" not in answer:
            raise ListingError("the answer of organizations to ListAccounts has no `Accounts`")
        yield answer["Accounts"]
        token = answer.get("NextToken")
        if not token:
            return
        if token == more.get("NextToken"):
            raise ListingError("the next page of organizations' ListAccounts is the same page")
        more = {"NextToken": token}
    raise ListingError("organizations' ListAccounts has no end")


def _account(one: Mapping[str, Any]) -> dict[str, str]:
    """Return an account as the list has it; without a path where AWS, or an older SDK, does not tell one place."""
    found = {"account": str(one.get("Id"))}
    paths = one.get("Paths")
    if paths and len(paths) == 1:
        found["path"] = _unit_of(str(paths[0]), found["account"])
    state = one.get("State") or one.get("Status")
    return found | ({"state": str(state)} if state else {})


def _unit_of(path: str, account: str) -> str:
    """Return the path as `aws:PrincipalOrgPaths` has it: of the unit, without the account, and with a slash at its end.

    What ListAccounts says may end with the account: its model allows both.
    """
    return f"{path.rstrip('/').removesuffix(f'/{account}')}/"


def _checked(value: object, own: str) -> Members:
    try:
        members = Members.parse(value)
    except TrustError as error:
        raise ListingError(f"what AWS Organizations answered is not a list of accounts: {error}") from None
    if not is_account(own) or own not in members.paths:
        raise ListingError(f"the list has {len(members.paths)} accounts, and not the one that asks (`{own}`)")
    return members
