"""Counts what an invocation does, in one line of the log. CloudWatch makes metrics from it without a call.

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

from ...judgement.values.verdict import Severity
from . import log

NAMESPACE = "EcrCrossAccount"
DIMENSIONS = ("AccountId", "RuleName")
"""The dimensions of a metric: the account of the repositories, and the rule. A function may serve several."""
METRICS_BY = "METRICS_BY"
"""The environment variable that gives a function for many accounts one metric for all of them: `FunctionName`.

CloudWatch bills every metric, and an alarm watches one. The line of the log still has the account and the rule.
"""
_FUNCTION_NAME = "FunctionName"


class Metric(StrEnum):
    """The metrics in CloudWatch. They are sent only if there is something to count, because CloudWatch bills them.

    A repository that is judged twice in an invocation counts twice. docs/metrics.md has the text below each name.
    """

    CRITICAL = "NonCompliantCritical"
    """judged repositories that are NON_COMPLIANT, with CRITICAL as the worst severity"""
    HIGH = "NonCompliantHigh"
    """judged repositories that are NON_COMPLIANT, with HIGH as the worst severity"""
    MEDIUM = "NonCompliantMedium"
    """judged repositories that are NON_COMPLIANT, with MEDIUM as the worst severity"""
    LOW = "NonCompliantLow"
    """judged repositories that are NON_COMPLIANT, with LOW as the worst severity"""
    UNDECIDED = "Undecided"
    """NON_COMPLIANT repositories with an undecided statement, without those that ECR refuses"""
    UNREADABLE = "Unreadable"
    """repositories whose policy or tags ECR refuses, and those that could not be read for another reason"""
    SWEEPS = "SweepsCompleted"
    """scheduled runs that ended with a result for every repository. A schedule of the stack, SweepClock, sends 0 in
    every period (`MaximumExecutionFrequency`), so a missing run differs from a new stack"""
    LEFT = "SweepLeft"
    """repositories that a scheduled run left for its next invocation"""
    EXCEPTIONS = "RemediationExceptions"
    """repositories that AWS Config no longer remediates by itself; 1 if AWS Config does not answer"""
    REGISTER = "RegisterProblems"
    """times that an invocation could not read or use the [trust register](trust.md#at-run-time), the resource control
    policies or the [required statements](deploy.md#required-statements), including those that used a last good
    version"""
    ENDING = "ApprovalsEnding"
    """approvals of the [trust register](trust.md) that end within a week, counted in each scheduled run"""
    CHANGED = "RegisterChanges"
    """changes of the [trust register](trust.md#when-it-changes), counted by the first invocation that reads one"""
    OPENS = "RegisterOpens"
    """repositories with access that was a finding and that the changed register trusts, counted in the next scheduled
    run"""
    CLOSES = "RegisterCloses"
    """repositories with access that was trusted and that is a finding by the changed register, counted in the next
    scheduled run"""
    SECURITY_HUB = "SecurityHubRefused"
    """findings that AWS Security Hub did not accept"""
    OVERDUE = "AccountsOverdue"
    """with a [central rule](organization.md#central), once a period and also if it is 0: accounts without a complete
    scheduled run for three periods, and those that are missing from `AccountsAtLeast`"""


_ALSO_NONE = frozenset({Metric.OVERDUE})
"""Metrics that are also sent with the value 0, once for each period. Otherwise silence could be read as "none"."""


class Figure(StrEnum):
    """Values only in the log, in the line of every invocation. docs/metrics.md has the text below each name."""

    JUDGED = "Judged"
    """repositories judged"""
    API_CALLS = "ApiCalls"
    """requests to AWS, counting each attempt"""
    DURATION = "Duration"
    """milliseconds of the invocation"""


_counts: ContextVar[Counter[Metric | Figure] | None] = ContextVar("counts", default=None)
_lock = threading.Lock()  # a sweep reads from ECR in several threads


@contextmanager
def collect_counts(account: object, rule: object) -> Iterator[None]:
    """Count what happens in the block, and write the line at its end, even after an exception."""
    counts: Counter[Metric | Figure] = Counter()
    token, start = _counts.set(counts), time.monotonic()
    try:
        yield
    finally:
        _counts.reset(token)
        counts[Figure.DURATION] = round((time.monotonic() - start) * 1000)
        whose = dict(zip(DIMENSIONS, (str(account), str(rule)), strict=True))
        log.info("metrics", **_metric_fields(counts, whose))


def count(metric: Metric | Figure, number: int = 1) -> None:
    """Count a metric. Does nothing outside an invocation."""
    counts = _counts.get()
    if counts is not None:
        with _lock:
            counts[metric] += number


def count_judged(severity: Severity | None) -> None:
    """Count a judged repository. `severity` is its highest severity."""
    count(Figure.JUDGED)
    if severity is not None:
        count(Metric[severity.name])


def count_call(**_: object) -> None:
    """Count a request to AWS, including each retry. This is a handler of botocore's event `request-created`."""
    count(Figure.API_CALLS)


def _metric_fields(counts: Mapping[Metric | Figure, int], whose: Mapping[str, str]) -> Mapping[str, object]:
    """Return the fields of the line. Without `_aws`, CloudWatch makes no metric from it."""
    told = [metric for metric in Metric if counts[metric] or (metric in counts and metric in _ALSO_NONE)]
    directive = {
        "Namespace": NAMESPACE,
        "Dimensions": [list(_of_the_function() or DIMENSIONS)],
        "Metrics": [{"Name": metric.value, "Unit": "Count"} for metric in told],
    }
    embedded = {"_aws": {"Timestamp": round(time.time() * 1000), "CloudWatchMetrics": [directive]}} if told else {}
    return {**embedded, **_of_the_function(), **whose, **{one.value: counts[one] for one in (*Figure, *told)}}


def _of_the_function() -> Mapping[str, str]:
    """Return the dimension of a function with one metric for all accounts. Empty for any other function."""
    name = os.environ.get("AWS_LAMBDA_FUNCTION_NAME")
    return {_FUNCTION_NAME: name} if name and os.environ.get(METRICS_BY) == _FUNCTION_NAME else {}
