"""`audit --roles`: access through roles, from IAM and from a saved answer."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.audit.conftest import OWNER, STRANGER, Furnish, policy
from tests.audit.test_ocsf import events
from tests.cli.check_formats.test_sarif import validator
from tests.cli.conftest import Run
from tests.docs.markdown import page
from tests.wording import sentence

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{STRANGER}:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "secret"}},
            }
        ],
    }
)
OF_SERVICE = json.dumps(
    {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)
PUSHES = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ecr:PutImage", "Resource": "*"}]}
)


@pytest.fixture
def vendor(furnish: Furnish) -> None:
    """A closed repository, and a role that STRANGER may assume and that may push to it."""
    furnish({"app": None})
    iam = boto3.client("iam")
    iam.create_role(RoleName="vendor", AssumeRolePolicyDocument=TRUST)
    made = iam.create_policy(PolicyName="pushes", PolicyDocument=PUSHES)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="vendor", PolicyArn=made)
    iam.create_role(RoleName="instances", AssumeRolePolicyDocument=TRUST.replace(f"arn:aws:iam::{STRANGER}:root", "x"))


@pytest.fixture
def saved(tmp_path: Path) -> Callable[..., str]:
    """Save an answer of IAM with one role, and return the file's name."""

    def save(**fields: object) -> str:
        role = {
            "Arn": f"arn:aws:iam::{OWNER}:role/vendor",
            "RoleId": "AROAVENDOR0000000000X",
            "AssumeRolePolicyDocument": json.loads(TRUST),
            "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": json.loads(PUSHES)}],
            "AttachedManagedPolicies": [],
            "Tags": [],
        }
        path = tmp_path / "roles.json"
        path.write_text(json.dumps({"RoleDetailList": [role], "Policies": [], "IsTruncated": False, **fields}))
        return str(path)

    return save


@pytest.mark.usefixtures("vendor")
def test_iam_is_asked(run: Run) -> None:
    answer = run("audit", "--no-trust", "--roles", "--format", "json")
    assert answer.status == 0, "a way through a role changes no status"
    (found,) = answer.json["through_roles"]
    (way,) = found["ways"]
    assert (way["grantee"], way["access"]) == (STRANGER, ["WRITE"])
    assert [hop["action"] for hop in way["hops"]] == ["sts:AssumeRole", "ecr:PutImage"]
    assert way["hops"][0]["context"]["sts:ExternalId"] == "secret"
    assert answer.json["repositories"][0]["compliance"] == "COMPLIANT", "the verdict is the policy's"


def test_a_subject_that_a_second_equal_key_drops_is_seen_in_what_iam_sends(run: Run, furnish: Furnish) -> None:
    """Decoded, the second `StringLike` would be all that is left, and open the role to anyone."""
    furnish({"app": None})
    issuer = "token.actions.githubusercontent.com"
    one = {"Effect": "Allow", "Principal": {"Federated": f"arn:aws:iam::{OWNER}:oidc-provider/{issuer}"}}
    one |= {
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {f"{issuer}:sub": "repo:acme/app:*"}},
    }
    text = json.dumps({"Version": "2012-10-17", "Statement": [one]})
    twice = text.replace('"StringLike"', f'"StringLike": {{"{issuer}:aud": "sts.amazonaws.com"}}, "StringLike"')
    iam = boto3.client("iam")
    iam.create_role(RoleName="ci", AssumeRolePolicyDocument=twice)
    iam.put_role_policy(RoleName="ci", PolicyName="own", PolicyDocument=PUSHES)
    (found,) = run("audit", "--no-trust", "--roles", "--format", "json").json["through_roles"]
    (doubt,) = found["undecided"]
    assert (found["ways"], found["complete"]) == ([], False)
    assert "names `StringLike` twice" in doubt["reason"]


def test_pushes_come_before_pulls(run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]

    def may(name: str, *actions: str) -> dict[str, object]:
        policies = [{"PolicyName": "own", "PolicyDocument": json.loads(PUSHES.replace("ecr:PutImage", action))}
                    for action in actions]  # fmt: skip
        return {**role, "Arn": f"arn:aws:iam::{OWNER}:role/{name}", "RolePolicyList": policies}

    read = saved(
        RoleDetailList=[may("a", "ecr:BatchGetImage"), may("b", "ecr:PutImage"), may("c", "ecr:DeleteRepository")]
    )
    usual = ("audit", "--no-trust", "--roles", read, "--format")
    run(*usual, f"html={tmp_path / 'page.html'}")
    (found,) = run(*usual, "json").json["through_roles"]
    assert [one["chain"][0][-1] for one in found["ways"]] == ["c", "b", "a"]
    section = (tmp_path / "page.html").read_text("utf-8").partition('id="roles-title"')[2]
    for shown in (section, run(*usual, "text").out.partition("Through roles")[2]):
        assert shown.index("ADMIN") < shown.index("WRITE") < shown.index("READ")


def test_a_saved_answer_is_read(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None})
    answer = run("audit", "--no-trust", "--roles", saved())
    assert f"CRITICAL  account {STRANGER} gets WRITE of app" in answer.out
    assert "COMPLIANT" not in answer.out.partition("Through roles")[2]


def test_the_page_shows_what_is_printed(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    """`docs/through-roles.md` has the section for an account with these roles."""
    furnish({"app/web": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    next_ = {"Effect": "Allow", "Principal": {"AWS": role["Arn"]}, "Action": "sts:AssumeRole"}
    pushes = {"Effect": "Allow", "Action": ["ecr:BatchGetImage", "ecr:PutImage"], "Resource": "*"}
    deploy = {
        **role,
        "Arn": f"arn:aws:iam::{OWNER}:role/deploy",
        "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [next_]},
        "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": {"Version": "2012-10-17", "Statement": [pushes]}}],
    }
    roles = [{**role, "RolePolicyList": []}, deploy]
    printed = run("audit", "--no-trust", "--roles", saved(RoleDetailList=roles)).out
    (shown,) = page("docs/through-roles.md").blocks("text")
    section = printed[printed.index("Through roles") :].strip()
    assert section.replace(STRANGER, "222233334444").replace(OWNER, "111122223333") == shown.text.strip()


def test_an_approval_covers_a_role_too(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str]
) -> None:
    furnish({"app": None})
    register = trust({"account": STRANGER, "access": "WRITE"})
    answer = run("audit", "--trust", register, "--organization", "o-a1b2c3d4e5", "--roles", saved())
    assert sentence("audit_roles.role_no_one_outside") in answer.out
    assert f"account {STRANGER} is approved for WRITE of app" in answer.out


def test_an_approval_that_only_a_role_needs_is_used(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str]
) -> None:
    furnish({"app": policy({"AWS": STRANGER}), "base": None})
    entries = [{"account": STRANGER, "access": "WRITE"}, {"account": "999988887777"}, {"account": STRANGER}]
    roles = [{**entries[0], "role": "vendor"}, {**entries[0], "role": "other"}, {"github": "acme/app"}]
    usual = ("audit", "--trust", trust(*entries, *roles), "--organization", "o-a1b2c3d4e5", "--format", "json")
    report = run(*usual, "--roles", saved()).json
    assert [one["used_by"] for one in report["trust"]] == [2, 0, 1, 2, 0, 0]
    assert report["unused_trust"] == [1, 4, 5]
    assert [one["entries"] for one in report["through_roles"][0]["approved"]] == [[0, 3]]
    assert run(*usual).json["unused_trust"] == [1], "roles were not read"
    assert run(*usual, "--roles", saved(IsTruncated=True)).json["unused_trust"] == [1], "not all roles were read"
    out = run(*usual[:-2], "--roles", saved()).out
    assert sentence("audit_text.approvals_no_policy_role") in out


def test_an_expired_approval_that_a_role_relies_on_is_not_called_unused(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None, "base": None})
    entry = {"account": STRANGER, "access": "WRITE", "role": "vendor", "expires": "2020-01-01"}
    other = {**entry, "role": "other"}
    read, usual = saved(), ("audit", "--organization", "o-a1b2c3d4e5", "--trust", trust(entry, other), "--roles")
    report = run(*usual, read, "--format", "json").json
    assert [(one["expired"], one["used_by"]) for one in report["trust"]] == [(True, 2), (True, 0)]
    assert report["unused_trust"] == [1]
    (found,) = report["through_roles"]
    assert (len(found["ways"]), found["approved"]) == (1, []), "it approves nothing any more"
    run(*usual, read, "--format", f"html={tmp_path / 'page.html'}")
    assert (tmp_path / "page.html").read_text("utf-8").count("expired, still relied on") == 1


def test_a_draft_that_is_filled_in_approves_each_way_that_an_entry_can_name(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None, "base": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    provider = f"arn:aws:iam::{OWNER}:oidc-provider/"

    def by_token(name: str, issuer: str, subject: str) -> dict[str, object]:
        one = {"Effect": "Allow", "Principal": {"Federated": provider + issuer}}
        one |= {"Action": "sts:AssumeRoleWithWebIdentity", "Condition": {"StringLike": {f"{issuer}:sub": subject}}}
        return trusting(name, one)

    def trusting(name: str, one: object) -> dict[str, object]:
        document = {"Version": "2012-10-17", "Statement": [one]}
        return {**role, "Arn": f"arn:aws:iam::{OWNER}:role/{name}", "AssumeRolePolicyDocument": document}

    next_ = {"Effect": "Allow", "Principal": {"AWS": role["Arn"]}, "Action": "sts:AssumeRole"}
    saml = {"Federated": f"arn:aws:iam::{OWNER}:saml-provider/okta"}
    roles = saved(
        RoleDetailList=[
            {**role, "RolePolicyList": []},
            trusting("ci/deploy", next_),
            by_token("gh", "token.actions.githubusercontent.com", "repo:acme/app:*"),
            by_token("gl", "gitlab.com", "project_path:acme/*"),
            by_token("eks", "oidc.eks.eu-central-1.amazonaws.com/id/X", "system:serviceaccount:ns:app"),
            trusting("sso", {"Effect": "Allow", "Principal": saml, "Action": "sts:AssumeRoleWithSAML"}),
        ]
    )
    usual = ("audit", "--organization", "o-a1b2c3d4e5", "--roles", roles, "--format", "json")
    report = tmp_path / "audit.json"
    report.write_text(run(*usual, "--no-trust").out)
    draft = run("trust", "from-audit", str(report), "--expires", "90d").out
    register = tmp_path / "trust.yaml"
    register.write_text(draft.replace("WHY", "ours").replace("WHOM-TO-ASK@example.com", "us@example.com"))
    lint = run("trust", "lint", str(register))
    assert lint.status == 0, lint.out
    (found,) = run(*usual, "--trust", str(register)).json["through_roles"]
    assert (found["ways"], found["undecided"]) == ([], [])
    assert {one["chain"][0].rpartition("/")[2] for one in found["approved"]} == {"vendor", "gh", "gl", "eks", "sso"}


def test_what_is_not_read_is_told(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None})
    answer = run("audit", "--no-trust", "--roles", saved(IsTruncated=True), "--format", "json")
    (found,) = answer.json["through_roles"]
    assert not found["complete"]
    assert "is truncated" in found["unread"][0]


def test_doubts_and_more_are_told(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": policy(STRANGER)})
    roles = json.loads(Path(saved()).read_text())["RoleDetailList"]
    roles[0]["RolePolicyList"][0]["PolicyDocument"]["Statement"][0]["Action"] = "iam:PutRolePolicy"
    roles.append({**roles[0], "Arn": f"arn:aws:iam::{OWNER}:role/other", "RolePolicyList": None})
    answer = run("audit", "--no-trust", "--roles", saved(RoleDetailList=roles))
    assert "MORE      account" in answer.out
    assert "UNDECIDED account" in answer.out
    assert sentence("account_details.because_other_no_rolepolicylist") in answer.out


def test_a_role_that_is_there_twice_is_read_if_both_are_the_same(
    run: Run, furnish: Furnish, saved: Callable[..., str]
) -> None:
    """Of two with different contents, which counts is unknown. The order does not matter."""
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    other = {**role, "AssumeRolePolicyDocument": json.loads(OF_SERVICE)}
    usual = ("audit", "--no-trust", "--format", "json", "--roles")
    for twice, is_unread in (([role, role], False), ([role, other], True), ([other, role], True)):
        (found,) = run(*usual, saved(RoleDetailList=twice)).json["through_roles"]
        assert any("is there twice" in one for one in found["unread"]) == is_unread
        assert found["ways"] or is_unread


def test_the_roles_of_another_account_are_told_apart(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None})
    name = saved()
    Path(name).write_text(Path(name).read_text().replace(OWNER, "999988887777"))
    answer = run("audit", "--no-trust", "--roles", name)
    assert sentence("roles.not_read_roles_not_read") in answer.out


@pytest.mark.parametrize("text", ["{", "[1]", "7"])
def test_another_file_is_refused(run: Run, furnish: Furnish, tmp_path: Path, text: str) -> None:
    furnish({"app": None})
    (tmp_path / "x.json").write_text(text)
    answer = run("audit", "--no-trust", "--roles", str(tmp_path / "x.json"))
    assert answer.status == 3
    assert sentence("account_details.not_output_aws_iam") in answer.err


def test_a_missing_file_is_refused(run: Run, furnish: Furnish) -> None:
    furnish({"app": None})
    assert run("audit", "--no-trust", "--roles", "missing.json").status == 3


def test_iam_is_not_asked_for_an_inventory(run: Run, tmp_path: Path) -> None:
    answer = run("audit", "--no-trust", str(tmp_path / "none"), "--roles")
    assert answer.status == 3
    assert sentence("roles.roles_without_file") in answer.err


def test_csv_has_a_row_for_each_way(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str]
) -> None:
    furnish({"app": None, "base": None})
    register = trust({"account": STRANGER, "access": "WRITE", "repositories": ["base"], "role": "vendor"})
    usual = ("audit", "--trust", register, "--organization", "o-a1b2c3d4e5", "--roles", saved(), "--format", "csv")
    rows = [one for one in csv.DictReader(run(*usual).out.splitlines()) if one["kind"] == "role"]
    shown = {(one["compliance"], one["repository"], one["severity"], one["access"]) for one in rows}
    assert shown == {("THROUGH_ROLES", "app", "CRITICAL", "WRITE"), ("APPROVED", "base", "", "WRITE")}
    assert {one["reason"] for one in rows} == {"through vendor"}


def test_a_log_has_each_role_with_who_gets_in(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None, "base": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    unread = {**role, "Arn": f"arn:aws:iam::{OWNER}:role/other", "RolePolicyList": None}
    log = run("audit", "--no-trust", "--roles", saved(RoleDetailList=[role, unread]), "--format", "sarif").json
    validator().validate(log)
    first, second, more = log["runs"][0]["results"]
    assert (first["ruleId"], first["level"], second["ruleId"]) == ("account-write", "error", "undecided")
    assert first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == role["Arn"]
    assert first["message"]["text"].splitlines() == [
        sentence("audit_role_reports.account_gets_write", stranger=STRANGER),
        f"arn:aws:iam::{STRANGER}:role/outsider may call sts:AssumeRole.",
        f"arn:aws:sts::{OWNER}:assumed-role/vendor/outsider may call ecr:PutImage.",
    ]
    assert sentence("account_details.no_rolepolicylist_answer_iam") in second["message"]["text"]
    assert sentence("audit_roles.may_reach_more") in more["message"]["text"]
    furnish({"one-more": None})
    again = run("audit", "--no-trust", "--roles", saved(), "--format", "sarif").json["runs"][0]["results"]
    assert again[0]["partialFingerprints"] == first["partialFingerprints"], "the same finding, with one more repository"


def test_a_baseline_has_access_through_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    unread = {**role, "Arn": f"arn:aws:iam::{OWNER}:role/other", "RolePolicyList": None}
    earlier = tmp_path / "earlier.json"
    earlier.write_text(
        run("audit", "--no-trust", "--roles", saved(RoleDetailList=[role, unread]), "--format", "json").out
    )
    usual = ("audit", "--no-trust", "--baseline", str(earlier))

    def states(**fields: object) -> list[str]:
        log = run(*usual, "--roles", saved(**fields), "--format", "sarif").json
        return [one["baselineState"] for one in log["runs"][0]["results"]]

    assert states(RoleDetailList=[role, unread]) == ["unchanged"] * 3
    log = events(run(*usual, "--roles", saved(RoleDetailList=[role, unread]), "--format", "ocsf"))
    assert {log[one["Arn"]]["status"] for one in (role, unread)} == {"Suppressed"}
    target = tmp_path / "page.html"
    run(*usual, "--roles", saved(RoleDetailList=[role, unread]), "--format", f"html={target}")
    assert target.read_text("utf-8").count("of the baseline") == 3
    out = run(*usual, "--roles", saved(RoleDetailList=[role, unread])).out
    assert ("known     2 of the baseline" in out, "gets WRITE" in out, "UNDECIDED" in out) == (True, False, False)
    furnish({"base": None})
    assert states() == ["new"], "a repository more is access that nobody had"
    assert events(run(*usual, "--roles", saved(), "--format", "ocsf"))[role["Arn"]]["status"] == "New"
    assert "gets WRITE" in run(*usual, "--roles", saved()).out


def test_events_of_roles_open_and_close(run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    usual = ("audit", "--no-trust", "--format", "ocsf", "--roles")
    opened = events(run(*usual, saved()))[role["Arn"]]
    assert (opened["activity_name"], opened["severity"], opened["compliance"]["status"]) == (
        "Create",
        "Critical",
        "Fail",
    )
    assert opened["resource"]["type"] == "AWS::IAM::Role"
    assert opened["unmapped"]["through_roles"][0]["chain"] == [role["Arn"]]
    earlier = tmp_path / "earlier.json"
    earlier.write_text(run("audit", "--no-trust", "--roles", saved(), "--format", "json").out)
    since = ("--since", str(earlier))
    assert events(run(*usual, saved(), *since))[role["Arn"]]["activity_name"] == "Update"
    other = {**role, "Arn": f"arn:aws:iam::{OWNER}:role/other", "RolePolicyList": []}
    closed = events(run(*usual, saved(RoleDetailList=[other]), *since))[role["Arn"]]
    assert (closed["activity_name"], closed["compliance"]["status"]) == ("Close", "Pass")
    assert role["Arn"] not in events(run(*usual, saved(RoleDetailList=[], IsTruncated=True), *since))


def test_the_html_page_has_a_section(run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path) -> None:
    furnish({"app": None})
    target = tmp_path / "page.html"
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    service = {**role, "Arn": f"arn:aws:iam::{OWNER}:role/job", "AssumeRolePolicyDocument": json.loads(OF_SERVICE)}
    both = saved(RoleDetailList=[role, service], IsTruncated=True)
    run("audit", "--no-trust", "--roles", both, "--format", f"html={target}")
    shown = target.read_text("utf-8")
    section = shown.partition('id="roles-title"')[2].partition("</section>")[0]
    assert f"account {STRANGER}" in section
    assert '<span class="badge critical">Critical</span>' in section
    assert "is truncated" in section
    assert sentence("through.because_role_passed") in section
    assert sentence("keys.trust_policies_account") not in shown


def test_no_format_is_silent_about_what_was_not_read_or_may_be_reached(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    """No baseline hides it either."""
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    changes = PUSHES.replace("ecr:PutImage", "iam:PutRolePolicy")
    role["RolePolicyList"] = [{"PolicyName": "own", "PolicyDocument": json.loads(changes)}]
    name, earlier = saved(RoleDetailList=[role], IsTruncated=True), tmp_path / "earlier.json"
    earlier.write_text(run("audit", "--no-trust", "--roles", name, "--format", "json").out)
    usual = ("audit", "--no-trust", "--roles", name, "--baseline", str(earlier), "--format")
    html = tmp_path / "page.html"
    run(*usual, f"html={html}")
    every = {one: run(*usual, one) for one in ("text", "csv", "sarif", "ocsf", "json")}
    for shown in (html.read_text("utf-8"), *(one.out for one in every.values())):
        assert "is truncated" in shown
        assert "iam:PutRolePolicy" in shown
    assert sentence("audit_parts.no_external_access_without_approval") in (html.read_text("utf-8"))
    assert sentence("audit_roles.no_one_found_undecided") in every["text"].out
    rows = {one["compliance"]: one["account"] for one in csv.DictReader(every["csv"].out.splitlines())}
    assert (rows["MORE"], rows["UNREAD"]) == (OWNER, OWNER)
    log = every["sarif"].json
    validator().validate(log)
    assert log["runs"][0]["invocations"][0]["toolExecutionNotifications"][0]["level"] == "warning"
    assert events(every["ocsf"])[OWNER]["compliance"]["status"] == "Unknown"


def test_a_role_that_leads_to_others_is_not_closed(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    earlier = tmp_path / "earlier.json"
    earlier.write_text(run("audit", "--no-trust", "--roles", saved(), "--format", "json").out)
    changes = PUSHES.replace("ecr:PutImage", "iam:PutRolePolicy")
    role["RolePolicyList"] = [{"PolicyName": "own", "PolicyDocument": json.loads(changes)}]
    now = ("--roles", saved(RoleDetailList=[role]), "--since", str(earlier), "--format", "ocsf")
    event = events(run("audit", "--no-trust", *now))[role["Arn"]]
    assert (event["activity_name"], event["compliance"]["status"]) == ("Update", "Fail")


def test_the_map_has_a_column_of_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None, "open": policy({"AWS": STRANGER})})
    target = tmp_path / "page.html"

    def section(*argv: str) -> str:
        run("audit", *argv, "--format", f"html={target}")
        return target.read_text("utf-8").partition('id="map-title"')[2].partition("</section>")[0]

    assert "Roles</p>" not in section("--no-trust"), "roles were not asked about"
    shown = section("--no-trust", "--roles", saved())
    assert '<p class="side">Roles</p>' in shown
    assert f"<title>account {STRANGER}: WRITE of app through vendor, 1 repository</title>" in shown
    assert f"<title>account {STRANGER}: READ of open, 1 repository</title>" in shown
    assert '<td data-label="Through">a policy, no role</td>' in shown
    assert 'href="#roles" aria-label="Show the access through roles: vendor"' in shown
    approved = trust({"account": STRANGER, "access": "WRITE", "role": "vendor"})
    usual = ("--trust", approved, "--organization", "o-a1b2c3d4e5", "--roles")
    assert "approved WRITE of app through vendor" in section(*usual, saved())
    assert "Roles</p>" not in section("--no-trust", "--roles", saved(RoleDetailList=[])), "no role leads anywhere"


def test_the_headline_of_the_page_counts_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None})
    target = tmp_path / "page.html"

    def headline(*argv: str) -> str:
        run("audit", "--no-trust", *argv, "--format", f"html={target}")
        return target.read_text("utf-8").partition("<h1>")[2].partition("</h1>")[0]

    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    closed = saved(RoleDetailList=[{**role, "AssumeRolePolicyDocument": json.loads(OF_SERVICE)}])
    assert headline() == headline("--roles", closed) == "No external access without approval"
    assert headline("--roles", saved()).endswith("but roles of the account do")
    assert "1 from outside has access through roles, without approval" in target.read_text("utf-8")


@pytest.mark.parametrize("accounts", [1, 13])
def test_many_roles_are_one_picture(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path, accounts: int
) -> None:
    furnish({f"team{number}/app": None for number in range(12)})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]

    def numbered(number: int) -> dict[str, object]:
        trusted = [f"arn:aws:iam::{500000000000 + (number + one) % 13}:root" for one in range(accounts)]
        one = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
        arn = f"arn:aws:iam::{OWNER}:role/r{number:02}"
        return {**role, "Arn": arn, "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [one]}}

    target, roles = tmp_path / "page.html", saved(RoleDetailList=[numbered(one) for one in range(40)])
    run("audit", "--no-trust", "--roles", roles, "--format", f"html={target}")
    shown = target.read_text("utf-8")
    assert 0 < shown.count("<path ") <= 100
    assert "31 other roles" in shown


def test_a_chain_that_leaves_the_account_is_told(
    run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    named = [f"arn:aws:iam::333344445555:role/r{number}" for number in range(7)]
    leaves = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": named}],
    }
    role["RolePolicyList"] = [{"PolicyName": "own", "PolicyDocument": leaves}]
    usual = ("audit", "--no-trust", "--roles", saved(RoleDetailList=[role]), "--format")
    rows = csv.DictReader(run(*usual, "csv").out.splitlines())
    assert ["and 2 more" in one["reason"] for one in rows if one["compliance"] == "LEAVES"] == [True]
    run(*usual, f"html={tmp_path / 'page.html'}")
    assert "Leaves the account" in (tmp_path / "page.html").read_text("utf-8")
    out = run(*usual, "text").out
    assert sentence("audit_roles.account_leaves_account", stranger=STRANGER, join=", ".join(named[:5])) in " ".join(
        out.split()
    )


def test_since_compares_access_through_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str], tmp_path: Path
) -> None:
    furnish({"app": None})
    (role,) = json.loads(Path(saved()).read_text())["RoleDetailList"]
    pulls = json.loads(PUSHES.replace("ecr:PutImage", "ecr:BatchGetImage"))
    other = {**role, "RolePolicyList": [{"PolicyName": "own", "PolicyDocument": pulls}]}
    usual = ("audit", "--organization", "o-a1b2c3d4e5")
    earlier = tmp_path / "earlier.json"
    earlier.write_text(run(*usual, "--no-trust", "--roles", saved(), "--format", "json").out)

    def changed(*register: str, **fields: object) -> list[str]:
        out = run(*usual, *(register or ("--no-trust",)), "--roles", saved(**fields), "--since", str(earlier)).out
        return [line.strip() for line in out.splitlines() if line.strip()[:2] in ("+ ", "- ", "? ")]

    assert changed() == []
    assert changed(RoleDetailList=[other]) == [
        f"+ account {STRANGER} gets READ of app through vendor, which is new",
        f"- account {STRANGER} gets WRITE of app through vendor, which has ended",
    ]
    register = trust({"account": STRANGER, "access": "WRITE", "role": "vendor"})
    assert changed("--trust", register) == [sentence("audit_text.account_gets_write", stranger=STRANGER)]
    (doubt,) = changed(RoleDetailList=[], IsTruncated=True)
    assert doubt.startswith(sentence("since_roles.whether_access_through"))
    earlier.write_text(run(*usual, "--trust", register, "--roles", saved(), "--format", "json").out)
    assert changed() == [sentence("audit_text.account_gets_write_approval", stranger=STRANGER)]
    earlier.write_text(run(*usual, "--no-trust", "--format", "json").out)
    assert changed() == [], "the earlier audit did not read roles"


ASKED_POLICY = json.dumps(policy({"AWS": OWNER}))


def test_a_question_names_the_role(run: Run, furnish: Furnish, saved: Callable[..., str], tmp_path: Path) -> None:
    furnish({"app": None})
    can = ("ask", "--no-trust", "--can", "push")
    for who in ((), ("--who", STRANGER)):
        answer = run(*can, *who, saved())
        assert answer.status == 0
        section = answer.out.partition("Through roles")[2]
        assert f"account {STRANGER} gets WRITE of app" in section
        assert sentence("audit_role_reports.because_statement_trust") in section
        assert "assumed-role/vendor/outsider may call ecr:PutImage" in section
    (found,) = run(*can, saved(), "--format", "json").json["through_roles"]
    assert [(one["grantee"], one["actions"]) for one in found["ways"]] == [(STRANGER, ["ecr:PutImage"])]
    assert "through_roles" not in run(*can, "--format", "json").json
    nobody = run("ask", "--no-trust", "--who", STRANGER, "--can", "pull", saved())
    assert f"1 role, and {STRANGER} cannot pull through them" in nobody.out
    assert "no one outside reaches" not in nobody.out
    file = tmp_path / "policy.json"
    file.write_text(ASKED_POLICY)
    usual = (*can, "--owner", OWNER, str(file), saved())
    assert run(*usual).status == 3, "which repository it is"
    assert "gets WRITE of app" in run(*usual, "--repository", "app", "--region", "eu-central-1").out


def test_a_question_fails_on_access_through_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str]
) -> None:
    furnish({"app": None})
    register = trust({"account": STRANGER, "access": "WRITE", "role": "vendor"})
    usual = ("ask", "--can", "push", saved(), "--fail-on")
    assert run(*usual, "untrusted", "--no-trust").status == 1
    approved = run(*usual, "untrusted", "--trust", register)
    assert approved.status == 0
    assert sentence("audit_roles.no_one_outside_but") in approved.out
    assert run(*usual, "allowed", "--who", STRANGER, "--no-trust").status == 1
    assert run(*usual, "allowed", "--who", "333344445555", "--no-trust").status == 0


def test_a_question_does_not_call_unread_roles_nobody(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None})
    for who in ((), ("--who", STRANGER)):
        usual = ("ask", "--no-trust", "--can", "pull", *who, saved(IsTruncated=True))
        answer = run(*usual)
        assert answer.status == 2
        assert "NOT READ" in answer.out
        rows = [*csv.DictReader(run(*usual, "--format", "csv").out.splitlines())]
        assert "UNREAD" in {one["answer" if who else "trusted"] for one in rows}
        assert run(*usual, "--format", "json").json["through_roles"][0]["unread"]


def test_a_table_of_answers_has_the_roles(
    run: Run, furnish: Furnish, saved: Callable[..., str], trust: Callable[..., str]
) -> None:
    furnish({"app": None, "base": None})
    usual = ("ask", "--can", "push", saved(), "--format", "csv")
    one = csv.DictReader(run(*usual, "--who", STRANGER, "--no-trust", "--repository", "app").out.splitlines())
    row = next(row for row in one if row["policy"] == "role")
    assert (row["repository"], row["answer"]) == ("app", "THROUGH_ROLES")
    assert row["reason"] == f"account {STRANGER}: through vendor"
    register = trust({"account": STRANGER, "access": "WRITE", "repositories": ["base"], "role": "vendor"})
    every = csv.DictReader(run(*usual, "--trust", register).out.splitlines())
    shown = {row["repository"]: row["trusted"] for row in every if row["policy"] == "role"}
    assert shown == {"app": "no", "base": "yes"}
