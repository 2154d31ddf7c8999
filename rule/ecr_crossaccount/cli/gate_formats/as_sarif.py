"""SARIF 2.1.0, as GitHub code scanning takes it: rules with help, places, fingerprints that outlive a moved line.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from ...access.verdict import Severity
from ...gate.findings import Report
from ...gate.found import Place
from ...gate.results import Result, faults_of, results_of
from ...gate.rewrite import Rewrite
from ...gate.rules import RULES, Rule
from .. import documentation
from ..json_text import written
from ..main import PROGRAM, version
from ..visible import visible
from .fixes import Fixes
from .names import relative

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {
    Severity.CRITICAL: "error",
    Severity.HIGH: "error",
    Severity.MEDIUM: "warning",
    Severity.LOW: "note",
}
_SCORES = {Severity.CRITICAL: "9.5", Severity.HIGH: "8.0", Severity.MEDIUM: "5.5", Severity.LOW: "2.5"}
"""GitHub calls a rule critical above 9.0, high from 7.0 on, medium from 4.0 on."""

Json = dict[str, object]


def render(report: Report) -> str:
    """Return `report` as one SARIF log."""
    fixes = Fixes()
    run: Json = {
        "tool": {"driver": _driver()},
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, fixes) for one in results_of(report)],
        "invocations": [_invocation(report)],
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return written(log)


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
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {
            "tags": ["security", "external/cwe/cwe-732"],
            "precision": "high",
            "security-severity": _SCORES[rule.severity],
            "problem.severity": "recommendation" if rule.severity is Severity.LOW else "error",
        },
    }


def _help(rule: Rule) -> str:
    examples = (("Avoid", rule.avoid), ("Prefer", rule.prefer))
    return "\n".join([rule.why, *(f"\n**{word}**\n\n```json\n{text}\n```" for word, text in examples), ""])


def _result(result: Result, fixes: Fixes) -> Json:
    return {
        "ruleId": result.rule.id,
        "ruleIndex": RULES.index(result.rule),
        "level": _LEVELS[result.severity],
        "message": {"text": _text(result)},
        "locations": [{**_location(result.at), "logicalLocations": [_logical(result)]}],
        "partialFingerprints": {"ecrCrossaccount/v1": result.fingerprint},
        **_accepted(result),
        **_fixes(fixes.of(result.finding)),
        "properties": _properties(result),
    }


def _accepted(result: Result) -> Json:
    """Return why a result does not count: somebody has suppressed it in the source, or an earlier run had found it."""
    suppression = result.finding.suppression_of(result.statement)
    if suppression is not None:
        reason = visible(f"{suppression.reason} (until {suppression.until})")
        return {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": reason}]}
    if result.finding.baseline:
        return {"baselineState": "unchanged" if result.accepted else "new"}
    return {}


def _fixes(fix: Rewrite | None) -> Json:
    """Return the tightened policy as what to write in place of the one that stands there."""
    if fix is None:
        return {}
    region = {**_region(fix.start), "endLine": fix.end_line, "endColumn": fix.end_column}
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": _uri(fix.start.file)}, "replacements": [replacement]}
    text = "The narrowest policy that keeps what is trusted, as `ecr-crossaccount plan` prints it."
    return {"fixes": [{"description": {"text": text}, "artifactChanges": [change]}]}


def _text(result: Result) -> str:
    """Return the message; brackets would make links in it, and braces placeholders."""
    lines = [result.message]
    if result.grant is not None:
        witness = result.grant.witness
        lines.append(f"For instance {witness.principal} may call {witness.action}.")
    text = "\n".join(visible(line) for line in lines)
    return text.replace("\\", "\\\\").replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")


def _location(at: Place) -> Json:
    return {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(at.file)},
            "region": _region(at),
        }
    }


def _region(at: Place) -> Json:
    return {"startLine": at.line, "startColumn": at.column}


def _uri(file: str) -> str:
    name = relative(file)
    uri = quote(name, safe="/~", errors="surrogateescape")
    return f"file://{uri}" if name.startswith("/") else uri


def _logical(result: Result) -> Json:
    return {"name": visible(result.finding.found.resource), "kind": "resource"}


def _properties(result: Result) -> Json:
    grant = result.grant
    known: Json = {"severity": result.severity.name, "resourceKind": result.finding.found.kind.value}
    if result.statement is not None:
        known["statement"] = result.statement
    if grant is not None:
        known |= {
            "grantee": grant.grantee,
            "access": [one.value for one in grant.access],
            "public": grant.public,
        }
    return known


def _invocation(report: Report) -> Json:
    unread = (
        _notification("error", [Place(one.file, one.line or 1) for one in fault.errors], fault.message)
        for fault in faults_of(report)
    )
    unjudged = (
        _notification("warning", [Place(one.file, one.line, one.column)], f"{one.resource}: {one.reason}")
        for one in report.unjudged
    )
    return {"executionSuccessful": not report.errors, "toolExecutionNotifications": [*unread, *unjudged]}


def _notification(level: str, places: Iterable[Place], reason: str) -> Json:
    locations = [_location(at) for at in places]
    return {"level": level, "message": {"text": f"not judged: {visible(reason)}"}, "locations": locations}
