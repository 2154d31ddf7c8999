"""One call on its way from EventBridge to SNS: recorded, judged, compared with what was there before, reported once.

A write from outside the owner account is judged by the caller, the action, the repository, and whether trust covers it.
Problems of the register limit that trust.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from enum import Enum
from functools import partial
from typing import Self

from ...errors import AwsError
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.actions import access_of_names
from ...judgement.values.members import Members
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access, Severity
from ...memo import by_value
from ...sources.aws import log
from ...sources.aws.owner import Membership, membership_of
from ...sources.register.content import Location
from ...sources.register.lists import TrustSource
from ...sources.register.memory import InTable, changes
from ...sources.register.served import check_served
from ...sources.register.stores import FRESH, Clients, Held
from .alert import Alert, Because, Finding, News, Sender, look_at, opening
from .changes import PolicyCall, Record, Stated, Subject, change_of, list_of, make_repository, object_of, text_of
from .comparer import BACKFILL, AccountTrust, Comparer, backfill_alert
from .memory import KEPT, Live, Memory, PolicyRefusedError, Remembered, with_previous_policy


class Writes(Enum):
    """The writes from outside that are reported."""

    NONE = "None"
    UNTRUSTED = "Untrusted"
    ALL = "All"


@by_value
class Settings:
    """The function's settings. `parameters` are those of the rule, because rule and alarms must trust the same.

    `keep` is how long the last good version of the trust register counts while it cannot be read.
    """

    topic: str
    table: str
    parameters: Mapping[str, object]
    writes: Writes
    window: timedelta
    keep: timedelta

    @classmethod
    def parse(cls, environment: Mapping[str, str]) -> Self:
        """Read the environment. Raises KeyError or ValueError if the stack and the function do not match."""
        return cls(
            environment["TOPIC_ARN"],
            environment["TABLE_NAME"],
            json.loads(environment["RULE_PARAMETERS"]),
            Writes(environment["WRITES"]),
            timedelta(minutes=int(environment["WRITE_WINDOW_MINUTES"])),
            timedelta(hours=int(environment["TRUST_REGISTER_KEEP_HOURS"])),
        )


class TrustByAccount:
    """The trust of the stack for each account. Keep it for the life of a container. `now` returns the time in UTC."""

    def __init__(self, settings: Settings, clients: Clients, now: Callable[[], datetime]) -> None:
        self._clients = clients
        self._now = now
        self._looked_up: dict[str, tuple[datetime, Membership]] = {}
        store = partial(InTable, clients, settings.table)
        self._source = TrustSource(settings.parameters, now, store, clients=clients, kept=settings.keep)

    def trust_of_account(self, account: str) -> AccountTrust:
        """Return the current trust for an account's repositories. Raises TrustError, ClientError."""
        found = self._source.now()
        if found.held is not None:
            log.info("register read", **found.held.provenance, reason=found.held.detail)
        unread = None if found.held is None else _lacks(found.held)
        own = self._membership(account) if found.trust.names_self else Membership(None)
        problems = tuple(text for text in (unread, own.problem) if text)
        return AccountTrust(found.trust, found.told, found.held, found.memory, own.organization, problems, unread)

    def _membership(self, account: str) -> Membership:
        """Return the organization of `self`, as it was read in the last minutes.

        A denied lookup is not kept, so that a new permission counts at once.
        """
        moment, known = self._now(), self._looked_up.get(account)
        if known is not None and known[0] <= moment < known[0] + FRESH:
            return known[1]
        found = membership_of(self._clients("organizations"))
        if found.problem is None:
            self._looked_up[account] = moment, found
        return found


def _lacks(held: Held[Trust]) -> str | None:
    """Return why a register may be incomplete or outdated, or None if it is complete."""
    if held.problem is not None:
        return f"{held.problem}, so nobody is trusted by it"
    return held.unlisted or held.stale


WRITES = frozenset(
    {
        "BatchDeleteImage",
        "BatchImportUpstreamImage",
        "CreateRepository",
        "DeleteLifecyclePolicy",
        "DeletePullThroughCacheRule",
        "DeleteRepository",
        "DeleteRepositoryPolicy",
        "PutImage",
        "PutImageScanningConfiguration",
        "PutImageTagMutability",
        "PutLifecyclePolicy",
        "ReplicateImage",
        "SetRepositoryPolicy",
        "StartImageScan",
        "TagResource",
        "UntagResource",
        "UpdateImageStorageClass",
        "UpdatePullThroughCacheRule",
    }
)
"""The calls that complete a change. Layers alone change no image, so a push is recognized by its PutImage."""
_NAMED = 5
_LONGEST_NAME = 500
"""Characters. A key in DynamoDB has at most 2,048 bytes."""


class Covered(Enum):
    """Whether the register trusts a caller to write."""

    YES = "trusted"
    NO = "not trusted"
    UNKNOWN = "not known to be trusted"


def is_write_from_outside(record: Record) -> bool:
    """Return whether a caller outside the owner account has changed something. A caller without a name counts."""
    return record.name in WRITES and record.caller.account != record.owner


def check_trust(record: Record, trust: Trust, organization: str | None) -> Covered:
    """Return whether the register trusts the caller with the action.

    CloudTrail does not record the organization of an account. So if an organization or a path is trusted with the
    action, the list of members decides. Without a fresh list of that organization, the answer is unknown. The same is
    true of a service if the record does not say for which account it acts, as in replication.
    """
    account = record.caller.account
    naming = trust.naming(account or "", organization)
    circle = naming.about(record.repository or "*").circles(organization)[_access(record).rank]
    if account in circle.accounts:
        return Covered.YES
    if account is None:
        return Covered.UNKNOWN
    answers = {_is_below(account, name, trust.members) for name in (*circle.organizations, *circle.paths)}
    if True in answers:
        return Covered.YES
    return Covered.UNKNOWN if None in answers else Covered.NO


def _is_below(account: str, name: str, members: Members | None) -> bool | None:
    """Return whether an account is in an organization, or below a path, or None if the list does not say so."""
    if members is None or name.partition("/")[0] != members.organization:
        return None
    if "/" in name and members.paths.get(account, "") is None:
        return None
    return members.has(account, name)


def outside_write_alert(record: Record, answer: Covered, problems: tuple[str, ...]) -> Alert:
    """Return the alarm about a write. `problems` are reasons why too little may be trusted."""
    severity = _SEVERITY[answer]
    who = f"account {record.caller.account}" if record.caller.account else "someone whose account is not recorded"
    sentence = f"{who} ({answer.value} with {_access(record).value}) called {record.name}{_what(record)}"
    repository = f"ECR repository `{record.repository}`" if record.repository else "ECR registry"
    notes = (_MEMBERSHIP,) if answer is Covered.UNKNOWN and record.caller.account else ()
    return Alert(
        severity,
        f"{record.name} from outside",
        f"{repository} of account {record.owner} in {record.region}",
        record,
        (Finding(severity, sentence),),
        "someone outside the owner account wrote",
        (*notes, *problems),
    )


_SEVERITY = {Covered.YES: Severity.LOW, Covered.UNKNOWN: Severity.MEDIUM, Covered.NO: Severity.CRITICAL}
_MEMBERSHIP = "the register trusts an organization with this, and it is not known whether the account is in it"


def window_of(record: Record, answer: Covered) -> str:
    """Return the key of the claim that limits the alarms about a kind of write to one in each window."""
    caller = record.caller.account or f"{record.caller.service} {record.caller.identity}"[:_LONGEST_NAME]
    parts = (record.owner, record.region, record.repository or "", caller, record.name, answer.name)
    return "#".join(("WRITE", *parts))


def _access(record: Record) -> Access:
    found = access_of_names([f"ecr:{record.name}"])
    return max(found, key=lambda one: one.rank)


def _what(record: Record) -> str:
    """Return the images of a call, by tag and digest, as text."""
    images = [_image(object_of(record.response, "image").get("imageId")), _image(record.request)]
    images += [_image(one) for one in list_of(record.request, "imageIds")]
    named = list(dict.fromkeys(image for image in images if image))
    if not named:
        return ""
    more = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return f" on {', '.join(named[:_NAMED])}{more}"


def _image(value: object) -> str:
    if not isinstance(value, Mapping):
        return ""
    tag, digest = text_of(value, "imageTag"), text_of(value, "imageDigest")
    return "@".join(part for part in (tag, digest) if part)


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
        self._clients = clients
        self._memory = Memory(clients("dynamodb"), settings.table)
        self._sender = Sender(clients("sns"), settings.topic)
        self._trusting = TrustByAccount(settings, clients, now)

    def handle(self, event: Mapping[str, object], context: object) -> dict[str, object]:
        """Return how many alarms an event caused, or why it was skipped.

        Raises errors for which Lambda must try again.
        """
        with log.bind_fields(requestId=getattr(context, "aws_request_id", None)), log.failures():
            record = Record.parse(event)
            with log.bind_fields(eventId=record.id, call=record.name, account=record.owner):
                check_served({"accountId": record.recipient}, context)
                return self._answer_call(record)

    def _answer_call(self, record: Record) -> dict[str, object]:
        reason = _passed_over(record)
        if reason is None and not self._is_first(f"EVENT#{record.id}"):
            reason = "already reported, or reported by another invocation"
        if reason is not None:
            log.info("call skipped", reason=reason)
            return {"passedOver": reason}
        sent = sum(1 for _ in self._send_alerts(record))
        self._memory.confirm(f"EVENT#{record.id}", self._now() + KEPT)
        return {"sent": sent}

    def _is_first(self, key: str) -> bool:
        """Claim something that must be reported once, and return whether the claim succeeded.

        The holder of a claim reports it or fails. If it fails, Lambda retries the event after the claim has ended.
        """
        return self._memory.claim(key, self._now())

    def _send_alerts(self, record: Record) -> Iterator[Alert]:
        trusted = self._trusting.trust_of_account(record.owner)
        if trusted.held is not None and trusted.memory is not None and trusted.memory.changed is not None:
            changed = _register_changed(record, trusted.held.location, *trusted.memory.changed, self._now())
            yield self._send(changed, trusted)
            trusted.memory.take_change()
        if trusted.unread is not None and self._is_first(_REGISTER):
            yield self._send(_unread(record, trusted.unread), trusted)
            self._memory.confirm(_REGISTER, self._now() + self._settings.window)
        if is_write_from_outside(record):
            yield from self._write(record, trusted)
        change = change_of(record)
        if change is not None:
            yield from self._change(record, change, trusted)
        if record.name == BACKFILL:
            registry = Subject(Kind.REGISTRY, record.owner, record.region, "")
            copied = backfill_alert(record, make_repository(registry, trusted.organization, None), trusted.trust)
            if copied is not None:
                yield self._send(replace(copied, notes=trusted.problems), trusted)

    def _send(self, alert: Alert, trusted: AccountTrust) -> Alert:
        self._sender.send(replace(alert, trust=trusted.told))
        log.warning("alarm sent", severity=alert.severity.name, what=alert.what, about=alert.about)
        return alert

    def _write(self, record: Record, trusted: AccountTrust) -> Iterator[Alert]:
        answer = check_trust(record, trusted.trust, trusted.organization)
        log.info("written from outside", by=record.caller.account, repository=record.repository, trust=answer.value)
        told = {Writes.NONE: (), Writes.UNTRUSTED: (Covered.NO, Covered.UNKNOWN), Writes.ALL: tuple(Covered)}
        window = window_of(record, answer)
        if answer in told[self._settings.writes] and self._is_first(window):
            yield self._send(outside_write_alert(record, answer, trusted.problems), trusted)
            self._memory.confirm(window, self._now() + self._settings.window)

    def _change(self, record: Record, change: PolicyCall, trusted: AccountTrust) -> Iterator[Alert]:
        after = None
        try:
            after = self._live.policy_after(change)
        except PolicyRefusedError as error:
            yield self._send(_unreadable(record, change.subject, error), trusted)
        sent: set[str] = set()
        for _ in range(_ATTEMPTS):
            before = self._memory.last(change.subject.key)
            if before is None and not sent:
                change = with_previous_policy(change, self._clients)
            if before is not None and before.event == record.id:
                return
            if after is not None:
                yield from self._send_news(record, Comparer(self._live, trusted, change, before, after), sent)
            if self._remember_policy(record, change, before, after):
                return
        raise AwsError(f"the {change.subject.called} changes too fast to be compared: Lambda retries")

    def _send_news(self, record: Record, comparer: Comparer, sent: set[str]) -> Iterator[Alert]:
        """Send what is new. `sent` has the findings that were already sent for this call, and is updated."""
        found = comparer.find_news()
        findings = tuple(finding for finding in found.findings if finding.sentence not in sent)
        log.info("policy judged", subject=comparer.change.subject.key, because=found.because.name, opened=len(findings))
        if findings:
            sent.update(finding.sentence for finding in findings)
            yield self._send(comparer.alert(record, News(findings, found.because)), comparer.trusted)

    def _remember_policy(
        self, record: Record, change: PolicyCall, before: Remembered | None, after: Stated | None
    ) -> bool:
        """Remember the later policy, or that it is unknown which one is later.

        Return False if another change came in between. The caller must then compare again.
        """
        if before is not None and before.at > change.at:
            return True
        in_order = before is None or before.at < change.at
        remembered = Remembered(record.id, change.at, after if in_order else None)
        return self._memory.remember(change.subject.key, remembered, before)


def _passed_over(record: Record) -> str | None:
    if record.error is not None:
        return "the call failed"
    if record.owner != record.recipient:
        return "recorded for the caller: the owner's account has a record of its own"
    return None


_BECAUSE = "the trust register is not the one that counted when this function read it last"
_CALLER = "the caller above made the call that this function judged, and need not be the one who wrote the register"


def _register_changed(
    record: Record, location: Location, before: Trust | None, after: Trust, moment: datetime
) -> Alert:
    """Return the alarm about a register that has changed: its writer decides what all other alarms leave out."""
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


def _unread(record: Record, problem: str) -> Alert:
    finding = Finding(Severity.MEDIUM, problem)
    about = f"ECR registry of account {record.owner} in {record.region}"
    because = "the register may trust the caller of a call, or its grantees"
    return Alert(Severity.MEDIUM, "trust register not read", about, record, (finding,), because)


def _unreadable(record: Record, subject: Subject, error: PolicyRefusedError) -> Alert:
    sentence = f"undecided: CloudTrail left the policy out, and ECR does not show it: {error}"
    finding = Finding(Severity.MEDIUM, sentence)
    found = News((finding,), Because.UNKNOWN)
    return replace(opening(record, subject, found), what=f"{subject.handling.noun} changed", link=look_at(subject))
