"""A file of the wrong kind: the message says what it seems to be, and which command takes it."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from tests.wording import sentence

from .conftest import OWNER, SAFE, Run, Write, printed_by_aws

TEMPLATE = "Resources:\n  Repo:\n    Type: AWS::ECR::Repository\n    Properties: {RepositoryName: !Ref Name}\n"
CHECKED = sentence("marks.ecr_crossaccount_check")
JUDGED = sentence("marks.seems_policy_ecr")
AUDITED = sentence("marks.seems_inventory_aws")
KINDS: Mapping[str, tuple[str, object, str]] = {
    "a template": ("t.yaml", TEMPLATE, f"it seems to be a template: {CHECKED}"),
    "a template in JSON": ("t.json", {"Resources": {}}, f"it seems to be a template: {CHECKED}"),
    "a template with a tab": ("t.yaml", "Resources:\n\tRepo: 1\n", f"it seems to be a template: {CHECKED}"),
    "a plan": ("p.json", {"resource_changes": []}, sentence("marks.seems_plan_state", checked=CHECKED)),
    "an inventory": ("i.json", {"Results": []}, AUDITED),
    "an audit": ("a.json", {"audited": {}, "trust": []}, sentence("marks.seems_report_audit")),
}
NO_REGISTERS = {
    **KINDS,
    "a policy": ("p.json", SAFE, JUDGED),
    "what AWS prints": ("p.json", printed_by_aws(SAFE), JUDGED),
}
NO_POLICIES = {**KINDS, "a register": ("r.yaml", "version: 1\ntrust: []\n", sentence("marks.seems_trust_register"))}


@pytest.mark.parametrize("name, content, told", NO_REGISTERS.values(), ids=NO_REGISTERS)
def test_no_register(run: Run, write: Write, name: str, content: object, told: str) -> None:
    file = write(content, name)
    for argv in (("trust", "lint", file), ("judge", "--owner", OWNER, "--trust", file, write(SAFE, "safe.json"))):
        done = run(*argv)
        assert done.status == 3
        assert done.err.startswith(sentence("register.not_trust_register", file=file, told=told))
        assert len(done.err.splitlines()) == 1


@pytest.mark.parametrize("name, content, told", NO_POLICIES.values(), ids=NO_POLICIES)
def test_no_policy(run: Run, write: Write, name: str, content: object, told: str) -> None:
    file = write(content, name)
    for command in ("judge", "plan"):
        done = run(command, "--owner", OWNER, "--no-trust", file)
        assert (done.status, done.out) == (3, "")
        assert told in done.err


@pytest.mark.parametrize("kind", ["an inventory", "an audit", "a register"])
def test_what_the_gate_does_not_read(run: Run, write: Write, kind: str) -> None:
    name, content, told = NO_POLICIES[kind]
    done = run("check", "--account", OWNER, "--no-trust", "--format", "json", write(content, name))
    (skipped,) = done.json["skipped"]
    assert sentence("dispatch.neither_template_nor_plan", told=told) in skipped["reason"]


def test_what_is_nothing_that_is_known_is_said_as_before(run: Run, write: Write) -> None:
    done = run("trust", "lint", write("version: 1\ntrust: x\n", "trust.yaml"))
    assert sentence("trust_entries.trust_expected_list") in done.err
    done = run("judge", "--owner", OWNER, write({"Statment": []}))
    assert (done.status, sentence("documents.unknown_element_statment") in done.out) == (1, True)
    done = run("judge", "--owner", OWNER, write('{"Resources": '))
    assert "seems" not in done.err
    done = run("judge", "--owner", OWNER, write('resource "aws_ecr_repository" "x" {}\n', "main.tf"))
    assert sentence("about.ecr_crossaccount_check") in done.err


def test_a_register_without_a_version_lacks_one(run: Run, write: Write) -> None:
    file = write({"trust": []}, "trust.json")
    assert run("trust", "lint", file).err == f"ecr-crossaccount: {file}: version: is missing: expected `1`\n"


@pytest.mark.parametrize("text", ["version: 1\ntrust:\n\t- account: 1\n", "version: 1\n\ttrust: []\n"])
def test_a_tab_in_yaml_is_called_a_tab(run: Run, write: Write, text: str) -> None:
    for argv in (("trust", "lint"), ("check", "--account", OWNER)):
        done = run(*argv, write(text, "trust.yaml"))
        assert (done.status, sentence("yaml_events.tab_yaml_indented") in done.err) == (3, True)


def test_json_that_is_well_is_not_what_is_wrong_with_a_register(run: Run, write: Write) -> None:
    text = json.dumps({"version": 1, "trust": [{"acount": "222233334444"}]})
    assert "seems" not in run("trust", "lint", write(text, "trust.json")).err


PAGE = "# Trust\n\n**Who** may pull?\n\n```yaml\nversion: 1\ntrust: []\n```\n"


def test_a_page_with_an_example_is_not_taken_for_the_example(run: Run, write: Write) -> None:
    page = write(PAGE, "README.md")
    assert "seems" not in run("judge", "--owner", OWNER, page).err
    assert sentence("dispatch.docs_check_md") in run("check", "--account", OWNER, page).err


def test_the_gate_does_not_point_to_itself(run: Run, write: Write) -> None:
    for content, told in (
        ("Resources:\n", sentence("marks.seems_template_but")),
        ({"terraform_version": "1.9.0"}, sentence("marks.seems_plan_state_but")),
    ):
        file = write(content, "t.yaml")
        assert sentence("dispatch.neither_template_nor_plan_nor", told=told) in run("check", file).out


ELSEWHERE = {"Statement": {"Effect": "Allow", "Principal": {"AWS": "222233334444"}, "Action": "sts:AssumeRole"}}
NO_ACTION = sentence("bare.no_statement_action_amazon")


@pytest.mark.parametrize("argv", [["judge"], ["plan"], ["ask", "--can", "pull"]], ids=["judge", "plan", "ask"])
def test_the_policy_of_another_service_is_noted(run: Run, write: Write, argv: list[str]) -> None:
    asked = (*argv, "--owner", OWNER, "--no-trust")
    file = write(ELSEWHERE, "role.json")
    assert f"note: {file}: {NO_ACTION}\n" in run(*asked, file).err
    assert NO_ACTION not in run(*asked, write(SAFE, "safe.json")).err


def test_the_policy_of_another_service_is_no_registry_policy(run: Run, write: Write) -> None:
    file = write(ELSEWHERE, "role.json")
    done = run("judge", "--owner", OWNER, "--registry-policy", file, write(SAFE, "safe.json"))
    assert (done.status, f"--registry-policy {file}: {NO_ACTION}" in done.err) == (3, True)
