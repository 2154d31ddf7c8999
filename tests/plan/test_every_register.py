"""The narrowest policy under each pair of trusted parties: compliant, and what is recorded."""

from __future__ import annotations

import json

import pytest
from ecr_crossaccount import Compliance, judge

from tests.check.grids import as_read
from tests.profiles import is_nightly

from .every_register import HERE, POLICIES, RECORDED, answers, planned, registers

pytestmark = pytest.mark.no_cover

_EXPECTED = json.loads(RECORDED.read_text("utf-8"))


def test_every_policy_is_recorded() -> None:
    assert list(_EXPECTED) == [*POLICIES], "make answers"


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_becomes_what_is_recorded(name: str) -> None:
    assert as_read(answers(name)) == _EXPECTED[name], "if that is meant, make answers"


@pytest.mark.parametrize("name", POLICIES)
def test_what_it_becomes_is_compliant(name: str) -> None:
    for register, trust in [*registers()][:: 1 if is_nightly() else 8]:
        found = planned(POLICIES[name], trust)
        after = judge(found.policy, HERE, trust)
        assert (after.compliance is Compliance.COMPLIANT) is (found.refused is None), register
