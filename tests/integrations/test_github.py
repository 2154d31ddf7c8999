"""The GitHub Action: its metadata checked with GitHub's schema, and its steps run as by a runner."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from tests.docs.markdown import ROOT, page
from tests.wording import sentence

OPEN = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}}
ACTION: Any = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
INSTALL, CHECK = ACTION["runs"]["steps"]
BASH = os.environ.get("BASH_UNDER_TEST", "bash")
"""A different bash, such as the 3.2 of macOS. It must also be the first on PATH, where the scripts look for it."""
GITHUB = {"github.action_repository": "our/ecr-crossaccount", "github.action_ref": "v1.0.0"}
"""The values for `uses: our/ecr-crossaccount@v1.0.0`."""


@dataclass(frozen=True, slots=True)
class Ran:
    status: int
    log: str
    summary: str
    outputs: dict[str, str]


def run(folder: Path, commands: Path = Path(sys.executable).parent, /, **inputs: str) -> Ran:
    """Run the checking step like a runner: the inputs are in its environment, and bash runs its script.

    `commands` is the folder of the installed commands.
    """
    given = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
    assert [name for name, default in given.items() if "${{" in default] == ["base"], "empty outside of a pull request"
    given |= {"base": ""} | inputs
    context = {f"inputs.{name}": value for name, value in given.items()} | GITHUB
    context["steps.install.outputs.commands"] = str(commands)
    environment = {
        name: context[value.removeprefix("${{ ").removesuffix(" }}")] for name, value in CHECK["env"].items()
    }
    temporary = folder / "runner"
    temporary.mkdir(exist_ok=True)
    files = {name: temporary / name for name in ("GITHUB_STEP_SUMMARY", "GITHUB_OUTPUT")}
    for file in files.values():
        file.write_text("")
    runner = {name: str(file) for name, file in files.items()}
    runner |= {"GITHUB_SERVER_URL": "https://github.example", "ECR_CROSSACCOUNT_DOCS_URL": ""}
    runner |= {"RUNNER_TEMP": str(temporary), "GITHUB_ACTION_PATH": str(ROOT)}
    done = subprocess.run(
        [BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", CHECK["run"]],
        cwd=folder, env={**os.environ, **environment, **runner}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
    return Ran(done.returncode, done.stdout + done.stderr, files["GITHUB_STEP_SUMMARY"].read_text(), outputs)


def lint(schema: str, *files: Path) -> None:
    """Check files with a schema that check-jsonschema contains, so nothing is fetched."""
    argv = [str(Path(sys.executable).with_name("check-jsonschema")), "--regex-variant", "nonunicode"]
    argv += ["--builtin-schema", schema, *map(str, files)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_github_would_accept_the_action() -> None:
    lint("vendor.github-actions", ROOT / "action.yml")


def test_github_would_accept_the_workflow_of_the_documentation(tmp_path: Path) -> None:
    (workflow,) = (block for block in page("docs/integrations.md").blocks("yaml") if block.heading == "GitHub Actions")
    (tmp_path / "workflow.yml").write_text(workflow.text)
    lint("vendor.github-workflows", tmp_path / "workflow.yml")
    (job,) = yaml.safe_load(workflow.text)["jobs"].values()
    used = next(step["with"] for step in job["steps"] if "ecr-crossaccount" in step["uses"])
    assert set(used) <= set(ACTION["inputs"])


def test_no_input_stands_in_a_script() -> None:
    """Text in a script is run. So an input, which a pull request may choose, must come through the environment."""
    assert all("${{" not in step["run"] for step in ACTION["runs"]["steps"])


def test_an_open_policy_fails_the_step_and_is_annotated(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN))
    ran = run(tmp_path, account="111122223333")
    assert ran.status == 1
    assert ran.outputs == {"status": "1", "sarif": "ecr-crossaccount.sarif"}
    assert ran.log.startswith("::error file=open.json,line=1,col=")
    assert ran.summary.startswith(sentence("markdown.ecr_access_outside_policies"))
    results = json.loads((tmp_path / "ecr-crossaccount.sarif").read_text())["runs"][0]["results"]
    assert {one["ruleId"] for one in results} == {"any-write", "service-write"}


def test_names_with_a_dash_before_them_are_files(tmp_path: Path) -> None:
    (tmp_path / "-x.json").write_text(json.dumps(OPEN))
    ran = run(tmp_path, account="111122223333", paths="-x.json", sarif="-y.sarif")
    assert (ran.status, ran.outputs) == (1, {"status": "1", "sarif": "-y.sarif"})
    assert (tmp_path / "-y.sarif").exists()


def test_a_name_with_a_line_break_cannot_say_the_status(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN))
    assert run(tmp_path, account="111122223333", sarif="a\nstatus=0").outputs["status"] == "1"


def test_findings_link_to_the_documentation_of_the_version_that_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN))
    docs = "https://github.example/our/ecr-crossaccount/blob/v1.0.0/docs"
    assert f"(any-write, {docs}/findings.md#any-aws-account)" in unquote(run(tmp_path, account="111122223333").log)
    driver = json.loads((tmp_path / "ecr-crossaccount.sarif").read_text())["runs"][0]["tool"]["driver"]
    assert driver["informationUri"] == docs
    monkeypatch.setitem(GITHUB, "github.action_repository", "")
    local = unquote(run(tmp_path, account="111122223333").log)
    assert "(any-write, ecr-crossaccount explain any-write)" in local, "`uses: ./` has no address"


def test_every_input_reaches_the_check(tmp_path: Path) -> None:
    for name in ("a b.json", "c.json"):
        (tmp_path / name).write_text(
            json.dumps(OPEN).replace('"Principal": "*"', '"Principal": {"AWS": "222233334444"}')
        )
    (tmp_path / "trust.yaml").write_text("version: 1\ntrust:\n  - {account: '222233334444', access: ADMIN}\n")
    ran = run(
        tmp_path,
        account="111122223333", region="eu-central-1", organization="o-a1b2c3d4e5", trust="trust.yaml",
        paths="a b.json\nc.json\n", sarif="out.sarif", arguments="--format\ncsv=all.csv",
    )  # fmt: skip
    assert (ran.status, ran.log) == (0, "")
    assert sentence("verdict.policies_no_untrusted_external") in ran.summary
    assert (tmp_path / "out.sarif").exists()
    assert len((tmp_path / "all.csv").read_text().splitlines()) == 3


def test_in_a_pull_request_the_settings_of_its_base_count(tmp_path: Path) -> None:
    closed = {"Version": "2012-10-17", "Statement": []}
    origin, clone = tmp_path / "origin", tmp_path / "clone"
    origin.mkdir()
    (origin / "ecr-crossaccount.yaml").write_text("account: '111122223333'\n")
    repository(origin, closed, OPEN)
    base = revision(origin)
    (origin / "ecr-crossaccount.yaml").write_text("account: '111122223333'\nexclude: [policy.json]\n")
    commit(origin)
    subprocess.run(["git", "clone", "-q", "--depth=1", origin.as_uri(), str(clone)], check=True)
    assert run(clone, base="none").status == 0, "the pull request leaves out what it opens"
    ran = run(clone, base=base)
    named = sentence("change.change_also_changes_ecr_crossaccount")
    assert ran.status == 1
    assert named in unquote(ran.log)
    assert named in unescape(ran.summary)
    compared = run(clone, base=base, diff=base)
    assert compared.outputs["diff-status"] == "1"
    assert named in unescape((clone / "ecr-crossaccount.md").read_text())


def test_a_base_that_is_nowhere_fails(tmp_path: Path) -> None:
    repository(tmp_path, {"Statement": []}, {"Statement": []})
    ran = run(tmp_path, account="111122223333", base="--upload-pack=touch owned;")
    assert (ran.status, ran.outputs["status"]) == (3, "3")
    assert not (tmp_path / "owned").exists()


def test_settings_can_be_pinned_and_are_told(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "open.json").write_text(json.dumps(OPEN))
    (tmp_path / "ecr-crossaccount.yaml").write_text("account: '111122223333'\nexclude: [open.json]\n")
    (tmp_path / ".default").mkdir()
    (tmp_path / ".default" / "ecr-crossaccount.yaml").write_text("account: '111122223333'\n")
    ran = run(tmp_path, paths="infra")
    assert ran.status == 0, "the pull request leaves out what it opens"
    assert "exclude" in ran.summary
    ran = run(tmp_path, paths="infra", config=".default/ecr-crossaccount.yaml")
    assert ran.status == 1
    assert "exclude" not in ran.summary


def test_what_fails_can_be_said(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN).replace("ecr:*", "ecr:BatchGetImage"))
    assert run(tmp_path, account="111122223333").status == 1
    assert run(tmp_path, account="111122223333", **{"fail-on": "CRITICAL"}).status == 0
    ran = run(tmp_path, account="111122223333", arguments="--format\njson=known.json")
    assert ran.status == 1
    assert run(tmp_path, account="111122223333", baseline="known.json").status == 0


def repository(folder: Path, committed: object, changed: object) -> None:
    """Make a folder a Git repository, with a policy that was changed since."""
    (folder / "policy.json").write_text(json.dumps(committed))
    subprocess.run(["git", "init", "-q", "-b", "main"], cwd=folder, check=True)
    commit(folder)
    (folder / "policy.json").write_text(json.dumps(changed))


def commit(folder: Path) -> None:
    who = ("-c", "user.name=n", "-c", "user.email=n@example.com")
    for argv in (["add", "-A"], [*who, "commit", "-q", "-m", "a commit"]):
        subprocess.run(["git", *argv], cwd=folder, check=True)


def revision(folder: Path) -> str:
    found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=folder, check=True, capture_output=True, text=True)
    return found.stdout.strip()


def test_what_a_change_opens_becomes_a_comment(tmp_path: Path) -> None:
    closed = {"Version": "2012-10-17", "Statement": []}
    repository(tmp_path, closed, OPEN)
    ran = run(tmp_path, account="111122223333", paths="policy.json", diff="main", **{"fail-on": "CRITICAL"})
    assert ran.outputs == {"status": "1", "sarif": "ecr-crossaccount.sarif", "diff-status": "1"}
    comment = (tmp_path / "ecr-crossaccount.md").read_text()
    assert "this change opens something" in comment
    assert comment in ran.summary


def test_a_comparison_that_could_not_be_made_fails(tmp_path: Path) -> None:
    repository(tmp_path, {"Statement": []}, {"Statement": []})
    (tmp_path / "ecr-crossaccount.md").write_text('{"$schema": "https://json.schemastore.org/sarif-2.1.0.json"}')
    ran = run(tmp_path, account="111122223333", paths="policy.json", diff="nowhere; touch owned")
    assert (ran.status, ran.outputs["diff-status"]) == (3, "3")
    assert "was not compared" in ran.log
    assert not (tmp_path / "ecr-crossaccount.md").exists()
    assert not (tmp_path / "owned").exists()


def test_a_file_to_check_is_not_lost_to_the_report(tmp_path: Path) -> None:
    (tmp_path / "open.json").write_text(json.dumps(OPEN))
    ran = run(tmp_path, account="111122223333", paths="open.json", sarif="open.json")
    assert (ran.status, json.loads((tmp_path / "open.json").read_text())) == (3, OPEN)


def test_an_input_is_never_run(tmp_path: Path) -> None:
    evil = '111122223333"; touch owned; $(touch owned) `touch owned`'
    ran = run(tmp_path, account=evil, paths=evil)
    assert ran.status == 3
    assert not (tmp_path / "owned").exists()


NO_VERDICTS = {
    "an internal error": ("echo 'internal error' >&2; exit 70", 70),
    "killed": ("kill -KILL $$", 137),
    "its interpreter is missing": ("exit 127", 127),
    "Python's own status, without a report": ("exit 1", 70),
    "nothing done": ("exit 0", 70),
}
"""The actions of a broken command, and the status of the job."""


def command_that(folder: Path, does: str) -> Path:
    """Return a folder with a command of our name that `does` something else."""
    commands = folder / "commands"
    commands.mkdir()
    (commands / "ecr-crossaccount").write_text(f"#!/bin/bash\n{does}\n")
    (commands / "ecr-crossaccount").chmod(0o755)
    return commands


@pytest.mark.parametrize("does, status", NO_VERDICTS.values(), ids=NO_VERDICTS)
def test_what_is_no_verdict_is_not_shown_as_one(tmp_path: Path, does: str, status: int) -> None:
    (tmp_path / "ecr-crossaccount.sarif").write_text('{"$schema": "https://json.schemastore.org/sarif-2.1.0.json"}')
    ran = run(tmp_path, command_that(tmp_path, does))
    assert (ran.status, ran.outputs["status"]) == (status, str(status))
    assert "::error title=ECR cross-account access was not judged::" in ran.log
    assert ran.summary.startswith("### ❌ ECR access from outside: not judged\n")
    assert f"status {status}, which is no verdict" in ran.summary
    assert not (tmp_path / "ecr-crossaccount.sarif").exists()


def test_what_fails_in_the_script_itself_is_no_verdict(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    ran = run(tmp_path, account="111122223333")
    assert (ran.status, ran.outputs) == (70, {})
    assert "::error title=ECR cross-account access was not judged::" in ran.log


def test_bad_usage_is_told_as_such(tmp_path: Path) -> None:
    ran = run(tmp_path, account="1234")
    assert (ran.status, ran.outputs["status"], ran.summary) == (3, "3", "")
    assert "`1234` is not an account" in ran.log


def runner(folder: Path, **pythons: str) -> dict[str, str]:
    """Return the environment of a runner with the interpreters `pythons`, which scripts replace."""
    on_path = folder / "on-path"
    on_path.mkdir()
    for name, script in pythons.items():
        (on_path / name.replace("_", ".")).write_text(f"#!/bin/bash\n{script}\n")
        (on_path / name.replace("_", ".")).chmod(0o755)
    for name in ("bash", "env"):
        (on_path / name).symlink_to(shutil.which(name) or name)
    paths = {"RUNNER_TEMP": folder, "GITHUB_ACTION_PATH": ROOT, "GITHUB_OUTPUT": folder / "output"}
    return {"PATH": str(on_path), **{name: str(path) for name, path in paths.items()}}


def install(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    argv = [shutil.which(BASH) or BASH, "--noprofile", "--norc", "-eo", "pipefail", "-c", INSTALL["run"]]
    return subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)


def made_by(folder: str) -> str:
    """Return a Python script that installs an environment's commands into `folder` and records pip's arguments."""
    return f"""[ "$1" = -c ] && exit 0
/bin/mkdir -p "$3/{folder}"
printf '#!/bin/bash\nprintf "%%s\\\\n" "$*" >>"$RUNNER_TEMP/pip"\n' >"$3/{folder}/python"
/bin/chmod +x "$3/{folder}/python"
"""


OLD = "exit 1"
"""The answer of a Python before 3.11, and of the placeholder for a missing Python on Windows."""


@pytest.mark.parametrize("name", ["python3", "python", "python3.12"])
@pytest.mark.parametrize("folder", ["bin", "Scripts"])
def test_the_command_is_installed_by_the_first_python_that_is_new_enough_and_from_its_lock(
    tmp_path: Path, name: str, folder: str
) -> None:
    pythons = {"python3": OLD, "python": OLD} | {name.replace(".", "_"): made_by(folder)}
    done = install(runner(tmp_path, **pythons))
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "output").read_text() == f"commands={tmp_path}/ecr-crossaccount/{folder}\n"
    locked, own = (tmp_path / "pip").read_text().splitlines()
    assert "--require-hashes" in locked
    assert f"-r {ROOT}/requirements/command.txt" in locked
    assert own.endswith(f"--no-build-isolation --no-deps {ROOT}")


def test_a_runner_without_a_python_that_is_new_enough_says_what_to_do(tmp_path: Path) -> None:
    done = install(runner(tmp_path, python3=OLD))
    assert done.returncode == 70
    assert "run actions/setup-python before this action" in done.stdout


def test_an_installation_that_fails_is_no_verdict(tmp_path: Path) -> None:
    broken = made_by("bin").replace("#!/bin/bash", "#!/bin/bash\nexit 1")
    done = install(runner(tmp_path, python3=broken))
    assert done.returncode == 70
    assert "::error title=ECR cross-account access was not judged::pip failed" in done.stdout
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("name", ["check", "install"])
def test_the_scripts_use_nothing_that_the_bash_of_macos_lacks(name: str) -> None:
    """It is version 3.2, which treats an empty array as unset."""
    lines = (ROOT / "integrations/github" / name).read_text().splitlines()
    script = "\n".join(line for line in lines if not line.startswith("#"))
    newer = r"mapfile|readarray|declare -[Anl]|local -n|\$\{[^}]*(\^|,,|@[QEPAa])|\|&|&>>|\[\[ -v|;;&|;&|wait -n"
    assert re.findall(newer, script) == []
    assert re.findall(r'(?<!\+)"\$\{\w+\[@\]\}"', script) == []
