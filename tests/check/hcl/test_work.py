"""The work for a folder of sources grows with the folder, even if its files define the same thing repeatedly."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.check.work import reading

_SAME = """
variable "who" {
  default = "111122223333"
}

provider "aws" {
  region = "eu-west-1"
}

resource "aws_s3_bucket" "this" {
  bucket = var.who
}
"""
_POLICY = """
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.who }, Action = "ecr:*" }] })
}
"""
_FILES = 40


def _written(folder: Path, files: int, text: str) -> str:
    folder.mkdir()
    for number in range(files):
        (folder / f"example{number:03}.tf").write_text(text, "utf-8")
    return str(folder)


@pytest.mark.parametrize("text", [_SAME, _SAME + _POLICY], ids=["of nothing here", "of policies"])
def test_twice_as_many_files_that_define_the_same_take_twice_the_work(tmp_path: Path, text: str) -> None:
    few = reading(_written(tmp_path / "few", _FILES, text))
    many = reading(_written(tmp_path / "many", 2 * _FILES, text))
    assert many < 2.1 * few, (few, many)
