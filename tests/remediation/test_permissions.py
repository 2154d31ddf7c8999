"""The documents' calls are exactly what the automation role of the stack may do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from ecr_crossaccount.products.cli.main import main

from organization.sources import template
from remediation.__main__ import ROOT
from tests.remediation.conftest import Account, trusting
from tests.remediation.document import APPROVAL
from tests.remediation.events import called

Json = dict[str, Any]

STRANGER = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}}


BY_SNS = ("kms:Decrypt", "kms:GenerateDataKey*")
"""The actions of SNS for a publisher to a topic that a customer managed key encrypts."""


def allowed() -> set[str]:
    """Return the actions of the role, under any condition of a statement."""
    (policy,) = template()["Resources"]["AutomationRole"]["Properties"]["Policies"]
    statements = [one.get("Fn::If", [None, one])[1] for one in policy["PolicyDocument"]["Statement"]]
    actions = [one["Action"] if isinstance(one["Action"], list) else [one["Action"]] for one in statements]
    return {action for some in actions for action in some}


@pytest.fixture
def called_actions() -> Iterator[set[str]]:
    """Collect the calls of every client that a script of a document makes."""
    found: set[str] = set()

    def note(model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's OperationModel
        service = model.service_model.signing_name
        found.add(f"{service}:{model.name}")

    boto3.setup_default_session()
    session: Any = boto3.DEFAULT_SESSION
    session.events.register("before-call", note)
    yield found
    session.events.unregister("before-call", note)


@pytest.mark.usefixtures("open_registry")
def test_the_role_may_do_what_the_documents_do_and_nothing_else(called_actions: set[str], account: Account) -> None:
    account.furnish(STRANGER)
    decide = account.world.approve
    found: set[str] = set()

    def approve(inputs: Any) -> bool:  # noqa: ANN401 - JSON
        found.update({"sns:Publish", *BY_SNS})
        return decide(inputs)

    account.world.approve = approve
    account.chosen |= APPROVAL
    called_actions.clear()
    ran = account.remediate()
    account.trust = trusting({"account": "999988887777", "access": "ADMIN"})
    account.world.execution = "0a1b2c3d-0000-4000-8000-000000000002"
    assert account.restore(ran).status == "Success"
    account.trail.events = [called("BatchGetImage")]
    account.trust = trusting()
    assert account.remediate().status == "Failed"
    # Reading an object's version and encrypting with one of the account's keys have different permission names.
    named = {"s3:GetObject": "s3:GetObjectVersion", "lambda:Invoke": "lambda:InvokeFunction"}
    used = {named.get(action, action) for action in found | called_actions}
    assert used | {"kms:Decrypt", "kms:GenerateDataKey"} == allowed()


def test_by_hand_it_takes_what_the_page_says(
    called_actions: set[str], account: Account, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.sleep", account.world.sleep)
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.monotonic", account.world.monotonic)
    monkeypatch.setattr("ecr_crossaccount.products.audit.account.boto3.Session", lambda **_: boto3.DEFAULT_SESSION)
    Path("trust.yaml").write_text("version: 1\ntrust:\n  - organization: self\n", encoding="utf-8")
    account.furnish(STRANGER)
    command = ["remediate", "team/base", "--trust", "trust.yaml", "--yes"]
    called_actions.clear()
    assert main([*command, "--backup", "one.json"]) == 0
    account.world.sleep(1)
    assert main(["restore", "one.json", *command[2:], "--backup", "two.json"]) == 0
    text = (ROOT / "docs" / "remediation.md").read_text(encoding="utf-8")
    (told,) = re.findall(r"^`ecr:DescribeRepositories`.+ also `organizations:DescribeOrganization`", text, re.MULTILINE)
    named = set(re.findall(r"`([a-z]+:\w+)`", told))
    assert called_actions == named - {"ecr:GetAccountSetting"}  # for a registry with a policy; this has none
