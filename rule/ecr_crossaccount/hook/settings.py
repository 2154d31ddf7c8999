"""What the stack of the hook says: where it runs, whose organization it is in, and what fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Fails(StrEnum):
    """Which grants fail a deployment: all, or only those that the policy before did not give."""

    ALL = "all"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Settings:
    """What holds for every request.

    `organization`: what `self` stands for. `lists`: whom the stack's own parameters trust. `register`: where the trust
    register is, "" for nowhere; `keep`: how long its last good version counts; `members`: where the organization's
    accounts are listed, "" for nowhere. `docs`: where they are published, or "". `judges_resources`: whether the
    hook is asked about the resources of stacks too, and not about change sets and the Cloud Control API alone.
    """

    region: str
    organization: str | None = None
    fails: Fails = Fails.ALL
    lists: Mapping[str, object] = field(default_factory=dict)
    docs: str = ""
    register: str = ""
    keep: timedelta = timedelta(hours=24)
    members: str = ""
    judges_resources: bool = False

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Settings:
        """Read the function's environment. Raises KeyError or ValueError: a function without it must not answer."""
        return cls(
            environment["AWS_REGION"],
            environment.get("ORGANIZATION") or None,
            Fails(environment.get("HOOK_FAILS", Fails.ALL)),
            json.loads(environment.get("RULE_PARAMETERS", "{}")),
            environment.get("ECR_CROSSACCOUNT_DOCS_URL", "").rstrip("/"),
            environment.get("TRUST_REGISTER", ""),
            timedelta(hours=int(environment.get("TRUST_REGISTER_KEEP_HOURS", "24"))),
            environment.get("TRUST_MEMBERS", ""),
            "RESOURCE" in [one.strip() for one in environment.get("HOOK_OPERATIONS", "").split(",")],
        )
