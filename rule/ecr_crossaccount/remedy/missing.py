"""Which required statements a policy lacks: a plan puts them in, and the AWS Config rule reports them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ..access.judge import Repository
from ..policy.document import NEW_VERSION
from .errors import CannotSayError
from .required import Required, says_the_same
from .resources import without_idle
from .written import Written, document_of, has_holes, statements_of


class Missing(NamedTuple):
    """A required statement that a policy lacks; `instead` is the number of the statement whose place it takes."""

    sid: str
    statement: Written
    instead: int | None


def missing_from(document: Written, required: Required) -> list[Missing]:
    """Return the required statements that a policy lacks, in order. Raises CannotSayError where that is not known."""
    written = statements_of(document)
    for number, one in enumerate(written):
        if not isinstance(one, Mapping) or has_holes(one.get("Sid")):
            raise CannotSayError(f"statement {number} is not known yet, nor whether it is one that is required")
    if required.has_variables and document.get("Version") != NEW_VERSION:
        raise CannotSayError(
            f"what is required has variables, which mean something in version {NEW_VERSION} alone, and the policy "
            "is not of it: change its Version first, if it has no `${` itself"
        )
    return [found for statement in required.statements for found in _missing(statement, written)]


def missing_in(policy: object, required: Required, repository: Repository) -> list[Missing]:
    """Return what the policy lacks that ECR has stored for a repository: everything where there is none.

    The policy is one that IAM accepts. Raises CannotSayError.
    """
    document = document_of(policy)
    if document is None:
        return [Missing(str(one["Sid"]), one, None) for one in required.statements]
    return missing_from(without_idle(document, repository)[0], required)


def _missing(statement: Written, written: Sequence[object]) -> Iterator[Missing]:
    sid = str(statement["Sid"])
    places = [number for number, one in enumerate(written) if isinstance(one, Mapping) and one.get("Sid") == sid]
    if len(places) > 1:
        raise CannotSayError(f"statements {places[0]} and {places[1]} are both called `{sid}`: ECR takes each Sid once")
    found = written[places[0]] if places else None
    if not (isinstance(found, Mapping) and says_the_same(found, statement)):
        yield Missing(sid, statement, places[0] if places else None)
