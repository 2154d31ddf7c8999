"""SARIF 2.1.0 of files, for GitHub code scanning: places, and a fix if a policy is in the file as written.

products/cli/formats/sarif.py has the parts that `audit` uses too.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from .....sources.check.accepted import with_accepted
from .....sources.check.findings import Report
from .....sources.check.results import Result, faults_of, results_of
from .....sources.check.rewrite import Rewrite
from .....sources.files.values.places import Place
from ...base.visible import visible
from ..sarif import Json, log, notification, remark, result_of
from .fixes import Fixes
from .names import relative


def render(report: Report) -> str:
    """Return `report` as one SARIF log."""
    fixes = Fixes()
    results = [result_of(one, _at(one), **_related(one), **_fixes(_fix(fixes, one))) for one in results_of(report)]
    return log(results, [*_notifications(report)], read=not report.errors, columnKind="unicodeCodePoints")


def _fix(fixes: Fixes, result: Result) -> Rewrite | None:
    """Return the replacement for the policy, or None if the registry policy grants the access and it would not help."""
    return None if result.is_elsewhere else fixes.of(result.finding)


def _related(result: Result) -> Json:
    """Return the place of the statement as a related location, if the statement is in the registry policy."""
    stated = result.stated
    if stated is None:
        return {}
    return {"relatedLocations": [{**_location(stated.at), "message": {"text": "the statement of the registry policy"}}]}


def _at(result: Result) -> Json:
    return {**_location(result.at), "logicalLocations": [_logical(result)]}


def _fixes(fix: Rewrite | None) -> Json:
    """Return the narrower policy as the replacement for the one in the file."""
    if fix is None:
        return {}
    region = {**_region(fix.start), "endLine": fix.end_line, "endColumn": fix.end_column}
    replacement = {"deletedRegion": region, "insertedContent": {"text": fix.text}}
    change = {"artifactLocation": {"uri": _uri(fix.start.file)}, "replacements": [replacement]}
    text = "The narrowest policy that keeps what is trusted, as `ecr-crossaccount plan` prints it."
    return {"fixes": [{"description": {"text": text}, "artifactChanges": [change]}]}


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


def _notifications(report: Report) -> Iterator[Json]:
    for fault in faults_of(report):
        places = [_location(Place(one.file, one.line or 1)) for one in fault.errors]
        yield notification("error", places, fault.message)
    for one in with_accepted(list(results_of(report)), report.remarks):
        yield remark([_location(one.at)], one.message)
    if report.nothing:
        yield notification("warning", [], report.nothing)
    for unjudged in report.left:
        at = _location(Place(unjudged.file, unjudged.line, unjudged.column))
        yield notification("warning", [at], f"{unjudged.resource}: {unjudged.reason}")
