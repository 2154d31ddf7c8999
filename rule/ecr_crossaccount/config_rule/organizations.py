"""The organization of the owner account, which is `self` in the rule's parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from . import log
from .errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient
    from rdklib import ClientFactory

_LOOK_UP = "DescribeOrganization"
_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


@dataclass(frozen=True, slots=True)
class Membership:
    """The organization of an account, or None if it has none or `problem` says why it is unknown.

    `management` is the account that manages it, or None if AWS does not show it. `refused` is why AWS showed nothing.
    """

    organization: str | None
    problem: str | None = None
    management: str | None = None
    refused: str | None = None


class Organizations:
    """The organization of each account that the function serves. It is looked up once and kept until `forget`."""

    def __init__(self) -> None:
        self._known: dict[str, Membership] = {}

    def of(self, account: str, clients: ClientFactory) -> Membership:
        """Return the membership of an account. Raises ClientError if the call should be repeated.

        A denied lookup fails closed: no organization, and a problem that says so. It is not kept, so that a new
        permission counts at once.
        """
        known = self._known.get(account)
        if known is None:
            known = _looked_up(clients)
            if known.problem is None:
                self._known[account] = known
        return known

    def forget(self, account: str) -> None:
        """Forget the membership of an account, because it may have joined or left an organization."""
        self._known.pop(account, None)


def _looked_up(clients: ClientFactory) -> Membership:
    organizations: OrganizationsClient = clients.build_client("organizations")
    try:
        found = organizations.describe_organization()["Organization"]
        return Membership(found["Id"], management=found.get("MasterAccountId"))
    except ClientError as error:
        if error.operation_name != _LOOK_UP:
            raise  # the role could not be assumed
        code = code_of(error)
        if code == "AWSOrganizationsNotInUseException":
            return Membership(None)
        if code in _DENIED:
            refused = f"organizations:DescribeOrganization was refused ({code})"
            problem = f"`self` trusts nobody: {refused}"
            log.warning(refused, reason=str(error))
            return Membership(None, problem, refused=refused)
        raise
