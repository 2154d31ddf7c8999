"""The tables of named cases, checked with `judge`."""

from __future__ import annotations

import json
from ipaddress import ip_address
from typing import Any

import pytest
from ecr_crossaccount import Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.values.verdict import Verdict

from tests.case_tables import ANY_DAY, Case, CaseError, cases, cases_of, worst_severity

BODY: dict[str, Any] = {
    "name": "a case",
    "why": "a rule",
    "policy": None,
    "expect": {"compliance": "COMPLIANT", "external": False, "public": False, "service": False, "access": []},
}


def verdict_of(case: Case) -> Verdict:
    return judge(
        case.policy,
        Repository(case.owner, **case.repository_fields()),
        Trust.parse(case.register, today=case.today or ANY_DAY),
        Origin.DEPLOYED if case.origin == "deployed" else Origin.PROPOSED,
    )


@pytest.mark.parametrize("case", cases(), ids=lambda case: f"{case.table}: {case.name}")
def test_case(case: Case) -> None:
    verdict = verdict_of(case)
    answer = verdict.to_json()
    assert case.expect.differences(answer) == [], f"{case.why}\n{json.dumps(answer, indent=1)}"
    assert (verdict.severity and verdict.severity.name) == worst_severity(answer)
    assert all(grant.witness.action in grant.actions for grant in verdict.grants)


FIELDS = {
    "answer": ["access", "compliance", "external", "grants", "invalid", "notes", "public", "service", "undecided"],
    "grants": [
        "access", "actions", "document", "grantee", "kind", "public", "reason", "severity", "sid", "statement",
        "witness",
    ],
    "witness": ["action", "context", "principal"],
    "undecided": ["document", "reason", "statement"],
    "invalid": ["at", "reason"],
}  # fmt: skip


@pytest.mark.no_cover
def test_an_answer_has_the_fields_of_the_batch_form_and_no_others() -> None:
    answers: list[dict[str, Any]] = [verdict_of(case).to_json() for case in cases()]
    parts = {part: [one for answer in answers for one in answer[part]] for part in ("grants", "undecided", "invalid")}
    witnesses = [grant["witness"] for grant in parts["grants"]]
    for part, objects in {"answer": answers, "witness": witnesses, **parts}.items():
        assert {tuple(sorted(one)) for one in objects} == {tuple(FIELDS[part])}, part
        assert all(one.get("reason", "why") and one.get("at", "$") for one in objects), f"a {part} says nothing"
    values = [value for witness in witnesses for value in witness["context"].values()]
    assert {type(value) for value in values} == {str, list}
    assert {type(value) for several in values if isinstance(several, list) for value in several} == {str}
    assert "111122223333" in values
    assert all(
        map(ip_address, [one["context"]["aws:SourceIp"] for one in witnesses if "aws:SourceIp" in one["context"]])
    )


def test_the_tables_are_as_many_as_they_should_be() -> None:
    assert len(cases()) >= 350


def test_every_case_gives_its_rule() -> None:
    assert [case.name for case in cases() if ": " not in case.why] == []


def test_a_batch_line_is_one_line_that_carries_the_question() -> None:
    for case in cases():
        line = case.batch_line()
        assert "\n" not in line
        assert line.isascii()
        assert json.loads(line)["id"] == case.name


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"polciy": None}, id="unknown field"),
        pytest.param({"owner": 111122223333}, id="a number as owner"),
        pytest.param({"policy": 7}, id="a number as policy"),
        pytest.param({"origin": "maybe"}, id="unknown origin"),
        pytest.param({"expect": {}}, id="no flags"),
        pytest.param({"expect": {**BODY["expect"], "acess": []}}, id="unknown expectation"),
        pytest.param({"expect": {**BODY["expect"], "access": ["PULL"]}}, id="unknown access"),
        pytest.param({"expect": {**BODY["expect"], "compliance": "FINE"}}, id="unknown compliance"),
        pytest.param({"expect": {**BODY["expect"], "grants": [{"kind": "account"}]}}, id="grant without statement"),
        pytest.param({"expect": {**BODY["expect"], "grants": [{"statement": 0, "kind": "me"}]}}, id="unknown kind"),
    ],
)
def test_a_table_that_breaks_the_format_is_refused(broken: dict[str, Any]) -> None:
    with pytest.raises(CaseError):
        cases_of("broken.json", json.dumps([{**BODY, **broken}]))


def test_a_name_used_twice_is_refused() -> None:
    with pytest.raises(CaseError, match="used twice"):
        cases_of("broken.json", json.dumps([BODY, BODY]))


def test_a_case_without_a_policy_field_is_refused() -> None:
    with pytest.raises(CaseError, match="null where there is none"):
        cases_of("broken.json", json.dumps([{key: value for key, value in BODY.items() if key != "policy"}]))


def test_a_field_given_twice_is_refused() -> None:
    with pytest.raises(CaseError, match="given twice"):
        cases_of("broken.json", '[{"name": "a", "name": "b"}]')


def test_a_file_that_is_no_list_is_refused() -> None:
    with pytest.raises(CaseError, match="a list of cases"):
        cases_of("broken.json", "{}")
