"""`python -m tests.summary FILE…`: how many tests passed, from the reports that pytest wrote as JUnit's XML.

A skipped test has shown nothing. Each reason is listed, and a reason that is not accepted here fails the run.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from xml.etree import ElementTree as ET

ACCEPTED = (
    re.compile(r"no Chromium on PATH.*"),
    re.compile(r"(bash|zsh|fish) is not on PATH"),
    re.compile(r"only root may give a file away"),
)
"""Accepted reasons: `.ci/run` has tried to install these programs, and a runner of GitHub is not root."""


def summary(files: Iterable[Path]) -> tuple[str, bool]:
    """Return the lines to show, and whether tests passed, none failed, and each skipped test has an accepted reason."""
    found = [_suite(file) for file in files]
    total, skipped, failed, errors = (
        sum(int(suite.attrib[count]) for suite in found) for count in ("tests", "skipped", "failures", "errors")
    )
    failed += errors
    reasons = Counter(one.get("message", "") for suite in found for one in suite.iter("skipped"))
    refused = [reason for reason in reasons if not any(one.fullmatch(reason) for one in ACCEPTED)]
    lines = [f"skipped: {number}, {reason}" for reason, number in sorted(reasons.items())]
    lines += [f"no test may be skipped for this reason: {reason}" for reason in refused]
    passed = total - skipped - failed
    lines.append(f"{passed} passed, {failed} failed, {skipped} skipped")
    return "\n".join(lines), not refused and not failed and passed > 0


def _suite(file: Path) -> ET.Element:
    suite = ET.parse(file).getroot().find("testsuite")
    if suite is None:
        raise ValueError(f"{file}: no report of tests")
    return suite


def main() -> int:
    """Return 0, or 1 if there is a problem."""
    text, is_well = summary(map(Path, sys.argv[1:]))
    print(text)
    return 0 if is_well else 1


if __name__ == "__main__":
    sys.exit(main())
