"""Runs cfn-lint on templates in a separate process."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from cfnlint.helpers import REGIONS

from tests.profiles import is_nightly
from tests.stack.cloudformation import ROOT

_AT_ONCE = 8
"""The number of Regions in one run of cfn-lint, whose time grows faster than their number."""

_OF_EACH_PARTITION = ("cn-north-1", "eu-central-1", "us-gov-west-1")


def asked_about(*lacking: Iterable[str]) -> frozenset[str]:
    """Return the Regions for cfn-lint. Each argument has the Regions without a certain feature.

    There is one of each partition, and one without each feature. `make verify-nightly` uses all Regions.
    """
    return frozenset(REGIONS if is_nightly() else (*_OF_EACH_PARTITION, *(min(one) for one in lacking)))


def at_a_time(regions: Iterable[str]) -> list[list[str]]:
    """Return Regions in parts for one run of cfn-lint each."""
    listed = sorted(regions)
    return [listed[first : first + _AT_ONCE] for first in range(0, len(listed), _AT_ONCE)]


def cfn_lint(files: Iterable[str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output, including informational checks. (0, "") if there is no output."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", *options, "--", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return ended.returncode, ended.stdout
