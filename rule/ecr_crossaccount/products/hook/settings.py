"""The settings in the hook's stack, and the trust that they give: lists and the register.

They say where the hook runs, its organization, and what fails.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TYPE_CHECKING

from ...sources.aws import log
from ...sources.register.lists import TRUST_MEMBERS, TRUST_REGISTER, TrustNow, TrustSource

if TYPE_CHECKING:
    from ...sources.register.memory import Store


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
    - `table`: the table that remembers the register, or "". It has the function's name.
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
    table: str = ""

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Settings:
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
            "RESOURCE" in [text.strip() for text in environment.get("HOOK_OPERATIONS", "").split(",")],
            environment.get("AWS_LAMBDA_FUNCTION_NAME", ""),
        )


def source_of(settings: Settings, clock: Callable[[], datetime]) -> TrustSource:
    """Return the source of the trust in the settings. `clock` returns the time in UTC."""
    places = {TRUST_REGISTER: settings.register, TRUST_MEMBERS: settings.members}
    return TrustSource({**settings.lists, **places}, clock, partial(_store, settings.table), kept=settings.keep)


def _store(table: str) -> Store | None:
    from ...sources.aws.clients import client_of  # noqa: PLC0415 - without a register, the SDK is not imported
    from ...sources.register.memory import InTable  # noqa: PLC0415

    return InTable(client_of, table) if table else None


def trust_now(source: TrustSource) -> TrustNow:
    """Return the current trust, and log what is wrong with its register."""
    found = source.now()
    held = found.held
    if held is not None and not held.is_current:
        log.warning(str(held.lacks or held.stale), register=str(held.location), reason=held.detail)
    return found
