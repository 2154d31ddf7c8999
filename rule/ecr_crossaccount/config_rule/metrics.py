"""What an invocation did, in numbers: one line of the log, of which CloudWatch makes metrics without being called.

The embedded metric format:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum

from ..access.verdict import Severity, Verdict
from . import log

NAMESPACE = "EcrCrossAccount"
DIMENSION = "FunctionName"


class Metric(StrEnum):
    """The names; a repository that is judged twice in an invocation counts twice."""

    JUDGED = "Judged"
    CRITICAL = "NonCompliantCritical"
    HIGH = "NonCompliantHigh"
    MEDIUM = "NonCompliantMedium"
    LOW = "NonCompliantLow"
    UNDECIDED = "Undecided"
    UNREADABLE = "Unreadable"
    SWEEPS = "SweepsCompleted"
    LEFT = "SweepLeft"
    API_CALLS = "ApiCalls"
    DURATION = "Duration"


_OF_A_SWEEP = (Metric.UNREADABLE, Metric.SWEEPS, Metric.LEFT)
"""Told by the invocations of a sweep alone: a change in its middle would say that nothing is left."""

_OF_SEVERITY = {
    Severity.CRITICAL: Metric.CRITICAL,
    Severity.HIGH: Metric.HIGH,
    Severity.MEDIUM: Metric.MEDIUM,
    Severity.LOW: Metric.LOW,
}
_counts: ContextVar[Counter[Metric] | None] = ContextVar("counts", default=None)
_lock = threading.Lock()  # a sweep reads from ECR in several threads


@contextmanager
def counted() -> Iterator[None]:
    """Count what happens inside the block, and write the line at its end, however it ends."""
    counts: Counter[Metric] = Counter()
    token, start = _counts.set(counts), time.monotonic()
    try:
        yield
    finally:
        _counts.reset(token)
        counts[Metric.DURATION] = round((time.monotonic() - start) * 1000)
        log.info("metrics", **_embedded(counts))


def count(metric: Metric, number: int = 1) -> None:
    """Count one, or so many; nothing outside an invocation."""
    counts = _counts.get()
    if counts is not None:
        with _lock:
            counts[metric] += number


def tell_of_sweep() -> None:
    """Let the line of this invocation have the numbers of a sweep, 0 where nothing is counted."""
    for metric in (Metric.UNREADABLE, Metric.SWEEPS):  # how much is left, only a sweep knows that has listed all
        count(metric, 0)


def count_verdict(verdict: Verdict) -> None:
    """Count a repository that was judged."""
    _count_judged(verdict)
    if verdict.undecided:
        count(Metric.UNDECIDED)


def count_refused(verdict: Verdict) -> None:
    """Count a repository of which ECR refuses something; not as undecided, whose alarm it would keep on."""
    _count_judged(verdict)
    count(Metric.UNREADABLE)


def _count_judged(verdict: Verdict) -> None:
    count(Metric.JUDGED)
    if verdict.severity is not None:
        count(_OF_SEVERITY[verdict.severity])


def count_call(**_: object) -> None:
    """Count a request to AWS, each attempt by itself; a handler of botocore's event `request-created`."""
    count(Metric.API_CALLS)


def _embedded(counts: Mapping[Metric, int]) -> Mapping[str, object]:
    told = [metric for metric in Metric if metric not in _OF_A_SWEEP or metric in counts]
    names = [
        {"Name": metric.value, "Unit": "Milliseconds" if metric is Metric.DURATION else "Count"} for metric in told
    ]
    directive = {"Namespace": NAMESPACE, "Dimensions": [[DIMENSION]], "Metrics": names}
    return {
        "_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]},
        DIMENSION: os.environ.get("AWS_LAMBDA_FUNCTION_NAME", "local"),
        **{metric.value: counts[metric] for metric in told},
    }
