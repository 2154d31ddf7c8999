"""The roll call of a function for many accounts: once for each period, whether each had its scheduled run.

The expected accounts are those that the function serves, without those that have no rule. A schedule of the stack
calls. Its event has the rule, the hours after which an account is overdue, the accounts without a rule, and the least
number of accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from ...documents.problems import quoted
from ...sources.aws import log, metrics
from ...sources.aws.errors import EventError
from ...sources.aws.events import Json, text_of
from ...sources.register.served import Members, served_accounts
from .attendance import BUCKET, Attendance

_NAMED = 100
"""The most accounts that a line of the log names."""


def called(event: Json, context: object, members: Members | None, now: datetime) -> Mapping[str, int]:
    """Count and log the overdue accounts. Returns their number, and the number of expected accounts.

    Raises EventError if runs are not recorded, AccountNotServedError if the expected accounts are unknown,
    MalformedAnswerError, ClientError and BotoCoreError. All of them show as errors of the function.
    """
    attendance = Attendance.of_environment()
    if attendance is None:
        raise EventError(f"this function has no roll call: `{BUCKET}` is not set")
    rule, at_least = text_of(event, "rule"), _number(event, "atLeast")
    longest = timedelta(hours=_number(event, "hours"))
    excluded = {one.strip() for one in str(event.get("excluded") or "").split(",")}
    with metrics.counted(None, rule):
        expected = frozenset(served_accounts(context) if members is None else members.in_use()) - excluded
        overdue = attendance.overdue(expected, rule, now, longest)
        lacking = max(at_least - len(expected), 0)
        if overdue:
            log.error("accounts without a scheduled run", number=len(overdue), accounts=overdue[:_NAMED])
        if lacking:
            log.error("fewer accounts are served than there must be", number=len(expected), lacking=lacking)
        metrics.count(metrics.Metric.OVERDUE, len(overdue) + lacking)
        return {"expected": len(expected), "overdue": len(overdue), "lacking": lacking}


def _number(event: Json, name: str) -> int:
    value = event.get(name)
    if not isinstance(value, str) or not (value.isascii() and value.isdigit()) or int(value) == 0:
        raise EventError(f"`{name}` of the roll call is {quoted(value)}, which is not a number of at least 1")
    return int(value)
