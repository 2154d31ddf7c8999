"""Explains why the Denies of a policy do not stop a request that is allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from ..documents.document import Document, Statement
from ..documents.problems import first_of, quoted
from .conditions.clause import Clause, for_request
from .conditions.operators import Answer, answer
from .context.keys import NAMES, documented, is_multivalued, is_of_principal, is_of_repository
from .search.denies import Deny
from .search.findings import Found
from .values.verdict import Kind

_SHOWN = 2
_OF_PRINCIPALS = "does not count, because its `AWS`: `*` may not mean services"


def name_of(statement: Statement) -> str:
    """Return the name of a statement for a sentence: its Sid, else its number, counted from 0.

    If it is not from the repository's own policy, the document follows.
    """
    name = f"statement {quoted(statement.sid)}" if statement.sid else f"statement {statement.number}"
    return f"{name}{_OF[statement.document]}"


_OF = {
    Document.REPOSITORY: "",
    Document.REGISTRY: " of the registry policy",
    Document.RESOURCE_CONTROL: " of a resource control policy",
}


def gaps(denies: Iterable[Deny], found: Found) -> str:
    """Return why the Denies that restrict callers do not apply to any account or to a service.

    Empty if there are none.
    """
    told = [
        f"{name_of(deny.statement)} (Deny) {reason}"
        for deny in denies
        if not deny.clauses or not all(is_of_repository(one.key) for one in deny.clauses)
        for reason in _reasons(deny, found)
    ]
    return first_of(told, _SHOWN)


def _reasons(deny: Deny, found: Found) -> Iterator[str]:
    """Yield why a Deny does not apply. Yield nothing if its principals do not include the caller."""
    principals, name = deny.statement.principals, found.tried[0]
    listed = name in principals.services
    if principals.negated and (listed or principals.everyone or principals.any_aws):
        yield "does not apply to the principals that its NotPrincipal names"
    elif principals.negated or principals.everyone or listed:
        yield _unmet(deny.clauses, found)
    elif principals.any_aws:
        yield _OF_PRINCIPALS if found.kind is Kind.SERVICE else _unmet(deny.clauses, found)


def _unmet(clauses: Sequence[Clause], found: Found) -> str:
    context = {key.lower(): found.witness.values(key) for key in found.witness.context}
    known = (one for one in clauses if one.key in NAMES or one.key in context or is_of_principal(one.key))
    unmet = [one for one in known if _answer(one, context) is Answer.NO]
    if unmet:
        return f"does not apply, because {_conditions(unmet)} not met"
    return f"does not count, because whether {_conditions(clauses)} met cannot be decided"


def _answer(one: Clause, context: Mapping[str, tuple[str, ...]]) -> Answer:
    def lookup(key: str) -> str | None:
        values = context.get(key)
        return values[0] if values else None

    return answer(for_request(one, lookup), context.get(one.key), many=is_multivalued(one.key))


def _conditions(clauses: Iterable[Clause]) -> str:
    keys = list(dict.fromkeys(documented(one.condition.key) for one in clauses))
    return f"its condition on {keys[0]} is" if len(keys) == 1 else f"its conditions on {first_of(keys, _SHOWN)} are"
