"""The parts of the families."""

from __future__ import annotations

from benchmarks.corpus.words import Json


def allow(condition: Json = None, grantee: Json = "*", action: Json = "ecr:*") -> dict[str, Json]:
    """Return an Allow, by default of everything to everyone."""
    return _statement("Allow", grantee, action, condition)


def deny(condition: Json = None, grantee: Json = "*", action: Json = "ecr:*") -> dict[str, Json]:
    """Return a Deny, by default of everything to everyone."""
    return _statement("Deny", grantee, action, condition)


def _statement(effect: str, grantee: Json, action: Json, condition: Json) -> dict[str, Json]:
    statement: dict[str, Json] = {"Effect": effect, "Principal": grantee, "Action": action}
    return statement if condition is None else statement | {"Condition": condition}


def letters(index: int) -> str:
    """Return two letters that are different for every index below 676."""
    return chr(97 + index // 26 % 26) + chr(97 + index % 26)


def tag(index: int) -> str:
    """Return a context key whose value the caller can choose."""
    return f"aws:PrincipalTag/t{index}"


def number_of(index: int) -> str:
    """Return an account number that is different for every index."""
    return str(700_000_000_000 + 7_919 * index)
