"""What ECR does with a policy and moto does not: it refuses unknown principals, and stores the text in its own form.

It stores indented JSON, with an account's number as the ARN of its root. Code that compares policies as texts, or that
expects a text back as it wrote it, fails here.

https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from moto.ecr.exceptions import InvalidParameterException
from moto.ecr.models import ECRBackend

Json = dict[str, Any]

_ACCOUNT = re.compile(r"[0-9]{12}")


def stored(text: str) -> str:
    """Return a policy's text as ECR stores it."""
    policy: Json = json.loads(text)
    statements = policy.get("Statement", [])
    for statement in statements if isinstance(statements, list) else [statements]:
        principal = statement.get("Principal")
        if isinstance(principal, dict) and "AWS" in principal:
            named = principal["AWS"]
            roots = [_root(one) for one in named] if isinstance(named, list) else _root(named)
            principal["AWS"] = roots[0] if isinstance(roots, list) and len(roots) == 1 else roots
    return json.dumps(policy, indent=2)


def _root(principal: str) -> str:
    return f"arn:aws:iam::{principal}:root" if _ACCOUNT.fullmatch(principal) else principal


def as_written(text: str) -> Any:  # noqa: ANN401 - JSON
    """Return a stored policy with accounts by their numbers, as the tests write it."""
    return json.loads(re.sub(r"arn:aws:iam::([0-9]{12}):root", r"\1", text))


UNKNOWN: frozenset[str] = frozenset({"000000000000"})
"""Accounts and principals that do not exist. All others do."""


def write_as_ecr_does() -> None:
    """Let moto's ECR store policies as ECR does, and refuse those that name an unknown principal, from now on."""
    backend: Any = ECRBackend
    write = backend.set_repository_policy
    if write.__module__ == __name__:
        return  # patched before

    def set_repository_policy(
        self: ECRBackend, registry_id: str, repository_name: str, policy_text: str
    ) -> dict[str, Any]:
        if any(one in policy_text for one in UNKNOWN):
            raise InvalidParameterException(
                "Invalid parameter at 'PolicyText' failed to satisfy constraint: 'Principal not found'"
            )
        found: dict[str, Any] = write(self, registry_id, repository_name, _stored_or_invalid(policy_text))
        return found

    backend.set_repository_policy = set_repository_policy


def _stored_or_invalid(text: str) -> str:
    try:
        return stored(text)
    except (ValueError, AttributeError, TypeError):
        return text  # moto refuses it
