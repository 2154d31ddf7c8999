"""Where something stands in a file, and the one value that every deployment has of its own."""

from __future__ import annotations

from dataclasses import dataclass

from ...policy.holes import Hole

REGION = Hole("AWS::Region")
"""The Region of the deployment where nobody has named it; in a registry policy's Resource it is the registry's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands: a file as the user names it, line and column counted from 1."""

    file: str
    line: int = 1
    column: int = 1
