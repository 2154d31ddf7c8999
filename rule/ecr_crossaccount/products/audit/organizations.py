"""The organization that `self` in the register means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ...sources.aws.errors import code_of
from ...sources.aws.failures import AwsError, reason_of
from .items import Lack, Unread

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_NONE = "AWSOrganizationsNotInUseException"


def unknown(reason: str) -> Unread:
    """Return the error for an unknown organization."""
    return Unread(f"`self` in the trust register trusts nobody: {reason}", about=Lack.ORGANIZATION)


def look_up(organizations: OrganizationsClient) -> str | Unread | None:
    """Return the organization of the caller's account, None if it is in none, or an error."""
    try:
        found = organizations.describe_organization()["Organization"]["Id"]
    except AwsError as error:
        if isinstance(error, ClientError) and code_of(error) == _NONE:
            return None
        return unknown(f"{reason_of(error)}; or give --organization")
    return found or unknown("AWS Organizations does not say which one that is: give --organization")
