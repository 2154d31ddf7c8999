"""An alarm about one call, as values. `message` writes them for a person and for a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .. import Severity
from .comparison import Finding, Opened
from .record import Record
from .subject import Subject


@dataclass(frozen=True, slots=True)
class Alert:
    """One alarm. `what` is the event in a few words, `about` its subject, and `notes` are what else is uncertain.

    `command` closes the access and `effect` says how. Both are None if no command does.
    """

    severity: Severity
    what: str
    about: str
    record: Record
    findings: tuple[Finding, ...]
    because: str
    notes: tuple[str, ...] = ()
    command: str | None = None
    effect: str | None = None
    link: str | None = None

    def to_json(self) -> dict[str, object]:
        """Return the alarm for a program, ready for `json.dumps`."""
        record, caller = self.record, self.record.caller
        return {
            "version": 1,
            "severity": self.severity.name,
            "what": self.what,
            "account": record.owner,
            "region": record.region,
            "repository": record.repository,
            "call": record.name,
            "time": record.at.isoformat().replace("+00:00", "Z"),
            "eventId": record.id,
            "caller": {
                "account": caller.account,
                "identity": caller.identity,
                "service": caller.service,
                "sourceIPAddress": caller.address,
                "userAgent": caller.agent,
            },
            "findings": [_finding(one) for one in self.findings],
            "because": self.because,
            "notes": list(self.notes),
            "command": self.command,
            "effect": self.effect,
            "link": self.link,
        }


def opening(record: Record, subject: Subject, opened: Opened) -> Alert:
    """Return the alarm about access that a policy has opened."""
    about = subject.called
    return Alert(opened.severity, f"{subject.kind.value} opened", about, record, opened.findings, opened.because.value)


def _finding(finding: Finding) -> Mapping[str, object]:
    found: dict[str, object] = {"severity": finding.severity.name, "reason": finding.sentence}
    grant = finding.grant
    if grant is None:
        return found
    witness = grant.witness
    context = {key: value if isinstance(value, str) else list(value) for key, value in witness.context.items()}
    return found | {
        "grantee": grant.grantee,
        "kind": grant.kind.value,
        "public": grant.public,
        "access": [one.value for one in grant.access],
        "actions": list(grant.actions),
        "statement": grant.statement,
        "witness": {"principal": witness.principal, "action": witness.action, "context": context},
    }
