"""Units of Terragrunt, one case a row: their inputs, what may pass others, their modules, and what they generate."""

from __future__ import annotations

from pathlib import Path

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.sources.files.values.nodes import Place
from ecr_crossaccount.sources.formats.hcl import tree
from ecr_crossaccount.sources.formats.hcl.grammar import read_source
from ecr_crossaccount.sources.formats.terragrunt.names import (
    Configured,
    Given,
    Names,
    Run,
    automatic_inputs,
    literal_argument,
)
from ecr_crossaccount.sources.found.context import Context

from tests.case_tables import OWNER
from tests.check.conftest import Look
from tests.check.hcl.test_expressions import shown

PARTNER = "222233334444"
AT = Place("terragrunt.hcl", 1, 1)


def of(text: str) -> Configured:
    return Configured("terragrunt.hcl", read_source(f"{text}\n", "terragrunt.hcl"))


def value_of(said: tree.Argument) -> object:
    assert isinstance(said.expression, tree.Literal)
    return shown(said.expression.value)


INPUTS: list[tuple[str, list[object]]] = [
    ("", []),
    ('inputs = {a = "x", b = 1}', [("a", "x"), ("b", 1)]),
    ("inputs = {a = x.y}", [("a", "<x.y>")]),
    ('inputs = {"${x.y}" = 1}', ["…"]),
    ("inputs = {(x.y) = 1}", ["x.y"]),
    ("inputs = x.y", ["x.y"]),
    ("inputs = merge({a = 1}, x.y, {b = 2})", [("a", 1), "x.y", ("b", 2)]),
    ("inputs = merge(merge({a = 1}, {b = 2}), {a = 3})", [("a", 1), ("b", 2), ("a", 3)]),
    ("inputs = merge([{a = 1}]...)", [("a", 1)]),
    ("inputs = local.all\nlocals {\n  all = {a = 1}\n}", [("a", 1)]),
    ("inputs = local.all\nlocals {\n  all = merge({a = 1}, {b = 2})\n}", [("a", 1), ("b", 2)]),
    ("inputs = local.all\nlocals {\n  all = x.y\n}", ["local.all"]),
    ("inputs = local.none", ["local.none"]),
    ("inputs = {a = local.b}\nlocals {\n  b = local.c\n}\nlocals {\n  c = 5\n}", [("a", 5)]),
    ("inputs = {a = local.b}\nlocals {\n  b = local.b\n}", [("a", "<local.b>")]),
    ('inputs = {for one in x.y : "a" => one}', ["…"]),
]


@pytest.mark.parametrize("text, expected", INPUTS, ids=range(len(INPUTS)))
def test_the_inputs_of_a_file(text: str, expected: list[object]) -> None:
    names = Names(Run.for_unit("terragrunt.hcl", Context(OWNER)), of(text), "terragrunt.hcl")
    found = [one if isinstance(one, str) else (one[0], value_of(one[1])) for one in names.inputs()]
    assert found == expected


EXTRA: list[tuple[str, list[str]]] = [
    ("", []),
    ("arguments = []", []),
    ('arguments = ["-lock=false"]', []),
    ('arguments = ["-var", "a=b"]', ["x"]),
    ('arguments = ["-var-file=x"]', ["x"]),
    ("arguments = local.a", ["x"]),
    ("arguments = merge(a, b)", ["x"]),
    ('env_vars = {TF_VAR_a = "b"}', ["x"]),
    ('env_vars = {TF_CLI_ARGS_plan = "b"}', ["x"]),
    ('env_vars = {AWS_PROFILE = "b"}', []),
    ("required_var_files = []", ["x"]),
    ("optional_var_files = []", ["x"]),
    ('commands = ["-var"]', []),
]


@pytest.mark.parametrize("text, expected", EXTRA)
def test_what_may_give_variables_other_values(text: str, expected: list[str]) -> None:
    inside = f'extra_arguments "x" {{\n    {text}\n  }}\n'
    assert [*of(f"terraform {{\n  {inside}}}").extra()] == [f"extra_arguments {one}" for one in expected]
    assert [*of(f"other {{\n  {inside}}}").extra()] == []
    unnamed = inside.replace(' "x"', "")
    assert [*of(f"terraform {{\n  {unnamed}}}").extra()] == ["extra_arguments" for _ in expected]


def test_a_block_that_is_not_understood_may_give_variables_other_values() -> None:
    assert [*of("inputs = {\n").extra()] == ["a block that is not understood"]


def test_the_source_that_a_file_names() -> None:
    first = of('terraform {\n}\nterraform {\n  source = "./a"\n}\nterraform {\n  source = "./b"\n}').module
    assert first is not None
    assert first.source == '"./a"'
    assert of('other {\n  source = "./a"\n}').module is None


MERGED: list[tuple[object, object, object]] = [
    ([1], [2], [1, 2]),
    ([1], 2, "<inputs.a>"),
    (1, [2], "<inputs.a>"),
    (1, 2, 2),
    ("a", 2.5, 2.5),
    (True, "b", "b"),
    ({"a": 1}, {"a": 2}, "<inputs.a>"),
    (Hole("x"), 1, "<inputs.a>"),
    (1, Hole("x"), "<inputs.a>"),
    (None, 1, "<inputs.a>"),
]


@pytest.mark.parametrize("above, own, expected", MERGED, ids=range(len(MERGED)))
def test_an_input_that_is_merged(above: object, own: object, expected: object) -> None:
    for is_deep in (True, False):
        given = Given()
        given.take([("a", literal_argument(above, AT, "above"))], deep=is_deep)
        given.take([("a", literal_argument(own, AT, "own"))])
        found = given.every["a"]
        assert value_of(found) == (expected if is_deep else shown(own))
        assert given.sure == given.every
        assert found.source == "own"


def test_what_may_pass_inputs_leaves_the_earlier_ones_unsure() -> None:
    given = Given()
    given.take([("a", literal_argument(1, AT, "a")), "more", ("b", literal_argument(2, AT, "b"))])
    assert (list(given.every), list(given.sure), given.more) == (["a", "b"], ["b"], ["more"])
    given.take(["again"], deep=True)
    assert (list(given.sure), given.more) == ([], ["more", "again"])


def test_the_files_beside_a_unit_give_inputs(tmp_path: Path) -> None:
    (tmp_path / "terraform.tfvars").write_text('a = "x"\n', encoding="utf-8")
    (tmp_path / "b.auto.tfvars").write_text("b = 1\n", encoding="utf-8")
    (tmp_path / "other.tfvars").write_text("c = 1\n", encoding="utf-8")
    (tmp_path / "z.auto.tfvars").write_bytes(b"\xff")
    found = [one if isinstance(one, str) else one[0] for one in automatic_inputs(str(tmp_path))]
    assert found == ["a", "b", str(tmp_path / "z.auto.tfvars")]


# --- whole units ---

MODULE = """variable "reader" { default = "111122223333" }
resource "aws_ecr_repository_policy" "this" {
  repository = "x"
  policy     = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = var.reader }, Action = "ecr:*" }] })
}
"""
SOURCE = 'terraform {\n  source = "../module"\n}\n'
READER = f'inputs = {{\n  reader = "{PARTNER}"\n}}\n'
INCLUDE = 'include "root" {\n  path = "../root.hcl"\n}\n'
UNITS: list[tuple[dict[str, str], tuple[int, int], str]] = [
    ({"unit/terragrunt.hcl": SOURCE + READER}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": SOURCE}, (1, 0), OWNER),
    ({"unit/terragrunt.hcl": READER}, (0, 0), ""),
    ({"unit/terragrunt.hcl": READER, "unit/main.tf": MODULE}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": "locals {\n}\n", "unit/main.tf": MODULE}, (1, 0), OWNER),
    ({"unit/terragrunt.hcl": INCLUDE, "root.hcl": READER, "unit/main.tf": MODULE}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": INCLUDE, "root.hcl": SOURCE + READER}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": INCLUDE + SOURCE, "root.hcl": SOURCE.replace("module", "none") + READER}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": INCLUDE + READER, "root.hcl": SOURCE}, (1, 0), PARTNER),
    (
        {"unit/terragrunt.hcl": INCLUDE + READER, "root.hcl": f'{SOURCE}inputs = {{\n  reader = "{OWNER}"\n}}\n'},
        (1, 0),
        PARTNER,
    ),
    (
        {
            "unit/terragrunt.hcl": INCLUDE.replace("}", '  merge_strategy = "no_merge"\n}') + SOURCE,
            "root.hcl": READER,
        },
        (1, 0),
        OWNER,
    ),
    (
        {"unit/terragrunt.hcl": INCLUDE.replace("}", '  merge_strategy = "no_merge"\n}'), "root.hcl": SOURCE},
        (0, 0),
        "",
    ),
    (
        {"unit/terragrunt.hcl": INCLUDE.replace("}", '  merge_strategy = "deep"\n}') + SOURCE, "root.hcl": READER},
        (1, 0),
        PARTNER,
    ),
    ({"unit/terragrunt.hcl": SOURCE + READER, "unit/main.tf": "locals {\n}\n"}, (1, 0), PARTNER),
    ({"unit/terragrunt.hcl": INCLUDE, "root.hcl": INCLUDE.replace("root", "top") + SOURCE + READER}, (0, 0), ""),
    ({"unit/terragrunt.hcl": 'unit "ecr" {\n  source = "x"\n}\n'}, (0, 1), ""),
    ({"unit/terragrunt.hcl": 'stack "a" {\n  source = "x/ecr"\n}\n'}, (0, 1), ""),
    ({"unit/terragrunt.hcl": 'stack "a" {\n  source = "x/s3"\n}\n'}, (0, 0), ""),
    ({"unit/terragrunt.hcl": 'other "ecr" {\n  source = "x"\n}\n'}, (0, 0), ""),
    ({"unit/terragrunt.hcl": "inputs = {\n"}, (0, 1), ""),
    ({"unit/terragrunt.hcl": "other {\n"}, (0, 0), ""),
    ({"unit/terragrunt.hcl": "ecr {\n"}, (0, 1), ""),
    ({"unit/terragrunt.hcl.json": '{"inputs": {"ecr": 1}}'}, (0, 1), ""),
    ({"unit/terragrunt.hcl.json": '{"inputs": {"s3": 1}}'}, (0, 0), ""),
    (
        {"unit/terragrunt.hcl": f'generate "x" {{\n  path = "x.tf"\n  contents = <<EOF\n{MODULE}EOF\n}}\n'},
        (1, 0),
        OWNER,
    ),
    ({"unit/terragrunt.hcl": 'generate "x" {\n  contents = file("ecr.tf")\n}\n'}, (0, 1), ""),
    ({"unit/terragrunt.hcl": 'generate "x" {\n  contents = "aws_ecr_x {"\n}\n'}, (0, 1), ""),
    ({"unit/terragrunt.hcl": 'generate "x" {\n  contents = "locals {"\n}\n'}, (0, 0), ""),
    ({"unit/terragrunt.hcl": 'generate "x" {\n  path = "ecr.tf"\n}\n'}, (0, 0), ""),
]
"""Files beside a module, the numbers of policies and of things that are not judged, and the reader of the policy."""


@pytest.mark.parametrize("files, numbers, reader", UNITS, ids=range(len(UNITS)))
def test_a_unit(look: Look, files: dict[str, str], numbers: tuple[int, int], reader: str) -> None:
    found = look({".git/HEAD": "", "module/main.tf": MODULE, **files}, "unit")
    assert (len(found.policies), len(found.unjudged), len(found.errors)) == (*numbers, 0)
    assert [reader in str(one.policy) for one in found.policies] == [True] * numbers[0]
    assert all(one.resource == "terragrunt" and one.line >= 1 for one in found.unjudged)


@pytest.mark.parametrize("strategy, is_open", [("no_merge", False), ("shallow", True), ("deep", True)])
def test_what_an_included_file_may_pass_counts_if_it_is_merged(look: Look, strategy: str, is_open: object) -> None:
    include = INCLUDE.replace("}", f'  merge_strategy = "{strategy}"\n}}')
    extra = 'terraform {\n  extra_arguments "x" {\n    arguments = ["-var-file=x"]\n  }\n}\n'
    files = {".git/HEAD": "", "module/main.tf": MODULE, "root.hcl": extra, "unit/terragrunt.hcl": include + SOURCE}
    (found,) = look(files, "unit").policies
    assert bool(found.otherwise) == is_open


@pytest.mark.parametrize("first", ["<<EOF\n", '"'])
def test_the_lines_of_what_a_unit_generates(look: Look, first: str) -> None:
    body = 'resource "aws_ecr_repository_policy" "this" { policy = "x" }'
    contents = f"{first}{body}\nEOF" if "EOF" in first else first + body.replace('"', '\\"') + '"'
    (found,) = look({"terragrunt.hcl": f'\ngenerate "x" {{\n  contents = {contents}\n}}\n'}).policies
    assert found.resource_at is not None
    assert found.resource_at.line == (4 if "EOF" in first else 3)
