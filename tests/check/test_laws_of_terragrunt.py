"""A law of Terragrunt: an open policy does not pass in silence, however its module gets the open input."""

from __future__ import annotations

from pathlib import Path

import pytest
from ecr_crossaccount import Compliance
from ecr_crossaccount.sources.check.findings import report_of
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

from tests.case_tables import OWNER
from tests.check.work import reading

FOREIGN = "222233334444"
_OPEN = 'jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.reader }, Action = "ecr:*" }] })'
CLOSED = """
resource "aws_ecr_repository_policy" "closed" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = "111122223333" }, Action = "ecr:*" }] })
}
"""

MODULES = {
    "required": f'variable "reader" {{}}\nresource "aws_ecr_repository_policy" "this" {{\n  policy = {_OPEN}\n}}\n',
    "by default": f'variable "reader" {{ default = "{OWNER}" }}\n'
    f'resource "aws_ecr_repository_policy" "this" {{\n  policy = {_OPEN}\n}}\n',
    "off by default": 'variable "reader" { default = null }\nresource "aws_ecr_repository_policy" "this" {\n'
    f"  count  = var.reader == null ? 0 : 1\n  policy = {_OPEN}\n}}\n",
    "each by default": 'variable "reader" { default = null }\nresource "aws_ecr_repository_policy" "this" {\n'
    f"  for_each = toset(var.reader == null ? [] : [var.reader])\n  policy   = {_OPEN}\n}}\n",
    "dynamic": 'variable "reader" { default = null }\ndata "aws_iam_policy_document" "this" {\n'
    '  dynamic "statement" {\n'
    '    for_each = var.reader == null ? [] : [1]\n    content {\n      actions = ["ecr:*"]\n      principals {\n'
    '        type        = "AWS"\n        identifiers = [var.reader]\n      }\n    }\n  }\n}\n'
    'resource "aws_ecr_repository_policy" "this" {\n  policy = data.aws_iam_policy_document.this.json\n}\n',
}
"""Modules that are open with the input `reader`, by what they make without it."""

_READER = f'{{ reader = "{FOREIGN}" }}'
_INCLUDE = 'include "root" {\n  path = find_in_parent_folders("root.hcl")\n}\n'
WAYS: dict[str, tuple[str, dict[str, str]]] = {
    "own": (f"inputs = {_READER}\n", {}),
    "local": (f"locals {{\n  all = {_READER}\n}}\ninputs = local.all\n", {}),
    "local value": (f'locals {{\n  one = "{FOREIGN}"\n}}\ninputs = {{ reader = local.one }}\n', {}),
    "merged": (f'inputs = merge({{ x = "y" }}, {_READER})\n', {}),
    "merged with the unknown": (f'inputs = merge({_READER}, read_terragrunt_config("x.hcl").inputs)\n', {}),
    "computed": ('inputs = read_terragrunt_config("x.hcl").inputs\n', {}),
    "computed local": ('locals {\n  all = read_terragrunt_config("x.hcl").inputs\n}\ninputs = local.all\n', {}),
    "dependency": ("inputs = { reader = dependency.other.outputs.reader }\n", {}),
    "environment": ('inputs = { reader = get_env("READER") }\n', {}),
    "parent": (_INCLUDE, {"root.hcl": f"inputs = {_READER}\n"}),
    "local of the parent": (_INCLUDE, {"root.hcl": f"locals {{\n  all = {_READER}\n}}\ninputs = local.all\n"}),
    "computed by the parent": (_INCLUDE, {"root.hcl": "inputs = merge(local.a, local.b)\n"}),
    "parent that is not here": ('include "root" {\n  path = find_in_parent_folders("gone.hcl")\n}\n', {}),
    "file": ("inputs = {}\n", {"unit/terraform.tfvars": f'reader = "{FOREIGN}"\n'}),
    "encrypted file": ("inputs = {}\n", {"unit/a.auto.tfvars": "\0GITCRYPT\0"}),
    "option": ("", {"unit/extra": 'arguments = ["-var-file=x.tfvars"]'}),
    "required file": ("", {"unit/extra": 'required_var_files = ["x.tfvars"]'}),
    "variable of the environment": ("", {"unit/extra": 'env_vars = { TF_VAR_reader = get_env("READER") }'}),
    "option of the parent": (
        _INCLUDE,
        {
            "root.hcl": 'terraform {\n  extra_arguments "x" {\n    commands = ["apply"]\n'
            '    required_var_files = ["${get_parent_terragrunt_dir()}/x.tfvars"]\n  }\n}\n'
        },
    ),
}
"""How a unit gets its input: its own text, and other files."""

SOURCES = {
    "literal": '"../../../modules//registry"',
    "parent": '"${dirname(find_in_parent_folders("root.hcl", "../x"))}/../../modules/registry"',
    "repository": '"${get_repo_root()}//modules/registry"',
    "local": "local.source",
    "environment": '"${get_env("MODULES")}/registry"',
    "of ECR": '"git::https://example.com/terraform-ecr.git?ref=${get_env("REF")}"',
}


def test_the_module_of_many_units_is_parsed_once(tmp_path: Path) -> None:
    def work(units: int, lines: int) -> int:
        folder = tmp_path / f"{units} {lines}"
        (folder / "module").mkdir(parents=True)
        (folder / ".git").mkdir()
        module = MODULES["required"] + "".join(f"locals {{\n  l{one} = [1, 2]\n}}\n" for one in range(lines))
        (folder / "module" / "main.tf").write_text(module, "utf-8")
        for one in range(units):
            (folder / f"live{one}").mkdir()
            unit = f'terraform {{\n  source = "../module"\n}}\ninputs = {_READER}\n'
            (folder / f"live{one}" / "terragrunt.hcl").write_text(unit, "utf-8")
        return reading(*(str(folder / f"live{one}") for one in range(units)))

    few, many = (work(units, 400) - work(units, 1) for units in (2, 8))
    assert many < 1.5 * few, (few, many)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("way", WAYS)
def test_an_open_policy_does_not_pass_in_silence(way: str, source: str, tmp_path: Path) -> None:
    text, files = WAYS[way]
    extra = files.get("unit/extra", "")
    options = f'  extra_arguments "x" {{\n    commands = ["apply"]\n    {extra}\n  }}\n' if extra else ""
    unit = (
        f'locals {{\n  source = "../../../modules/registry"\n}}\n{text}'
        f"terraform {{\n  source = {SOURCES[source]}\n{options}}}\n"
    )
    written = {".git/HEAD": "", "closed/main.tf": CLOSED}
    for name, module in MODULES.items():
        said = {"unit/terragrunt.hcl": unit, **files}
        written |= {f"live/{name}/{path}": content.replace("registry", name) for path, content in said.items()}
        written[f"modules/{name}/main.tf"] = module
    for path, content in written.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, "utf-8")
    context = Context(account=OWNER)
    report = report_of(harvest([str(tmp_path / "live"), str(tmp_path / "closed")], context), context)
    (closed,) = (one for one in report.findings if one.found.resource == "aws_ecr_repository_policy.closed")
    assert closed.verdict.compliance is Compliance.COMPLIANT
    open_files = [one.found.at.file for one in report.findings if one.verdict.compliance is Compliance.NON_COMPLIANT]
    told = [*open_files, *(one.file for one in (*report.errors, *report.unknown))]
    assert [name for name in MODULES if not any(f"/{name}/" in file for file in told)] == []
