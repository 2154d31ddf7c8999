"""The last scheduled run of each account that a function serves: an object for each, in the stack's bucket.

A metric counts runs, but does not distinguish accounts. An account that runs twice, or by another rule that someone has
pointed at the function, would hide an account without a run.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from ...sources.aws import log
from ...sources.aws.clients import client_of
from ...sources.aws.errors import MalformedAnswerError, code_of

BUCKET = "ROLL_BUCKET"
"""The environment variable with the name of the bucket. Without it, no run is recorded."""
_ENDING = "-conformance-pack-"
"""The separator that a conformance pack adds between the name of a rule and its own suffix."""
_THERE = ("PreconditionFailed", "ConditionalRequestConflict")
_MOST_PAGES = 1_000
"""The most pages of 1,000 objects each. An organization has at most 50,000 accounts."""


@dataclass(frozen=True, slots=True)
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
        for account, whose, moment in self._noted():
            if whose == rule or whose.startswith(rule + _ENDING):
                last[account] = max(moment, last.get(account, moment))
        overdue = []
        for account in sorted(expected):
            if account not in last:
                self._expect(f"{account}/{rule}")
            elif now - last[account] > longest:
                overdue.append(account)
        return overdue

    def _expect(self, key: str) -> None:
        """Record the first expectation of an account. If the list missed an existing record, that stays."""
        try:
            self.s3.put_object(Bucket=self.bucket, Key=key, Body=b"", IfNoneMatch="*")
        except ClientError as error:
            if code_of(error) not in _THERE:
                raise

    def _noted(self) -> Iterator[tuple[str, str, datetime]]:
        for page in self._pages():
            for one in page.get("Contents", ()):
                account, _, rule = str(one["Key"]).partition("/")
                yield account, rule, one["LastModified"]

    def _pages(self) -> Iterator[Mapping[str, Any]]:
        more: dict[str, str] = {}
        for _ in range(_MOST_PAGES):
            page = self.s3.list_objects_v2(Bucket=self.bucket, **more)
            if page.get("KeyCount") != len(page.get("Contents", ())):
                raise MalformedAnswerError("s3", "ListObjectsV2", "`KeyCount` is not the number of its objects")
            yield page
            if not page.get("IsTruncated"):
                return
            token = page.get("NextContinuationToken")
            if not token or token == more.get("ContinuationToken"):
                raise MalformedAnswerError("s3", "ListObjectsV2", "it is truncated, and names no next page")
            more = {"ContinuationToken": token}
        raise MalformedAnswerError("s3", "ListObjectsV2", "it has no end")
