"""`--format NAME=FILE`: several formats of one check. Each file is complete or not written."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import OWNER, Run
from tests.wording import sentence

from .conftest import Checked


def test_several_forms_at_once(run: Run, folder: Path) -> None:
    result = run(
        "check", "--account", OWNER, "ecr", "--format", "sarif=a.sarif",
        "--format", "junit=a.xml", "--format", "json",
    )  # fmt: skip
    assert result.status == 1
    assert len(result.json["policies"]) == 6
    assert json.loads((folder / "a.sarif").read_text())["version"] == "2.1.0"
    assert (folder / "a.xml").read_text().startswith("<?xml")


def test_a_file_has_what_standard_output_would_have(run: Run, checked: Checked, folder: Path) -> None:
    for name in ("text", "lines", "json", "sarif", "junit", "github", "gitlab", "markdown", "csv"):
        assert run("check", "--account", OWNER, "ecr", "--format", f"{name}=out").out == ""
        assert (folder / "out").read_text() == checked(name).out


def test_the_text_goes_to_a_file_too(run: Run, folder: Path) -> None:
    assert run("check", "--account", OWNER, "ecr", "--format", "text=out").out == ""
    assert (folder / "out").read_text().endswith("6 policies: 1 compliant, 5 non-compliant (1 undecided, 1 invalid)\n")


@pytest.mark.parametrize(
    "argv, told",
    [
        pytest.param([], 1, id="the text"),
        pytest.param(["--format", "text=out"], 1, id="the text in a file"),
        pytest.param(["--format", "sarif=out"], 1, id="a file alone, whatever it tells"),
        pytest.param(["--format", "sarif=out", "--format", "lines"], 1, id="lines"),
        pytest.param(["--format", "sarif=out", "--format", "github"], 0, id="annotations tell it"),
        pytest.param(["--format", "json"], 0, id="JSON tells it"),
    ],
)
def test_what_could_not_be_read_is_told_where_somebody_looks(
    run: Run, folder: Path, argv: list[str], told: int
) -> None:
    (folder / "half.json").write_text('{"Statement": [')
    result = run("check", "--account", OWNER, "half.json", *argv)
    assert result.status == 3
    said = result.err.removeprefix("ecr-crossaccount: trust: nobody\n")
    assert said.count("ecr-crossaccount: half.json:1: not JSON") == said.count("\n") == told
    assert result.out.count("half.json") == 1 - told


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param(["--format", "json", "--format", "csv"], sentence("outputs.both_write_standard"), id="two"),
        pytest.param(["--format", "json="], "`json=` names no file: expected `json=FILE`, or `json`", id="no file"),
        pytest.param(["--format", "xml"], "`xml` is unknown", id="an unknown one"),
        pytest.param(
            ["--format", "text=nowhere/a"],
            sentence("locking.cannot_write_nowhere_no_folder"),
            id="no such folder",
        ),
    ],
)
@pytest.mark.usefixtures("folder")
def test_bad_usage(run: Run, argv: list[str], complaint: str) -> None:
    result = run("check", "--account", OWNER, "ecr", *argv)
    assert (result.status, result.out) == (3, "")
    assert complaint in result.err


def test_what_could_not_be_read_is_told_once(run: Run, folder: Path) -> None:
    (folder / "half.json").write_text("{")
    text = run("check", "--account", OWNER, "half.json")
    assert text.status == 3
    assert text.err.count("half.json") == 1
    assert run("check", "--account", OWNER, "half.json", "--format", "json").err == ""
