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
