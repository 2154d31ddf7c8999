"""JSON, for programs: every policy with the fields of a batch answer, every file that could not be read."""

from __future__ import annotations

import json
import sys

from . import Judged, Report


def show(report: Report) -> None:
    """Write `report` as one JSON object."""
    answer = {
        "policies": [_policy(judged) for judged in report.judged],
        "errors": [{"file": unread.file, "reason": unread.reason} for unread in report.unread],
    }
    # In ASCII: what a policy hides from the eye stays an escape, and no encoding can spoil it.
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")


def _policy(judged: Judged) -> dict[str, object]:
    repository = judged.repository
    where = {"file": judged.file, "owner": repository.account, "repository": repository.name}
    return {**where, **judged.verdict.to_json()}
