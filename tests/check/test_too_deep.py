"""What is nested too deeply is an error of its file, and the other files are judged."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import OPEN, OWNER, Run
from tests.wording import sentence

GOOD = 'Resources: {Good: {Type: "AWS::ECR::Repository"}}\n'
TOO_DEEP = sentence("files.nested_too_deeply")
SETS = "aws ecr set-repository-policy --repository-name a --policy-text"


def repository(**properties: Any) -> Any:  # noqa: ANN401 - JSON
    return {"Type": "AWS::ECR::Repository", "Properties": properties}


def conditions(count: int) -> str:
    made: dict[str, Any] = {"C0": {"Fn::Equals": ["a", "a"]}}
    made |= {f"C{number}": {"Fn::Not": [{"Condition": f"C{number - 1}"}]} for number in range(1, count)}
    policy = {"Fn::If": [f"C{count - 1}", OPEN, {"Ref": "AWS::NoValue"}]}
    return json.dumps({"Conditions": made, "Resources": {"R": repository(RepositoryPolicyText=policy)}})


FILES = {
    "substitutions": ("x.sh", f"{SETS} {'$(echo ' * 600}x{')' * 600}\n"),
    "variables": (
        "x.sh",
        f"A0='{json.dumps(OPEN)}'\n"
        + "".join(f'A{number}="$A{number - 1}"\n' for number in range(1, 3000))
        + f'{SETS} "$A2999"\n',
    ),
    "conditions": ("x.json", conditions(2000)),
}


@pytest.mark.parametrize("name, text", FILES.values(), ids=FILES)
def test_a_file_that_is_nested_too_deeply_is_an_error(run: Run, tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    (tmp_path / "good.yaml").write_text(GOOD, "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    (error,) = done.json["errors"]
    assert (done.status, error["file"], error["reason"]) == (3, str(tmp_path / name), TOO_DEEP)
    assert [one["resource"] for one in done.json["policies"]] == ["Good"]


def test_resources_that_name_each_other_are_no_error(run: Run, tmp_path: Path) -> None:
    made = {
        f"R{number}": repository(
            RepositoryName={"Fn::Sub": f"${{R{(number + 1) % 120}}}"},
            RepositoryPolicyText={
                "Statement": {
                    "Effect": "Allow",
                    "Principal": {"AWS": {"Fn::GetAtt": [f"R{(number + 1) % 120}", "Arn"]}},
                    "Action": "ecr:*",
                }
            },
        )
        for number in range(120)
    }
    (tmp_path / "t.json").write_text(json.dumps({"Resources": made}), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert (done.json["errors"], len(done.json["policies"])) == ([], 120)


def test_stacks_that_nest_many_others_are_an_error_at_the_one_too_many(run: Run, tmp_path: Path) -> None:
    inner = "S: {{Type: AWS::CloudFormation::Stack, Properties: {{TemplateURL: t{}.yaml}}}}"
    for number in range(200):
        (tmp_path / f"t{number}.yaml").write_text(
            f"Resources: {{R: {{Type: AWS::ECR::Repository}}, {inner.format(number + 1)}}}\n", "utf-8"
        )
    (tmp_path / "t200.yaml").write_text(GOOD, "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path / "t0.yaml"))
    (error,) = done.json["errors"]
    assert (done.status, len(done.json["policies"])) == (3, 21)
    assert error["reason"].endswith(sentence("nested.stacks_nested_more"))


def test_exports_that_import_many_others_are_unknown(run: Run, tmp_path: Path) -> None:
    policy = {"Statement": {"Effect": "Allow", "Principal": {"AWS": {"Fn::ImportValue": "e0"}}, "Action": "ecr:*"}}
    made = {"Resources": {"R": repository(RepositoryPolicyText=policy)}}
    (tmp_path / "t.json").write_text(json.dumps(made), "utf-8")
    for number in range(300):
        output = {"Value": {"Fn::ImportValue": f"e{number + 1}"}, "Export": {"Name": f"e{number}"}}
        exporting = {"AWSTemplateFormatVersion": "2010-09-09", "Outputs": {"E": output}}
        (tmp_path / f"e{number}.json").write_text(json.dumps(exporting), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert (done.status, done.json["errors"], len(done.json["policies"])) == (2, [], 1)


def test_a_file_of_others_that_is_nested_too_deeply_is_skipped(run: Run, tmp_path: Path) -> None:
    made: dict[str, Any] = {"C0": {"Fn::Equals": ["a", "a"]}}
    made |= {f"C{number}": {"Fn::Not": [{"Condition": f"C{number - 1}"}]} for number in range(1, 2000)}
    stack = {"Type": "AWS::CloudFormation::StackSet", "Condition": "C1999", "Properties": {"TemplateBody": {}}}
    text = json.dumps({"Conditions": made, "Resources": {"S": stack}})
    (tmp_path / "t.json").write_text(text, "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert (done.status, len(done.json["skipped"])) == (0, 1)


def test_folders_that_cannot_be_walked_are_an_error(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "good.yaml").write_text(GOOD, "utf-8")

    def walk(*_: object, **__: object) -> None:
        raise RecursionError

    monkeypatch.setattr("os.walk", walk)  # as os.walk of Python 3.11 does, which is recursive
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path), str(tmp_path / "good.yaml"))
    assert [(one["file"], one["reason"]) for one in done.json["errors"]] == [(str(tmp_path), TOO_DEEP)]
    assert len(done.json["policies"]) == 1


def test_folders_that_are_nested_deeply_are_read(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for _ in range(sys.getrecursionlimit() + 50):
        Path("d").mkdir()
        os.chdir("d")
    Path("good.yaml").write_text(GOOD, "utf-8")
    Path("cdk.json").write_text("{}", "utf-8")
    Path("stack.ts").write_text(
        "import * as ecr from 'aws-cdk-lib/aws-ecr';\nnew ecr.Repository(this, 'R');\n", "utf-8"
    )
    Path("main.tf").write_text('resource "aws_ecr_repository" "x" {\n  name = "x"\n}\n', "utf-8")
    os.chdir(tmp_path)
    done = run("check", "--format", "json", "--account", OWNER, "--exclude", "x/**/y", ".")
    assert (done.json["errors"], len(done.json["policies"]), len(done.json["unjudged"])) == ([], 1, 1)
