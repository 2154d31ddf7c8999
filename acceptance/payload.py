"""The step that finds the type an automation gives to a function's answer, with a document of its own, payload.json."""

from __future__ import annotations

from pathlib import Path

from . import questions, remediation, stack
from .errors import MissingError
from .sandbox import NAME
from .session import Session

DOCUMENT = f"{NAME}-payload"
_CONTENT = Path(__file__).with_name("payload.json")
_OUTPUT = "look.Type"


def look_at_payload(session: Session) -> None:
    """Answer PAYLOAD. The teardown removes the document."""
    clients = session.clients
    clients.ssm.create_document(
        Name=DOCUMENT,
        DocumentType="Automation",
        DocumentFormat="JSON",
        Content=_CONTENT.read_text(encoding="utf-8"),
        Tags=[{"Key": NAME, "Value": "run"}],
    )
    found = remediation.run(
        clients,
        session.clock,
        DOCUMENT,
        {
            "AutomationAssumeRole": stack.output(clients, "AutomationRoleArn"),
            "FunctionName": stack.output(clients, "PlanFunctionName"),
            "Arn": session.sandbox.arn(next(iter(session.repositories))),
        },
    )
    if found["AutomationExecutionStatus"] != remediation.SUCCESS:
        raise MissingError(f"the automation that looks failed: {found.get('FailureMessage', 'no reason given')}")
    session.record.answers[questions.PAYLOAD.key] = questions.of_payload(found.get("Outputs", {}).get(_OUTPUT, []))
