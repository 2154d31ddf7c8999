"""The live account: what is read, what is reported, and what happens if something cannot be read."""

from __future__ import annotations

import fcntl
import json
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError, ConfigParseError, EndpointConnectionError, UnauthorizedSSOTokenError
from ecr_crossaccount.products.audit.account import Caller
from ecr_crossaccount.sources.aws.owner import Registry
from moto.ecr.models import ecr_backends

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    MEMBERS_PULL,
    OWNER,
    PARTNER,
    PARTNER_PULLS,
    REGION,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
    Refuse,
    policy,
)
from tests.cli.conftest import Run
from tests.fakes.calls import around_calls
from tests.fakes.ecr import stored
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

Trust = Callable[..., str]


def test_every_repository_is_there_with_the_fields_of_a_judge_answer(run: Run, furnish: Furnish) -> None:
    furnish({"public/tools": EVERYBODY_MAY_ALL, "team/scratch": None})
    answer = run("audit", "--format", "json")
    assert answer.status == 1
    tools, scratch = answer.json["repositories"]
    assert tools | {"grants": []} == {
        "arn": f"arn:aws:ecr:{REGION}:{OWNER}:repository/public/tools",
        "account": OWNER,
        "region": REGION,
        "name": "public/tools",
        "kind": "repository",
        "compliance": "NON_COMPLIANT",
        "external": True,
        "public": True,
        "service": True,
        "access": ["READ", "WRITE", "ADMIN"],
        "grants": [],
        "undecided": [],
        "invalid": [],
        "notes": [],
        "severity": "CRITICAL",
        "trusted": [],
        "state": {"register": 0, "forms": [{"policy": stored(json.dumps(EVERYBODY_MAY_ALL))}]},
    }
    assert answer.json["recorded"] == {"registers": [[]], "registries": []}
    assert tools["grants"][0]["grantee"] == "any AWS account"
    assert (scratch["name"], scratch["compliance"]) == ("team/scratch", "COMPLIANT")
    assert answer.json["errors"] == []


def test_it_says_by_whose_word_somebody_gets_in_and_until_when(run: Run, furnish: Furnish, trust: Trust) -> None:
    furnish({"base/python": PARTNER_PULLS, "partner/sdk": policy({"AWS": PARTNER}, "ecr:*")})
    word = {"reason": "builds on our images", "owner": "platform@example.com", "expires": "2027-03-31"}
    answer = run("audit", "--format", "json", "--trust", trust({"account": PARTNER, **word}))
    python, sdk = answer.json["repositories"]
    (covered,) = python["trusted"]
    assert python["compliance"] == "COMPLIANT"
    assert covered == {
        "statement": 0,
        "sid": "One",
        "grantee": PARTNER,
        "kind": "account",
        "access": ["READ"],
        "actions": ["ecr:BatchGetImage"],
        "entry": 0,
        "trusted_by": "platform@example.com",
        "because": "builds on our images",
        "until": "2027-03-31",
    }
    assert [one["access"] for one in sdk["trusted"]] == [["READ"]]
    assert [one["access"] for one in sdk["grants"]] == [["WRITE", "ADMIN"]]


def test_the_organization_of_the_account_is_looked_up(run: Run, furnish: Furnish, trust: Trust) -> None:
    organization = boto3.client("organizations").create_organization(FeatureSet="ALL")["Organization"]["Id"]
    furnish({"base/python": policy("*", Condition={"StringEquals": {"aws:PrincipalOrgID": organization}})})
    answer = run("audit", "--format", "json", "--trust", trust({"organization": "self"}))
    (python,) = answer.json["repositories"]
    assert (answer.status, python["trusted"][0]["grantee"]) == (0, organization)


def test_an_organization_that_cannot_be_looked_up_trusts_nobody_and_says_so(
    run: Run, furnish: Furnish, trust: Trust, refuse: Refuse
) -> None:
    furnish({"base/python": MEMBERS_PULL})
    refuse("DescribeOrganization", "AccessDeniedException")
    answer = run("audit", "--format", "json", "--trust", trust({"organization": "self"}))
    assert answer.status == 3
    assert "give --organization" in answer.json["errors"][0]["reason"]
    assert answer.json["repositories"][0]["compliance"] == "NON_COMPLIANT"


def test_tags_are_asked_for_where_a_policy_asks_about_them(run: Run, ecr: ECRClient, furnish: Furnish) -> None:
    deny = {"Sid": "No", "Effect": "Deny", "Principal": "*", "Action": "ecr:*"}
    own = {"StringEquals": {"aws:ResourceTag/stage": "private"}}
    guarded = policy({"AWS": STRANGER})
    guarded["Statement"].append(deny | {"Condition": own})
    furnish({"base/python": guarded, "base/node": guarded})
    arn = f"arn:aws:ecr:{REGION}:{OWNER}:repository/base/python"
    ecr.tag_resource(resourceArn=arn, tags=[{"Key": "stage", "Value": "private"}])
    node, python = run("audit", "--format", "json").json["repositories"]
    assert (node["compliance"], python["compliance"]) == ("NON_COMPLIANT", "COMPLIANT")


def test_tags_that_cannot_be_read_are_an_error(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"base/python": policy({"AWS": STRANGER}, Condition={"StringEquals": {"aws:ResourceTag/a": "bb"}})})
    refuse("ListTagsForResource", "AccessDeniedException")
    answer = run("audit", "--format", "json")
    assert answer.status == 3
    assert sentence("live.tags_could_not_read") in answer.json["errors"][0]["reason"]
    assert answer.json["repositories"][0]["compliance"] == "NON_COMPLIANT"


def test_several_regions_are_one_report(run: Run, furnish: Furnish) -> None:
    furnish({"aa": STRANGER_PULLS})
    furnish({"bb": None}, "us-east-1")
    answer = run("audit", "--format", "json", "--region", REGION, "--region", "us-east-1").json
    assert [(one["region"], one["name"]) for one in answer["repositories"]] == [(REGION, "aa"), ("us-east-1", "bb")]
    assert answer["audited"] == {
        "source": "Amazon ECR",
        "on": "2026-06-30",
        "accounts": [OWNER],
        "regions": [REGION, "us-east-1"],
        "unseen_registries": 0,
        "creation_templates": True,
        "replications": True,
        "pull_through_caches": True,
        "read": {OWNER: [REGION, "us-east-1"]},
    }


def test_one_repository_that_cannot_be_read_is_an_error_and_the_rest_is_printed(
    run: Run, furnish: Furnish, refuse: Refuse
) -> None:
    furnish({"aa": None, "bb": None, "cc": EVERYBODY_MAY_ALL})
    refuse("GetRepositoryPolicy", "AccessDeniedException", repository="bb")
    answer = run("audit", "--format", "json")
    assert answer.status == 3
    assert [one["name"] for one in answer.json["repositories"]] == ["aa", "cc"]
    assert answer.json["errors"] == [
        {
            "account": OWNER,
            "region": REGION,
            "arn": f"arn:aws:ecr:{REGION}:{OWNER}:repository/bb",
            "about": "policy",
            "reason": "GetRepositoryPolicy was refused (AccessDeniedException): as the test asked",
        }
    ]


@pytest.mark.parametrize(
    "code, says",
    [
        ("AccessDeniedException", "DescribeRepositories was refused (AccessDeniedException)"),
        ("UnrecognizedClientException", "or the Region is not enabled"),
        (
            "ThrottlingException",
            sentence("calls.throttled_repeatedly_run"),
        ),
        ("ServerException", "DescribeRepositories failed (ServerException): as the test asked"),
    ],
)
def test_a_region_that_cannot_be_listed_leaves_the_others(
    run: Run, furnish: Furnish, refuse: Refuse, code: str, says: str
) -> None:
    furnish({"aa": None})
    refuse("DescribeRepositories", code, region="af-south-1")
    answer = run("audit", "--format", "json", "--region", "af-south-1", "--region", REGION)
    (error,) = answer.json["errors"]
    assert (answer.status, error["region"]) == (3, "af-south-1")
    assert says in error["reason"]
    assert [one["name"] for one in answer.json["repositories"]] == ["aa"]


def test_credentials_that_expire_on_the_way_end_the_region_with_one_message(
    run: Run, furnish: Furnish, refuse: Refuse
) -> None:
    furnish(dict.fromkeys(("aa", "bb", "cc", "dd")))
    refuse("GetRepositoryPolicy", "ExpiredTokenException", repository="bb")
    answer = run("audit", "--format", "json", "ECR_CROSSACCOUNT_CONCURRENCY=1")
    (error,) = answer.json["errors"]
    assert [one["name"] for one in answer.json["repositories"]] == ["aa"]
    assert error["reason"] == sentence("calls.repositories_not_read_bb")


def test_a_region_that_does_not_know_the_caller_does_not_keep_him_from_the_next(
    run: Run, furnish: Furnish, refuse: Refuse
) -> None:
    furnish({"aa": None})
    for operation in ("GetCallerIdentity", "DescribeRepositories"):
        refuse(operation, "InvalidClientTokenId", region="af-south-1")
    answer = run("audit", "--format", "json", "--region", "af-south-1", "--region", REGION)
    assert [one["name"] for one in answer.json["repositories"]] == ["aa"]
    assert answer.status == 3


def test_whose_the_repositories_are_they_say_themselves(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    """In a network that reaches only ECR, STS does not answer."""
    furnish({"aa": STRANGER_PULLS}, "us-east-1")
    refuse("GetCallerIdentity", "AccessDenied")
    refuse("DescribeRepositories", "AccessDeniedException", region="af-south-1")
    answer = run("audit", "--format", "json", "--region", "af-south-1", "--region", REGION, "--region", "us-east-1")
    assert answer.json["audited"]["accounts"] == [OWNER]
    assert [one["arn"] for one in answer.json["repositories"]] == [f"arn:aws:ecr:us-east-1:{OWNER}:repository/aa"]
    assert [(one["account"], one["region"]) for one in answer.json["errors"]] == [(OWNER, "af-south-1")]


def test_an_account_without_repositories_is_compliant(run: Run) -> None:
    answer = run("audit", "--format", "json")
    assert (answer.status, answer.json["repositories"], answer.json["errors"]) == (0, [], [])


def test_where_no_repository_says_whose_it_is_aws_has_to(run: Run, refuse: Refuse) -> None:
    refuse("GetCallerIdentity", "AccessDenied")
    answer = run("audit", "--format", "json")
    assert (answer.status, answer.out) == (3, "")
    assert f"{REGION}: GetCallerIdentity was refused (AccessDenied)" in answer.err


class TestPages:
    """A registry with more repositories than one page."""

    @pytest.fixture(autouse=True)
    def two_a_page(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Divide moto's answer, which has everything at once, into pages."""

        def answered(answer: Any, parameters: Mapping[str, Any]) -> object:  # noqa: ANN401 - any answer
            if "repositories" not in answer:
                return answer
            start = int(parameters.get("nextToken", "0"))
            more = {"nextToken": str(start + 2)} if len(answer["repositories"]) > start + 2 else {}
            return {"repositories": answer["repositories"][start : start + 2], **more}

        _around_each_call(monkeypatch, lambda *_: None, answered)

    def test_all_are_read_in_order(self, run: Run, furnish: Furnish) -> None:
        furnish(dict.fromkeys(("cc", "aa", "ee", "bb", "dd")))
        answer = run("audit", "--format", "json")
        assert (answer.status, [one["name"] for one in answer.json["repositories"]]) == (
            0,
            ["aa", "bb", "cc", "dd", "ee"],
        )

    def test_the_first_are_read_while_the_next_are_listed(
        self, run: Run, furnish: Furnish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        furnish(dict.fromkeys(("aa", "bb", "cc")))
        is_read = threading.Event()
        in_time: list[bool] = []

        def before(operation: str, parameters: Mapping[str, Any]) -> None:
            if operation == "GetRepositoryPolicy":
                is_read.set()
            elif "nextToken" in parameters:
                in_time.append(is_read.wait(timeout=30))

        _around_each_call(monkeypatch, before)
        assert (run("audit").status, in_time) == (0, [True])

    def test_what_was_listed_before_aws_refused_to_go_on_is_read(
        self, run: Run, furnish: Furnish, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        furnish({"aa": STRANGER_PULLS, "bb": None, "cc": None})

        def before(operation: str, parameters: Mapping[str, Any]) -> None:
            if "nextToken" in parameters:
                raise ClientError({"Error": {"Code": "ThrottlingException"}}, operation)

        _around_each_call(monkeypatch, before)
        answer = run("audit", "--format", "json")
        assert (answer.status, [one["name"] for one in answer.json["repositories"]]) == (3, ["aa", "bb"])
        assert [(one["region"], one["reason"].partition(" repeatedly")[0]) for one in answer.json["errors"]] == [
            (REGION, "DescribeRepositories was throttled")
        ]


def _around_each_call(
    monkeypatch: pytest.MonkeyPatch,
    before: Callable[[str, Mapping[str, Any]], None],
    answered: Callable[[object, Mapping[str, Any]], object] = lambda answer, _: answer,
) -> None:
    name = "_make_api_call"
    call: Callable[..., object] = getattr(BaseClient, name)

    def told(client: BaseClient, operation: str, parameters: Mapping[str, Any]) -> object:
        before(operation, parameters)
        return answered(call(client, operation, {**parameters}), parameters)

    monkeypatch.setattr(BaseClient, name, told)


def test_a_repository_that_was_deleted_meanwhile_is_left_out(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"aa": None, "bb": None})
    refuse("GetRepositoryPolicy", "RepositoryNotFoundException", repository="bb")
    answer = run("audit", "--format", "json")
    assert (answer.status, [one["name"] for one in answer.json["repositories"]]) == (0, ["aa"])


@pytest.mark.parametrize(
    "argv, says",
    [
        (("--region", "nowhere at all"), sentence("record.nowhere_all_not_region")),
        (("--region", ""), "`` is not a Region"),
        (("ECR_CROSSACCOUNT_CONCURRENCY=0",), sentence("settings.expected_number")),
        (("ECR_CROSSACCOUNT_EXPIRING=soon",), sentence("options.soon_not_time_expected")),
        (("x", "--region", REGION), "leave out --region"),
        (("aggregator:all", "--region", "a-b-1", "--region", "c-d-1"), "give --region once"),
    ],
)
def test_bad_usage_says_what_would_be_right(run: Run, argv: tuple[str, ...], says: str) -> None:
    answer = run("audit", *argv)
    assert (answer.status, answer.out) == (3, "")
    assert says in answer.err


def test_a_region_is_needed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_DEFAULT_REGION")
    answer = run("audit")
    assert (answer.status, answer.err) == (3, "ecr-crossaccount: no Region: give --region, or set AWS_REGION\n")


def test_no_credentials_say_so(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    assert f"{REGION}: no AWS credentials: set AWS_PROFILE" in run("audit").err


def test_a_region_that_nobody_can_reach_is_questioned(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object, **__: object) -> None:
        raise EndpointConnectionError(endpoint_url="https://sts.eu-nowhere-1.amazonaws.com/")

    around_calls(monkeypatch, unreachable)
    assert "cannot reach AWS: Could not connect" in run("audit", "--region", "eu-nowhere-1").err
    assert "is the Region's name right?" in run("audit", "--region", "eu-nowhere-1").err


@pytest.mark.parametrize(
    "error, says",
    [
        (UnauthorizedSSOTokenError(), "run `aws sso login`, then again"),
        (ConfigParseError(path="x"), "Unable to parse config file: x"),
    ],
)
def test_what_is_wrong_with_credentials_is_said(
    run: Run, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise error

    around_calls(monkeypatch, refused)
    answer = run("audit")
    assert (answer.status, says in answer.err) == (3, True)


def test_calls_are_tried_again_and_use_a_connection_each() -> None:
    settings: Any = Caller(7).ecr(REGION).meta.config
    assert settings.retries == {"mode": "standard", "total_max_attempts": 8}
    assert settings.max_pool_connections == 7


class TestRegistryPolicy:
    @staticmethod
    def put(principal: str, **statement: object) -> None:
        """Write it into moto's backend: moto refuses what only the second version of registry policies accepts."""
        everywhere = f"arn:aws:ecr:{REGION}:{OWNER}:repository/*"
        one = policy({"AWS": principal}, **{"Resource": everywhere, **statement})
        ecr_backends[OWNER][REGION].registry_policy = json.dumps(one)

    def test_it_counts_for_each_repository(self, run: Run, furnish: Furnish, tmp_path: Path) -> None:
        furnish({"aa": None, "bb": STRANGER_PULLS})
        self.put(STRANGER)
        done = run("audit", "--format", "json", "--format", f"html={tmp_path / 'page.html'}")
        assert done.status == 1
        aa, bb = done.json["repositories"]
        assert [(one["grantee"], one["document"]) for one in aa["grants"]] == [(STRANGER, "registry")]
        assert "of the registry policy" in aa["grants"][0]["reason"]
        assert sorted(one["document"] for one in bb["grants"]) == ["registry", "repository"]
        assert done.json["summary"]["non_compliant"] == 2

    def test_a_deny_of_it_closes_what_a_repository_opens(self, run: Run, furnish: Furnish) -> None:
        furnish({"aa": STRANGER_PULLS})
        self.put("*", Effect="Deny", Action="ecr:*", Principal="*")
        done = run("audit", "--format", "json")
        assert done.status == 0
        assert done.json["repositories"][0]["compliance"] == "COMPLIANT"

    def test_of_the_first_version_it_does_not_count_for_pulls(
        self, run: Run, furnish: Furnish, scope: Callable[[str], None]
    ) -> None:
        furnish({"aa": None})
        scope("V1")
        self.put(STRANGER)
        assert run("audit", "--format", "json").json["repositories"][0]["compliance"] == "COMPLIANT"

    @pytest.mark.parametrize("refused", [True, False])
    def test_of_a_scope_that_is_not_known_it_is_undecided(
        self, run: Run, furnish: Furnish, refuse: Refuse, scope: Callable[[str], None], *, refused: bool
    ) -> None:
        furnish({"aa": None})
        scope("V3")
        if refused:
            refuse("GetAccountSetting", "AccessDeniedException")
        self.put(STRANGER)
        (aa,) = run("audit", "--format", "json").json["repositories"]
        assert aa["compliance"] == "NON_COMPLIANT"
        assert not aa["external"]
        assert "get-account-setting" in aa["undecided"][0]["reason"]

    def test_it_is_judged_as_what_it_grants_on_every_repository(self, run: Run, furnish: Furnish) -> None:
        furnish({"aa": None})
        self.put(STRANGER)
        answer = run("audit", "--format", "json")
        (registry,) = answer.json["registries"]
        assert answer.status == 1
        assert (registry["kind"], registry["name"]) == ("registry", "*")
        assert registry["arn"] == f"arn:aws:ecr:{REGION}:{OWNER}:repository/*"
        assert [(one["grantee"], one["access"]) for one in registry["grants"]] == [(STRANGER, ["READ"])]
        assert [one["name"] for one in answer.json["repositories"]] == ["aa"]
        assert answer.json["summary"]["non_compliant"] == 1
        assert sentence("reasons.account_gets_read", stranger=STRANGER) in run("audit").out

    def test_an_approval_covers_it_too(self, run: Run, trust: Trust) -> None:
        self.put(PARTNER)
        answer = run("audit", "--format", "json", "--trust", trust({"account": PARTNER}))
        assert (answer.status, answer.json["trust"][0]["used_by"]) == (0, 1)
        assert answer.json["registries"][0]["trusted"][0]["grantee"] == PARTNER

    def test_an_approval_for_some_repositories_does_not_cover_it(self, run: Run, trust: Trust) -> None:
        self.put(PARTNER)
        answer = run("audit", "--format", "json", "--trust", trust({"account": PARTNER, "repositories": ["base/*"]}))
        assert (answer.status, answer.json["registries"][0]["trusted"]) == (1, [])

    def test_one_that_cannot_be_read_is_an_error(self, run: Run, furnish: Furnish, refuse: Refuse) -> None:
        furnish({"aa": None})
        refuse("GetRegistryPolicy", "AccessDeniedException")
        answer = run("audit", "--format", "json")
        assert (answer.status, len(answer.json["repositories"])) == (3, 1)
        assert answer.json["errors"][0]["reason"].startswith("the registry policy: GetRegistryPolicy was refused")

    @pytest.mark.parametrize("code", ["AccessDeniedException", "ThrottlingException", "ServerException"])
    def test_where_it_cannot_be_read_every_repository_is_undecided(
        self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path, code: str
    ) -> None:
        furnish({"aa": None, "bb": STRANGER_PULLS})
        refuse("GetRegistryPolicy", code)
        page = tmp_path / "page.html"
        done = run("audit", "--format", "json", "--format", f"html={page}")
        aa, bb = done.json["repositories"]
        assert (done.status, done.json["summary"]["compliant"], len(done.json["errors"])) == (3, 0, 1)
        assert (aa["compliance"], aa["external"], aa["grants"]) == ("NON_COMPLIANT", False, [])
        ((doubt,), grantees) = aa["undecided"], [one["grantee"] for one in bb["grants"]]
        assert (doubt["document"], grantees) == ("registry", [STRANGER])
        assert sentence("beside.access_registry_policy") in doubt["reason"]
        assert "allow ecr:GetRegistryPolicy and audit again" in doubt["reason"] or code != "AccessDeniedException"
        assert sentence("beside.access_registry_policy_gives") in page.read_text(encoding="utf-8")
        told = run("audit").out
        assert "0 compliant, 2 not" in told
        assert "; 1 registry policy not read" in told
        assert told.count(sentence("beside.access_registry_policy_gives")) == 1

    def test_where_it_cannot_be_read_in_one_region_only_that_one_is_undecided(
        self, run: Run, furnish: Furnish, refuse: Refuse
    ) -> None:
        furnish({"aa": None})
        furnish({"bb": None}, "eu-west-1")
        refuse("GetRegistryPolicy", "AccessDeniedException", region="eu-west-1")
        done = run("audit", "--region", REGION, "--region", "eu-west-1", "--format", "json")
        found = {one["name"]: one["compliance"] for one in done.json["repositories"]}
        assert found == {"aa": "COMPLIANT", "bb": "NON_COMPLIANT"}

    def test_access_by_one_that_can_no_longer_be_read_is_not_gone(
        self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path
    ) -> None:
        furnish({"aa": None})
        self.put(STRANGER)
        earlier = tmp_path / "earlier.json"
        earlier.write_text(run("audit", "--format", "json").out, encoding="utf-8")
        refuse("GetRegistryPolicy", "AccessDeniedException")
        changes = run("audit", "--format", "json", "--since", str(earlier)).json["changes"]
        assert (changes["gone"], changes["vanished"]) == ([], [])
        assert f"arn:aws:ecr:{REGION}:{OWNER}:repository/aa" in changes["not_compared"]

    def test_it_is_on_the_page(self, run: Run, tmp_path: Path) -> None:
        self.put(STRANGER)
        run("audit", "--format", "text", "--format", f"html={tmp_path / 'page.html'}")
        page = (tmp_path / "page.html").read_text(encoding="utf-8")
        assert "No repository policy gives external access without approval, but a registry policy may" in page
        assert 'title="the registry policy"' in page


HEADER = {
    "format": "ecr-crossaccount audit, resumable, with times",
    "about": {"account": OWNER, "regions": REGION},
}
EARLIER = sentence("journal.read_interrupted_audit")


def _journal(*lines: list[object]) -> str:
    return "".join(json.dumps(line) + "\n" for line in (HEADER, *lines))


@pytest.fixture
def _noon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.now", lambda: datetime(2026, 6, 30, 12, tzinfo=UTC))


@pytest.mark.usefixtures("_noon")
class TestResuming:
    def test_goes_on_from_where_it_was_interrupted(
        self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = tmp_path / "audit.state"
        furnish({"aa": STRANGER_PULLS, "bb": None, "cc": EVERYBODY_MAY_ALL})
        with monkeypatch.context() as patch:
            patch.setattr("ecr_crossaccount.sources.aws.owner.Registry.policy", _interrupted_at("cc"))
            first = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}", "ECR_CROSSACCOUNT_CONCURRENCY=1")
        assert first.status == 130
        assert sentence("audit.interrupted_keeps_read", kept=kept) in first.err
        assert kept.stat().st_mode & 0o777 == 0o600
        for name in ("aa", "bb"):
            refuse("GetRepositoryPolicy", "InternalError", repository=name)
        second = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}", "--format", "json")
        assert [one["severity"] for one in second.json["repositories"]] == ["MEDIUM", None, "CRITICAL"]
        assert [one["notes"][-1:] == [EARLIER] for one in second.json["repositories"]] == [True, True, False]
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize(
        "moment, again",
        [
            ("2026-06-30T11:59:59Z", ["bb"]),
            ("2026-06-29T12:00:00Z", ["bb"]),
            ("2026-06-29T11:59:59Z", ["aa", "bb"]),
            ("2026-06-30T12:00:01Z", ["aa", "bb"]),
        ],
    )
    def test_what_is_older_than_a_day_is_read_again(
        self, run: Run, furnish: Furnish, tmp_path: Path, moment: str, again: list[str]
    ) -> None:
        """The age of a line from the future is unknown."""
        kept = tmp_path / "audit.state"
        furnish({"aa": None, "bb": None})
        arn = f"arn:aws:ecr:{REGION}:{OWNER}:repository/aa"
        policy = json.dumps(EVERYBODY_MAY_ALL)
        kept.write_text(_journal([arn, OWNER, REGION, "aa", policy, {}, moment]))
        found = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}", "--format", "json").json["repositories"]
        assert [one["name"] for one in found if one["compliance"] == "COMPLIANT"] == again

    def test_another_run_is_using_it(self, run: Run, furnish: Furnish, tmp_path: Path) -> None:
        kept, lock = tmp_path / "audit.state", tmp_path / ".audit.state.lock"
        furnish({"aa": None})
        with lock.open("w") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            answer = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        assert (answer.status, answer.out) == (3, "")
        assert sentence("journal.another_audit_using", kept=kept) in answer.err
        assert run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}").status == 0

    def test_it_may_vanish_meanwhile(
        self, run: Run, furnish: Furnish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kept = tmp_path / "audit.state"
        furnish({"aa": None})
        ask = Registry.policy

        def policy(registry: Registry, name: str) -> str | None:
            kept.unlink()
            return ask(registry, name)

        monkeypatch.setattr(Registry, "policy", policy)
        assert run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}").status == 0

    def test_keeps_what_was_read_while_something_is_missing(
        self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path
    ) -> None:
        kept = tmp_path / "audit.state"
        furnish({"aa": None, "bb": None})
        refuse("GetRepositoryPolicy", "ThrottlingException", repository="bb")
        assert run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}").status == 3
        assert [json.loads(line)[3] for line in kept.read_text().splitlines()[1:]] == ["aa"]

    def test_drops_a_line_that_was_cut_off(self, run: Run, furnish: Furnish, refuse: Refuse, tmp_path: Path) -> None:
        kept = tmp_path / "audit.state"
        furnish({"aa": None, "bb": STRANGER_PULLS})
        refuse("GetRepositoryPolicy", "ThrottlingException", repository="cc")
        furnish({"cc": None})
        run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        whole = kept.read_bytes()
        kept.write_bytes(whole[:-7])
        run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        assert kept.read_bytes() == whole

    @pytest.mark.parametrize(
        "content, says",
        [
            ("notes of mine", sentence("journal.not_journal_audit_resume")),
            ("notes of mine\n", sentence("journal.not_journal_audit_line_2")),
            ('{"format": "other"}\n', sentence("journal.not_journal_audit_line_2")),
        ],
    )
    def test_overwrites_no_file_of_another_kind(self, run: Run, tmp_path: Path, content: str, says: str) -> None:
        kept = tmp_path / "notes"
        kept.write_text(content)
        answer = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        assert (answer.status, says in answer.err) == (3, True)
        assert kept.read_text() == content

    @pytest.mark.parametrize(
        "line",
        [
            "[" * 100_000,
            "{}",
            "[]",
            "null",
            '["a"]',
            "[1, 2, 3, 4, 5, 6]",
            f'["arn", "nobody", "{REGION}", "aa", null, null, "2026-06-30T12:00:00Z"]',
            f'["arn", "{OWNER}", "{REGION}", ["aa"], null, null, "2026-06-30T12:00:00Z"]',
            f'["arn", "{OWNER}", "{REGION}", "aa", {{}}, null, "2026-06-30T12:00:00Z"]',
            f'["arn", "{OWNER}", "{REGION}", "aa", null, {{"a": 1}}, "2026-06-30T12:00:00Z"]',
            f'["arn", "{OWNER}", "{REGION}", "aa", null, null]',
            f'["arn", "{OWNER}", "{REGION}", "aa", null, null, "yesterday"]',
            f'["arn", "{OWNER}", "{REGION}", "aa", null, null, 1782820800]',
        ],
    )
    def test_a_damaged_line_is_named(self, run: Run, furnish: Furnish, tmp_path: Path, line: str) -> None:
        kept = tmp_path / "audit.state"
        furnish({"aa": None})
        kept.write_text(_journal() + f"{line}\n")
        answer = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        assert (answer.status, answer.out) == (3, "")
        assert answer.err == sentence("journal.not_journal_audit_line", kept=kept)

    @pytest.mark.parametrize(
        "change, says",
        [
            ({"format": "ecr-crossaccount audit, resumable"}, sentence("journal.not_journal_audit_line_2")),
            ({"about": {"account": OWNER, "regions": "us-east-1"}}, sentence("journal.belongs_another_audit")),
            ({"about": 1}, sentence("journal.belongs_another_audit_no")),
        ],
    )
    def test_refuses_what_is_of_another_audit(
        self, run: Run, tmp_path: Path, change: dict[str, object], says: str
    ) -> None:
        kept = tmp_path / "audit.state"
        kept.write_text(_journal())
        assert run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}").status == 0
        kept.write_text(json.dumps(HEADER | change) + "\n")
        answer = run("audit", f"ECR_CROSSACCOUNT_RESUME={kept}")
        assert (answer.status, says in answer.err) == (3, True)

    def test_says_where_it_cannot_keep_it(self, run: Run, tmp_path: Path) -> None:
        answer = run("audit", f"ECR_CROSSACCOUNT_RESUME={tmp_path}/nowhere/state")
        assert "cannot record the progress in" in answer.err


def _interrupted_at(name: str) -> Callable[[Registry, str], str | None]:
    ask = Registry.policy

    def policy(registry: Registry, asked: str) -> str | None:
        if asked == name:
            raise KeyboardInterrupt
        return ask(registry, asked)

    return policy


def test_a_terminal_sees_how_far_it_has_come(run: Run, furnish: Furnish, monkeypatch: pytest.MonkeyPatch) -> None:
    furnish({"aa": None, "bb": None})
    assert run("audit").err == ""
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    shown = run("audit").err
    assert "reading policies" in shown
    assert "2/2" in shown
