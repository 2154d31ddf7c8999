"""Laws of hiding for Terraform: an open policy with unknown parts never passes in silence, and no grant is made up."""

from __future__ import annotations

import random
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from ecr_crossaccount.sources.check.findings import Report, report_of
from hypothesis import given
from hypothesis import strategies as st

from tests.check.hcl import hidden
from tests.check.hcl.hidden import Hidden
from tests.check.hiding.hider import Answer
from tests.check.hiding.laws import found_in, is_open, rests
from tests.profiles import is_nightly, slow_examples

CASES = st.integers(0, 2**63).map(lambda seed: hidden.some(random.Random(seed)))  # noqa: S311 - a test's own
"""Configurations in which up to three inputs are not known."""

EVERY = 1 if is_nightly() else 997
"""Of the many pairs of inputs, every so many are tried."""


def checked(folder: Path, answer: Answer = Answer()) -> Report:  # noqa: B008 - immutable
    context, found = found_in(folder, answer)
    return report_of(found, context)


def assert_it_is_told(case: Hidden, report: Report) -> None:
    """Assert that a policy that may be open does not pass, or passes with a note about a default."""
    assert not report.errors, case.name
    closed = next(one for one in report.findings if one.found.resource.endswith(".closed"))
    assert not is_open(closed), case.name
    if not any(map(is_open, report.findings)):
        assert case.rests, case.name
        assert any(map(rests, report.findings)), case.name


@slow_examples(800)
@given(CASES)
def test_what_is_not_known_is_at_least_as_bad_as_each_value_that_it_may_have(case: Hidden) -> None:
    with TemporaryDirectory() as folder:
        case.write(Path(folder))
        said = checked(Path(folder))
        every = [checked(Path(folder), answer) for answer in case.answers]
    assert_it_is_told(case, said)
    assert not every or any(map(is_open, every[-1].findings)), "the last values open the policy"
    for one in said.findings:
        known = [other for report in every for other in report.findings if other.found.resource == one.found.resource]
        if not is_open(one) and any(map(is_open, known)):
            assert rests(one), case.name
        outside = {grant.grantee for other in known for grant in other.verdict.grants}
        assert not known or {grant.grantee for grant in one.verdict.grants} <= outside, "no grant is made up"


@pytest.mark.timeout(3600)
def test_two_inputs_together_are_found(tmp_path: Path) -> None:
    """Each pair of inputs opens a policy, in each two places and joined in one place."""
    for number, case in enumerate(hidden.pairs()):
        if number % EVERY == 0:
            folder = tmp_path / str(number)
            case.write(folder)
            assert_it_is_told(case, checked(folder))


LISTED = ("listed", "listed in a map", "listed without default", "file", "file beside another")


@pytest.mark.parametrize("kind", LISTED)
def test_values_that_exclude_each_other_do_not_open_a_policy(kind: str, tmp_path: Path) -> None:
    """A statement exists with one value, and its principal is outside with another one."""
    one = hidden.TESTS[kind]("a")
    contrary = hidden.Input(f"!({one.test})")
    case = hidden.hidden({"statement": one, "principal": contrary}, kind)
    case.write(tmp_path)
    assert not any(map(is_open, checked(tmp_path).findings))
