"""The steps that wait for actions of AWS itself, and see them in CloudWatch's metrics."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from typing import Any

from . import questions, remediation, stack
from .clock import duration, wait_for
from .errors import TimedOutError
from .questions import Counted
from .sandbox import PERIOD_SECONDS, RULE
from .session import Session

_POLL_SECONDS = 1200
_SCHEDULE_SECONDS = 3 * PERIOD_SECONDS
_FAILURE_SECONDS = 1200
_EVERY = 300.0


def watch_poller(session: Session) -> None:
    """Answer whether Lambda polls the queue with the function's role."""
    clients, answers = session.clients, session.record.answers
    function = stack.output(clients, "FunctionName")
    mappings = clients.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    if not mappings:
        answers[questions.POLLER.key] = questions.of_poller([], None)
        return
    queue = mappings[0]["EventSourceArn"].rpartition(":")[2]
    polls: list[float] = []

    def polled() -> bool | None:
        polls[:] = [_sum(session, "NumberOfEmptyReceives", queue)]
        return polls[0] > 0 or None

    with suppress(TimedOutError):  # the answer is what was seen
        wait_for(session.clock, "a poll of the queue", _POLL_SECONDS, polled)
    states = [
        one["State"]
        for one in clients.functions.list_event_source_mappings(FunctionName=function)["EventSourceMappings"]
    ]
    answers[questions.POLLER.key] = questions.of_poller(states, polls[0])


def watch_schedules(session: Session) -> None:
    """Answer CLOCK and FIRST_RUN. No one has started the rule by hand so far, so any run is a scheduled one."""
    seen: list[Counted] = []

    def both() -> bool | None:
        seen.append(_counted(session))
        return None if None in (seen[-1].first_tick, seen[-1].first_run) else True

    with suppress(TimedOutError):
        wait_for(session.clock, "a scheduled run", _SCHEDULE_SECONDS, both, every=_EVERY)
    session.record.answers[questions.CLOCK.key] = questions.of_clock(seen[-1], PERIOD_SECONDS)
    session.record.answers[questions.FIRST_RUN.key] = questions.of_first_run(seen[-1], PERIOD_SECONDS)


def _counted(session: Session) -> Counted:
    dimensions = {"AccountId": session.sandbox.account, "RuleName": RULE}
    points = _points(session, "EcrCrossAccount", "SweepsCompleted", dimensions)
    ticks = [point["Timestamp"] for point in points if point["SampleCount"] > point["Sum"]]
    runs = [point["Timestamp"] for point in points if point["Sum"] >= 1]
    return Counted(_after(session, ticks), _after(session, runs), duration(_SCHEDULE_SECONDS))


def _after(session: Session, times: list[datetime]) -> float | None:
    """Return the number of seconds from the deployment to the earliest of some times."""
    deployed = session.record.steps[0].ended
    return max(0.0, (min(times) - deployed).total_seconds()) if times else None


def watch_failures(session: Session) -> None:
    """Answer FAILURES. Restoring an untrusted policy has failed, as it must."""
    queue = stack.output(session.clients, "RemediationFailuresUrl").rpartition("/")[2]
    failed, sent = _failed(session), [0.0]

    def heard() -> bool | None:
        sent[:] = [_sum(session, "NumberOfMessagesSent", queue)]
        return sent[0] > 0 or None

    if failed:
        with suppress(TimedOutError):
            wait_for(session.clock, "a message about a failure", _FAILURE_SECONDS, heard)
    session.record.answers[questions.FAILURES.key] = questions.of_failures(failed, sent[0])


def _failed(session: Session) -> int:
    document = stack.output(session.clients, "RestoreDocumentName")
    found = remediation.executions(session.clients, document, {}).values()
    return sum(one["AutomationExecutionStatus"] in ("Failed", "TimedOut") for one in found)


def _sum(session: Session, metric: str, queue: str) -> float:
    return float(sum(point["Sum"] for point in _points(session, "AWS/SQS", metric, {"QueueName": queue})))


def _points(session: Session, namespace: str, metric: str, dimensions: dict[str, str]) -> list[Any]:
    answer = session.clients.cloudwatch.get_metric_statistics(
        Namespace=namespace,
        MetricName=metric,
        Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
        StartTime=session.record.started,
        EndTime=session.clock.now(),
        Period=300,
        Statistics=["Sum", "SampleCount"],
    )
    return list(answer["Datapoints"])
