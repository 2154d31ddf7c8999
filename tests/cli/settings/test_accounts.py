"""The owner account by the path of a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from ecr_crossaccount.sources.found.context import Exclusion, Owners

from tests.cli.conftest import NEIGHBOUR, OWNER, Run
from tests.cli.settings.conftest import Put
from tests.wording import sentence

OTHER = "222233334444"
TEMPLATE = {"Resources": {"Base": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": NEIGHBOUR}}}}
MODULE = """
resource "aws_ecr_repository" "base" { name = "base" }
resource "aws_ecr_repository_policy" "base" {
  repository = aws_ecr_repository.base.name
  policy     = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "222233334444" }, Action = "ecr:BatchGetImage" }]
  })
}
"""
WEIGHED = {
    "a folder covers what is in it": ({"infra": OWNER}, "infra/prod/a.yaml", OWNER),
    "a folder with a slash too": ({"infra/": OWNER}, "infra/prod/a.yaml", OWNER),
    "the longer beginning counts": ({"infra/prod": OTHER, "infra": OWNER}, "infra/prod/a.yaml", OTHER),
    "in whatever order": ({"infra": OWNER, "infra/prod": OTHER}, "infra/prod/a.yaml", OTHER),
    "a wildcard begins late": ({"infra/prod": OTHER, "infra/*/a.yaml": OWNER}, "infra/prod/a.yaml", OTHER),
    "of equal beginnings the longer pattern": ({"*/prod": OTHER, "*": OWNER}, "infra/prod/a.yaml", OTHER),
    "of equal lengths the later one": ({"a*/x": OWNER, "a?/x": OTHER}, "ab/x", OTHER),
    "a name anywhere": ({"prod": OTHER}, "stacks/prod/a.yaml", OTHER),
    "a path before a name": ({"prod": OTHER, "stacks/prod": OWNER}, "stacks/prod/a.yaml", OWNER),
    "any depth": ({"infra/**/prod": OTHER}, "infra/a/b/prod/c.json", OTHER),
    "everything": ({"*": OWNER}, "a.yaml", OWNER),
    "none": ({"infra": OWNER}, "other/a.yaml", None),
    "not a part of a name": ({"infra": OWNER}, "infrastructure/a.yaml", None),
    "not what is outside": ({"*": OWNER}, "../a.yaml", None),
}


@pytest.mark.parametrize("patterns, path, expected", WEIGHED.values(), ids=WEIGHED)
def test_the_most_specific_pattern_counts(
    patterns: dict[str, str], path: str, expected: str | None, folder: Path
) -> None:
    owners = Owners(tuple((Exclusion.from_pattern(text, str(folder)), account) for text, account in patterns.items()))
    assert owners.account_of(path) == expected
    assert owners.account_of(str(folder / path)) == expected


def verdicts(run: Run, *words: str) -> dict[str, str]:
    done = run("check", "--format", "json", *words)
    assert done.json["errors"] == []
    return {one["file"]: one["compliance"] for one in done.json["policies"]}


@pytest.mark.parametrize(
    "name, content",
    [("stack.json", TEMPLATE), ("policy.json", NEIGHBOUR), ("main.tf", MODULE)],
    ids=["template", "policy", "sources"],
)
def test_each_kind_of_file_is_judged_for_its_account(name: str, content: object, run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"account": OWNER, "accounts": {"infra/own": OTHER}})
    put(f"infra/own/{name}", content)
    put(f"infra/foreign/{name}", content)
    assert verdicts(run, "infra") == {f"infra/own/{name}": "COMPLIANT", f"infra/foreign/{name}": "NON_COMPLIANT"}


def test_a_module_belongs_to_who_calls_it(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"accounts": {"live/own": OTHER, "live/foreign": OWNER, "modules": OWNER}})
    put("modules/repository/main.tf", MODULE)
    for name in ("own", "foreign"):
        put(f"live/{name}/main.tf", 'module "base" { source = "../../modules/repository" }\n')
    assert list(verdicts(run, "live/own").values()) == ["COMPLIANT"]
    assert list(verdicts(run, "live/foreign").values()) == ["NON_COMPLIANT"]


def test_patterns_start_from_the_file_that_was_found_and_from_here_if_it_is_pinned(
    run: Run, put: Put, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("ecr-crossaccount.yaml", {"accounts": {"infra/own": OTHER}, "account": OWNER, "exclude": ["infra/own/old"]})
    put("base/ecr-crossaccount.yaml", {"accounts": {"infra/own": OTHER}, "account": OWNER})
    put("infra/own/policy.json", NEIGHBOUR)
    put("infra/own/old/policy.json", NEIGHBOUR)
    monkeypatch.chdir(folder / "infra")
    assert verdicts(run, ".") == {"./own/policy.json": "COMPLIANT"}
    monkeypatch.chdir(folder)
    pinned = verdicts(run, "--config", "base/ecr-crossaccount.yaml", "infra")
    assert set(pinned.values()) == {"COMPLIANT"}
    assert len(pinned) == 2


def test_what_no_pattern_means_has_an_unknown_owner(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"accounts": {"infra": OTHER}})
    put("other/policy.json", NEIGHBOUR)
    done = run("check", "other")
    assert done.status == 2
    assert sentence("check.account_owns_these") in done.err


def test_a_pattern_full_of_wildcards_is_answered_at_once(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"accounts": {"/".join(["**", "*a*a*a*a*a*a*a*"] * 50): OTHER, "*": OWNER}})
    put("/".join([*["a" * 60] * 20, "policy.json"]), NEIGHBOUR)
    assert list(verdicts(run, ".").values()) == ["NON_COMPLIANT"]


def test_parameters_of_settings_that_nothing_here_declares_are_listed(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"account": OWNER, "parameters": {"Env": "prod", "Team": "x"}})
    put("policy.json", NEIGHBOUR)
    done = run("check", "--format", "json", "policy.json")
    assert (done.status, done.json["errors"]) == (1, [])
    assert done.json["skipped"] == [
        {
            "file": "ecr-crossaccount.yaml",
            "reason": sentence("remarks.parameters_env_team"),
        }
    ]
    put("stack.json", {**TEMPLATE, "Parameters": {"Teams": {"Type": "String"}}})
    done = run("check", "--format", "json", "stack.json")
    assert done.status == 3, "misspelt: nearly a name that is declared"
    assert (done.json["errors"][0]["file"], done.json["errors"][0]["line"]) == ("ecr-crossaccount.yaml", 1)
    assert "did you mean `Teams`?" in done.json["errors"][0]["reason"]


def test_a_path_through_a_link_is_the_path_that_is_seen(run: Run, put: Put, folder: Path) -> None:
    put("ecr-crossaccount.yaml", {"account": OWNER, "accounts": {"infra/own": OTHER}})
    put("shared/policy.json", NEIGHBOUR)
    (folder / "infra").mkdir()
    (folder / "infra" / "own").symlink_to(folder / "shared")
    assert verdicts(run, "infra") == {"infra/own/policy.json": "COMPLIANT"}
    assert verdicts(run, "shared") == {"shared/policy.json": "NON_COMPLIANT"}
