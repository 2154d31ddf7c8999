"""`audit --roles`: access through roles, from IAM and from a saved answer."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import boto3
import pytest

from tests.audit.conftest import OWNER, STRANGER, Furnish, policy
from tests.cli.conftest import Run
from tests.docs.markdown import page

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
    assert "1 role, and no one outside reaches a repository through them" in answer.out


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
    assert "because   `other` has no RolePolicyList in the answer of IAM" in answer.out


def test_the_roles_of_another_account_are_told_apart(run: Run, furnish: Furnish, saved: Callable[..., str]) -> None:
    furnish({"app": None})
    name = saved()
    Path(name).write_text(Path(name).read_text().replace(OWNER, "999988887777"))
    answer = run("audit", "--no-trust", "--roles", name)
    assert "NOT READ  its roles were not read" in answer.out


@pytest.mark.parametrize("text", ["{", "[1]", "7"])
def test_another_file_is_refused(run: Run, furnish: Furnish, tmp_path: Path, text: str) -> None:
    furnish({"app": None})
    (tmp_path / "x.json").write_text(text)
    answer = run("audit", "--no-trust", "--roles", str(tmp_path / "x.json"))
    assert answer.status == 3
    assert "is not the output of `aws iam get-account-authorization-details`" in answer.err


def test_a_missing_file_is_refused(run: Run, furnish: Furnish) -> None:
    furnish({"app": None})
    assert run("audit", "--no-trust", "--roles", "missing.json").status == 3


def test_iam_is_not_asked_for_an_inventory(run: Run, tmp_path: Path) -> None:
    answer = run("audit", "--no-trust", str(tmp_path / "none"), "--roles")
    assert answer.status == 3
    assert "--roles without FILE needs an audit of the account itself" in answer.err
