"""What an answer about a source says beside the verdict: what Terraform alone knows, and where to ask instead."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import OWNER, Run

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
    assert "`var.partner`" in note
    assert "terraform show -json" in note


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
    assert "not valid by default, so judged as it is if `account` is not left at its default" in found


def test_what_is_off_by_default_says_that_a_variable_has_to_change(run: Run, tmp_path: Path) -> None:
    (note,) = of_defaults(run, tmp_path, '"222233334444"', "count = var.create ? 1 : 0")
    assert note.startswith("not created unless a variable changes")
