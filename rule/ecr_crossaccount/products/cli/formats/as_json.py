"""JSON, for programs: every policy with the fields of a batch answer, and every file that could not be read."""

from __future__ import annotations

import sys

from ..base.json_text import written
from . import Judged, Report


def show(report: Report) -> None:
    """Write `report` as one JSON object."""
    answer = {
        "policies": [_policy(judged) for judged in report.judged],
        "errors": [unread.to_json() for unread in report.unread],
    }
    sys.stdout.write(written(answer))


def _policy(judged: Judged) -> dict[str, object]:
    repository = judged.repository
    where = {"file": judged.file, "owner": repository.account, "repository": repository.name}
    under = {} if judged.under_rcps is None else {"under_rcp": judged.under_rcps.to_json()}
    return {**where, **judged.verdict.to_json(), **under}
