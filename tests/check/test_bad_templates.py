"""Unreadable files: each is one error with its place, and the other files are still judged."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Run, Write
from tests.wording import says, sentence

GOOD = """\
Resources:
  Good:
    Type: AWS::ECR::Repository
"""
BOMB = "\n".join(
    [
        "Resources: {Repo: {Type: AWS::ECR::Repository}}",
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]",
        *(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)),
    ]
)


@pytest.mark.parametrize(
    "content, line, reason",
    [
        ("Resources:\n  Repo:\n    Type: AWS::ECR::Repository\n    Properties: {\n", 5, "not YAML at line 5 column 1"),
        ("Resources:\n\tRepo: {Type: AWS::ECR::Repository}\n", 2, "not YAML at line 2"),
        ("Resources: &r {Repo: *r, Type: AWS::ECR::Repository}\n", 1, sentence("yaml_events.inside_node_repeats")),
        ("Resources: *nothing\n# AWS::ECR::Repository\n", 1, "repeats nothing"),
        (BOMB, 7, "more than 500,000 values"),
        ("# AWS::ECR::Repository\nResources: " + "[" * 5000, 2, "nesting"),
        ('{"Resources": {"Repo": {"Type": "AWS::ECR', 1, sentence("json.not_json_line_column_unterminated")),
        ('{"Resources": {"Repo": {"Type": "AWS::ECR::Repository", "Properties": {', 1, "not JSON at line 1 column 72"),
        ('{"Resources": ' + '{"AWS::ECR": ' * 5000, 1, "levels deep"),
        (b"Resources: \x00\x01 AWS::ECR::Repository", None, "binary"),
        (b"Resources: \xff AWS::ECR::Repository", None, "not text in UTF-8 at byte 11"),
        ("Resources: \x07 AWS::ECR::Repository", 1, "not YAML at line 1 column 12"),
    ],
    ids=[
        "half",
        "tab",
        "cycle",
        "alias",
        "bomb",
        "deep",
        "text-json",
        "half-json",
        "deep-json",
        "binary",
        "encoding",
        "control",
    ],
)
def test_it_is_one_error_with_its_place(
    run: Run, write: Write, content: str | bytes, line: int | None, reason: str
) -> None:
    bad = write(content, "bad.yaml")
    good = write(GOOD, "good.yaml")
    for paths in ((str(Path(bad).parent),), (bad, good)):
        done = run("check", "--format", "json", "--account", OWNER, *paths)
        assert done.status == 3
        (error,) = done.json["errors"]
        assert (error["file"], error["line"]) == (bad, line)
        assert says(error["reason"], reason)
        assert [one["resource"] for one in done.json["policies"]] == ["Good"]


def test_loops_without_end_are_an_error(run: Run, write: Write) -> None:
    body: object = {"R${A}${B}${C}": {"Type": "AWS::ECR::Repository"}}
    for name in "CBA":
        body = {f"Fn::ForEach::{name}": [name, [str(number) for number in range(30)], body]}
    done = run("check", "--format", "json", "--account", OWNER, write({"Resources": body}))
    assert [error["reason"] for error in done.json["errors"]] == [sentence("cloudformation.loops_more_than")]


def test_loops_that_make_too_much_are_an_error(run: Run, write: Write) -> None:
    numbers = [str(number) for number in range(9_000)]
    resource = {"Type": "AWS::ECR::Repository", "Properties": {"Tags": [{"Key": "k", "Value": "v" * 1000}] * 9}}
    file = write({"Resources": {"Fn::ForEach::A": ["A", numbers, {"R${A}": resource}]}})
    (error,) = run("check", "--format", "json", "--account", OWNER, file).json["errors"]
    assert error["reason"] == sentence("cloudformation.loops_make_more")


@pytest.mark.parametrize(
    "policy",
    [{"Fn::Sub": "${Long}" * 20_000}, {"Fn::Join": ["", [{"Ref": "Long"}] * 20_000]}],
    ids=["Sub", "Join"],
)
def test_a_text_that_no_memory_holds_is_not_made(run: Run, write: Write, policy: object) -> None:
    parameters = {"Long": {"Type": "String", "Default": "x" * 250_000}}
    resources = {"Repo": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}}
    file = write({"Parameters": parameters, "Resources": resources})
    done = run("check", "--format", "json", "--account", OWNER, file)
    assert done.status == 2
    assert len(done.json["policies"][0]["undecided"]) == 1


@pytest.mark.parametrize("characters, what", [(1_048_576, "invalid"), (1_048_577, "undecided")])
def test_a_text_is_put_together_to_a_length_that_no_policy_has(
    run: Run, write: Write, characters: int, what: str
) -> None:
    parameters = {"Long": {"Type": "String", "Default": "x" * characters}}
    policy = {"Fn::Sub": "${Long}"}
    resources = {"Repo": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}}
    file = write({"Parameters": parameters, "Resources": resources})
    (found,) = run("check", "--format", "json", "--account", OWNER, file).json["policies"]
    assert [name for name in ("grants", "undecided", "invalid") if found[name]] == [what]


@pytest.mark.parametrize("characters, what", [(10_240, "grants"), (10_241, "undecided")])
def test_variables_of_the_serverless_framework_are_filled_in_to_the_length_that_ecr_takes(
    run: Run, write: Write, characters: int, what: str
) -> None:
    principal = {"AWS": "${self:custom.partner}"}
    policy = json.dumps({"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "ecr:PutImage"}]})
    properties = {"RepositoryPolicyText": policy.ljust(characters)}
    resources = {"Resources": {"Repo": {"Type": "AWS::ECR::Repository", "Properties": properties}}}
    document = {"service": "x", "provider": "aws", "custom": {"partner": "222233334444"}, "resources": resources}
    file = write(json.dumps(document), "serverless.yml")
    (found,) = run("check", "--format", "json", "--account", OWNER, file).json["policies"]
    assert [name for name in ("grants", "undecided", "invalid") if found[name]] == [what]


@pytest.mark.usefixtures("bounded")
def test_resources_of_a_program_that_each_repeat_the_next_one_are_read_once(run: Run, write: Write) -> None:
    last = 39
    names = [f"${{r{n + 1}.name}}${{r{n + 1}.name}}" if n < last else "x" for n in range(last + 1)]
    resources: dict[str, object] = {
        f"r{n}": {"type": "aws:ecr:Repository", "properties": {"name": name}} for n, name in enumerate(names)
    }
    for number in (0, last - 2):
        principal = {"AWS": f"arn:aws:iam::{OWNER}:role/${{r{number}.name}}"}
        policy = {"Statement": [{"Effect": "Allow", "Principal": principal, "Action": "ecr:*"}]}
        properties = {"repository": "x", "policy": {"fn::toJSON": policy}}
        resources[f"p{number}"] = {"type": "aws:ecr:RepositoryPolicy", "properties": properties}
    file = write(json.dumps({"name": "x", "runtime": "yaml", "resources": resources}), "Pulumi.yaml")
    done = run("check", "--format", "json", "--account", OWNER, file)
    assert [one["compliance"] for one in done.json["policies"]] == ["COMPLIANT", "COMPLIANT"]


@pytest.mark.usefixtures("bounded")
def test_a_text_of_a_program_that_no_memory_holds_is_not_made(run: Run, write: Write) -> None:
    properties = {"repository": "x", "policy": "${long}" * 50_000}
    resources = {"p": {"type": "aws:ecr:RepositoryPolicy", "properties": properties}}
    document = {"name": "x", "runtime": "yaml", "variables": {"long": "x" * 60_000}, "resources": resources}
    file = write(json.dumps(document), "Pulumi.yaml")
    (found,) = run("check", "--format", "json", "--account", OWNER, file).json["policies"]
    assert len(found["undecided"]) == 1


def test_a_file_that_is_too_large_is_not_read(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ecr_crossaccount.sources.files.files.LARGEST_FILE", 1_048_576)
    file = write(GOOD + "#" * 1_048_576, "huge.yaml")
    (error,) = run("check", "--format", "json", "--account", OWNER, file).json["errors"]
    assert "larger than 1 MB" in error["reason"]


def test_what_is_no_template_is_passed_over_quietly(run: Run, write: Write, tmp_path: Path) -> None:
    write("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n---\nkind: Service\n", "pod.yaml")
    write("{{ if .Values.on }}\nkind: Pod\n{{ end }}\n", "chart.yaml")
    write("- one\n- two\n", "list.yaml")
    write("", "empty.yaml")
    write(b"\x89PNG\x00\x01", "picture.png")
    write({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}, "bucket.json")
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path))
    assert (done.status, done.json) == (
        0,
        {
            "notes": [],
            "policies": [],
            "accepted": [],
            "recorded": {"registers": [], "registries": []},
            "errors": [],
            "unjudged": [],
            "settings": [],
            "register": None,
            "skipped": [],
        },
    )


@pytest.mark.parametrize("text", ["\\u0041WS::ECR::Repository", "AWS\\u003a:ECR::Repository"])
def test_an_escape_hides_no_resource(run: Run, write: Write, tmp_path: Path, text: str) -> None:
    policy = json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}})
    properties = f'"Properties": {{"RepositoryPolicyText": {policy}}}'
    write(f'{{"Resources": {{"Repo": {{"Type": "{text}", {properties}}}}}}}', "hidden.json")
    assert run("check", "--account", OWNER, str(tmp_path)).status == 1


def test_a_missing_file_is_an_error(run: Run, write: Write, tmp_path: Path) -> None:
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path / "none.yaml"), write(GOOD, "good.yaml"))
    assert done.status == 3
    assert [error["reason"] for error in done.json["errors"]] == ["no such file or directory"]
    assert len(done.json["policies"]) == 1
