"""The settings that the stack gives the function in its environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from typing import Self


class Writes(Enum):
    """The writes from outside that are reported."""

    NONE = "None"
    UNTRUSTED = "Untrusted"
    ALL = "All"


@dataclass(frozen=True, slots=True)
class Settings:
    """The function's settings. `parameters` are those of the rule, because rule and alarms must trust the same.

    `keep` is how long the last good version of the trust register counts while it cannot be read.
    """

    topic: str
    table: str
    parameters: Mapping[str, object]
    writes: Writes
    window: timedelta
    keep: timedelta

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment. Raises KeyError or ValueError if the stack and the function do not match."""
        return cls(
            environment["TOPIC_ARN"],
            environment["TABLE_NAME"],
            json.loads(environment["RULE_PARAMETERS"]),
            Writes(environment["WRITES"]),
            timedelta(minutes=int(environment["WRITE_WINDOW_MINUTES"])),
            timedelta(hours=int(environment["TRUST_REGISTER_KEEP_HOURS"])),
        )
