"""Today: the one place that looks at a clock. Everything below the command line takes the date as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime


def today() -> date:
    """Return the current date in UTC, in which approvals expire."""
    return datetime.now(UTC).date()
