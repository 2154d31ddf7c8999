"""The stacks that SAM builds, each with its template. A release has all of them without macros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack with functions.

    `name` is the name of its template in a release, `source` its template here, and `functions` the name of each
    archive.
    """

    name: str
    source: str
    functions: Mapping[str, str]


ACCOUNT = Stack("account", "template.yaml", {"RuleFunction": "rule", "PlanFunction": "plan"})
STACKS = (
    ACCOUNT,
    Stack("hook", "organization/hook.yaml", {"HookFunction": "hook"}),
    Stack("alerts", "organization/alerts.yaml", {"AlertFunction": "alerts"}),
    Stack("membership", "organization/membership.yaml", {"MembershipFunction": "membership"}),
)
