"""The notes on values that no request has, by the shape of a key's values and the operator."""

from __future__ import annotations

import pytest

from tests.judgement.policies import allow, verdict

OF_ACCOUNT, OF_ORGANIZATION = "aws:PrincipalAccount", "aws:PrincipalOrgID"


@pytest.mark.parametrize(
    "operator, key, value, is_noted",
    [
        ("StringEquals", OF_ACCOUNT, "222233334444", False),
        ("StringEquals", OF_ACCOUNT, "2222-3333-4444", True),
        ("StringEquals", OF_ACCOUNT, "2222*", True),
        ("StringLike", OF_ACCOUNT, "2222*", False),
        ("StringNotEquals", OF_ACCOUNT, "x", True),
        ("StringEquals", "aws:SourceAccount", "22223333444", True),
        ("StringEquals", OF_ORGANIZATION, "o-a1b2c3d4e5", False),
        ("StringEquals", OF_ORGANIZATION, "O-A1B2C3D4E5", True),
        ("StringEqualsIgnoreCase", OF_ORGANIZATION, "O-A1B2C3D4E5", False),
        ("StringEquals", OF_ORGANIZATION, "r-ab12", True),
        ("StringEquals", OF_ORGANIZATION, "${aws:ResourceOrgID}", False),
        ("StringEquals", "aws:PrincipalOrgPaths", "ou-ab12-11111111", False),
        ("StringEquals", "aws:PrincipalTag/team", "x", False),
        ("StringEquals", "unknown:Key", "x", False),
        ("IpAddress", "aws:SourceIp", "203.0.113.0/24", False),
    ],
)
def test_a_value_that_no_request_has_is_noted(operator: str, key: str, value: str, *, is_noted: bool) -> None:
    notes = verdict(allow("*", condition={operator: {key: value}})).notes
    assert any("no request has it" in note for note in notes) is is_noted
    assert any("to name a unit" in note for note in notes) is (value == "r-ab12")
