"""`plan --format`: the narrowed policy in the form of the team's files, read back by `check`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cfnlint.api import lint_all
from ecr_crossaccount import Compliance, Origin, Repository, Trust, judge, plan
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.cli.formats.plan import FORMS, Form, written_as

from tests.case_tables import ANY_DAY
from tests.plan_tables import PlanCase, plan_cases
from tests.wording import sentence

from .conftest import OPEN, OWNER, SAFE, Run, Write

PARTNER = "222233334444"
SHARED = {
    "Version": "2012-10-17",
    "Statement": [
        {"Sid": "Ours", "Effect": "Allow", "Principal": {"AWS": [OWNER, PARTNER]}, "Action": "ecr:*"},
        {
            "Effect": "Allow",
            "Principal": "*",
            "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
            "Condition": {
                "StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
                "StringLike": {"aws:PrincipalArn": 'arn:aws:iam::*:role/${aws:username}-"x"*'},
                "Bool": {"aws:SecureTransport": True},
            },
        },
        {"Effect": "Deny", "Principal": "*", "NotAction": "ecr:*"},
    ],
}
TRUST = f'version: 1\ntrust: [{{account: "{PARTNER}"}}, {{organization: self}}]\n'
NAMES = {"policy": "policy.json", "cloudformation": "template.yaml", "terraform": "main.tf"}


@pytest.mark.parametrize("form", FORMS)
def test_what_is_printed_passes_the_gate(run: Run, write: Write, tmp_path: Path, form: str) -> None:
    known = ("--account", OWNER, "--organization", "o-a1b2c3d4e5", "--trust", write(TRUST, "trust.yaml"))
    result = run("plan", *known, "--repository", "base/python", "--format", form, write(SHARED))
    assert result.status == 1, "the policy as it stands"
    assert result.err == ""
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / NAMES[form]).write_text(result.out)
    checked = run("check", *known, "--format", "json", str(folder)).json
    assert checked["errors"] == []
    (policy,) = checked["policies"]
    assert policy["compliance"] == "COMPLIANT"
    assert run("check", *known, write(SHARED)).status == 1


def test_a_template_that_cloudformation_takes(run: Run, write: Write) -> None:
    result = run("plan", "--owner", OWNER, "--repository", "1base/python", "--format", "cloudformation", write(SHARED))
    found = [one for one in lint_all(result.out) if not one.rule.id.startswith("I")]  # informational only
    assert found == []
    assert "  Repository1basePython:\n" in result.out
    assert "RepositoryName: 1base/python\n" in result.out


def test_terraform_as_its_formatter_would_set_it(run: Run, write: Write) -> None:
    policy = {
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": [OWNER, f"arn:aws:iam::{OWNER}:role/a"]},
            "Action": "ecr:*",
        }
    }
    result = run("plan", "--owner", OWNER, "--format", "terraform", write(policy))
    assert result.out == TERRAFORM


TERRAFORM = """\
data "aws_iam_policy_document" "repository" {
  version = "2008-10-17"

  statement {
    effect  = "Allow"
    actions = ["ecr:*"]

    principals {
      type = "AWS"
      identifiers = [
        "111122223333",
        "arn:aws:iam::111122223333:role/a",
      ]
    }
  }
}

resource "aws_ecr_repository_policy" "repository" {
  repository = aws_ecr_repository.this.name
  policy     = data.aws_iam_policy_document.repository.json
}
"""


@pytest.mark.parametrize("form", FORMS)
def test_every_plan_of_the_tables_can_be_kept_in_every_form(form: str) -> None:
    assert sum(_is_kept(case, form) for case in plan_cases()) > 30


def _is_kept(case: PlanCase, form: str) -> bool:
    """Write the plan of a case, and return whether there was one. Raises if it does not read back unchanged."""
    repository = Repository(case.owner, **case.repository_fields())
    trust = Trust.parse(case.register, today=ANY_DAY)
    planned = plan(case.policy, repository, trust, case.strategy, Origin(case.origin), **case.with_required)
    if planned.policy is None or planned.refused or judge(planned.policy, repository, trust).undecided:
        return False
    expected = Compliance.COMPLIANT if planned.after is None else planned.after.compliance
    return bool(written_as(planned.policy, repository, trust, form, expected))


@pytest.mark.parametrize(
    "policy, strategy, said",
    [
        pytest.param(OPEN, "remove", sentence("plan.nothing_printed_plan"), id="nothing is left"),
        pytest.param("[]", "narrow", "no plan, nothing is printed: ", id="what is not a policy"),
    ],
)
def test_where_there_is_no_policy_nothing_is_printed(
    run: Run, write: Write, policy: object, strategy: str, said: str
) -> None:
    result = run("plan", "--owner", OWNER, "--strategy", strategy, "--format", "policy", write(policy))
    assert (result.status, result.out) == (1, "")
    assert said in result.err


def test_a_file_that_cannot_be_read(run: Run) -> None:
    result = run("plan", "--owner", OWNER, "--format", "policy", "nowhere.json")
    assert (result.status, result.out) == (3, "")
    assert "nowhere.json: no such file" in result.err


def test_a_policy_that_is_well_is_printed_as_it_is(run: Run, write: Write) -> None:
    result = run("plan", "--owner", OWNER, "--format", "policy", write(SAFE))
    assert (result.status, result.json) == (0, SAFE)


def test_what_terraform_would_change_is_refused() -> None:
    policy = {"Version": "2012-10-17", "Id": "a&{b", "Statement": []}
    with pytest.raises(InputError, match=r"aws_iam_policy_document reads `&\{` as"):
        written_as(policy, Repository(OWNER), Trust.nobody(), "terraform")
    assert json.loads(written_as(policy, Repository(OWNER), Trust.nobody(), "policy")) == policy


@pytest.mark.parametrize(
    "text",
    ["{}", json.dumps(OPEN), json.dumps({**SAFE, "Statement": []}), "", "no code at all", json.dumps([SAFE, SAFE])],
)
def test_a_form_that_says_something_else_is_not_printed(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setitem(FORMS, "policy", Form("policy.json", lambda *_: text))
    with pytest.raises(InputError, match=re.escape(sentence("code.cannot_written_policy"))):
        written_as(SAFE, Repository(OWNER), Trust.nobody(), "policy")


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param(["--format", "policy", "a.json", "b.json"], "prints one policy, not 2", id="two files"),
        pytest.param(
            ["--format", "policy", "--format", "json", "a.json"], "both write to standard output", id="a format as well"
        ),
        pytest.param(["--format", "pulumi", "a.json"], "`pulumi` is unknown", id="another form"),
    ],
)
def test_bad_usage(run: Run, argv: list[str], complaint: str) -> None:
    result = run("plan", "--owner", OWNER, *argv)
    assert (result.status, result.out) == (3, "")
    assert complaint in result.err


def test_what_of_the_register_had_no_effect_is_told_beside_the_code(run: Run, write: Write) -> None:
    register = write("version: 1\ntrust:\n  - organization: self\n", "trust.yaml")
    shown = run(
        "plan", "--owner", OWNER, "--trust", register, "--strategy", "remove", "--format", "policy", write(SAFE)
    )
    assert json.loads(shown.out) == SAFE
    assert shown.err.startswith(sentence("plan.note_register_trusts"))
