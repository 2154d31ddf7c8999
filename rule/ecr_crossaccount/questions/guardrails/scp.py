"""A service control policy that allows only named roles to open a registry to others.

https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...judgement.values.actions import OPENING, OPENING_PUBLIC
from .document import Guardrail, GuardrailError, Kind

ACTIONS = (*OPENING, *OPENING_PUBLIC)
"""The actions that open a registry, or remove a Deny that protects it."""

_ARN = re.compile(
    r"arn:[a-z*?-]+:iam::(?:[0-9]{12}|[0-9?]*\*[0-9*?]*|(?=[0-9]*\?)[0-9?]{12}):role/[\w+=,.@/*?-]+", re.ASCII
)
_NAME = re.compile(r"[\w+=,.@/*?-]+", re.ASCII)


def service_control_policy(roles: Sequence[str]) -> Guardrail:
    """Return the policy that allows ACTIONS only to `roles`: ARNs, or names (with their path) in any member account.

    Raises GuardrailError for a name that is not a role or that matches every role, and if the roles do not fit into the
    policy.
    """
    if not roles:
        raise GuardrailError("name at least one role that may open a registry: without one, nobody could")
    arns = [_arn(role) for role in roles]
    for role, arn in zip(roles, arns, strict=True):
        if _is_everybody(arn):
            raise GuardrailError(f"`{role}` matches every role, so the policy would deny nobody: name the roles")
    statement = {
        "Sid": "OnlyNamedRolesOpenRegistries",
        "Effect": "Deny",
        "Action": list(ACTIONS),
        "Resource": "*",
        "Condition": {"ArnNotLike": {"aws:PrincipalArn": arns[0] if len(arns) == 1 else arns}},
    }
    return Guardrail(Kind.SCP, (statement,), tuple(_note(role) for role in roles if _is_open(role)))


def _arn(role: str) -> str:
    if _ARN.fullmatch(role):
        return role
    name = role.removeprefix("role/").removeprefix("/")
    if not _NAME.fullmatch(name):
        raise GuardrailError(f"`{role}` is not a role: expected a name, its path before it, or a role's ARN")
    return f"arn:*:iam::*:role/{name}"


def _is_everybody(arn: str) -> bool:
    accounts, _, name = arn.partition(":role/")
    return set(accounts.rpartition(":")[2]) == {"*"} and "*" in name and not name.strip("*?/")


def _is_open(role: str) -> bool:
    return "*" in _arn(role).partition(":role/")[0] or "*" in role


def _note(role: str) -> str:
    return f"anyone who can create a role that `{role}` matches, in any account, has what it keeps: guard that name too"
