"""Files that are made to take long are read fast, or refused with a clear error."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OPEN, OWNER, Run
from tests.wording import sentence

SETS = "aws ecr set-repository-policy --repository-name a --policy-text"
TOO_LONG = sentence("marks.too_long_script")
TOO_MANY_CHARACTERS = sentence("lengths.policy_more_than")
TOO_LONG_JSON = sentence("lengths.more_than_mb")
STATEMENTS = [
    {"Sid": f"S{number}", "Effect": "Allow", "Principal": {"AWS": f"{number:012}"}, "Action": "ecr:BatchGetImage"}
    for number in range(1, 2000)
]


@pytest.fixture(autouse=True)
def fast() -> Iterator[None]:
    """Fail a test that needs more than 5 s of processor time."""
    started = time.process_time()
    yield
    assert time.process_time() - started < 5


def repository(policy: Any) -> Any:  # noqa: ANN401 - JSON
    return {"Resources": {"R": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}}}


MANY = '[for i in range(1000) : {Effect = "Allow", Principal = "*", Action = "ecr:*", Sid = "${i}"}]'
REFUSED = {
    "many mentions": ("x.sh", f"echo {SETS}\n" * 60_000, TOO_LONG),
    "many mentions in data": ("x.yaml", "- run: aws ecr set-repository-policy\n" * 60_000, TOO_LONG),
    "many commands": ("x.sh", f"{SETS} '{json.dumps(OPEN)}'\n" * 4_000, TOO_LONG),
    "a long script": ("x.sh", f"{SETS} {'a ' * 150_000}\n", TOO_LONG),
    "text that is no shell code": ("x.sh", f"{SETS} {')' * 60_000}\n", TOO_LONG),
    "recipes that are no shell code": ("Makefile", "x:\n" + f"\t{SETS} {')' * 60_000}\n\n" * 9, TOO_LONG),
    "many values": ("p.json", json.dumps({"Action": "ecr:*", "Statement": [[]] * 600_000}), TOO_LONG_JSON),
    "a long policy in a template": ("t.json", json.dumps(repository({"Statement": STATEMENTS})), TOO_MANY_CHARACTERS),
    "a long policy": ("p.json", json.dumps({"Statement": STATEMENTS}), TOO_MANY_CHARACTERS),
    "a long policy in a text": (
        "t.json",
        json.dumps(repository(json.dumps({"Statement": STATEMENTS}))),
        TOO_MANY_CHARACTERS,
    ),
    "a long policy of Terraform": (
        "main.tf",
        'resource "aws_ecr_registry_policy" "x" {\n  policy = jsonencode({Statement = MANY})\n}\n'.replace(
            "MANY", MANY
        ),
        TOO_MANY_CHARACTERS,
    ),
}


@pytest.mark.parametrize("name, text, reason", REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_too_much_is_an_error(run: Run, tmp_path: Path, name: str, text: str, reason: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "good.yaml").write_text('Resources: {Good: {Type: "AWS::ECR::Repository"}}\n', "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    (error,) = done.json["errors"]
    assert (done.status, error["file"]) == (3, str(tmp_path / name))
    assert error["reason"].endswith(reason)
    assert [one["resource"] for one in done.json["policies"]] == ["Good"]


def test_a_long_source_of_a_short_policy_is_judged(run: Run, tmp_path: Path) -> None:
    policy = json.dumps(OPEN, indent=900)
    assert len(policy) > 10_240
    for name, text in (("t.json", json.dumps(repository(policy))), ("x.json", json.dumps(repository("{" * 11_000)))):
        (tmp_path / name).write_text(text, "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert (done.status, [one["public"] for one in done.json["policies"]]) == (1, [True, False])


def test_many_suppressions_are_read_fast(run: Run, tmp_path: Path) -> None:
    text = "# ecr-crossaccount: ignore until 2027-01-01: x\n" * 40_000
    (tmp_path / "t.yaml").write_text(f"{text}Resources: {{R: {{Type: 'AWS::ECR::Repository'}}}}\n", "utf-8")
    assert run("check", "--account", OWNER, str(tmp_path)).status == 0


def test_stacks_that_nest_twice_as_many_at_each_level_are_an_error(run: Run, tmp_path: Path) -> None:
    for level in range(13):
        stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"t{level + 1}.json"}}
        made = {"Resources": {"A": stack, "B": stack}}
        (tmp_path / f"t{level}.json").write_text(json.dumps(made), "utf-8")
    (tmp_path / "t13.json").write_text(json.dumps(repository(OPEN)), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert done.status == 3
    reason = sentence("nested.more_than_stacks")
    assert all(one["reason"].endswith(reason) for one in done.json["errors"])
    assert 0 < len(done.json["errors"]) < 20


def test_outputs_that_need_twice_as_many_at_each_level_are_unknown(run: Run, tmp_path: Path) -> None:
    for level in range(14):
        stack = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": f"t{level + 1}.json"}}
        value = {"Fn::Join": ["", [{"Fn::GetAtt": [name, "Outputs.O"]} for name in "AB"]]}
        policy = {"Statement": {"Effect": "Allow", "Principal": {"AWS": value}, "Action": "ecr:*"}}
        made: dict[str, Any] = {"Resources": {"A": stack, "B": stack}, "Outputs": {"O": {"Value": value}}}
        made["Resources"] |= repository(policy)["Resources"] if level == 0 else {}
        (tmp_path / f"t{level}.json").write_text(json.dumps(made), "utf-8")
    (tmp_path / "t14.json").write_text(json.dumps({"Resources": {}, "Outputs": {"O": {"Value": "1"}}}), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path / "t0.json"))
    assert done.status == 3


def test_expressions_that_do_not_end_are_looked_for_once(run: Run, tmp_path: Path) -> None:
    (tmp_path / "x.sh").write_text(f"{SETS} '{json.dumps(OPEN)}'\n# {'{{' * 150_000}\n", "utf-8")
    assert run("check", "--account", OWNER, str(tmp_path)).status == 1
