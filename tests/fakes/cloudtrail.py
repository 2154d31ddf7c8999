"""A fake of CloudTrail's event history over HTTP.

One attribute a request, fifty events a page, two requests a second, ninety days. Point boto3 at it with
`AWS_ENDPOINT_URL_CLOUDTRAIL`.

Limits and shapes: LookupEvents in CloudTrail's API reference and botocore's service model (protocol JSON 1.1).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from tests.fakes.config_service import handler_of
from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError, answered

Json = dict[str, Any]

_EVENTS_A_PAGE = 50
_REQUESTS_A_SECOND = 2
_OLDEST = 90 * 86_400


class FakeCloudTrail(Loopback):
    """The history of one account and Region. `events` are CloudTrail's records, each with its `eventTime`.

    `resource_names` is the form of ECR's resources in the index: `arn`, `name`, or missing (None). AWS does not
    document it. `hollow` adds an empty page with a token before each page. `clock` returns seconds. `delay` is how many
    seconds after a call the history shows it.
    """

    def __init__(self, clock: Callable[[], float], *, resource_names: str | None = None, hollow: bool = False) -> None:
        self.events: list[Json] = []
        self.requests: list[Json] = []
        self.fault: ServiceError | None = None
        self.delay = 0.0
        self._clock = clock
        self._resource_names = resource_names
        self._hollow = hollow
        self._times: list[float] = []
        self._lock = threading.Lock()
        super().__init__(handler_of(self))

    def answer(self, operation: str, request: Json) -> Json:
        with self._lock:
            self.requests.append(request)
            if self.fault is not None:
                raise self.fault
            self._times = [time for time in self._times if time > self._clock() - 1]
            if len(self._times) >= _REQUESTS_A_SECOND:
                raise ServiceError("ThrottlingException", "Rate exceeded")
            self._times.append(self._clock())
            return answered("cloudtrail", operation, request, {"LookupEvents": self._looked_up})

    def _looked_up(self, request: Json) -> Json:
        (attribute,) = request["LookupAttributes"]  # the service takes exactly one
        key, value = attribute["AttributeKey"], attribute["AttributeValue"]
        start, end = request["StartTime"], request["EndTime"] - self.delay
        if end - start > _OLDEST:
            raise ServiceError("InvalidTimeRangeException", "at most 90 days")
        found = [one for one in self.events if start <= _epoch(one) <= end and value in self._values(one, key)]
        found.sort(key=_epoch, reverse=True)
        token = request.get("NextToken", "0" if not self._hollow else "empty-0")
        if token.startswith("empty-"):
            return {"Events": [], "NextToken": token.removeprefix("empty-")}
        first = int(token)
        last = first + request.get("MaxResults", _EVENTS_A_PAGE)
        page = [self._envelope(one) for one in found[first:last]]
        following = f"empty-{last}" if self._hollow else str(last)
        return {"Events": page} | ({"NextToken": following} if last < len(found) else {})

    def _values(self, event: Json, key: str) -> Iterable[str]:
        if key == "EventName":
            return (event["eventName"],)
        arns = [one["ARN"] for one in event.get("resources") or () if "ARN" in one]
        if self._resource_names is None or key != "ResourceName":
            return ()
        return arns if self._resource_names == "arn" else [arn.partition(":repository/")[2] for arn in arns]

    def _envelope(self, event: Json) -> Json:
        """Return a record as in LookupEvents' answer: as text, in an envelope whose names are the caller's."""
        text = event["_text"] if "_text" in event else json.dumps(event)
        return {
            "EventId": event.get("eventID", "?"),
            "EventName": event["eventName"],
            "EventTime": _epoch(event),
            "EventSource": event.get("eventSource", "?"),
            "Username": "someone",
            "Resources": [],
            "CloudTrailEvent": text,
        }


def _epoch(event: Json) -> float:
    return datetime.fromisoformat(event["eventTime"]).timestamp()
