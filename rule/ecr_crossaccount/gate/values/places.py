"""Places in files, and the one value that each deployment has for itself."""

from __future__ import annotations

from dataclasses import dataclass

from ...policy.holes import Hole

REGION = Hole("AWS::Region")
"""The Region of the deployment if it is unknown. In the Resource of a registry policy it is the registry's own."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file. The file is as the user names it; line and column are counted from 1."""

    file: str
    line: int = 1
    column: int = 1
