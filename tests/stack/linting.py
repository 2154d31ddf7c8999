"""What cfn-lint, in a process of its own, says about templates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from tests.stack.cloudformation import ROOT

AT_ONCE = 8
"""Regions that cfn-lint is asked about at a time: its time grows faster than their number."""


def cfn_lint(files: Iterable[str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output, informational checks included; (0, "") if it has nothing to say."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", *options, "--", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=270)
    return ended.returncode, ended.stdout
