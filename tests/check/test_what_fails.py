"""What makes a check fail: severity, suppressions with reason and last day, and a baseline of known findings."""

from __future__ import annotations

import csv
import io
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from ecr_crossaccount import Repository, Trust, judge
from ecr_crossaccount.products.cli.base.outputs import counted_in, status_on

from tests.cli.conftest import NEIGHBOUR, OPEN, OWNER, SAFE, UNDECIDED, Run, Write, printed_by_aws
from tests.wording import says, sentence

TEMPLATE = """\
Resources:
  # {above_resource}
  Repo:  # {resource}
    Type: AWS::ECR::Repository
    Properties:
      # {above_policy}
      RepositoryPolicyText:
        Statement:
          - Effect: Allow
            Principal: {{AWS: "111122223333"}}
            Action: ecr:*
          # {above_statement}
          # one more remark
          - Effect: Allow  # {statement}
            Principal: {{AWS: "222233334444"}}
            Action: ecr:BatchGetImage
  Other:
    Type: AWS::ECR::Repository
"""
PLACES = ("above_resource", "resource", "above_policy", "above_statement", "statement")
GOOD = "ecr-crossaccount: ignore until 2026-06-30: the partner pulls base images"


def template(**comments: str) -> str:
    return TEMPLATE.format(**{place: comments.get(place, "a remark") for place in PLACES})


def check(run: Run, *argv: str, expect: int) -> str:
    done = run("check", "--account", OWNER, *argv)
    assert done.status == expect, done.out + done.err
    return done.out


@pytest.mark.parametrize("place", PLACES)
def test_a_suppression_speaks_of_what_stands_beside_or_below_it(run: Run, write: Write, place: str) -> None:
    file = write(template(**{place: GOOD}), "t.yaml")
    answer = json.loads(check(run, "--format", "json", file, expect=0))
    policy = answer["policies"][0]
    assert policy["compliance"] == "NON_COMPLIANT", "a suppression changes no verdict"
    assert any("suppressed until 2026-06-30: the partner pulls base images" in note for note in policy["notes"])
    assert answer["errors"] == []


PLAYBOOK = f"""\
- hosts: localhost
  tasks:
    - community.aws.ecs_ecr:
        name: x
        # {GOOD}
        policy:
          """


@pytest.mark.parametrize(
    "policy",
    [
        pytest.param('Statement: [{Effect: Allow, Principal: {AWS: "222233334444"}, Action: "ecr:*"}]', id="an object"),
        pytest.param('"{{ shared }}"', id="not known"),
    ],
)
def test_a_suppression_above_a_task_s_policy_speaks_of_all_of_it(run: Run, write: Write, policy: str) -> None:
    (found,) = json.loads(check(run, "--format", "json", write(PLAYBOOK + policy, "t.yaml"), expect=0))["policies"]
    assert "the policy is suppressed until 2026-06-30: the partner pulls base images" in found["notes"]


def test_a_suppression_of_one_statement_leaves_the_others(run: Run, write: Write) -> None:
    text = template(statement=GOOD).replace('{AWS: "111122223333"}', '"*"')
    out = check(run, "--format", "csv", write(text, "t.yaml"), expect=1)
    rows = [row for row in csv.DictReader(io.StringIO(out)) if row["rule"]]
    assert {(row["statement"], row["accepted"][:10]) for row in rows} == {("0", ""), ("1", "suppressed")}


@pytest.mark.parametrize("quote", ['"', "'"])
def test_a_text_that_looks_like_a_suppression_is_none(run: Run, write: Write, quote: str) -> None:
    text = template().replace("- Effect: Allow", f"- Sid: {quote}# {GOOD}{quote}\n            Effect: Allow")
    assert GOOD in text
    assert "suppressed" not in check(run, write(text, "t.yaml"), expect=1)


def test_on_the_last_day_it_holds_and_afterwards_it_is_reported_again(run: Run, write: Write) -> None:
    ended = GOOD.replace("2026-06-30", "2026-06-29")
    out = check(run, "--format", "json", write(template(resource=ended), "t.yaml"), expect=1)
    assert any("was suppressed until 2026-06-29" in note for note in json.loads(out)["policies"][0]["notes"])


@pytest.mark.parametrize(
    "comment, reason",
    [
        ("ecr-crossaccount: ignore", "`ignore` suppresses nothing: expected `ecr-crossaccount: ignore until"),
        ("ecr-crossaccount: ignore until 2026-12-31", "suppresses nothing"),
        ("ecr-crossaccount: ignore until 2026-12-31: ", "a suppression without a reason"),
        ("ecr-crossaccount: ignore until 2026-02-30: because", "`2026-02-30` is not a day"),
        ("ecr-crossaccount: skip forever: because", "suppresses nothing"),
    ],
)
def test_without_a_reason_and_a_last_day_it_is_an_error(run: Run, write: Write, comment: str, reason: str) -> None:
    file = write(template(statement=comment), "t.yaml")
    answer = json.loads(check(run, "--format", "json", file, expect=3))
    (error,) = answer["errors"]
    assert (error["file"], error["line"]) == (file, 14)
    assert says(error["reason"], reason)


@pytest.mark.parametrize(
    "place, what", [("statement", "statement 1"), ("resource", "the policy")], ids=["of a statement", "of a resource"]
)
def test_a_suppression_that_is_not_needed_any_more_is_named(run: Run, write: Write, place: str, what: str) -> None:
    mended = template(**{place: GOOD}).replace("222233334444", OWNER)
    answer = json.loads(check(run, "--format", "json", write(mended, "t.yaml"), expect=0))
    note = sentence("findings.suppressed_until_need", what=what)
    assert answer["policies"][0]["notes"] == [note]


def with_metadata(ignore: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:BatchGetImage"}
    properties = {"RepositoryPolicyText": {"Statement": [statement]}}
    metadata = {"ecr-crossaccount": ignore}
    return {"Resources": {"Repo": {"Type": "AWS::ECR::Repository", "Metadata": metadata, "Properties": properties}}}


def test_metadata_suppress_where_no_comment_can_stand(run: Run, write: Write) -> None:
    good = {"ignore": {"until": "2027-01-31", "reason": "open on purpose"}}
    out = check(run, "--format", "json", write(with_metadata(good)), expect=0)
    assert "the policy is suppressed until 2027-01-31: open on purpose" in json.loads(out)["policies"][0]["notes"]


@pytest.mark.parametrize(
    "ignore",
    [
        {},
        {"ignore": True},
        {"ignore": {"until": "2027-01-31"}},
        {"ignore": {"reason": "x"}},
        {"ignore": {"reason": " ", "until": "2027-01-31"}},
        {"ignore": {"reason": "x", "until": "soon"}},
    ],
)
def test_metadata_without_a_reason_and_a_last_day_are_an_error(run: Run, write: Write, ignore: object) -> None:
    out = check(run, "--format", "json", write(with_metadata(ignore)), expect=3)
    assert len(json.loads(out)["errors"]) == 1


def test_fail_on_lets_lesser_findings_pass(run: Run, write: Write) -> None:
    partner = write(template(), "t.yaml")
    assert "222233334444" in check(run, "--fail-on", "HIGH", partner, expect=0)
    check(run, "--fail-on", "medium", partner, expect=1)
    check(run, "--fail-on", "CRITICAL", write(OPEN), expect=1)
    check(run, "--fail-on", "MEDIUM", write(UNDECIDED), expect=2)
    check(run, "--fail-on", "HIGH", write(UNDECIDED), expect=0)


def test_what_passes_for_its_severity_alone_is_said_to(run: Run, write: Write) -> None:
    note = sentence("outputs.note_nothing_fails")
    argv = ("check", "--account", OWNER, "--fail-on", "HIGH")
    assert run(*argv, write(template(), "t.yaml")).err == note
    assert run(*argv, write(template(statement=GOOD), "t.yaml")).err == "", "suppressed, and told as that"
    assert run(*argv, write(OPEN)).err == ""


def test_fail_on_means_the_same_when_a_policy_is_judged(run: Run, write: Write) -> None:
    note = sentence("outputs.note_nothing_fails")
    argv = ("judge", "--owner", OWNER, "--fail-on")
    for policy, least, status in (
        (NEIGHBOUR, "LOW", 1),
        (NEIGHBOUR, "medium", 1),
        (NEIGHBOUR, "HIGH", 0),
        (OPEN, "CRITICAL", 1),
        (UNDECIDED, "MEDIUM", 2),
        (UNDECIDED, "HIGH", 0),
        ({"Statement": [{"Effect": "Permit"}]}, "MEDIUM", 1),
        ({"Statement": [{"Effect": "Permit"}]}, "HIGH", 0),
        (SAFE, "HIGH", 0),
    ):
        done = run(*argv, least, write(policy))
        assert done.status == status, (policy, least)
        assert done.err == (note if status == 0 and policy is not SAFE else "")
        assert ("NON_COMPLIANT" in done.out) == (policy is not SAFE)
    assert run(*argv, "CRITICAL", write("{")).status == 3


def test_a_batch_takes_no_fail_on(run: Run) -> None:
    done = run("judge", "--jsonl", "--fail-on", "HIGH")
    assert (done.status, done.out) == (3, "")
    assert sentence("about.fail_does_not_go") in done.err


def test_access_that_no_grant_explains_fails_all_the_same() -> None:
    verdict = judge(SAFE, Repository(account=OWNER), Trust.nobody())
    unexplained = replace(verdict, external=True)
    assert status_on("CRITICAL", counted_in([unexplained])) == 1


def test_an_error_fails_whatever_fails(run: Run, write: Write) -> None:
    check(run, "--fail-on", "CRITICAL", write("{", "bad.json"), expect=3)


def test_with_a_baseline_only_what_is_new_fails(run: Run, write: Write, tmp_path: Path) -> None:
    file = write(template(), "t.yaml")
    write(UNDECIDED, "u.json")
    baseline = write(run("check", "--account", OWNER, "--format", "json", str(tmp_path)).out, "baseline.json")
    known = ("--baseline", baseline, file, str(tmp_path / "u.json"))
    out = check(run, "--format", "sarif", *known, expect=0)
    assert {one["baselineState"] for one in json.loads(out)["runs"][0]["results"]} == {"unchanged"}

    Path(file).write_text("# moved\n\n" + template(), encoding="utf-8")
    check(run, *known, expect=0)

    more = template().replace("ecr:BatchGetImage", "[ecr:BatchGetImage, ecr:PutImage]")
    Path(file).write_text(more, encoding="utf-8")
    check(run, *known, expect=1)
    Path(file).write_text(template().replace("222233334444", "333344445555"), encoding="utf-8")
    check(run, *known, expect=1)


def test_a_replication_of_more_repositories_is_not_in_the_baseline(run: Run, write: Write) -> None:
    def replicating(prefix: str) -> str:
        rule = {
            "Destinations": [{"Region": "us-west-2", "RegistryId": "222233334444"}],
            "RepositoryFilters": [{"Filter": prefix, "FilterType": "PREFIX_MATCH"}],
        }
        properties = {"ReplicationConfiguration": {"Rules": [rule]}}
        resource = {"Type": "AWS::ECR::ReplicationConfiguration", "Properties": properties}
        return write({"Resources": {"Copies": resource}}, "t.json")

    file = replicating("prod-")
    known = ("--baseline", write(check(run, "--format", "json", file, expect=1), "baseline.json"))
    check(run, *known, file, expect=0)
    check(run, *known, replicating("p"), expect=1)


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"policies": [1]}', '{"policies": [{"file": "x"}]}', "[" * 100_000]
)
def test_a_file_that_is_no_baseline_ends_the_run(run: Run, write: Write, content: str) -> None:
    done = run("check", "--account", OWNER, "--baseline", write(content, "base.json"), write(OPEN))
    assert (done.status, done.out) == (3, "")
    assert sentence("baseline.not_baseline_expected_output") in done.err


def test_a_missing_baseline_ends_the_run(run: Run, write: Write, tmp_path: Path) -> None:
    done = run("check", "--account", OWNER, "--baseline", str(tmp_path / "none.json"), write(OPEN))
    assert done.status == 3
    assert "cannot read the baseline" in done.err


def test_no_format_counts_what_is_accepted(run: Run, write: Write) -> None:
    file = write(template(resource=GOOD), "t.yaml")
    assert "::error" not in check(run, "--format", "github", file, expect=0)
    assert check(run, "--format", "markdown", file, expect=0).startswith(sentence("markdown.ecr_access_outside"))
    suite = ET.fromstring(check(run, "--format", "junit", file, expect=0))
    assert (suite.get("failures"), suite.get("skipped"), suite.findall(".//failure")) == ("0", "2", [])
    (result,) = json.loads(check(run, "--format", "sarif", file, expect=0))["runs"][0]["results"]
    assert result["suppressions"][0]["justification"] == "the partner pulls base images (until 2026-06-30)"


DECLARING = """\
Parameters:
  Partner: {Type: String, Default: "111122223333"}
  Env: {Type: String, Default: dev}
Resources:
  Repo:
    Type: AWS::ECR::Repository
    Properties:
      RepositoryPolicyText:
        Statement: [{Effect: Allow, Principal: {AWS: !Ref Partner}, Action: "ecr:*"}]
"""
MODULE = """\
variable "partner" {
  default = "111122223333"
}
"""


@pytest.mark.parametrize(
    "file, given, reason",
    [
        (("t.yaml", DECLARING), "Partenr=x", "here: did you mean `Partner`? declared are `Env`, `Partner`"),
        (
            ("t.yaml", DECLARING),
            "env=prod",
            sentence("remarks.env_not_declared_any"),
        ),
        (("t.yaml", DECLARING), "Whatever=x", "module here: declared are `Env`, `Partner`"),
        (("main.tf", MODULE), "partners=x", "did you mean `partner`? declared are `partner`"),
        (
            ("t.json", '{"Resources": {"Repo": {"Type": "AWS::ECR::Repository"}}}'),
            "A=b",
            sentence("remarks.none_them_declares"),
        ),
        (("policy.json", json.dumps(OPEN)), "A=b", sentence("remarks.none_them_declares")),
    ],
)
def test_a_parameter_that_nobody_declares_is_an_error_and_the_rest_is_judged(
    run: Run, write: Write, file: tuple[str, str], given: str, reason: str
) -> None:
    name, text = file
    answer = json.loads(check(run, "--format", "json", "--parameter", given, write(text, name), expect=3))
    assert [(one["file"], one["line"]) for one in answer["errors"]] == [("--parameter", None)]
    assert says(answer["errors"][0]["reason"], reason)
    assert len(answer["policies"]) == (name != "main.tf")


def test_a_parameter_that_one_of_several_declares_is_none(run: Run, write: Write, tmp_path: Path) -> None:
    write(DECLARING, "a.yaml")
    write(DECLARING.replace("Env", "Stage"), "b.yaml")
    write(MODULE, "main.tf")
    given = [f"--parameter={name}=111122223333" for name in ("Partner", "Stage", "Env", "partner")]
    assert json.loads(check(run, "--format", "json", *given, str(tmp_path), expect=0))["errors"] == []


def test_a_nested_stack_s_parameter_is_its_parent_s_to_give(run: Run, write: Write, tmp_path: Path) -> None:
    write(DECLARING, "child.yaml")
    write(
        "Resources: {Child: {Type: 'AWS::CloudFormation::Stack', Properties: {TemplateURL: child.yaml}}}", "parent.yaml"
    )
    answer = json.loads(check(run, "--format", "json", "--parameter", "Env=x", str(tmp_path), expect=3))
    assert sentence("remarks.none_them_declares") in answer["errors"][0]["reason"]
    assert [one["resource"] for one in answer["policies"]] == ["Child/Repo"]


def test_many_declared_parameters_are_not_all_named(run: Run, write: Write) -> None:
    many = "".join(f"  P{number:02}: {{Type: String, Default: x}}\n" for number in range(20))
    file = write(DECLARING.replace("  Env:", f"{many}  Env:"), "t.yaml")
    answer = json.loads(check(run, "--format", "json", "--parameter", "Zzz=1", file, expect=3))
    assert answer["errors"][0]["reason"].endswith("`P05`, `P06` and 14 more")


def test_a_file_s_variable_that_nobody_declares_is_told_and_changes_nothing(
    run: Run, write: Write, tmp_path: Path
) -> None:
    write(MODULE, "main.tf")
    values = write('partner = "111122223333"\npartners = []\nother = 1\n', "prod.values")
    answer = json.loads(check(run, "--format", "json", "--var-file", values, str(tmp_path / "main.tf"), expect=0))
    expected = sentence("remarks.no_configuration_here_declares")
    assert answer["skipped"] == [{"file": values, "reason": expected}]
    many = write("".join(f"v{number} = 1\n" for number in range(10)), "many.values")
    answer = json.loads(check(run, "--format", "json", "--var-file", many, str(tmp_path / "main.tf"), expect=0))
    assert "`v7` and 2 more, so" in answer["skipped"][0]["reason"]


ALLOWING = """\
Parameters:
  Env: {Type: String, AllowedValues: [dev, prod]}
  Zones: {Type: CommaDelimitedList, Default: a, AllowedValues: [a, b, c, d, e, f, g, h, i, j]}
Resources:
  Repo: {Type: "AWS::ECR::Repository"}
"""


@pytest.mark.parametrize(
    "given, line, reason",
    [
        ("Env=prd", 2, sentence("cloudformation.prd_not_value_env")),
        ("Env=Prod", 2, "`Prod` is not a value that"),
        (
            "Zones=a,x",
            3,
            sentence("cloudformation.not_value_zones_can"),
        ),
    ],
)
def test_a_value_that_a_parameter_cannot_have_is_an_error(
    run: Run, write: Write, given: str, line: int, reason: str
) -> None:
    answer = json.loads(check(run, "--format", "json", "--parameter", given, write(ALLOWING, "t.yaml"), expect=3))
    (error,) = answer["errors"]
    assert error["line"] == line
    assert error["reason"].startswith(reason)
    assert len(answer["policies"]) == 1


def test_a_value_that_a_parameter_can_have_is_none(run: Run, write: Write) -> None:
    file = write(ALLOWING, "t.yaml")
    check(run, "--parameter", "Env=prod", "--parameter", "Zones=a,b", file, expect=0)


REGISTER = """\
version: 1
trust:
  - {account: "222233334444", repositories: ["base/*"], reason: builds, owner: us@example.com, expires: 2027-01-01}
"""


def test_an_entry_for_some_repositories_covers_nothing_where_no_name_is_known(run: Run, write: Write) -> None:
    argv = ("check", "--account", OWNER, "--trust", write(REGISTER, "trust.yaml"))
    assert run(*argv, write(NEIGHBOUR, "alone.json")).status == 1
    assert run(*argv, write(template(), "t.yaml")).status == 1, "CloudFormation makes up the name"
    for name, status in (("base/python", 0), ("team/app", 1)):
        assert run(*argv, write(printed_by_aws(NEIGHBOUR, name=name), "printed.json")).status == status
