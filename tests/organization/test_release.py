"""A release is the same wherever it is made, and whatever changes in it changes the names that refer to it."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from organization.__main__ import main
from organization.artefacts import Artefact
from organization.release import code_of
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
        "homebrew/ecr-crossaccount.rb",
        *(f"sbom/ecr-crossaccount{one}.cdx.json" for one in functions_too),
    }
    assert written == {*made.files, *ours, "SHA256SUMS"}
    assert sorted(capsys.readouterr().out.split()) == sorted(written)
    subprocess.run(["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=output, check=True, capture_output=True)
