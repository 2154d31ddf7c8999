"""The planning function run as in AWS: it agrees with the library, and completes the loop with the rule."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import cycle
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import boto3
import pytest
from ecr_crossaccount import Origin, Repository, Strategy, Trust, judge, plan

from demo.events import change_event
from tests.case_tables import ANY_DAY, OWNER, cases
from tests.events import REGION
from tests.fakes import FakeCloudTrail, FakeConfigService, FakeFunctions
from tests.fakes.moto_server import moto_server
from tests.plan_tables import CLOSING, plan_cases
from tests.remediation.document import Document
from tests.remediation.events import called
from tests.remediation.interpreter import Execution, World, run
from tests.stack.cloudformation import ROOT
from tests.stack.emulator import emulated
from tests.wording import sentence

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

pytestmark = [pytest.mark.artefact, pytest.mark.slow]

Json = dict[str, Any]

RULE_PARAMETERS = {"trustedAccounts": "222233334444", "trustedOrganizations": "none"}
ANSWERS = """
import json, sys
sys.path.insert(0, sys.argv[1])
from datetime import date
from ecr_crossaccount import Trust
from ecr_crossaccount.products.automation.planner import answer
for line in sys.stdin:
    asked = json.loads(line)
    trust = Trust.parse(asked["register"], today=date.fromisoformat(asked["today"]))
    print(json.dumps([answer(request, trust) for request in asked["requests"]]))
"""


@pytest.fixture(scope="module")
def planner(unpacked: Callable[[str], Path]) -> Path:
    """Return the folder that AWS Lambda gets for the planning function."""
    return unpacked("plan")


@pytest.fixture(scope="module")
def rule(unpacked: Callable[[str], Path]) -> Path:
    """Return the folder that AWS Lambda gets for the rule's function."""
    return unpacked("rule")


@dataclass(frozen=True, slots=True)
class Question:
    """A case, as a document asks about an existing repository."""

    name: str
    asked: Json
    today: str
    strategy: Strategy

    @property
    def policy(self) -> str | None:
        policy = self.asked["policy"]
        return policy if policy is None or isinstance(policy, str) else json.dumps(policy)

    @property
    def register(self) -> Json:
        return {"version": 1, "trust": self.asked["trust"]}

    @property
    def repository(self) -> Repository:
        return Repository(
            self.asked["owner"],
            self.asked.get("repository", "*"),
            region=self.asked.get("region", REGION),
            partition=self.asked.get("partition", "aws"),
            organization=self.asked.get("owner_organization"),
            tags=self.asked.get("tags", {}),
            tags_known=True,
        )

    def requests(self) -> list[Json]:
        """Return a document's requests to the function: for a verdict, and for a plan."""
        where = self.repository
        about = {
            "Policy": "null" if self.policy is None else self.policy,
            "Arn": f"arn:{where.partition}:ecr:{where.region}:{where.account}:repository/{where.name}",
            "Tags": json.dumps([{"Key": key, "Value": value} for key, value in where.tags.items()]),
            "Organization": where.organization or "none",
            "MinimumSeverity": "LOW",
        }
        return [about | {"Task": "judge"}, about | {"Task": "plan", "Strategy": self.strategy.value}]

    def expected(self) -> list[Json]:
        """Return the library's answers to the same."""
        trust = Trust.parse(self.register, today=date.fromisoformat(self.today))
        verdict = judge(self.policy, self.repository, trust, Origin.DEPLOYED).to_json()
        found = plan(self.policy, self.repository, trust, self.strategy, Origin.DEPLOYED)
        answers: list[Json] = json.loads(json.dumps([verdict, {"plan": found.to_json()}]))
        return answers


def questions() -> list[Question]:
    """Return every case, with alternating strategies. The code is the library's, so the decisions are too."""
    asked = [(case.name, case.batch_request(), case.today or ANY_DAY) for case in cases()]
    asked += [(case.name, case.batch_request(), ANY_DAY) for case in plan_cases()]
    return [
        Question(name, request, str(today), strategy)
        for (name, request, today), strategy in zip(asked, cycle(CLOSING), strict=False)
    ]


def as_told(record: Json, wanted: Json) -> Json:
    """Return the part of an answer's record to compare with the library's answer."""
    if "plan" not in wanted:
        return record
    return {"plan": {name: value for name, value in record["plan"].items() if name != "strategy"}}


def test_the_artefact_says_what_the_library_says_on_every_case(planner: Path) -> None:
    asked = questions()
    lines = [json.dumps({"register": one.register, "today": one.today, "requests": one.requests()}) for one in asked]
    # Without site packages (-S) and environment (-E): only the build and the standard library.
    ran = subprocess.run(
        [sys.executable, "-B", "-S", "-E", "-c", ANSWERS, str(planner)],
        input="\n".join(lines),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [json.loads(line) for line in ran.stdout.splitlines()]
    assert len(answers) == len(asked) > 900
    for question, answered in zip(asked, answers, strict=True):
        records = [json.loads(one["Record"]) for one in answered]
        for wanted, record in zip(question.expected(), records, strict=True):
            assert as_told(record, wanted) == wanted, question.name


def test_it_carries_no_aws_sdk_and_no_command(planner: Path) -> None:
    assert sorted(path.name for path in planner.iterdir()) == ["LICENSE", "ecr_crossaccount", "planner.py"]
    parts = {path.name for path in (planner / "ecr_crossaccount").iterdir()}
    packages = {"documents", "judgement", "products", "questions", "sources"}
    assert parts == {"__init__.py", "errors.py", "memo.py"} | packages


class Cloud(NamedTuple):
    """An account, and the endpoints of its services."""

    ecr: ECRClient
    config: FakeConfigService
    trail: FakeCloudTrail
    functions: FakeFunctions
    world: World
    endpoints: Json


@pytest.fixture
def cloud(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cloud]:
    """Serve an account to the functions and to the document: ECR and S3 (moto), AWS Config and CloudTrail (fakes)."""
    monkeypatch.setenv("MOTO_ACCOUNT_ID", OWNER)
    world = World(account=OWNER, region=REGION)
    with (
        moto_server() as port,
        FakeConfigService() as config,
        FakeCloudTrail(world.monotonic) as trail,
        FakeFunctions() as functions,
    ):
        endpoints = {
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
            "AWS_ENDPOINT_URL_CONFIG_SERVICE": config.url,
            "AWS_ENDPOINT_URL_CLOUDTRAIL": trail.url,
            "AWS_ENDPOINT_URL_LAMBDA": functions.url,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "SERVED_ACCOUNTS": OWNER,
        }
        for name, value in endpoints.items():
            monkeypatch.setenv(name, value)
        location: Any = {"LocationConstraint": REGION}
        boto3.client("s3").create_bucket(Bucket="backups", CreateBucketConfiguration=location)
        yield Cloud(boto3.client("ecr"), config, trail, functions, world, endpoints)


def test_detect_remediate_detect(rule: Path, planner: Path, cloud: Cloud, tmp_path: Path) -> None:
    ecr, config, trail, functions, world, endpoints = cloud
    stranger = {"Sid": "Stranger", "Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}
    partner = {"Sid": "Partner", "Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    for name, statements in {"team/open": [stranger, partner], "team/used": [stranger], "team/safe": [partner]}.items():
        ecr.create_repository(repositoryName=name)
        ecr.set_repository_policy(repositoryName=name, policyText=json.dumps({"Statement": statements}))
    trail.events = [called("PutImage", "999988887777", at="2026-11-24T00:00:00Z", repository="team/used")]
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    parameters = json.dumps(RULE_PARAMETERS)
    with (
        emulated(rule, "handler.lambda_handler", tmp_path / "rule", **keys, **endpoints) as judging,
        emulated(planner, "planner.lambda_handler", tmp_path / "plan", RULE_PARAMETERS=parameters) as planning,
    ):
        functions.functions["planner"] = planning.invoke

        def detected() -> Mapping[str, str]:
            for name in ("team/open", "team/used", "team/safe"):
                judging.invoke(change_event(ecr, name, RULE_PARAMETERS))
            return {name: result["ComplianceType"] for name, result in config.results.items()}

        assert detected() == {"team/open": "NON_COMPLIANT", "team/used": "NON_COMPLIANT", "team/safe": "COMPLIANT"}
        ran = {name: remediated(world, name) for name in config.results}
        assert {name: one.status for name, one in ran.items()} == {
            "team/open": "Success",
            "team/used": "Failed",
            "team/safe": "Success",
        }
        assert "account 999988887777: ecr:PutImage" in ran["team/used"].message
        assert detected() == {"team/open": "COMPLIANT", "team/used": "NON_COMPLIANT", "team/safe": "COMPLIANT"}


def remediated(world: World, repository: str) -> Execution:
    return run(
        Document.load(ROOT / "remediation" / "remediate.yaml"),
        world,
        RepositoryName=repository,
        DryRun="false",
    )


def test_it_reads_a_register_with_the_sdk_of_the_runtime(
    planner: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    parameters = json.dumps({"trustRegister": "s3://registers/trust.json", "trustedOrganizations": "none"})
    reader = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    asked = {
        "Task": "plan",
        "Policy": json.dumps({"Statement": reader}),
        "Arn": f"arn:aws:ecr:{REGION}:{OWNER}:repository/team/base",
        "Tags": "[]",
        "Organization": "none",
        "Strategy": "narrow",
        "MinimumSeverity": "LOW",
    }
    with moto_server() as port:
        url = f"http://127.0.0.1:{port}"
        variables = {"AWS_ENDPOINT_URL": url, "AWS_REGION": REGION, "RULE_PARAMETERS": parameters, **keys}
        with emulated(planner, "planner.lambda_handler", tmp_path / "without", **variables) as planning:
            assert sentence("register.trust_register_cannot_nosuchbucket") in planning.invoke(asked)["errorMessage"]
        s3 = boto3.client("s3", region_name="us-east-1", endpoint_url=url)
        s3.create_bucket(Bucket="registers")
        register = json.dumps({"version": 1, "trust": [{"account": "222233334444"}]})
        s3.put_object(Bucket="registers", Key="trust.json", Body=register.encode())
        with emulated(planner, "planner.lambda_handler", tmp_path / "with", **variables) as planning:
            assert planning.invoke(asked)["Decision"] == "Compliant"


def test_rule_and_plan_read_what_is_required_from_one_place(
    rule: Path, planner: Path, cloud: Cloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rule finds a policy without a required statement, the document adds it, and the rule finds nothing."""
    keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    condition = {
        "StringNotEqualsIfExists": {"aws:PrincipalAccount": [OWNER, "222233334444"]},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    }
    deny = {"Sid": "Perimeter", "Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Condition": condition}
    boto3.client("s3").put_object(Bucket="backups", Key="required.json", Body=json.dumps([deny]).encode())
    partner = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    cloud.ecr.create_repository(repositoryName="team/base")
    cloud.ecr.set_repository_policy(repositoryName="team/base", policyText=json.dumps({"Statement": [partner]}))
    required = RULE_PARAMETERS | {"requiredStatements": "s3://backups/required.json"}
    variables = {**keys, **cloud.endpoints}
    plan_with = {**variables, "RULE_PARAMETERS": json.dumps(required)}
    with (
        emulated(rule, "handler.lambda_handler", tmp_path / "rule", **variables) as judging,
        emulated(planner, "planner.lambda_handler", tmp_path / "plan", **plan_with) as planning,
    ):
        cloud.functions.functions["planner"] = planning.invoke

        def detected() -> str:
            judging.invoke(change_event(cloud.ecr, "team/base", required))
            return str(cloud.config.results["team/base"]["ComplianceType"])

        assert detected() == "NON_COMPLIANT"
        document = Document.load(ROOT / "remediation" / "remediate.yaml", RemediationStrategy="require")
        ran = run(document, cloud.world, RepositoryName="team/base", DryRun="false")
        assert (ran.status, ran.failures) == ("Success", {})
        assert detected() == "COMPLIANT"
