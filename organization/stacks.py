"""The stacks that SAM makes, each by its template; a release has all of them without macros."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Stack:
    """A stack with functions of its own.

    `name`: of its template in a release; `source`: its template here; `functions`: what the archive of each is called.
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
