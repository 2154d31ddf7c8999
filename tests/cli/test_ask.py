"""`ask`: who may do what, as text, JSON and CSV, and the exit status."""

from __future__ import annotations

import csv
import io
import json
import os
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from tests.wording import sentence

from .conftest import OPEN, OWNER, UNDECIDED, Run, Write, command, printed_by_aws

OTHER, PARTNER = "222233334444", "333344445555"
PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
ENDPOINT = "vpce-0123456789abcdef0"


def policy(*statements: dict[str, object]) -> dict[str, object]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


PULLS = policy(
    {"Sid": "Pull", "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": PULL},
    {
        "Sid": "Push",
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{PARTNER}:role/ci"},
        "Action": "ecr:*",
        "Condition": {"StringEquals": {"aws:SourceVpce": ENDPOINT}},
    },
)
REGISTER = {
    "version": 1,
    "trust": [
        {
            "account": OTHER,
            "reason": "CI pulls base images",
            "owner": "platform@example.com",
            "expires": "2027-03-31",
        }
    ],
}

Ask = Callable[..., Any]


@pytest.fixture
def ask(run: Run, write: Write) -> Ask:
    """Ask about one policy of the owner."""

    def ask(document: object, *words: str) -> Any:  # noqa: ANN401 - a Result
        return run("ask", "--owner", OWNER, "--no-trust", *words, write(document))

    return ask


@pytest.mark.parametrize(
    "words, answer, status",
    [
        (("--who", OTHER, "--can", "pull"), "ALLOWED", 0),
        (("--who", OTHER, "--can", "push"), "DENIED", 0),
        (("--who", PARTNER, "--can", "push"), "DEPENDS", 0),
        (("--who", OTHER, "--can", "pull", "--fail-on", "allowed"), "ALLOWED", 1),
        (("--who", OTHER, "--can", "pull", "--fail-on", "denied"), "ALLOWED", 0),
        (("--who", PARTNER, "--can", "push", "--fail-on", "allowed"), "DEPENDS", 1),
        (("--who", PARTNER, "--can", "push", "--fail-on", "denied"), "DEPENDS", 1),
        (("--who", OTHER, "--can", "push", "--fail-on", "denied"), "DENIED", 1),
        (("--who", OTHER, "--can", "push", "--fail-on", "allowed"), "DENIED", 0),
    ],
)
def test_an_answer_and_how_it_ends(ask: Ask, words: tuple[str, ...], answer: str, status: int) -> None:
    found = ask(PULLS, *words)
    assert (found.status, found.err) == (status, "")
    assert found.out.splitlines()[2].startswith(answer)


@pytest.mark.parametrize("fails", [(), ("--fail-on", "allowed"), ("--fail-on", "denied")])
def test_what_is_undecided_is_never_a_quiet_answer(ask: Ask, fails: tuple[str, ...]) -> None:
    found = ask(UNDECIDED, "--who", OTHER, "--can", "ecr:BatchGetImage", *fails)
    assert found.status == 2
    assert "UNDECIDED" in found.out
    assert "aws:SomeKeyOfTomorrow" in found.out
    assert "DENIED" not in found.out


def test_on_what_it_depends_is_shown_with_both_examples(ask: Ask) -> None:
    out = ask(PULLS, "--who", PARTNER, "--can", "ecr:PutImage").out
    assert f"allowed with aws:SourceVpce {ENDPOINT}, not without aws:SourceVpce" in out
    assert f"allowed with aws:PrincipalArn arn:aws:iam::{PARTNER}:role/ci, not with aws:PrincipalArn" in out
    assert "by        statement 1 `Push` (Allow)" in out


def test_context_makes_it_certain(ask: Ask) -> None:
    words = ("--who", f"arn:aws:iam::{PARTNER}:role/ci", "--can", "ecr:PutImage", "--context")
    assert "ALLOWED" in ask(PULLS, *words, f"aws:SourceVpce={ENDPOINT}").out
    other = ask(PULLS, *words, "AWS:sourcevpce=vpce-0fedcba9876543210").out
    assert "DENIED" in other
    assert "with aws:SourceVpce vpce-0fedcba9876543210?" in other
    absent = ask(PULLS, *words[:-1], "--context", "aws:SourceVpce").out
    assert "DENIED" in absent
    assert "without aws:SourceVpce?" in absent


def test_several_values_are_one_list(ask: Ask) -> None:
    condition = {"ForAllValues:StringEquals": {"aws:CalledVia": ["a.amazonaws.com", "b.amazonaws.com"]}}
    document = policy({"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": condition})
    words = ("--who", OTHER, "--can", "ecr:PutImage", "--context", "aws:CalledVia=a.amazonaws.com", "--context")
    assert "ALLOWED" in ask(document, *words, "aws:CalledVia=b.amazonaws.com").out
    assert "DENIED" in ask(document, *words, "aws:CalledVia=c.amazonaws.com").out


def test_the_owner_is_told_what_the_policy_alone_decides(ask: Ask) -> None:
    found = ask(PULLS, "--who", OWNER, "--can", "pull")
    assert found.status == 0
    assert "DEPENDS" in found.out
    assert sentence("replies.identity_based_policies") in found.out


def test_json_has_the_question_the_answer_and_both_requests(ask: Ask) -> None:
    found = ask(PULLS, "--who", PARTNER, "--can", "push", "--context", "aws:SecureTransport=true", "--format", "json")
    answer = found.json["answers"][0]
    assert found.json["question"] == {
        "who": PARTNER,
        "can": "push",
        "actions": answer["actions"],
        "needs": "all",
        "context": {"aws:SecureTransport": ["true"]},
    }
    assert answer["answer"] == "depends"
    assert answer["account"] == OWNER
    assert answer["by"] == [{"policy": "repository", "statement": 1, "sid": "Push", "effect": "Allow"}]
    assert {one["on"]: one["allowed"] for one in answer["depends"]}["aws:SourceVpce"] == [ENDPOINT]
    assert answer["allowed"]["context"]["aws:SourceVpce"] == ENDPOINT
    assert "aws:SourceVpce" not in answer["refused"]["context"]
    assert found.json["errors"] == []


def test_everybody_with_access_is_listed_with_who_answers_for_it(run: Run, write: Write) -> None:
    register = write(REGISTER, "trust.json")
    found = run("ask", "--owner", OWNER, "--trust", register, "--can", "pull", write(PULLS), "--format", "json")
    assert found.status == 0
    grantees = {one["grantee"]: one for one in found.json["policies"][0]["grantees"]}
    assert grantees[OTHER]["trusted"] is True
    assert grantees[OTHER]["approvals"] == [
        {
            "entry": 0,
            "owner": "platform@example.com",
            "reason": "CI pulls base images",
            "expires": "2027-03-31",
        }
    ]
    assert grantees[PARTNER]["trusted"] is False
    assert grantees[PARTNER]["conditions"] == ["aws:SourceVpce"]
    assert grantees[PARTNER]["untrusted_actions"] == PULL

    text = run("ask", "--owner", OWNER, "--trust", register, "--can", "pull", write(PULLS)).out
    assert f"UNTRUSTED account {PARTNER}" in text
    assert "approved  trust[0], by platform@example.com, until 2027-03-31, CI pulls base images" in text
    assert text.index("UNTRUSTED") < text.index("trusted   account")


def test_the_list_fails_for_those_whom_nobody_approved(run: Run, write: Write) -> None:
    register = write(REGISTER, "trust.json")
    pulls = write(policy(PULLS["Statement"][0]))  # type: ignore[index]
    words = ("ask", "--owner", OWNER, "--trust", register, "--fail-on", "untrusted", "--can")
    assert run(*words, "pull", pulls).status == 0
    assert run(*words, "pull", write(PULLS, "both.json")).status == 1
    late = {**REGISTER, "trust": [{**REGISTER["trust"][0], "expires": "2026-06-29"}]}  # type: ignore[index]
    expired = run(*words[:4], write(late, "late.json"), *words[5:], "pull", pulls)
    assert expired.status == 1
    assert sentence("reasons.approval_expired") in expired.out


def test_more_than_was_approved_is_not_approved(run: Run, write: Write) -> None:
    wide = policy({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "ecr:*"})
    found = run("ask", "--owner", OWNER, "--trust", write(REGISTER, "trust.json"), "--can", "ecr:*", write(wide))
    assert "UNTRUSTED" in found.out
    assert "; not approved: ecr:BatchDeleteImage" in found.out
    assert "approved  trust[0]" in found.out


def test_a_list_with_a_doubt_ends_with_its_status(ask: Ask) -> None:
    found = ask(UNDECIDED, "--can", "pull")
    assert (found.status, "UNDECIDED" in found.out) == (2, True)
    assert "nobody outside" not in found.out


@pytest.mark.parametrize(
    "action, can, answer",
    [
        ("ecr:BatchGetImage", "push", "DENIED"),
        ("ecr:BatchGetImage", "ecr:Put*", "DENIED"),
        ("ecr:BatchCheckLayerAvailability", "push", "DENIED"),
        ("ecr:PutImage", "push", "UNDECIDED"),
        ("ecr:*", "push", "UNDECIDED"),
        ("ecr:PutNew", "ecr:Put*", "UNDECIDED"),
    ],
)
def test_a_doubt_about_other_actions_is_none(ask: Ask, action: str, can: str, answer: str) -> None:
    unknown = {"StringEquals": {"aws:SomeKeyOfTomorrow": "x"}}
    statement: dict[str, object] = {"Effect": "Allow", "Principal": "*", "Action": action, "Condition": unknown}
    one = ask(policy(statement), "--who", OTHER, "--can", can)
    every = ask(policy(statement), "--can", can)
    doubtful = answer == "UNDECIDED"
    assert ("UNDECIDED" in every.out, every.status == 2) == (doubtful, doubtful)
    # A push with a part that is certainly denied is "partly" allowed, and the denied part is known.
    assert ("DENIED" in one.out.splitlines()[2]) is not doubtful


def test_half_a_pull_is_said_to_be_half(ask: Ask) -> None:
    half = policy({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": PULL[0]})
    assert "PARTLY" in ask(half, "--who", OTHER, "--can", "pull").out
    assert sentence("ask.account_ecr_batchgetimage", other=OTHER) in ask(half, "--can", "pull").out
    assert sentence("ask.no_one_outside_owner") in ask(half, "--can", "push").out


def test_an_action_that_no_table_names_is_access_all_the_same(ask: Ask) -> None:
    new = policy({"Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "ecr:NewAction"})
    assert "ALLOWED" in ask(new, "--who", OTHER, "--can", "ecr:*").out
    assert f"UNTRUSTED account {OTHER}: ecr:NewAction" in ask(new, "--can", "ecr:*").out
    assert sentence("ask.no_one_outside_owner") in ask(new, "--can", "ecr:Put*").out


def test_csv_has_a_row_for_each_and_no_formula(run: Run, write: Write) -> None:
    sid = policy({"Sid": "x", "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": PULL})
    register = {**REGISTER, "trust": [{**REGISTER["trust"][0], "reason": "=1+1"}]}  # type: ignore[index]
    words = ("ask", "--owner", OWNER, "--trust", write(register, "trust.json"), "--format", "csv", "--can", "pull")
    (row,) = csv.DictReader(io.StringIO(run(*words, write(sid)).out))
    assert (row["grantee"], row["trusted"], row["approved_because"]) == (OTHER, "yes", "'=1+1")
    (row,) = csv.DictReader(io.StringIO(run(*words, "--who", OTHER, write(sid)).out))
    assert (row["answer"], row["statements"]) == ("allowed", "0 x")
    (row,) = csv.DictReader(io.StringIO(run(*words, write(UNDECIDED)).out))
    assert row["trusted"] == "UNDECIDED"


def test_what_holds_of_all_answers_is_said_beside_the_rows(ask: Ask) -> None:
    asked = ask(PULLS, "--who", "999988887777", "--can", "pull", "--format", "csv")
    assert "denied" in asked.out
    assert sentence("access.note_registry_policy") in asked.err


def test_hostile_names_are_made_visible(ask: Ask) -> None:
    hostile = policy({"Sid": "a\u202eb\x1b[31m", "Effect": "Allow", "Principal": {"AWS": OTHER}, "Action": "ecr:*"})
    for words in (("--who", OTHER), ()):
        out = ask(hostile, "--can", "pull", *words).out
        assert "\x1b" not in out
        assert "\u202e" not in out


def test_a_file_that_cannot_be_read_leaves_the_others_answered(run: Run, write: Write) -> None:
    words = ("ask", "--owner", OWNER, "--no-trust", "--who", OTHER, "--can", "pull")
    found = run(*words, write(PULLS), write("{", "broken.json"))
    assert found.status == 3
    assert "ALLOWED" in found.out
    assert "UNREAD" in found.out
    assert "broken.json" in found.out
    rows = list(csv.DictReader(io.StringIO(run(*words, write(PULLS), "nowhere.json", "--format", "csv").out)))
    assert [row["answer"] for row in rows] == ["allowed", "UNREAD"]
    alone = run(*words, "nowhere.json")
    assert (alone.status, "so nothing was answered" in alone.out) == (3, True)


def test_whom_anyone_leaves_out_is_said(run: Run, write: Write) -> None:
    named = ("ask", "--owner", OWNER, "--no-trust", "--who", OTHER, "--can", "pull", write(PULLS))
    anyone = tuple("anyone" if word == OTHER else word for word in named)
    told = sentence("access.ask_without_who")
    answer = run(*anyone).out
    assert "DENIED" in answer
    assert told in answer
    assert told not in run(*named).out


def test_a_service_that_is_not_known_is_noted(run: Run, write: Write) -> None:
    ask = ("ask", "--owner", OWNER, "--no-trust", "--can", "pull", write(PULLS), "--who")
    done = run(*ask, "codbuild.amazonaws.com")
    assert "DENIED" in done.out
    assert done.err == sentence("mistyped.note_codbuild_amazonaws")
    assert run(*ask, "codebuild.amazonaws.com").err == ""


def test_what_the_aws_cli_prints_says_its_owner(run: Run, write: Write) -> None:
    file = write(printed_by_aws(OPEN))
    out = run("ask", "--no-trust", "--who", "anyone", "--can", "ecr:PutImage", file).out
    assert "ALLOWED" in out


@pytest.mark.parametrize(
    "words, reason",
    [
        (("--can", "ecr:PutImages"), "did you mean `ecr:PutImage`"),
        (("--who", "someone", "--can", "pull"), "is not a caller"),
        (("--can", "pull", "--context", "aws:SourceIp=203.0.113.9"), "give --who too"),
        (("--who", OTHER, "--can", "pull", "--context", "=x"), "expected `KEY=VALUE`"),
        (
            ("--who", OTHER, "--can", "pull", "--context", "a=b", "--context", "A"),
            sentence("ask.context_given_value"),
        ),
        (("--who", OTHER, "--can", "pull", "--context", "aws:PrincipalArn"), "no request by"),
        (("--who", OTHER, "--can", "pull", "--fail-on", "untrusted"), "goes without --who"),
        (("--can", "pull", "--fail-on", "allowed"), "goes with --who"),
        (("--can", "pull", "--rcp", "x.json"), "need --who"),
        (("--can", "pull", "--region", "eu-west-1", "--region", "us-east-1"), "is in one Region"),
        (("--can", "pull", "--repository", "base/*"), "has no wildcards"),
        (("--can", "pull", "--format", "text=/nowhere/x"), "cannot write"),
    ],
)
def test_what_cannot_be_asked_is_refused(ask: Ask, words: tuple[str, ...], reason: str) -> None:
    found = ask(PULLS, *words)
    assert (found.status, found.out) == (3, "")
    assert reason in found.err


@pytest.mark.parametrize("words", [("--tag", "a=b"), ("--who", OTHER, "--registry-policy", "x")])
def test_what_is_about_a_file_needs_one(run: Run, words: tuple[str, ...]) -> None:
    found = run("ask", "--no-trust", "--can", "pull", *words)
    assert (found.status, sentence("ask.about_repository_policy") in found.err) == (3, True)


def test_the_registry_policy_and_what_the_organization_denies_count(run: Run, write: Write) -> None:
    arn = f"arn:aws:ecr:*:{OWNER}:repository/*"
    opens: dict[str, object] = {"Effect": "Allow", "Principal": {"AWS": PARTNER}, "Action": "ecr:*", "Resource": arn}
    registry = write(policy(opens), "registry.json")
    words = ("ask", "--owner", OWNER, "--no-trust", "--who", PARTNER, "--can", "ecr:PutImage", "--registry-policy")
    pulls = write(policy(PULLS["Statement"][0]))  # type: ignore[index]
    unknown = run(*words, registry, pulls)
    assert (unknown.status, "UNDECIDED" in unknown.out) == (2, True)
    known = run(*words, registry, "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", pulls).out
    assert "ALLOWED" in known
    assert sentence("reasons.statement_registry_policy_allow") in known
    assert "was not read" not in known
    denies: dict[str, object] = {"Effect": "Deny", "Principal": "*", "Action": "ecr:*", "Resource": "*"}
    rcp = write(policy(denies), "rcp.json")
    reads = [one.replace("ecr:PutImage", "ecr:BatchGetImage") for one in words]
    perhaps = run(*reads, registry, "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", "--rcp", rcp, pulls)
    assert (perhaps.status, "UNDECIDED" in perhaps.out) == (2, True), "the account's service-linked role may pull"
    denied = run(*words, registry, "ECR_CROSSACCOUNT_REGISTRY_SCOPE=V2", "--rcp", rcp, pulls).out
    assert sentence("control.statement_resource_control") in denied
    printed = write({"registryId": OTHER, "policyText": json.dumps(policy(opens))}, "printed.json")
    other = run(*words, printed, pulls)
    assert (other.status, f"it is of {OTHER}" in other.err) == (3, True)


# --- existing resources ---


def row(name: str, document: object, **more: object) -> str:
    arn = f"arn:aws:ecr:eu-west-1:{OWNER}:repository/{name}"
    return json.dumps(
        {
            "resourceType": "AWS::ECR::Repository",
            "resourceId": name,
            "arn": arn,
            "accountId": OWNER,
            "awsRegion": "eu-west-1",
            "configuration": {"RepositoryPolicyText": document, "Tags": []},
            **more,
        }
    )


@pytest.fixture
def inventory(write: Write) -> str:
    closed = policy({"Effect": "Allow", "Principal": {"AWS": OWNER}, "Action": "ecr:*"})
    rows = [row("base/node", PULLS), row("base/python", PULLS), row("team/api", closed)]
    return write({"Results": rows}, "inventory.json")


def test_where_somebody_may_is_asked_of_an_inventory(run: Run, inventory: str) -> None:
    words = ("ask", "--no-trust", inventory, "--who", OTHER, "--can", "pull")
    found = run(*words)
    assert found.status == 0
    assert f"ALLOWED   base/node ({OWNER}, eu-west-1), base/python ({OWNER}, eu-west-1)" in found.out
    assert f"DENIED    team/api ({OWNER}, eu-west-1)" in found.out
    assert run(*words, "--fail-on", "allowed").status == 1
    answers = run(*words, "--format", "json").json["answers"]
    assert [(one["repository"], one["answer"]) for one in answers] == [
        ("base/node", "allowed"),
        ("base/python", "allowed"),
        ("team/api", "denied"),
    ]


def test_one_repository_is_chosen_by_its_name(run: Run, inventory: str) -> None:
    words = ("ask", "--no-trust", inventory, "--can", "pull", "--format", "json", "--repository")
    assert [one["repository"] for one in run(*words, "base/*").json["policies"]] == ["base/node", "base/python"]
    none = run(*words, "base/ruby")
    assert (none.status, "no repository" in none.err) == (3, True)


def test_what_an_inventory_does_not_show_is_not_asked(run: Run, write: Write) -> None:
    rows = [row("base/node", PULLS), row("base/hidden", "")]
    words = ("ask", "--no-trust", write({"Results": rows}, "i.json"), "--who", OTHER, "--can", "pull")
    found = run(*words)
    assert found.status == 3
    assert "UNREAD" in found.out
    assert "base/hidden" in found.out
    assert run(*words, "--repository", "base/node").status == 0
    assert run(*words, "--repository", "base/hidden").status == 3
    blank = run(*words, "ECR_CROSSACCOUNT_BLANK_IS_NONE=true")
    assert (blank.status, "treats as none" in blank.out) == (0, True)


def test_recordings_that_differ_are_all_asked(run: Run, write: Write) -> None:
    rows = [row("base/node", PULLS), row("base/node", policy())]
    words = ("ask", "--no-trust", write({"Results": rows}, "i.json"), "--who", OTHER, "--can", "pull")
    out = run(*words).out
    assert sentence("items.latest_recording_cannot") in out


def test_an_empty_inventory_answers_nothing(run: Run, write: Write) -> None:
    file = write({"Results": []}, "i.json")
    found = run("ask", "--no-trust", file, "--who", OTHER, "--can", "pull")
    assert (found.status, sentence("ask.no_repository_read_nothing") in found.out) == (3, True)


def test_self_that_is_not_known_is_an_error_of_the_list(run: Run, write: Write, inventory: str) -> None:
    register = write({"version": 1, "trust": [{"organization": "self"}]}, "trust.json")
    words = ("ask", "--trust", register, inventory, "--can", "pull")
    assert run(*words).status == 3
    assert run(*words, "--organization", "o-a1b2c3d4e5").status == 0
    assert run(*words, "--who", OTHER).status == 0


# --- help ---


@pytest.mark.parametrize("columns", [60, 80])
def test_help_groups_the_commands_and_fits(columns: int) -> None:
    env = {**os.environ, "COLUMNS": str(columns), "TERM": "dumb", "NO_COLOR": "1"}
    out = subprocess.run([*command(), "--help"], env=env, capture_output=True, text=True, check=True).stdout
    titles = ["understand a policy:", "before deployment:", "what exists:", "the register:", "this tool:"]
    lines = out.splitlines()
    places = [lines.index(f"  {title}") for title in titles]
    assert places == sorted(places)
    ask = next(place for place, line in enumerate(lines) if line.startswith("    ask "))
    assert places[0] < ask < places[1]
    assert max(map(len, lines)) <= max(columns, 75)  # each exit status has its own line
    assert "\x1b" not in out
    assert "  COMMAND\n" not in out
