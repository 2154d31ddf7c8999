"""An error of many policies is shown once, with the number and the first of them. No data are lost."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.wording import sentence

from .test_other_formats import commands
from .test_sarif import run_of

TEMPLATE = "Resources:\n  Repo:\n    Type: AWS::ECR::Repository\n    Properties: []\n"
PLACES = "many/00.yaml:4, many/01.yaml:4, many/02.yaml:4 and 18 more"
REASON = sentence("resources.repo_properties_not_object")
ONE = f"{REASON} (21 places: {PLACES})"


@pytest.fixture
def many(folder: Path) -> str:
    """Write 21 templates that cannot be read."""
    (folder / "many").mkdir()
    for number in range(21):
        (folder / "many" / f"{number:02}.yaml").write_text(TEMPLATE)
    return "many"


def test_a_person_is_told_once(run: Run, many: str) -> None:
    for argv in ((), ("--format", "lines"), ("--format", "json=out")):
        done = run("check", many, *argv)
        assert done.status == 3
        assert done.err.removeprefix("ecr-crossaccount: trust: nobody\n") == f"ecr-crossaccount: {ONE}\n"
    assert run("check", many).out == "0 policies: nothing was judged, 21 not read\n"


def test_a_form_for_people_has_one_entry(run: Run, many: str) -> None:
    ((level, file, line, *_, message),) = commands(run("check", many, "--format", "github").out)
    assert (level, file, line, message) == ("error", "many/00.yaml", "4", ONE)
    (entry,) = run("check", many, "--format", "gitlab").json
    assert (entry["description"], entry["location"]["path"]) == (f"not judged: {ONE}", "many/00.yaml")
    suite = ET.fromstring(run("check", many, "--format", "junit").out)
    assert (suite.get("errors"), len(suite.findall(".//error"))) == ("1", 1)
    shown = run("check", many, "--format", "markdown").out
    assert shown.startswith(sentence("markdown.ecr_access_outside_nothing"))
    assert shown.count("are not an object") == 1


def test_a_sarif_log_has_one_notification_with_every_place(run: Run, many: str) -> None:
    (invocation,) = run_of(run("check", many, "--format", "sarif").json)["invocations"]
    (one,) = invocation["toolExecutionNotifications"]
    assert one["message"]["text"] == f"not judged: {ONE}"
    files = [place["physicalLocation"]["artifactLocation"]["uri"] for place in one["locations"]]
    assert files == [f"many/{number:02}.yaml" for number in range(21)]


def test_data_have_an_entry_for_each(run: Run, many: str) -> None:
    errors = run("check", many, "--format", "json").json["errors"]
    assert errors[20] == {"file": "many/20.yaml", "line": 4, "reason": REASON}
    assert len(errors) == 21
    rows = list(csv.DictReader(io.StringIO(run("check", many, "--format", "csv").out)))
    assert [row["reason"] for row in rows] == [errors[0]["reason"]] * 21


def test_what_is_said_of_one_place_says_which(run: Run, many: str, folder: Path) -> None:
    for file in (folder / many).glob("[1-9]*"):
        file.unlink()
    for file in (folder / many).glob("0[1-9]*"):
        file.unlink()
    assert run("check", many).err == f"ecr-crossaccount: many/00.yaml:4: {REASON}\n"
