"""The exit status, which a pipeline reads."""

from __future__ import annotations

import errno
import json
from importlib.metadata import version
from pathlib import Path

import pytest
from ecr_crossaccount.products.cli.base.program import parsers_in
from ecr_crossaccount.products.cli.main import whole_parser

from tests.wording import sentence

from .conftest import NEIGHBOUR, OPEN, OWNER, SAFE, UNDECIDED, Run, Write, printed_by_aws

PRINTED = json.dumps(OPEN)


def test_the_string_that_a_query_prints_is_the_policy(run: Run, write: Write) -> None:
    assert run("judge", "--owner", OWNER, write(json.dumps(PRINTED))).status == 1
    assert run("judge", "--owner", OWNER, write(json.dumps(json.dumps(SAFE)))).status == 0
    assert "expected a policy" in run("judge", "--owner", OWNER, write(json.dumps("latest"))).out


@pytest.mark.parametrize(
    "policies, status",
    [
        pytest.param([SAFE], 0, id="compliant"),
        pytest.param([OPEN], 1, id="a grant"),
        pytest.param([UNDECIDED], 2, id="undecided only"),
        pytest.param([{"Statement": [{"Effect": "Permit"}]}], 1, id="a policy that IAM would refuse"),
        pytest.param([SAFE, UNDECIDED, SAFE], 2, id="undecided among compliant ones"),
        pytest.param([UNDECIDED, NEIGHBOUR], 1, id="a grant is worse than undecided"),
        pytest.param([OPEN, "not JSON"], 3, id="an unread one is worse than a grant"),
    ],
)
def test_the_worst_policy_decides(run: Run, write: Write, policies: list[object], status: int) -> None:
    files = [write(policy, f"{number}.json") for number, policy in enumerate(policies)]
    assert run("judge", "--owner", OWNER, *files).status == status


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param([], "required: COMMAND: expected one of judge, ask, plan", id="no subcommand"),
        pytest.param(["--verison"], "`--verison` is unknown (did you mean `--version`?)\n", id="a slip before it"),
        pytest.param(
            ["trust", "add", "--acount=1", "--reason", "x", "--expires", "never"],
            "`--acount` is unknown (did you mean `--account`?)\necr-crossaccount: one of the arguments --account",
            id="a slip in what is required",
        ),
        pytest.param(["trust"], "required: TASK: expected one of lint, expiring", id="no task"),
        pytest.param(["completion"], "required: shell: expected one of bash, zsh, fish", id="no shell"),
        pytest.param(["audit", "--format", "since"], sentence("parsers.html_since_option"), id="an option as a format"),
        pytest.param(["jugde"], "`jugde` is unknown (did you mean `judge`?): expected", id="no such subcommand"),
        pytest.param(["judge"], "empty: expected a policy", id="no file"),
        pytest.param(["judge", "--owner", "1234", "-"], sentence("judge.not_account_expected"), id="a short owner"),
        pytest.param(["judge", "--organization", "mine", "-"], "`mine` is not an organization", id="no organization"),
        pytest.param(["judge", "--tag", "team", "-"], "expected `KEY=VALUE`", id="a tag without a value"),
        pytest.param(["judge", "--form", "json", "-"], "--form", id="an abbreviated option"),
        pytest.param(["judge", "--format", "xml", "-"], "`xml` is unknown: expected one of text, json", id="a format"),
        pytest.param(["judge", "--onwer", OWNER, "-"], "`--onwer` is unknown (did you mean `--owner`?)", id="a slip"),
        pytest.param(["check", "--fail-on", "hgh", "."], "did you mean `HIGH`?", id="a slip in either case"),
        pytest.param(
            ["judge", "--repo", "a", "-"], "`--repo` is unknown (did you mean `--repository`?)", id="half an option"
        ),
        pytest.param(
            ["judge", "--trust", "-", "-"], "register `-`: no such file or directory\n", id="a register piped"
        ),
        pytest.param(["trust", "expiring", "a", "b"], "`b` is not expected here", id="one word more than is asked for"),
        pytest.param(["judge", "--\x1b[31m=x", "-"], "`--\\x1b[31m` is unknown\n", id="a hostile option"),
        pytest.param(
            ["judge", "--jsonl", "--owner", OWNER], sentence("about.account_does_not_go"), id="owner of a batch"
        ),
        pytest.param(["judge", "--jsonl", "--tag", "a=b"], "--tag does not go with --jsonl", id="tags of a batch"),
        pytest.param(["judge", "--jsonl", "/nowhere"], "cannot read `/nowhere`: no such file", id="no such batch"),
    ],
)
def test_bad_usage_is_3_and_says_what_is_wrong(run: Run, argv: list[str], complaint: str) -> None:
    result = run(*argv)
    assert result.status == 3
    assert complaint in result.err
    assert result.out == ""


@pytest.mark.parametrize(
    "argv, command",
    [
        pytest.param([], "ecr-crossaccount", id="no subcommand"),
        pytest.param(["check", "--acount", OWNER, "."], "ecr-crossaccount check", id="an option of a subcommand"),
        pytest.param(["trust", "lint", "--frmat", "json"], "ecr-crossaccount trust lint", id="one of a task"),
    ],
)
def test_bad_usage_names_the_help_of_the_command_that_was_meant(run: Run, argv: list[str], command: str) -> None:
    *_, last = lines = run(*argv).err.splitlines()
    assert last == f"ecr-crossaccount: `{command} --help` says more"
    assert len(lines) <= 3


@pytest.mark.parametrize(
    "content, reason",
    [
        pytest.param("{", "not JSON at line 1 column 2", id="half a file"),
        pytest.param("Statement: []", "not JSON", id="YAML"),
        pytest.param(f"policyText: '{PRINTED}'\nregistryId: '{OWNER}'\n", "add `--output json`", id="as YAML"),
        pytest.param(f"{PRINTED}\t{OWNER}\tteam/app\n", "add `--output json`", id="as text"),
        pytest.param(f"{PRINTED}\t{OWNER}\n", "add `--output json`", id="a registry policy as text"),
        pytest.param(
            f"-----\n|  GetRepositoryPolicy  |\n+---+\n|  policyText |  {PRINTED} |\n",
            "add `--output json`",
            id="a table",
        ),
        pytest.param(" \n", "empty", id="what a failed command leaves in a pipe"),
        pytest.param("null\n", "`null` is not a policy", id="what a query that finds nothing prints"),
        pytest.param({}, "`{}` is not a policy", id="an empty object"),
        pytest.param(b"\x89PNG\r\n\x1a\n\xff", "not text in UTF-8", id="binary"),
        pytest.param("[" * 100_000, "nested more than 200 levels deep", id="nested without end"),
        pytest.param(b" " * 1_100_000, "larger than 1 MB", id="huge"),
        pytest.param({"policyText": {}}, "`policyText` is not a string", id="a policyText that is not text"),
        pytest.param(
            {"policyText": '{"Statement": []}', "registryId": 1},
            "`registryId` is not a string",
            id="a number for an owner",
        ),
        pytest.param(
            {"policyText": '{"Statement": []}', "Statement": []},
            "has both `policyText` and `Statement`",
            id="a policy beside a policyText",
        ),
        pytest.param(
            '{"policyText": "{\\"Statement\\": []}", "policyText": "{}"}',
            "`policyText` appears twice",
            id="a policyText that appears twice",
        ),
        pytest.param(printed_by_aws(SAFE, owner="42"), "its owner is `42`", id="an owner that is none"),
        pytest.param({"policyText": "{"}, "not JSON", id="a policyText that is not JSON"),
        pytest.param(
            printed_by_aws(SAFE, owner="999900001111"),
            "its owner is `999900001111`, not `111122223333` as --account says",
            id="another owner than --account says",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_are_judged(
    run: Run, write: Write, content: object, reason: str
) -> None:
    bad, good = write(content, "bad.json"), write(OPEN, "good.json")
    result = run("judge", "--owner", OWNER, bad, good)
    assert result.status == 3
    assert f"{bad}: " in result.err
    assert reason in result.err
    assert "AllowAll" in result.out


@pytest.mark.parametrize("command", [("judge",), ("plan",), ("ask", "--who", "222233334444", "--can", "pull")])
def test_a_tag_that_is_given_twice_is_refused(run: Run, write: Write, command: tuple[str, ...]) -> None:
    tags = ("--tag", "a=1", "--tag", "b=1", "--tag", "a=2")
    result = run(*command, "--owner", OWNER, *tags, write(SAFE, "good.json"))
    assert (result.status, result.out) == (3, "")
    assert sentence("options.tag_given_twice") in result.err


def test_a_missing_file(run: Run) -> None:
    result = run("judge", "--owner", OWNER, "nowhere.json")
    assert (result.status, result.err) == (3, "ecr-crossaccount: nowhere.json: no such file or directory\n")


def test_what_the_system_does_not_let_us_see_is_no_crash(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(path: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(Path, "is_dir", refused)
    result = run("judge", "--owner", OWNER, "nowhere.json")
    assert (result.status, result.err) == (3, "ecr-crossaccount: cannot read `nowhere.json`: permission denied\n")


def test_nobody_to_own_it(run: Run, write: Write) -> None:
    result = run("judge", write(SAFE))
    assert result.status == 3
    assert "add --account" in result.err


def test_help_names_the_exit_statuses(run: Run) -> None:
    for argv in (["--help"], ["judge", "--help"]):
        result = run(*argv)
        assert result.status == 0
        assert "3  bad input or usage" in result.out


def test_help_of_the_gate_says_what_strict_does_to_the_status(run: Run) -> None:
    said = sentence("parsers.undecided_only_strict")
    assert said in " ".join(run("check", "--help").out.split())


@pytest.mark.parametrize(
    "argv, says",
    [
        pytest.param(["remediate"], sentence("parsers.bad_input_usage"), id="remediate"),
        pytest.param(["guardrail", "rcp"], "0  printed\n", id="guardrail"),
        pytest.param(["trust", "lint"], "1  something to report\n", id="trust lint"),
        pytest.param(["trust", "add"], "0  written\n", id="trust add"),
        pytest.param(["trust", "publish"], "0  written\n", id="trust publish"),
        pytest.param(["completion"], "0  printed\n", id="completion"),
    ],
)
def test_help_says_the_statuses_of_what_gives_no_verdict(run: Run, argv: list[str], says: str) -> None:
    shown = run(*argv, "--help").out
    assert says in shown
    assert "compliant\n" not in shown


@pytest.mark.parametrize("columns", [60, 80])
def test_help_of_every_command_fits_a_terminal(run: Run, monkeypatch: pytest.MonkeyPatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    for prog in (one.prog for one in parsers_in(whole_parser())):
        shown = run(*prog.split()[1:], "--help").out
        _, description, *_ = shown.split("\n\n")
        assert description[0].isupper(), prog
        assert description.endswith("."), prog
        assert [line for line in shown.splitlines() if len(line) > columns] == [], prog


def test_a_folder_is_for_the_gate(run: Run, tmp_path: Path) -> None:
    result = run("judge", "--owner", OWNER, str(tmp_path))
    assert (result.status, result.err) == (
        3,
        sentence("about.folder_ecr_crossaccount", tmp_path=tmp_path),
    )


def test_version(run: Run) -> None:
    result = run("--version")
    assert result.status == 0
    assert result.out == f"ecr-crossaccount {version('ecr-crossaccount')}\n"


def test_an_owner_that_is_no_account(run: Run, write: Write) -> None:
    result = run("judge", write(printed_by_aws(SAFE, owner="42")))
    assert result.status == 3
    assert sentence("judge.registryid_not_account_expected_digits") in result.err
