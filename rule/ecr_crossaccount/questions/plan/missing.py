"""The required statements that a policy does not have. A plan adds them, and the AWS Config rule reports them.

A plan removes Resource elements of a policy that ECR has stored, if they have no effect.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, cast

from ...documents.document import NEW_VERSION
from ...documents.parse import parse
from ...judgement.admission import STEPS_OF_RESOURCES, RepositoryArn, concerns
from ...judgement.conditions.operators import Truth
from ...judgement.judge import Repository
from ...judgement.patterns.automaton import Budget
from .outcome import CannotSayError, Change, Written, document_of, has_holes, statements_of, with_statements
from .required import Required, says_the_same

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
    for statement in parse(document).statements:
        if statement.resources is None or statement.resources.negated:
            continue
        if concerns(statement.resources, arn, budget) is Truth.YES:
            yield statement.number, statement.sid


class Missing(NamedTuple):
    """A required statement that the policy does not have. `instead` is the number of the statement that it replaces."""

    sid: str
    statement: Written
    instead: int | None


def missing_from(document: Written, required: Required) -> list[Missing]:
    """Return the required statements that a policy does not have, in order.

    Raises CannotSayError if that is unknown.
    """
    written: list[Written] = []
    for number, one in enumerate(statements_of(document)):
        if not isinstance(one, Mapping) or has_holes(one.get("Sid")):
            raise CannotSayError(f"statement {number} is not known yet, nor whether it is one that is required")
        written.append(one)
    if required.has_variables and document.get("Version") != NEW_VERSION:
        raise CannotSayError(
            f"the required statements have policy variables, which need version {NEW_VERSION}, and the policy "
            "has another: change its Version first, unless its own text has `${`"
        )
    return [found for statement in required.statements for found in _missing(statement, written)]


def missing_in(policy: object, required: Required, repository: Repository) -> list[Missing]:
    """Return the required statements that ECR's stored policy does not have: all of them if there is no policy.

    The policy must be one that IAM accepts. Raises CannotSayError if the statements cannot be compared.
    """
    document = document_of(policy)
    if document is None:
        return [Missing(str(statement["Sid"]), statement, None) for statement in required.statements]
    return missing_from(without_idle(document, repository)[0], required)


def _missing(statement: Written, written: Sequence[Written]) -> Iterator[Missing]:
    sid = str(statement["Sid"])
    named = [(number, one) for number, one in enumerate(written) if one.get("Sid") == sid]
    if len(named) > 1:
        numbers = f"{named[0][0]} and {named[1][0]}"
        raise CannotSayError(f"statements {numbers} are both called `{sid}`: ECR takes each Sid once")
    if not named:
        yield Missing(sid, statement, None)
    for number, one in named:
        if not says_the_same(one, statement):
            yield Missing(sid, statement, number)
