"""The end of the work budget: the result is undecided, never compliant, and everything else stays."""

from __future__ import annotations

from pathlib import Path

import pytest
from ecr_crossaccount import Compliance, Origin, Repository, Trust, judge
from ecr_crossaccount.judgement.admission import STEPS_OF_RESOURCES
from ecr_crossaccount.judgement.beside import RegistryPolicy, Scope
from ecr_crossaccount.judgement.patterns.automaton import Budget
from ecr_crossaccount.judgement.search.callers import STEPS

from tests.judgement.policies import OTHER, OWNER, account, allow, deny, reasons, verdict
from tests.wording import sentence


def intricate(number: int = 0) -> dict[str, object]:
    """Return an Allow that only a long search decides: a tag cannot have both letters at one place from its end."""
    key, tail = f"aws:PrincipalTag/t{number}", "?" * 18
    return allow({"AWS": "*"}, "ecr:*", {"StringLike": {key: f"*a{tail}"}, "StringLikeIfExists": {key: f"*b{tail}"}})


def test_an_intricate_policy_is_undecided() -> None:
    found = verdict(intricate())
    assert found.compliance is Compliance.NON_COMPLIANT
    assert reasons(found) == [sentence("reasons.statement_too_complex")]


def test_grants_of_plain_statements_are_written_all_the_same() -> None:
    found = verdict(intricate(), allow(account(OTHER)), intricate(1), deny("*", "ecr:SetRepositoryPolicy"))
    assert [(one.statement, one.grantee) for one in found.grants] == [(1, OTHER)]
    assert len(found.undecided) == 2
    assert found.external


def test_where_not_every_account_could_be_told_apart_the_statement_is_undecided() -> None:
    block = {
        "StringEquals": {"aws:SourceAccount": OWNER},
        "StringLike": {"aws:SourceArn": "arn:*:1111*3333:function:x"},
    }
    found = verdict(allow({"Service": "lambda.amazonaws.com"}, "ecr:*", block))
    assert found.compliance is Compliance.NON_COMPLIANT
    assert not found.service
    assert reasons(found) == [sentence("reasons.statement_too_complex")]


def test_where_not_every_service_could_be_told_apart_the_statement_is_undecided() -> None:
    lengths = ["?" * length for length in range(1, 70)]
    found = verdict(
        allow("*", "ecr:*", {"StringLike": {"aws:PrincipalServiceName": "zz*"}}),
        deny("*", "*", {"StringLike": {"aws:PrincipalServiceName": ["zz*", *lengths]}}),
    )
    assert reasons(found) == [sentence("reasons.statement_too_complex")]


def test_no_value_of_a_variable_is_tried_where_none_would_do() -> None:
    chosen = [f"team-${{aws:PrincipalTag/{name}}}" for name in "abcdef"]
    block = {"StringLike": {"aws:PrincipalTag/team": chosen}, "StringEquals": {"aws:PrincipalTag/team": "platform"}}
    found = verdict(allow(account(*(f"{number:012}" for number in range(60))), "ecr:*", block))
    assert found.compliance is Compliance.COMPLIANT


def test_no_value_of_a_variable_is_tried_where_any_will_do() -> None:
    chosen = [f"team-${{aws:PrincipalTag/{name}}}" for name in "abcdef"]
    spared = {"StringNotEquals": {"aws:PrincipalTag/team": chosen}, "StringNotLike": {"aws:UserAgent": "docker*"}}
    found = verdict(allow("*", "ecr:*"), deny("*", "ecr:*", spared))
    assert found.public
    assert not found.undecided
    assert not any(key.startswith("aws:PrincipalTag/") for key in found.grants[0].witness.context)


def test_services_that_could_not_be_told_apart_are_none_where_no_service_meets_the_rest() -> None:
    lengths = ["?" * length for length in range(1, 70)]
    found = verdict(
        allow("*", "ecr:*", {"Bool": {"aws:PrincipalIsAWSService": "false"}, "Null": {"aws:SecureTransport": "true"}}),
        deny("*", "*", {"StringLike": {"aws:PrincipalServiceName": ["zz*", *lengths]}}),
    )
    assert found.compliance is Compliance.COMPLIANT


def test_however_many_accounts_are_trusted_those_that_a_wildcard_tells_apart_are_all_tried() -> None:
    trusted = [f"{number:012}" for number in range(222_233_330_000, 222_233_330_080)]
    entries = [{"account": one, "reason": "builds"} for one in trusted]
    block = {"StringLike": {"aws:SourceAccount": "22223333*"}, "StringEquals": {"aws:SourceAccount": trusted}}
    found = verdict(allow({"Service": "lambda.amazonaws.com"}, "ecr:BatchGetImage", block), trust=entries)
    assert found.compliance is Compliance.COMPLIANT


def test_the_budgets_are_those_that_the_page_names() -> None:
    page = (Path(__file__).parents[2] / "docs/semantics.md").read_text("utf-8")
    assert f"| {STEPS:,} steps |" in page
    assert f"| another {STEPS_OF_RESOURCES:,} |" in page


def test_a_source_is_not_tried_with_each_service_if_no_service_can_act_for_it() -> None:
    block = {"StringLike": {"aws:PrincipalServiceName": ["a*", "b*", "c*"]}, "Null": {"aws:SourceAccount": "false"}}
    found = verdict(allow("*", "ecr:*", block), deny("*", "*", {"Bool": {"aws:PrincipalIsAWSService": "true"}}))
    assert found.compliance is Compliance.COMPLIANT


@pytest.mark.parametrize("value, is_open", [("team-b-long-name", True), ("team-z", False)])
def test_a_value_that_is_listed_is_compared_with_many_patterns_together(value: str, *, is_open: bool) -> None:
    patterns = [f"team-{letter}{'-*' * 12}{'?' * 3}*" for letter in "cdefgh"]
    block = {
        "StringEquals": {"aws:PrincipalTag/team": value},
        "StringLike": {"aws:PrincipalTag/team": [*patterns, "*-b-*"]},
    }
    assert verdict(allow("*", "ecr:*", block)).public is is_open


# --- Resources, and documents that are judged several times ---


def intricate_names() -> list[str]:
    """Return patterns that match every name of a repository, which only a long search shows.

    A name matches if it is short or has another letter than `a` and `b`. In all others, two letters at a distance of
    12 differ, and two at a distance of 18. No long name is such.
    """
    others = [f"*{letter}*" for letter in "cdefghijklmnopqrstuvwxyz0123456789-_./"]
    equal = [f"*{letter}{'?' * (distance - 1)}{letter}*" for letter in "ab" for distance in (12, 18)]
    names = [*others, *("?" * length for length in range(1, 40)), *equal]
    return [f"arn:aws:ecr:*:{OWNER}:repository/{name}" for name in names]


def _denied_everywhere() -> dict[str, object]:
    return {"Statement": [allow("*") | {"Resource": "*"}, deny("*", "ecr:*") | {"Resource": intricate_names()}]}


def test_resources_that_are_too_complex_are_undecided() -> None:
    registry = RegistryPolicy(_denied_everywhere(), Scope.V2)
    found = judge(None, Repository(OWNER), Trust.nobody(), registry=registry)
    assert found.compliance is Compliance.NON_COMPLIANT
    assert not found.external
    assert reasons(found)


def test_a_stored_deny_whose_resource_is_too_complex_does_not_count() -> None:
    assert judge(_denied_everywhere(), Repository(OWNER), Trust.nobody(), Origin.DEPLOYED).external


def _intricate_in(partition: str) -> dict[str, object]:
    """Return an Allow for principals of a partition, which is intricate there, and decided at once elsewhere."""
    arn, tail = "aws:SignInSessionArn", "?" * 18
    like = {"aws:PrincipalArn": f"arn:{partition}:*", arn: f"*a{tail}"}
    return allow({"AWS": "*"}, "ecr:*", {"StringLike": like, "StringLikeIfExists": {arn: f"*b{tail}"}})


@pytest.mark.parametrize(
    "statements, registry",
    [
        ([_intricate_in("aws-cn"), _intricate_in("aws-us-gov")], None),
        ([intricate()], RegistryPolicy({"Statement": allow(account(OWNER)) | {"Resource": "*"}})),
    ],
    ids=["in each partition of an unknown Region", "with each scope of a registry policy"],
)
def test_judgements_of_the_same_documents_share_a_budget(
    monkeypatch: pytest.MonkeyPatch, statements: list[object], registry: RegistryPolicy | None
) -> None:
    spent: list[int] = []
    spend = Budget.spend

    def counted(budget: Budget, steps: int) -> None:
        spent.append(steps)
        spend(budget, steps)

    monkeypatch.setattr(Budget, "spend", counted)
    found = judge({"Statement": statements}, Repository(OWNER), Trust.nobody(), registry=registry)
    assert found.undecided
    assert STEPS < sum(spent) < 1.1 * STEPS
