"""The guides: replacements for the reader's words, answers to questions, and requirements of a page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import boto3

from tests.docs.markdown import Block, Page, page
from tests.events import ACCOUNT, REGION

Before = Callable[[Path], None]
"""Creates what a page requires, in the reader's folder and account."""


@dataclass(frozen=True, slots=True)
class Guide:
    """A page, and how its commands are followed.

    - `filled`: the reader's value for a word, computed when it is needed.
    - `answers`: the reader's answers, by a word of the question. The answer to any other question is Enter.
    - `before`: the requirements of a heading.
    - `ends`: the status of a heading's commands if it is not 0, with the page's sentence about it.
    """

    name: str
    filled: Mapping[str, Callable[[], str]] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, Before] = field(default_factory=dict)
    ends: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    goes_on: Mapping[str, str] = field(default_factory=dict)
    """Headings with a line that may fail, after which the next line is typed, with the page's sentence about it."""
    without: frozenset[str] = frozenset()
    """Headings that are followed later."""
    only: frozenset[str] = frozenset()
    """The headings that are followed now, or empty for all of them."""
    folder: str = "docs/"

    @property
    def page(self) -> Page:
        """The page that is followed."""
        return page(f"{self.folder}{self.name}.md")

    def blocks(self) -> list[Block]:
        """Return the page's commands, in order."""
        found = self.page.blocks("shell")
        return [one for one in found if one.heading not in self.without and (not self.only or one.heading in self.only)]


_ID = "0d1f2a3b-1111-2222-3333-444455556666"


def _records(_: Path) -> None:
    """Turn AWS Config on."""
    config = boto3.client("config")
    role = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/config.amazonaws.com/AWSServiceRoleForConfig"
    config.put_configuration_recorder(ConfigurationRecorder={"name": "default", "roleARN": role})
    boto3.client("s3").create_bucket(
        Bucket="recordings", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    config.put_delivery_channel(DeliveryChannel={"name": "default", "s3BucketName": "recordings"})
    config.start_configuration_recorder(ConfigurationRecorderName="default")


def _shares_a_repository(_: Path) -> None:
    ecr = boto3.client("ecr")
    ecr.create_repository(repositoryName="base/app")
    statement = {"Effect": "Allow", "Principal": {"AWS": "333344445555"}, "Action": "ecr:BatchGetImage"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    ecr.set_repository_policy(repositoryName="base/app", policyText=policy)


def _is_edited(folder: Path) -> None:
    """Replace the draft by a register, like a user who has edited it, and write the query's answer."""
    (register,) = page("README.md").blocks("yaml")
    assert "YYYY-MM-DD" in (folder / "trust.yaml").read_text(encoding="utf-8")
    text = re.sub(r"expires: [0-9]{4}", "expires: 2099", register.text)  # valid on any day of a test run
    (folder / "trust.yaml").write_text(text, encoding="utf-8")
    row = {
        "accountId": ACCOUNT,
        "awsRegion": REGION,
        "arn": f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/base/app",
        "resourceId": "base/app",
        "configuration": {"RepositoryPolicyText": {}},
        "configurationItemCaptureTime": "2026-11-27T09:00:00.000Z",
    }
    (folder / "inventory.json").write_text(json.dumps({"Results": [json.dumps(row)]}), encoding="utf-8")


def _founds_an_organization(_: Path) -> None:
    client = boto3.client("organizations")
    client.create_organization(FeatureSet="ALL")
    root = client.list_roots()["Roots"][0]["Id"]
    client.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    client.create_organizational_unit(ParentId=root, Name="workloads")


def _unit() -> str:
    client = boto3.client("organizations")
    root = client.list_roots()["Roots"][0]["Id"]
    return client.list_organizational_units_for_parent(ParentId=root)["OrganizationalUnits"][0]["Id"]


def _makes_the_registers_bucket(_: Path) -> None:
    """Do the steps in trust.md that the page links to."""
    boto3.client("s3").create_bucket(
        Bucket=f"ecr-crossaccount-trust-{ACCOUNT}", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )


ONE_ACCOUNT = (
    Guide(
        "README",
        # With the topic, whose commands operate.md has.
        filled={"sam build && sam deploy": lambda: "sam build && sam deploy --parameter-overrides AlarmTopic=create"},
        before={"Deploy the rule": _records},
        only=frozenset({"Deploy the rule"}),
        folder="",
    ),
    # Its first block is the README's: tests/docs/test_readme.py
    Guide("deploy", without=frozenset({"Deploy the rule", "Remove"})),
    Guide("outputs"),
    Guide("operate"),
    Guide("security-hub"),
    Guide("alerts"),
    Guide(
        "hook",
        filled={
            "STACK-ID": lambda: f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/app/{_ID}",
            "RESULT-ID": lambda: _ID,
        },
    ),
    Guide(
        "trust",
        answers={"publish to": "y"},
        before={"Start with what is there": _shares_a_repository, "Add an entry": _is_edited},
        goes_on={"Start with what is there": "The audit ends with status 1 if it finds untrusted external access."},
    ),
    Guide("rdk"),
    Guide(
        "acceptance",
        answers={"the id of the sandbox account": ACCOUNT},
        ends={"Run it": (2, "3 if the account was refused")},  # from make, which says that it was 3
        without=frozenset({"In twenty minutes"}),  # moto has no Access Analyzer: tests/acceptance/test_only.py runs it
    ),
)
REMOVAL = (Guide("deploy", answers={"Are you sure": "y"}, only=frozenset({"Remove"})),)
ORGANIZATION = (
    Guide(
        "organization",
        filled={"--target-id ou-ab12-11111111": lambda: f"--target-id {_unit()}"},
        before={"What a release has": _founds_an_organization, "The list of members": _makes_the_registers_bucket},
    ),
)
