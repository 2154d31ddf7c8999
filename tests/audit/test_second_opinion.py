"""IAM Access Analyzer's findings in an audit: a fake of it over HTTP, and moto's ECR."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.audit.conftest import (
    MEMBERS_PULL,
    ORGANIZATION,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    REGION,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
    policy,
)
from tests.audit.ocsf import problems
from tests.cli.conftest import Result, Run
from tests.fakes import FakeAccessAnalyzer, models
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

ARN = f"arn:aws:ecr:{REGION}:{OWNER}:repository/base/python"
PULL, PUSH = "ecr:BatchGetImage", "ecr:PutImage"
ASK = ("audit", "--second-opinion", "access-analyzer")
LAMBDA_PULLS = policy({"Service": "lambda.amazonaws.com"})
UNDECIDED = policy("*", Condition={"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}})
PUBLIC = policy("*")
CLOSED = policy({"AWS": OWNER})
Trust = Callable[..., str]


@pytest.fixture
def analyzer(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeAccessAnalyzer]:
    with FakeAccessAnalyzer(OWNER, REGION, page_size=2) as service:
        monkeypatch.setenv("AWS_ENDPOINT_URL_ACCESSANALYZER", service.url)
        yield service


def ask(run: Run, *argv: str) -> Result:
    return run(*ASK, "--format", "json", *argv)


def opinion(answer: Result) -> Any:  # noqa: ANN401 - JSON
    return answer.json["second_opinion"]


def answers(answer: Result) -> dict[str, str]:
    return {one["arn"].partition("/")[2]: one["opinion"] for one in opinion(answer)["repositories"]}


def the_disagreement(answer: Result) -> Any:  # noqa: ANN401 - JSON
    (one,) = opinion(answer)["disagreements"]
    return one


class TestAgreement:
    def test_both_find_nobody(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
        furnish({"base/python": CLOSED, "base/ruby": None})
        analyzer.analyze(analyzer.analyzer(), ARN, ARN.replace("python", "ruby"))
        answer = ask(run)
        assert (answer.status, answers(answer)) == (0, {"base/python": "agrees", "base/ruby": "agrees"})
        assert opinion(answer)["disagreements"] == []

    @pytest.mark.parametrize(
        "document, theirs",
        [
            (STRANGER_PULLS, {"AWS": STRANGER}),
            (STRANGER_PULLS, {"AWS": f"arn:aws:iam::{STRANGER}:root"}),
            (policy({"AWS": f"arn:aws:iam::{STRANGER}:role/x"}), {"AWS": f"arn:aws:iam::{STRANGER}:role/x"}),
            (PUBLIC, {"AWS": "*"}),
            (MEMBERS_PULL, {"AWS": "*", "aws:PrincipalOrgID": ORGANIZATION}),
            (
                policy("*", Condition={"StringEquals": {"aws:PrincipalAccount": STRANGER}}),
                {"AWS": "*", "aws:PrincipalAccount": STRANGER},
            ),
            (
                policy({"AWS": "*"}, Condition={"StringLike": {"aws:PrincipalAccount": "4444*"}}),
                {"AWS": "*", "aws:PrincipalAccount": "4444*"},
            ),
        ],
        ids=["account", "root", "role", "everybody", "organization", "an account by a condition", "a pattern"],
    )
    def test_both_find_the_same(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, document: object, theirs: dict[str, str]
    ) -> None:
        furnish({"base/python": document})
        principal, *keys = theirs
        condition = {key: theirs[key] for key in keys}
        public = theirs[principal] == "*" and not condition
        analyzer.find(analyzer.analyzer(), ARN, theirs[principal], PULL, condition=condition, isPublic=public)
        answer = ask(run)
        others = ("service", "undecided")  # not reported by Access Analyzer, or undecided in the audit
        assert [one for one in opinion(answer)["disagreements"] if one["explained_by"] not in others] == []
        assert answer.status == 1

    def test_an_archived_finding_and_an_approval_say_the_same(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust
    ) -> None:
        furnish({"base/python": PARTNER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, PARTNER, PULL, status="ARCHIVED")
        answer = ask(run, "--trust", trust({"account": PARTNER, "reason": "pulls"}))
        assert (answer.status, answers(answer)) == (0, {"base/python": "agrees"})

    def test_findings_of_several_pages_are_all_read(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        names = [f"team/{number}" for number in range(5)]
        furnish(dict.fromkeys(names, STRANGER_PULLS))
        here = analyzer.analyzer()
        for name in names:
            analyzer.find(here, ARN.replace("base/python", name), STRANGER, PULL)
        assert set(answers(ask(run)).values()) == {"agrees"}
        assert analyzer.operations().count("ListFindings") == 3

    def test_only_findings_of_repositories_of_the_account_are_asked_for(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": CLOSED})
        here = analyzer.analyzer(type_="ORGANIZATION")
        analyzer.analyze(here, ARN)
        analyzer.find(here, ARN, STRANGER, PULL, resourceOwnerAccount=PARTNER)
        analyzer.find(here, "arn:aws:s3:::bucket", STRANGER, "s3:GetObject", resourceType="AWS::S3::Bucket")
        assert answers(ask(run)) == {"base/python": "agrees"}


class TestExplained:
    """Each difference has both reasons and an explanation."""

    def test_by_an_approval(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust) -> None:
        furnish({"base/python": PARTNER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, PARTNER, PULL)
        answer = ask(run, "--trust", trust({"account": PARTNER, "reason": "pulls", "owner": "platform@example.com"}))
        one = the_disagreement(answer)
        assert (answer.status, answers(answer), one["explained_by"]) == (0, {"base/python": "differs"}, "trust")
        assert one["ours"] == {
            "says": "approved",
            "access": ["READ"],
            "reason": "trust[0] approves it, by platform@example.com: pulls",
        }
        assert (one["theirs"]["says"], one["theirs"]["access"]) == ("granted", ["READ"])
        assert f"ACTIVE: AWS {PARTNER}, {PULL}, analyzed at 2026-06-29T12:00:00Z" in one["theirs"]["reason"]
        assert (one["kind"], one["grantee"]) == ("account", PARTNER)

    @pytest.mark.parametrize(
        "document, own",
        [(MEMBERS_PULL, ORGANIZATION), (MEMBERS_PULL, None), (STRANGER_PULLS, ORGANIZATION)],
        ids=["this organization", "an organization that may be this one", "an account that may be in it"],
    )
    def test_by_the_organization_as_zone_of_trust(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, document: object, own: str | None
    ) -> None:
        furnish({"base/python": document})
        analyzer.analyze(analyzer.analyzer(type_="ORGANIZATION"), ARN)
        answer = ask(run, *(("--organization", own) if own else ()))
        one = the_disagreement(answer)
        assert (answer.status, one["explained_by"], one["theirs"]["says"]) == (1, "organization", "nothing")

    def test_another_organization_is_not_explained_by_the_zone_of_trust(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": MEMBERS_PULL})
        analyzer.analyze(analyzer.analyzer(type_="ORGANIZATION"), ARN)
        assert the_disagreement(ask(run, "--organization", "o-zzzzzzzzzz"))["explained_by"] is None

    def test_everybody_is_never_explained_by_a_zone_of_trust(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": PUBLIC})
        analyzer.analyze(analyzer.analyzer(type_="ORGANIZATION"), ARN)
        found = {one["kind"]: one["explained_by"] for one in opinion(ask(run))["disagreements"]}
        assert found == {"any": None, "service": "service"}

    def test_a_service_that_is_reported_explains_nothing(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": policy({"Service": "lambda.amazonaws.com"}, "ecr:*")})
        analyzer.find(analyzer.analyzer(), ARN, None, PULL)["principal"] = {"Service": "lambda.amazonaws.com"}
        found = opinion(ask(run))["disagreements"]
        assert [(one["theirs"]["says"], one["explained_by"]) for one in found] == [("granted", None)]

    def test_a_service_that_was_reported_and_ended_is_resolved(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": LAMBDA_PULLS})
        ended = analyzer.find(analyzer.analyzer(), ARN, None, PULL, status="RESOLVED")
        ended["principal"] = {"Service": "lambda.amazonaws.com"}
        assert the_disagreement(ask(run))["explained_by"] == "resolved"

    def test_by_a_service(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
        furnish({"base/python": LAMBDA_PULLS})
        analyzer.analyze(analyzer.analyzer(), ARN)
        assert the_disagreement(ask(run))["explained_by"] == "service"

    @pytest.mark.parametrize("status", ["ARCHIVED", "RESOLVED"])
    def test_by_the_status_of_a_finding(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, status: str
    ) -> None:
        furnish({"base/python": STRANGER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL, status=status)
        answer = ask(run)
        one = the_disagreement(answer)
        assert (answer.status, one["explained_by"], one["theirs"]["says"]) == (1, status.lower(), status.lower())
        assert status in one["theirs"]["reason"]

    def test_by_a_registry_policy(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, ecr: ECRClient
    ) -> None:
        furnish({"base/python": None})
        principal = {"AWS": f"arn:aws:iam::{STRANGER}:root"}
        document = policy(principal, "ecr:ReplicateImage", Resource=ARN.replace("base/python", "*"))
        document["Statement"][0]["Action"] = "ecr:ReplicateImage"
        ecr.put_registry_policy(policyText=json.dumps(document))
        analyzer.analyze(analyzer.analyzer(), ARN)
        answer = ask(run)
        assert the_disagreement(answer)["explained_by"] == "registry-policy"
        assert answers(answer) == {"base/python": "agrees"}

    @pytest.mark.parametrize("theirs", [("*",), ()], ids=["Access Analyzer finds it", "it finds nothing"])
    def test_by_what_the_audit_cannot_decide(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, theirs: tuple[str, ...]
    ) -> None:
        furnish({"base/python": UNDECIDED})
        here = analyzer.analyzer()
        analyzer.analyze(here, ARN)
        for principal in theirs:
            analyzer.find(here, ARN, principal, PULL, isPublic=False)
        answer = ask(run)
        one = the_disagreement(answer)
        assert (answer.status, one["explained_by"], one["ours"]["says"]) == (2, "undecided", "undecided")
        assert "aws:SomeKeyOfTomorrow" in one["ours"]["reason"]
        assert one["theirs"]["says"] == ("granted" if theirs else "nothing")

    def test_by_a_principal_that_was_deleted(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
        furnish({"base/python": policy({"AWS": "AROAEXAMPLEEXAMPLEEXA"})})
        analyzer.find(analyzer.analyzer(), ARN, "AROAEXAMPLEEXAMPLEEXA", PULL)
        answer = ask(run)
        assert (answer.status, the_disagreement(answer)["explained_by"]) == (0, "deleted-principal")

    def test_by_a_repository_that_was_not_judged(self, run: Run, analyzer: FakeAccessAnalyzer) -> None:
        here = analyzer.analyzer()
        analyzer.find(here, ARN, STRANGER, PULL)
        analyzer.find(here, ARN, PARTNER, PULL, status="RESOLVED")
        answer = ask(run)
        one = the_disagreement(answer)
        assert (answer.status, one["explained_by"], one["ours"]["says"]) == (0, "not-judged", "not-read")


class TestUnexplained:
    """Unexplained differences come first, and never count as compliant."""

    @pytest.mark.parametrize("document", [CLOSED, None], ids=["closed", "no policy"])
    def test_access_that_only_access_analyzer_sees_is_uncertain(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, document: object
    ) -> None:
        furnish({"base/python": document})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL)
        answer = ask(run)
        one = the_disagreement(answer)
        assert (answer.status, one["explained_by"], one["ours"]["says"]) == (2, None, "nothing")
        assert (one["kind"], one["grantee"]) == ("account", STRANGER)
        assert opinion(answer)["summary"]["unexplained"] == 1
        assert ask(run, "--fail-on", "high").status == 0

    def test_it_is_uncertain_too_beside_a_baseline(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, tmp_path: Path
    ) -> None:
        furnish({"base/python": CLOSED, "base/ruby": STRANGER_PULLS})
        baseline = tmp_path / "baseline.json"
        run("audit", "--format", f"json={baseline}")
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL)
        analyzer.find(next(iter(analyzer.analyzers)), ARN.replace("python", "ruby"), STRANGER, PULL)
        assert ask(run, "--baseline", str(baseline)).status == 2

    def test_an_approval_of_somebody_else_explains_nothing(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust
    ) -> None:
        furnish({"base/python": PARTNER_PULLS})
        here = analyzer.analyzer()
        analyzer.find(here, ARN, PARTNER, PULL, status="ARCHIVED")
        analyzer.find(here, ARN, STRANGER, PULL)
        answer = ask(run, "--trust", trust({"account": PARTNER}))
        assert (answer.status, the_disagreement(answer)["grantee"]) == (2, STRANGER)

    @pytest.mark.parametrize("condition", [{}, {"aws:SourceVpc": "vpc-1"}], ids=["everybody", "a network"])
    def test_an_approval_of_one_account_does_not_explain_access_of_everybody(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust, condition: Mapping[str, str]
    ) -> None:
        furnish({"base/python": PARTNER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, "*", PULL, isPublic=not condition, condition=condition)
        answer = ask(run, "--trust", trust({"account": PARTNER}))
        assert answer.status == 2
        assert [one["grantee"] for one in opinion(answer)["disagreements"] if not one["explained_by"]] == [
            "any AWS account"
        ]

    def test_more_access_than_the_audit_sees_is_uncertain(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust
    ) -> None:
        furnish({"base/python": PARTNER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, PARTNER, PULL, PUSH, status="ARCHIVED")
        approved = trust({"account": PARTNER})
        assert ask(run, "--trust", approved).status == 0
        analyzer.findings[next(iter(analyzer.findings))][0]["status"] = "ACTIVE"
        answer = ask(run, "--trust", approved)
        found = {one["explained_by"]: one for one in opinion(answer)["disagreements"]}
        assert (answer.status, {*found}) == (2, {None, "trust"})
        assert (found[None]["ours"]["access"], found[None]["theirs"]["access"]) == (["READ"], ["READ", "WRITE"])

    @pytest.mark.parametrize("actions", [("ecr:*",), ()])
    def test_a_finding_of_every_action_or_of_none_named_reaches_as_far_as_there_is(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, actions: tuple[str, ...]
    ) -> None:
        furnish({"base/python": CLOSED})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, *actions)
        assert the_disagreement(ask(run))["theirs"]["access"] == ["READ", "WRITE", "ADMIN"]

    def test_less_access_than_the_audit_sees_is_said(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": policy({"AWS": STRANGER}, PULL, PUSH)})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL)
        one = the_disagreement(ask(run))
        assert (one["explained_by"], one["ours"]["access"]) == (None, ["READ", "WRITE"])

    def test_access_that_only_the_audit_sees_comes_with_the_time_of_the_analysis(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": STRANGER_PULLS, "base/ruby": CLOSED})
        analyzer.analyze(analyzer.analyzer(), ARN, ARN.replace("python", "ruby"))
        answer = ask(run)
        one = the_disagreement(answer)
        assert (one["explained_by"], one["theirs"]["reason"]) == (None, "no finding; analyzed at 2026-06-29T12:00:00Z")
        assert answers(answer) == {"base/python": "differs", "base/ruby": "agrees"}
        assert analyzer.operations().count("GetAnalyzedResource") == 1

    def test_a_status_that_is_not_known_stands(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(models, "UNCHECKED", {"ListFindings"})
        furnish({"base/python": CLOSED})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL, status="SNOOZED")
        assert ask(run).status == 2


class TestNoOpinion:
    """Without a second opinion nothing agrees, and the run says so."""

    @pytest.mark.usefixtures("analyzer")
    def test_no_analyzer(self, run: Run, furnish: Furnish) -> None:
        furnish({"base/python": CLOSED, "base/ruby": None})
        answer = ask(run)
        (error,) = answer.json["errors"]
        assert (answer.status, set(answers(answer).values())) == (3, {"unknown"})
        assert error["reason"] == sentence("access_analyzer.iam_access_analyzer", region=REGION)
        assert (error["about"], error["region"], error["account"]) == ("second_opinion", REGION, OWNER)
        assert "no second opinion on 2" in run(*ASK).out

    @pytest.mark.parametrize("type_", ["ACCOUNT_UNUSED_ACCESS", "ORGANIZATION_INTERNAL_ACCESS"])
    def test_only_analyzers_of_another_type(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, type_: str
    ) -> None:
        furnish({"base/python": CLOSED})
        analyzer.analyze(analyzer.analyzer("other", type_), ARN)
        answer = ask(run)
        assert (answer.status, answers(answer)) == (3, {"base/python": "unknown"})
        assert (
            sentence("access_analyzer.no_analyzer_external_access", region=REGION, type=type_)
            in (answer.json["errors"][0]["reason"])
        )

    @pytest.mark.parametrize(
        "status, why",
        [
            ("CREATING", "`account` is CREATING"),
            ("DISABLED", "`account` is DISABLED (AWS_SERVICE_ACCESS_DISABLED)"),
            ("FAILED", "`account` is FAILED"),
        ],
    )
    def test_an_analyzer_that_is_not_active(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, status: str, why: str
    ) -> None:
        furnish({"base/python": CLOSED})
        here = analyzer.analyzer(status=status)
        analyzer.analyze(here, ARN)
        if status == "DISABLED":
            analyzer.analyzers[here]["statusReason"] = {"code": "AWS_SERVICE_ACCESS_DISABLED"}
        answer = ask(run)
        assert (answer.status, answers(answer)) == (3, {"base/python": "unknown"})
        assert answer.json["errors"][0]["reason"].endswith(
            sentence("access_analyzer.no_active_analyzer_external", region=REGION, why=why)
        )

    def test_a_repository_that_was_not_analyzed_yet(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": CLOSED, "base/new": CLOSED, "base/empty": None})
        analyzer.analyze(analyzer.analyzer(), ARN)
        answer = ask(run)
        assert answers(answer) == {"base/python": "agrees", "base/new": "unknown", "base/empty": "no-policy"}
        (error,) = answer.json["errors"]
        assert (answer.status, error["arn"]) == (3, ARN.replace("python", "new"))
        assert error["reason"] == sentence("comparison.iam_access_analyzer")

    def test_an_analyzer_that_has_analyzed_nothing_yet(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": STRANGER_PULLS})
        analyzer.analyzer()
        answer = ask(run)
        assert (answer.status, answers(answer)) == (3, {"base/python": "unknown"})
        assert opinion(answer)["disagreements"] == []

    def test_a_repository_that_could_not_be_analyzed(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": CLOSED})
        analyzer.find(analyzer.analyzer(), ARN, None, error="ACCESS_DENIED")
        answer = ask(run)
        assert (answer.status, answers(answer)) == (3, {"base/python": "unknown"})
        assert answer.json["errors"][0]["reason"].endswith(sentence("comparison.could_not_analyze_access"))

    def test_an_error_that_is_resolved_is_none(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
        furnish({"base/python": CLOSED})
        analyzer.find(analyzer.analyzer(), ARN, None, error="ACCESS_DENIED", status="RESOLVED")
        assert answers(ask(run)) == {"base/python": "agrees"}

    @pytest.mark.parametrize("operation", ["ListAnalyzers", "ListFindings", "ListAnalyzedResources"])
    @pytest.mark.parametrize("after", [0, 1])
    def test_an_answer_that_is_refused_on_any_page(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, operation: str, after: int
    ) -> None:
        names = [f"team/{number}" for number in range(3)]
        furnish(dict.fromkeys(names, STRANGER_PULLS))
        here = analyzer.analyzer()
        analyzer.analyzer("a", "ACCOUNT_UNUSED_ACCESS")
        analyzer.analyzer("b", "ACCOUNT_UNUSED_ACCESS")
        for name in names:
            analyzer.find(here, ARN.replace("base/python", name), STRANGER, PULL)
        analyzer.fail(operation, "AccessDeniedException", status=403, after=after)
        answer = ask(run)
        assert (answer.status, set(answers(answer).values())) == (3, {"unknown"})
        assert answer.json["errors"][0]["reason"] == sentence(
            "access_analyzer.iam_access_analyzer_could", operation=operation
        )
        assert len(answer.json["repositories"]) == 3

    def test_throttling_is_sat_out(self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
        furnish({"base/python": STRANGER_PULLS})
        analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL)
        for operation in ("ListAnalyzers", "ListFindings", "ListAnalyzedResources"):
            analyzer.fail(operation, "ThrottlingException", status=429, times=3)
        assert answers(ask(run)) == {"base/python": "agrees"}

    def test_the_time_of_an_analysis_that_is_refused_is_an_error(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": STRANGER_PULLS})
        analyzer.analyze(analyzer.analyzer(), ARN)
        analyzer.fail("GetAnalyzedResource", "AccessDeniedException", status=403)
        answer = ask(run)
        assert (answer.status, answer.json["errors"][0]["arn"]) == (3, ARN)
        assert the_disagreement(answer)["theirs"]["reason"] == "no finding"

    def test_a_repository_that_is_gone_meanwhile_has_no_time(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": STRANGER_PULLS})
        analyzer.analyze(analyzer.analyzer(), ARN)
        analyzer.fail("GetAnalyzedResource", "ResourceNotFoundException", status=404)
        answer = ask(run)
        assert (answer.status, the_disagreement(answer)["theirs"]["reason"]) == (1, "no finding")

    def test_one_region_without_an_analyzer_does_not_take_the_other_s_opinion(
        self, run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
    ) -> None:
        furnish({"base/python": CLOSED})
        furnish({"base/python": CLOSED}, region="us-east-1")
        analyzer.analyze(analyzer.analyzer(), ARN)
        analyzer.fail("ListAnalyzers", "AccessDeniedException", status=403, after=1)
        answer = ask(run, "--region", REGION, "--region", "us-east-1")
        assert [one["opinion"] for one in opinion(answer)["repositories"]] == ["agrees", "unknown"]
        assert [error["region"] for error in answer.json["errors"]] == ["us-east-1"]


def test_the_account_s_analyzer_is_asked_before_the_organization_s(
    run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
) -> None:
    furnish({"base/python": CLOSED})
    analyzer.analyzer("unused", "ACCOUNT_UNUSED_ACCESS")
    analyzer.analyzer("everywhere", "ORGANIZATION")
    here = analyzer.analyzer()
    analyzer.analyze(here, ARN)
    (asked,) = opinion(ask(run))["analyzers"]
    assert (asked["region"], asked["arn"], asked["type"]) == (REGION, here, "ACCOUNT")
    assert [one["name"] for one in asked["not_asked"]] == ["unused", "everywhere"]


def test_without_the_option_nobody_is_asked(run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
    furnish({"base/python": CLOSED})
    assert "second_opinion" not in run("audit", "--format", "json").json
    assert analyzer.calls == []


@pytest.mark.parametrize("elsewhere", [("aggregator:all"), ("-")])
def test_it_goes_with_the_account_itself(run: Run, elsewhere: tuple[str, str]) -> None:
    answer = run(*ASK, *elsewhere)
    assert (answer.status, sentence("audit.second_opinion_needs") in answer.err) == (3, True)


def test_nothing_is_changed(run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer) -> None:
    furnish({"base/python": STRANGER_PULLS})
    analyzer.analyze(analyzer.analyzer(), ARN)
    ask(run)
    assert {name[:3] for name in map(str.lower, analyzer.operations())} == {"lis", "get"}


HOSTILE = "\x1b[31m\u202e</td><script>alert(1)</script>"


def test_a_person_reads_it_too(
    run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, trust: Trust, tmp_path: Path
) -> None:
    page = tmp_path / "page.html"
    furnish({"base/python": PARTNER_PULLS, "base/ruby": CLOSED, "base/go": LAMBDA_PULLS, "base/new": CLOSED})
    here = analyzer.analyzer()
    analyzer.find(here, ARN, PARTNER, PULL)
    analyzer.find(here, ARN.replace("python", "ruby"), "*", PULL, condition={"aws:SourceVpc": HOSTILE})
    analyzer.analyze(here, ARN.replace("python", "go"))
    out = run(
        *ASK, "--trust", trust({"account": PARTNER, "reason": HOSTILE}), "--format", "text", "--format", f"html={page}"
    ).out
    said = out.partition("\nSecond opinion of IAM Access Analyzer\n")[2]
    assert said.startswith(sentence("comparison.analyzer_account_zone", region=REGION))
    assert sentence("comparison.because_trust_trust") in said
    assert sentence("comparison.because_service_access") in said
    html = page.read_text(encoding="utf-8")
    assert sentence("audit_parts.id_opinion_title") in html
    assert '<span class="tag warn">unexplained</span>' in html
    assert "<script>alert" not in html
    assert not any(sign in out + html for sign in "\x1b\u202e")


def test_what_only_access_analyzer_sees_is_in_every_form(
    run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, tmp_path: Path
) -> None:
    furnish({"base/python": CLOSED})
    analyzer.find(analyzer.analyzer(), ARN, STRANGER, PULL)
    out = run(*ASK, "--format", "text", "--format", f"html={tmp_path / 'page.html'}").out
    assert sentence("audit.compliant_not_unexplained_finding") in out
    html = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert sentence("audit_parts.no_external_access_without_approval") in html
    header, compliant, row = csv.reader(io.StringIO(run(*ASK, "--format", "csv").out))
    told = dict(zip(header, row, strict=True))
    assert (told["arn"], told["repository"], told["account"], told["region"]) == (ARN, "base/python", OWNER, REGION)
    assert (told["compliance"], told["grantee"], told["access"]) == ("DIFFERS", STRANGER, "READ")
    assert sentence("comparison.audit_nothing_no_statement") in told["reason"]
    assert "COMPLIANT" in compliant
    (log,) = run(*ASK, "--format", "sarif").json["runs"]
    (said,) = log["invocations"][0]["toolExecutionNotifications"]
    assert said["level"] == "warning"
    assert sentence("audit_reports.iam_access_analyzer", stranger=STRANGER) in said["message"]["text"]
    *_, beyond = map(json.loads, run(*ASK, "--format", "ocsf").out.splitlines())
    assert list(problems(beyond)) == []
    assert (beyond["compliance"]["status"], beyond["resource"]["uid"]) == ("Warning", ARN)
    assert "that nothing explains" in beyond["message"]


def test_a_finding_about_what_is_no_arn_is_shown_as_it_stands(
    run: Run, analyzer: FakeAccessAnalyzer, tmp_path: Path
) -> None:
    analyzer.findings[analyzer.analyzer()].append(
        analyzer.find(next(iter(analyzer.analyzers)), ARN, STRANGER, PULL) | {"resource": "repository/x"}
    )
    for format_ in ("text", "json", "csv", "sarif", "ocsf"):
        answer = run(*ASK, "--format", format_, "--format", f"html={tmp_path / 'page.html'}")
        assert (answer.status, "repository/x" in answer.out) == (0, format_ not in ("sarif", "ocsf"))


def test_a_page_with_very_many_differences_says_that_there_are_more(
    run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.cli.formats.audit_page.MOST_DISAGREEMENTS", 1)
    furnish({"base/python": STRANGER_PULLS, "base/ruby": STRANGER_PULLS})
    analyzer.analyze(analyzer.analyzer(), ARN, ARN.replace("python", "ruby"))
    run(*ASK, "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
    assert "1 more are in the JSON form" in (tmp_path / "page.html").read_text(encoding="utf-8")


def test_differences_that_are_alike_are_one_for_a_person(
    run: Run, furnish: Furnish, analyzer: FakeAccessAnalyzer
) -> None:
    names = [f"team/{number}" for number in range(7)]
    furnish(dict.fromkeys(names, LAMBDA_PULLS))
    analyzer.analyze(analyzer.analyzer(), *(ARN.replace("base/python", name) for name in names))
    said = run(*ASK).out.partition("Second opinion")[2]
    assert said.count("differs ") == 1
    assert "7 repositories: team/0, team/1, team/2, team/3, team/4 and 2 more" in said
