"""Every setting of every command: a flag has priority over the environment, then a file, then the default."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from ecr_crossaccount.products.cli.base.program import parsers_in
from ecr_crossaccount.products.cli.main import whole_parser
from ecr_crossaccount.products.cli.settings.keys import KEYS, Key

from tests.cli.conftest import NEIGHBOUR, OWNER, Run
from tests.cli.settings.conftest import Put
from tests.wording import sentence

COMMAND_LINES = {
    "judge": ["judge", "policy.json"],
    "plan": ["plan", "policy.json"],
    "ask": ["ask", "--can", "pull"],
    "check": ["check", "."],
    "diff": ["diff", "old", "new"],
    "audit": ["audit"],
    "remediate": ["remediate", "team/base"],
    "restore": ["restore", "backup.json"],
    "guardrail rcp": ["guardrail", "rcp"],
    "trust lint": ["trust", "lint"],
    "trust expiring": ["trust", "expiring"],
    "trust publish": ["trust", "publish", "trust.yaml", "ssm:/x"],
    "trust add": ["trust", "add", "--account", OWNER, "--reason", "x", "--expires", "never"],
}


@dataclass(frozen=True, slots=True)
class Said:
    """One setting with a different value in each place, and the form of the value there."""

    file: tuple[object, object]
    variable: tuple[object, str]
    flag: tuple[object, list[str]] | None
    default: object = None


def listed(value: object) -> tuple[object, object]:
    return [value], value


SAID = {
    "account": Said(("1" * 12, "1" * 12), ("2" * 12, "2" * 12), ("3" * 12, ["--account", "3" * 12])),
    "accounts": Said(({"a": "1" * 12}, {"a": "1" * 12}), ({"b": "2" * 12}, f"b={'2' * 12}"), None, {}),
    "organization": Said(
        ("o-aaaaaaaaaa", "o-aaaaaaaaaa"),
        ("o-bbbbbbbbbb", "o-bbbbbbbbbb"),
        ("o-cccccccccc", ["--organization", "o-cccccccccc"]),
    ),
    "region": Said(("eu-west-1", "eu-west-1"), ("eu-west-2", "eu-west-2"), ("eu-west-3", ["--region", "eu-west-3"])),
    "partition": Said(("aws-cn", "aws-cn"), ("aws-us-gov", "aws-us-gov"), None),
    "aggregator": Said(("a", "a"), ("b", "b"), ("c", ["aggregator:c"])),
    "trust": Said(("a.yaml", "a.yaml"), ("b.yaml", "b.yaml"), ("c.yaml", ["--trust", "c.yaml"])),
    "members": Said(("a.json", "a.json"), ("b.json", "b.json"), None),
    "parameters": Said(("1", {"Env": 1}), ("2", "Env=2"), ("3", ["--parameter", "Env=3"]), []),
    "var-files": Said(listed("a.tfvars"), (["b.tfvars"], "b.tfvars"), (["c.tfvars"], ["--var-file", "c.tfvars"]), []),
    "fail-on": Said(("MEDIUM", "medium"), ("HIGH", "HIGH"), ("CRITICAL", ["--fail-on", "critical"]), "LOW"),
    "baseline": Said(("a.json", "a.json"), ("b.json", "b.json"), ("c.json", ["--baseline", "c.json"])),
    "audit-baseline": Said(("a.json", "a.json"), ("b.json", "b.json"), ("c.json", ["--baseline", "c.json"])),
    "exclude": Said((["a"], ["a"]), (["b", "b/*"], "b, b/*"), (["c"], ["--exclude", "c"]), []),
    "strict": Said((False, False), (True, "true"), (True, ["--strict"]), default=False),
    "expiring": Said((1, "1d"), (14, "2w"), None, 30),
    "registry-scope": Said(("V1", "V1"), ("V2", "V2"), None),
    "count-rcps": Said((False, False), (True, "true"), None, default=False),
    "suppressions": Said((True, True), (False, "false"), None, default=True),
    "blank-is-none": Said((False, False), (True, "true"), None, default=False),
    "resume": Said(("a", "a"), ("b", "b"), None),
    "external-id": Said(("a", "a"), ("b", "b"), None),
    "concurrency": Said((1, 1), (2, "2"), None, 16),
    "processes": Said((1, 1), (2, "2"), None),
}
"""By key. A setting that is missing here fails the tests below."""

SETTINGS_ONLY = {
    "accounts", "partition", "registry-scope", "expiring", "count-rcps", "suppressions", "blank-is-none",
    "external-id", "concurrency", "processes", "resume",
}  # fmt: skip
"""The settings that no option gives, because they are set once."""
CASES = [pytest.param(command, key, id=f"{command} {key.name}") for key in KEYS for command in key.options]


def shown(run: Run, command: str, key: Key, *flags: str) -> tuple[object, str, str | None]:
    """Return the effective setting of a command: value, source, and place."""
    done = run("config", "show", "--format", "json", *COMMAND_LINES[command], *flags)
    assert done.status == 0, done.err
    rows = [one for one in done.json["settings"] if one["name"].partition(".")[0] == key.name]
    if not rows:
        return [], "default", None
    (row,) = rows
    single = command not in {"ask", "audit"} or key.name not in {"region", "aggregator"}
    value = row["value"] if single or not isinstance(row["value"], list) else row["value"][0]
    return value, row["origin"], row["source"]


@pytest.mark.parametrize("command, key", CASES)
def test_the_strongest_who_says_it_holds(
    command: str, key: Key, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = SAID[key.name]
    assert shown(run, command, key) == (said.default, "default", None)
    put("ecr-crossaccount.yaml", {key.name: said.file[1]})
    assert shown(run, command, key) == (said.file[0], "file", "ecr-crossaccount.yaml")
    monkeypatch.setenv(key.variable, said.variable[1])
    assert shown(run, command, key) == (said.variable[0], "environment", key.variable)
    if said.flag is not None:
        value, origin, source = shown(run, command, key, *said.flag[1])
        assert (value, origin) == (said.flag[0], "flag")
        assert str(source).startswith(("--", "FROM"))
    monkeypatch.setenv(key.variable, "")
    assert shown(run, command, key)[1] == "file", "a variable that is empty says nothing"


@pytest.mark.parametrize("command, key", CASES)
def test_a_key_stands_for_an_option_that_the_command_has(command: str, key: Key) -> None:
    (parser,) = (one for one in parsers_in(whole_parser()) if one.prog == f"ecr-crossaccount {command}")
    every = parser._actions  # noqa: SLF001 - argparse has no public access to it
    actions = [one for one in every if one.dest == key.options[command]]
    also = [one for one in every if key.options[command] in getattr(one, "also", ())]
    assert actions or also or key.name in SETTINGS_ONLY
    for action in actions:
        assert action.default in (key.default, None, [], False), "the table and the option have the same default"


def test_members_of_parameters_are_replaced_one_by_one(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", {"parameters": {"A": "file", "B": "file", "C": "file"}})
    monkeypatch.setenv("ECR_CROSSACCOUNT_PARAMETERS", "B=variable,C=variable")
    done = run("config", "show", "--format", "json", "check", "--parameter", "C=flag", ".")
    held = {one["name"]: one["value"] for one in done.json["settings"] if one["name"].startswith("parameters")}
    assert held == {"parameters.A": "file", "parameters.B": "variable", "parameters.C": "flag"}


@pytest.mark.parametrize("strong", ["flag", "variable"])
def test_an_account_replaces_the_accounts_by_path_of_who_is_weaker(
    strong: str, run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("ecr-crossaccount.yaml", {"accounts": {"infra": "2" * 12}})
    flags = ["--account", OWNER] if strong == "flag" else []
    if strong == "variable":
        monkeypatch.setenv("ECR_CROSSACCOUNT_ACCOUNT", OWNER)
    done = run("config", "show", "--format", "json", "check", *flags, ".")
    held = {one["name"]: one["value"] for one in done.json["settings"]}
    assert held["account"] == OWNER
    assert "accounts" not in held


def test_a_file_spares_the_three_flags(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", "account: '111122223333'\ntrust: register.yaml\nfail-on: HIGH\n")
    put("register.yaml", {"version": 1, "trust": [{"account": "222233334444"}]})
    put("infra/policy.json", NEIGHBOUR)
    assert run("check", "infra").status == 0
    assert run("check", "--no-config", "--account", OWNER, "infra").status == 1
    assert run("judge", "infra/policy.json").status == 0
    assert run("plan", "infra/policy.json").status == 0


def test_a_region_is_one_for_a_check_and_several_for_an_audit(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"region": ["eu-west-1", "us-east-1"]})
    assert shown_region(run, "audit") == ["eu-west-1", "us-east-1"]
    assert shown_region(run, "check", ".") is None, "of several, nobody can tell which"
    put("ecr-crossaccount.yaml", {"region": ["eu-west-1"]})
    assert shown_region(run, "check", ".") == "eu-west-1"


def shown_region(run: Run, *words: str) -> Any:  # noqa: ANN401 - the value of any setting
    done = run("config", "show", "--format", "json", *words)
    return next(one["value"] for one in done.json["settings"] if one["name"] == "region")


def test_an_inventory_leaves_out_what_only_aws_is_asked_with(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"region": "eu-west-1", "aggregator": "all"})
    put("inventory.json", {"Results": []})
    done = run("audit", "inventory.json")
    assert (done.status, done.err.count("\n")) == (0, 1)
    assert sentence("audit.no_repository_found_nothing_judged") in done.err


def test_an_account_in_settings_is_for_what_a_file_does_not_say(run: Run, put: Put) -> None:
    put("ecr-crossaccount.yaml", {"account": "999999999999"})
    put("answer.json", {"registryId": "222233334444", "repositoryName": "x", "policyText": json.dumps(NEIGHBOUR)})
    assert run("judge", "answer.json").status == 0
    done = run("judge", "--owner", OWNER, "answer.json")
    assert done.status == 3
    assert "not `111122223333` as --account says" in done.err


def test_what_a_command_needs_may_be_a_setting(run: Run, put: Put) -> None:
    done = run("guardrail", "rcp")
    assert done.status == 3
    assert "give --organization, or the setting `organization`" in done.err
    put("ecr-crossaccount.yaml", {"organization": "o-aaaaaaaaaa"})
    assert "o-aaaaaaaaaa" in run("guardrail", "rcp").out


def test_a_batch_takes_no_settings(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", "not: [settings")
    put("trust.yaml", {"version": 1, "trust": [{"account": "222233334444"}]})
    monkeypatch.setenv("ECR_CROSSACCOUNT_NO_SUCH", "x")
    line = json.dumps({"id": 1, "policy": NEIGHBOUR, "owner": OWNER, "trust": []})
    done = run("judge", "--jsonl", stdin=line + "\n")
    assert (done.status, done.err) == (0, "")
    assert done.json["compliance"] == "NON_COMPLIANT"


@pytest.mark.usefixtures("folder")
def test_nothing_holds_for_a_batch_that_is_asked_about(run: Run) -> None:
    done = run("config", "show", "--format", "json", "judge", "--jsonl")
    assert (done.status, done.json) == (0, {"file": None, "settings": []})
