"""JSON, for programs and for the next audit: the whole report."""

from __future__ import annotations

from ...audit.report import AuditReport
from ..json_text import written


def render(report: AuditReport) -> str:
    """Return `report` as one JSON object."""
    return written(report.to_json())
