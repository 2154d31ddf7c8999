"""The documents as such: their form, their scripts, and what a hostile name or principal can do to them."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from remediation.__main__ import DOCUMENTS, filled
from tests.remediation.conftest import COMMON, REMEDIATE, ROLE, Account
from tests.remediation.document import Document, DocumentError, Json, check_value
from tests.remediation.events import called
from tests.remediation.interpreter import run

SCRIPTS = {
    step["inputs"]["Script"]
    for document in DOCUMENTS
    for step in Document.load(document).steps.values()
    if "Script" in step["inputs"]
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_one_that_systems_manager_takes(path: Path) -> None:
    assert Document.load(path).steps


def test_there_are_the_two_documents() -> None:
    assert [path.name for path in DOCUMENTS] == ["remediate.yaml", "restore.yaml"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_scripts_are_what_their_modules_make_today(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert list(filled(lines)) == lines, "run `make documents`"
    assert "\n".join(lines).count("# Made of rule/") == sum("Script" in s["inputs"] for s in steps_of(path))


def test_a_changed_module_changes_the_script() -> None:
    first = "        # Made of rule/ecr_crossaccount/automation/stop.py by `make documents`."
    old = ["      Handler: end", first, "        stale = 1", "", "        stale = 2", "    isEnd: true"]
    new = list(filled(old))
    assert new[1:4] == [
        first,
        "        def end(events, _context):",
        "            return {'Message': events['Message']}",
    ]
    assert new[-1] == "    isEnd: true"
    assert not any("stale" in line for line in new)


@pytest.mark.parametrize("script", sorted(SCRIPTS), ids=lambda script: script.splitlines()[0].split("/")[-1].split()[0])
def test_a_script_stands_alone(script: str) -> None:
    for node in ast.walk(ast.parse(script, feature_version=(3, 11))):
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            top = name.partition(".")[0]
            assert top in sys.stdlib_module_names or top in ("boto3", "botocore")
    assert "{{" not in script, "Systems Manager would fill it"
    assert "from __future__" not in script, "it must be the first statement, whatever Systems Manager puts before it"


def steps_of(path: Path) -> list[Json]:
    return list(Document.load(path).steps.values())


# --- the interpreter refuses what it does not know ---


def broken(change: Any) -> Json:  # noqa: ANN401 - a function that changes a document
    value: dict[str, Any] = yaml.safe_load(DOCUMENTS[0].read_text(encoding="utf-8"))
    change(value)
    return value


def step(value: Any, name: str) -> Any:  # noqa: ANN401 - JSON
    (found,) = (one for one in value["mainSteps"] if one["name"] == name)
    return found


@pytest.mark.parametrize(
    "change, problem",
    [
        (lambda d: d.update(schemaVersion=0.3), "schemaVersion"),
        (lambda d: d.update(files={}), "nothing that this interpreter knows"),
        (lambda d: d["parameters"]["DryRun"].pop("allowedPattern"), "no allowedPattern"),
        (lambda d: d["parameters"]["DryRun"].update(default="yes"), "does not match"),
        (
            lambda d: d["parameters"].update({f"P{n}": d["parameters"]["DryRun"] for n in range(20)}),
            "more parameters",
        ),
        (lambda d: step(d, "evaluateAgain").update(action="aws:runCommand"), "an action that nobody knows"),
        (lambda d: step(d, "backUp").update(nextStep="nowhere"), "leads to `nowhere`"),
        (lambda d: step(d, "backUp").pop("nextStep"), "no end"),
        (lambda d: step(d, "mayItBeWritten")["inputs"].pop("Default"), "no end"),
        (lambda d: step(d, "mayItBeWritten").update(isEnd=True), "a branch has a default"),
        (lambda d: step(d, "backUp")["inputs"].update(Handler="back_down"), "has no back_down"),
        (lambda d: step(d, "backUp")["inputs"]["InputPayload"].update(Bucket="{{ Bucket }}"), "refers to `Bucket`"),
        (lambda d: step(d, "readPolicy")["inputs"]["InputPayload"].update(X="{{ backUp.Key }}"), "comes before backUp"),
        (lambda d: step(d, "backUp")["outputs"][0].update(Selector="$.Payload.Other"), "Selector|Other"),
        (lambda d: step(d, "isApprovalRequired")["inputs"].update(Choices=[]), "comes before|never reached"),
        (lambda d: d["outputs"].append("backUp.Size"), "no step's output"),
        (lambda d: d.update(description="x" * 65_536), "larger than 64 KB"),
    ],
)
def test_a_document_that_is_wrong_is_refused(change: Any, problem: str) -> None:  # noqa: ANN401 - a function
    with pytest.raises(DocumentError, match=problem):
        Document.parse("broken", broken(change))


# --- hostile input ---

HOSTILE = [
    "",
    "a",
    "Team/Base",
    "-team",
    "team base",
    "team/base\n",
    'team"; import os',
    "team/{{ AutomationAssumeRole }}",
    "{{ global:ACCOUNT_ID }}",
    "team/$(id)",
    "team/base`id`",
    "team'",
    "../../etc",
    "team\u202e",
    "a" * 257,
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_that_no_repository_has_does_not_start_a_run(account: Account, name: str) -> None:
    with pytest.raises(DocumentError, match="RepositoryName"):
        account.remediate(RepositoryName=name)


@pytest.mark.parametrize(
    "name, value",
    [
        ("AutomationAssumeRole", "arn:aws:iam::111122223333:user/me"),
        ("PlanFunction", "planner; rm"),
        ("PlanFunction", "https://example.com"),
        ("BackupBucket", "backups/other"),
        ("Strategy", "widen"),
        ("DryRun", "False"),
        ("RecentUseDays", "0"),
        ("RecentUseDays", "91"),
        ("Force", "yes"),
        ("OrganizationAccounts", ["me"]),
        ("OrganizationAccounts", "222233334444"),
        ("OrganizationAccounts", ["222233334444"] * 51),
        ("Approval", ""),
        ("ApprovalTopic", "topic"),
        ("Approvers", ["*"]),
        ("ConfigRuleName", "rule name"),
    ],
)
def test_a_value_that_is_no_such_thing_does_not_start_a_run(account: Account, name: str, value: object) -> None:
    with pytest.raises(DocumentError, match=name):
        account.remediate(**{name: value})


def test_the_names_that_ecr_takes_are_taken() -> None:
    for name in ("ab", "team/base", "a.b_c-d/e", "0/1/2", "a" * 256):
        check_value("RepositoryName", REMEDIATE.parameters["RepositoryName"], name)


@pytest.mark.parametrize(
    "text",
    [
        '"quoted"',
        "{{ AutomationAssumeRole }}",
        "{{ global:ACCOUNT_ID }}",
        "'; import os #",
        "\\u0022",
        "line\nbreak",
        "\u202egnp",
    ],
)
def test_what_stands_in_a_policy_stays_data(account: Account, text: str) -> None:
    """Sids, conditions and principals come from anybody who may write the policy."""
    partner = {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "ecr:BatchGetImage"}
    partner["Condition"] = {"StringEquals": {"aws:PrincipalTag/team": text}}
    stranger = {"Sid": "Stranger", "Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}
    account.furnish({"Statement": [partner, stranger]})
    ran = account.remediate()
    assert ran.status == "Success"
    assert account.asked[0]["Policy"] == json.dumps({"Statement": [partner, stranger]})
    assert account.policy() == {"Statement": [partner]}
    (backup,) = account.backups().values()
    assert json.loads(backup["policy"]) == {"Statement": [partner, stranger]}


def test_a_principal_that_is_none_is_data_too(account: Account) -> None:
    hostile = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "{{ AutomationAssumeRole }}"}, "Action": "ecr:*"}}
    account.furnish(hostile)
    ran = account.remediate(Strategy="delete")
    assert (ran.status, account.policy()) == ("Success", None)
    assert account.asked[0]["Policy"] == json.dumps(hostile)
    assert "{{ AutomationAssumeRole }}" in ran.outputs["readPlan.Report"]


def test_what_a_caller_calls_himself_stays_data(account: Account) -> None:
    account.furnish({"Statement": {"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "ecr:*"}})
    service = {"type": "AWSService", "invokedBy": '{{ AutomationAssumeRole }}"; drop'}
    account.trail.events = [called("BatchGetImage", userIdentity=service), called("BatchGetImage")]
    ran = account.remediate()
    assert ran.steps[-1] == "stopInUse"
    assert "account 999988887777" in ran.message
    assert ROLE not in ran.message


def test_an_answer_of_a_large_policy_fits_an_output(account: Account) -> None:
    many = [
        {"Sid": f"S{number}", "Effect": "Allow", "Principal": {"AWS": f"{number:012}"}, "Action": "ecr:*"}
        for number in range(1, 90)
    ]
    account.furnish({"Statement": many})
    ran = run(REMEDIATE, account.world, **COMMON)
    assert (ran.status, ran.steps[-1]) == ("Success", "endDryRun")
