"""ECR resources that were found and not judged. Every format lists them, never as safe, and they fail on request."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from ecr_crossaccount.sources.files.files import PROGRAM_SUFFIXES, SUFFIXES, TEMPLATE_SUFFIXES

from tests.cli.conftest import OPEN, OWNER, SAFE, Run, Write
from tests.wording import sentence

AWAY = """\
Resources:
  Repo: {Type: "AWS::ECR::Repository"}
  Away:
    Type: AWS::CloudFormation::Stack
    Properties: {TemplateURL: "https://s3.amazonaws.com/bucket/ecr.yaml"}
"""
REASON = sentence("stacks.template_https_amazonaws")
REMOTE = 'module "vpc" {\n  source = "terraform-aws-modules/vpc/aws"\n}\n'


def test_every_format_says_what_was_not_judged(run: Run, write: Write) -> None:
    file = write(AWAY, "t.yaml")

    def shown(name: str) -> str:
        done = run("check", "--account", OWNER, "--format", name, file)
        assert done.status == 0
        return done.out

    told = {"file": file, "line": 3, "column": 3, "resource": "Away", "reason": REASON}
    assert json.loads(shown("json"))["unjudged"] == [told]
    assert f"unjudged  {file}:3:3  Away: {REASON}\n" in shown("text")
    assert shown("lines").endswith(sentence("parsers.policy_compliant_non"))
    (note,) = json.loads(shown("sarif"))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("warning", f"not judged: Away: {REASON}")
    assert shown("github").startswith("::notice ")
    (entry,) = json.loads(shown("gitlab"))
    assert (entry["check_name"], entry["severity"], entry["location"]["lines"]) == ("unjudged", "info", {"begin": 3})
    assert shown("markdown").startswith("### ⚠️ ECR access from outside: 1 policy, ")
    assert sentence("parsers.external_access_found") in shown("markdown")
    suite = ET.fromstring(shown("junit"))
    assert (suite.get("tests"), suite.get("skipped"), len(suite.findall(".//skipped"))) == ("2", "1", 1)
    row = next(row for row in csv.DictReader(io.StringIO(shown("csv"))) if row["compliance"] == "UNJUDGED")
    assert (row["line"], row["resource"], row["reason"]) == ("3", "Away", REASON)


SAVED_PLAN = b"PK\x03\x04\x14\x00\x00\x00\x08\x00tfplan\xff\xfe"


@pytest.mark.parametrize("name", ["prod.tfplan", "tfplan", "plan.bin", "Plan-2.out"])
def test_a_plan_as_terraform_saves_it_is_not_passed_over(run: Run, tmp_path: Path, name: str) -> None:
    plan = tmp_path / name
    plan.write_bytes(SAVED_PLAN)
    (tmp_path / "logo.json").write_bytes(SAVED_PLAN)
    (tmp_path / "floor-plan.xlsx").write_bytes(SAVED_PLAN.replace(b"tfplan", b"floors"))
    (tmp_path / "plan.md").write_text("our plan", "utf-8")
    done = run("check", "--account", OWNER, str(tmp_path))
    told = [line for line in done.out.splitlines() if line.startswith("unjudged")]
    assert [line.split(": ")[0] for line in told] == [f"unjudged  {plan}:1:1  plan"]
    assert "terraform show -json" in told[0]
    assert run("check", "--account", OWNER, "--strict", str(tmp_path)).status == 2


@pytest.mark.parametrize("name", ["prod.tfplan", "tfplan", "plan.out"])
def test_one_that_is_named_is_an_error_that_says_what_to_check(run: Run, tmp_path: Path, name: str) -> None:
    plan = tmp_path / name
    plan.write_bytes(SAVED_PLAN)
    done = run("check", "--account", OWNER, str(plan))
    assert done.status == 3
    assert done.err == sentence("dispatch.saved_plan_only", plan=plan)


def test_a_plan_as_terraform_saves_it_is_the_same_only_if_its_bytes_are(run: Run, tmp_path: Path) -> None:
    for name, plan in (("old", SAVED_PLAN), ("same", SAVED_PLAN), ("new", SAVED_PLAN + b"\xff")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "prod.tfplan").write_bytes(plan)
    old, same, new = (str(tmp_path / name) for name in ("old", "same", "new"))
    assert run("diff", "--account", OWNER, old, same).status == 0
    assert run("diff", "--account", OWNER, old, new).status == 2


def test_a_status_of_0_says_that_something_was_not_judged(run: Run, write: Write) -> None:
    done = run("check", "--account", OWNER, "--format", "json", write(AWAY, "t.yaml"))
    assert (done.status, done.err) == (
        0,
        sentence("parsers.note_found_not_judged"),
    )


@pytest.mark.parametrize(
    "file, told",
    [((AWAY, "t.yaml"), "1 found and not judged"), ((REMOTE, "main.tf"), "1 not here")],
    ids=["what is found", "what is not here"],
)
def test_strict_fails_on_what_was_not_judged(run: Run, write: Write, file: tuple[str, str], told: str) -> None:
    done = run("check", "--account", OWNER, "--strict", write(*file))
    assert (done.status, done.err) == (2, f"ecr-crossaccount: note: {told}: because of `--strict`, the status is 2\n")


def test_strict_fails_on_a_policy_that_passes_only_with_a_default(run: Run, write: Write) -> None:
    principal = {"AWS": {"Ref": "Partner"}}
    policy = {"Statement": {"Effect": "Allow", "Principal": principal, "Action": "ecr:BatchGetImage"}}
    resource = {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": policy}}
    template = write(
        {"Parameters": {"Partner": {"Type": "String", "Default": OWNER}}, "Resources": {"Base": resource}}, "t.json"
    )
    check = ("check", "--account", OWNER, template)
    told = sentence("check.note_compliant_only")
    done, strict = run(*check), run(*check, "--strict")
    assert (done.status, done.err) == (0, told.format("`--strict` makes the status 2"))
    assert (strict.status, strict.err) == (2, told.format("because of `--strict`, the status is 2"))
    assert run(*check, "--strict", "--parameter", f"Partner={OWNER}").status == 0


def test_strict_fails_on_a_policy_that_passes_only_with_the_values_of_its_chart(
    run: Run, write: Write, tmp_path: Path
) -> None:
    (tmp_path / "chart" / "templates").mkdir(parents=True)
    (tmp_path / "none").mkdir()
    write("name: x\nversion: 1.0.0\n", "chart/Chart.yaml")
    write(f"partner: '{OWNER}'\n", "chart/values.yaml")
    statement = '{"Effect": "Allow", "Principal": {"AWS": "{{ .Values.partner }}"}, "Action": "ecr:*"}'
    spec = f"spec:\n  name: x\n  policy: '{{\"Statement\": [{statement}]}}'\n"
    head = "apiVersion: ecr.services.k8s.aws/v1alpha1\nkind: Repository\nmetadata: {name: x}\n"
    write(head + spec, "chart/templates/x.yaml")
    chart = str(tmp_path / "chart")
    assert run("check", "--account", OWNER, chart).status == 0
    assert run("check", "--account", OWNER, "--strict", chart).status == 2
    assert "`--set` may give others" in run("diff", "--account", OWNER, str(tmp_path / "none"), chart).out


def test_strict_leaves_what_is_worse_and_what_is_well(run: Run, write: Write, tmp_path: object) -> None:
    write(AWAY, "t.yaml")
    strict = ("check", "--account", OWNER, "--strict")
    safe = write(SAFE, "safe.json")
    assert run(*strict, safe, write("just text", "note.txt")).status == 0, "what cannot be of ECR was skipped"
    write(OPEN)
    assert run(*strict, str(tmp_path)).status == 1
    assert run(*strict, str(tmp_path), write("{", "half.json")).status == 3


@pytest.mark.parametrize("name", ["", "empty", "note.txt", "object.json", "null.json"])
def test_a_run_that_judged_nothing_says_so_and_fails_if_strict(
    run: Run, write: Write, tmp_path: Path, name: str
) -> None:
    (tmp_path / "empty").mkdir()
    for content, file in (("just text", "note.txt"), ({}, "object.json"), ("null", "null.json")):
        write(content, file)
    check = ("check", "--account", OWNER, "--format", "json", str(tmp_path / name))
    told = sentence("findings.note_no_policy_found")
    done, strict = run(*check), run(*check, "--strict")
    assert (done.status, done.err) == (0, told.format("`--strict` makes the status 2"))
    assert (strict.status, strict.err) == (2, told.format("because of `--strict`, the status is 2"))


@pytest.mark.parametrize("count, strict", [(16, 0), (17, 2)])
def test_variable_files_that_are_too_many_are_skipped_and_fail_if_strict(
    run: Run, write: Write, tmp_path: Path, count: int, strict: int
) -> None:
    (tmp_path / "values").mkdir()
    for number in range(count):
        write('name = "x"\n', f"values/{number:02}.tfvars")
    repository = 'resource "awscc_ecr_repository" "x" {\n  repository_name = var.name\n}\n'
    write(f'variable "name" {{ default = "y" }}\n{repository}', "main.tf")
    check = ("check", "--account", OWNER, "--format", "json", str(tmp_path))
    left = [one["file"] for one in run(*check).json["skipped"] if "too many" in one["reason"]]
    assert left == [str(tmp_path / "values" / "16.tfvars")][: count - 16]
    assert (run(*check).status, run(*check, "--strict").status) == (0, strict)
    named = run(*check, "--strict", "--var-file", str(tmp_path / "values" / "00.tfvars"))
    assert named.status == 0


def test_strict_fails_where_all_is_excluded(run: Run, write: Write, tmp_path: Path) -> None:
    write(OPEN)
    assert run("check", "--account", OWNER, "--strict", "--exclude", "*.json", str(tmp_path)).status == 2


def test_a_repository_without_a_policy_is_judged(run: Run, write: Write) -> None:
    done = run("check", "--account", OWNER, "--strict", write(AWAY.partition("  Away:")[0], "t.yaml"))
    assert (done.status, done.err) == (0, "")


@pytest.mark.parametrize("ending", TEMPLATE_SUFFIXES)
def test_a_template_of_another_program_that_makes_a_policy_is_not_judged(
    run: Run, write: Write, tmp_path: Path, ending: str
) -> None:
    write(OPEN, f"policy.json{ending}")
    done = run("check", "--account", OWNER, "--format", "json", "--strict", str(tmp_path))
    assert (done.status, len(done.json["unjudged"])) == (2, 1)


@pytest.mark.parametrize("ending", [".jsonc", ".json5"])
@pytest.mark.parametrize("text", ["{} // for now", "// for now\n{}", "/* for now */ {}", "# for now\n{}"])
def test_what_only_looks_like_json_is_an_error_in_a_folder(
    run: Run, write: Write, tmp_path: Path, ending: str, text: str
) -> None:
    write(text.format(json.dumps(OPEN, separators=(",", ":"))), f"policy{ending}")
    done = run("check", "--account", OWNER, str(tmp_path))
    assert done.status == 3
    assert f"policy{ending}:1: not JSON at line 1" in done.err
    assert sentence("json.comment_json_does") in done.err


@pytest.mark.parametrize("name", ["policy.yaml", "policy.template", "policy.txt", "-"])
def test_a_file_that_is_one_text_with_a_policy_in_it_is_not_passed_over(run: Run, write: Write, name: str) -> None:
    policy = json.dumps(OPEN, separators=(",", ":"))  # with spaces it would be no YAML
    text = f"// for now\n{policy}\n"
    file = name if name == "-" else write(text, name)
    done = run("check", "--account", OWNER, "--format", "json", "--strict", file, stdin=text)
    (told,) = done.json["unjudged"]
    assert (done.status, told["file"]) == (2, file)
    assert told["reason"].startswith(sentence("strays.file_reads_one"))


def test_a_text_that_only_speaks_of_ecr_is_nothing_to_judge(run: Run, write: Write, tmp_path: Path) -> None:
    write("The Principal: of a policy of ecr", "note.template")
    write("The Effect of ecr:PutImage on a Principal\n", "note.yaml")
    assert run("check", "--account", OWNER, "--format", "json", str(tmp_path)).json["unjudged"] == []


STATE_MACHINE = {
    "StartAt": "Open",
    "States": {
        "Open": {
            "Type": "Task",
            "Resource": "arn:aws:states:::aws-sdk:ecr:setRepositoryPolicy",
            "Parameters": {"RepositoryName": "base", "PolicyText.$": "$.policy"},
            "End": True,
        }
    },
}


@pytest.mark.parametrize("name", ["open.asl.json", "main.tf", "open.yaml"])
def test_a_state_machine_that_opens_a_repository_is_not_passed_over(
    run: Run, write: Write, tmp_path: Path, name: str
) -> None:
    source = f'resource "aws_sfn_state_machine" "open" {{\n  definition = jsonencode({json.dumps(STATE_MACHINE)})\n}}\n'
    write(source if name == "main.tf" else json.dumps(STATE_MACHINE), name)
    done = run("check", "--account", OWNER, "--format", "json", "--strict", str(tmp_path))
    assert done.status == 2
    assert [(one["resource"], one["reason"]) for one in done.json["unjudged"]] == [
        ("ecr:setRepositoryPolicy", sentence("marks.state_machine_schedule"))
    ]


def test_a_state_machine_in_a_template_is_listed_once(run: Run, write: Write) -> None:
    machine = {"Type": "AWS::StepFunctions::StateMachine", "Properties": {"Definition": STATE_MACHINE}}
    done = run("check", "--account", OWNER, "--format", "json", write({"Resources": {"Open": machine}}))
    assert [one["resource"] for one in done.json["unjudged"]] == ["Open"]


def test_a_call_that_opens_nothing_is_not_listed(run: Run, write: Write, tmp_path: Path) -> None:
    write(json.dumps(STATE_MACHINE).replace("setRepositoryPolicy", "getRepositoryPolicy"), "read.asl.json")
    assert run("check", "--account", OWNER, "--format", "json", str(tmp_path)).json["unjudged"] == []


def test_the_guide_lists_every_ending_that_is_looked_at_in_a_folder() -> None:
    guide = (Path(__file__).parents[2] / "docs" / "check.md").read_text("utf-8")
    every = (*SUFFIXES, *PROGRAM_SUFFIXES)
    assert [ending for ending in every if f"`{ending}`" not in guide] == [".hcl.json"], "which ends with .json"


def test_no_format_looks_well_where_nothing_was_judged(run: Run, tmp_path: Path) -> None:
    def shown(name: str) -> str:
        return run("check", "--account", OWNER, "--format", name, str(tmp_path)).out

    told = sentence("findings.no_policy_found_nothing_judged")
    assert shown("github") == f"::warning title=Not judged::{told}\n"
    (note,) = json.loads(shown("sarif"))["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert (note["level"], note["message"]["text"]) == ("warning", f"not judged: {told}")
    suite = ET.fromstring(shown("junit"))
    assert (suite.get("tests"), suite.get("skipped")) == ("1", "1")
    assert [one.get("message") for one in suite.iter("skipped")] == [told]
    (tmp_path / "half.json").write_text('{"Type": "AWS::ECR::Repository"')
    assert [name for name in ("github", "sarif", "junit") if told in shown(name)] == [], "the error says more"


TREE = {
    "version": "tree-0.1",
    "tree": {
        "id": "App",
        "children": {"R": {"id": "R", "attributes": {"aws:cdk:cloudformation:props": {"repositoryPolicyText": OPEN}}}},
    },
}


def test_the_construct_tree_of_the_cdk_is_skipped_beside_its_templates(run: Run, write: Write, tmp_path: Path) -> None:
    (tmp_path / "cdk.out").mkdir()
    write(TREE, "cdk.out/tree.json")
    write({"Resources": {"R": {"Type": "AWS::ECR::Repository"}}}, "cdk.out/S.template.json")
    done = run("check", "--account", OWNER, "--format", "json", "--strict", str(tmp_path))
    assert (done.status, len(done.json["policies"]), done.json["unjudged"]) == (0, 1, [])
    (skipped,) = done.json["skipped"]
    assert skipped["reason"].startswith(sentence("strays.construct_tree_cdk"))


def test_a_construct_tree_without_its_templates_is_not_passed_over(run: Run, write: Write, tmp_path: Path) -> None:
    write(TREE, "tree.json")
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path))
    assert [one["resource"] for one in done.json["unjudged"]] == ["repositoryPolicyText"]


def test_what_is_no_tree_of_constructs_is_not_passed_over(run: Run, write: Write, tmp_path: Path) -> None:
    write({}, "manifest.json")
    for other in ({**TREE, "version": "1"}, {"version": "tree-0.1", "policy": OPEN}):
        write(other, "tree.json")
        assert run("check", "--account", OWNER, "--strict", str(tmp_path)).status == 2
