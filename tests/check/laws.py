"""Laws of policies with unknown parts: the verdict is true for every value of the unknown parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from ecr_crossaccount import Compliance, Verdict
from ecr_crossaccount.sources.check.findings import judge_policy
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

from tests.case_tables import OWNER


def assert_what_is_said_holds(folder: Path, names: Sequence[str], answers: Sequence[Mapping[str, str]]) -> None:
    """Judge the policies of a folder without answers, and with each answer.

    Assert that no answer contradicts the first.
    """
    unknown = verdicts(folder, {})
    known = [verdicts(folder, answer) for answer in answers]
    decided = 0
    for name in names:
        said, every = unknown[name], [one[name] for one in known]
        if said.compliance is Compliance.COMPLIANT:
            assert all(one.compliance is Compliance.COMPLIANT for one in every), name
        assert not said.external or all(one.external for one in every), name
        assert not said.public or all(one.public for one in every), name
        assert not said.service or all(one.service for one in every), name
        assert all(set(said.access) <= set(one.access) for one in every), name
        decided += not said.undecided
    assert decided > len(names) // 4, "and not everything is left open"


def verdicts(folder: Path, parameters: Mapping[str, str]) -> dict[str, Verdict]:
    """Return the verdict of every policy in a folder, by its resource."""
    context = Context(account=OWNER, parameters=parameters)
    found = harvest([str(folder)], context)
    assert not found.errors
    return {one.resource: judge_policy(one, context).verdict for one in found.policies}
