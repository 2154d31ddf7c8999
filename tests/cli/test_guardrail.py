"""`guardrail`: a policy on standard output, and remarks on standard error."""

from __future__ import annotations

import json

import pytest

from tests.wording import sentence

from .conftest import Run, Write

REGISTER = "version: 1\ntrust:\n  - account: '222233334444'\n    expires: 2026-06-30\n"
ORGANIZATION = ("--organization", "o-a1b2c3d4e5")


def test_an_rcp_from_the_register(run: Run, write: Write) -> None:
    result = run("guardrail", "rcp", *ORGANIZATION, "--trust", write(REGISTER, "trust.yaml"))
    assert result.status == 0
    unlike = result.json["Statement"][0]["Condition"]["StringNotEqualsIfExists"]
    assert unlike == {"aws:PrincipalOrgID": "o-a1b2c3d4e5", "aws:PrincipalAccount": "222233334444"}
    assert sentence("guardrails.note_policy_does") in result.err


def test_without_a_register_the_organization_is_alone(run: Run) -> None:
    result = run("guardrail", "rcp", *ORGANIZATION)
    assert "PrincipalAccount" not in result.out
    assert result.err == ""


def test_an_scp_for_roles(run: Run) -> None:
    result = run("guardrail", "scp", "--role", "arn:aws:iam::111122223333:role/a", "--role", "b")
    named = result.json["Statement"][0]["Condition"]["ArnNotLike"]["aws:PrincipalArn"]
    assert named == ["arn:aws:iam::111122223333:role/a", "arn:*:iam::*:role/b"]


def test_minified(run: Run) -> None:
    for argv in (["rcp", *ORGANIZATION], ["scp", "--role", "a"]):
        readable, short = run("guardrail", *argv), run("guardrail", *argv, "--minified")
        assert json.loads(short.out) == json.loads(readable.out)
        assert " " not in short.out
        assert "\n  " in readable.out


def test_what_only_fits_without_spaces_comes_without_them(run: Run, write: Write) -> None:
    many = "version: 1\ntrust:\n" + "".join(f"- account: '{number:012}'\n" for number in range(120))
    result = run("guardrail", "rcp", *ORGANIZATION, "--trust", write(many, "trust.yaml"))
    assert result.out.count("\n") == 1
    assert "exceed 5,120 characters" in result.err


@pytest.mark.parametrize(
    "argv, complaint",
    [
        pytest.param([], "KIND", id="neither"),
        pytest.param(["rcp"], "--organization", id="no organization"),
        pytest.param(["rcp", "--organization", "ours"], "`ours` is not an organization", id="no organization's id"),
        pytest.param(["rcp", *ORGANIZATION, "--trust", "nowhere"], "cannot read the trust register", id="no register"),
        pytest.param(["scp"], "--role", id="no role"),
        pytest.param(["scp", "--role", "a\x1b[31m b"], r"`a\x1b[31m b` is not a role", id="what is not a role"),
    ],
)
def test_bad_usage(run: Run, argv: list[str], complaint: str) -> None:
    result = run("guardrail", *argv)
    assert (result.status, result.out) == (3, "")
    assert complaint in result.err
