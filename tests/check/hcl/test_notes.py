"""Remarks about a source beside the verdict: what only Terraform knows, and where to ask for it."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import OWNER, Run
from tests.wording import sentence

SOURCE = """
variable "partner" {}
data "aws_region" "current" {}
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = %s }, Action = "ecr:*" }] })
}
"""


def notes(run: Run, folder: Path, principal: str) -> list[str]:
    (folder / "main.tf").write_text(SOURCE % principal, "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, str(folder))
    return [note for policy in done.json["policies"] for note in policy["notes"]]


def test_what_only_terraform_knows_is_named_and_points_to_the_plan(run: Run, tmp_path: Path) -> None:
    (note,) = notes(run, tmp_path, "var.partner")
    assert note.startswith(sentence("evaluation.var_partner_no_value"))
    assert "terraform show -json" in note


def test_what_no_option_can_give_is_called_terraforms(run: Run, tmp_path: Path) -> None:
    (note,) = notes(run, tmp_path, "aws_iam_role.ci.unique_id")
    assert note.startswith("only Terraform knows `aws_iam_role.ci.unique_id`: where that matters, check the plan")
    assert notes(run, tmp_path, '"${var.partner}${aws_iam_role.ci.unique_id}"')[0].startswith("only Terraform knows")


def test_a_file_that_is_not_there_is_named_and_no_plan_is_blamed(run: Run, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(
        'resource "aws_ecr_repository_policy" "a" {\n  policy = file("gone.json")\n}\n'
        'locals { shared = templatefile("gone.tpl", {}) }\n'
        'resource "aws_ecr_repository_policy" "b" {\n  policy = local.shared\n}\n'
        'resource "aws_ecr_repository_policy" "c" {\n  policy = try(file("gone.json"), "{\\"Statement\\": []}")\n}\n',
        "utf-8",
    )
    found = run("check", "--format", "json", "--account", OWNER, str(tmp_path)).json["policies"]
    notes = {one["resource"].rpartition(".")[2]: one["notes"] for one in found}
    (a,), (b,), (c,) = notes["a"], notes["b"], notes["c"]
    assert a.endswith(sentence("evaluation.gone_json_no_such"))
    assert "gone.tpl (no such file or directory)" in b
    assert "only Terraform knows" not in a + b + c
    assert "gone.json (no such file or directory)" in c, "it may be there when Terraform runs"
    assert [bool(one["undecided"]) for one in found] == [True, True, True]
    assert "gone.json (no such file or directory)" in found[0]["undecided"][0]["reason"]


def test_nothing_is_said_where_everything_is_known_but_the_region(run: Run, tmp_path: Path) -> None:
    assert notes(run, tmp_path, '"222233334444"') == []
    assert notes(run, tmp_path, '"arn:aws:iam::111122223333:role/${data.aws_region.current.name}"') == []


DEFAULTS = """
variable "who" { default = "111122223333" }
variable "sid" { default = "x" }
variable "account" { default = "" }
variable "create" { default = false }
resource "aws_ecr_repository_policy" "this" {
  %s
  policy = jsonencode({ Statement = [{ Sid = var.sid, Effect = "Allow", Principal = { AWS = %s }, Action = "ecr:*" }] })
}
"""


def of_defaults(run: Run, folder: Path, principal: str, count: str = "", *given: str) -> list[str]:
    (folder / "main.tf").write_text(DEFAULTS % (count, principal), "utf-8")
    done = run("check", "--format", "json", "--account", OWNER, *given, str(folder))
    return [note for policy in done.json["policies"] for note in policy["notes"]]


def test_a_verdict_that_rests_on_a_default_says_on_which_and_only_where_another_value_would_change_it(
    run: Run, tmp_path: Path
) -> None:
    (note,) = of_defaults(run, tmp_path, "var.who")
    assert "default" in note
    assert "who" in note
    assert "sid" not in note
    assert of_defaults(run, tmp_path, "var.who", "", "--parameter", f"who={OWNER}") == []
    assert of_defaults(run, tmp_path, '"222233334444"') == []


def test_what_is_not_valid_by_default_says_what_it_was_taken_for(run: Run, tmp_path: Path) -> None:
    found = of_defaults(run, tmp_path, '"arn:aws:iam::${var.account}:root"')
    assert sentence("worlds.not_valid_default_judged") in found


def test_what_is_off_by_default_says_that_a_variable_has_to_change(run: Run, tmp_path: Path) -> None:
    (note,) = of_defaults(run, tmp_path, '"222233334444"', "count = var.create ? 1 : 0")
    assert note.startswith(sentence("worlds.not_created_unless_variable"))
