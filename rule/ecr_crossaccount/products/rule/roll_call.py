"""The last scheduled run of each account that a function serves, and the roll call: whether each had its run in time.

A run is an object in the stack's bucket. A metric counts runs, but does not distinguish accounts. An account that runs
twice, or by another rule that someone has pointed at the function, would hide an account without a run.

The expected accounts are those that the function serves, without those that have no rule. A schedule of the stack
calls. Its event has the rule, the hours after which an account is overdue, the accounts without a rule, and the least
number of accounts.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from ...documents.problems import quote
from ...memo import by_value
from ...sources.aws import log, metrics
from ...sources.aws.clients import client_of
from ...sources.aws.errors import EventError, MalformedAnswerError, code_of
from ...sources.aws.events import Json, text_of
from ...sources.aws.retries import pages
from ...sources.register.served import ServedAccounts, served_accounts

BUCKET = "ROLL_BUCKET"
"""The environment variable with the name of the bucket. Without it, no run is recorded."""
_ENDING = "-conformance-pack-"
"""The separator that a conformance pack adds between the name of a rule and its own suffix."""
_THERE = ("PreconditionFailed", "ConditionalRequestConflict")


@by_value
class Attendance:
    """The bucket, with the function's own rights. The name of an object is an account, a slash and a rule."""

    s3: Any
    bucket: str

    @classmethod
    def of_environment(cls) -> Self | None:
        """Return the attendance of the bucket in the environment, or None if there is none."""
        bucket = os.environ.get(BUCKET)
        return cls(client_of("s3"), bucket) if bucket else None

    def note(self, account: str, rule: str) -> None:
        """Record a complete scheduled run of an account.

        Never raises: without the record, the account becomes overdue.
        """
        try:
            self.s3.put_object(Bucket=self.bucket, Key=f"{account}/{rule}", Body=b"")
        except (ClientError, BotoCoreError) as error:
            log.error("a scheduled run could not be noted", reason=str(error))

    def overdue(self, expected: Iterable[str], rule: str, now: datetime, longest: timedelta) -> list[str]:
        """Return the accounts whose last recorded run of a rule is too old, in order.

        An account without any record is expected from now on, and recorded. Raises MalformedAnswerError, ClientError,
        BotoCoreError.
        """
        last: dict[str, datetime] = {}
        for account, whose, moment in self._read_notes():
            if whose == rule or whose.startswith(rule + _ENDING):
                last[account] = max(moment, last.get(account, moment))
        overdue = []
        for account in sorted(expected):
            if account not in last:
                try:  # a record that the list has missed stays
                    self.s3.put_object(Bucket=self.bucket, Key=f"{account}/{rule}", Body=b"", IfNoneMatch="*")
                except ClientError as error:
                    if code_of(error) not in _THERE:
                        raise
            elif now - last[account] > longest:
                overdue.append(account)
        return overdue

    def _read_notes(self) -> Iterator[tuple[str, str, datetime]]:
        service, operation = "s3", "ListObjectsV2"
        tokens = "ContinuationToken", "NextContinuationToken"
        for page in pages(self.s3.list_objects_v2, service, operation, *tokens, Bucket=self.bucket):
            if page.get("KeyCount") != len(page.get("Contents", ())):
                raise MalformedAnswerError(service, operation, "`KeyCount` is not the number of its objects")
            if page.get("IsTruncated") and not page.get(tokens[1]):
                raise MalformedAnswerError(service, operation, "it is truncated, and names no next page")
            for one in page.get("Contents", ()):
                account, _, rule = str(one["Key"]).partition("/")
                yield account, rule, one["LastModified"]


_NAMED = 100
"""The most accounts that a line of the log names."""


def call_roll(event: Json, context: object, members: ServedAccounts | None, now: datetime) -> Mapping[str, int]:
    """Count and log the overdue accounts. Returns their number, and the number of expected accounts.

    Raises EventError if runs are not recorded, AccountNotServedError if the expected accounts are unknown,
    MalformedAnswerError, ClientError and BotoCoreError. All of them show as errors of the function.
    """
    attendance = Attendance.of_environment()
    if attendance is None:
        raise EventError(f"this function has no roll call: `{BUCKET}` is not set")
    rule, at_least = text_of(event, "rule"), _number(event, "atLeast")
    longest = timedelta(hours=_number(event, "hours"))
    excluded = {text.strip() for text in str(event.get("excluded") or "").split(",")}
    with metrics.collect_counts(None, rule):
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
        raise EventError(f"`{name}` of the roll call is {quote(value)}, which is not a number of at least 1")
    return int(value)
