"""Terraform states: distinguished from plans, and judged as deployed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.check.terraform.plans import Json, text
from tests.cli.conftest import OWNER, Run, Write
from tests.wording import sentence

OTHER = "222233334444"
STALE = text({"Statement": [{"Effect": "Allow", "Principal": {"AWS": "AROAEXAMPLEID12345678"}, "Action": "ecr:*"}]})
OPEN = text({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})


def shown(policy: str, **values: Any) -> Json:  # noqa: ANN401 - JSON
    resource = {
        "address": "module.ecr.aws_ecr_repository_policy.this[0]",
        "mode": "managed",
        "type": "aws_ecr_repository_policy",
        "name": "this",
        "index": 0,
        "values": {"repository": "base/x", "policy": policy, **values},
    }
    child = {"address": "module.ecr", "resources": [resource]}
    return {
        "format_version": "1.0",
        "terraform_version": "1.9.5",
        "values": {"root_module": {"child_modules": [child]}},
    }


def raw(policy: str, **more: Any) -> Json:  # noqa: ANN401 - JSON
    resource = {
        "module": "module.ecr",
        "mode": "managed",
        "type": "aws_ecr_repository_policy",
        "name": "this",
        "provider": 'provider["registry.terraform.io/hashicorp/aws"]',
        "instances": [
            {"index_key": 0, "schema_version": 0, "attributes": {"repository": "base/x", "policy": policy}},
            {"index_key": "b", "schema_version": 0, "attributes": {"repository": "b", "policy": None}},
            {"index_key": 0, "deposed": "8d1f", "attributes": {"repository": "base/x", "policy": OPEN}},
        ],
    }
    caller = {
        "mode": "data",
        "type": "aws_caller_identity",
        "name": "current",
        "instances": [{"attributes": {"account_id": OTHER}}],
    }
    whole = {"version": 4, "terraform_version": "1.9.5", "serial": 3, "lineage": "x", "outputs": {}}
    return {**whole, "resources": [caller, resource], **more}


def check(run: Run, write: Write, document: object, name: str = "state.json") -> Any:  # noqa: ANN401 - its output
    return run("check", "--format", "json", "--account", OWNER, write(text(document), name))


def test_a_deployed_policy_of_a_deleted_principal_grants_nothing(run: Run, write: Write) -> None:
    done = check(run, write, shown(STALE))
    (found,) = done.json["policies"]
    assert (done.status, found["compliance"]) == (0, "COMPLIANT")
    assert found["resource"] == "module.ecr.aws_ecr_repository_policy.this[0]"
    assert found["notes"]


def test_a_state_file_is_read_with_its_instances(run: Run, write: Write) -> None:
    done = check(run, write, raw(OPEN), "terraform.tfstate")
    found = done.json["policies"]
    start = "module.ecr.aws_ecr_repository_policy.this"
    assert [(one["resource"], one["public"]) for one in found] == [(f"{start}[0]", True), (f'{start}["b"]', False)]
    line = Path(found[0]["file"]).read_text("utf-8").split("\n")[found[0]["line"] - 1]
    assert line[found[0]["column"] - 1 :].startswith(r"{\"Effect\"")


def test_a_stack_in_a_state_is_looked_into_and_placed_where_its_template_stands(run: Run, write: Write) -> None:
    properties = {"RepositoryPolicyText": json.loads(OPEN)}
    template = text({"Resources": {"Repository": {"Type": "AWS::ECR::Repository", "Properties": properties}}})
    document = shown(OPEN)
    [child] = document["values"]["root_module"]["child_modules"]
    stack = {"type": "aws_cloudformation_stack", "address": "aws_cloudformation_stack.x", "name": "x"}
    values = {"name": "x", "parameters": None, "template_body": template}
    child["resources"] = [{"mode": "managed", **stack, "values": values}]
    done = run("check", "--format", "json", "--account", OWNER, write(json.dumps(document, indent=1), "state.json"))
    [found] = done.json["policies"]
    assert (found["resource"], found["public"]) == ("aws_cloudformation_stack.x/Repository", True)
    line = Path(found["file"]).read_text("utf-8").split("\n")[found["line"] - 1]
    assert '"template_body"' in line


def test_a_state_says_its_account_and_is_warned_of_where_it_is_another(run: Run, write: Write) -> None:
    own = OPEN.replace('"*"', f'{{"AWS":"{OTHER}"}}', 1)
    document = shown(own, registry_id=OTHER)
    (named,) = check(run, write, document).json["policies"]
    assert [OTHER in note for note in named["notes"]] == [True]
    assert named["external"]
    (unnamed,) = run("check", "--format", "json", write(text(document), "state.json")).json["policies"]
    assert unnamed["compliance"] == "COMPLIANT"


@pytest.mark.parametrize("version", [3, "4", None])
def test_a_state_file_of_another_version_is_refused(run: Run, write: Write, version: object) -> None:
    done = check(run, write, raw(OPEN, version=version), "terraform.tfstate")
    assert (done.status, done.json["policies"]) == (3, [])
    assert "version" in done.json["errors"][0]["reason"]


def test_an_empty_state_holds_nothing(run: Run, write: Write) -> None:
    no_list = {name: value for name, value in raw(OPEN).items() if name != "resources"}
    for document in (raw(OPEN, resources=[]), no_list, {"format_version": "1.0"}):
        done = check(run, write, document)
        assert (done.status, done.json["policies"], done.json["errors"], done.json["skipped"]) == (0, [], [], [])


def test_a_state_from_which_the_policy_was_taken_is_undecided(run: Run, write: Write) -> None:
    document = shown(OPEN)
    del document["values"]["root_module"]["child_modules"][0]["resources"][0]["values"]["policy"]
    assert check(run, write, document).status == 2


@pytest.mark.parametrize("instance", [{}, {"attributes_flat": {"policy": OPEN}}, {"attributes": None}, "x", None])
def test_an_instance_without_attributes_is_undecided(run: Run, write: Write, instance: object) -> None:
    state = raw(OPEN)
    state["resources"] = [one | {"instances": [instance]} for one in state["resources"]]
    done = run("check", "--format", "json", "--account", OWNER, write(text(state), "terraform.tfstate"))
    assert (done.status, len(done.json["policies"])) == (2, 1)


@pytest.mark.parametrize("part", [{"resources": {}}, {"resources": [{"type": "aws_ecr_repository_policy"}]}])
def test_resources_that_nobody_can_read_are_an_error(run: Run, write: Write, part: Json) -> None:
    done = run("check", "--account", OWNER, write(text(raw(OPEN) | part), "terraform.tfstate"))
    assert (done.status, sentence("terraform.resources_their_instances") in done.err) == (3, True)
