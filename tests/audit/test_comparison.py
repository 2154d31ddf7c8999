"""Laws of the comparison, tested with every case of the tables.

What one of the two sees is neither lost nor doubled.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import cache

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.judgement.values.verdict import Access, Grant, Kind
from ecr_crossaccount.products.audit.comparison import compare
from ecr_crossaccount.products.audit.items import Item
from ecr_crossaccount.products.audit.judging import Auditor
from ecr_crossaccount.products.audit.report import AuditReport
from ecr_crossaccount.products.audit.second_opinion import (
    Analyzer,
    Answer,
    Explanation,
    Finding,
    Opinion,
    Says,
    SecondOpinion,
)

from tests.case_tables import ANY_DAY, Case, cases

JUDGED = {case.name: case for case in cases() if case.partition in (None, "aws")}
TABLES = sorted({case.table for case in JUDGED.values()})
REGION = "eu-central-1"
ANALYZED = "2026-06-29T12:00:00Z"


def item_of(case: Case) -> Item:
    name = case.repository or "base/python"
    arn = f"arn:{case.partition or 'aws'}:ecr:{REGION}:{case.owner}:repository/{name}"
    return Item(arn, case.owner, REGION, name, case.policy, dict(case.tags or {}))


def report_of(case: Case) -> AuditReport:
    auditor = Auditor(Trust.nobody(), case.organization)
    auditor.take([item_of(case)])
    return auditor.report("a table", ANY_DAY, (), 30)


def found(number: int, grant: Grant, arn: str) -> Finding:
    """Return a grant as Access Analyzer would report it: by account, or by `*` and a condition."""
    principal, condition = {"AWS": "*"}, {}
    if grant.kind is Kind.ACCOUNT:
        principal = {"AWS": f"arn:aws:iam::{grant.grantee}:root"}
    elif grant.kind is Kind.ORGANIZATION:
        condition = {"aws:PrincipalOrgID": grant.grantee.rpartition(" ")[2]}
    return Finding(str(number), arn, "ACTIVE", principal, condition, grant.actions, grant.public, ANALYZED)


def asked(report: AuditReport, *findings: Finding, type_: str = "ACCOUNT") -> SecondOpinion:
    (one,) = report.repositories
    analyzer = Analyzer("arn", "account", type_, "ACTIVE")
    return compare(report, {REGION: Opinion(analyzer, {one.item.arn: findings}, {one.item.arn: None})}, ())


def of_principals(report: AuditReport) -> list[Grant]:
    """Return the grants of a report without trust that Access Analyzer can see: all except those of services."""
    (one,) = report.repositories
    return [grant for grant in one.verdict.grants if grant.kind is not Kind.SERVICE]


@cache
def every(name: str) -> tuple[AuditReport, list[Finding]]:
    """Return the audit's report of a case without trust, and the same as findings of Access Analyzer."""
    report = report_of(JUDGED[name])
    arn = report.repositories[0].item.arn
    return report, [found(number, grant, arn) for number, grant in enumerate(of_principals(report))]


def names_of(table: str) -> Iterator[str]:
    """Yield the cases of a table. Each is printed before its test, so the last one printed is the one that failed."""
    for name, case in JUDGED.items():
        if case.table == table:
            print(name)
            yield name


@pytest.mark.parametrize("table", TABLES)
def test_whoever_sees_the_same_differs_in_nothing_that_is_not_explained(table: str) -> None:
    for name in names_of(table):
        report, findings = every(name)
        opinion = asked(report, *findings)
        assert opinion.unexplained == []
        assert {one.explained_by for one in opinion.disagreements} <= {Explanation.SERVICE, Explanation.UNDECIDED}
        verdict = report.repositories[0].verdict
        assert any(one.ours.says is Says.UNDECIDED for one in opinion.disagreements) == bool(
            verdict.undecided or verdict.invalid
        )


@pytest.mark.parametrize("table", TABLES)
def test_what_only_the_audit_sees_is_told(table: str) -> None:
    for name in names_of(table):
        report, _ = every(name)
        told = {(one.kind, one.grantee) for one in asked(report).disagreements if one.ours.says is Says.GRANTED}
        assert told == {(grant.kind, grant.grantee) for grant in report.repositories[0].verdict.grants}


@pytest.mark.parametrize("table", TABLES)
def test_one_whom_access_analyzer_leaves_out_is_told_whoever_else_it_finds(table: str) -> None:
    for name in names_of(table):
        report, findings = every(name)
        grants = of_principals(report)
        for grant in {(one.kind, one.grantee): one for one in grants}.values():
            others = [seen for seen, one in zip(findings, grants, strict=True) if one.grantee != grant.grantee]
            told = {(one.kind, one.grantee) for one in asked(report, *others).disagreements}
            is_hidden = any(seen.principal == {"AWS": "*"} and not seen.condition for seen in others)
            assert ((grant.kind, grant.grantee) in told) or is_hidden


@pytest.mark.parametrize("table", TABLES)
def test_an_analyzer_of_the_organization_explains_accounts_and_organizations_and_nobody_else(table: str) -> None:
    for name in names_of(table):
        report, findings = every(name)
        public = [seen for seen in findings if seen.public]
        for one in asked(report, *public, type_="ORGANIZATION").unexplained:
            is_its_own = one.grantee == report.repositories[0].repository.organization
            assert one.kind is Kind.ANY or (one.kind is Kind.ORGANIZATION and not is_its_own)


@pytest.mark.parametrize("table", TABLES)
def test_a_stranger_that_only_access_analyzer_sees_is_told(table: str) -> None:
    for name in names_of(table):
        report, findings = every(name)
        one = report.repositories[0]
        stranger = Finding(
            "x", one.item.arn, "ACTIVE", {"AWS": "121212121212"}, {}, ("ecr:*",), public=False, analyzed=ANALYZED
        )
        opinion = asked(report, *findings, stranger)
        everybody = {access for grant in one.verdict.grants if grant.public for access in grant.access}
        told = [other for other in opinion.disagreements if stranger in other.findings]
        assert bool(told) == (everybody != {*Access})
        assert {other.explained_by for other in told} <= {None, Explanation.UNDECIDED}
        assert not told or opinion.answers[one.item.arn] is Answer.DIFFERS


def test_the_tables_try_every_kind_of_grantee() -> None:
    seen = Counter(grant.kind for name in JUDGED for grant in every(name)[0].audited[0].verdict.grants)
    assert min(seen[kind] for kind in Kind) > 10
