"""What a search answers: someone who gets in, or someone of whom that cannot be determined."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

from ..by_identity import by_identity
from ..conditions.clause import Clause
from ..context.request import RequestKind
from ..verdict import Kind, Witness

ANY_ACCOUNT, ANY_SERVICE = "any AWS account", "any AWS service"
"""How a grantee is called whom the policy does not name."""
FROM_NETWORK = "any AWS account from a network that the policy names"
"""The same where a fixed VPC, VPC endpoint or public address range confines the way, which nobody chooses freely."""


@by_identity
class Found:
    """Someone outside whom an Allow lets in.

    `tried`: the account and organization of the request, or the service and its account, as the search knows them.
    """

    kind: Kind
    grantee: str
    tried: tuple[str, str | None]
    witness: Witness

    @property
    def public(self) -> bool:
        """Whether a fresh account gets in whatever its network."""
        return self.kind is Kind.ANY and self.grantee == ANY_ACCOUNT


@dataclass(frozen=True, slots=True)
class Doubt:
    """A kind of request that an Allow may let in, which cannot be determined; `clauses` are what it hangs on."""

    clauses: tuple[Clause, ...]
    request: RequestKind


@dataclass(frozen=True, slots=True)
class Incomplete:
    """Nobody was found, but not all accounts, organizations and services that the policy tells apart were tried."""


T = TypeVar("T")


def most_telling(answers: Iterable[T | Incomplete]) -> T | Incomplete | None:
    """The first answer that names someone, else whatever there is."""
    found: Incomplete | None = None
    for one in answers:
        if not isinstance(one, Incomplete):
            return one
        found = one
    return found
