"""`trust from-audit`: a register that approves all access that is open today, once someone adds the reasons."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import Repository, Trust, judge
from ecr_crossaccount.errors import InputError
from ecr_crossaccount.products.cli.register import open_register

from tests.wording import sentence

from .conftest import OWNER, TODAY, Run, Write

PULL = ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
SERVICE = {"Service": "lambda.amazonaws.com"}


def allow(principal: object, action: object = "ecr:BatchGetImage", **condition: object) -> dict[str, object]:
    return {
        "Effect": "Allow", "Principal": principal, "Action": action,
        **({"Condition": condition} if condition else {}),
    }  # fmt: skip


POLICIES = {
    "base/a": [allow({"AWS": ["222233334444", "333344445555"]}, PULL)],
    "base/b": [allow({"AWS": "222233334444"}, PULL), allow({"AWS": "222233334444"}, "ecr:PutImage")],
    "team/c": [
        allow("*", StringEquals={"aws:PrincipalOrgID": "o-z9y8x7w6v5"}, Null={"aws:PrincipalOrgID": "false"}),
        allow(SERVICE, StringEquals={"aws:SourceAccount": "444455556666"}),
    ],
    "team/d": [allow(SERVICE)],
    "team/e": [allow("*", ArnLike={"aws:PrincipalArn": "arn:aws:iam::555566667777:role/x"})],
    "team/f": [allow("*", **{"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-z9y8x7w6v5/r-ab12/*"}})],
    "team/safe": [allow({"AWS": OWNER})],
}
OPEN = {"open/g": [allow("*")]}


def audit(policies: dict[str, list[dict[str, object]]]) -> dict[str, object]:
    """Return the output of an audit of these policies, with the fields that matter here."""
    rows = []
    for name, statements in policies.items():
        policy = {"Version": "2012-10-17", "Statement": statements}
        rows.append({"name": name, **judge(policy, Repository(OWNER, name=name), Trust.nobody()).to_json()})
    return report(rows)


def report(rows: object) -> dict[str, object]:
    """Return a report of an audit with these rows."""
    return {"format": 1, "repositories": rows}


def test_filled_in_it_approves_all_that_it_was_drafted_from(run: Run, write: Write) -> None:
    result = run("trust", "from-audit", write(audit(POLICIES), "audit.json"))
    assert (result.status, result.err) == (0, "")
    filled = result.out.replace("WHY", "because").replace("YYYY-MM-DD", "2027-03-31")
    trust = open_register(write(filled, "trust.yaml"), TODAY).trust
    for name, statements in POLICIES.items():
        policy = {"Version": "2012-10-17", "Statement": statements}
        verdict = judge(policy, Repository(OWNER, name=name), trust)
        assert verdict.compliance.value == "COMPLIANT", (name, verdict.grants)


def test_what_no_entry_can_settle_is_named(run: Run, write: Write) -> None:
    """Otherwise a register in which all is filled in would look like the end of the work."""
    policies = {
        "odd/key": [allow("*", StringEquals={"aws:SomeKeyOfTomorrow": "x"})],
        "odd/policy": [allow("*") | {"Effect": "allow\x1b"}, allow({"AWS": OWNER})],
        "team/safe": POLICIES["team/safe"],
    }
    result = run("trust", "from-audit", write(audit(policies), "audit.json"))
    assert (result.status, "\ntrust: []\n" in result.out) == (0, True)
    _, named = result.out.split(sentence("register_edit.no_entry_can_settle"))
    lines = named.splitlines()
    assert [line.partition(":")[0] for line in lines] == [
        "# - odd/key is undecided",
        sentence("register_edit.odd_policy_invalid"),
    ]
    assert "aws:SomeKeyOfTomorrow" in lines[0]
    assert "$.Statement[0].Effect" in lines[1]
    assert "\x1b" not in result.out
    assert "No entry can settle" not in run("trust", "from-audit", write(audit(POLICIES), "audit.json")).out


@pytest.mark.parametrize("field", ["undecided", "invalid"])
@pytest.mark.parametrize("value", [{}, ["x"], [{}], [{"reason": 7, "at": "$"}]])
def test_a_question_of_another_form_is_an_error(run: Run, write: Write, field: str, value: object) -> None:
    row = {"name": "a", "grants": [], field: value}
    result = run("trust", "from-audit", write(report([row]), "audit.json"))
    assert (result.status, f"repositories[0].{field}" in result.err) == (3, True)


def test_it_approves_no_more(run: Run, write: Write) -> None:
    result = run("trust", "from-audit", write(audit(POLICIES), "audit.json"))
    trust = open_register(write(result.out.replace("YYYY-MM-DD", "2027-03-31"), "trust.yaml"), TODAY).trust
    named = [(one.subject.value, one.name, one.access.value, one.repositories) for one in trust.entries]
    assert named == [
        ("account", "222233334444", "READ", ("base/a", "base/b")),
        ("account", "222233334444", "WRITE", ("base/b",)),
        ("account", "333344445555", "READ", ("base/a",)),
        ("account", "444455556666", "READ", ("team/c",)),
        ("account", "555566667777", "READ", ("team/e",)),
        ("organization", "o-z9y8x7w6v5", "READ", ("team/c", "team/f")),
        ("service", "lambda.amazonaws.com", "READ", ("team/d",)),
    ]


def test_until_it_is_filled_in_nothing_is_judged_with_it(run: Run, write: Write) -> None:
    draft = run("trust", "from-audit", write(audit(POLICIES), "audit.json")).out
    with pytest.raises(InputError, match="`YYYY-MM-DD` is not a day"):
        open_register(write(draft, "trust.yaml"), TODAY)


def test_with_its_days_alone_filled_in_lint_asks_for_the_rest(run: Run, write: Write) -> None:
    draft = run("trust", "from-audit", write(audit(POLICIES), "audit.json")).out
    path = write(draft.replace("YYYY-MM-DD", "2027-03-31"), "trust.yaml")
    result = run("trust", "lint", path)
    assert result.status == 1
    assert result.out.count(sentence("register.why_placeholder_say")) == 7
    assert result.out.count(sentence("register.whom_ask_example")) == 7


def test_what_to_look_at_stands_beside_it(run: Run, write: Write) -> None:
    draft = run("trust", "from-audit", write(audit(POLICIES | OPEN), "audit.json")).out
    before = {line: draft.splitlines()[number - 1] for number, line in enumerate(draft.splitlines())}
    assert before['  - account: "555566667777"'].startswith(sentence("register_edit.allowed_condition_make"))
    assert before['  - account: "444455556666"'] == "  # as lambda.amazonaws.com for 444455556666"
    assert before['  - organization: "o-z9y8x7w6v5"'].startswith(sentence("register_edit.only_path_organization"))
    assert sentence("register_edit.no_entry_can_name") in draft


def test_nothing_open_is_an_empty_register(run: Run, write: Write) -> None:
    draft = run("trust", "from-audit", write(audit({"a": [allow({"AWS": OWNER})]}), "audit.json")).out
    assert open_register(write(draft, "trust.yaml"), TODAY).trust.entries == ()


def test_it_says_that_the_audit_did_not_read_everything(run: Run, write: Write) -> None:
    unread = {"errors": [{"reason": "no"}, {"reason": "no"}]}
    out = run("trust", "from-audit", write({**audit(OPEN), **unread}, "audit.json")).out
    assert out.endswith(sentence("register_edit.audit_errors_could"))
    assert "could not be read" not in run("trust", "from-audit", write(audit(OPEN), "audit.json")).out


def test_it_starts_a_file_but_replaces_none(run: Run, write: Write, tmp_path: Path) -> None:
    path = write(audit(POLICIES), "audit.json")
    target = tmp_path / "draft.yaml"
    assert run("trust", "from-audit", path, "--output", str(target)).status == 0
    assert target.read_text() == run("trust", "from-audit", path).out
    again = run("trust", "from-audit", path, "--output", str(target))
    assert again.status == 3
    assert "already exists" in again.err


ROW: dict[str, Any] = {
    "name": "a",
    "grants": [{"grantee": "222233334444", "kind": "account", "access": ["READ"], "reason": "x"}],
}


@pytest.mark.parametrize(
    "content, complaint",
    [
        pytest.param("{", "not JSON at line 1", id="half a file"),
        pytest.param("<html>", sentence("inventory.expecting_value_expected"), id="a page"),
        pytest.param(b"\xff\xfe\x00\x01\xff", "not", id="binary"),
        pytest.param([], sentence("register_edit.not_audit_expected_output"), id="a list"),
        pytest.param({"policies": []}, sentence("register_edit.not_audit_expected_output"), id="a check"),
        pytest.param({"repositories": []}, sentence("register_edit.audit_format_none"), id="a part of an audit"),
        pytest.param({"format": 2, "repositories": []}, sentence("register_edit.audit_format"), id="a later format"),
        pytest.param(report({}), "repositories: expected a list", id="repositories that are none"),
        pytest.param(report([1]), "repositories[0]: expected an object", id="a repository that is none"),
        pytest.param(report([{"grants": []}]), "repositories[0].name: expected a text", id="without a name"),
        pytest.param(
            report([{**ROW, "grants": [{**ROW["grants"][0], "access": ["ALL"]}]}]),
            sentence("register_edit.repositories_grants_access"), id="an access that is none",
        ),
        pytest.param(
            report([ROW, {**ROW, "grants": [{"access": ["READ"]}]}]),
            "repositories[1].grants[0].grantee: expected a text", id="without a grantee",
        ),
    ],
)  # fmt: skip
def test_what_is_no_audit_says_where(run: Run, write: Write, content: object, complaint: str) -> None:
    result = run("trust", "from-audit", write(content, "audit.json"))
    assert (result.status, result.out) == (3, "")
    assert complaint in result.err


def test_a_missing_audit(run: Run) -> None:
    assert "cannot read `nowhere.json`: no such file" in run("trust", "from-audit", "nowhere.json").err


def test_hostile_names_stay_comments_and_text(run: Run, write: Write) -> None:
    evil = "a\n  - account: '999988887777'\x1b[31m\u2028"
    rows = [{"name": evil, "grants": [{**ROW["grants"][0], "kind": "any", "grantee": evil}]}, {**ROW, "name": evil}]
    draft = run("trust", "from-audit", write(report(rows), "audit.json")).out
    assert draft.replace("\n", "").isprintable()
    assert json.dumps("999988887777") not in draft
    assert not [line for line in draft.splitlines() if line.lstrip().startswith("- account: '")]


def test_with_a_last_day_for_all_it_can_be_read_and_lint_asks_for_the_rest(run: Run, write: Write) -> None:
    argv = ("trust", "from-audit", write(audit(POLICIES), "audit.json"))
    drafted = run(*argv, "--expires", "90d")
    assert "YYYY-MM-DD" not in drafted.out
    assert sentence("register_edit.ask_whether_last") in drafted.out
    path = write(drafted.out, "trust.yaml")
    assert {str(entry.expires) for entry in open_register(path, TODAY).trust.entries} == {"2026-09-28"}
    assert run("trust", "lint", path).status == 1
    over = run(*argv, "--expires", "2026-06-29")
    assert (over.status, over.out) == (3, "")
    assert sentence("options.expires_over_expected") in over.err


def test_what_is_written_is_said(run: Run, write: Write, tmp_path: Path) -> None:
    file = str(tmp_path / "trust.yaml")
    done = run("trust", "from-audit", write(audit(POLICIES), "audit.json"), "--output", file)
    told = sentence("trust.drafted_entries_fill", file=file)
    assert (done.status, done.out, done.err) == (0, f"{told} missing\n", "")


def _through(*ways: dict[str, object], **fields: object) -> dict[str, object]:
    shown = {"repositories": [f"arn:aws:ecr:eu-central-1:{OWNER}:repository/app"], "access": ["READ", "WRITE"]}
    chain = [f"arn:aws:iam::{OWNER}:role/ci/r", f"arn:aws:iam::{OWNER}:role/next"]
    whole = [{"chain": chain, **shown, **way} for way in ways]
    return {**report([]), "through_roles": [{"account": OWNER, "ways": whole, "undecided": [], **fields}]}


def test_access_through_roles_is_drafted_by_its_first_role(run: Run, write: Write) -> None:
    found = _through(
        {"grantee": "222233334444", "kind": "account"},
        {"grantee": "arn:aws:iam::333344445555:role/ci", "kind": "principal"},
        {"grantee": "acme/infra", "kind": "github"},
        {"grantee": "eu-central-1:pool", "kind": "cognito", "reason": sentence("issuers.who_can_sign")},
        {"grantee": "*", "kind": "any-account"},
        {"grantee": "an organization such as o-x", "kind": "organization"},
    )
    text = run("trust", "from-audit", write(found, "audit.json"), "--expires", "2099-12-31").out
    trust = open_register(write(text, "trust.yaml"), TODAY).trust
    drafted = {(entry.subject.value, entry.name): (entry.access.value, entry.roles) for entry in trust.entries}
    by_role = ("WRITE", ("ci/r",))
    assert drafted == {
        ("account", "222233334444"): by_role,
        ("account", "333344445555"): by_role,
        ("github", "acme/infra"): by_role,
        ("oidc", "cognito-identity.amazonaws.com eu-central-1:pool"): by_role,
    }
    assert sentence("register_edit.only_arn_aws") in text
    assert sentence("register_edit.whether_access_undecided") in text
    assert "# - * gets WRITE on app by the role ci/r" in text
    assert sentence("outsiders.organization_such_gets") in text


def test_the_draft_is_not_silent_about_roles_that_were_not_read_or_lead_further(run: Run, write: Write) -> None:
    more = {"grantee": "222233334444", "chain": [f"arn:aws:iam::{OWNER}:role/admin"], "actions": ["iam:PutRolePolicy"]}
    found = _through(unread=["the work budget was spent\x1b"], more_is_possible=[more])
    text = run("trust", "from-audit", write(found, "audit.json")).out
    assert sentence("through.access_through_roles", owner=OWNER) in text
    assert sentence("register_edit.may_reach_more") in text


def test_access_through_roles_without_a_chain_is_refused(run: Run, write: Write) -> None:
    found = _through({"grantee": "acme", "kind": "github", "chain": []})
    assert "through_roles[0].ways[0]: expected the chain" in run("trust", "from-audit", write(found, "audit.json")).err
