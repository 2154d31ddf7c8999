"""Any content of a record is reported, skipped, or one of our errors that Lambda sees. Nothing else happens."""

from __future__ import annotations

import contextlib
import json
from typing import Any

from ecr_crossaccount import Repository, Trust
from ecr_crossaccount.products.alerts.alert import (
    LARGEST,
    LONGEST_SUBJECT,
    closing,
    findings_of,
    look_at,
    message_of,
    subject_of,
)
from ecr_crossaccount.products.alerts.changes import CHANGES, NO_POLICY, change_of, make_repository, state_of
from ecr_crossaccount.products.alerts.comparer import BACKFILL, backfill_alert
from ecr_crossaccount.products.alerts.function import (
    WRITES,
    check_trust,
    is_write_from_outside,
    outside_write_alert,
    window_of,
)
from ecr_crossaccount.products.alerts.record import Record
from ecr_crossaccount.questions.change.opening import opened_access
from ecr_crossaccount.sources.aws.errors import EventError
from hypothesis import given
from hypothesis import strategies as st

from tests.events.cloudtrail import NAMES, delivered, record

Json = dict[str, Any]

TEXTS = st.text(max_size=40) | st.sampled_from(
    ["111122223333", "999988887777", "https://evil.example", "\x1b[31m", "ROOT"]
)
SCALARS = st.none() | st.booleans() | st.integers() | TEXTS
PARTS = ("userIdentity", "requestParameters", "responseElements")
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3), max_leaves=6
)
FIELDS = st.sampled_from(
    sorted(
        {field for name in NAMES for part in PARTS for field in record(name).get(part) or ()}
        | set(record("set-policy-public"))
    )
)


def replaced(value: Any, changes: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    """Return a JSON value with fields replaced at every place."""
    if isinstance(value, dict):
        return {name: changes.get(name, replaced(one, changes)) for name, one in value.items()}
    return [replaced(one, changes) for one in value] if isinstance(value, list) else value


@given(st.sampled_from(NAMES), st.dictionaries(FIELDS, VALUES, max_size=3), st.sampled_from(sorted(CHANGES | WRITES)))
def test_a_record_is_read_judged_and_written_or_refused(name: str, changes: Json, call: str) -> None:
    event = replaced(delivered(name), changes)
    for one in (
        event,
        delivered(name) | {"detail": replaced(delivered(name)["detail"], changes) | {"eventName": call}},
    ):
        with contextlib.suppress(EventError):
            _dealt_with(Record.parse(one))


def _dealt_with(call: Record) -> None:
    """Do what the function does with a record, without its calls to AWS."""
    alerts = []
    if is_write_from_outside(call):
        answer = check_trust(call, Trust.nobody(), None)
        assert window_of(call, answer)
        alerts.append(outside_write_alert(call, answer, ()))
    change = change_of(call)
    if change is not None and change.after is not None:
        repository = make_repository(change.subject, None, None)
        before, after = (state_of(change.subject, one, Trust.nobody(), repository) for one in (NO_POLICY, change.after))
        verdict = after.verdict(after.forms[0])
        assert opened_access(before, after).severity == verdict.severity
        assert len(findings_of(opened_access(None, after))) >= len({one.reason for one in verdict.grants})
        assert opened_access(after, after).is_nothing
        way = closing(change.subject, None, change.after, Trust.nobody(), repository)
        assert way.command.isascii()
        assert way.command.isprintable()
        assert "https://" in (look_at(change.subject) or "https://")
    if call.name == BACKFILL:
        alerts += [one for one in [backfill_alert(call, about_registry(call), Trust.nobody())] if one is not None]
    for alert in alerts:
        message, subject = message_of(alert), subject_of(alert)
        forms = json.loads(message)
        assert len(message.encode()) <= LARGEST
        assert 0 < len(subject) <= LONGEST_SUBJECT
        assert subject.isascii()
        assert subject.isprintable()
        assert forms["email"].isascii()
        assert "https://evil" not in forms["email"]


def about_registry(call: Record) -> Repository:
    return Repository(call.owner, region=call.region)
