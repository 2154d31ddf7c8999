"""`--only analyzer` needs no stack, recorder or repository, and a few IAM actions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import boto3
import pytest

from acceptance.cases import cases
from acceptance.masking import Mask
from acceptance.only import TABLES, tables
from acceptance.sandbox import NAME, PREFIX, Sandbox
from remediation.__main__ import ROOT
from tests.acceptance.cloud import ACCOUNT, REGION, Cloud
from tests.acceptance.conftest import Accept
from tests.acceptance.deploying import InProcess
from tests.acceptance.test_acceptance import Report, there

pytestmark = pytest.mark.slow

POLICY = ROOT / "acceptance" / "analyzer-policy.json"


@pytest.fixture(autouse=True)
def by_policy(cloud: Cloud) -> None:
    """Let Access Analyzer answer by the policy, because no repository has the name of a case."""
    cloud.analyzer.opinion = lambda _arn, policy: _opinion(policy)


def _opinion(policy: str) -> list[dict[str, Any]]:
    """Return a finding for each Allow of a principal outside the account."""
    statements = json.loads(policy)["Statement"] if policy else []
    return [
        {"principal": {"AWS": "*"}, "action": ["ecr:BatchGetImage"], "condition": {}, "isPublic": True}
        for one in statements
        if one["Effect"] == "Allow" and one["Principal"] == "*" and "Condition" not in one and len(statements) == 1
    ]


def test_it_makes_an_analyzer_alone_and_removes_it(
    accept: Accept, report: Report, called: set[str], capsys: pytest.CaptureFixture[str]
) -> None:
    deployment = InProcess()
    assert accept(deployment, "--only", "analyzer") in (1, 2)
    made = set(called)
    found = report()
    assert deployment.deployed == []
    assert there() == []
    assert {one["with"] for one in found["comparisons"]} == {"IAM Access Analyzer"}
    assert len(found["comparisons"]) == len(cases())
    assert found["questions"] == []
    allowed = {
        action
        for statement in json.loads(POLICY.read_text(encoding="utf-8"))["Statement"]
        for action in statement["Action"]
    }
    assert made <= allowed
    assert len(allowed) <= 9
    assert "everybody" in capsys.readouterr().out


def test_its_report_is_masked_unless_somebody_asks_and_names_version_and_commit(accept: Accept, tmp_path: Path) -> None:
    accept(InProcess(), "--only", "analyzer")
    for name in ("report.md", "report.json"):
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert ACCOUNT not in text
        assert "SANDBOX" in text
    made = json.loads((tmp_path / "report.json").read_text(encoding="utf-8"))
    assert made["ecr-crossaccount"]
    assert made["commit"] not in ("", "unknown")
    accept(InProcess(), "--only", "analyzer", "--no-mask")
    assert ACCOUNT in (tmp_path / "report.json").read_text(encoding="utf-8")


def test_it_takes_the_tables_of_the_judgement(accept: Accept, report: Report, tmp_path: Path) -> None:
    folder = tmp_path / "tables"
    folder.mkdir()
    rows = json.loads((TABLES / "principals.json").read_text(encoding="utf-8"))
    (folder / "principals.json").write_text(json.dumps(rows[:3]), encoding="utf-8")
    accept(InProcess(), "--only", "analyzer", "--tables", str(folder))
    named = [one["case"] for one in report()["comparisons"]]
    assert [one for one in named if one.startswith("principals: ")]
    assert len(named) == len(cases()) + len(list(tables(folder)))
    assert accept(InProcess(), "--tables", str(folder)) == 3
    assert accept(InProcess(), "--only", "analyzer", "--tables", str(tmp_path / "report.md")) in (1, 2)


def test_every_table_can_be_read() -> None:
    found = list(tables(TABLES))
    assert len(found) > 1000
    assert len({one.name for one in found}) == len(found)


def test_the_profile_reaches_the_sam_cli(accept: Accept, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    profiles = tmp_path / "config"
    profiles.write_text(f"[profile sandbox]\nregion = {REGION}\n", encoding="utf-8")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(profiles))
    monkeypatch.setenv("AWS_PROFILE", "another")
    accept(InProcess(), "--only", "analyzer", "--profile", "sandbox")
    assert os.environ["AWS_PROFILE"] == "sandbox"


def test_a_registry_with_a_policy_is_refused(accept: Accept, capsys: pytest.CaptureFixture[str]) -> None:
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "222233334444"},
                "Action": "ecr:ReplicateImage",
                "Resource": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/*",
            }
        ],
    }
    boto3.client("ecr").put_registry_policy(policyText=json.dumps(policy))
    try:
        assert accept(InProcess()) == 3
        assert "the registry has a policy" in capsys.readouterr().err
    finally:
        boto3.client("ecr").delete_registry_policy()


def test_a_teardown_goes_on_after_a_repository_that_cannot_be_removed(
    accept: Accept, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b", "c"):
        boto3.client("ecr").create_repository(repositoryName=f"{PREFIX}{name}")
    where: Any = {"LocationConstraint": REGION}
    boto3.client("s3").create_bucket(Bucket=f"{NAME}-x", CreateBucketConfiguration=where)
    with monkeypatch.context() as broken:
        broken.setattr("acceptance.teardown.stack.status", lambda _: 1 / 0)
        broken.setattr("acceptance.teardown.found", lambda _: ["repository a"])
        assert accept(InProcess(), "--tear-down") == 3
    assert there() == []


@pytest.mark.parametrize(
    "text, hidden",
    [
        ("arn:aws:sts::999988887777:assumed-role/Admin/jane.doe@example.com", "jane.doe"),
        ("AROAEXAMPLEEXAMPLE12:jane", "AROAEXAMPLE"),
        ("o-zzzzzzzzzz/r-ab12/ou-ab12-11111111/", "ou-ab12"),
        ("AKIAIOSFODNN7EXAMPLE", "AKIA"),
    ],
)
def test_what_names_somebody_is_hidden(text: str, hidden: str) -> None:
    mask = Mask(Sandbox(ACCOUNT, REGION))
    assert hidden not in mask(text)
    assert mask(text) == mask(text)
