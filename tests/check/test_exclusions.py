"""`check --exclude`: what a pattern leaves out. This is reported, and nothing else is left out."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import pytest
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.sources.found.context import Exclusion, excluded_by
from hypothesis import given
from hypothesis import strategies as some

from tests.cli.conftest import OPEN, OWNER, SAFE, Run
from tests.wording import sentence

TREE = ("a.json", "legacy/a.json", "legacy/old/b.json", "infra/legacy/c.json", "infra/app/d.json")


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder full of policies that allow everyone."""
    for name in TREE:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(json.dumps(OPEN), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def left_over(run: Run, *argv: str) -> list[str]:
    """Return the files that are still judged."""
    done = run("check", "--account", OWNER, "--format", "json", *argv)
    return [Path(one["file"]).as_posix() for one in done.json["policies"]]


@pytest.mark.parametrize(
    "pattern, judged",
    [
        pytest.param("legacy", ("a.json", "infra/app/d.json"), id="a name, at any depth"),
        pytest.param("legacy/", ("a.json", "infra/app/d.json"), id="a folder"),
        pytest.param("a.json/", TREE, id="a folder, where there is a file"),
        pytest.param("./legacy", ("a.json", "infra/app/d.json", "infra/legacy/c.json"), id="in the working folder"),
        pytest.param("infra/legacy", ("a.json", "infra/app/d.json", "legacy/a.json", "legacy/old/b.json"), id="a path"),
        pytest.param("infra/*/c.json", tuple(one for one in TREE if one != "infra/legacy/c.json"), id="* in a path"),
        pytest.param("*/b.json", TREE, id="* is one name"),
        pytest.param("legacy/**/b.json", tuple(one for one in TREE if "b.json" not in one), id="** is any depth"),
        pytest.param("legacy/**/a.json", tuple(one for one in TREE if one != "legacy/a.json"), id="** is no depth"),
        pytest.param("infra/**", tuple(one for one in TREE if "infra" not in one), id="all below"),
        pytest.param("[ab].json", ("infra/app/d.json", "infra/legacy/c.json"), id="a class"),
        pytest.param("[!ab].json", tuple(one for one in TREE if one[-6] in "ab"), id="not of a class"),
        pytest.param("?.json", (), id="one character"),
        pytest.param("LEGACY", TREE, id="case counts"),
        pytest.param("lega", TREE, id="a part of a name"),
    ],
)
def test_a_pattern_leaves_out(run: Run, tree: Path, pattern: str, judged: tuple[str, ...]) -> None:
    assert set(left_over(run, ".", "--exclude", pattern)) == set(judged)
    if pattern.startswith("infra"):
        assert set(left_over(run, str(tree), "--exclude", f"{tree}/{pattern}")) == {f"{tree}/{one}" for one in judged}
        assert set(left_over(run, str(tree), "--exclude", pattern)) == {f"{tree}/{one}" for one in judged}


def test_what_is_named_is_judged_whatever_the_patterns(run: Run, tree: Path) -> None:
    assert left_over(run, "legacy", "--exclude", "legacy") == ["legacy/a.json", "legacy/old/b.json"]
    for paths in (("legacy/a.json", "legacy"), ("legacy", "legacy/a.json")):
        answer = run("check", "--account", OWNER, "--format", "json", *paths, "--exclude", "*.json").json
        assert [one["file"] for one in answer["policies"]] == ["legacy/a.json"]
        assert [one["file"] for one in answer["skipped"]] == ["legacy/old/b.json"]
    (tree / "main.tf").write_text(MODULE, encoding="utf-8")
    (tree / "other.tf").write_text(MODULE.replace('"open"', '"other"'), encoding="utf-8")
    assert left_over(run, ".", "main.tf", "--exclude", "*.json", "--exclude", "*.tf") == ["main.tf"]


def test_what_is_left_out_is_counted_and_named_in_every_form(run: Run, tree: Path) -> None:
    argv = ("check", "--account", OWNER, ".", "--exclude", "legacy", "--exclude", "*.json")
    text = run(*argv)
    assert text.out.splitlines() == [
        "excluded  `legacy`: ./legacy/, ./infra/legacy/",
        "excluded  `*.json`: ./a.json, ./infra/app/d.json",
        "0 policies: nothing was judged, 4 excluded",
    ]
    assert sentence("findings.no_policy_found_nothing") in text.err
    reasons = {one["file"]: one["reason"] for one in run(*argv, "--format", "json").json["skipped"]}
    assert reasons["./legacy/"] == "excluded by `legacy`"
    assert reasons["./a.json"] == "excluded by `*.json`"
    assert "4 excluded." in run(*argv, "--format", "markdown").out
    rows = list(csv.DictReader(io.StringIO(run(*argv, "--format", "csv").out)))
    assert [row["compliance"] for row in rows] == ["SKIPPED"] * 4
    (tree / "safe.json").write_text(json.dumps(SAFE), encoding="utf-8")
    assert run("check", "--account", OWNER, "safe.json", "legacy", "--exclude", "?.json").out.splitlines()[-1] == (
        "1 policy: 1 compliant, 0 non-compliant, 2 excluded"
    )


def test_thousands_of_files_are_one_line(run: Run, tree: Path) -> None:
    for number in range(50):
        (tree / f"{number:02}.json").write_text("{}", encoding="utf-8")
    lines = run("check", "--account", OWNER, ".", "--exclude", "[0-9]*").out.splitlines()
    assert "excluded  `[0-9]*`: ./00.json, ./01.json, ./02.json and 47 more" in lines


@pytest.mark.usefixtures("tree")
def test_a_pattern_that_leaves_out_nothing_is_noted(run: Run) -> None:
    argv = ("check", "--account", OWNER, ".", "--exclude")
    note = sentence("check.note_exclude_leaves")
    assert run(*argv, "legcay").err == note.format("legcay")
    assert run(*argv, "*.md").err == note.format("*.md")
    assert run(*argv, "legacy", "--exclude", "le*y").err == "", "two that mean the same are both used"
    assert run(*argv, "legacy").err == ""


@pytest.mark.parametrize(
    "pattern, reason",
    [
        pytest.param("", sentence("context.expected_name_path"), id="nothing"),
        pytest.param("./", "expected a name or a path", id="the folder itself"),
        pytest.param("!keep", sentence("context.cannot_bring_back"), id="an exception"),
        pytest.param("a" * 1_001, "longer than 1,000 characters", id="a long one"),
    ],
)
def test_what_is_no_pattern(run: Run, pattern: str, reason: str) -> None:
    done = run("check", "--account", OWNER, ".", "--exclude", pattern)
    assert (done.status, done.out) == (3, "")
    assert reason in done.err


def test_an_excluded_folder_is_not_walked(run: Run, tree: Path) -> None:
    (tree / "legacy" / "bad.json").write_text('{"Statement": [{"Action": "ecr:*"', encoding="utf-8")
    done = run("check", "--account", OWNER, "infra", "legacy", ".", "--exclude", "legacy", "--format", "json")
    assert [one["file"] for one in done.json["errors"]] == ["legacy/bad.json"], "only where it is named"
    assert run("check", "--account", OWNER, ".", "--exclude", "legacy", "--format", "json").json["errors"] == []


ROOT = 'module "legacy" { source = "./legacy" }\n'
MODULE = """\
resource "aws_ecr_repository_policy" "open" {
  repository = "x"
  policy     = jsonencode({Statement = [{Effect = "Allow", Principal = "*", Action = "ecr:*"}]})
}
"""


def test_a_module_that_is_called_is_judged_where_it_is_called(run: Run, tmp_path: Path) -> None:
    (tmp_path / "legacy").mkdir()
    (tmp_path / "legacy" / "main.tf").write_text(MODULE, encoding="utf-8")
    argv = ("check", "--account", OWNER, "--format", "json", str(tmp_path), "--exclude", "legacy")
    assert run(*argv).json["policies"] == []
    (tmp_path / "main.tf").write_text(ROOT, encoding="utf-8")
    answer = run(*argv)
    assert [one["resource"] for one in answer.json["policies"]] == ["module.legacy.aws_ecr_repository_policy.open"]
    assert answer.status == 1


def test_a_template_that_is_nested_is_judged_where_it_is_nested(run: Run, tmp_path: Path) -> None:
    child = {"Resources": {"Repo": {"Type": "AWS::ECR::Repository", "Properties": {"RepositoryPolicyText": OPEN}}}}
    nested = {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "legacy/child.json"}}
    (tmp_path / "legacy").mkdir()
    (tmp_path / "legacy" / "child.json").write_text(json.dumps(child), encoding="utf-8")
    (tmp_path / "parent.json").write_text(json.dumps({"Resources": {"Child": nested}}), encoding="utf-8")
    done = run("check", "--account", OWNER, "--format", "json", str(tmp_path), "--exclude", "legacy")
    assert (done.status, [one["resource"] for one in done.json["policies"]]) == (1, ["Child/Repo"])


def test_standard_input_is_never_excluded(run: Run) -> None:
    done = run("check", "--account", OWNER, "--format", "json", "-", "--exclude", "*", stdin=json.dumps(OPEN))
    assert (done.status, len(done.json["policies"])) == (1, 1)


def test_of_terraform_s_sources_the_others_still_know_what_an_excluded_one_says(run: Run, tmp_path: Path) -> None:
    who = 'variable "who" { default = "222233334444" }\n'
    policy = MODULE.replace('"*", A', "{AWS = var.who}, A")
    (tmp_path / "variables.tf").write_text(who + MODULE.replace('"open"', '"other"'), encoding="utf-8")
    (tmp_path / "main.tf").write_text(policy, encoding="utf-8")
    argv = ("check", "--account", OWNER, "--format", "json", str(tmp_path), "--exclude", "variables.tf")
    (one,) = run(*argv).json["policies"]
    assert (one["resource"], one["grants"][0]["grantee"]) == ("aws_ecr_repository_policy.open", "222233334444")


@given(some.lists(some.text(max_size=8) | some.sampled_from(["*", "**", "/", "[", "]", "!", "?", "a*"]), max_size=200))
def test_no_pattern_is_slow_or_breaks(parts: list[str]) -> None:
    path = f"{'a' * 200}/{'a/' * 100}{'a' * 200}b"
    started = time.process_time()
    for text in ("".join(parts)[:1_000], "/".join(parts)[:1_000]):
        try:
            pattern = Exclusion.from_pattern(text)
        except InputError:
            continue
        excluded_by([pattern], path, folder=False)
    assert time.process_time() - started < 5


@pytest.mark.parametrize(
    "pattern", ["a*" * 500, "*a" * 499 + "c", "**/" * 333, "**/a/" * 200, "[a-z]*" * 166, "*" * 1_000]
)
def test_patterns_that_would_backtrack_without_end_are_bounded(pattern: str) -> None:
    started = time.process_time()
    excluded_by([Exclusion.from_pattern(pattern)], f"{'a/' * 500}{'a' * 250}", folder=False)
    assert time.process_time() - started < 2
