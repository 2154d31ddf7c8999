"""Replication to other accounts: by a change of the rules, or by a backfill, which copies existing images.

https://docs.aws.amazon.com/AmazonECR/latest/userguide/replication.html
"""

from __future__ import annotations

import shlex

from ...judgement.judge import Repository
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import ResourceKind as Kind
from ...judgement.values.verdict import Severity
from ...questions.change.opening import opened
from ...questions.change.states import Form, State
from .alert import Alert
from .comparison import Because, Finding, News, findings_of
from .record import Record, object_of, text_of
from .subject import Subject

BACKFILL = "StartReplicationBackfill"


def backfilled(record: Record, registry: Repository, trust: Trust) -> Alert | None:
    """Return the alarm about existing images that are copied to an untrusted account, or None if none are."""
    destination = object_of(record.response, "destination") or object_of(record.request, "destination")
    configuration = {"rules": [{"destinations": [destination] if destination else []}]}
    copied = State(Kind.REPLICATION, registry, trust, (Form(configuration),))
    found = News(findings_of(opened(None, copied)), Because.BACKFILL)
    if not found.findings:
        return None
    number = text_of(record.response, "replicationBackfillId")
    stop = ["aws", "ecr", "stop-replication-backfill", "--region", record.region, "--replication-backfill-id"]
    return Alert(
        found.severity,
        "images copied to another account",
        Subject(Kind.REPLICATION, record.owner, record.region, "").called,
        record,
        found.findings,
        found.because.value,
        command=None if number is None else shlex.join([*stop, number]),
        effect=None if number is None else "stops the copying; what has been copied stays",
    )


def deleting(before: State | None, after: State) -> tuple[Finding, ...]:
    """Return the note that deletions are replicated, unless this and the rules are unchanged."""
    if before is not None and before.forms == after.forms:
        return ()
    return tuple(Finding(Severity.LOW, note) for form in after.forms for note in after.verdict(form).notes)
