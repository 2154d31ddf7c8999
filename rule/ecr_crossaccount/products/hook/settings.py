"""The settings in the hook's stack: where it runs, its organization, and what fails."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum


class Fails(StrEnum):
    """The grants that fail a deployment: all, or only those that the previous policy did not give."""

    ALL = "all"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings for every request.

    - `organization`: the organization of `self`.
    - `lists`: the trust in the stack's own parameters.
    - `register`: where the trust register is, or "" if there is none.
    - `keep`: how long the last good version of the register counts.
    - `members`: where the list of the organization's accounts is, or "" if there is none.
    - `docs`: where the documentation is published, or "".
    - `judges_resources`: whether the hook is called for the resources of stacks, and not only for change sets and the
      Cloud Control API.
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
        """Read the function's environment.

        Raises KeyError or ValueError, because an incomplete function must not answer.
        """
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
