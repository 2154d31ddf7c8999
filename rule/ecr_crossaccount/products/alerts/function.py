"""One call on its way from EventBridge to SNS: recorded, judged, compared with what was there before, reported once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from ...judgement.values.verdict import ResourceKind as Kind
from ...judgement.values.verdict import Severity
from ...sources.aws import log
from ...sources.register.served import check_served
from .alert import Alert, opening
from .changes import Change, change_of
from .closing import look_at
from .comparer import Comparer
from .comparison import Because, Finding, News
from .errors import UnsettledError
from .live import Clients, Live, PolicyRefusedError
from .memory import KEPT, Memory, Remembered
from .record import Record
from .recorded import Recorded
from .register_changed import changed
from .replicating import BACKFILL, backfilled
from .sender import Sender
from .settings import Settings, Writes
from .subject import Stated, Subject, about
from .trusting import Trusted, Trusting
from .writes import Covered, covered, is_write_from_outside, window_of, written

_ATTEMPTS = 3
"""How often a change is compared again because other changes of the same policy arrived in between."""
_REGISTER = "REGISTER"
"""The claim that limits alarms about an unreadable register to one in each window."""


class Alerts:
    """The function. Keep it for the life of a container. `now` returns the time in UTC."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._live = Live(clients)
        self._recorded = Recorded(clients)
        self._memory = Memory(clients("dynamodb"), settings.table)
        self._sender = Sender(clients("sns"), settings.topic)
        self._trusting = Trusting(settings, clients, now)

    def handle(self, event: Mapping[str, object], context: object) -> dict[str, object]:
        """Return how many alarms an event caused, or why it was skipped.

        Raises errors for which Lambda must try again.
        """
        with log.bound(requestId=getattr(context, "aws_request_id", None)), log.failures():
            record = Record.parse(event)
            with log.bound(eventId=record.id, call=record.name, account=record.owner):
                check_served({"accountId": record.recipient}, context)
                return self._answered(record)

    def _answered(self, record: Record) -> dict[str, object]:
        reason = _passed_over(record)
        if reason is None and not self._is_first(f"EVENT#{record.id}"):
            reason = "already reported, or reported by another invocation"
        if reason is not None:
            log.info("call skipped", reason=reason)
            return {"passedOver": reason}
        sent = sum(1 for _ in self._told(record))
        self._memory.confirm(f"EVENT#{record.id}", self._now() + KEPT)
        return {"sent": sent}

    def _is_first(self, key: str) -> bool:
        """Claim something that must be reported once, and return whether the claim succeeded.

        The holder of a claim reports it or fails. If it fails, Lambda retries the event after the claim has ended.
        """
        return self._memory.claim(key, self._now())

    def _told(self, record: Record) -> Iterator[Alert]:
        """Send the alarms about a call, and yield them."""
        trusted = self._trusting.of(record.owner)
        if trusted.held is not None and trusted.held.memory is not None and trusted.held.memory.changed is not None:
            yield self._send(changed(record, trusted.held.location, *trusted.held.memory.changed, self._now()))
            trusted.held.memory.take_change()
        if trusted.unread is not None and self._is_first(_REGISTER):
            yield self._send(_unread(record, trusted.unread))
            self._memory.confirm(_REGISTER, self._now() + self._settings.window)
        if is_write_from_outside(record):
            yield from self._write(record, trusted)
        change = change_of(record)
        if change is not None:
            yield from self._change(record, change, trusted)
        yield from self._besides(record, trusted)

    def _send(self, alert: Alert) -> Alert:
        self._sender.send(alert)
        log.warning("alarm sent", severity=alert.severity.name, what=alert.what, about=alert.about)
        return alert

    # --- writes from outside ---

    def _write(self, record: Record, trusted: Trusted) -> Iterator[Alert]:
        answer = covered(record, trusted.trust, trusted.organization)
        log.info("written from outside", by=record.caller.account, repository=record.repository, trust=answer.value)
        told = {Writes.NONE: (), Writes.UNTRUSTED: (Covered.NO, Covered.UNKNOWN), Writes.ALL: tuple(Covered)}
        window = window_of(record, answer)
        if answer in told[self._settings.writes] and self._is_first(window):
            yield self._send(written(record, answer, trusted.problems))
            self._memory.confirm(window, self._now() + self._settings.window)

    # --- policies ---

    def _change(self, record: Record, change: Change, trusted: Trusted) -> Iterator[Alert]:
        after = None
        try:
            after = self._live.after(change)
        except PolicyRefusedError as error:
            yield self._send(_unreadable(record, change.subject, error))
        sent: set[str] = set()
        for _ in range(_ATTEMPTS):
            before = self._memory.last(change.subject.key)
            if before is None and not sent:
                change = self._recorded.before(change)
            if before is not None and before.event == record.id:
                return
            if after is not None:
                yield from self._compared(record, Comparer(self._live, trusted, change, before, after), sent)
            if self._remembered(record, change, before, after):
                return
        raise UnsettledError(f"the {change.subject.called} changes too fast to be compared: Lambda retries")

    def _compared(self, record: Record, comparer: Comparer, sent: set[str]) -> Iterator[Alert]:
        """Send what is new. `sent` has the findings that were already sent for this call, and is updated."""
        found = comparer.opened()
        findings = tuple(one for one in found.findings if one.sentence not in sent)
        log.info("policy judged", subject=comparer.change.subject.key, because=found.because.name, opened=len(findings))
        if findings:
            sent.update(one.sentence for one in findings)
            yield self._send(comparer.alert(record, News(findings, found.because)))

    def _remembered(self, record: Record, change: Change, before: Remembered | None, after: Stated | None) -> bool:
        """Remember the later policy, or that it is unknown which one is later.

        Return False if another change came in between. The caller must then compare again.
        """
        if before is not None and before.at > change.at:
            return True
        in_order = before is None or before.at < change.at
        remembered = Remembered(record.id, change.at, after if in_order else None)
        return self._memory.remember(change.subject.key, remembered, before)

    # --- what changes no policy ---

    def _besides(self, record: Record, trusted: Trusted) -> Iterator[Alert]:
        if record.name == BACKFILL:
            registry = Subject(Kind.REGISTRY, record.owner, record.region, "")
            copied = backfilled(record, about(registry, trusted.organization, None), trusted.trust)
            if copied is not None:
                yield self._send(replace(copied, notes=trusted.problems))


def _passed_over(record: Record) -> str | None:
    """Return why a call is skipped, or None if it is not."""
    if record.error is not None:
        return "the call failed"
    if record.owner != record.recipient:
        return "recorded for the caller: the owner's account has a record of its own"
    return None


def _unread(record: Record, problem: str) -> Alert:
    finding = Finding(Severity.MEDIUM, problem)
    about = f"ECR registry of account {record.owner} in {record.region}"
    because = "the register may trust the caller of a call, or its grantees"
    return Alert(Severity.MEDIUM, "trust register not read", about, record, (finding,), because)


def _unreadable(record: Record, subject: Subject, error: PolicyRefusedError) -> Alert:
    sentence = f"undecided: CloudTrail left the policy out, and ECR does not show it: {error}"
    finding = Finding(Severity.MEDIUM, sentence)
    found = News((finding,), Because.UNKNOWN)
    return replace(opening(record, subject, found), what=f"{subject.what} changed", link=look_at(subject))
