"""Settings that a pull request could loosen with a file beside the code. Every report mentions them."""

from __future__ import annotations

import pytest
from ecr_crossaccount.products.cli.settings.keys import KEYS

from tests.cli.conftest import NEIGHBOUR, OWNER, Run
from tests.cli.settings.conftest import Put
from tests.cli.settings.test_found_register import INVENTORY
from tests.wording import sentence

SETTINGS = f"""\
account: "{OWNER}"
trust: register.yaml
fail-on: CRITICAL
exclude:
  - legacy
parameters:
  Env: prod
"""
TOLD = (
    f"ecr-crossaccount.yaml sets account `{OWNER}` (line 1), trust `register.yaml` (line 2), "
    "parameters.Env `prod` (line 7), fail-on `CRITICAL` (line 3), exclude `legacy` (line 4)"
)


@pytest.fixture(autouse=True)
def beside_the_code(put: Put) -> None:
    put("ecr-crossaccount.yaml", SETTINGS)
    put("register.yaml", {"version": 1, "trust": []})
    put("infra/policy.json", NEIGHBOUR)
    put("inventory.json", INVENTORY)


def test_a_check_says_what_the_file_loosens(run: Run) -> None:
    done = run("check", "infra")
    assert done.status == 0
    assert sentence("keys.note_settings_can", told=TOLD) in done.err


def test_a_summary_in_markdown_says_it_in_code(run: Run) -> None:
    done = run("check", "--format", "markdown", "infra")
    (line,) = (one for one in done.out.splitlines() if one.startswith(sentence("markdown.settings_can_loosen")))
    assert "fail&#45;on" in line or "fail-on" in line
    assert "CRITICAL" in line


def test_json_lists_each_with_file_and_line(run: Run) -> None:
    listed = run("check", "--format", "json", "infra").json["settings"]
    assert [(one["name"], one["value"], one["line"]) for one in listed] == [
        ("account", OWNER, 1),
        ("trust", "register.yaml", 2),
        ("parameters.Env", "prod", 7),
        ("fail-on", "CRITICAL", 3),
        ("exclude", ["legacy"], 4),
    ]
    assert {one["source"] for one in listed} == {"ecr-crossaccount.yaml"}


def test_an_audit_says_what_of_it_concerns_it(run: Run) -> None:
    done = run("audit", "inventory.json")
    assert done.status == 0
    told = "ecr-crossaccount.yaml sets trust `register.yaml` (line 2), fail-on `CRITICAL` (line 3)"
    assert sentence("keys.note_settings_can", told=told) in done.err
    listed = run("audit", "inventory.json", "--format", "json").json["settings"]
    assert [one["name"] for one in listed] == ["trust", "fail-on"]


def test_what_an_option_says_is_not_a_files(run: Run) -> None:
    flags = ["--account", OWNER, "--no-trust", "--fail-on", "LOW", "--exclude", "x", "--parameter", "Env=x"]
    done = run("check", "--format", "json", *flags, "infra")
    assert (done.json["settings"], "can loosen" in done.err) == ([], False)


def test_what_a_variable_says_is_in_json_alone(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", {"account": OWNER, "fail-on": "LOW", "strict": True})
    monkeypatch.setenv("ECR_CROSSACCOUNT_FAIL_ON", "HIGH")
    done = run("check", "--format", "json", "infra")
    assert {"name": "fail-on", "value": "HIGH", "source": "ECR_CROSSACCOUNT_FAIL_ON", "line": None} in done.json[
        "settings"
    ]
    assert done.err.count("fail-on") == 0


LOOSENING: list[tuple[str, object]] = [
    ("account", OWNER),
    ("accounts", {"x": OWNER}),
    ("organization", "o-aaaaaaaaaa"),
    ("region", "eu-west-1"),
    ("partition", "aws-cn"),
    ("trust", "x.yaml"),
    ("members", "x.json"),
    ("parameters", {"x": "y"}),
    ("var-files", ["x"]),
    ("fail-on", "MEDIUM"),
    ("baseline", "x.json"),
    ("audit-baseline", "x.json"),
    ("exclude", ["x"]),
    ("registry-scope", "V2"),
    ("count-rcps", True),
    ("blank-is-none", True),
]
HARMLESS: list[tuple[str, object]] = [
    ("fail-on", "LOW"),
    ("trust", False),
    ("aggregator", "x"),
    ("strict", True),
    ("strict", False),
    ("expiring", 1),
    ("count-rcps", False),
    ("blank-is-none", False),
    ("suppressions", False),
    ("external-id", "x"),
    ("resume", "x"),
    ("concurrency", 2),
    ("processes", 2),
]


def loosens(name: str, value: object, run: Run, put: Put) -> list[bool]:
    put("ecr-crossaccount.yaml", {name: value})
    rows = run("config", "show", "--format", "json").json["settings"]
    return [one["loosens"] for one in rows if one["name"].partition(".")[0] == name]


@pytest.mark.parametrize("name, value", LOOSENING)
def test_by_this_less_may_be_found(name: str, value: object, run: Run, put: Put) -> None:
    assert loosens(name, value, run, put) == [True]


@pytest.mark.parametrize("name, value", HARMLESS)
def test_by_this_nothing_less_is_found(name: str, value: object, run: Run, put: Put) -> None:
    assert loosens(name, value, run, put) == [False]


def test_every_setting_is_in_one_of_the_tables() -> None:
    assert {name for name, _ in (*LOOSENING, *HARMLESS)} == {key.name for key in KEYS}


def test_a_pinned_file_is_told_as_well(run: Run, put: Put) -> None:
    put("ci.yaml", f"account: '{OWNER}'\nfail-on: CRITICAL\n")
    done = run("check", "--config", "ci.yaml", "infra")
    assert f"ci.yaml sets account `{OWNER}` (line 1), fail-on `CRITICAL` (line 2)\n" in done.err
    done = run("check", "--no-config", "--account", OWNER, "infra")
    assert (done.status, done.err) == (1, "")


def test_an_audit_and_a_check_have_a_baseline_each(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"account": OWNER})
    put("audit.json", run("audit", "inventory.json", "--format", "json").out)
    put("check.json", run("check", "--format", "json", "infra").out)
    assert run("audit", "inventory.json").status == run("check", "infra").status == 1
    put("ecr-crossaccount.yaml", {"account": OWNER, "baseline": "check.json", "audit-baseline": "audit.json"})
    assert run("audit", "inventory.json").status == run("check", "infra").status == 0
