"""A release is the same on every machine, and a change in a file changes the names that refer to it."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import yaml

from organization.__main__ import main
from organization.artefacts import Artefact
from organization.release import code_of, write
from organization.sources import ROOT
from tests.organization.releases import Release, functions


def test_the_same_functions_make_the_same_release_whenever_and_however_they_were_built(
    made: Release, tmp_path: Path
) -> None:
    again = functions(tmp_path)
    for file in again.rglob("*.py"):
        os.utime(file, (1_000_000_000, 1_000_000_000))
        file.chmod(0o600)
    assert Release.of_functions(again) == made


def test_an_archive_has_the_functions_files_readable_by_everybody(made: Release) -> None:
    (key,) = [key for key in made.files if key.startswith("functions/rule-")]
    with zipfile.ZipFile(io.BytesIO(made.files[key].content)) as archive:
        assert archive.namelist() == ["LICENSE", "handler.py", "package/__init__.py"]
        assert archive.read("handler.py") == b"# first\n"
        assert {info.external_attr >> 16 for info in archive.infolist()} == {0o100644}


def test_a_function_that_was_not_built_is_no_release(tmp_path: Path) -> None:
    built = functions(tmp_path)
    shutil.rmtree(built / "alerts" / "AlertFunction")
    with pytest.raises(FileNotFoundError, match=r"no function was built in .*alerts/AlertFunction"):
        code_of(built)


def test_each_file_in_the_buckets_is_named_by_its_sum(made: Release) -> None:
    stored = made.stored_keys()
    assert {key.partition("/")[0] for key in stored} == {"functions", "templates"}
    for key in stored:
        assert hashlib.sha256(made.files[key].content).hexdigest().startswith(key.rpartition("-")[2].split(".")[0])


def test_other_code_is_another_template_for_the_accounts_and_an_update_of_the_stackset(
    made: Release, tmp_path: Path
) -> None:
    other = Release.of_functions(functions(tmp_path, rule="second"))
    unchanged = set(made.files) & set(other.files)
    assert {key.split("-")[0] for key in set(made.files) - unchanged} == {"functions/rule", "templates/account"}
    before, after = (one.template("every-account")["Resources"]["Accounts"]["Properties"] for one in (made, other))
    assert before["TemplateURL"] != after["TemplateURL"]
    assert other.stored("account").key in after["TemplateURL"]["Fn::Sub"]


def test_a_folder_with_something_else_is_not_emptied(made: Release, tmp_path: Path) -> None:
    (tmp_path / "work.txt").touch()
    with pytest.raises(FileExistsError, match="has files, and not those of an earlier release: name another folder"):
        list(write(made.files.values(), tmp_path))
    assert [one.name for one in tmp_path.iterdir()] == ["work.txt"]


def test_what_cannot_be_removed_of_an_earlier_release_stops_the_next(
    made: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would be published with the next release, whose checksums do not include it."""
    list(write(made.files.values(), tmp_path))

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("an earlier file")

    monkeypatch.setattr("os.unlink", refuse)
    with pytest.raises(PermissionError):
        list(write(made.files.values(), tmp_path))


def test_a_function_whose_parts_cannot_be_found_is_not_built(tmp_path: Path) -> None:
    done = subprocess.run(
        ["make", "--silent", "build-PlanFunction", f"ARTIFACTS_DIR={tmp_path}", "PYTHON=false"],
        cwd=ROOT / "rule", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert list(tmp_path.iterdir()) == []


def test_a_library_that_cannot_be_compiled_keeps_its_sources_and_stops_the_build(tmp_path: Path) -> None:
    """Byte code replaces the sources, so nothing would be left."""
    source = tmp_path / "library" / "module.py"
    source.parent.mkdir()
    source.write_text("x = (\n")
    program = f"import slim, pathlib; slim.compile_all(pathlib.Path({str(tmp_path)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT / "rule", capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "`library` cannot be compiled" in done.stderr
    assert source.exists()


def test_make_release_writes_the_files_and_their_sums_and_nothing_of_an_earlier_one(
    built: Path,
    made: Release,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = [Artefact(f"python/ecr_crossaccount.{end}", b"") for end in ("tar.gz", "whl")]
    monkeypatch.setattr("organization.__main__.built_distributions", lambda _: python)
    # without libraries: tests/packaging/released.py has them, from the package index
    monkeypatch.setattr("organization.__main__.install_libraries", lambda folder: folder)
    output = tmp_path / "release"
    (output / "functions").mkdir(parents=True)
    (output / "functions" / "rule-of-yesterday.zip").touch()
    assert main(["--built", str(built), "--output", str(output)]) == 0
    written = {path.relative_to(output).as_posix() for path in output.rglob("*") if path.is_file()}
    functions_too = ("", "-alerts", "-hook", "-membership", "-plan", "-rule")
    ours = {
        *(one.key for one in python),
        *(f"sbom/ecr-crossaccount{one}.cdx.json" for one in functions_too),
    }
    assert written == {*made.files, *ours, "SHA256SUMS"}
    assert sorted(capsys.readouterr().out.split()) == sorted(written)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=output, check=True, capture_output=True)


_DOCKER = """#!/bin/sh
echo "$@" >>did
case "$1" in
login) cat >password ;;
inspect) echo ghcr.io/owner/ecr-crossaccount@sha256:abc ;;
esac
"""


def test_the_job_of_the_container_pushes_what_it_attests(tmp_path: Path) -> None:
    """No Docker engine runs here, so a program that keeps its arguments stands for it."""
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8"))
    (step,) = (one for one in workflow["jobs"]["container"]["steps"] if one.get("id") == "image")
    (tmp_path / "docker").write_text(_DOCKER)
    (tmp_path / "docker").chmod(0o755)
    names = {"GITHUB_REPOSITORY": "Owner/ecr-crossaccount", "GITHUB_REF_NAME": "v1.2.3", "GITHUB_ACTOR": "someone"}
    more = {"GH_TOKEN": "token", "GITHUB_OUTPUT": "output", "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    # as GitHub runs `shell: bash`
    shell = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
    subprocess.run(shell, cwd=tmp_path, env={**names, **more}, check=True)
    image = "ghcr.io/owner/ecr-crossaccount:1.2.3"
    done = (tmp_path / "did").read_text().splitlines()
    assert done[:3] == [f"build --tag {image} .", "login ghcr.io --username someone --password-stdin", f"push {image}"]
    assert (tmp_path / "password").read_text() == "token"
    assert (tmp_path / "output").read_text() == "name=ghcr.io/owner/ecr-crossaccount\ndigest=sha256:abc\n"
