"""The required statements that a policy does not have. A plan adds them, and the AWS Config rule reports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ...documents.document import NEW_VERSION
from ...judgement.judge import Repository
from .errors import CannotSayError
from .required import Required, says_the_same
from .resources import without_idle
from .written import Written, document_of, has_holes, statements_of


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
        return [Missing(str(one["Sid"]), one, None) for one in required.statements]
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
