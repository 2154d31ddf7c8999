"""SARIF 2.1.0 of files, as GitHub code scanning takes it: places, and fixes where a policy stands as it is.

What it has beside that is in cli/sarif.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from ...gate.findings import Report
from ...gate.results import Result, faults_of, results_of
from ...gate.rewrite import Rewrite
from ...gate.values.places import Place
from ..sarif import Json, log, notification, result_of
from ..visible import visible
from .fixes import Fixes
from .names import relative


def render(report: Report) -> str:
    """Return `report` as one SARIF log."""
    fixes = Fixes()
    results = [result_of(one, _at(one), **_related(one), **_fixes(_fix(fixes, one))) for one in results_of(report)]
    return log(results, [*_notifications(report)], read=not report.errors, columnKind="unicodeCodePoints")


def _fix(fixes: Fixes, result: Result) -> Rewrite | None:
    """Return what to write in place of the policy, which closes nothing that the registry's policy opens."""
    return None if result.is_elsewhere else fixes.of(result.finding)


def _related(result: Result) -> Json:
    """Return where the statement stands where that is the policy of the registry."""
    stated = result.stated
    if stated is None:
        return {}
    return {"relatedLocations": [{**_location(stated.at), "message": {"text": "the statement of the registry policy"}}]}


def _at(result: Result) -> Json:
    return {**_location(result.at), "logicalLocations": [_logical(result)]}


def _fixes(fix: Rewrite | None) -> Json:
    """Return the tightened policy as what to write in place of the one that stands there."""
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
    if report.nothing:
        yield notification("warning", [], report.nothing)
    for one in report.unjudged:
        at = _location(Place(one.file, one.line, one.column))
        yield notification("warning", [at], f"{one.resource}: {one.reason}")
