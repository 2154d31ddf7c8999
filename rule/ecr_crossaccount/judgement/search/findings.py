"""The results of a search: someone who has access, or someone whose access cannot be determined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ...memo import by_identity
from ..conditions.clause import Clause
from ..context.request import RequestKind
from ..values.verdict import Kind, Witness

ANY_ACCOUNT, ANY_SERVICE = "any AWS account", "any AWS service"
"""The name of a grantee that the policy does not name."""
FROM_NETWORK = "any AWS account from a network that the policy names"
"""The same if a fixed VPC, VPC endpoint or public address range restricts the network. Outsiders cannot choose these
freely."""


@by_identity
class Found:
    """Someone outside to whom an Allow gives access.

    `tried`: the account and organization of the request, or the service and its account, as the search represents them.
    """

    kind: Kind
    grantee: str
    tried: tuple[str, str | None]
    witness: Witness

    @property
    def public(self) -> bool:
        """Whether a new account has access from any network."""
        return self.kind is Kind.ANY and self.grantee == ANY_ACCOUNT


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of request that an Allow may allow. This cannot be determined, and depends on `clauses`."""

    clauses: tuple[Clause, ...]
    request: RequestKind


@dataclass(frozen=True, slots=True)
class Incomplete:
    """No one was found, but not all accounts, organizations and services that the policy distinguishes were tried."""


T = TypeVar("T")


def most_telling(answers: Iterable[T | Incomplete]) -> T | Incomplete | None:
    """Return the first answer that names someone. Without one, return Incomplete if there is any, else None."""
    found: Incomplete | None = None
    for one in answers:
        if not isinstance(one, Incomplete):
            return one
        found = one
    return found
