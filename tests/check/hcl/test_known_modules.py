"""The table of modules that may be missing is complete. Sources and versions are read as Terraform reads them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest
from ecr_crossaccount.sources.formats.hcl import module_sources
from ecr_crossaccount.sources.formats.hcl.module_sources import (
    ModuleSource,
    allows,
    known_module,
    model_of,
    module_source,
    newest_allowed,
    of_ref,
    parse_version,
)

TABLE = json.loads(Path(module_sources.__file__).with_name("known").joinpath("modules.json").read_text("utf-8"))
FOLDERS = [(name, folder) for name, row in TABLE.items() for folder in row["folders"]]
AWS = "terraform-aws-modules/ecr/aws"


@pytest.mark.parametrize("name, folder", FOLDERS)
def test_every_model_can_be_read_and_takes_arguments_that_its_module_has(name: str, folder: str) -> None:
    known = known_module(ModuleSource(name, folder))
    assert known is not None
    model = model_of(known.path)
    assert model is not None
    assert not model.errors
    assert model.resources or model.calls
    assert model.variables.keys() <= known.arguments


@pytest.mark.parametrize("name, folder", FOLDERS)
def test_a_folder_that_a_module_has_not_is_no_model(name: str, folder: str) -> None:
    known = known_module(ModuleSource(name, folder))
    assert known is not None
    assert model_of(f"{known.path}/nowhere") is None
    assert model_of(folder) is None


@pytest.mark.parametrize("name", TABLE)
def test_versions_stand_oldest_first_each_with_a_commit(name: str) -> None:
    versions = TABLE[name]["versions"]
    assert all(parse_version(one) < parse_version(other) for one, other in pairwise(versions))
    assert all(len(commit) == 40 for commit in versions.values())


@pytest.mark.parametrize(
    "source, expected",
    [
        (AWS, ModuleSource(AWS, constraint="1.0.0")),
        (f"registry.terraform.io/{AWS}", ModuleSource(AWS, constraint="1.0.0")),
        (f"{AWS}//wrappers", ModuleSource(AWS, "wrappers", constraint="1.0.0")),
        (f"tfr:///{AWS}?version=3.2.0", ModuleSource(AWS, constraint="3.2.0")),
        (f"tfr://registry.opentofu.org/{AWS}//wrappers?version=3", ModuleSource(AWS, "wrappers", constraint="3")),
        ("github.com/terraform-aws-modules/terraform-aws-ecr", ModuleSource(AWS, is_git=True)),
        (
            "git::https://user:secret@github.com/Terraform-AWS-Modules/terraform-aws-ecr.git//wrappers?depth=1&ref=v2.0.0",
            ModuleSource(AWS, "wrappers", ref="v2.0.0", is_git=True),
        ),
        ("git::ssh://git@github.com/cloudposse/terraform-aws-ecr.git", ModuleSource("cloudposse/ecr/aws", is_git=True)),
        ("git::git@github.com:/a/terraform-aws-ecr?ref=1", ModuleSource("a/ecr/aws", ref="1", is_git=True)),
        (f"app.terraform.io/{AWS}", None),
        ("tfr://example.com/terraform-aws-modules/ecr/aws", None),
        ("git::https://github.com.example.com/terraform-aws-modules/terraform-aws-ecr.git", None),
        ("git::https://example.com/github.com/terraform-aws-modules/terraform-aws-ecr.git", None),
        ("https://gitlab.com/terraform-aws-modules/terraform-aws-ecr", None),
        ("./terraform-aws-modules/ecr/aws", None),
        ("", None),
    ],
)  # fmt: skip
def test_a_source_is_told_by_the_name_in_the_registry_in_whatever_way_it_is_written(
    source: str, expected: ModuleSource | None
) -> None:
    assert module_source(source, "1.0.0") == expected


@pytest.mark.parametrize("name", TABLE)
def test_a_version_that_nobody_has_read_is_taken_for_the_last_and_doubted(name: str) -> None:
    first, *_, last = TABLE[name]["versions"]
    known = known_module(ModuleSource(name, "", constraint="= 0.0.0-none"))
    assert known is not None
    assert [last in one for one in known.notes] == [True]
    assert [(first in one, last in one) for one in known.doubts] == [(True, True)]


@pytest.mark.parametrize(
    "constraint, version, allowed",
    [
        (None, "1.0.0", True),
        ("1.2.3", "1.2.3", True),
        ("= 1.2.3", "1.2.4", False),
        ("!= 1.2.3", "1.2.3", False),
        ("~> 1.2", "1.9.0", True),
        ("~> 1.2", "2.0.0", False),
        ("~> 1.2.3", "1.2.9", True),
        ("~> 1.2.3", "1.3.0", False),
        ("~> 1", "1.9.0", True),
        (">= 1.0, < 2.0", "1.9.9", True),
        (">= 1.0, < 2.0", "2.0.0", False),
        ("> 1.0, <= 1.5, != 1.4.0", "1.4.0", False),
        ("newest", "1.0.0", False),
        ("", "1.0.0", False),
        ("1.2.3-beta", "1.2.3", False),
    ],
)
def test_constraints_mean_what_they_do_to_terraform(constraint: str | None, version: str, *, allowed: bool) -> None:
    assert allows(constraint, parse_version(version)) is allowed


def test_the_newest_version_that_is_allowed_is_taken() -> None:
    assert newest_allowed("~> 1.0", ["1.0.0", "1.4.0", "2.0.0"]) == "1.4.0"
    assert newest_allowed(">= 3", ["1.0.0", "2.0.0"]) is None


@pytest.mark.parametrize(
    "ref, version",
    [
        (None, "2.0.0"),
        *((newest, "2.0.0") for newest in ("", "HEAD", "main", "master", "refs/heads/main", "refs/heads/master")),
        ("v1.1.0", "1.1.0"),
        ("tags/1.1.0", "1.1.0"),
        ("refs/tags/v1.1.0", "1.1.0"),
        ("v1", "1.1.0"),
        ("a1b2c3d", "1.0.0"),
        ("1234567", "1.1.0"),
        ("v3.0.0", None),
        ("feature/v1.1.0", None),
        ("abcdef0", None),
    ],
)
def test_a_ref_is_a_tag_or_the_commit_of_one_or_whatever_is_newest(ref: str | None, version: str | None) -> None:
    commits = {"1.0.0": "a1b2c3d" + "0" * 33, "1.1.0": "1234567" + "0" * 33, "2.0.0": "f" * 40}
    assert of_ref(ref, commits) == version


@pytest.mark.parametrize(
    "source, newer",
    [
        (ModuleSource(AWS), True),
        (ModuleSource(AWS, constraint=">= 1.0"), True),
        (ModuleSource(AWS, constraint="~> 2.0"), False),
        (ModuleSource(AWS, constraint="2.2.0"), False),
        (ModuleSource(AWS, is_git=True), True),
        (ModuleSource(AWS, ref="v2.2.0", is_git=True), False),
    ],
)
def test_it_is_noted_where_a_newer_version_may_be_installed(source: ModuleSource, *, newer: bool) -> None:
    known = known_module(source)
    assert known is not None
    assert any("newer" in note for note in known.notes) is newer
