"""Measure and print the table. With --check, fail if a limit is exceeded. README.md explains the figures."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from .figures import as_json, status_of, table
from .scenarios import FULL, QUICK, SCENARIOS


def main() -> int:
    """Return 0, or 1 if --check was given and a limit is exceeded."""
    options = _options()
    effort = QUICK if options.quick else FULL
    results = []
    for scenario in options.only or SCENARIOS:
        results.append(SCENARIOS[scenario](effort))
        sys.stdout.write(table(results[-1:], options.slack) + "\n")
        sys.stdout.flush()
    if options.json:
        options.json.write_text(json.dumps(as_json(results, options.slack), indent=2) + "\n", encoding="utf-8")
    return status_of(results, options.slack, check=options.check)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer policies and rounds: under 30 seconds")
    parser.add_argument("--check", action="store_true", help="exit with 1 if a limit is missed")
    parser.add_argument("--slack", type=float, default=1.0, help="stretch the limits in ms by this for a slow machine")
    parser.add_argument("--only", action="append", choices=SCENARIOS, help="one scenario; may be repeated")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
