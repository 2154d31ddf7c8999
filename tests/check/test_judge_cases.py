"""The tables of judgement cases, run through `check`: a policy in a template has the same result as by itself."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.sources.check.findings import report_of
from ecr_crossaccount.sources.files.files import File
from ecr_crossaccount.sources.formats.dispatch import read_file
from ecr_crossaccount.sources.found.context import Context

from tests.case_tables import ANY_DAY, Case, cases

SAME = [
    case
    for case in cases()
    if case.tags is None and case.origin is None and case.partition is None and case.expect.invalid is False
]


@pytest.mark.parametrize("number, case", list(enumerate(SAME)), ids=[f"{case.table}: {case.name}" for case in SAME])
def test_a_policy_in_a_template_is_judged_as_by_itself(number: int, case: Case) -> None:
    as_text = number % 4 == 0
    policy = json.loads(case.policy) if isinstance(case.policy, str) and case.policy else case.policy
    properties = {"RepositoryPolicyText": json.dumps(policy) if as_text and policy else policy}
    if case.repository:
        properties["RepositoryName"] = case.repository
    kept = {name: value for name, value in properties.items() if value is not None}
    template = {"Resources": {"Repo": {"Type": "AWS::ECR::Repository", "Properties": kept}}}
    context = Context(
        account=case.owner,
        region=case.region,
        organization=case.organization,
        trust=Trust.parse(case.register, today=case.today or ANY_DAY),
    )
    report = report_of(read_file(File("t.json", json.dumps(template), named=True), context), context)
    (finding,) = report.findings
    assert case.expect.differences(finding.verdict.to_json()) == []
