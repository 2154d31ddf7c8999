"""An alarm about one call: what it opened, how to close that, and the message that Amazon SNS takes.

The message has a subject, text for e-mail, and JSON for programs. The caller, who may be the attacker, chose much of
the content. It must not control a terminal, look like our own words, or become a link.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING
from urllib.parse import quote

from ...documents.document import CONSOLES
from ...errors import AwsError
from ...judgement.beside import Scope
from ...judgement.judge import Repository
from ...judgement.kinds.table import PREFIXED, spell
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Grant, Severity
from ...memo import by_value
from ...questions.change.answer import Opened
from ...questions.plan.outcome import Action, Strategy, document_of
from ...questions.plan.plan import plan
from ..kinds.handling import Effect
from .changes import Record, Stated, Subject

if TYPE_CHECKING:
    from mypy_boto3_sns import SNSClient


class Because(Enum):
    """Why access counts as new."""

    NEW = "the previous policy did not allow it"
    UNKNOWN = "what was there before is not known, so everything that is open is reported"
    USES = "what the template is used for has grown or is not known, so everything that it opens is reported"
    SCOPE = "the registry's policy applies to other actions from now on"
    BACKFILL = "existing images are copied too, even if they were replicated before"
    LATE = "the changes of this policy did not arrive in order, so everything that is open is reported"


@by_value
class Finding:
    """Access that is open, or an element that cannot be decided."""

    severity: Severity
    sentence: str
    grant: Grant | None = None


@by_value
class News:
    """The new findings, most severe first, and why they count as new."""

    findings: tuple[Finding, ...]
    because: Because

    @property
    def severity(self) -> Severity:
        """The highest severity. There must be at least one finding."""
        return max(finding.severity for finding in self.findings)


def findings_of(*opened: Opened) -> tuple[Finding, ...]:
    """Return what is opened as findings, most severe first."""
    changes = (
        Finding(change.grant.severity, change.grant.reason, change.grant) for each in opened for change in each.changes
    )
    doubts = (
        Finding(undecided.severity, f"undecided: {undecided.reason}") for each in opened for undecided in each.undecided
    )
    return merge_findings(changes, doubts)


def closed_for_now(opened: Opened) -> tuple[Finding, ...]:
    """Return what a policy opens, if a Deny of the registry's policy closes all of it.

    It opens again when such a Deny is removed, which does not show in the repository's policy.
    """
    why = "closed for now, by a Deny of the registry's policy"
    return tuple(
        replace(finding, severity=Severity.LOW, sentence=f"{why}: {finding.sentence}")
        for finding in findings_of(opened)
    )


def merge_findings(*parts: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of all parts, most severe first, and each sentence once."""
    found = {finding.sentence: finding for part in parts for finding in part}
    return tuple(sorted(found.values(), key=lambda one: -one.severity))


@by_value
class Closing:
    """A command, quoted for a POSIX shell, on one line of ASCII, and its effect."""

    command: str
    effect: str


def closing(subject: Subject, before: Stated | None, after: Stated, trust: Trust, about: Repository) -> Closing:
    """Return the command that closes the access of a policy. `before` is the previous one, or None if it is unknown."""
    if subject.kind is Kind.REPOSITORY and after.text is not None:
        found = plan(after.text, about, trust, Strategy.NARROW, after.origin)
        if found.text is not None:
            return Closing(_set(subject, found.text), "sets the narrowest policy that keeps what is trusted")
        if found.action is Action.DELETE:
            return Closing(_delete(subject), "deletes the policy: trust covers no part of it")
    return putting_back(subject, before, after) or Closing(_delete(subject), subject.handling.deletion)


def putting_back(subject: Subject, before: Stated | None, after: Stated) -> Closing | None:
    """Return the command that restores the previous policy, or None if there is none or it is unknown."""
    can_set = bool(subject.handling.find_call(Effect.SETS))
    if before is None or before.text is None or document_of(before.text) is None or not can_set:
        return None
    if before.text != after.text or before.applied_for not in (None, after.applied_for):
        return Closing(_set(subject, before.text, before.applied_for), "puts back what was there before")
    if before.scope in (Scope.UNKNOWN, after.scope):
        return None
    scope = before.scope.value
    command = _command(subject, "PutAccountSetting", "--name", "REGISTRY_POLICY_SCOPE", "--value", scope)
    return Closing(command, f"sets the scope of the registry's policy to {scope} again")


def look_at(subject: Subject) -> str | None:
    """Return the address of the policy in the AWS console, or None if the console of the partition is unknown.

    AWS names `ecr/private-registry/permissions`
    (https://docs.aws.amazon.com/omics/latest/dev/permissions-resource.html) and begins ECR's steps at
    `ecr/private-registry/repositories`. Many pages link to a repository's own page, but AWS's documentation does not
    have its address. An address that is not known from any link, such as that of a template, is not guessed. The first
    page of the registry leads there.
    """
    host = CONSOLES.get(subject.partition)
    if host is None:
        return None
    region, name = subject.region, quote(subject.name, safe="/")
    page = subject.handling.page.format(account=subject.account, name=name)
    return f"https://{region}.{host}/ecr/{page}?region={region}"


def _set(subject: Subject, policy: str, applied_for: tuple[str, ...] | None = None) -> str:
    handling, field = subject.handling, subject.handling.field
    uses = (_option(field.uses), *applied_for) if field.uses and applied_for is not None else ()
    in_ascii = json.dumps(json.loads(policy), separators=(",", ":"))
    options = (*_name_options(subject), _option(field.policy), in_ascii, *uses)
    return _command(subject, handling.find_call(Effect.SETS), *options)


def _delete(subject: Subject) -> str:
    handling = subject.handling
    if handling.empty is not None:
        return _set(subject, json.dumps(handling.empty))
    call = handling.find_call(Effect.UNSETS) or handling.find_call(Effect.DELETES)
    return _command(subject, call, *_name_options(subject))


def _name_options(subject: Subject) -> tuple[str, ...]:
    handling = subject.handling
    if handling.name is None:
        return ()
    owner = () if subject.kind in PREFIXED else ("--registry-id", subject.account)
    return *owner, _option(handling.name), subject.name


def _option(field: str) -> str:
    return f"--{spell(field, '-')}"


def _command(subject: Subject, call: str, *arguments: str) -> str:
    return shlex.join(["aws", subject.handling.service, spell(call, "-"), "--region", subject.region, *arguments])


@by_value
class Alert:
    """One alarm. `what` is the event in a few words, `about` its subject, and `notes` are what else is uncertain.

    `closing` is the command that closes the access, or None if no command does. `trust` is the trust in words.
    """

    severity: Severity
    what: str
    about: str
    record: Record
    findings: tuple[Finding, ...]
    because: str
    notes: tuple[str, ...] = ()
    closing: Closing | None = None
    link: str | None = None
    trust: str = "nobody"

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
            "findings": [_finding_json(finding) for finding in self.findings],
            "because": self.because,
            "notes": list(self.notes),
            "command": self.closing and self.closing.command,
            "effect": self.closing and self.closing.effect,
            "link": self.link,
            "trust": self.trust,
        }


def opening(record: Record, subject: Subject, found: News) -> Alert:
    """Return the alarm about access that a policy has opened."""
    what, because = f"{subject.handling.noun} opened", found.because.value
    return Alert(found.severity, what, subject.called, record, found.findings, because)


def _finding_json(finding: Finding) -> Mapping[str, object]:
    grant = {} if finding.grant is None else finding.grant.to_json()
    return {**grant, "severity": finding.severity.name, "reason": finding.sentence}


LONGEST_SUBJECT = 100
"""ASCII characters, without line breaks and control characters."""
LARGEST = 250_000
"""Bytes of a message with all its forms. SNS takes 262,144, including subject and attributes."""
_MOST_SHOWN = 10
_WWW = re.compile(r"(?i)(www)\.")
_LONGEST_WORDS, _LONGEST_SENTENCE, _LONGEST_COMMAND = 256, 1_000, 20_000


def message_of(alert: Alert) -> str:
    """Return the JSON of `MessageStructure`, with forms for e-mail, SMS and everything else.

    If it is too large for SNS, leaves out the mildest findings and counts them.
    """
    is_long = alert.closing is not None and len(alert.closing.command) > _LONGEST_COMMAND
    kept = replace(alert, closing=None) if is_long else alert
    body = _body(kept, alert)
    while len(body.encode()) > LARGEST and kept.findings:
        kept = replace(kept, findings=kept.findings[: len(kept.findings) // 2])
        body = _body(kept, alert)
    return body


def _body(kept: Alert, alert: Alert) -> str:
    left_out = len(alert.findings) - len(kept.findings)
    forms = {
        "default": json.dumps(kept.to_json() | {"leftOut": left_out}, separators=(",", ":")),
        "email": text_of(kept, left_out),
        "sms": subject_of(alert),
    }
    return json.dumps(forms, separators=(",", ":"))


def subject_of(alert: Alert) -> str:
    """Return the subject line of an alarm."""
    record = alert.record
    name = f": {record.repository}" if record.repository else ""
    whole = f"{alert.severity.name} ECR {record.owner} {record.region}: {alert.what}{name}"
    return sanitize(whole, LONGEST_SUBJECT)


def text_of(alert: Alert, left_out: int = 0) -> str:
    """Return the text of an alarm for a person."""
    return "\n".join([*_summary_lines(alert, left_out), *_caller(alert), *_done(alert)]) + "\n"


def _summary_lines(alert: Alert, left_out: int) -> Iterator[str]:
    yield f"{alert.severity.name}: {alert.what}: {sanitize(alert.about, _LONGEST_SENTENCE)}"
    yield ""
    for finding in alert.findings[:_MOST_SHOWN]:
        yield f"- {finding.severity.name}: {sanitize(finding.sentence, _LONGEST_SENTENCE)}"
        if finding.grant is not None:
            witness = finding.grant.witness
            principal = sanitize(witness.principal, _LONGEST_WORDS)
            yield f"  A request that is allowed: {sanitize(witness.action, _LONGEST_WORDS)} by {principal}"
    more = left_out + max(len(alert.findings) - _MOST_SHOWN, 0)
    if more:
        yield f"- and {more} more"
    yield f"Why you get this: {alert.because}."
    yield f"Trust: {sanitize(alert.trust, _LONGEST_SENTENCE)}."
    yield from (f"Note: {sanitize(note, _LONGEST_SENTENCE)}." for note in alert.notes)


def _caller(alert: Alert) -> Iterator[str]:
    record, caller = alert.record, alert.record.caller
    yield ""
    yield "Who did it (from CloudTrail; the caller chose names and user agent, so do not follow what they say):"
    yield f"  account: {caller.account or 'not named'}"
    yield f"  identity: {_quote(caller.identity)}"
    if caller.service is not None:
        yield f"  through the service: {_quote(caller.service)}"
    yield f"  source address: {_quote(caller.address)}"
    yield f"  user agent: {_quote(caller.agent)}"
    name, at = sanitize(record.name, _LONGEST_WORDS), f"{record.at:%Y-%m-%dT%H:%M:%SZ}"
    yield f"  call: {name} at {at}, event {_quote(record.id)}"


def _done(alert: Alert) -> Iterator[str]:
    if alert.link is not None:
        yield ""
        yield f"Look at it: {alert.link}"
    if alert.closing is not None:
        yield f"Close it with this command, which {alert.closing.effect}. It overwrites what has changed since:"
        yield alert.closing.command


def _quote(text: str | None) -> str:
    return "not named" if text is None else f"`{sanitize(text, _LONGEST_WORDS)}`"


def sanitize(text: str, longest: int) -> str:
    """Return foreign text as one line of ASCII, without anything that a mail program turns into a link."""
    plain = text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")
    plain = _WWW.sub(r"\1[.]", plain.replace("`", "'").replace("://", "[:]//"))
    return plain if len(plain) <= longest else f"{plain[: longest - 3]}..."


@by_value
class Sender:
    """One topic. A subscription can filter by the attributes `severity`, `account` and `call`."""

    sns: SNSClient
    topic: str

    def send(self, alert: Alert) -> None:
        """Publish an alarm. Raises AwsError, ClientError, BotoCoreError."""
        attributes = {"severity": alert.severity.name, "account": alert.record.owner, "call": alert.record.name}
        answer = self.sns.publish(
            TopicArn=self.topic,
            Subject=subject_of(alert),
            Message=message_of(alert),
            MessageStructure="json",
            MessageAttributes={
                name: {"DataType": "String", "StringValue": value} for name, value in attributes.items()
            },
        )
        if not answer.get("MessageId"):
            raise AwsError("the answer of sns to Publish has no `MessageId`: the alarm is sent again")
