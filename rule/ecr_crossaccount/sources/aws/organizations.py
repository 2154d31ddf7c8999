"""The organization of the owner account, which is `self` in the rule's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from . import log
from .errors import code_of, is_refusal

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_LOOK_UP = "DescribeOrganization"


@dataclass(frozen=True, slots=True)
class Membership:
    """The organization of an account, or None if it has none or `problem` says why it is unknown.

    `management` is the account that manages it, or None if AWS does not show it. `refused` is why AWS showed nothing.
    """

    organization: str | None
    problem: str | None = None
    management: str | None = None
    refused: str | None = None


def membership_of(organizations: OrganizationsClient) -> Membership:
    """Return the membership of the account of a client. Raises ClientError if the call should be repeated.

    A denied lookup fails closed: no organization, and a problem that says so.
    """
    try:
        found = organizations.describe_organization()["Organization"]
        return Membership(found["Id"], management=found.get("MasterAccountId"))
    except ClientError as error:
        if error.operation_name != _LOOK_UP:
            raise  # the role could not be assumed
        code = code_of(error)
        if code == "AWSOrganizationsNotInUseException":
            return Membership(None)
        if is_refusal(code):
            refused = f"organizations:DescribeOrganization was refused ({code})"
            problem = f"`self` trusts nobody: {refused}"
            log.warning(refused, reason=str(error))
            return Membership(None, problem, refused=refused)
        raise
