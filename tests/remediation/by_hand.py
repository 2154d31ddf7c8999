"""The command in a terminal: a person who types, and the output."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import NamedTuple

REGISTER = 'version: 1\ntrust:\n  - account: "222233334444"\n'
BACKUP = "team+base.111122223333.eu-central-1.2026-11-25_12.00.00.000000.json"
"""The name of a run's first backup, at the time of the terminal's clock."""


class Ran(NamedTuple):
    """The output of a run, and its exit status."""

    status: int
    out: str
    err: str


Terminal = Callable[..., Ran]


class Keyboard(io.StringIO):
    """A person who types slowly: `meanwhile` happens before the answer."""

    def __init__(self, typed: str, meanwhile: Callable[[], object] = bool) -> None:
        super().__init__(typed)
        self._meanwhile = meanwhile

    def isatty(self) -> bool:
        return True

    def readline(self, *size: int) -> str:  # type: ignore[override]
        self._meanwhile()
        return super().readline(*size)


def backup_of(**where: str) -> str:
    """Return a backup from a different account, Region or repository."""
    ours = {"account": "111122223333", "region": "eu-central-1", "repository": "team/base"}
    return json.dumps({"version": 1, "policy": "null"} | ours | where)
