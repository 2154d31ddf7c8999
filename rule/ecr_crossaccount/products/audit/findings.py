"""An audit's results as findings of `check`: with its rules, and with an identity that is stable between runs."""

from __future__ import annotations

from dataclasses import replace

from ...judgement.admission import Origin
from ...judgement.kinds.table import SINGLE
from ...sources.check import findings as check
from ...sources.check.baseline import Baseline
from ...sources.check.results import where_of
from ...sources.files.values.nodes import Place
from ...sources.found.found import FoundPolicy
from ...sources.found.found import Unread as NotRead
from ..kinds.handling import HANDLING
from .items import Item, Unread
from .report import AuditReport
from .rows import Audited


def findings_of(report: AuditReport) -> check.Report:
    """Return a report as one of `check`. A policy's place is its ARN, and errors are in the order of places."""
    errors = sorted((NotRead(_place(error), None, error.reason) for error in report.errors), key=lambda one: one.file)
    return check.Report(tuple(finding_of(one, report) for one in report.audited), tuple(errors))


def finding_of(one: Audited, report: AuditReport) -> check.Finding:
    """Return a row as a finding of `check`, which says which of its results the baseline has."""
    finding = check.Finding(found_of(one.item), report.state(one), one.verdict, under_rcps=report.under_rcps(one))
    return finding if report.known is None else with_known(finding, report.known)


def with_known(finding: check.Finding, baseline: Baseline) -> check.Finding:
    """Return a finding that says which of its results the baseline has."""
    return replace(finding, known=baseline.known_keys(finding, where_of(finding.found)))


def found_of(item: Item) -> FoundPolicy:
    """Return an item as `check` would have found it."""
    return FoundPolicy(
        Place(item.arn),
        HANDLING[item.kind].noun if item.kind in SINGLE else item.name,
        item.kind,
        item.policy,
        account=item.account,
        region=item.region,
        tags=item.tags or {},
        origin=Origin.DEPLOYED,
    )


def _place(error: Unread) -> str:
    return error.arn or "/".join(part for part in (error.account, error.region) if part)
