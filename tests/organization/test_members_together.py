"""Documents of several members: each works in its own account, and all of them call the central planning function."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

import boto3
import pytest
from ecr_crossaccount import Trust
from ecr_crossaccount.products.automation.planner import answer

from tests.fakes import FakeCloudTrail, FakeConfigService, FakeFunctions
from tests.fakes.functions import Function
from tests.fakes.moto_server import empty, moto_server
from tests.organization.cloud import ADMINISTRATOR
from tests.organization.releases import Release
from tests.organization.test_member_documents import OPEN, PLAN
from tests.pauses import pass_pauses_by
from tests.remediation.conftest import COMMON, REGION, Account, trusting
from tests.remediation.document import Document, Json
from tests.remediation.interpreter import Execution, World, run
from tests.stack.cloudformation import Stack

pytestmark = pytest.mark.slow

CENTRAL, ONE, OTHER = "444455556666", "111122223333", "666677778888"
PARTNER = {"account": "222233334444"}
STRANGER = {"account": "999988887777"}


@dataclass(slots=True)
class Together:
    """A central account and two members. `enter` selects the account in which the documents run."""

    made: Release
    patch: pytest.MonkeyPatch
    config: FakeConfigService
    trail: FakeCloudTrail
    functions: FakeFunctions
    world: World
    trust: Trust = field(default_factory=lambda: trusting(PARTNER))
    approvals: list[Json] = field(default_factory=list)

    def enter(self, number: str) -> Account:
        """Switch to an account. All clients use its credentials from now on."""
        self.patch.setattr(boto3, "DEFAULT_SESSION", None)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            self.patch.setenv(name, "testing")
        self.patch.delenv("AWS_SESSION_TOKEN", raising=False)
        role = ADMINISTRATOR.format(number)
        got = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="automation")["Credentials"]
        self.patch.setattr(boto3, "DEFAULT_SESSION", None)
        self.patch.setenv("AWS_ACCESS_KEY_ID", got["AccessKeyId"])
        self.patch.setenv("AWS_SECRET_ACCESS_KEY", got["SecretAccessKey"])
        self.patch.setenv("AWS_SESSION_TOKEN", got["SessionToken"])
        self.world.account = number
        return Account(boto3.client("ecr"), boto3.client("s3"), self.config, self.trail, self.functions, self.world)

    def approve(self, asked: Json) -> bool:
        self.approvals.append(asked)
        return True

    def furnish(self) -> None:
        """Give each account the same repository with the same open policy, and each member its bucket."""
        for number in (CENTRAL, ONE, OTHER):
            account = self.enter(number)
            account.furnish(OPEN)
            if number != CENTRAL:
                bucket = bucket_of(number)
                account.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
                account.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})

    def run(self, name: str, number: str, **given: object) -> Execution:
        """Run a document of a member, as the StackSet has deployed it there."""
        self.enter(number)
        ran = run(self.document(name, number), self.world, **COMMON | given)
        self.world.execution = f"{self.world.execution[:-1]}{int(self.world.execution[-1]) + 1}"
        self.world.sleep(1)  # CloudTrail counts the requests of the previous run
        return ran

    def document(self, name: str, number: str) -> Document:
        names = {
            "AutomationRole.Arn": f"arn:aws:iam::{number}:role/ecr-crossaccount-automation-{REGION}",
            "BackupBucket": bucket_of(number),
        }
        chosen = {
            "AWS::AccountId": number,
            "CentralAccount": CENTRAL,
            "Remediation": "AutomaticWithApproval",
            "RemediationApprovalTopic": topic_of(number),
            "RemediationApprovers": [approver_of(number)],
            "RemediationDryRun": "false",
        }
        stack = Stack(self.made.of_buckets("members"), names, **chosen)
        return Document.parse(name, stack.properties(f"{name.title()}Document")["Content"])

    def policies(self) -> dict[str, bool]:
        """Return whether the policy of each account is open. Asserts that a closed one keeps trusted access."""
        found = {number: self.enter(number).policy() for number in (CENTRAL, ONE, OTHER)}
        assert all("222233334444" in json.dumps(policy) for policy in found.values())
        return {number: "999988887777" in json.dumps(policy) for number, policy in found.items()}

    def backups(self, number: str) -> list[str]:
        s3 = self.enter(number).s3
        return [one["Key"] for one in s3.list_objects_v2(Bucket=bucket_of(number)).get("Contents", [])]


def bucket_of(number: str) -> str:
    return f"backups-of-{number}"


def topic_of(number: str) -> str:
    return f"arn:aws:sns:{REGION}:{number}:Automation-approvals"


def approver_of(number: str) -> str:
    return f"arn:aws:iam::{number}:role/security"


def backup_of(ran: Execution) -> dict[str, object]:
    return {"BackupKey": ran.outputs["backUp.Key"], "BackupVersion": ran.outputs["backUp.Version"]}


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with moto_server() as port:
        yield port


@pytest.fixture
def together(port: int, made: Release, monkeypatch: pytest.MonkeyPatch) -> Iterator[Together]:
    monkeypatch.delenv("MOTO_ACCOUNT_ID", raising=False)  # moto distinguishes accounts by their credentials
    world = World()
    pass_pauses_by(monkeypatch, world.sleep)
    with FakeConfigService() as config, FakeCloudTrail(world.monotonic) as trail, FakeFunctions() as functions:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{port}")
        monkeypatch.setenv("AWS_ENDPOINT_URL_CONFIG_SERVICE", config.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_CLOUDTRAIL", trail.url)
        monkeypatch.setenv("AWS_ENDPOINT_URL_LAMBDA", functions.url)
        monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
        found = Together(made, monkeypatch, config, trail, functions, world)
        world.approve = found.approve
        functions.functions = {PLAN: lambda request: answer(request, found.trust)}
        found.furnish()
        yield found
        empty(port)


def test_each_member_narrows_its_own_policy_after_an_approval_of_its_own(together: Together) -> None:
    done = together.run("remediate", ONE)
    assert (done.status, done.message) == ("Success", "")
    assert together.policies() == {CENTRAL: True, ONE: False, OTHER: True}
    assert (len(together.backups(ONE)), together.backups(OTHER)) == (1, [])
    assert together.run("remediate", OTHER).status == "Success"
    assert together.policies() == {CENTRAL: True, ONE: False, OTHER: False}
    asked = [(one["NotificationArn"], one["Approvers"]) for one in together.approvals]
    assert asked == [(topic_of(number), [approver_of(number)]) for number in (ONE, OTHER)]
    about = [request["Arn"].split(":")[4] for request in together.functions.asked]
    assert set(about[: len(about) // 2]) == {ONE}
    assert set(about[len(about) // 2 :]) == {OTHER}


def test_a_member_whose_approver_refuses_changes_nothing_anywhere(together: Together) -> None:
    together.world.approve = lambda _: False
    ran = together.run("remediate", ONE)
    assert (ran.status, ran.steps[-1]) == ("Failed", "approve")
    assert together.policies() == dict.fromkeys((CENTRAL, ONE, OTHER), True)


def test_what_the_central_side_trusts_by_now_is_put_back_where_it_was_taken_and_nowhere_else(
    together: Together,
) -> None:
    closed = together.run("remediate", ONE)
    together.run("remediate", OTHER)
    refused = together.run("restore", ONE, **backup_of(closed))
    assert (refused.status, refused.steps) == ("Failed", ["lookAtBackup"])
    together.trust = trusting(PARTNER, STRANGER)
    assert together.run("restore", ONE, **backup_of(closed)).status == "Success"
    assert together.policies() == {CENTRAL: True, ONE: True, OTHER: False}
    assert (len(together.backups(ONE)), len(together.backups(OTHER))) == (2, 1)
    assert together.approvals[-1]["NotificationArn"] == topic_of(ONE)


def test_trust_that_ends_centrally_while_a_members_approver_sleeps_stops_the_restore(together: Together) -> None:
    closed = together.run("remediate", ONE)
    together.trust = trusting(PARTNER, STRANGER)

    def approve(_: Json) -> bool:
        together.trust = trusting(PARTNER)
        return True

    together.world.approve = approve
    ran = together.run("restore", ONE, **backup_of(closed))
    assert (ran.status, ran.steps[-1]) == ("Failed", "lookAgain")
    assert together.policies()[ONE] is False


@pytest.mark.parametrize("copied", [False, True], ids=["in its bucket", "copied into the other's"])
def test_a_backup_of_another_member_is_not_put_back(together: Together, copied: bool) -> None:  # noqa: FBT001
    closed = together.run("remediate", ONE)
    together.run("remediate", OTHER)
    together.trust = trusting(PARTNER, STRANGER)
    backup = backup_of(closed)
    if copied:
        text = together.enter(ONE).s3.get_object(Bucket=bucket_of(ONE), Key=str(backup["BackupKey"]))["Body"].read()
        stored = together.enter(OTHER).s3.put_object(
            Bucket=bucket_of(OTHER), Key=str(backup["BackupKey"]), Body=text, ChecksumAlgorithm="SHA256"
        )
        backup["BackupVersion"] = stored["VersionId"]
    ran = together.run("restore", OTHER, **backup)
    assert (ran.status, ran.steps) == ("Failed", ["lookAtBackup"])
    assert (f"is of account `{ONE}`, not of `{OTHER}`" in ran.message) is copied
    assert together.policies()[OTHER] is False


@pytest.mark.parametrize("name", ["remediate", "restore"])
def test_nothing_is_changed_where_the_central_function_does_not_answer_or_fails(together: Together, name: str) -> None:
    closed = together.run("remediate", ONE)
    before = together.policies()
    given = backup_of(closed) if name == "restore" else {}

    def failing(_: Json) -> object:
        raise ValueError("register not read")

    answering: list[dict[str, Function]] = [{}, {PLAN: failing}]
    for functions in answering:
        together.functions.functions = functions
        ran = together.run(name, ONE if name == "restore" else OTHER, **given)
        assert ran.status == "Failed"
        assert together.policies() == before
