"""The policy of a registry, which counts for all of its repositories together with their own policies."""

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
"""How long a policy from an earlier invocation counts. A scheduled run reads it again."""

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


class RegistryPolicies:
    """The policy of each registry that the function serves, by account and Region. Makes at most two calls for each."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._known: dict[tuple[str, str], tuple[datetime, RegistryPolicy]] = {}

    def of(self, registry: Registry) -> RegistryPolicy:
        """Return the policy of a registry. Raises ClientError or BotoCoreError if the call should be repeated.

        A denied call fails closed: the policy is unknown, so every repository is undecided. This is not kept, so that a
        new permission counts at once.
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
        """Forget the policy of a registry, so that it is read again."""
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
    """Log that the role may not call an action, and return the reason. None for a different error."""
    code = code_of(error)
    if code not in _DENIED or error.operation_name == "AssumeRole":
        return None
    reason = f"{action} was refused ({code})"
    log.warning("the registry policy cannot be counted", reason=reason, error=str(error))
    return reason
