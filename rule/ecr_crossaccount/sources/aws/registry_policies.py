"""The policy of a registry, which counts for all of its repositories together with their own policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from ...judgement.beside import RegistryPolicy
from . import log
from .errors import code_of

if TYPE_CHECKING:
    from .repositories import Registry

_DENIED = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"})


def policy_of(registry: Registry) -> RegistryPolicy:
    """Return the policy of a registry, by at most two calls. Raises ClientError or BotoCoreError to be repeated.

    A denied call fails closed: the policy is unknown, so every repository is undecided.
    """
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
