"""The alarm about a trust register that has changed: its writer decides what all other alarms leave out."""

from __future__ import annotations

from datetime import datetime

from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access, Severity
from ...sources.register.content import Location
from ...sources.register.memory import changes
from .alert import Alert, Finding
from .record import Record

_BECAUSE = "the trust register is not the one that counted when this function read it last"
_CALLER = "the caller above made the call that this function judged, and need not be the one who wrote the register"


def register_change_alert(
    record: Record, location: Location, before: Trust | None, after: Trust, moment: datetime
) -> Alert:
    """Return the alarm about a register that counts from the call in `record` on."""
    adds, takes_away = changes(before, after, moment)
    findings = [Finding(_severity(add), f"opens: {_words(add)}") for add in adds]
    findings += [Finding(Severity.LOW, f"closes: {_words(entry)}") for entry in takes_away]
    worst = max((finding.severity for finding in findings), default=Severity.LOW)
    about = f"{location} opens {len(adds)}, closes {len(takes_away)} approvals"
    because = _BECAUSE if before is not None else f"{_BECAUSE}, which is not known"
    return Alert(worst, "trust register changed", about, record, tuple(findings), because, (_CALLER,))


def _severity(entry: Entry) -> Severity:
    return Severity.MEDIUM if entry.access is Access.READ else Severity.HIGH


def _words(entry: Entry) -> str:
    return f"{entry.access.value} by {entry.subject.value} {entry.name} on {', '.join(entry.repositories)}"
