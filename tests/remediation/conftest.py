"""An account with ECR, S3 and Organizations (moto), CloudTrail and AWS Config (fakes), over HTTP on this machine."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import boto3
import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.products.automation.planner import answer
from ecr_crossaccount.products.cli.main import main
from ecr_crossaccount.questions.plan.required import Required
from ecr_crossaccount.sources.register.stores import Held
from moto.ecr.models import ecr_backends
from moto.ecr.responses import ECRResponse

from remediation.__main__ import ROOT
from tests.fakes import FakeCloudTrail, FakeConfigService, FakeFunctions
from tests.fakes.ecr import as_written
from tests.fakes.moto_server import empty, moto_server
from tests.pauses import pass_pauses_by
from tests.remediation.by_hand import REGISTER, Keyboard, Ran, Terminal
from tests.remediation.document import ACCOUNT, Document, Json
from tests.remediation.interpreter import Execution, World, run

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient
    from mypy_boto3_s3 import S3Client

BUCKET = "backups"
REGION: Literal["eu-central-1"] = "eu-central-1"
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
    functions: FakeFunctions
    world: World = field(default_factory=World)
    chosen: dict[str, object] = field(default_factory=dict)
    """Parameters of the stack."""
    trust: Trust = field(default_factory=lambda: trusting({"account": "222233334444"}))
    required: Held[Required | None] | None = None

    @property
    def asked(self) -> list[dict[str, Any]]:
        """The requests to the planning function."""
        return self.functions.asked

    def furnish(self, policy: Json | str | None, name: str = REPOSITORY) -> None:
        """Create the repository, with a policy if there is one."""
        self.ecr.create_repository(repositoryName=name)
        if policy is not None:
            text = policy if isinstance(policy, str) else json.dumps(policy)
            self.ecr.set_repository_policy(repositoryName=name, policyText=text)

    def policy(self, name: str = REPOSITORY) -> Any:  # noqa: ANN401 - JSON
        """Return the live policy as it was written, or None if there is none."""
        try:
            return as_written(self.ecr.get_repository_policy(repositoryName=name)["policyText"])
        except self.ecr.exceptions.RepositoryPolicyNotFoundException:
            return None

    def backups(self) -> dict[str, Json]:
        """Return the backups in the bucket."""
        found = self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])
        keys = [one["Key"] for one in found]
        return {key: json.loads(self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()) for key in keys}

    def remediate(self, **given: object) -> Execution:
        """Run the document as deployed in the stack. It is not a dry run by default."""
        return run(document("remediate", **self.chosen), self.world, **COMMON | given)

    def restore(self, run_: Execution, **given: object) -> Execution:
        """Run the other document in the same way, with the backup of a run."""
        backup = {"BackupKey": run_.outputs["backUp.Key"], "BackupVersion": run_.outputs["backUp.Version"]}
        return run(document("restore", **self.chosen), self.world, **COMMON | backup | given)


def document(name: str, **chosen: object) -> Document:
    """Return a shipped document as in a stack with these parameters."""
    return _document(name, json.dumps(chosen))


@cache
def _document(name: str, chosen: str) -> Document:
    return Document.load(ROOT / "remediation" / f"{name}.yaml", {"BackupBucket": BUCKET}, **json.loads(chosen))


REMEDIATE = document("remediate")
COMMON: dict[str, object] = {"RepositoryName": REPOSITORY, "DryRun": "false"}


@pytest.fixture(scope="module")
def moto() -> Iterator[int]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("MOTO_ACCOUNT_ID", ACCOUNT)
        with moto_server() as port:
            yield port


@pytest.fixture
def account(moto: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[Account]:
    world = World()
    pass_pauses_by(monkeypatch, world.sleep)
    with FakeConfigService() as config, FakeCloudTrail(world.monotonic) as trail, FakeFunctions() as functions:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{moto}")
        monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", trail.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        found = Account(boto3.client("ecr"), boto3.client("s3"), config, trail, functions, world)
        functions.functions["planner"] = lambda request: answer(request, found.trust, lambda: found.required)
        found.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        found.s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield found
        empty(moto)


@pytest.fixture
def open_registry(monkeypatch: pytest.MonkeyPatch, account: Account) -> None:  # noqa: ARG001 - no ECR before it
    """Set a registry policy that only the second version of registry policies accepts."""
    statement = {"Effect": "Allow", "Principal": {"AWS": "333344445555"}, "Action": "ecr:PutImage", "Resource": "*"}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    ecr_backends[ACCOUNT][REGION].registry_policy = json.dumps(policy)
    setting = json.dumps({"name": "REGISTRY_POLICY_SCOPE", "value": "V2"})
    monkeypatch.setattr(ECRResponse, "get_account_setting", lambda _: setting, raising=False)


@pytest.fixture
def terminal(
    account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Terminal:
    """Return a function that runs the command in an empty folder.

    `typed` is a person's answer, or None if there is no person. `meanwhile` happens before the answer.
    """
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trust.yaml").write_text(REGISTER, encoding="utf-8")
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.now", lambda: datetime(2026, 11, 25, 12, tzinfo=UTC))
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.sleep", account.world.sleep)
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.monotonic", account.world.monotonic)

    def run(
        *options: str, typed: str | None = None, meanwhile: Callable[[], object] = bool, name: str = REPOSITORY
    ) -> Ran:
        monkeypatch.setattr("sys.stdin", io.StringIO() if typed is None else Keyboard(typed, meanwhile))
        capsys.readouterr()
        account.world.sleep(1)  # CloudTrail counts the requests of the previous run
        words = options if options[:1] == ("restore",) else ("remediate", name, *options)
        status = main([*words, "--trust", "trust.yaml"])
        return Ran(status, *capsys.readouterr())

    return run
