"""Laws of hiding: an open policy with unknown parts never passes in silence."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import Compliance
from ecr_crossaccount.access.beside import Scope
from ecr_crossaccount.gate.context import Context
from ecr_crossaccount.gate.dispatch import harvest
from ecr_crossaccount.gate.findings import Finding, Report, report_of
from hypothesis import given
from hypothesis import strategies as st

from tests.case_tables import OWNER
from tests.gate.hcl import hidden
from tests.gate.hcl.hidden import Answer, Hidden
from tests.profiles import is_nightly, slow_examples

CASES = st.integers(0, 2**63).map(lambda seed: hidden.some(random.Random(seed)))  # noqa: S311 - a test's own
"""Configurations in which up to three inputs are not known."""

EVERY = 1 if is_nightly() else 997
"""Of the many pairs of inputs, every so many are tried."""


@contextmanager
def folder_of(case: Hidden, syntax: str = "hcl") -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        case.write(Path(folder), syntax)
        yield Path(folder)


def checked(folder: Path, answer: Answer = Answer()) -> Report:  # noqa: B008 - immutable
    context = Context(
        account=OWNER,
        region="eu-west-1",
        parameters=answer.parameters,
        var_files=tuple(str(folder / name) for name in answer.files),
        registry_scope=Scope.V2,
    )
    return report_of(harvest([str(folder)], context), context)


def is_open(one: Finding) -> bool:
    return one.verdict.compliance is not Compliance.COMPLIANT


def told(folder: Path, answer: Answer) -> Mapping[str, Any]:
    """Return what is said about each policy of a folder, apart from places."""
    return {
        one.found.resource: (
            {(grant.grantee, grant.access) for grant in one.verdict.grants},
            bool(one.verdict.undecided),
            bool(one.verdict.invalid),
            [note.replace(str(folder), ".") for note in one.verdict.notes],
        )
        for one in checked(folder, answer).findings
    }


def assert_it_is_told(case: Hidden, report: Report) -> None:
    """Assert that a policy that may be open does not pass, or passes with a note about a default."""
    assert not report.errors, case.name
    closed = next(one for one in report.findings if one.found.resource.endswith(".closed"))
    assert not is_open(closed), case.name
    if not any(map(is_open, report.findings)):
        notes = [note for one in report.findings for note in one.verdict.notes]
        assert case.rests, case.name
        assert any("rests on the default of" in note for note in notes), case.name


@slow_examples(1_200)
@given(CASES)
def test_an_open_policy_does_not_pass_in_silence_whatever_hides_it(case: Hidden) -> None:
    with folder_of(case) as folder:
        assert_it_is_told(case, checked(folder))


@slow_examples(400)
@given(CASES)
def test_what_is_not_known_is_at_least_as_bad_as_each_value_that_it_may_have(case: Hidden) -> None:
    with folder_of(case) as folder:
        said = checked(folder)
        every = [checked(folder, answer) for answer in case.answers]
    assert not every or any(map(is_open, every[-1].findings)), "the last values open the policy"
    for one in said.findings:
        known = [other for report in every for other in report.findings if other.found.resource == one.found.resource]
        if not is_open(one) and any(map(is_open, known)):
            assert any("rests on the default of" in note for note in one.verdict.notes), case.name
        outside = {grant.grantee for other in known for grant in other.verdict.grants}
        assert not known or {grant.grantee for grant in one.verdict.grants} <= outside, "no grant is made up"


@slow_examples(300)
@given(CASES, st.sampled_from(["json", "arrays"]))
def test_sources_in_json_say_the_same(case: Hidden, syntax: str) -> None:
    with folder_of(case) as folder, folder_of(case, syntax) as other:
        for answer in (Answer(), *case.answers[-1:]):
            assert told(folder, answer) == told(other, answer), case.name


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
