"""The policy of a registry: what counts for every repository in it, beside the repository's own."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ..access.beside import RegistryPolicy, Scope
from . import log
from .errors import code_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from .repositories import Registry

KEPT = timedelta(minutes=5)
"""How long a policy counts that an earlier invocation has read; a scheduled run reads it anew."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class RegistryPolicies:
    """The policy of each registry that the function serves, by account and Region: two calls at most for each."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[tuple[str, str], tuple[datetime, RegistryPolicy]] = {}

    def of(self, registry: Registry) -> RegistryPolicy:
        """Return the policy of a registry. Raises ClientError, BotoCoreError where AWS should be asked again.

        A denied call fails closed: nobody knows the policy, so every repository is undecided. That is not kept, so that
        a permission that is granted afterwards counts at once.
        """
        place = registry.account, registry.region
        known = self._known.get(place)
        if known is not None and self._now() - known[0] < KEPT:
            return known[1]
        policy = _read(registry)
        if policy.unread is None and (policy.document is None or policy.scope is not Scope.UNKNOWN):
            self._known[place] = self._now(), policy
        return policy

    def forget(self, account: str, region: str) -> None:
        """Read the policy of a registry anew."""
        self._known.pop((account, region), None)


def _read(registry: Registry) -> RegistryPolicy:
    try:
        document = registry.registry_policy()
    except ClientError as error:
        reason = _refused(error, "ecr:GetRegistryPolicy")
        if reason is None:
            raise
        return RegistryPolicy(unread=f"{reason}: allow it, or set countRegistryPolicy to false")
    if document is None:
        return RegistryPolicy(None)
    try:
        return RegistryPolicy(document, registry.scope())
    except ClientError as error:
        if _refused(error, "ecr:GetAccountSetting") is None:
            raise
        return RegistryPolicy(document, way_out="allow the rule's role ecr:GetAccountSetting")


def _refused(error: ClientError, action: str) -> str | None:
    """Say that the role may not do something, and log it; None for an error of another kind."""
    code = code_of(error)
    if code not in _DENIED or error.operation_name == "AssumeRole":
        return None
    reason = f"{action} was refused ({code})"
    log.warning("the registry policy cannot be counted", reason=reason, error=str(error))
    return reason
