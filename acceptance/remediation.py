"""Remediations through AWS Config, restores through Systems Manager, and the results of their executions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from .clients import Clients
from .clock import Clock, wait_for
from .errors import MissingError
from .sandbox import REPOSITORY, RULE

Json = Mapping[str, Any]

SUCCESS = "Success"
OVER = frozenset(
    {SUCCESS, "Failed", "TimedOut", "Cancelled", "Rejected", "Exited", "CompletedWithSuccess", "CompletedWithFailure"}
)
"""The statuses of an automation execution that has ended."""
SETTLED = frozenset({"SUCCEEDED", "FAILED"})
"""The states of a remediation that has ended."""
_EXECUTION_SECONDS = 1800
_EVERY = 10.0
_DRY_RUN = "DryRun"
_DRY: Json = {"StaticValue": {"Values": ["true"]}}
_TARGET = "RepositoryName"
_NOT_PUT = ("Arn", "CreatedByService")


def configuration(clients: Clients) -> Json:
    """Return the rule's remediation configuration, in the form for PutRemediationConfigurations.

    Raises ClientError, BotoCoreError, MissingError.
    """
    found = clients.config.describe_remediation_configurations(ConfigRuleNames=[RULE])["RemediationConfigurations"]
    if not found:
        raise MissingError("the rule has no remediation configuration: does AWS Config have them in this Region?")
    return {name: value for name, value in found[0].items() if name not in _NOT_PUT}


def automatic_dry_run(stacks_own: Json, attempts: int, seconds: int) -> Json:
    """Return a configuration with which Config itself starts dry runs, but never writes. Raises MissingError."""
    parameters = dict(stacks_own.get("Parameters", {}))
    if _DRY_RUN not in parameters:
        raise MissingError("the remediation has no parameter `DryRun`: nothing is started automatically without one")
    parameters[_DRY_RUN] = _DRY
    return {
        **stacks_own,
        "Parameters": parameters,
        "Automatic": True,
        "MaximumAutomaticAttempts": attempts,
        "RetryAttemptSeconds": seconds,
    }


def check_writes(clients: Clients) -> None:
    """Raise MissingError unless a remediation is started by a person and then writes, as the stack was deployed."""
    found = configuration(clients)
    if found.get("Automatic") or found.get("Parameters", {}).get(_DRY_RUN) == _DRY:
        raise MissingError("the rule's remediation is automatic or dry: the stack's own configuration was not put back")


def put(clients: Clients, wanted: Json) -> None:
    """Write a remediation configuration. Raises ClientError, BotoCoreError, MissingError."""
    answer = clients.config.put_remediation_configurations(RemediationConfigurations=[wanted])  # type: ignore[list-item]  # as it was described
    refused = [one.get("FailureMessage", "no reason given") for one in answer.get("FailedBatches", [])]
    if refused:
        raise MissingError(f"AWS Config did not take the remediation configuration: {'; '.join(refused)}")


def start(clients: Clients, repositories: Sequence[str]) -> None:
    """Start the remediation of repositories, at most 100. Raises ClientError, BotoCoreError, MissingError."""
    answer = clients.config.start_remediation_execution(ConfigRuleName=RULE, ResourceKeys=_keys(repositories))
    if answer.get("FailedItems"):
        raise MissingError(f"AWS Config started none of them: {answer.get('FailureMessage', 'no reason given')}")


def states(clients: Clients, repositories: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Return each remediation's state, with the message of the failed step. Raises ClientError, BotoCoreError."""
    pages = clients.config.get_paginator("describe_remediation_execution_status").paginate(
        ConfigRuleName=RULE, ResourceKeys=_keys(repositories)
    )
    found = [one for page in pages for one in page["RemediationExecutionStatuses"]]
    return {one["ResourceKey"]["resourceId"]: (one["State"], _message(one)) for one in found}


def _message(status: Mapping[str, Any]) -> str:
    said = [step["ErrorMessage"] for step in status.get("StepDetails", []) if step.get("ErrorMessage")]
    return str(said[0]) if said else ""


def exceptions(clients: Clients, repositories: Sequence[str]) -> list[str]:
    """Return the repositories that Config no longer remediates by itself. Raises ClientError, BotoCoreError."""
    answer = clients.config.describe_remediation_exceptions(
        ConfigRuleName=RULE, ResourceKeys=_capital_keys(repositories)
    )
    return sorted({one["ResourceId"] for one in answer["RemediationExceptions"]})


def forget_exceptions(clients: Clients, repositories: Sequence[str]) -> None:
    """Delete remediation exceptions, so that the repositories can be remediated. Raises ClientError, BotoCoreError."""
    clients.config.delete_remediation_exceptions(ConfigRuleName=RULE, ResourceKeys=_capital_keys(repositories))


def _keys(repositories: Iterable[str]) -> list[Any]:
    return [{"resourceType": REPOSITORY, "resourceId": name} for name in repositories]


def _capital_keys(repositories: Iterable[str]) -> list[Any]:
    """Return the keys as the calls about exceptions spell them."""
    return [{"ResourceType": REPOSITORY, "ResourceId": name} for name in repositories]


def run(clients: Clients, clock: Clock, document: str, parameters: Mapping[str, str]) -> Json:
    """Run an automation to its end and return its execution. Raises ClientError, BotoCoreError, TimedOutError."""
    given = {name: [value] for name, value in parameters.items()}
    identifier = clients.ssm.start_automation_execution(DocumentName=document, Parameters=given)[
        "AutomationExecutionId"
    ]

    def ended() -> Json | None:
        found = execution(clients, identifier)
        return found if is_over(found) else None

    return wait_for(clock, f"the end of the automation {identifier}", _EXECUTION_SECONDS, ended, every=_EVERY)


def executions(clients: Clients, document: str, known: dict[str, Json]) -> dict[str, Json]:
    """Return the executions of a document by their IDs. Those `known` to have ended are not requested again.

    Raises ClientError, BotoCoreError.
    """
    pages = clients.ssm.get_paginator("describe_automation_executions").paginate(
        Filters=[{"Key": "DocumentNamePrefix", "Values": [document]}]
    )
    ids = [one["AutomationExecutionId"] for page in pages for one in page["AutomationExecutionMetadataList"]]
    return {one: known[one] if one in known else execution(clients, one) for one in ids}


def execution(clients: Clients, identifier: str) -> Json:
    """Return an execution with its steps. Raises ClientError, BotoCoreError."""
    return clients.ssm.get_automation_execution(AutomationExecutionId=identifier)["AutomationExecution"]


def is_over(found: Json) -> bool:
    """Return whether an execution has ended."""
    return found["AutomationExecutionStatus"] in OVER


def repository_of(found: Json) -> str:
    """Return the repository of an execution, or "" if it does not name one."""
    return str(next(iter(found.get("Parameters", {}).get(_TARGET, [])), ""))


def declared(clients: Clients, document: str) -> set[str]:
    """Return the names of a document's parameters. Raises ClientError, BotoCoreError."""
    return {one["Name"] for one in clients.ssm.describe_document(Name=document)["Document"].get("Parameters", [])}
