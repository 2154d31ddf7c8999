"""JSON, for programs: every plan with the fields of a batch answer and notes, and every file that could not be read."""

from __future__ import annotations

import sys

from ...base.json_text import written
from . import Planned, Report


def show(report: Report) -> None:
    """Write `report` as one JSON object."""
    answer = {
        "plans": [_plan(planned) for planned in report.planned],
        "errors": [unread.to_json() for unread in report.unread],
    }
    sys.stdout.write(written(answer))


def _plan(planned: Planned) -> dict[str, object]:
    repository = planned.repository
    where = {"file": planned.file, "owner": repository.account, "repository": repository.name}
    return {**where, **planned.plan.to_json(), "notes": list(planned.notes)}
