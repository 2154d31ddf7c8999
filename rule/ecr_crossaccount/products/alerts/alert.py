"""An alarm about one call, as values. `message` writes them for a person and for a program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ...judgement.values.verdict import Severity
from .comparison import Finding, News
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


def opening(record: Record, subject: Subject, found: News) -> Alert:
    """Return the alarm about access that a policy has opened."""
    what, because = f"{subject.what} opened", found.because.value
    return Alert(found.severity, what, subject.called, record, found.findings, because)


def _finding(finding: Finding) -> Mapping[str, object]:
    grant = {} if finding.grant is None else finding.grant.to_json()
    return {**grant, "severity": finding.severity.name, "reason": finding.sentence}
