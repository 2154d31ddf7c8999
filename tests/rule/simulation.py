"""A registry that changes while events and sweeps run, on its own clock. Every call to AWS takes some seconds.

Config records a change some time after it, and its inventory shows it even later. Events are late, repeated, out of
order, or missing. The registry policy and the membership in an organization change without an event. Config and
Security Hub refuse everything for a while, and Lambda tries a failed event twice more. Everything runs in one thread,
so that a seed always has the same result.
"""

from __future__ import annotations

import json
import random
from bisect import insort
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Self, TypeVar

from botocore.exceptions import ClientError
from ecr_crossaccount.products.rule.outcome import EvaluationsRefusedError, SecurityHubError

from tests.events import RULE, event
from tests.fakes.security_hub import matches
from tests.rule.registry import OPEN, SAFE, SCHEDULED_AT, row

Json = dict[str, Any]
T = TypeVar("T")

NAMES = ("a", "b", "c", "d", "e", "f")
_ORGANIZATION = "o-a1b2c3d4e5"
_MEMBERS = {"Condition": {"StringEquals": {"aws:PrincipalOrgID": _ORGANIZATION}}}
_SHARED = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage", **_MEMBERS}})
"""Safe while the account is in its organization."""
_REGISTRY = {"Effect": "Allow", "Principal": {"AWS": "444455556666"}, "Action": "ecr:BatchGetImage", "Resource": "*"}
_STATES = ("open", "safe", "bare", "gone", "shared")
_POLICIES = {"open": OPEN, "safe": SAFE, "bare": None, "hidden": OPEN, "shared": _SHARED}
_SHOWN: Mapping[str, object] = {**_POLICIES, "bare": {}, "hidden": {}}
"""What Config shows of a policy. An unreadable policy is a blank."""
_AROUND = ((True, False), (False, False), (True, True))
"""Whether the account is in an organization, and whether the registry policy opens every repository."""


ATTEMPTS = 3
"""How often Lambda tries an event."""
REFUSALS = (EvaluationsRefusedError, SecurityHubError)
Due = tuple[float, int, Json]
"""When an event arrives, which attempt it is, and the event."""


def _when(due: Due) -> float:
    return due[0]


def at(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Cloud:
    """ECR, Config, Security Hub and Step Functions.

    `deliver` is called with each event of Config when it is due. `lost` is the share of events that never arrive, and
    `latest` is how late an event can be, in seconds. A `hidden` repository is open, and Config's role may not read its
    policy. After `settled`, only repositories change: neither the registry policy nor the membership in an
    organization. `outages` is how often each of Config and Security Hub refuses everything for some minutes.
    """

    rng: random.Random
    settled: float
    lost: float = 0.0
    latest: int = 500
    outages: int = 0
    states: Sequence[str] = _STATES
    now: float = SCHEDULED_AT - 900.0
    shown: dict[str, Json] = field(default_factory=dict)
    findings: dict[str, Json] = field(default_factory=dict)
    parts: dict[str, Json] = field(default_factory=dict)
    """The executions that wait, by their names. None starts twice, as Step Functions promises."""
    started: set[str] = field(default_factory=set)
    calls: int = 0
    over_after: int | None = None
    expired: bool = False

    def __post_init__(self) -> None:
        self.meta = SimpleNamespace(region_name="eu-central-1")
        self.deliver: Callable[[Json], object] = lambda _: None
        self._busy = False
        span = range(int(self.now), SCHEDULED_AT + 900)
        self._changes = {
            name: [(0.0, "gone"), *((when, self.rng.choice(self.states)) for when in self._bursts(span))]
            for name in NAMES
        }
        around = sorted(self.rng.uniform(self.now, self.settled) for _ in range(3))
        self._around = [(0.0, True, False), *((when, *self.rng.choice(_AROUND)) for when in around)]
        self._items = {
            name: _recorded([self._captured(name, when) for when, _ in self._changes[name][1:]]) for name in NAMES
        }
        self._refusing = {
            service: [(at, at + self.rng.randint(60, 900)) for at in self.rng.choices(span, k=self.outages)]
            for service in ("config", "securityhub")
        }
        self._due = sorted(self._events(), key=_when)

    def _bursts(self, span: Sequence[int]) -> list[float]:
        """Return the times of changes. Some of them are less than a second apart."""
        bursts = [(self.rng.choice(span), self.rng.choice((1, 1, 2))) for _ in range(3)]
        return sorted(start + 0.25 * number for start, size in bursts for number in range(size))

    def _captured(self, name: str, when: float) -> tuple[float, float, str]:
        """Return when Config records a change, when its inventory shows it, and the state at that time."""
        captured = when + self.rng.choice((0.125, self.rng.randint(1, 120)))
        return captured, captured + self.rng.randint(0, 400), self.state(name, captured)

    def _events(self) -> Iterator[Due]:
        for name, items in self._items.items():
            for captured, _, state in items:
                if self.rng.random() >= self.lost:
                    for _ in range(self.rng.choice((1, 1, 2))):
                        yield captured + self.rng.randint(1, self.latest), 1, _change(name, captured, state)

    def state(self, name: str, when: float | None = None) -> str:
        """Return the true state of a repository, now or at a time."""
        moment = self.now if when is None else when
        return [state for since, state in self._changes[name] if since <= moment][-1]

    def truth(self) -> dict[str, str]:
        states = {name: self.state(name) for name in NAMES}
        return {
            name: "NON_COMPLIANT" if self._opened() or state in self._open_states() else "COMPLIANT"
            for name, state in states.items()
            if state != "gone"
        }

    def _open_states(self) -> set[str]:
        return {"open", "hidden"} if self._is_member() else {"open", "hidden", "shared"}

    def _is_member(self) -> bool:
        return [member for since, member, _ in self._around if since <= self.now][-1]

    def _opened(self) -> bool:
        return [opened for since, _, opened in self._around if since <= self.now][-1]

    def answered(self) -> dict[str, str]:
        return {
            name: one["ComplianceType"] for name, one in self.shown.items() if one["ComplianceType"] != "NOT_APPLICABLE"
        }

    def wait_until(self, moment: float) -> None:
        """Let time pass, and let Config send the events that are due."""
        while self._due and self._due[0][0] <= moment:
            due, attempt, message = self._due.pop(0)
            self.now = max(self.now, due)
            busy, self._busy = self._busy, True
            try:
                self.deliver(message)
            except REFUSALS:
                if attempt < ATTEMPTS:
                    insort(self._due, (self.now + 60 * attempt, attempt + 1, message), key=_when)
            self._busy = busy
        self.now = max(self.now, moment)

    def _refuses(self, service: str) -> bool:
        return any(start <= self.now < end for start, end in self._refusing[service])

    def get_remaining_time_in_millis(self) -> int:
        """Answer as Lambda's context."""
        return 1 if self.over_after is not None and self.calls > self.over_after else 900_000

    def _tick(self) -> None:
        if not self._busy:
            self.calls += 1
            self.wait_until(self.now + self.rng.randint(0, 60))

    # --- what boto3's clients have ---

    def build_client(self, *_: object, **__: object) -> Cloud:
        return self

    def get_paginator(self, operation: str) -> SimpleNamespace:
        return SimpleNamespace(paginate=getattr(self, f"_{operation}"))

    def _describe_repositories(self, **_: object) -> Iterator[Json]:
        for half in (NAMES[:3], NAMES[3:]):
            self._tick()
            yield {"repositories": [{"repositoryName": name} for name in half if self.state(name) != "gone"]}

    def _get_compliance_details_by_config_rule(self, **_: object) -> Iterator[Json]:
        self._tick()
        kept = [dict(one) for one in self.shown.values() if one["ComplianceType"] != "NOT_APPLICABLE"]
        for half in (kept[:3], kept[3:]):
            yield {"EvaluationResults": [_detail(one) for one in half]}
            self._tick()

    def describe_configuration_recorder_status(self) -> Json:
        return {"ConfigurationRecordersStatus": [{"recording": True}]}

    def describe_configuration_recorders(self) -> Json:
        return {"ConfigurationRecorders": [{"name": "default"}]}

    def select_resource_config(self, NextToken: str = "0", **_: object) -> Json:  # noqa: N803 - AWS's name
        self._tick()
        start = int(NextToken)
        rows = [one for name in NAMES[start : start + 2] for one in self._row(name)]
        return {"Results": rows} | ({"NextToken": str(start + 2)} if start + 2 < len(NAMES) else {})

    def _row(self, name: str) -> list[str]:
        visible = [(captured, state) for captured, since, state in self._items[name] if since <= self.now]
        captured, state = max(visible, default=(0.0, "gone"))
        return [] if state == "gone" else [json.dumps(row(name, _SHOWN[state], at(captured)))]

    def get_repository_policy(self, repositoryName: str, **_: object) -> Json:  # noqa: N803 - AWS's name
        self._tick()
        policy = _POLICIES.get(self.state(repositoryName))
        if policy is None:
            gone = self.state(repositoryName) == "gone"
            code = "RepositoryNotFoundException" if gone else "RepositoryPolicyNotFoundException"
            raise ClientError({"Error": {"Code": code}}, "GetRepositoryPolicy")
        return {"policyText": policy}

    def get_registry_policy(self) -> Json:
        self._tick()
        if not self._opened():
            raise ClientError({"Error": {"Code": "RegistryPolicyNotFoundException"}}, "GetRegistryPolicy")
        return {"policyText": json.dumps({"Version": "2012-10-17", "Statement": _REGISTRY})}

    def get_account_setting(self, **_: object) -> Json:
        return {"name": "REGISTRY_POLICY_SCOPE", "value": "V2"}

    def describe_organization(self) -> Json:
        self._tick()
        if not self._is_member():
            raise ClientError({"Error": {"Code": "AWSOrganizationsNotInUseException"}}, "DescribeOrganization")
        return {"Organization": {"Id": _ORGANIZATION, "MasterAccountId": "777788889999"}}

    def put_evaluations(self, Evaluations: Sequence[Json], **_: object) -> Json:  # noqa: N803 - AWS's name
        self._tick()
        if self._refuses("config"):
            return {"FailedEvaluations": Evaluations}
        for one in Evaluations:
            known = self.shown.get(one["ComplianceResourceId"])
            if known is None or one["OrderingTimestamp"] >= known["OrderingTimestamp"]:
                self.shown[one["ComplianceResourceId"]] = dict(one)
        return {"FailedEvaluations": []}

    def batch_import_findings(self, Findings: Sequence[Json]) -> Json:  # noqa: N803 - AWS's name
        self._tick()
        if self._refuses("securityhub"):
            raise ClientError({"Error": {"Code": "LimitExceededException"}}, "BatchImportFindings")
        for one in Findings:
            name = one["Resources"][0]["Details"]["AwsEcrRepository"]["RepositoryName"]
            known = self.findings.get(name)
            if known is None or one["UpdatedAt"] > known["UpdatedAt"]:
                self.findings[name] = one
        return {"FailedCount": 0, "SuccessCount": len(Findings), "FailedFindings": []}

    def _get_findings(self, Filters: Json, **_: object) -> Iterator[Json]:  # noqa: N803 - AWS's name
        self._tick()
        yield {"Findings": [dict(one) for one in self.findings.values() if matches(one, Filters)]}

    def open_findings(self) -> set[str]:
        return {name for name, one in self.findings.items() if one["RecordState"] == "ACTIVE"}

    def start_execution(self, *, name: str, input: str, **_: object) -> None:  # noqa: A002 - AWS's name
        if name in self.started:
            raise ClientError({"Error": {"Code": "ExecutionAlreadyExists"}}, "StartExecution")
        self.started.add(name)
        self.parts[name] = json.loads(input)["part"]


class OneThread:
    """A pool that runs its work at once, in the caller's thread."""

    def __init__(self, _: int) -> None:
        """Accept the size of a pool."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Do nothing, because no work is pending."""

    def submit(self, work: Callable[..., T], *arguments: object) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:  # noqa: BLE001 - as a pool does
            future.set_exception(error)
        return future


def scheduled(moment: float) -> Json:
    invoking = json.loads(event("scheduled")["invokingEvent"]) | {"notificationCreationTime": at(moment)}
    return event("scheduled", trustedOrganizations="self") | {"invokingEvent": json.dumps(invoking)}


def _change(name: str, captured: float, state: str) -> Json:
    item = row(name, _SHOWN.get(state, {}), at(captured))
    item |= {"awsAccountId": item["accountId"], "ARN": item["arn"], "tags": {}}
    item["configurationItemStatus"] = "ResourceDeleted" if state == "gone" else "OK"
    invoking = {"messageType": "ConfigurationItemChangeNotification", "configurationItem": item}
    return scheduled(captured) | {"invokingEvent": json.dumps(invoking)}


def _recorded(items: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, str]]:
    """Return the items that Config makes. It makes none without a difference from the previous one."""
    ordered = sorted(items)
    seen = [_SHOWN.get(state) for _, _, state in ordered]
    return [item for item, shown, before in zip(ordered, seen, [None, *seen], strict=False) if shown != before]


def _detail(evaluation: Mapping[str, Any]) -> Json:
    qualifier = {
        "ConfigRuleName": RULE,
        "ResourceType": evaluation["ComplianceResourceType"],
        "ResourceId": evaluation["ComplianceResourceId"],
    }
    identifier = {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": evaluation["OrderingTimestamp"]}
    return {"EvaluationResultIdentifier": identifier, **evaluation}
