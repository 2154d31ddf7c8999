"""Every later version reads a user's files: files that 1.0.0 has written or read, unchanged."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

KEPT = Path(__file__).with_name("kept")
AUDIT = "audit inventory.json --blank-is-none"


@pytest.mark.parametrize(
    "command, status",
    [
        ("check templates", 0),
        (AUDIT, 0),
        ("check --no-config --account 123456789012 --trust trust.yaml templates", 1),
        (f"{AUDIT} --no-config --trust trust.yaml", 1),
    ],
    ids=["settings, register, baseline", "and of an audit", "without the baseline", "nor that of the audit"],
)
def test_what_was_known_is_still_known(command: str, status: int) -> None:
    """The settings name register and baselines. If one of them were not read, these would fail or have findings."""
    done = subprocess.run(
        [Path(sys.executable).with_name("ecr-crossaccount"), *command.split()],
        cwd=KEPT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == status, done.stdout + done.stderr
