"""What counts only as far as it did before a change, so that no change suppresses its own findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ..files.remarks import Remark
from ..found.context import Context
from ..found.found import Harvest, Suppression
from .findings import Finding, Report
from .results import Result, results_in, results_of


def as_approved(report: Report, before: Report) -> Report:
    """Return a report in which a finding is suppressed only if it was before, and not longer than before.

    A remark names each suppression that is new.
    """
    approved: dict[str, Suppression] = {}
    for one in results_of(before):
        if one.suppression is not None:
            approved[one.fingerprint] = min(one.suppression, approved.get(one.fingerprint, one.suppression), key=_until)
    findings = tuple(_approved(one, approved) for one in report.findings)
    told = (remark for pair in zip(report.findings, findings, strict=True) for remark in _new_in(*pair))
    return replace(report, findings=findings, remarks=(*report.remarks, *dict.fromkeys(told)))


def new_owners(before: Harvest, after: Harvest, context: Context) -> Iterator[Remark]:
    """Yield a remark about each owner that only the new files name: its account is inside, and was outside before."""
    known = {one.account for one in before.policies}
    for one in after.policies:
        if one.account not in known and one.account != context.at(one.at.file).account:
            known.add(one.account)
            yield Remark(f"this change also names another owner, {one.account}, whose access is not judged", one.at)


def _until(one: Suppression) -> int:
    return one.until.toordinal()


def _approved(finding: Finding, approved: dict[str, Suppression]) -> Finding:
    made = replace(finding, approved=approved)
    left = {str(one.suppression) for one, now in _pairs(finding, made) if one.suppression and not now.suppression}
    notes = tuple(note for note in finding.verdict.notes if not note.endswith(tuple(left)))
    return replace(made, verdict=replace(finding.verdict, notes=notes))


def _new_in(own: Finding, approved: Finding) -> Iterator[Remark]:
    for one, now in _pairs(own, approved):
        if one.suppression is not None and one.suppression != now.suppression:
            what = f"{one.severity.name} until {one.suppression.until} ({one.suppression.reason})"
            counts = (
                "which does not count" if now.suppression is None else f"which counts until {now.suppression.until}"
            )
            yield Remark(f"this change also suppresses {what}, {counts}", one.at)


def _pairs(own: Finding, approved: Finding) -> Iterator[tuple[Result, Result]]:
    return zip(results_in(own), results_in(approved), strict=True)
