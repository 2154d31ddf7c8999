"""The workflows: their permissions, their commands, and that `make lint` would find an error in one."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.docs.markdown import ROOT

BIN = Path(sys.executable).parent
WORKFLOWS = {path.stem: path for path in (ROOT / ".github/workflows").glob("*.yml")}
LINT = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nlint:")[2].partition("\n\n")[0]


def parsed(name: str) -> dict[Any, Any]:
    workflow: dict[Any, Any] = yaml.safe_load(WORKFLOWS[name].read_text(encoding="utf-8"))
    return workflow


def steps(name: str) -> list[dict[str, Any]]:
    return [step for job in parsed(name)["jobs"].values() for step in job.get("steps", ())]


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_every_action_is_pinned_by_a_whole_commit_beside_the_version_that_it_is(name: str) -> None:
    lines = [line.strip() for line in WORKFLOWS[name].read_text(encoding="utf-8").splitlines() if "uses:" in line]
    pinned = re.compile(r"(- )?uses: [\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")
    own = re.compile(r"uses: \./(\.github/workflows/\w+\.yml)? .*")
    assert [line for line in lines if not pinned.fullmatch(line) and not own.fullmatch(line)] == []


@pytest.mark.parametrize("name", sorted(WORKFLOWS))
def test_a_job_may_do_only_what_it_says_and_no_pull_request_gets_a_secret(name: str) -> None:
    workflow = parsed(name)
    assert workflow["permissions"] == {}
    assert "pull_request_target" not in workflow[True], "YAML reads `on` as true"
    assert "secrets." not in WORKFLOWS[name].read_text(encoding="utf-8")
    writes = {
        (job, right)
        for job, one in workflow["jobs"].items()
        for right, level in one["permissions"].items()
        if level == "write"
    }
    release = {("attest", "attestations"), ("attest", "id-token"), ("pypi", "id-token"), ("github", "contents")}
    release |= {("container", right) for right in ("attestations", "id-token", "packages")}
    assert writes == (release if name == "release" else set())


def test_the_promised_pythons_are_those_that_are_tried() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    promised = {name[-4:] for name in project["classifiers"] if re.fullmatch(r".* :: 3\.\d+", name)}
    jobs = parsed("tests")["jobs"]
    assert set(jobs["pythons"]["strategy"]["matrix"]["python"]) == promised
    (given,) = [
        step["with"]["python-version"] for step in jobs["tests"]["steps"] if "python-version" in step.get("with", {})
    ]
    assert set(given.split()) == promised


def test_the_packages_that_are_tried_everywhere_are_all_the_pure_ones() -> None:
    (line,) = [step["run"] for step in steps("tests") if "tests/documents" in step.get("run", "")]
    pure = re.search(r"pure=\((.*)\)", (ROOT / ".ci/run").read_text(encoding="utf-8"))
    assert pure
    assert [
        one for one in re.findall(r" tests/(\w+)", line) if one not in ("breadth", "guardrails/test_accepted")
    ] == pure[1].split()


def test_nothing_is_published_before_every_test_has_passed() -> None:
    jobs = parsed("release")["jobs"]
    assert jobs["tests"]["uses"] == "./.github/workflows/tests.yml"
    assert "workflow_call" in parsed("tests")[True], "YAML reads `on` as true"
    assert set(jobs["attest"]["needs"]) == {"tests", "build"}
    assert (jobs["pypi"]["needs"], jobs["github"]["needs"]) == ("attest", "attest")
    assert [name for name, one in jobs.items() if "if" in one] == []


def test_a_release_with_a_name_that_is_not_recorded_stops_before_it_is_built() -> None:
    run = [step.get("run", "") for step in parsed("release")["jobs"]["build"]["steps"]]
    (promised,) = [number for number, one in enumerate(run) if "make promises ARGS=--check" in one]
    (built,) = [number for number, one in enumerate(run) if "make release" in one]
    assert promised < built


FAULTS = {
    "an action by its tag": ("uses: actions/checkout@v7", "unpinned-uses"),
    "a title of a pull request in a script": (
        'run: echo "${{ github.event.pull_request.title }}"',
        "template-injection",
    ),
    "an expression of nothing": ('run: echo "${{ steps.nowhere.outputs.x }}"', "[expression]"),
    "a script that splits words": ("run: rm $FOLDER/x", "SC2086"),
}


@pytest.mark.parametrize("step, said", FAULTS.values(), ids=FAULTS)
def test_the_lint_sees(tmp_path: Path, step: str, said: str) -> None:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    head = "on: pull_request\npermissions: {}\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n"
    (folder / "a.yml").write_text(f"{head}      - {step}\n")
    (zizmor,) = re.findall(r"\$\(BIN\)/zizmor (.*?) \.github", LINT)
    environment = {"PATH": f"{BIN}:/usr/bin:/bin", "HOME": str(tmp_path)}
    ran = [
        subprocess.run(argv, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        for argv in (["actionlint", "-no-color", ".github/workflows/a.yml"], ["zizmor", *zizmor.split(), "."])
    ]
    found = [one for one in ran if one.returncode]
    assert found
    assert said in "".join(one.stdout + one.stderr for one in found)
