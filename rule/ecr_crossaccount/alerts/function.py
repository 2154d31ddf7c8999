"""One call from EventBridge to SNS: recorded, judged, compared with what was there before, told once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from .. import Severity
from ..config_rule import log
from ..config_rule.served import check_served
from .alert import Alert, opening
from .closing import closing, look_at
from .comparison import Because, Finding, Judged, Opened, everything, opened
from .errors import UnderWayError, UnsettledError
from .live import Clients, Live, PolicyRefusedError
from .memory import KEPT, Claim, Memory, Remembered
from .record import Record
from .sender import Sender
from .settings import Settings, Writes
from .subject import Change, Stated, Subject, about, asks_for_tags, change_of, judged
from .trusting import Trusted, Trusting
from .writes import Covered, covered, is_write_from_outside, window_of, written

_ATTEMPTS = 3
"""How often a change is compared anew because others of the same policy came in between."""


class Alerts:
    """The function; to be kept for the life of a container. `now` returns the time in UTC."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now
        self._live = Live(clients)
        self._memory = Memory(clients("dynamodb"), settings.table)
        self._sender = Sender(clients("sns"), settings.topic)
        self._trusting = Trusting(settings.lists, clients)

    def handle(self, event: Mapping[str, object], context: object) -> dict[str, object]:
        """Answer an event: how many alarms were sent, or why it was passed over. Raises what Lambda is to try again."""
        with log.bound(requestId=getattr(context, "aws_request_id", None)), log.failures():
            record = Record.parse(event)
            with log.bound(eventId=record.id, call=record.name, account=record.owner):
                check_served({"accountId": record.recipient}, context)
                return self._answered(record)

    def _answered(self, record: Record) -> dict[str, object]:
        reason = _passed_over(record)
        if reason is None and not self._is_ours(f"EVENT#{record.id}"):
            reason = "told before"
        if reason is not None:
            log.info("call passed over", reason=reason)
            return {"passedOver": reason}
        sent = sum(1 for _ in self._told(record))
        self._memory.confirm(f"EVENT#{record.id}", self._now() + KEPT)
        return {"sent": sent}

    def _is_ours(self, key: str) -> bool:
        """Claim something that is to be dealt with once. Raises UnderWayError where somebody is at it."""
        claim = self._memory.claim(key, self._now())
        if claim is Claim.UNDER_WAY:
            raise UnderWayError("another invocation is at work on this: Lambda tries again")
        return claim is Claim.TAKEN

    def _told(self, record: Record) -> Iterator[Alert]:
        """Send what there is to tell of a call, and yield it."""
        trusted = self._trusting.of(record.owner, self._now().date())
        if is_write_from_outside(record):
            yield from self._write(record, trusted)
        change = change_of(record)
        if change is not None:
            yield from self._change(record, change, trusted)

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
        if answer in told[self._settings.writes] and self._is_ours(window):
            yield self._send(written(record, answer, trusted.problem))
            self._memory.confirm(window, self._now() + self._settings.window)

    # --- policies ---

    def _change(self, record: Record, change: Change, trusted: Trusted) -> Iterator[Alert]:
        after = change.after
        if after is None:
            try:
                after = self._live.policy(change.subject)
            except PolicyRefusedError as error:
                yield self._send(_unreadable(record, change.subject, error))
        sent: set[str] = set()
        for _ in range(_ATTEMPTS):
            before = self._memory.last(change.subject.key)
            if before is not None and before.event == record.id:
                return
            if after is not None:
                for alert in self._compared(_Changed(record, change, before, after), trusted, sent):
                    sent.update(one.sentence for one in alert.findings)
                    yield self._send(alert)
            if self._remembered(record, change, before, after):
                return
        raise UnsettledError(f"the {change.subject.called} changes too fast to be compared: Lambda tries again")

    def _remembered(self, record: Record, change: Change, before: Remembered | None, after: Stated | None) -> bool:
        """Remember the later of two policies, or that nobody knows which one is."""
        if before is not None and before.at > change.at:
            return True
        in_order = before is None or before.at < change.at
        remembered = Remembered(record.id, change.at, after if in_order else None)
        return self._memory.remember(change.subject.key, remembered, before)

    def _compared(self, changed: _Changed, trusted: Trusted, sent: set[str]) -> Iterator[Alert]:
        subject = changed.change.subject
        asks = asks_for_tags(subject, changed.known, changed.after)
        repository = about(subject, trusted.organization, self._live.tags(subject) if asks else None)

        def judge(policy: Stated) -> Judged:
            return Judged(policy.text, judged(subject, policy, trusted.trust, repository))

        found = changed.opened(judge)
        log.info("policy judged", subject=subject.key, because=found.because.name, opened=len(found.findings))
        findings = tuple(one for one in found.findings if one.sentence not in sent)
        if findings:
            way = closing(subject, changed.known, changed.current, trusted.trust, repository)
            yield replace(
                opening(changed.record, subject, Opened(findings, found.because)),
                notes=() if trusted.problem is None else (trusted.problem,),
                command=way.command,
                effect=way.effect,
                link=look_at(subject),
            )


@dataclass(frozen=True, slots=True)
class _Changed:
    """A change, and the last one of the same policy that was seen before it."""

    record: Record
    change: Change
    before: Remembered | None
    after: Stated

    @property
    def known(self) -> Stated | None:
        """The policy that the last change left, None where nobody knows."""
        return None if self.before is None else self.before.policy

    @property
    def is_late(self) -> bool:
        """Tell whether a change was seen before this one that was not made before it, for all that is known."""
        return self.before is not None and self.before.at >= self.change.at

    @property
    def current(self) -> Stated:
        """The policy that is there now, for all that is known."""
        return self.known or self.after if self.is_late else self.after

    def opened(self, judge: Callable[[Stated], Judged]) -> Opened:
        """Return what is new. Where changes did not come in order, what each of them leaves open counts."""
        known = None if self.known is None else judge(self.known)
        after = judge(self.after)
        if not self.is_late:
            return opened(known, after)
        later = () if known is None else opened(after, known).findings
        return Opened(_merged(everything(after, Because.LATE).findings, later), Because.LATE)


def _merged(*parts: Iterable[Finding]) -> tuple[Finding, ...]:
    found = {one.sentence: one for part in parts for one in part}
    return tuple(sorted(found.values(), key=lambda one: -one.severity))


def _passed_over(record: Record) -> str | None:
    """Return why a call is none of ours, None if it is."""
    if record.error is not None:
        return "the call failed"
    if record.owner != record.recipient:
        return "recorded for the caller: the owner's account has a record of its own"
    return None


def _unreadable(record: Record, subject: Subject, error: PolicyRefusedError) -> Alert:
    sentence = f"undecided: CloudTrail left the policy out, and ECR does not show it: {error}"
    finding = Finding(Severity.MEDIUM, sentence)
    opened = Opened((finding,), Because.UNKNOWN)
    return replace(opening(record, subject, opened), what=f"{subject.kind.value} changed", link=look_at(subject))
