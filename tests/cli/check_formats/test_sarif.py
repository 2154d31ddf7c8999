"""SARIF: valid by its schema, and with what GitHub code scanning also requires."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jsonschema
import pytest

from tests.cli.conftest import OPEN, OWNER, Run

from .conftest import Checked

SCHEMA = Path(__file__).parents[2] / "schemas" / "sarif-2.1.0.json"


@cache
def validator() -> jsonschema.Draft4Validator:
    return jsonschema.Draft4Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def run_of(log: Any) -> Any:  # noqa: ANN401 - JSON
    """Return the single run of a valid log that GitHub accepts."""
    assert [error.message for error in validator().iter_errors(log)] == []
    (run,) = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len({rule["id"] for rule in rules}) == len(rules)
    for rule in rules:
        assert rule["shortDescription"]["text"]
        assert rule["help"]["text"]
        assert 0 < float(rule["properties"]["security-severity"]) <= 10
        assert urlsplit(rule["helpUri"]).scheme in ("https", "file")
        assert urlsplit(rule["helpUri"]).fragment
    assert urlsplit(run["tool"]["driver"]["informationUri"]).scheme in ("https", "file")
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        (location,) = result["locations"]
        physical = location["physicalLocation"]
        assert not physical["artifactLocation"]["uri"].startswith("./")
        assert physical["region"]["startLine"] >= 1
    return run


def test_it_is_valid_and_has_what_code_scanning_shows(checked: Checked) -> None:
    result = checked("sarif")
    assert result.status == 1
    run = run_of(result.json)
    told = {one["ruleId"]: one for one in run["results"]}
    assert set(told) == {"any-write", "service-write", "undecided", "invalid", "account-read", "account-settings"}
    worst = told["any-write"]
    assert worst["level"] == "error"
    place = worst["locations"][0]["physicalLocation"]
    assert place == {"artifactLocation": {"uri": "ecr/open.json"}, "region": {"startLine": 4, "startColumn": 5}}
    assert "nothing confines the caller" in worst["message"]["text"]
    assert {one["ruleId"]: one["level"] for one in run["results"]}["account-settings"] == "note"
    assert run["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize(
    "rule, score", [("any-write", 9.5), ("any-read", 8.0), ("account-read", 5.5), ("any-settings", 2.5)]
)
def test_severities_are_those_that_github_names_alike(checked: Checked, rule: str, score: float) -> None:
    rules = run_of(checked("sarif").json)["tool"]["driver"]["rules"]
    (found,) = (one for one in rules if one["id"] == rule)
    assert float(found["properties"]["security-severity"]) == score


def fingerprints(log: Any) -> list[str]:  # noqa: ANN401 - JSON
    return [one["partialFingerprints"]["ecrCrossaccount/v1"] for one in run_of(log)["results"]]


def test_a_finding_is_the_same_wherever_its_lines_move(checked: Checked, folder: Path) -> None:
    before = fingerprints(checked("sarif").json)
    assert len(set(before)) == len(before)
    for file in folder.glob("ecr/*.json"):
        file.write_text("\n\n" + json.dumps(json.loads(file.read_text()), indent=7))
    assert fingerprints(checked("sarif").json) == before


def test_what_could_not_be_read_is_a_failure_of_the_run(checked: Checked, folder: Path) -> None:
    (folder / "ecr" / "half.json").write_text('{"Statement": ["ecr:*"')
    result = checked("sarif")
    assert result.status == 3
    (invocation,) = run_of(result.json)["invocations"]
    assert invocation["executionSuccessful"] is False
    (notification,) = invocation["toolExecutionNotifications"]
    assert "not judged: " in notification["message"]["text"]
    assert notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "ecr/half.json"


def test_hostile_names_stay_text(checked: Checked, hostile: str) -> None:
    result = checked("sarif", hostile)
    assert result.out.isascii()
    run = run_of(result.json)
    for one in run["results"]:
        text = one["message"]["text"]
        assert "\x1b" not in text
        assert "](" not in text.replace("\\]", "")
        assert "{" not in text.replace("{{", "")
        assert all(name["name"].isprintable() for name in one["locations"][0]["logicalLocations"])
    assert "%3Cscript%3E" in run["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_files_are_named_from_where_the_command_runs(run: Run, folder: Path) -> None:
    for path, uri in (
        (str(folder / "ecr" / "open.json"), "ecr/open.json"),
        ("./ecr/open.json", "ecr/open.json"),
    ):
        log = run("check", "--account", OWNER, "--format", "sarif", path).json
        assert run_of(log)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri
    outside = folder.parent / "outside.json"
    outside.write_text((folder / "ecr" / "open.json").read_text())
    log = run("check", "--account", OWNER, "--format", "sarif", str(outside)).json
    uri = run_of(log)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert uri == outside.as_uri()


def test_nothing_found_is_a_valid_log_too(checked: Checked) -> None:
    result = checked("sarif", "ecr/safe.json")
    assert result.status == 0
    assert run_of(result.json)["results"] == []


def test_a_fix_for_what_stands_in_the_file_as_it_is(checked: Checked, folder: Path) -> None:
    (folder / "one.json").write_text(
        '{"Version": "2012-10-17",\n "Statement": [\n  ' + json.dumps(OPEN["Statement"][0]) + "]}\n"
    )
    run = run_of(checked("sarif", "one.json").json)
    for result in run["results"]:
        (fix,) = result["fixes"]
        (change,) = fix["artifactChanges"]
        assert change["artifactLocation"] == {"uri": "one.json"}
        (replacement,) = change["replacements"]
        end = len(json.dumps(OPEN["Statement"][0])) + 5
        assert replacement["deletedRegion"] == {"startLine": 1, "startColumn": 1, "endLine": 3, "endColumn": end}
        (folder / "fixed.json").write_text(replacement["insertedContent"]["text"])
        assert checked("sarif", "fixed.json").status == 0
