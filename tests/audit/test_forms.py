"""An audit as CSV and SARIF, in several formats at once, and with a baseline of known findings."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.products.cli.formats.choices import AUDIT_FORMATS

from tests.audit.conftest import (
    EVERYBODY_MAY_ALL,
    OWNER,
    PARTNER,
    SAFE,
    STRANGER,
    STRANGER_PULLS,
    Furnish,
    Refuse,
    policy,
    row,
)
from tests.audit.test_text import UNDECIDED
from tests.cli.check_formats.test_sarif import validator
from tests.cli.conftest import Result, Run
from tests.wording import sentence

Inventory = Callable[..., list[str]]
A_NEW_DOUBT = {"StringEquals": {"aws:AnotherKeyOfTomorrow": "x"}}
WRONG = policy({"AWS": "nobody"})


def arn(name: str) -> str:
    return f"arn:aws:ecr:eu-central-1:{OWNER}:repository/{name}"


@pytest.fixture
def inventory(tmp_path: Path) -> Inventory:
    """Write an inventory of repositories with these policies, and return the options that audit it."""

    def inventory(**policies: object) -> list[str]:
        path = tmp_path / "inventory.json"
        rows = [json.dumps(row(name, SAFE if policy is None else policy)) for name, policy in policies.items()]
        path.write_text(json.dumps({"Results": rows}), encoding="utf-8")
        return ["audit", str(path)]

    return inventory


# --- CSV ---


def rows_of(done: Result) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(done.out, newline="")))


def test_a_table_has_a_row_for_everything(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"shared": STRANGER_PULLS, "open": EVERYBODY_MAY_ALL, "own": None, "unclear": UNDECIDED, "shut": None})
    refuse("GetRepositoryPolicy", "AccessDeniedException", repository="shut")
    done = run("audit", "--format", "csv")
    assert (done.status, done.err) == (3, "ecr-crossaccount: trust: nobody\n")
    rows = {(one["repository"] or one["arn"], one["rule"]): one for one in rows_of(done)}
    assert set(rows) == {
        ("shared", "account-read"), ("open", "any-write"), ("open", "service-write"), ("own", ""),
        ("unclear", "undecided"), (arn("shut"), ""),
    }  # fmt: skip
    shared = rows["shared", "account-read"]
    assert (shared["arn"], shared["account"], shared["region"]) == (arn("shared"), OWNER, "eu-central-1")
    assert (shared["grantee"], shared["access"], shared["severity"]) == (STRANGER, "READ", "MEDIUM")
    assert shared["help"] == "ecr-crossaccount explain account-read"
    assert rows["own", ""]["compliance"] == "COMPLIANT"
    assert rows[arn("shut"), ""]["compliance"] == "UNREAD"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", " ="])
def test_no_cell_is_a_formula(run: Run, inventory: Inventory, start: str) -> None:
    evil = f"{start}cmd|' /C calc'!A0"
    done = run(*inventory(**{evil: policy("*", "ecr:*", Sid=evil)}), "--format", "csv")
    assert done.status == 1
    for one in rows_of(done):
        assert not [cell for cell in one.values() if cell.lstrip().startswith(("=", "+", "-", "@"))]


# --- SARIF ---


def run_of(log: Any) -> Any:  # noqa: ANN401 - JSON
    assert [error.message for error in validator().iter_errors(log)] == []
    (found,) = log["runs"]
    return found


def test_a_log_is_valid_and_names_each_repository_by_its_arn(run: Run, furnish: Furnish, refuse: Refuse) -> None:
    furnish({"team/app": STRANGER_PULLS, "shut": None, "closed": None})
    for name in ("shut", "closed"):
        refuse("GetRepositoryPolicy", "AccessDeniedException", repository=name)
    done = run("audit", "--format", "sarif")
    assert (done.status, done.err) == (3, "ecr-crossaccount: trust: nobody\n")
    log = run_of(done.json)
    (result,) = log["results"]
    assert (result["ruleId"], result["level"]) == ("account-read", "warning")
    (location,) = result["locations"]
    assert location["physicalLocation"] == {"artifactLocation": {"uri": arn("team/app")}}
    assert location["logicalLocations"][0]["fullyQualifiedName"] == arn("team/app")
    (invocation,) = log["invocations"]
    assert invocation["executionSuccessful"] is False
    (one,) = invocation["toolExecutionNotifications"]
    uris = [place["physicalLocation"]["artifactLocation"]["uri"] for place in one["locations"]]
    assert uris == [arn("closed"), arn("shut")], "the same refusal is said once"
    assert log["automationDetails"]["id"] == "ecr-crossaccount/audit/"
    assert {rule["helpUri"].partition("#")[2] for rule in log["tool"]["driver"]["rules"]} >= {"a-named-account"}


def test_an_error_that_has_no_place_is_in_every_form(run: Run, inventory: Inventory, trust: Callable[..., str]) -> None:
    argv = [*inventory(own=None), "--trust", trust({"organization": "self"})]
    (one,) = run_of(run(*argv, "--format", "sarif").json)["invocations"][0]["toolExecutionNotifications"]
    assert one["message"]["text"].startswith(sentence("reasons.not_judged_self_trust"))
    assert one["locations"] == []
    assert run(*argv).err.startswith(sentence("reasons.self_trust_register"))
    assert [row["compliance"] for row in rows_of(run(*argv, "--format", "csv"))] == ["COMPLIANT", "UNREAD"]


def test_a_log_without_findings_is_valid_too(run: Run, furnish: Furnish) -> None:
    furnish({"own": None})
    log = run_of(run("audit", "--format", "sarif").json)
    assert (log["results"], log["invocations"][0]["executionSuccessful"]) == ([], True)


def test_whatever_a_repository_is_called_the_log_is_valid(run: Run, inventory: Inventory) -> None:
    evil = "a b\x1b[31m](x){0}\u202e<script>%\ud800"
    log = run_of(run(*inventory(**{evil: policy("*", "ecr:*", Sid=evil)}), "--format", "sarif").json)
    for result in log["results"]:
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].isascii()
        assert " " not in result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        assert "](" not in result["message"]["text"].replace("\\]", "")


# --- several at once ---


def test_several_forms_at_once_each_whole(
    run: Run, furnish: Furnish, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ecr_crossaccount.products.cli.base.clock.now", lambda: datetime(2026, 6, 30, 12, tzinfo=UTC))
    furnish({"shared": STRANGER_PULLS})
    argv = ["audit"]
    for name in AUDIT_FORMATS:
        argv += ["--format", f"{name}={tmp_path / name}"]
    done = run(*argv)
    assert (done.status, done.out, done.err) == (1, "", "")
    for name in AUDIT_FORMATS:
        assert (tmp_path / name).read_text() == run("audit", "--format", name).out


def test_the_text_goes_to_a_file_too(run: Run, furnish: Furnish, tmp_path: Path) -> None:
    furnish({"shared": STRANGER_PULLS})
    assert run("audit", "--format", f"text={tmp_path}/out").out == ""
    assert (tmp_path / "out").read_text() == run("audit").out


@pytest.mark.parametrize(
    "argv, told",
    [
        pytest.param([], 1, id="the text"),
        pytest.param(["--format", "sarif=FILE"], 1, id="a file alone, whatever it tells"),
        pytest.param(["--format", "csv"], 0, id="the table tells it"),
    ],
)
def test_what_was_not_read_is_told_once_where_somebody_looks(
    run: Run, unreadable: str, argv: list[str], told: int
) -> None:
    done = run("audit", *(word.replace("FILE", unreadable) for word in argv))
    assert done.status == 3
    assert done.err.removeprefix("ecr-crossaccount: trust: nobody\n").count("\n") == told
    if told:
        assert f"(5 places: {arn('aa')}, {arn('bb')}, {arn('cc')} and 2 more)" in done.err


@pytest.fixture
def unreadable(furnish: Furnish, refuse: Refuse, tmp_path: Path) -> str:
    """Create five repositories with unreadable policies, and return the path of a file to write."""
    furnish(dict.fromkeys(("cc", "aa", "ee", "bb", "dd")))
    refuse("GetRepositoryPolicy", "AccessDeniedException")
    return str(tmp_path / "out")


def test_a_file_that_cannot_be_written_is_known_before_anything_is_asked(run: Run, refuse: Refuse) -> None:
    refuse("DescribeRepositories", "AccessDeniedException")
    done = run("audit", "--format", "text=/nowhere/out")
    assert (done.status, done.out) == (3, "")
    assert done.err == sentence("locking.cannot_write_nowhere")


# --- baseline ---


@pytest.fixture
def baseline(run: Run, inventory: Inventory, tmp_path: Path) -> str:
    """An earlier audit of four repositories with findings of each kind."""
    found = {"open": EVERYBODY_MAY_ALL, "shared": STRANGER_PULLS, "unclear": UNDECIDED, "wrong": WRONG}
    path = tmp_path / "baseline.json"
    path.write_text(run(*inventory(**found), "--format", "json").out)
    return str(path)


def test_what_was_known_does_not_fail_again(run: Run, inventory: Inventory, baseline: str) -> None:
    found = {"open": EVERYBODY_MAY_ALL, "shared": STRANGER_PULLS, "unclear": UNDECIDED, "wrong": WRONG}
    done = run(*inventory(**found), "--baseline", baseline)
    assert (done.status, done.err) == (0, "")
    lines = done.out.splitlines()
    counts = sentence("audit_text.critical_medium_undecided")
    assert lines[1] == sentence("audit_text.compliant_not_their_worst", counts=counts)
    assert lines[6:9] == [
        "Known from the baseline",
        "  any AWS account gets READ, WRITE, ADMIN of open",
        sentence("schema.any_aws_service"),
    ]
    assert "because" not in done.out
    rows = rows_of(run(*inventory(**found), "--baseline", baseline, "--format", "csv"))
    assert {one["accepted"] for one in rows} == {sentence("results.known_earlier_run")}
    log = run_of(run(*inventory(**found), "--baseline", baseline, "--format", "sarif").json)
    assert {one["baselineState"] for one in log["results"]} == {"unchanged"}


@pytest.mark.parametrize(
    "found, status",
    [
        pytest.param({"shared": policy({"AWS": STRANGER}, "ecr:BatchGetImage", "ecr:PutImage")}, 1, id="more access"),
        pytest.param({"shared": policy({"AWS": PARTNER})}, 1, id="someone else"),
        pytest.param({"other": STRANGER_PULLS}, 1, id="another repository"),
        pytest.param({"shared": policy({"AWS": STRANGER}, "ecr:GetDownloadUrlForLayer")}, 1, id="another action"),
        pytest.param({"unclear": policy("*", Condition=A_NEW_DOUBT)}, 2, id="a new doubt"),
        pytest.param({"shared": None}, 0, id="less"),
    ],
)
def test_what_is_new_fails(
    run: Run, inventory: Inventory, baseline: str, found: dict[str, object], status: int
) -> None:
    done = run(*inventory(**found), "--baseline", baseline)
    assert done.status == status, done.out


def test_an_approval_that_has_ended_is_new(
    run: Run, inventory: Inventory, trust: Callable[..., str], tmp_path: Path
) -> None:
    argv = [*inventory(shared=STRANGER_PULLS), "--trust"]
    earlier = tmp_path / "earlier.json"
    earlier.write_text(run(*argv, trust({"account": STRANGER, "expires": "2026-06-30"}), "--format", "json").out)
    ended = trust({"account": STRANGER, "expires": "2026-06-29"})
    assert run(*argv, ended, "--baseline", str(earlier)).status == 1


def test_the_registry_s_policy_is_known_too(run: Run, ecr: Any, tmp_path: Path) -> None:  # noqa: ANN401 - a client
    statement = {
        "Sid": "R",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
        "Action": "ecr:ReplicateImage",
    }
    statement["Resource"] = arn("*")
    ecr.put_registry_policy(policyText=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    path = tmp_path / "baseline.json"
    first = run("audit", "--format", "json")
    path.write_text(first.out)
    assert (first.status, run("audit", "--baseline", str(path)).status) == (1, 0)


def test_with_fail_on_as_well(run: Run, inventory: Inventory, baseline: str) -> None:
    argv = [*inventory(other=STRANGER_PULLS, open=EVERYBODY_MAY_ALL), "--baseline", baseline]
    assert run(*argv).status == 1
    done = run(*argv, "--fail-on", "HIGH")
    assert done.status == 0
    assert sentence("outputs.nothing_fails_because") in done.err


@pytest.mark.parametrize(
    "content, says",
    [
        pytest.param("{", "not JSON at line 1", id="half a file"),
        pytest.param("[]", "not a report of an audit", id="a list"),
        pytest.param('{"policies": []}', sentence("inventory.expected_output_audit"), id="of check"),
        pytest.param('{"format": 9, "audited": {}, "repositories": []}', "a report of format 9", id="another version"),
        pytest.param(
            '{"format": 1, "audited": {}, "repositories": [{"arn": "a", "compliance": "x", "grants": 1}]}',
            "not a report of an audit",
            id="no grants",
        ),
    ],
)
def test_a_file_that_is_no_baseline_ends_the_run(
    run: Run, inventory: Inventory, tmp_path: Path, content: str, says: str
) -> None:
    (tmp_path / "b.json").write_text(content)
    done = run(*inventory(), "--baseline", str(tmp_path / "b.json"))
    assert (done.status, done.out) == (3, "")
    assert says in done.err
