"""An account with ECR, S3 and Organizations (moto), CloudTrail and AWS Config (fakes), over HTTP on this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.automation.planner import answer
from ecr_crossaccount.cli.main import main

from remediation.__main__ import ROOT
from tests.fakes import FakeCloudTrail, FakeConfigService
from tests.fakes.moto_server import empty, moto_server
from tests.remediation.by_hand import REGISTER, Keyboard, Ran, Terminal
from tests.remediation.document import Document, Json
from tests.remediation.interpreter import Execution, World, run

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client

ACCOUNT, BUCKET = "111122223333", "backups"
REGION: Literal["eu-central-1"] = "eu-central-1"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/stack/automation"
REPOSITORY = "team/base"
DAY = date(2026, 11, 25)


def trusting(*entries: Json) -> Trust:
    """Return the register with these entries."""
    return Trust.parse({"version": 1, "trust": list(entries)}, today=DAY)


@dataclass(slots=True)
class Account:
    """The account that the documents run in."""

    ecr: ECRClient
    s3: S3Client
    config: FakeConfigService
    trail: FakeCloudTrail
    world: World
    asked: list[Json] = field(default_factory=list)
    trust: Trust = field(default_factory=lambda: trusting({"account": "222233334444"}))

    def planner(self, _: str, request: Mapping[str, Any]) -> tuple[str, bool]:
        """Answer as the planning function does under AWS Lambda."""
        self.asked.append(dict(request))
        try:
            return json.dumps(answer(request, self.trust)), False
        except Exception as error:  # noqa: BLE001 - AWS Lambda answers with any error
            return json.dumps({"errorType": type(error).__name__, "errorMessage": str(error)}), True

    def furnish(self, policy: Json | str | None, name: str = REPOSITORY) -> None:
        """Create the repository, with a policy if there is one."""
        self.ecr.create_repository(repositoryName=name)
        if policy is not None:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            self.ecr.set_repository_policy(repositoryName=name, policyText=text)

    def policy(self, name: str = REPOSITORY) -> Any:  # noqa: ANN401 - JSON
        """Return the live policy, None if there is none."""
        try:
            return json.loads(self.ecr.get_repository_policy(repositoryName=name)["policyText"])
        except self.ecr.exceptions.RepositoryPolicyNotFoundException:
            return None

    def backups(self) -> dict[str, Json]:
        """Return what is in the bucket."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        keys = [one["Key"] for one in found]
        return {key: json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys}

    def remediate(self, **given: object) -> Execution:
        """Run the shipped document for real, not dry, unless told otherwise."""
        return run(REMEDIATE, self.world, **COMMON | {"DryRun": "false"} | given)

    def restore(self, key: str, **given: object) -> Execution:
        """Run the other shipped document, likewise."""
        return run(RESTORE, self.world, **COMMON | {"DryRun": "false", "BackupKey": key} | given)


REMEDIATE = Document.load(ROOT / "remediation" / "remediate.yaml")
RESTORE = Document.load(ROOT / "remediation" / "restore.yaml")
COMMON: dict[str, object] = {
    "RepositoryName": REPOSITORY,
    "AutomationAssumeRole": ROLE,
    "PlanFunction": "planner",
    "BackupBucket": BUCKET,
}


@pytest.fixture(scope="module")
def moto() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port:
            yield port


@pytest.fixture
def account(moto: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    world = World(invoke=lambda *_: ("", True))
    with FakeConfigService() as config, FakeCloudTrail(world.monotonic) as trail:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{moto}")
        monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", trail.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        found = Account(boto3.client("ecr"), boto3.client("s3"), config, trail, world)
        world.invoke = found.planner
        found.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        found.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield found
        empty(moto)


@pytest.fixture
def terminal(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Return what runs the command in an empty folder.

    `typed` is what a person answers, None if there is nobody; `meanwhile` is what happens before the answer.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trust.yaml").write_text(REGISTER, encoding="utf-8")
    monkeypatch.setattr("ecr_crossaccount.cli.clock.now", lambda: datetime(2026, 11, 25, 12, tzinfo=UTC))
    monkeypatch.setattr("ecr_crossaccount.cli.clock.sleep", account.world.sleep)
    monkeypatch.setattr("ecr_crossaccount.cli.clock.monotonic", account.world.monotonic)

    def run(
        *options: str, typed: str | None = None, meanwhile: Callable[[], object] = bool, name: str = REPOSITORY
    ) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Keyboard(typed, meanwhile))
        capsys.readouterr()
        account.world.sleep(1)  # CloudTrail counts the requests of the run before
        status = main(["remediate", name, "--trust", "trust.yaml", *options])
        return Ran(status, *capsys.readouterr())

    return run
