"""The policy of the registry that a hook protects, read when a request does not show whether it opens a repository."""

from __future__ import annotations

import os
from collections.abc import Callable

from ...judgement.beside import RegistryPolicy

ReadRegistry = Callable[[str], RegistryPolicy | None]
"""Returns the registry policy of an account, or None if there is none."""


def registry_policy(account: str) -> RegistryPolicy | None:
    """Return the current policy of the function's own registry.

    If ECR does not show it, the policy is unknown.
    """
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - most requests need no SDK

    from ...sources.aws.clients import client_of  # noqa: PLC0415
    from ...sources.aws.ecr import Registry  # noqa: PLC0415

    try:
        text = (registry := Registry(client_of("ecr"), account, os.environ.get("AWS_REGION", ""))).registry_policy()
        return None if text is None else RegistryPolicy(text, registry.scope())
    except (BotoCoreError, ClientError) as error:
        return RegistryPolicy(unread=f"Amazon ECR does not show it: {error}")
