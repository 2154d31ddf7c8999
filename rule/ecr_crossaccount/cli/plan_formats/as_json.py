"""JSON, for programs: every plan with the fields of a batch answer and notes, every file that could not be read."""

from __future__ import annotations

import json
import sys

from . import Planned, Report


def show(report: Report) -> None:
    """Write `report` as one JSON object."""
    answer = {
        "plans": [_plan(planned) for planned in report.planned],
        "errors": [{"file": unread.file, "reason": unread.reason} for unread in report.unread],
    }
    # In ASCII: what a policy hides from the eye stays an escape, and no encoding can spoil it.
    sys.stdout.write(json.dumps(answer, indent=2) + "\n")


def _plan(planned: Planned) -> dict[str, object]:
    repository = planned.repository
    where = {"file": planned.file, "owner": repository.account, "repository": repository.name}
    return {**where, **planned.plan.to_json(), "notes": list(planned.notes)}
