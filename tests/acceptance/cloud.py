"""An AWS account for a run of acceptance: moto, and fakes for the services that moto does not have.

Time does not pass until the run waits. Then AWS Config records changes, calls the rule's function, and runs the
remediations that it was asked for. Automations continue, and events start what the stack's rules say, if their role
may. Functions and documents are the shipped ones.
"""

from __future__ import annotations

import io
import json
import os
import re
import runpy
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any
from unittest.mock import patch
from urllib.parse import unquote

import boto3
from moto.events.models import EventPattern

from acceptance.sandbox import NAME
from demo.events import change_event
from organization.sources import template
from remediation.__main__ import ROOT
from tests.events import event
from tests.fakes import FakeAccessAnalyzer, FakeCloudTrail, FakeFunctions
from tests.fakes.cloudformation import Declared, cloudformation
from tests.fakes.config_rules import FakeConfigRules
from tests.fakes.overlay import Forward, Request, Response
from tests.fakes.systems_manager import FakeAutomations
from tests.permissions.authorization import Statement, problems_of
from tests.remediation.document import Document
from tests.remediation.interpreter import World, run
from tests.stack.cloudformation import Stack

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

Json = dict[str, Any]

ACCOUNT, REGION = "111122223333", "eu-central-1"
RECORDER_ROLE = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
KEY_OF_THE_RULE = "AKIATHERULESFUNCTION"
START = datetime(2026, 11, 27, 9, tzinfo=UTC)
_INVOKED = re.compile(r"/2015-03-31/functions/([^/?]+)/invocations")
_ACTION = re.compile(r"(?:^|&)Action=([A-Za-z]+)")
_AT_ONCE = 3
"""The number of repositories that AWS Config remediates at once."""
_CHANGES = frozenset({"CreateRepository", "SetRepositoryPolicy", "DeleteRepositoryPolicy"})
_READ = "ecr:GetRepositoryPolicy"
_IN_HISTORY = {"awsAccountId": "accountId", "ARN": "arn", "configurationItemVersion": "version"}


@dataclass(slots=True)
class Cloud:
    """The account. With `mute`, AWS Config does not notify the run."""

    config: FakeConfigRules
    analyzer: FakeAccessAnalyzer
    automations: FakeAutomations
    trail: FakeCloudTrail
    world: World
    declared: Declared
    functions: FakeFunctions
    time: datetime = START
    looked: datetime = START
    ticked: datetime = START
    starts: bool = True
    """Whether EventBridge starts what the stack's rules say."""
    delivers: bool = True
    """Whether EventBridge delivers to the stack's queue of failures."""
    heard: set[str] = field(default_factory=set)
    """The failed executions that EventBridge has reported."""
    mute: bool = False
    counts_runs: bool = True
    """Whether attempts of automatic remediations count as made, or as failed.

    The documentation allows both readings.
    """
    rules_session: boto3.Session = field(
        default_factory=lambda: boto3.Session(KEY_OF_THE_RULE, "testing", region_name=REGION)
    )
    unheard: int = 0
    """How often ECR refuses because it does not know a principal yet."""
    called_by_sam: set[str] = field(default_factory=set)
    """The operations of CloudFormation that the SAM CLI called."""
    changed: dict[str, None] = field(default_factory=dict)
    """The repositories that were created or got another policy since AWS Config last looked."""
    attempts: dict[str, int] = field(default_factory=dict)
    waiting: Any = field(default_factory=threading.RLock)
    swept: dict[str, Json] = field(default_factory=dict)
    """The ends of the executions of state machines, by ARN."""

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        """Let time pass, and let AWS continue its work. Several threads may wait."""
        with self.waiting:
            self._pass(seconds)

    def _pass(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        self.world.sleep(seconds)
        self.automations.go_on()
        if self.time >= self.ticked + timedelta(hours=1):
            self.ticked = self.time
            self._tick()
        if self.declared.rules and not self.mute:
            self._record_and_judge()
            self._remediate()
        if self.time >= self.looked + timedelta(minutes=5):
            self.looked = self.time
            self._hear_of_failures()

    # --- AWS Config

    def _record_and_judge(self) -> None:
        (name, rule), ecr = next(iter(self.declared.rules.items())), boto3.client("ecr")
        changed, self.changed = self.changed, {}
        for repository in changed:
            happened = self._event(ecr, repository, rule) | {"configRuleName": name}
            self._keep(json.loads(happened["invokingEvent"])["configurationItem"])
            self.invoke_rule(happened)
            if self.config.results.get(repository, {}).get("ComplianceType") == "NON_COMPLIANT":
                self._tell_of_finding(name, repository)
        if self.config.started:
            self.config.started.clear()
            self.invoke_rule(
                event("scheduled") | {"configRuleName": name, "accountId": ACCOUNT, "ruleParameters": _texts(rule)}
            )

    def _event(self, ecr: ECRClient, repository: str, rule: Json) -> Json:
        """Return the event that Config sends about a repository. A policy that its role may not read is a blank."""
        happened = change_event(ecr, repository, rule["InputParameters"])
        invoking = json.loads(happened["invokingEvent"])
        item = invoking["configurationItem"]
        captured = self.time.isoformat()
        item |= {"configurationItemCaptureTime": captured}
        shown = item["configuration"]["RepositoryPolicyText"]
        if isinstance(shown, str) and denies(shown, RECORDER_ROLE):
            item["configuration"]["RepositoryPolicyText"] = {}
        invoking["notificationCreationTime"] = captured
        return happened | {"invokingEvent": json.dumps(invoking)}

    def _keep(self, item: Json) -> None:
        name = item["resourceId"]
        # An event and the history name the same fields differently.
        named = {_IN_HISTORY.get(field, field): value for field, value in item.items()}
        texts = named | {"configuration": json.dumps(item["configuration"])}
        texts["configurationStateId"] = str(item["configurationStateId"])
        self.config.history.setdefault(name, []).append(texts)
        row = {one: item[one] for one in ("resourceId", "resourceType", "awsRegion", "configurationItemStatus")}
        row |= {"accountId": ACCOUNT, "arn": item["ARN"], "configuration": item["configuration"], "tags": []}
        row |= {"configurationItemCaptureTime": item["configurationItemCaptureTime"]}
        kept = [one for one in self.config.inventory if one["resourceId"] != name]
        self.config.inventory = [*kept, row]

    def _remediate(self) -> None:
        started = {name: self._started(name) for name in self.config.take()}
        self.automations.go_on()
        for name, identifier in started.items():
            ran = self.automations.executions[identifier]
            failed = ran["AutomationExecutionStatus"] != "Success"
            self.config.settle(name, ran.get("FailureMessage", "?") if failed else None)
        for name, configuration in self.declared.remediations.items():
            if configuration.get("Automatic"):
                self._attempt(self.config.remediation(name))

    def _attempt(self, configuration: Json) -> None:
        """Remediate what is NON_COMPLIANT, as often as the configuration allows."""
        open_ = [name for name, one in self.config.results.items() if one["ComplianceType"] == "NON_COMPLIANT"]
        for name in open_[:_AT_ONCE]:
            if name not in self.config.given_up:
                if self.attempts.get(name, 0) >= configuration["MaximumAutomaticAttempts"]:
                    self.config.given_up[name] = "too many attempts"
                else:
                    self._started(name)
                    self.attempts[name] = self.attempts.get(name, 0) + self.counts_runs

    def _started(self, repository: str) -> str:
        configuration = self.config.remediation(next(iter(self.declared.remediations)))
        values = {
            name: [repository] if "ResourceValue" in value else value["StaticValue"]["Values"]
            for name, value in configuration["Parameters"].items()
        }
        return self.automations.start(configuration["TargetId"], values)

    # --- AWS CloudFormation

    def cloudformation(self, request: Request, forward: Forward) -> Response:
        """Answer a call to CloudFormation."""
        if "aws-sam-cli" in request.headers.get("user-agent", "").lower():
            self.called_by_sam |= set(_ACTION.findall(request.body.decode()))
        return cloudformation(request, forward)

    # --- AWS Systems Manager

    def ran(self, content: Json, given: Mapping[str, object]) -> Json:
        """Run a document to its end, and return the execution."""
        self.world.execution = f"0a1b2c3d-0000-4000-8000-{len(self.automations.executions):012}"
        self.world.now = f"{self.time:%Y-%m-%d_%H.%M.%S}"
        done = run(_document(json.dumps(content)), self.world, **given)
        outputs = {name: [done.outputs[name]] for name in content["outputs"] if name in done.outputs}
        more: Json = {"Outputs": outputs} if outputs else {}
        more |= {"FailureMessage": done.message} if done.status == "Failed" else {}
        return {"AutomationExecutionStatus": done.status, **more}

    # --- AWS Lambda

    def invoke_rule(self, happened: Json) -> None:
        """Let the rule's function answer an event, with its own environment and credentials."""
        name = next(iter(self.declared.rules.values()))["Source"]["SourceIdentifier"].rpartition(":")[2]
        with _as_function(name, self.rules_session):
            handler = runpy.run_path(str(ROOT / "rule" / "handler.py"))["lambda_handler"]
            handler(happened, SimpleNamespace(aws_request_id="x", get_remaining_time_in_millis=lambda: 900_000))

    def lambdas(self, request: Request, forward: Forward) -> Response:
        """Answer a call to Lambda. The planning function is invoked in this process."""
        found = _INVOKED.fullmatch(unquote(request.path))
        if found is None:
            return forward(request)
        name = found[1].rpartition(":")[2]
        self.functions.functions.setdefault(name, partial(_planned, name))
        status, headers, body = self.functions.invoke(name, request.body)
        return Response(status, body, headers)

    def ecr(self, request: Request, forward: Forward) -> Response:
        """Answer a call to ECR. moto does not check whether a repository's policy allows the rule to read it."""
        if request.operation == "SetRepositoryPolicy" and self.unheard:
            self.unheard -= 1
            return _error("InvalidParameterException", "Invalid parameter at 'PolicyText': Principal not found")
        answer = forward(request)
        if request.operation in _CHANGES and answer.status == 200:
            self.changed[json.loads(request.body)["repositoryName"]] = None
        if request.operation != "GetRepositoryPolicy" or request.key != KEY_OF_THE_RULE or answer.status != 200:
            return answer
        if not denies(json.loads(answer.body)["policyText"], "RuleFunctionRole"):
            return answer
        message = (
            f"User: the rule's is not authorized to perform: {_READ} with an explicit deny in a resource-based policy"
        )
        return _error("AccessDeniedException", message)

    # --- AWS Step Functions

    def states(self, request: Request, forward: Forward) -> Response:
        """Answer a call to Step Functions. An execution runs to its end at once."""
        answer = forward(request)
        if answer.status != 200 or request.operation not in ("StartExecution", "DescribeExecution"):
            return answer
        found = json.loads(answer.body)
        if request.operation == "StartExecution":
            asked = json.loads(request.body)
            self.swept[found["executionArn"]] = self._swept(asked["stateMachineArn"], json.loads(asked["input"]))
            return answer
        found |= self.swept[found["executionArn"]]
        return Response(200, json.dumps(found).encode(), answer.headers)

    def _swept(self, machine: str, given: Json) -> Json:
        role = boto3.client("stepfunctions").describe_state_machine(stateMachineArn=machine)["roleArn"]
        if refused(policies_of(role), "lambda:InvokeFunction"):
            return {"status": "FAILED", "cause": "the role may not invoke the function"}
        self.invoke_rule(given["part"])
        return {"status": "SUCCEEDED"}

    # --- Amazon EventBridge

    def _tick(self) -> None:
        """Do the hourly work: the schedule counts, and AWS Config runs the rule, which counts when it has finished."""
        for name in self.declared.rules:
            self._count("EcrCrossAccount", "SweepsCompleted", 0.0, AccountId=ACCOUNT, RuleName=name)
            if not self.mute:
                self.config.started.append(name)
                self._count("EcrCrossAccount", "SweepsCompleted", 1.0, AccountId=ACCOUNT, RuleName=name)

    def _tell_of_finding(self, rule: str, repository: str) -> None:
        """Start what the stack's rules say about a compliance change, if their role may."""
        finding: Any = {
            "source": "aws.config",
            "detail-type": "Config Rules Compliance Change",
            "detail": {
                "configRuleName": rule,
                "resourceType": "AWS::ECR::Repository",
                "resourceId": repository,
                "newEvaluationResult": {"complianceType": "NON_COMPLIANT"},
            },
        }
        stack = deployed()
        if not stack.condition(stack.template["Resources"]["FindingStarts"]["Condition"]):
            return
        starts = stack.properties("FindingStarts")
        assert EventPattern.load(json.dumps(starts["EventPattern"])).matches_event(finding)
        policies = [one["PolicyDocument"] for one in stack.properties("StarterRole")["Policies"]]
        (target,) = starts["Targets"]
        if self.starts and not refused(policies, "ssm:StartAutomationExecution"):
            document = target["Arn"].partition(":automation-definition/")[2].partition(":")[0]
            given = target["InputTransformer"]["InputTemplate"].replace("<repository>", json.dumps(repository))
            self.automations.start(document, json.loads(given))

    def _hear_of_failures(self) -> None:
        """Send failed executions to the queue in the stack's event rule."""
        ran = self.automations.executions.items()
        failed = {name for name, one in ran if one["AutomationExecutionStatus"] == "Failed"}
        queues = [url for url in boto3.client("sqs").list_queues().get("QueueUrls", []) if "RemediationFailures" in url]
        for queue in queues if self.delivers else ():
            for _ in failed - self.heard:
                self._count("AWS/SQS", "NumberOfMessagesSent", 1.0, QueueName=queue.rpartition("/")[2])
            self.heard |= failed

    def _count(self, namespace: str, metric: str, value: float, **dimensions: str) -> None:
        named = [{"Name": name, "Value": one} for name, one in dimensions.items()]
        point = {"MetricName": metric, "Dimensions": named, "Value": value, "Timestamp": self.time}
        cloudwatch: Any = boto3.client("cloudwatch")
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[point])


def _planned(name: str, request: Json) -> object:
    """Answer as the planning function does."""
    with _as_function(name):
        answer: object = runpy.run_path(str(ROOT / "rule" / "planner.py"))["lambda_handler"](request, None)
        return answer


def _error(code: str, message: str) -> Response:
    body = json.dumps({"__type": code, "message": message}).encode()
    return Response(400, body, {"Content-Type": "application/x-amz-json-1.1"})


def denies(policy: str, role: str) -> bool:
    """Return whether a Deny in a policy prevents a role from reading it. `role` is a part of the role's ARN."""
    statements = json.loads(policy)["Statement"]
    return any(
        one["Effect"] == "Deny" and one["Action"] == _READ and role in json.dumps(one["Principal"])
        for one in statements
    )


def _texts(rule: Json) -> str:
    return json.dumps({name: str(value) for name, value in rule["InputParameters"].items()})


def deployed() -> Stack:
    """Return the template with the stack's current parameters. moto makes nothing that an update asks for first."""
    (found,) = boto3.client("cloudformation").describe_stacks(StackName=NAME)["Stacks"]
    chosen: Json = {one["ParameterKey"]: one["ParameterValue"] for one in found["Parameters"]}
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found["Outputs"]}
    names = {
        "Rule": outputs["RuleName"],
        "RemediateDocument": outputs["RemediateDocumentName"],
        "AutomationRole.Arn": outputs["AutomationRoleArn"],
    }
    return Stack(template(), names, **chosen)


def policies_of(role: str) -> list[Json]:
    """Return the inline policies of a role."""
    iam, name = boto3.client("iam"), role.rpartition("/")[2]
    named = iam.list_role_policies(RoleName=name)["PolicyNames"]
    found: list[Any] = [iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in named]
    return [json.loads(one) if isinstance(one, str) else one for one in found]


def refused(policies: list[Json], action: str) -> list[str]:
    """Return why AWS would refuse a call of a role, by its policies and the service authorization reference."""
    statements = [Statement(one) for policy in policies for one in policy["Statement"]]
    if not any(action in one.actions for one in statements):
        return [f"{action} is not allowed"]
    return [one for one in problems_of(statements) if one.startswith(action)]


@cache
def _document(content: str) -> Document:
    return Document.parse("document", json.loads(content))


@contextmanager
def _as_function(name: str, session: boto3.Session | None = None) -> Iterator[None]:
    """Replace this process's environment and default credentials by those of a function."""
    configured = boto3.client("lambda").get_function_configuration(FunctionName=name)
    variables = configured.get("Environment", {}).get("Variables", {})
    with (
        patch.dict(os.environ, {**variables, "AWS_REGION": REGION}),
        patch.object(boto3, "DEFAULT_SESSION", session or boto3.DEFAULT_SESSION),
        redirect_stdout(io.StringIO()),
    ):
        yield
