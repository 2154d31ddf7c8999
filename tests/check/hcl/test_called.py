"""Modules that something other than Terraform's sources calls, such as Terragrunt."""

from __future__ import annotations

from pathlib import Path

from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.formats.hcl.grammar import read_source
from ecr_crossaccount.sources.formats.hcl.read import read_call
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import Harvest

OWNER = "111122223333"


def harvest(folder: Path, source: str, inputs: str) -> Harvest:
    file = str(folder / "terragrunt.hcl")
    arguments = read_source(inputs, file).attributes
    said = read_source(f'source = "{source}"', file).attributes["source"]
    return read_call(said, arguments, Place(file, 9), Context(account=OWNER))


def test_a_known_module_is_judged_under_the_addresses_of_a_root_and_points_to_the_input(tmp_path: Path) -> None:
    inputs = 'repository_name = "x"\nrepository_read_access_arns = ["arn:aws:iam::222233334444:root"]\n'
    (found,) = harvest(tmp_path, "tfr:///terraform-aws-modules/ecr/aws?version=2.4.0", inputs).policies
    assert found.resource == "aws_ecr_repository_policy.this[0]"
    assert (found.at.line, found.at.column) == (2, 31)
    assert "222233334444" in str(found.policy)
    assert any("version 2.4.0" in note for note in found.notes)


def test_a_folder_that_is_here_is_read_with_the_inputs(tmp_path: Path) -> None:
    module = tmp_path / "modules" / "ecr"
    module.mkdir(parents=True)
    (module / "main.tf").write_text(
        'variable "who" {}\n'
        'resource "aws_ecr_repository_policy" "this" {\n'
        '  policy = jsonencode({Statement = [{Effect = "Allow", Principal = {AWS = var.who}, Action = "ecr:*"}]})\n'
        "}\n",
        "utf-8",
    )
    (tmp_path / "live").mkdir()
    (found,) = harvest(tmp_path / "live", "..//modules/ecr", 'who = "222233334444"\n').policies
    assert found.resource == "aws_ecr_repository_policy.this"
    assert "222233334444" in str(found.policy)


def test_an_account_that_is_handed_to_a_module_that_is_not_here_is_told_with_its_input(tmp_path: Path) -> None:
    found = harvest(tmp_path, "git::https://example.com/ecr.git?ref=v1", 'readers = ["222233334444"]\n')
    assert [(one.resource, one.at.line) for one in found.policies] == [("inputs.readers", 1)]
    assert "`222233334444`" in found.policies[0].doubts[0]


def test_a_module_of_ecr_without_an_account_is_told_as_not_judged(tmp_path: Path) -> None:
    (one,) = harvest(tmp_path, "tfr:///example/ecr/aws?version=1.0.0", 'name = "x"\n').unjudged
    assert (one.resource, one.line) == ("inputs", 9)
