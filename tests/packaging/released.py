"""Tests that need the package index: libraries as in their locks, in the release, the container and the action.

`.ci/run package` runs it. DISTRIBUTIONS_UNDER_TEST has the folder of the wheel and the source distribution.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from distribution.python import built, install_libraries
from distribution.release import distribution
from organization.artefacts import Artefact
from tests.cloned import ROOT, cloned

DISTRIBUTIONS = Path(os.environ["DISTRIBUTIONS_UNDER_TEST"])
OPEN = ["judge", "--owner", "123456789012", "--trust", "demo/trust.yaml", "demo/policies/base/node.json"]


def test_a_build_in_another_folder_at_another_time_and_place_is_the_same_to_the_last_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    before = os.umask(0o077)
    try:
        clone = cloned(tmp_path / "clone")
        os.utime(clone / "pyproject.toml", (1_000_000_000, 1_000_000_000))
        made = built(tmp_path / "dist", clone)
    finally:
        os.umask(before)
    sums = {Path(one.key).name: one.sha256 for one in made}
    assert {Path(name).suffix for name in sums} == {".whl", ".gz"}
    assert sums == {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in DISTRIBUTIONS.iterdir()}


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Artefact]:
    python = [Artefact(f"python/{one.name}", one.read_bytes()) for one in DISTRIBUTIONS.iterdir()]
    installed = install_libraries(tmp_path_factory.mktemp("installed"))
    return {one.key: one for one in distribution(python, installed)}


def test_the_bill_of_the_command_names_what_its_lock_names_with_licences(release: dict[str, Artefact]) -> None:
    text = release["sbom/ecr-crossaccount.cdx.json"].content.decode()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    bill = json.loads(text)
    lock = re.findall(r"^([a-z0-9-]+)==(\S+)", (ROOT / "requirements/command.txt").read_text(), re.MULTILINE)
    assert sorted((one["name"], one["version"]) for one in bill["components"]) == sorted(lock)
    assert all(one["licenses"] for one in bill["components"])
    (wheel,) = (one for key, one in release.items() if key.endswith(".whl"))
    assert bill["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": wheel.sha256}]


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """Yield a folder that every user may read, as in a container."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def instructions(stage: str) -> list[list[str]]:
    """Return the instructions of a stage of the Dockerfile, each with its words."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line.split(" ", 1) for line in text.splitlines() if line and not line.startswith("#")]
    starts = [index for index, (word, _) in enumerate(lines) if word == "FROM"] + [len(lines)]
    stages = [lines[start:end] for start, end in pairwise(starts)]
    return stages[0] if stage == "build" else stages[1]


def test_the_steps_of_the_container_make_a_command_that_nobody_can_run(open_folder: Path) -> None:
    """Without a daemon: the same words, in a folder that replaces the container's root."""
    context = cloned(open_folder / "context")
    opt, source = open_folder / "opt", open_folder / "source"
    opt.mkdir()
    source.mkdir()
    (open_folder / "bin").mkdir()
    (open_folder / "bin" / "python").symlink_to(Path(sys.executable).resolve())
    path = f"{open_folder / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PIP_NO_COMPILE": "1"}
    for word, rest in instructions("build"):
        if word == "COPY":
            *names, target = rest.split()
            for name in names:
                place = source / target / (Path(name).name if target.endswith("/") else "")
                copy = shutil.copytree if (context / name).is_dir() else shutil.copy
                place.parent.mkdir(parents=True, exist_ok=True)
                copy(context / name, place)
        elif word == "RUN":
            line = rest.replace("/opt/", f"{opt}/")
            subprocess.run(["/bin/sh", "-ec", line], cwd=source, env=environment, check=True, stdout=sys.stderr)
    nobody = ["setpriv", "--reuid=65532", "--regid=65532", "--clear-groups"] if os.geteuid() == 0 else []
    command = str(opt / "ecr-crossaccount" / "bin" / "ecr-crossaccount")
    cloned(open_folder / "work", "demo")
    done = subprocess.run(
        [*nobody, command, *OPEN],
        cwd=open_folder / "work", env={"PATH": path}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "")
    assert "NON_COMPLIANT" in done.stdout
    assert list((opt / "ecr-crossaccount").rglob("site-packages/pip")) == []


def test_the_container_is_pinned_small_and_nobodys() -> None:
    final = instructions("final")
    (base,) = {rest.partition(" AS ")[0] for word, rest in (*instructions("build"), *final) if word == "FROM"}
    assert re.fullmatch(r"python:3\.13\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert {word for word, _ in final} == {"FROM", "LABEL", "COPY", "ENV", "USER", "WORKDIR", "ENTRYPOINT"}
    assert ["USER", "65532:65532"] in final
    copied = [shlex.split(rest) for word, rest in instructions("build") if word == "COPY"]
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {f"!{name}" for *names, _ in copied for name in names} == {one for one in kept if one.startswith("!")}


def test_the_action_installs_the_command_from_its_lock(tmp_path: Path) -> None:
    output = tmp_path / "output"
    runner = {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT), "GITHUB_OUTPUT": str(output)}
    done = subprocess.run(
        ["bash", "-e", str(ROOT / "integrations/github/install")],
        env={**os.environ, "PIP_NO_COMPILE": "1", **runner}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    commands = Path(output.read_text().strip().partition("=")[2])
    judged = subprocess.run([commands / "ecr-crossaccount", *OPEN], cwd=ROOT, capture_output=True, check=False)
    assert judged.returncode == 1
