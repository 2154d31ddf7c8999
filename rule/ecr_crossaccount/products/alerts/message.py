"""An alarm in the form that Amazon SNS takes: a subject, text for e-mail, and JSON for programs.

The caller, who may be the attacker, chose much of the content. It must not control a terminal, look like our own words,
or become a link.
https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from .alert import Alert
from .comparison import Finding

LONGEST_SUBJECT = 100
"""ASCII characters, without line breaks and control characters."""
LARGEST = 250_000
"""Bytes of a message with all its forms. SNS takes 262,144, including subject and attributes."""
_MOST_SHOWN = 10
_WWW = re.compile(r"(?i)(www)\.")
_LONGEST_WORDS, _LONGEST_SENTENCE, _LONGEST_COMMAND = 256, 1_000, 20_000


@dataclass(frozen=True, slots=True)
class Message:
    """The published message.

    `body` is the JSON of `MessageStructure`, with forms for e-mail, SMS and everything else.
    """

    subject: str
    body: str


def message_of(alert: Alert) -> Message:
    """Return an alarm as a message within the limits of SNS.

    If necessary, leaves out the mildest findings and counts them.
    """
    is_long = alert.command is not None and len(alert.command) > _LONGEST_COMMAND
    kept = replace(alert, command=None, effect=None) if is_long else alert
    body = _body(kept, alert)
    while len(body.encode()) > LARGEST and kept.findings:
        kept = replace(kept, findings=kept.findings[: len(kept.findings) // 2])
        body = _body(kept, alert)
    return Message(subject_of(alert), body)


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
    return shown(whole, LONGEST_SUBJECT)


def text_of(alert: Alert, left_out: int = 0) -> str:
    """Return the text of an alarm for a person."""
    return "\n".join([*_told(alert, left_out), *_caller(alert), *_done(alert)]) + "\n"


def _told(alert: Alert, left_out: int) -> Iterator[str]:
    yield f"{alert.severity.name}: {alert.what}: {shown(alert.about, _LONGEST_SENTENCE)}"
    yield ""
    for finding in alert.findings[:_MOST_SHOWN]:
        yield from _finding_json(finding)
    more = left_out + max(len(alert.findings) - _MOST_SHOWN, 0)
    if more:
        yield f"- and {more} more"
    yield f"Why you get this: {alert.because}."
    yield from (f"Note: {shown(note, _LONGEST_SENTENCE)}." for note in alert.notes)


def _finding_json(finding: Finding) -> Iterator[str]:
    yield f"- {finding.severity.name}: {shown(finding.sentence, _LONGEST_SENTENCE)}"
    if finding.grant is not None:
        witness = finding.grant.witness
        principal = shown(witness.principal, _LONGEST_WORDS)
        yield f"  A request that is allowed: {shown(witness.action, _LONGEST_WORDS)} by {principal}"


def _caller(alert: Alert) -> Iterator[str]:
    record, caller = alert.record, alert.record.caller
    yield ""
    yield "Who did it (from CloudTrail; the caller chose names and user agent, so do not follow what they say):"
    yield f"  account: {caller.account or 'not named'}"
    yield f"  identity: {_quoted(caller.identity)}"
    if caller.service is not None:
        yield f"  through the service: {_quoted(caller.service)}"
    yield f"  source address: {_quoted(caller.address)}"
    yield f"  user agent: {_quoted(caller.agent)}"
    yield f"  call: {shown(record.name, _LONGEST_WORDS)} at {record.at:%Y-%m-%dT%H:%M:%SZ}, event {_quoted(record.id)}"


def _done(alert: Alert) -> Iterator[str]:
    if alert.link is not None:
        yield ""
        yield f"Look at it: {alert.link}"
    if alert.command is not None:
        yield f"Close it with this command, which {alert.effect}. It overwrites what has changed since:"
        yield alert.command


def _quoted(text: str | None) -> str:
    return "not named" if text is None else f"`{shown(text, _LONGEST_WORDS)}`"


def shown(text: str, longest: int) -> str:
    """Return foreign text as one line of ASCII, without anything that a mail program turns into a link."""
    plain = text if text.isascii() and text.isprintable() else text.encode("unicode_escape").decode("ascii")
    plain = _WWW.sub(r"\1[.]", plain.replace("`", "'").replace("://", "[:]//"))
    return plain if len(plain) <= longest else f"{plain[: longest - 3]}..."
