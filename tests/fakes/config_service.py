"""A fake of AWS Config over HTTP. It enforces the limits of the real service, and keeps everything.

Point boto3 at it with `AWS_ENDPOINT_URL_CONFIG_SERVICE`:

    with FakeConfigService() as config:
        monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
        ...
        assert config.results["base/python"]["ComplianceType"] == "COMPLIANT"

Limits and shapes: AWS Config's API reference and botocore's service model (protocol JSON 1.1). Unneeded operations are
refused, not guessed. It listens on 127.0.0.1 only.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from typing import Any, Protocol

from typing_extensions import override

from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError, answered

from .answering import Answering

RESULT_TOKEN = "eyJlbmNyeXB0ZWQiOiJ0b2tlbiBvZiBvbmUgaW52b2NhdGlvbiJ9"

_ITEMS_A_PAGE = 100
_EXCEPTIONS_A_PAGE = 25
_DEFAULT_HISTORY_PAGE = 10
_EXPRESSION = re.compile(r"SELECT (?P<columns>[\w*(), ]+?)(?: WHERE resourceType = 'AWS::ECR::Repository')?")
_COLUMNS = frozenset(
    {
        *("accountId", "arn", "awsRegion", "configuration", "configurationItemCaptureTime", "configurationItemStatus"),
        *("resourceId", "resourceType", "tags", "COUNT(*)"),
    }
)
"""https://docs.aws.amazon.com/config/latest/developerguide/query-components.html"""
_COMPLIANCE_TYPES = frozenset({"COMPLIANT", "NON_COMPLIANT", "NOT_APPLICABLE"})
_SHOWN = frozenset({"COMPLIANT", "NON_COMPLIANT"})

Json = dict[str, Any]


class FakeConfigService(Loopback):
    """AWS Config for one rule of one account.

    - `history` maps a resource id to its configuration items, with `configurationItemCaptureTime` in ISO 8601.
    - `inventory` has the rows of SelectResourceConfig and, for each of the `aggregators`, of
      SelectAggregateResourceConfig. They are returned for any expression, and a count is answered. An aggregator has a
      name and the source of its accounts.
    - `page_size` makes pages shorter than requested, as in the real service.
    - `recorder` and `recorder_status` are the account's recorder. By default, it records everything at once.
    - `exceptions` is the answer of DescribeRemediationExceptions.
    - `answers` has, by operation, functions that replace the answer of this fake.
    """

    def __init__(
        self,
        *,
        history: Mapping[str, Iterable[Json]] | None = None,
        inventory: Iterable[Json] = (),
        aggregators: Mapping[str, Json] | None = None,
        tokens: Iterable[str] = (RESULT_TOKEN,),
        page_size: int = _ITEMS_A_PAGE,
    ) -> None:
        self.history = {resource: list(items) for resource, items in (history or {}).items()}
        self.inventory = list(inventory)
        self.aggregators = dict(aggregators or {})
        self.tokens = set(tokens)
        self.page_size = page_size
        self.recorder: Json | None = {"name": "default", "recordingGroup": {"allSupported": True}}
        self.recorder_status: Json = {"name": "default", "recording": True, "lastStatus": "Success"}
        self.evaluations: list[Json] = []
        self.tested: list[Json] = []
        self.calls: list[tuple[str, Json]] = []
        self.started: list[str] = []
        self.exceptions: list[Json] = []
        self.answers: dict[str, Callable[[Json], Json]] = {}
        self._faults: dict[str, list[ServiceError | None]] = {}
        self._refusals: dict[str, int] = {}
        self._lock = threading.Lock()
        super().__init__(handler_of(self))

    @property
    def results(self) -> dict[str, Json]:
        """The evaluations that Config would show: for each resource, the one with the latest OrderingTimestamp."""
        shown: dict[str, Json] = {}
        for evaluation in self.evaluations:
            known = shown.get(evaluation["ComplianceResourceId"])
            if known is None or evaluation["OrderingTimestamp"] >= known["OrderingTimestamp"]:
                shown[evaluation["ComplianceResourceId"]] = evaluation
        return shown

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def fail(self, operation: str, code: str, *, times: int = 1, status: int = 400, after: int = 0) -> None:
        """Answer calls of an operation with an error, such as `ThrottlingException`, after some successful calls."""
        faults = self._faults.setdefault(operation, [])
        faults.extend([None] * after)
        faults.extend(ServiceError(code, "as asked", status) for _ in range(times))

    def recover(self, operation: str) -> None:
        """Remove the remaining errors of an operation."""
        self._faults.pop(operation, None)

    def refuse(self, resource_id: str, *, times: int = 1) -> None:
        """Return evaluations of a resource in FailedEvaluations, without recording them."""
        self._refusals[resource_id] = times

    def answer(self, operation: str, request: Json) -> Json:
        with self._lock:
            self.calls.append((operation, request))
            fault = self._faults[operation].pop(0) if self._faults.get(operation) else None
            if fault is not None:
                raise fault
            if operation == "GetRegistryPolicy":  # if it replaces all of AWS, including ECR
                raise ServiceError("RegistryPolicyNotFoundException", "there is no registry policy")
            if operation in self.answers:
                return self.answers[operation](request)
            return answered("config", operation, request, self.known)

    @property
    def known(self) -> dict[str, Callable[[Json], Json]]:
        """The operations, by name."""
        return {
            "PutEvaluations": self._put_evaluations,
            "GetResourceConfigHistory": self._get_resource_config_history,
            "SelectResourceConfig": self._select_resource_config,
            "SelectAggregateResourceConfig": self._select_aggregate_resource_config,
            "DescribeConfigurationAggregators": self._describe_configuration_aggregators,
            "GetComplianceDetailsByConfigRule": self._get_compliance_details,
            "StartConfigRulesEvaluation": self._start_evaluation,
            "DescribeRemediationExceptions": self._describe_remediation_exceptions,
            "DescribeConfigurationRecorders": self._describe_configuration_recorders,
            "DescribeConfigurationRecorderStatus": self._describe_configuration_recorder_status,
        }

    def _put_evaluations(self, request: Json) -> Json:
        evaluations: list[Json] = request.get("Evaluations", [])
        token, test_mode = request.get("ResultToken"), request.get("TestMode", False)
        for evaluation in evaluations:
            _check(evaluation)
        if not token or (token not in self.tokens and not test_mode):
            raise ServiceError("InvalidResultTokenException", "the result token is invalid")
        failed = [evaluation for evaluation in evaluations if self._is_refused(evaluation)]
        accepted = [evaluation for evaluation in evaluations if evaluation not in failed]
        (self.tested if test_mode else self.evaluations).extend(accepted)
        return {"FailedEvaluations": failed}

    def _is_refused(self, evaluation: Json) -> bool:
        left = self._refusals.get(evaluation["ComplianceResourceId"], 0)
        self._refusals[evaluation["ComplianceResourceId"]] = max(left - 1, 0)
        return left > 0

    def _get_resource_config_history(self, request: Json) -> Json:
        items = self.history.get(request["resourceId"])
        if items is None:
            raise ServiceError("ResourceNotDiscoveredException", f"`{request['resourceId']}` was never discovered")
        later, earlier = request.get("laterTime", float("inf")), request.get("earlierTime", 0)
        wire = [item | {"configurationItemCaptureTime": _epoch(item["configurationItemCaptureTime"])} for item in items]
        found = [item for item in wire if earlier <= item["configurationItemCaptureTime"] <= later]
        found.sort(
            key=lambda item: float(item["configurationItemCaptureTime"]),
            reverse=request.get("chronologicalOrder", "Reverse") == "Reverse",
        )
        page, token = self._page(found, request.get("limit") or _DEFAULT_HISTORY_PAGE, request.get("nextToken"))
        return {"configurationItems": page} | ({"nextToken": token} if token else {})

    def _select_resource_config(self, request: Json) -> Json:
        expression = _EXPRESSION.fullmatch(request["Expression"].strip())
        columns = {one.strip() for one in expression["columns"].split(",")} if expression else {""}
        if not columns <= _COLUMNS:
            raise ServiceError("InvalidExpressionException", f"`{request['Expression']}` cannot be read")
        found = [{"COUNT(*)": len(self.inventory)}] if "COUNT(*)" in request["Expression"] else self.inventory
        rows = [json.dumps(row) for row in found]
        page, token = self._page(rows, request.get("Limit") or _ITEMS_A_PAGE, request.get("NextToken"))
        return {"Results": page, "QueryInfo": {"SelectFields": []}} | ({"NextToken": token} if token else {})

    def _select_aggregate_resource_config(self, request: Json) -> Json:
        self._aggregator(request["ConfigurationAggregatorName"])
        return self._select_resource_config(request)

    def _describe_configuration_aggregators(self, request: Json) -> Json:
        return {"ConfigurationAggregators": [self._aggregator(one) for one in request["ConfigurationAggregatorNames"]]}

    def _aggregator(self, name: str) -> Json:
        if name not in self.aggregators:
            raise ServiceError("NoSuchConfigurationAggregatorException", "The configuration aggregator does not exist.")
        return {"ConfigurationAggregatorName": name} | self.aggregators[name]

    def _get_compliance_details(self, request: Json) -> Json:
        types = set(request.get("ComplianceTypes") or _SHOWN)
        rows = [_detail(request["ConfigRuleName"], result) for result in self.results.values()]
        shown = [row for row in rows if row["ComplianceType"] in types & _SHOWN]
        page, token = self._page(shown, request.get("Limit") or _DEFAULT_HISTORY_PAGE, request.get("NextToken"))
        return {"EvaluationResults": page} | ({"NextToken": token} if token else {})

    def _start_evaluation(self, request: Json) -> Json:
        """Record the rules that must run. The test sends their events."""
        self.started += request["ConfigRuleNames"]
        return {}

    def _describe_remediation_exceptions(self, request: Json) -> Json:
        rows = [one for one in self.exceptions if one["ConfigRuleName"] == request["ConfigRuleName"]]
        limit = min(request.get("Limit") or _EXCEPTIONS_A_PAGE, _EXCEPTIONS_A_PAGE)
        page, token = self._page(rows, limit, request.get("NextToken"))
        return {"RemediationExceptions": page} | ({"NextToken": token} if token else {})

    def _describe_configuration_recorders(self, _: Json) -> Json:
        return {"ConfigurationRecorders": [self.recorder] if self.recorder else []}

    def _describe_configuration_recorder_status(self, _: Json) -> Json:
        return {"ConfigurationRecordersStatus": [self.recorder_status] if self.recorder else []}

    def _page(self, rows: list[Any], limit: int, token: str | None) -> tuple[list[Any], str | None]:
        if token and not token.isdecimal():
            raise ServiceError("InvalidNextTokenException", f"`{token}` is no token")
        start = int(token) if token else 0
        end = start + min(limit, self.page_size)
        return rows[start:end], str(end) if end < len(rows) else None


def _check(evaluation: Json) -> None:
    """Refuse the compliance that PutEvaluations does not take, although its model has it."""
    if evaluation["ComplianceType"] not in _COMPLIANCE_TYPES:
        raise ServiceError("InvalidParameterValueException", f"`{evaluation['ComplianceType']}` is not accepted")


def _detail(rule: str, evaluation: Json) -> Json:
    qualifier = {
        "ConfigRuleName": rule,
        "ResourceType": evaluation["ComplianceResourceType"],
        "ResourceId": evaluation["ComplianceResourceId"],
    }
    identifier = {"EvaluationResultQualifier": qualifier, "OrderingTimestamp": evaluation["OrderingTimestamp"]}
    result = {"EvaluationResultIdentifier": identifier, "ComplianceType": evaluation["ComplianceType"]}
    return result | ({"Annotation": evaluation["Annotation"]} if "Annotation" in evaluation else {})


def _epoch(moment: str) -> float:
    return datetime.fromisoformat(moment).astimezone(UTC).timestamp()


class Service(Protocol):
    """A service that answers requests of the JSON protocol."""

    def answer(self, operation: str, request: Json) -> Json: ...


_CONTENT_TYPE = "application/x-amz-json-1.1"


def handler_of(service: Service) -> Callable[..., BaseHTTPRequestHandler]:
    """Serve a service. Its ServiceErrors become AWS's error answers."""

    class Handler(Answering):
        @override
        def respond(self) -> None:
            operation = self.headers["X-Amz-Target"].rpartition(".")[2]
            try:
                self.send_json(200, service.answer(operation, json.loads(self.body())), _CONTENT_TYPE, {})
            except ServiceError as error:
                told = {"__type": error.code, "message": str(error)}
                self.send_json(error.status, told, _CONTENT_TYPE, {})

    return Handler
