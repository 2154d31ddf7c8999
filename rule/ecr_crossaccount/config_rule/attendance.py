"""Which accounts of a function for many had their scheduled run, and when: an object for each, in the stack's bucket.

A metric counts runs, and not whose they were: an account that is run twice, or by another rule that someone has
pointed at the function, would stand for an account that is not run at all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from botocore.exceptions import BotoCoreError, ClientError

from ..register.clients import client_of
from . import log
from .errors import MalformedAnswerError, code_of

BUCKET = "ROLL_BUCKET"
"""The environment variable that names the bucket; without it, nothing is noted."""
_ENDING = "-conformance-pack-"
"""What a conformance pack puts between the name of a rule and an ending of its own."""
_THERE = ("PreconditionFailed", "ConditionalRequestConflict")
_MOST_PAGES = 1_000
"""Of 1,000 objects each; an organization has at most 50,000 accounts."""


@dataclass(frozen=True, slots=True)
class Attendance:
    """The bucket, with the function's own rights. An object's name is that of an account, a slash and a rule's."""

    s3: Any
    bucket: str

    @classmethod
    def of_environment(cls) -> Self | None:
        """Return what the environment names, None where it names none."""
        bucket = os.environ.get(BUCKET)
        return cls(client_of("s3"), bucket) if bucket else None

    def note(self, account: str, rule: str) -> None:
        """Note that a scheduled run of an account is complete. Never raises: who is not noted is overdue in time."""
        try:
            self.s3.put_object(Bucket=self.bucket, Key=f"{account}/{rule}", Body=b"")
        except (ClientError, BotoCoreError) as error:
            log.error("a scheduled run could not be noted", reason=str(error))

    def overdue(self, expected: Iterable[str], rule: str, now: datetime, longest: timedelta) -> list[str]:
        """Return the accounts of which no run of a rule was noted for too long, in order.

        Of whom nothing was noted at all, it is noted that he is expected from now on. Raises MalformedAnswerError,
        ClientError, BotoCoreError.
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
        """Begin with an account; what is there already stays, should the list have missed it."""
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
