"""What cfn-lint, in a process of its own, says about templates."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cfnlint.helpers import REGIONS

from tests.profiles import is_nightly
from tests.stack.cloudformation import ROOT

_AT_ONCE = 8
"""Regions that cfn-lint is asked about at a time: its time grows faster than their number."""

_OF_EACH_PARTITION = ("cn-north-1", "eu-central-1", "us-gov-west-1")


def asked_about(*lacking: Iterable[str]) -> frozenset[str]:
    """Return the Regions that cfn-lint is asked about, where some lack one thing and some another.

    One of each partition, and one of those that lack each thing; all Regions by `make verify-nightly`.
    """
    return frozenset(REGIONS if is_nightly() else (*_OF_EACH_PARTITION, *(min(one) for one in lacking)))


def at_a_time(regions: Iterable[str]) -> list[list[str]]:
    """Return Regions in parts that cfn-lint takes at once."""
    listed = sorted(regions)
    return [listed[first : first + _AT_ONCE] for first in range(0, len(listed), _AT_ONCE)]


def cfn_lint(files: Iterable[str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output, informational checks included; (0, "") if it has nothing to say."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", *options, "--", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=270)
    return ended.returncode, ended.stdout
