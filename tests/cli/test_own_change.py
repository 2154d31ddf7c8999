"""A change cannot turn its own result green unseen: what it does to its judgement does not count, and is named.

`check --base` and `diff --git`, in every format of their registries.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterable, Mapping
from html import unescape
from pathlib import Path
from urllib.parse import unquote

import pytest
from ecr_crossaccount.products.cli.formats.choices import CHECK_FORMATS, DIFF_FORMATS

from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, Run, printed_by_aws

EVERY: Mapping[str, tuple[tuple[str, ...], Iterable[str]]] = {
    "check": (("check", "--base", "main", "infra"), CHECK_FORMATS),
    "diff": (("diff", "--git", "main...HEAD", "infra"), DIFF_FORMATS),
}
"""The commands, each with all of its formats."""
ACCOUNT = f"account: '{OWNER}'\n"
REGISTER = "version: 1\ntrust:\n- {account: '222233334444', access: ADMIN, reason: they push, owner: me@example.com}\n"
STATEMENT = "{Statement: [{Effect: Allow, Principal: {AWS: '222233334444'}, Action: 'ecr:*'}]}"
SUPPRESSED = f"{STATEMENT}  # ecr-crossaccount: ignore until 9999-12-31: trust me\n"
MODULES = json.dumps({"Modules": [{"Key": "ecr", "Source": "x", "Dir": ".terraform/modules/ecr"}]})
POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22e\nsize 12345\n"
Files = Mapping[str, str]
Commit = Callable[[Files], None]
BEFORE: Files = {
    "infra/open.json": json.dumps(NEIGHBOUR),
    "infra/safe.json": json.dumps(SAFE),
    "ecr-crossaccount.yaml": ACCOUNT,
    ".gitignore": "*.sarif\n",
}


def git(*argv: str) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *who, *argv], check=True, capture_output=True)


@pytest.fixture
def commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Commit:
    """Work in a repository whose branch `main` is BEFORE, and commit files on a branch of it."""
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")

    def commit(files: Files) -> None:
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            if text.startswith("-> "):
                path.symlink_to(text.removeprefix("-> "))
            elif text:
                path.write_text(text, encoding="utf-8")
        git("add", "-A", "-f")
        git("commit", "-q", "-m", "x")

    commit(BEFORE)
    git("checkout", "-q", "-b", "change")
    return commit


def told(run: Run, command: str) -> dict[str, str]:
    """Return the output of a run in each format, with the entities and escapes of the format undone."""
    argv, forms = EVERY[command]
    files = {form: Path(f".git/{form}") for form in forms}
    done = run(*argv, *(word for form, file in files.items() for word in ("--format", f"{form}={file}")))
    assert done.status in (0, 1, 2), done.err
    return {form: unquote(unescape(file.read_text(encoding="utf-8"))) for form, file in files.items()}


NAMED: Mapping[str, tuple[Files, str]] = {
    "settings": (
        {
            "ecr-crossaccount.yaml": f"{ACCOUNT}exclude: [open.json]\ntrust: infra/mine.yaml\n",
            "infra/mine.yaml": REGISTER,
        },
        sentence("change.change_also_changes"),
    ),
    "settings in pyproject.toml": (
        {
            "ecr-crossaccount.yaml": "",
            "pyproject.toml": f'[tool.ecr-crossaccount]\naccount = "{OWNER}"\nfail-on = "HIGH"\n',
        },
        sentence("change.change_also_changes_pyproject"),
    ),
    "a link as settings": (
        {"ecr-crossaccount.yaml": "-> infra/s.yaml", "infra/s.yaml": f"{ACCOUNT}fail-on: CRITICAL\n"},
        sentence("change.change_also_changes_ecr"),
    ),
    "the register": ({"trust.yaml": REGISTER}, sentence("change.change_also_changes_register")),
    "a suppression": ({"infra/new.yaml": SUPPRESSED}, "this change also suppresses"),
    "another owner": (
        {"infra/open.json": "", "infra/p.json": json.dumps(printed_by_aws(NEIGHBOUR, owner="222233334444"))},
        sentence("baseline.change_also_names_another"),
    ),
    "a workflow": (
        {".github/workflows/ecr.yml": "on: push\njobs: {a: {steps: [{uses: our/ecr-crossaccount@v1}]}}\n"},
        sentence("change.change_also_changes_github"),
    ),
    "the hooks": (
        {".pre-commit-config.yaml": "repos: [{repo: x, hooks: [{id: ecr-crossaccount, args: [--no-config]}]}]\n"},
        sentence("change.change_also_changes_pre"),
    ),
    "installed modules": (
        {"infra/.terraform/modules/modules.json": MODULES, "infra/.terraform/modules/m/main.tf": "# nothing\n"},
        sentence("change.infra_terraform_modules"),
    ),
    "an assembly": (
        {"infra/cdk.out/manifest.json": "{}"},
        sentence("change.change_also_changes_infra"),
    ),
    "a folder that is not entered": (
        {"infra/node_modules/x/t.json": json.dumps(OPEN)},
        sentence("change.change_also_changes_node"),
    ),
    "a file with another ending": (
        {"infra/policy.txt": json.dumps(OPEN)},
        sentence("change.change_also_changes_policy"),
    ),
    "a policy outside of the paths": (
        {"infra/open.json": "", "stacks/open.json": json.dumps(OPEN)},
        sentence("change.change_also_changes_stacks"),
    ),
}


@pytest.mark.parametrize("command", EVERY)
@pytest.mark.parametrize("name", NAMED)
def test_every_format_names_what_a_change_does_to_its_own_result(
    run: Run, commit: Commit, name: str, command: str
) -> None:
    files, words = NAMED[name]
    commit(files)
    assert {form for form, out in told(run, command).items() if words not in out or "✅" in out} == set()


@pytest.mark.parametrize("command", EVERY)
def test_a_change_of_nothing_else_is_not_named(run: Run, commit: Commit, command: str) -> None:
    commit({"infra/more.json": json.dumps(SAFE), "README.md": "ecr-crossaccount\n", "app.py": "print()\n"})
    assert {form for form, out in told(run, command).items() if "this change also" in out} == set()


@pytest.mark.parametrize("command", EVERY)
def test_every_format_names_a_pointer_of_git_lfs(run: Run, commit: Commit, command: str) -> None:
    commit({".gitattributes": "*.yaml filter=lfs", "infra/new.yaml": POINTER})
    for out in told(run, command).values():
        assert "infra/new.yaml" in out
        assert "git lfs pull" in out
        assert "✅" not in out


def test_a_submodule_of_the_change_is_named(run: Run, commit: Commit, tmp_path: Path) -> None:
    head = subprocess.run(["git", "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    commit({"x.md": "x"})
    git("update-index", "--add", "--cacheinfo", f"160000,{head},infra/other")
    git("commit", "-q", "-m", "x")
    (tmp_path / "infra" / "other").mkdir()
    assert sentence("change.change_also_changes_other") in told(run, "check")["text"]
    assert "infra/other" in told(run, "diff")["text"]


# --- what counts ---


def status(run: Run, *argv: str) -> int:
    return run("check", *argv).status


def test_settings_of_the_change_do_not_count(run: Run, commit: Commit) -> None:
    commit({"ecr-crossaccount.yaml": f"{ACCOUNT}exclude: [open.json]\n"})
    assert status(run, "infra") == 0
    assert status(run, "--base", "main", "infra") == 1


def test_settings_of_a_subfolder_do_not_count(run: Run, commit: Commit, monkeypatch: pytest.MonkeyPatch) -> None:
    commit({"infra/ecr-crossaccount.yaml": f"{ACCOUNT}exclude: [open.json]\n"})
    monkeypatch.chdir("infra")
    assert status(run, ".") == 0
    done = run("check", "--base", "main", "--format", "json", ".")
    assert done.status == 1
    assert sentence("change.change_also_changes_ecr_crossaccount") in done.json["notes"]
    (account,) = done.json["settings"]
    assert account["source"] == "main:../ecr-crossaccount.yaml"


@pytest.mark.parametrize("option", [(), ("--trust", "trust.yaml")], ids=["found", "named"])
def test_the_register_of_the_change_does_not_count(run: Run, commit: Commit, option: tuple[str, ...]) -> None:
    commit({"trust.yaml": REGISTER})
    assert status(run, *option, "infra") == 0
    done = run("check", "--base", "main", *option, "--format", "json", "infra")
    assert done.status == 1
    assert done.json["register"] is None
    assert sentence("change.change_also_changes_register") in done.json["notes"]


def test_the_register_before_the_change_counts(run: Run, commit: Commit) -> None:
    git("checkout", "-q", "main")
    commit({"trust.yaml": REGISTER})
    git("checkout", "-q", "-B", "change")
    commit({"trust.yaml": REGISTER.replace("222233334444", "333344445555")})
    assert status(run, "infra") == 1
    done = run("check", "--base", "main", "--format", "json", "infra")
    assert (done.status, done.json["register"]["file"]) == (0, "main:trust.yaml")


@pytest.mark.parametrize("command", [("judge",), ("plan",), ("ask", "--can", "pull"), ("check",)])
def test_a_report_names_the_register_by_its_revision(run: Run, commit: Commit, command: tuple[str, ...]) -> None:
    git("checkout", "-q", "main")
    commit({"trust.yaml": REGISTER})
    git("checkout", "-q", "-b", "other")
    commit({"trust.yaml": f"{REGISTER}# changed\n"})
    done = run(*command, "--base", "main", "infra/safe.json")
    assert "main:trust.yaml (1 entry)" in done.out


def test_a_baseline_of_the_change_does_not_count(run: Run, commit: Commit) -> None:
    known = run("check", "--format", "json", "infra").out
    Path("known.json").write_text(known)
    assert status(run, "--base", "main", "--baseline", "known.json", "infra") == 0, "of the pipeline: nobody tracks it"
    commit({"known.json": known})
    done = run("check", "--base", "main", "--baseline", "known.json", "infra")
    assert done.status == 1
    assert sentence("change.change_also_changes_known") in done.out
    assert "note: `known.json` is not in `main`, so the baseline does not count" in done.err


def test_a_named_settings_file_is_that_of_the_revision(run: Run, commit: Commit) -> None:
    commit(dict.fromkeys(("ecr-crossaccount.yaml", "mine.yaml"), f"{ACCOUNT}exclude: [open.json]\n"))
    assert status(run, "--config", "ecr-crossaccount.yaml", "infra") == 0
    assert status(run, "--config", "ecr-crossaccount.yaml", "--base", "main", "infra") == 1
    for path in ("mine.yaml", str(Path("mine.yaml").absolute())):
        done = run("check", "--config", path, "--base", "main", "--account", OWNER, "infra")
        assert done.status == 1
        assert "mine.yaml: account, exclude" in done.out


def test_a_register_behind_a_link_of_the_change_does_not_count(run: Run, commit: Commit, tmp_path: Path) -> None:
    commit({"kept": "-> infra"})
    (tmp_path / "infra" / "trust.yaml").write_text(REGISTER)
    assert status(run, "--trust", "kept/trust.yaml", "infra/open.json") == 0
    assert status(run, "--base", "main", "--trust", "kept/trust.yaml", "infra/open.json") == 1


def test_a_register_by_a_path_through_a_link_is_that_of_the_revision(
    run: Run, commit: Commit, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    commit({"trust.yaml": REGISTER})
    link = tmp_path_factory.mktemp("elsewhere") / "link"
    link.symlink_to(tmp_path)
    for path in (tmp_path / "trust.yaml", link / "trust.yaml"):
        assert status(run, "--trust", str(path), "infra") == 0
        assert status(run, "--base", "main", "--trust", str(path), "infra") == 1
    (link.parent / "trust.yaml").write_text(REGISTER)
    assert status(run, "--base", "main", "--trust", str(link.parent / "trust.yaml"), "infra") == 0, "of the pipeline"


# --- suppressions ---


def with_suppression(commit: Commit, text: str = SUPPRESSED) -> None:
    """Suppress a finding before the change."""
    git("checkout", "-q", "main")
    commit({"infra/open.json": "", "infra/kept.yaml": text})
    git("checkout", "-q", "-B", "change")


def test_a_suppression_before_the_change_counts_as_long_as_its_statement_is_the_same(run: Run, commit: Commit) -> None:
    with_suppression(commit)
    commit({"infra/kept.yaml": f"# moved\n\n{SUPPRESSED}"})
    assert status(run, "--base", "main", "infra") == 0
    commit({"infra/kept.yaml": SUPPRESSED.replace("222233334444", "333344445555")})
    done = run("check", "--base", "main", "infra")
    assert done.status == 1
    assert "suppressed:" not in done.out
    assert sentence("baseline.change_also_suppresses_trust") in done.out
    assert "statement 0 is suppressed" not in done.out


def test_a_suppression_that_the_change_moves_to_another_policy_does_not_count(run: Run, commit: Commit) -> None:
    with_suppression(commit)
    commit({"infra/kept.yaml": "", "infra/other.yaml": SUPPRESSED})
    assert status(run, "infra") == 0
    assert status(run, "--base", "main", "infra") == 1


def test_a_last_day_that_the_change_moves_does_not_count(run: Run, commit: Commit) -> None:
    with_suppression(commit, SUPPRESSED.replace("9999-12-31", "2026-07-31"))
    commit({"infra/kept.yaml": SUPPRESSED})
    done = run("check", "--base", "main", "infra")
    assert done.status == 0
    assert "1 suppressed: CRITICAL until 2026-07-31" in done.out
    assert "suppresses CRITICAL until 9999-12-31 (trust me), which counts until 2026-07-31" in done.out


def test_a_suppression_by_an_absolute_path_is_not_taken_for_that_of_the_revision(
    run: Run, commit: Commit, tmp_path: Path
) -> None:
    commit({"infra/open.json": "", "infra/kept.yaml": SUPPRESSED})
    assert status(run, "--base", "main", str(tmp_path / "infra")) == 1


def test_a_revision_that_is_not_here_is_an_error(run: Run, commit: Commit) -> None:
    commit({"x.md": "x"})
    done = run("check", "--base", "nowhere", "infra")
    assert done.status == 3
    assert sentence("revisions.nowhere_not_revision_here") in done.err
