"""AWS Config with the rules and remediations that stacks declare. It extends the fake in config_service.py.

Requests and answers of this part are checked against botocore's model. A started remediation is queued, and a test runs
it with `take` and `settle`. AWS documents two ways to count attempts, as made or as failed. In either, an automatic
attempt after the last one causes a remediation exception.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from typing_extensions import override

from tests.fakes.cloudformation import Declared
from tests.fakes.config_service import FakeConfigService, Json
from tests.fakes.models import ServiceError

_EXCEPTIONS_A_PAGE = 25


class FakeConfigRules(FakeConfigService):
    """AWS Config for the single rule of a stack.

    `states` has each resource's last remediation state and its message.
    """

    def __init__(self, declared: Declared) -> None:
        self.declared = declared
        self.states: dict[str, tuple[str, str]] = {}
        self.given_up: dict[str, str] = {}
        self._queued: list[str] = []
        super().__init__()

    def take(self) -> list[str]:
        """Return the resources with a queued remediation, and start these."""
        queued, self._queued = self._queued, []
        self.states |= dict.fromkeys(queued, ("IN_PROGRESS", ""))
        return queued

    def settle(self, resource: str, problem: str | None) -> None:
        """End a remediation, with the error of its failed step or None."""
        self.states[resource] = ("SUCCEEDED", "") if problem is None else ("FAILED", problem)

    @property
    @override
    def known(self) -> dict[str, Callable[[Json], Json]]:
        return super().known | {
            "DescribeConfigRules": self._describe_config_rules,
            "DescribeRemediationConfigurations": self._describe_remediation_configurations,
            "PutRemediationConfigurations": self._put_remediation_configurations,
            "StartRemediationExecution": self._start_remediation_execution,
            "DescribeRemediationExecutionStatus": self._describe_remediation_execution_status,
            "DescribeRemediationExceptions": self._describe_remediation_exceptions,
            "DeleteRemediationExceptions": self._delete_remediation_exceptions,
        }

    def _describe_config_rules(self, request: Json) -> Json:
        wanted = request.get("ConfigRuleNames", list(self.declared.rules))
        for name in wanted:
            if name not in self.declared.rules:
                raise ServiceError(
                    "NoSuchConfigRuleException", f"The ConfigRule '{name}' provided in the request is invalid."
                )
        return {
            "ConfigRules": [
                self.declared.rules[name]
                | {
                    "InputParameters": json.dumps(self.declared.rules[name]["InputParameters"]),
                    "ConfigRuleState": "ACTIVE",
                }
                for name in wanted
            ]
        }

    def _describe_remediation_configurations(self, request: Json) -> Json:
        there = self.declared.remediations
        found = [_as_answered(there[name]) for name in request["ConfigRuleNames"] if name in there]
        return {"RemediationConfigurations": found}

    def _put_remediation_configurations(self, request: Json) -> Json:
        for one in request["RemediationConfigurations"]:
            self.declared.remediations[one["ConfigRuleName"]] = one
        return {"FailedBatches": []}

    def remediation(self, rule: str) -> Json:
        """Return a rule's remediation configuration as AWS Config answers it."""
        if rule not in self.declared.remediations:
            raise ServiceError("NoSuchRemediationConfigurationException", "The rule has no remediation configuration.")
        return _as_answered(self.declared.remediations[rule])

    def _start_remediation_execution(self, request: Json) -> Json:
        self.remediation(request["ConfigRuleName"])
        names = [one["resourceId"] for one in request["ResourceKeys"]]
        self._queued += names
        self.states |= dict.fromkeys(names, ("QUEUED", ""))
        return {}

    def _describe_remediation_execution_status(self, request: Json) -> Json:
        self.remediation(request["ConfigRuleName"])
        wanted = [one["resourceId"] for one in request.get("ResourceKeys", [])] or list(self.states)
        found = [_status(name, *self.states[name]) for name in wanted if name in self.states]
        return {"RemediationExecutionStatuses": found}

    def _describe_remediation_exceptions(self, request: Json) -> Json:
        wanted = [one["ResourceId"] for one in request.get("ResourceKeys", [])] or list(self.given_up)
        found = [
            _exception(request["ConfigRuleName"], name, self.given_up[name]) for name in wanted if name in self.given_up
        ]
        return {"RemediationExceptions": found[:_EXCEPTIONS_A_PAGE]}

    def _delete_remediation_exceptions(self, request: Json) -> Json:
        for one in request["ResourceKeys"]:
            self.given_up.pop(one["ResourceId"], None)
        return {"FailedBatches": []}


def _as_answered(configuration: Json) -> Json:
    """Return a configuration as in the API, from a template or a call. Its values are texts."""
    found = dict(configuration)
    found["Parameters"] = {name: _texts(value) for name, value in configuration.get("Parameters", {}).items()}
    found["Arn"] = (
        f"arn:aws:config:eu-central-1:111122223333:remediation-configuration/{configuration['ConfigRuleName']}"
    )
    return found


def _texts(value: Json) -> Json:
    if "StaticValue" not in value:
        return value
    return {"StaticValue": {"Values": [str(one) for one in value["StaticValue"]["Values"]]}}


def _status(resource: str, state: str, message: str) -> Json:
    step: Json = {"Name": "step", "State": "FAILED", "ErrorMessage": message}
    return {
        "ResourceKey": {"resourceType": "AWS::ECR::Repository", "resourceId": resource},
        "State": state,
        "StepDetails": [step] if message else [],
    }


def _exception(rule: str, resource: str, message: str) -> Json:
    return {
        "ConfigRuleName": rule,
        "ResourceType": "AWS::ECR::Repository",
        "ResourceId": resource,
        "Message": message,
    }
