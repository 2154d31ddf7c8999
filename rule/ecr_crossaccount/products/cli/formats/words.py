"""A grant in words: who has access, through which request, and the statement in the policy."""

from __future__ import annotations

from collections.abc import Iterator

from ....judgement.values.verdict import NO_ACCESS, Compliance, Grant, Kind, Verdict

_ACTOR_KEYS = frozenset({"aws:sourceaccount", "aws:sourceorgid"})
"""Keys that name the account or organization a service acts for. They are shown even without a condition on them."""


def who(kind: Kind, grantee: str) -> str:
    """Return a grantee. The kind precedes a bare account number or organization ID."""
    is_id = kind in (Kind.ACCOUNT, Kind.ORGANIZATION) and " " not in grantee
    return f"{kind.value} {grantee}" if is_id else grantee


def what_is_left(under_rcps: Verdict) -> str:
    """Return the access that remains under resource control policies, in one line."""
    if under_rcps.compliance is Compliance.COMPLIANT:
        return f"{NO_ACCESS} is left"
    grants = (
        f"{who(one.kind, one.grantee)} gets {', '.join(a.value for a in one.access)}" for one in under_rcps.grants
    )
    if not (under_rcps.grants or under_rcps.invalid):
        return "cannot be determined: " + "; ".join(dict.fromkeys(one.reason for one in under_rcps.undecided))
    undecided = (f"cannot be decided: {one.reason}" for one in under_rcps.undecided)
    invalid = (f"{one.at}: {one.reason}" for one in under_rcps.invalid)
    return "still open: " + "; ".join(dict.fromkeys((*grants, *undecided, *invalid)))


def witness_in_words(grant: Grant, document: object) -> str:
    """Return the witness as a sentence, with the context keys that the policy has conditions on."""
    witness = grant.witness
    asked = {key.lower(): key for key in _keys_of(document)}
    told = asked.keys() | (_ACTOR_KEYS if grant.kind is Kind.SERVICE else ())
    held = {key.lower() for key in witness.context}
    present = [f"{key} {_value(value)}" for key, value in witness.context.items() if key.lower() in told]
    absent = [key for small, key in asked.items() if small not in held]
    sentence = f"{witness.principal} may call {witness.action}"
    if present:
        sentence += f", with {', '.join(present)}"
    return f"{sentence}, without {', '.join(absent)}" if absent else sentence


def _value(value: str | tuple[str, ...]) -> str:
    return value if isinstance(value, str) else f"[{', '.join(value)}]"


def _keys_of(document: object) -> Iterator[str]:
    """Yield the condition keys of the policy, as written."""
    for statement in statements_of(document):
        condition = statement.get("Condition") if isinstance(statement, dict) else None
        for keys in condition.values() if isinstance(condition, dict) else ():
            yield from keys if isinstance(keys, dict) else ()


def statements_of(document: object) -> list[object]:
    """Return the statements of a policy's JSON value, or an empty list if it has none."""
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    return statements if isinstance(statements, list) else [statements]


def statement_of(document: object, number: int) -> object:
    """Return one statement by its number."""
    return statements_of(document)[number]
