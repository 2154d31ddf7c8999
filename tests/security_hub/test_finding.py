"""The finding of a verdict for Security Hub: in a valid form, with who can do what, and harmless for a reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ecr_crossaccount import Compliance, Origin, RegistryPolicy, Repository, Trust, Verdict, judge
from ecr_crossaccount.judgement.beside import Scope
from ecr_crossaccount.products.rule.outcome import Grounds
from ecr_crossaccount.products.rule.security_hub_finding import (
    Closed,
    Earlier,
    FindingSource,
    closed_finding,
    open_finding,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.case_tables import cases
from tests.docs.markdown import ROOT
from tests.fakes.security_hub import problems_of
from tests.profiles import examples
from tests.strategies import broken_policies, policies

Json = dict[str, Any]

ACCOUNT = "111122223333"
PLACE = FindingSource("aws", "eu-central-1", ACCOUNT, "ecr-repository-cross-account-access-check")
NOW = "2026-11-27T12:00:00.000Z"
ARN = f"arn:aws:ecr:eu-central-1:{ACCOUNT}:repository/team/base"


def judged(policy: object, name: str = "team/base") -> Verdict:
    return judge(policy, Repository(ACCOUNT, name, tags_known=True), Trust.nobody(), Origin.DEPLOYED)


def told(policy: object, name: str = "team/base", place: FindingSource = PLACE) -> Json:
    found = dict(open_finding(place, name, Grounds(judged(policy, name), policy), NOW))
    assert list(problems_of(found, place.account)) == []
    return found


def allow(principal: object, action: object = "ecr:BatchGetImage", **more: object) -> Json:
    return {"Effect": "Allow", "Principal": principal, "Action": action} | more


def of(*statements: Json) -> Json:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def with_resources(policy: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Return a policy whose statements apply to every repository, as those of a registry policy do."""
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if not isinstance(statements, list):
        return policy
    return policy | {"Statement": [one | {"Resource": "*"} if isinstance(one, dict) else one for one in statements]}


EARLIER = [None, *(Earlier(NOW, None, NOW, is_open=is_open, digest="") for is_open in (True, False))]
PUSHER = allow({"AWS": "222233334444"}, "ecr:PutImage", Sid="Push")


def test_it_says_who_can_do_what_by_which_request_and_what_to_do() -> None:
    found = told(of(allow({"AWS": "333344445555"}, "ecr:DescribeRepositories"), PUSHER))
    assert found["FindingProviderFields"]["Severity"] == {"Label": "CRITICAL", "Original": "CRITICAL"}
    assert found["Description"].startswith(
        "CRITICAL: account 222233334444 can push: statement `Push` allows ecr:PutImage"
    )
    assert "For example arn:aws:iam::222233334444:" in found["Description"]
    fields = found["ProductFields"]
    assert fields["ecr-crossaccount/Grant/1/Grantee"] == "222233334444"
    assert json.loads(fields["ecr-crossaccount/Grant/1/Witness"])["action"] == "ecr:PutImage"
    assert fields["ecr-crossaccount/Access"] == "READ WRITE"
    assert (fields["ecr-crossaccount/Public"], fields["ecr-crossaccount/Grants"]) == ("false", "2")
    assert (found["Compliance"], found["RecordState"]) == ({"Status": "FAILED"}, "ACTIVE")
    recommended = found["Remediation"]["Recommendation"]
    assert "`ecr-crossaccount remediate team/base`" in recommended["Text"]
    assert (
        recommended["Url"]
        == found["SourceUrl"]
        == (
            "https://eu-central-1.console.aws.amazon.com/config/home?region=eu-central-1"
            "#/rules/details?configRuleName=ecr-repository-cross-account-access-check"
        )
    )


def test_its_resource_is_the_repository_with_its_policy_as_text() -> None:
    policy = of(PUSHER)
    (resource,) = told(policy)["Resources"]
    assert (resource["Type"], resource["Id"], resource["Region"]) == ("AwsEcrRepository", ARN, "eu-central-1")
    details = resource["Details"]["AwsEcrRepository"]
    assert (details["Arn"], details["RepositoryName"]) == (ARN, "team/base")
    assert json.loads(details["RepositoryPolicyText"]) == policy
    assert told(json.dumps(policy))["Resources"] == [resource]


def test_it_is_the_same_finding_whatever_is_found() -> None:
    found = told(of(PUSHER))
    assert found["Id"] == told(of(allow("*")))["Id"] == f"{ARN}#ecr-crossaccount/{PLACE.rule}"
    over = closed_finding(PLACE, "team/base", Closed.COMPLIANT, NOW)
    assert list(problems_of(over, ACCOUNT)) == []
    assert over["Id"] == found["Id"]


@pytest.mark.parametrize("why", list(Closed))
def test_what_is_over_has_passed_and_is_archived_and_its_workflow_is_the_customers(why: Closed) -> None:
    over: Json = dict(closed_finding(PLACE, "team/base", why, NOW))
    assert (over["Compliance"], over["RecordState"]) == ({"Status": "PASSED"}, "ARCHIVED")
    assert over["Description"] == why.value
    assert "access from outside to" not in over["Title"].lower(), "a closed finding does not sound like an open one"
    assert over["Title"].endswith(" ECR repository team/base")
    assert "Workflow" not in over


def test_security_hub_takes_what_is_said_of_every_case() -> None:
    found = [told(case.policy) for case in cases() if judged(case.policy).compliance is Compliance.NON_COMPLIANT]
    assert len(found) > 100


some_policies = st.one_of(policies(), broken_policies())
some_names = st.text("abc/-._", min_size=2, max_size=256)


@st.composite
def some_grounds(draw: st.DrawFn) -> Grounds:
    """Draw a verdict that is not compliant, by the policies of a repository and its registry, and what is missing."""
    own, lacks = (
        draw(some_policies),
        draw(st.sampled_from(["", "statement `X` is missing", "statements " + "x" * 3000])),
    )
    beside = RegistryPolicy(json.dumps(draw(some_policies.map(with_resources))), Scope.V2)
    verdict = judge(own, Repository(ACCOUNT, "a"), Trust.nobody(), Origin.DEPLOYED, registry=beside)
    assume(lacks or verdict.compliance is Compliance.NON_COMPLIANT)
    return Grounds(verdict, own, lacks)


@given(grounds=some_grounds(), name=some_names, earlier=st.sampled_from(EARLIER))
@examples(800)
def test_security_hub_takes_the_finding_of_any_verdict(grounds: Grounds, name: str, earlier: Earlier | None) -> None:
    """The limits are those of botocore's model and of the page of ASFF."""
    found: Json = dict(open_finding(PLACE, name, grounds, NOW, earlier))
    assert list(problems_of(found, ACCOUNT)) == []
    fields = found["ProductFields"]
    shown = sum(field.endswith("/Grantee") for field in fields)
    assert fields["ecr-crossaccount/GrantsLeftOut"] == str(len(grounds.verdict.grants) - shown)
    assert shown == len(grounds.verdict.grants) or len(fields) > 50 - 6, "as many as fit"


@given(name=some_names, why=st.sampled_from(Closed), earlier=st.sampled_from(EARLIER))
@examples(100)
def test_security_hub_takes_the_end_of_any_finding(name: str, why: Closed, earlier: Earlier | None) -> None:
    assert list(problems_of(closed_finding(PLACE, name, why, NOW, earlier), ACCOUNT)) == []


def test_there_are_fields_for_the_worst_grants_that_fit_and_the_number_of_the_others() -> None:
    """A grant by the registry policy takes one field more, and eight of them would be too many."""
    readers = [allow({"AWS": f"{number:012}"}, Resource="*") for number in range(1, 9)]
    beside = RegistryPolicy(json.dumps(of(*readers)), Scope.V2)
    verdict = judge(of(PUSHER), Repository(ACCOUNT, "a"), Trust.nobody(), Origin.DEPLOYED, registry=beside)
    assert len(verdict.grants) == 9
    found: Json = dict(open_finding(PLACE, "a", Grounds(verdict, None), NOW))
    fields = found["ProductFields"]
    grantees = [fields.get(f"ecr-crossaccount/Grant/{number}/Grantee") for number in range(1, 10)]
    assert grantees == ["222233334444", *(f"{number:012}" for number in range(1, 6)), None, None, None]
    assert fields["ecr-crossaccount/GrantsLeftOut"] == "3"
    assert len(fields) <= 50


HOSTILE = "\x1b[2J\u202egnp.exe\n<script>alert(1)</script>" + "x" * 3000


def test_hostile_text_harms_no_reader() -> None:
    policy = of(
        allow({"AWS": "222233334444"}, Sid=HOSTILE, Condition={"StringLike": {"aws:PrincipalTag/x": HOSTILE}}),
        allow("*", Condition={"StringEquals": {"aws:NoKeyOfWhich" + HOSTILE: HOSTILE}}),
    )
    text = json.dumps(told(policy), ensure_ascii=False)
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert json.loads(told(policy)["Resources"][0]["Details"]["AwsEcrRepository"]["RepositoryPolicyText"]) == policy


def test_a_policy_that_is_no_json_is_told_without_it() -> None:
    found = told("{ no policy \u202e")
    assert "RepositoryPolicyText" not in found["Resources"][0]["Details"]["AwsEcrRepository"]
    assert found["Description"].startswith("Invalid: ")


def test_the_largest_of_everything_fits() -> None:
    many = of(*(allow({"AWS": f"{number:012}"}, "ecr:*", Sid=f"S{number}") for number in range(1, 99)))
    place = FindingSource("aws-us-gov", "us-gov-west-1", ACCOUNT, "r" * 128)
    found = told(many, "a" * 256, place)
    assert found["Description"].endswith(" more.")
    assert found["Title"].endswith("repository " + "a" * 214)
    assert len(json.dumps([found] * 100)) < 6_000_000


@pytest.mark.parametrize("partition, host", [("aws-cn", "console.amazonaws.cn"), ("aws-iso-e", None)])
def test_other_partitions_have_other_consoles_and_the_least_known_none(partition: str, host: str | None) -> None:
    found = told(of(PUSHER), place=FindingSource(partition, "cn-north-1", ACCOUNT, "rule"))
    assert found["ProductArn"] == f"arn:{partition}:securityhub:cn-north-1:{ACCOUNT}:product/{ACCOUNT}/default"
    assert ("SourceUrl" in found) is (host is not None)
    assert host is None or f"https://cn-north-1.{host}/" in found["SourceUrl"]
    assert ("Partition" in found["Resources"][0]) is (partition == "aws-cn")


def test_the_page_names_what_a_finding_holds() -> None:
    page = (ROOT / "docs" / "security-hub.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith("| ProductFields |")]
    found = told(of(PUSHER))
    fields = {name.removeprefix("ecr-crossaccount/").rpartition("/")[2] for name in found["ProductFields"]}
    assert {name for name in fields if name not in row} == set()
    as_any_other = {
        "SchemaVersion",
        "ProductArn",
        "GeneratorId",
        "AwsAccountId",
        "CreatedAt",
        "UpdatedAt",
    }  # as in any finding
    told_of = {line.split("|")[1].split(".")[0].strip() for line in page.splitlines() if line.startswith("| ")}
    assert {name for name in found if name not in as_any_other and not any(name in one for one in told_of)} == set()
