"""The steps that wait for actions of AWS itself, and see them in CloudWatch's metrics."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import datetime
from typing import Any

from . import questions, recorded, remediation, stack
from .clock import duration, wait_for
from .errors import TimedOutError
from .questions import Counted
from .sandbox import NAME, PERIOD_SECONDS, PREFIX, RULE
from .session import Session

_SWEEP_SECONDS = 1200
_START_SECONDS = 2700
_NOT_RECORDED = "TESTMODE"
_LONGEST_CAUSE = 300
_OPENED = f"{PREFIX}opened-later"
"""The repository that an event's remediation is about."""
_OPEN_TO = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": "STRANGER"}, "Action": "ecr:BatchGetImage"}],
    }
)
_SCHEDULE_SECONDS = 3 * PERIOD_SECONDS
_FAILURE_SECONDS = 1200
_EVERY = 300.0


def watch_sweeps(session: Session) -> None:
    """Answer SWEEPS: let the state machine continue a scheduled run whose results are not recorded."""
    clients, sandbox = session.clients, session.sandbox
    scheduled = {
        "awsAccountId": sandbox.account,
        "messageType": "ScheduledNotification",
        "notificationCreationTime": f"{session.clock.now():%Y-%m-%dT%H:%M:%S.000Z}",
        "recordVersion": "1.0",
    }
    event = {
        "accountId": sandbox.account,
        "configRuleArn": f"arn:{sandbox.partition}:config:{sandbox.region}:{sandbox.account}:config-rule/none",
        "configRuleName": RULE,
        "invokingEvent": json.dumps(scheduled),
        "resultToken": _NOT_RECORDED,
        "ruleParameters": json.dumps(sandbox.rule_parameters),
    }
    part = {"version": 1, "event": event, "position": {"part": 2, "token": "", "ledger": ""}}
    execution = clients.steps.start_execution(
        stateMachineArn=stack.output(clients, "SweepsArn"),
        name=f"{NAME}-{session.clock.now():%Y%m%d%H%M%S}",
        input=json.dumps({"function": stack.output(clients, "FunctionName"), "part": part}),
    )["executionArn"]
    seen: list[Any] = []

    def ended() -> bool | None:
        seen[:] = [clients.steps.describe_execution(executionArn=execution)]
        return seen[0]["status"] != "RUNNING" or None

    with suppress(TimedOutError):  # the answer is what was seen
        wait_for(session.clock, "the end of a scheduled run that continues", _SWEEP_SECONDS, ended)
    status = None if seen[0]["status"] == "RUNNING" else seen[0]["status"]
    cause = str(seen[0].get("cause", ""))[:_LONGEST_CAUSE]
    session.record.answers[questions.SWEEPS.key] = questions.of_sweeps(status, cause, duration(_SWEEP_SECONDS))


def watch_started(session: Session) -> None:
    """Answer STARTED: let events start dry runs, and open a new repository. The stack's own parameters are restored."""
    clients, sandbox = session.clients, session.sandbox
    found: dict[str, str] = {}
    session.deployment.deploy(sandbox, sandbox.starting_parameters)
    try:
        document = stack.output(clients, "RemediateDocumentName")
        known = set(remediation.executions(clients, document, {}))
        policy = _OPEN_TO.replace("STRANGER", sandbox.stranger)
        clients.ecr.create_repository(repositoryName=_OPENED, tags=[{"Key": NAME, "Value": "run"}])
        clients.ecr.set_repository_policy(repositoryName=_OPENED, policyText=policy)

        def started() -> bool | None:
            for name, one in remediation.executions(clients, document, {}).items():
                if name not in known and remediation.repository_of(one) == _OPENED and remediation.is_over(one):
                    found[name] = one["AutomationExecutionStatus"]
            return bool(found) or None

        with suppress(TimedOutError):
            wait_for(session.clock, "a remediation that an event starts", _START_SECONDS, started)
    finally:
        session.deployment.deploy(sandbox, sandbox.parameters)
    status = next(iter(found.values()), None)
    result = recorded.results(clients).get(_OPENED)
    is_found = result is not None and result.compliance == "NON_COMPLIANT"
    session.record.answers[questions.STARTED.key] = questions.of_started(
        status, duration(_START_SECONDS), is_found=is_found
    )


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
