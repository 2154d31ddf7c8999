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


def linted(lacking: Iterable[str]) -> list[list[str]]:
    """Return the Regions that cfn-lint is asked about, so many at a time, those that lack something by themselves.

    One of each partition and one that lacks something; all Regions by `make verify-nightly`.
    """
    poor = set(lacking)
    asked = set(REGIONS if is_nightly() else (*_OF_EACH_PARTITION, *sorted(poor)[:1]))
    groups = (sorted(asked - poor), sorted(asked & poor))
    return [group[first : first + _AT_ONCE] for group in groups for first in range(0, len(group), _AT_ONCE)]


def cfn_lint(files: Iterable[str], *options: str) -> tuple[int, str]:
    """Return the exit status and the output, informational checks included; (0, "") if it has nothing to say."""
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--include-checks", "I", *options, "--", *files]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=270)
    return ended.returncode, ended.stdout
