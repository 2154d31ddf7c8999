"""SARIF 2.1.0: the parts that the logs of files and of an account share, and the log of files.

The log of files is for GitHub code scanning: places, and a fix if a policy is in the file as written.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from urllib.parse import quote

from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.verdict import Severity
from ....questions.plan.outcome import Action
from ....sources.check.findings import Finding, Report, text_of_file
from ....sources.check.results import Result, faults_of, results_in, results_of, with_accepted
from ....sources.check.rewrite import Rewrite, rewrite
from ....sources.check.rules import RULES, Rule
from ....sources.files.values.nodes import Place
from ..base import documentation
from ..base.json_text import render_json
from ..base.program import PROGRAM, version, visible
from .check_reports import relative
from .text import what_is_left

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
    return render_json({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


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
    found = row(result.rule, _text(result), location, result.fingerprint)
    return {**found, **_acceptance(result), **more, "properties": _properties(result)}


def row(rule: Rule, lines: Sequence[str], location: Json, fingerprint: str) -> Json:
    """Return what breaks a rule at a location.

    Brackets and braces of the message are escaped, because they would be links and placeholders.
    """
    text = "\n".join(map(visible, lines)).replace("\\", "\\\\")
    return {
        "ruleId": rule.id,
        "ruleIndex": RULES.index(rule),
        "level": LEVELS[rule.severity],
        "message": {"text": text.replace("[", "\\[").replace("]", "\\]").replace("{", "{{").replace("}", "}}")},
        "locations": [location],
        "partialFingerprints": {"ecrCrossaccount/v1": fingerprint},
    }


def _acceptance(result: Result) -> Json:
    """Return why a result does not count: it is suppressed in the source, or an earlier run found it too."""
    suppression = result.suppression
    if suppression is not None:
        reason = visible(f"{suppression.reason} (until {suppression.until})")
        return {"suppressions": [{"kind": "inSource", "status": "accepted", "justification": reason}]}
    if result.finding.known is not None:
        return {"baselineState": "unchanged" if result.accepted else "new"}
    return {}


def _text(result: Result) -> list[str]:
    lines = [result.message]
    if result.grant is not None:
        witness = result.grant.witness
        lines.append(f"For instance {witness.principal} may call {witness.action}.")
    if result.finding.under_rcps is not None:
        lines.append(f"Under the resource control policies, {what_is_left(result.finding.under_rcps)}.")
    return lines


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


def fix_of(finding: Finding, text_of: Callable[[str], str] = text_of_file) -> Rewrite | None:
    """Return the replacement for the policy of a finding, or None if it cannot be determined from here."""
    found = finding.found
    # A plan cannot narrow a template's policies of other kinds.
    if found.kind is not Kind.REPOSITORY or found.otherwise or not isinstance(found.policy, dict):
        return None
    text = "" if finding.state.owners is not None else text_of(found.at.file)
    if not text:
        return None
    planned = finding.plan()
    if planned.action is not Action.SET or planned.policy is None:
        return None
    return rewrite(text, found.at, found.policy, planned.policy)


def as_sarif(report: Report) -> str:
    """Return `report` as one SARIF log."""
    results = [*_results(report)]
    return log(results, [*_notifications(report)], read=not report.errors, columnKind="unicodeCodePoints")


def _results(report: Report) -> Iterator[Json]:
    text_of = cache(text_of_file)
    for finding in report.findings:
        results = [*results_in(finding)]
        # What the registry policy grants, another policy of the repository does not close.
        is_own = not all(result.is_elsewhere for result in results)
        fixes = _fixes(fix_of(finding, text_of) if is_own else None)
        for result in results:
            logical = {"name": visible(finding.found.resource), "kind": "resource"}
            where = {**_location(result.at), "logicalLocations": [logical]}
            yield result_of(result, where, **_related_location(result), **({} if result.is_elsewhere else fixes))


def _related_location(result: Result) -> Json:
    stated = result.stated
    if stated is None:
        return {}
    return {"relatedLocations": [{**_location(stated.at), "message": {"text": "the statement of the registry policy"}}]}


def _fixes(fix: Rewrite | None) -> Json:
    if fix is None:
        return {}
    region = {**_region(fix.start), "endLine": fix.end_line, "endColumn": fix.end_column}
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": _uri(fix.start.file)}, "replacements": [replacement]}
    text = "The narrowest policy that keeps what is trusted, as `ecr-crossaccount plan` prints it."
    return {"fixes": [{"description": {"text": text}, "artifactChanges": [change]}]}


def _location(at: Place) -> Json:
    return {"physicalLocation": {"artifactLocation": {"uri": _uri(at.file)}, "region": _region(at)}}


def _region(at: Place) -> Json:
    return {"startLine": at.line, "startColumn": at.column}


def _uri(file: str) -> str:
    name = relative(file)
    uri = quote(name, safe="/~", errors="surrogateescape")
    return f"file://{uri}" if name.startswith("/") else uri


def _notifications(report: Report) -> Iterator[Json]:
    for fault in faults_of(report):
        places = [_location(Place(error.file, error.line or 1)) for error in fault.errors]
        yield notification("error", places, fault.message)
    for one in with_accepted(list(results_of(report)), report.remarks):
        yield remark([_location(one.at)], one.message)
    if report.nothing:
        yield notification("warning", [], report.nothing)
    for unjudged in report.left:
        at = _location(Place(unjudged.file, unjudged.line, unjudged.column))
        yield notification("warning", [at], f"{unjudged.resource}: {unjudged.reason}")
