"""SARIF 2.1.0: the parts that the logs of files and of an account share. Rules with help, levels, fingerprints.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Sequence

from ....judgement.values.verdict import Severity
from ....sources.check.results import Result
from ....sources.check.rules import RULES, Rule
from ..base import documentation
from ..base.json_text import written
from ..base.program import PROGRAM, version
from ..base.visible import visible
from .words import what_is_left

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""GitHub calls a rule critical above 9.0, high from 7.0, and medium from 4.0."""

Json = dict[str, object]


def log(results: Sequence[Json], notifications: Sequence[Json], *, read: bool, **about: object) -> str:
    """Return a log with one run. `read` says whether everything could be read."""
    run: Json = {
        "tool": {"driver": _driver()},
        **about,
        "results": results,
        "invocations": [{"executionSuccessful": read, "toolExecutionNotifications": notifications}],
    }
    return written({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _driver() -> Json:
    found = version()
    number: Json = {"semanticVersion": found} if found else {}
    page = documentation.home()
    about: Json = {"informationUri": page} if page else {}
    return {"name": PROGRAM, **number, **about, "rules": [_rule(rule) for rule in RULES]}


def _rule(rule: Rule) -> Json:
    page = documentation.address(rule)
    about: Json = {"helpUri": page} if page else {}
    return {
        "id": rule.id,
        "name": "".join(word.capitalize() for word in rule.id.split("-")),
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": f"{rule.title}. {rule.why}"},
        **about,
        "help": {"text": f"{rule.why}\n\nAvoid: {rule.avoid}\nPrefer: {rule.prefer}", "markdown": _help(rule)},
        "defaultConfiguration": {"level": LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "external/cwe/cwe-732"],
            "precision": "high",
            "security-severity": SCORES[rule.severity],
            "problem.severity": "recommendation" if rule.severity is Severity.LOW else "error",
        },
    }


def _help(rule: Rule) -> str:
    examples = (("Avoid", rule.avoid), ("Prefer", rule.prefer))
    return "\n".join([rule.why, *(f"\n**{word}**\n\n```json\n{text}\n```" for word, text in examples), ""])


def result_of(result: Result, location: Json, **more: object) -> Json:
    """Return a finding at a location."""
    return {
        "ruleId": result.rule.id,
        "ruleIndex": RULES.index(result.rule),
        "level": LEVELS[result.severity],
        "message": {"text": _text(result)},
        "locations": [location],
        "partialFingerprints": {"ecrCrossaccount/v1": result.fingerprint},
        **_accepted(result),
        **more,
        "properties": _properties(result),
    }


def _accepted(result: Result) -> Json:
    """Return why a result does not count: it is suppressed in the source, or an earlier run found it too."""
    suppression = result.suppression
    if suppression is not None:
        reason = visible(f"{suppression.reason} (until {suppression.until})")
        return {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": reason}]}
    if result.finding.known is not None:
        return {"baselineState": "unchanged" if result.accepted else "new"}
    return {}


def _text(result: Result) -> str:
    """Return the message. Brackets and braces are escaped, because they would be links and placeholders."""
    lines = [result.message]
    if result.grant is not None:
        witness = result.grant.witness
        lines.append(f"For instance {witness.principal} may call {witness.action}.")
    if result.finding.under_rcps is not None:
        lines.append(f"Under the resource control policies, {what_is_left(result.finding.under_rcps)}.")
    text = "\n".join(visible(line) for line in lines)
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")


def _properties(result: Result) -> Json:
    grant = result.grant
    known: Json = {"severity": result.severity.name, "resourceKind": result.finding.found.kind.value}
    if result.own_statement is not None:
        known |= {"statement": result.own_statement, "document": result.document.value}
    if result.finding.under_rcps is not None:
        known["underRcp"] = result.finding.under_rcps.to_json()
    if grant is not None:
        known |= {
            "grantee": grant.grantee,
            "access": [one.value for one in grant.access],
            "public": grant.public,
        }
    return known


def notification(level: str, locations: Sequence[Json], reason: str) -> Json:
    """Return the notification about an item that was not judged."""
    return {"level": level, "message": {"text": f"not judged: {visible(reason)}"}, "locations": locations}


def remark(locations: Sequence[Json], message: str) -> Json:
    """Return the notification about a whole run whose findings do not all count."""
    return {"level": "warning", "message": {"text": visible(message)}, "locations": locations}
