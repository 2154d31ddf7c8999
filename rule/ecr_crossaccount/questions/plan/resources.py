"""The Resource elements of a policy that ECR has stored. A plan removes those that have no effect."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from ...documents.parse import parse
from ...judgement.conditions.operators import Answer
from ...judgement.judge import Repository
from ...judgement.patterns.automaton import Budget
from ...judgement.resources import STEPS_OF_RESOURCES, RepositoryArn, concerns
from .outcome import Change
from .written import Written, statements_of, with_statements

_REASON = "a repository policy does not need a Resource, and this one names the repository anyway"


def without_idle(document: Written, repository: Repository) -> tuple[Written, tuple[Change, ...]]:
    """Return the policy without each Resource that certainly names the repository, and a change for each."""
    idle = dict(_idle(document, repository))
    if not idle:
        return document, ()
    written = [
        {name: value for name, value in cast("Written", one).items() if name != "Resource"} if place in idle else one
        for place, one in enumerate(statements_of(document))
    ]
    changes = tuple(Change(place, sid, "Resource removed", _REASON) for place, sid in idle.items())
    return with_statements(document, written), changes


def _idle(document: Written, repository: Repository) -> Iterator[tuple[int, str | None]]:
    arn = RepositoryArn(repository.partition, repository.region, repository.account, repository.name)
    budget = Budget(STEPS_OF_RESOURCES)
    for one in parse(document).statements:
        if one.resources is None or one.resources.negated:
            continue
        if concerns(one.resources, arn, budget) is Answer.YES:
            yield one.number, one.sid
