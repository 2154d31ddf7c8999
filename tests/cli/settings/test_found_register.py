"""A `trust.yaml` in the working folder: which commands use it by default, and which do not."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import NEIGHBOUR, OWNER, Run
from tests.cli.settings.conftest import Put
from tests.wording import sentence

REGISTER = {"version": 1, "trust": [{"account": "222233334444"}]}
NOTE = sentence("register_changed.note_trust_register")
INVENTORY = {
    "Results": [
        json.dumps(
            {
                "arn": f"arn:aws:ecr:eu-west-1:{OWNER}:repository/x",
                "accountId": OWNER,
                "awsRegion": "eu-west-1",
                "resourceType": "AWS::ECR::Repository",
                "resourceId": "x",
                "configurationItemCaptureTime": "2026-01-01T00:00:00Z",
                "configuration": {"RepositoryName": "x", "RepositoryPolicyText": NEIGHBOUR},
            }
        )
    ]
}
COMMANDS = {
    "judge": ["judge", "--owner", OWNER, "policy.json"],
    "plan": ["plan", "--owner", OWNER, "policy.json"],
    "check": ["check", "--account", OWNER, "policy.json"],
    "audit": ["audit", "inventory.json"],
}


@pytest.fixture(autouse=True)
def beside_a_register(put: Put) -> None:
    put("trust.yaml", REGISTER)
    put("policy.json", NEIGHBOUR)
    put("inventory.json", INVENTORY)


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_it_is_taken_and_said(words: list[str], run: Run) -> None:
    done = run(*words)
    assert done.status == 0
    assert NOTE in done.err


@pytest.mark.parametrize("off", [["--no-trust"], ["--no-config"], ["--config", "pinned.yaml"]], ids=" ".join)
@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_it_is_not_taken_where_it_is_switched_off(words: list[str], off: list[str], run: Run, put: Put) -> None:
    put("pinned.yaml", "fail-on: LOW\n")
    done = run(*words, *off)
    assert done.status == 1
    assert "trusting whom" not in done.err


def test_a_register_that_is_named_is_taken_instead(run: Run, put: Put) -> None:
    put("other.yaml", {"version": 1, "trust": []})
    assert run(*COMMANDS["judge"], "--trust", "other.yaml").status == 1
    put("ecr-crossaccount.yaml", {"trust": "other.yaml"})
    assert run(*COMMANDS["judge"]).status == 1
    put("ecr-crossaccount.yaml", {"trust": False})
    assert run(*COMMANDS["judge"]).status == 1


@pytest.mark.parametrize("command", ["check", "audit"])
def test_it_is_said_once(command: str, run: Run, put: Put) -> None:
    assert run(*COMMANDS[command]).err.count("trust.yaml") == 1
    put("ecr-crossaccount.yaml", {"fail-on": "HIGH"})
    done = run(*COMMANDS[command])
    assert NOTE in done.err
    assert sentence("markdown.can_loosen_result") in done.err


def test_one_in_a_folder_above_or_below_is_not_taken(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(put("infra/policy.json", NEIGHBOUR).parent)
    assert run(*COMMANDS["judge"]).status == 1


def test_one_that_is_broken_is_an_error_after_the_note(run: Run, put: Put) -> None:
    put("trust.yaml", "version: 1\ntrust: {}\n")
    done = run(*COMMANDS["judge"])
    assert (done.status, done.out) == (3, "")
    assert done.err == sentence("trust_entries.trust_yaml_trust", note=NOTE)


def test_trust_and_no_trust_exclude_each_other(run: Run) -> None:
    done = run(*COMMANDS["judge"], "--trust", "trust.yaml", "--no-trust")
    assert (done.status, "not allowed with" in done.err) == (3, True)


def test_a_batch_line_is_answered_by_its_own_trust_alone(run: Run) -> None:
    line = {"policy": NEIGHBOUR, "owner": OWNER}
    done = run("judge", "--jsonl", stdin=json.dumps({**line, "trust": []}) + "\n")
    assert (done.err, done.json["compliance"]) == ("", "NON_COMPLIANT")


def test_the_lint_looks_at_the_register_of_the_settings(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"trust": "register.yaml"})
    put("register.yaml", {"version": 1, "trust": []})
    assert run("trust", "lint").out == "register.yaml: 0 entries, 0 remarks\n"
    assert run("trust", "lint", "trust.yaml").out.splitlines()[-1].startswith("trust.yaml: 1 entry")
    assert run("trust", "lint", "--no-config").out.splitlines()[-1].startswith("trust.yaml: 1 entry")


def test_the_json_names_the_register_and_what_it_held(run: Run, put: Put) -> None:
    from hashlib import sha256

    path = put("trust.yaml", REGISTER)
    expected = {"file": "trust.yaml", "sha256": sha256(path.read_bytes()).hexdigest(), "entries": 1}
    for command in ("check", "audit"):
        answer = run(*COMMANDS[command], "--format", "json").json
        assert answer["register"] == expected
        assert answer["settings"] == [
            {"name": "trust", "value": "trust.yaml", "source": "the working folder", "line": None}
        ]
        assert run(*COMMANDS[command], "--no-trust", "--format", "json").json["register"] is None
