"""Settings in environment variables: lists and mappings as text, and their errors."""

from __future__ import annotations

import re

import pytest
from ecr_crossaccount.products.cli.settings import keys

from tests.cli.conftest import Run
from tests.cli.settings.conftest import Put
from tests.docs.markdown import ROOT
from tests.wording import sentence

ACCOUNT = "111122223333"
LISTS = {
    "one": ("old", ["old"]),
    "commas": ("old, infra/legacy", ["old", "infra/legacy"]),
    "lines": ("old\ninfra/legacy\n", ["old", "infra/legacy"]),
    "a list of JSON": ('["a,b", "c"]', ["a,b", "c"]),
}
MAPPINGS = {
    "one": ("Env=prod", {"Env": "prod"}),
    "commas": ("Env=prod, Team=a=b", {"Env": "prod", "Team": "a=b"}),
    "lines": ("Env=prod\nTeam=x\n", {"Env": "prod", "Team": "x"}),
    "an object of JSON": ('{"Subnets": "a,b", "Count": 3}', {"Subnets": "a,b", "Count": "3"}),
    "an empty value": ("Env=", {"Env": ""}),
}
WRONG = {
    "FAIL_ON": ("hihg", sentence("settings.hihg_not_severity_expected")),
    "ACCOUNT": ("12", sentence("judge.not_account_expected_digits_2")),
    "ACCOUNTS": ("infra=12", sentence("judge.infra_not_account_expected")),
    "REGION": ("eu-west-1,Europe", "[1]: `Europe` is not a Region"),
    "EXCLUDE": ("[x]*.tf", "`[x]*.tf` is not JSON at line 1"),
    "PARAMETERS": ("Env", sentence("settings.env_expected_name")),
    "STRICT": ("perhaps", sentence("trust_entries.perhaps_expected_true")),
    "EXPIRING": ("soon", sentence("options.soon_not_time_expected_days")),
}


def held(run: Run) -> dict[str, object]:
    done = run("config", "show", "--format", "json")
    assert done.status == 0, done.err
    return {one["name"]: one["value"] for one in done.json["settings"]}


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text, expected", LISTS.values(), ids=LISTS)
def test_a_list_is_read(text: str, expected: list[str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECR_CROSSACCOUNT_EXCLUDE", text)
    assert held(run)["exclude"] == expected


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("text, expected", MAPPINGS.values(), ids=MAPPINGS)
def test_a_mapping_is_read(text: str, expected: dict[str, str], run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECR_CROSSACCOUNT_PARAMETERS", text)
    found = {name.partition(".")[2]: one for name, one in held(run).items() if name.startswith("parameters.")}
    assert found == expected


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_with_the_variables_name(name: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text, reason = WRONG[name]
    monkeypatch.setenv(f"ECR_CROSSACCOUNT_{name}", text)
    done = run("check", ".")
    assert (done.status, done.out) == (3, "")
    assert done.err.startswith(f"ecr-crossaccount: ECR_CROSSACCOUNT_{name}: {reason}")


@pytest.mark.usefixtures("folder")
def test_a_name_that_stands_twice_is_an_error(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECR_CROSSACCOUNT_PARAMETERS", "A=1,A=2")
    assert "ECR_CROSSACCOUNT_PARAMETERS: `A` appears twice" in run("config", "show").err
    monkeypatch.setenv("ECR_CROSSACCOUNT_PARAMETERS", '{"A": 1, "A": 2}')
    assert sentence("json.appears_twice_one") in run("config", "show").err


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    "name, meant",
    [
        ("ECR_CROSSACCOUNT_FAILON", "did you mean `ECR_CROSSACCOUNT_FAIL_ON`?"),
        (
            "ECR_CROSSACCOUNT_QQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
            sentence("keys.ecr_crossaccount_config"),
        ),
    ],
)
def test_an_unknown_variable_is_an_error(name: str, meant: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, "")
    done = run("check", ".")
    assert (done.status, done.err) == (3, f"ecr-crossaccount: the environment variable `{name}` is unknown: {meant}\n")


@pytest.mark.usefixtures("folder")
def test_variables_of_other_programs_mean_nothing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ECR_PATHS", "ecr_crossaccount_fail_on", "AWS_REGION"):
        monkeypatch.setenv(name, "x")
    assert "x" not in held(run).values()


def test_an_empty_variable_leaves_the_file_as_it_is(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("ecr-crossaccount.yaml", {"account": ACCOUNT})
    monkeypatch.setenv("ECR_CROSSACCOUNT_ACCOUNT", "")
    assert held(run)["account"] == ACCOUNT


def test_a_file_in_a_variable_starts_from_the_working_folder(
    run: Run, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("ecr-crossaccount.yaml", {"baseline": "base.json"})
    monkeypatch.chdir(put("infra/x", "").parent)
    monkeypatch.setenv("ECR_CROSSACCOUNT_TRUST", "register.yaml")
    found = held(run)
    assert (found["trust"], found["baseline"]) == ("register.yaml", "../base.json")


@pytest.mark.usefixtures("folder")
def test_a_register_can_be_switched_off(run: Run, put: Put, monkeypatch: pytest.MonkeyPatch) -> None:
    put("trust.yaml", "broken: [")
    put("ecr-crossaccount.yaml", {"trust": "broken.yaml"})
    monkeypatch.setenv("ECR_CROSSACCOUNT_TRUST", "false")
    assert held(run)["trust"] is None
    put("policy.json", '{"Version": "2012-10-17", "Statement": []}')
    assert run("judge", "--owner", ACCOUNT, "policy.json").status == 0


def test_every_variable_that_this_project_speaks_of_is_known() -> None:
    """Sources, integrations and documentation. Variables that they mention must not be refused."""
    places = [*(ROOT / "rule").rglob("*.py"), *(ROOT / "integrations").rglob("*"), *(ROOT / "docs").rglob("*.md")]
    places += [ROOT / "action.yml", ROOT / "README.md", ROOT / ".ci" / "run"]
    texts = [path.read_text(encoding="utf-8") for path in places if path.is_file() and path.suffix != ".pyc"]
    named = {name for text in texts for name in re.findall(r"ECR_CROSSACCOUNT_[A-Z_]*[A-Z]", text)}
    assert named - set(keys.known_variables()) == set()
    assert len(named) > 8


@pytest.mark.usefixtures("folder")
def test_days_are_shown_as_they_are_written(run: Run) -> None:
    assert re.search(r"^  expiring +30d +default$", run("config", "show").out, re.MULTILINE)
