"""The documents themselves: their form, their scripts, and the effect of a hostile name or principal."""

from __future__ import annotations

import ast
import copy
import sys
from pathlib import Path
from typing import Any

import pytest

from remediation.__main__ import DOCUMENTS, filled
from tests.remediation.conftest import COMMON, REMEDIATE, Account
from tests.remediation.document import APPROVAL, ROLE, Document, DocumentError, Json, check_value, deployed
from tests.remediation.interpreter import run

SCRIPTS = {
    step["inputs"]["Script"]
    for document in DOCUMENTS
    for step in Document.load(document, **APPROVAL).steps.values()
    if "Script" in step["inputs"]
}


@pytest.mark.parametrize("chosen", [{}, {"RemediationDryRun": "true"}, APPROVAL], ids=["", "dry", "approval"])
@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_a_document_is_one_that_systems_manager_takes(path: Path, chosen: Json) -> None:
    steps = Document.load(path, **chosen).steps
    assert ("approve" in steps, "lookAgain" in steps) == (chosen == APPROVAL,) * 2


def test_there_are_the_two_documents() -> None:
    assert [path.name for path in DOCUMENTS] == ["remediate.yaml", "restore.yaml"]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_the_scripts_are_what_their_modules_make_today(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert list(filled(lines)) == lines, "run `make documents`"
    assert "\n".join(lines).count("# Made of rule/") == sum("Script" in s["inputs"] for s in steps_of(path))


def test_a_changed_module_changes_the_script() -> None:
    first = "        # Made of rule/ecr_crossaccount/products/automation/steps.py by `make documents`."
    old = ["      Handler: end", first, "        stale = 1", "", "        stale = 2", "    isEnd: true"]
    new = list(filled(old))
    assert new[1:4] == [
        first,
        "        def end(events, _context):",
        "          return {'Message': events['Message']}",
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
    return list(Document.load(path, **APPROVAL).steps.values())


# --- the interpreter refuses unknown parts ---


def broken(change: Any) -> Json:  # noqa: ANN401 - a function that changes a document
    value: dict[str, Any] = copy.deepcopy(dict(deployed(DOCUMENTS[0])))
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
            lambda d: d["parameters"].update({f"P{n}": d["parameters"]["DryRun"] for n in range(24)}),
            "more parameters",
        ),
        (lambda d: step(d, "check").update(action="aws:runCommand"), "an action that nobody knows"),
        (lambda d: step(d, "backUp").update(nextStep="nowhere"), "leads to `nowhere`"),
        (lambda d: step(d, "backUp").pop("nextStep"), "no end"),
        (lambda d: step(d, "mayItBeWritten")["inputs"].pop("Default"), "no end"),
        (lambda d: step(d, "mayItBeWritten").update(isEnd=True), "a branch has a default"),
        (lambda d: step(d, "backUp")["inputs"].update(Handler="back_down"), "has no back_down"),
        (lambda d: step(d, "backUp")["inputs"]["InputPayload"].update(Bucket="{{ Bucket }}"), "refers to `Bucket`"),
        (lambda d: step(d, "look")["inputs"]["InputPayload"].update(X="{{ backUp.Key }}"), "comes before backUp"),
        (lambda d: step(d, "backUp")["outputs"][0].update(Selector="$.Payload.Other"), "Selector|Other"),
        (lambda d: step(d, "mayItBeWritten")["inputs"].update(Choices=[]), "comes before|never reached"),
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
        ("MinimumSeverity", "NONE"),
        ("DryRun", "False"),
    ],
)
def test_a_value_that_is_no_such_thing_does_not_start_a_run(account: Account, name: str, value: object) -> None:
    with pytest.raises(DocumentError, match=name):
        account.remediate(**{name: value})


def test_the_names_that_ecr_takes_are_taken() -> None:
    for name in ("ab", "team/base", "a.b_c-d/e", "0/1/2", "a" * 256):
        check_value("RepositoryName", REMEDIATE.parameters["RepositoryName"], name)


def test_an_answer_of_a_large_policy_fits_an_output(account: Account) -> None:
    many = [
        {"Sid": f"S{number}", "Effect": "Allow", "Principal": {"AWS": f"{number:012}"}, "Action": "ecr:*"}
        for number in range(1, 90)
    ]
    account.furnish({"Statement": many})
    ran = run(REMEDIATE, account.world, **COMMON | {"DryRun": "true"})
    assert (ran.status, ran.steps[-1]) == ("Success", "end")


# --- the stack decides about safety ---

FIXED = {
    "PlanFunction": "other",
    "BackupBucket": "other",
    "Approval": "not-required",
    "ApprovalTopic": "arn:aws:sns:eu-central-1:111122223333:other",
    "Approvers": ["arn:aws:iam::111122223333:user/me"],
    "Force": "true",
    "Strategy": "delete",
    "CutTrusted": "true",
    "RecentUseDays": "1",
    "OrganizationAccounts": ["999988887777"],
}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
@pytest.mark.parametrize("name", FIXED)
def test_what_decides_about_safety_is_no_parameter(account: Account, path: Path, name: str) -> None:
    with pytest.raises(DocumentError, match="no parameters of"):
        run(Document.load(path), account.world, **COMMON | {name: FIXED[name]})


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_no_role_is_taken_but_the_stacks(account: Account, path: Path) -> None:
    key = "111122223333/eu-central-1/team/base/2026-11-25_12.00.00-0a1b.json"
    backup = {"BackupKey": key, "BackupVersion": "1"} if path.stem == "restore" else {}
    other = {"AutomationAssumeRole": "arn:aws:iam::111122223333:role/mine"}
    with pytest.raises(DocumentError, match=r"AutomationAssumeRole: .* is none of its allowedValues"):
        run(Document.load(path), account.world, **backup, **COMMON | other)
    assert Document.load(path).parameters["AutomationAssumeRole"]["default"] == ROLE


def test_a_stack_in_a_dry_run_is_not_talked_into_a_real_one(account: Account) -> None:
    account.chosen["RemediationDryRun"] = "true"
    with pytest.raises(DocumentError, match="DryRun: 'false' is none of its allowedValues"):
        account.remediate()
    account.furnish(None)
    assert account.remediate(DryRun="true").status == "Success"


def test_what_the_stack_says_is_what_the_steps_get() -> None:
    chosen: Json = {"RemediationStrategy": "remove", "RemediationForce": "true", "RemediationRecentUseDays": 7}
    document = Document.load(DOCUMENTS[0], {"PlanFunction": "stack-planner"}, **chosen)
    payload = document.steps["look"]["inputs"]["InputPayload"]
    assert {name: payload[name] for name in ("PlanFunction", "Strategy", "Force", "Days")} == {
        "PlanFunction": "stack-planner",
        "Strategy": "remove",
        "Force": "true",
        "Days": "7",
    }
    assert document.steps["check"]["inputs"]["InputPayload"]["PlanFunction"] == "stack-planner"
