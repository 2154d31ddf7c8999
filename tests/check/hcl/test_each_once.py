"""One resource is reported once, even if several paths lead to it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Run

POLICY = """
resource "aws_ecr_repository_policy" "this" {
  policy = jsonencode({ Statement = [{ Effect = "Allow", Principal = { AWS = %s }, Action = "ecr:*" }] })
}
"""


@pytest.fixture
def infra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a configuration that calls a module twice, by its folder and by a link to it."""
    live, module = tmp_path / "infra" / "live", tmp_path / "infra" / "modules" / "ecr"
    live.mkdir(parents=True)
    module.mkdir(parents=True)
    (module / "main.tf").write_text('variable "who" {}\n' + POLICY % "var.who", "utf-8")
    (tmp_path / "infra" / "link").symlink_to(module)
    (live / "main.tf").write_text(
        'module "a" {\n  source = "../modules/ecr"\n  who = "222233334444"\n}\n'
        'module "b" {\n  source = "../link"\n  who = "111122223333"\n}\n',
        "utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "named",
    [
        ["infra"],
        ["infra", "infra"],
        ["infra", "./infra/"],
        ["infra", "infra/live", "infra/modules/ecr"],
        ["infra/modules/ecr", "infra"],
        ["infra/live/main.tf", "infra/modules/ecr/main.tf"],
        ["infra/live", "infra/live/main.tf", "infra/link/main.tf"],
        ["ABSOLUTE", "infra", "infra/link"],
    ],
)
def test_paths_that_overlap_tell_what_a_module_makes_once_for_each_call(
    run: Run, infra: Path, named: list[str]
) -> None:
    given = [str(infra / "infra") if one == "ABSOLUTE" else one for one in named]
    done = run("check", "--format", "json", "--account", OWNER, *given).json
    assert sorted(one["resource"] for one in done["policies"]) == [
        "module.a.aws_ecr_repository_policy.this",
        "module.b.aws_ecr_repository_policy.this",
    ]


def test_a_module_that_nobody_in_the_run_calls_is_told_by_itself(run: Run, infra: Path) -> None:
    done = run("check", "--format", "json", "--account", OWNER, str(infra / "infra" / "modules")).json
    assert [one["resource"] for one in done["policies"]] == ["aws_ecr_repository_policy.this"]
    assert done["policies"][0]["undecided"]


def test_a_policy_that_is_named_twice_or_linked_is_told_once(run: Run, tmp_path: Path) -> None:
    policy = tmp_path / "policy.json"
    policy.write_text('{"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]}', "utf-8")
    (tmp_path / "same.json").symlink_to(policy)
    done = run("check", "--format", "json", "--account", OWNER, str(policy), str(tmp_path), f"{tmp_path}/./policy.json")
    assert [one["resource"] for one in done.json["policies"]] == ["policy"]


def test_a_file_that_several_configurations_link_to_counts_in_each(run: Run, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()  # a checkout
    shared = tmp_path / "shared.tf"
    shared.write_text(POLICY % "local.who", "utf-8")
    for name, who in (("a", "222233334444"), ("b", "111122223333")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "main.tf").write_text(f'locals {{\n  who = "{who}"\n}}\n', "utf-8")
        (tmp_path / name / "shared.tf").symlink_to(shared)
    done = run("check", "--format", "json", "--account", OWNER, str(tmp_path / "a"), str(tmp_path / "b")).json
    assert [bool(one["external"]) for one in done["policies"]] == [True, False]
