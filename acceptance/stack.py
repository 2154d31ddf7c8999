"""The stack in CloudFormation: its status, its outputs, why it failed, and its deletion."""

from __future__ import annotations

from .clients import Clients
from .clock import Clock, wait_for
from .errors import AWS_ERRORS, MissingError, code_of, one_line
from .sandbox import NAME

_DELETING_SECONDS = 1800
_EVERY = 10.0
_CHANGING_SECONDS = 1800
_MOST_REASONS = 5
_GONE = "does not exist"
_CANCELLED = "Resource creation cancelled"
"""The reason that CloudFormation gives for all other resources once one has failed."""


def status(clients: Clients) -> str | None:
    """Return the stack's status, or None if there is no stack. Raises ClientError, BotoCoreError."""
    try:
        return str(clients.cloudformation.describe_stacks(StackName=NAME)["Stacks"][0]["StackStatus"])
    except clients.cloudformation.exceptions.ClientError as error:
        if code_of(error) == "ValidationError" and _GONE in str(error):
            return None
        raise


def outputs(clients: Clients) -> dict[str, str]:
    """Return the stack's outputs. Raises ClientError, BotoCoreError."""
    found = clients.cloudformation.describe_stacks(StackName=NAME)["Stacks"][0].get("Outputs", [])
    return {one["OutputKey"]: one["OutputValue"] for one in found}


def output(clients: Clients, name: str) -> str:
    """Return one output. Raises ClientError, BotoCoreError, MissingError."""
    found = outputs(clients)
    if name not in found:
        raise MissingError(f"the stack has no output `{name}`")
    return found[name]


def failures(clients: Clients) -> list[str]:
    """Return the first reasons why resources of the stack failed, the newest last. Empty if they cannot be read."""
    try:
        pages = clients.cloudformation.get_paginator("describe_stack_events").paginate(StackName=NAME)
        events = [event for page in pages for event in page["StackEvents"]]
    except AWS_ERRORS:
        return []
    failed = [
        f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason given')}"
        for event in reversed(events)
        if event.get("ResourceStatus", "").endswith("_FAILED")
    ]
    return [reason for reason in failed if _CANCELLED not in reason][:_MOST_REASONS]


def delete(clients: Clients, clock: Clock) -> None:
    """Delete the stack and wait until it is gone. Raises ClientError, BotoCoreError, TimedOutError, MissingError."""
    # CloudFormation does not delete a stack that is being updated.
    wait_for(clock, "the end of the stack's update", _CHANGING_SECONDS, lambda: not _is_updating(clients) or None)
    clients.cloudformation.delete_stack(StackName=NAME)

    def gone() -> bool | None:
        now = status(clients)
        if now == "DELETE_FAILED":
            raise MissingError(f"the stack was not deleted: {'; '.join(failures(clients)) or 'no reason given'}")
        return now in (None, "DELETE_COMPLETE") or None

    wait_for(clock, "the end of the stack", _DELETING_SECONDS, gone, every=_EVERY)


def _is_updating(clients: Clients) -> bool:
    now = status(clients) or ""
    return now.startswith("UPDATE_") and now.endswith("_IN_PROGRESS")


def reasons(error: Exception, clients: Clients) -> str:
    """Return why a deployment failed: the message of the SAM CLI, and the reasons of CloudFormation."""
    return "; ".join([one_line(error), *failures(clients)])
