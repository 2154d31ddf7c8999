"""What the families are put together from."""

from __future__ import annotations

from benchmarks.corpus.words import Json


def allow(condition: Json = None, grantee: Json = "*", action: Json = "ecr:*") -> dict[str, Json]:
    """An Allow of everything to everybody, but for what is given."""
    return _statement("Allow", grantee, action, condition)


def deny(condition: Json = None, grantee: Json = "*", action: Json = "ecr:*") -> dict[str, Json]:
    """A Deny of everything to everybody, but for what is given."""
    return _statement("Deny", grantee, action, condition)


def _statement(effect: str, grantee: Json, action: Json, condition: Json) -> dict[str, Json]:
    statement: dict[str, Json] = {"Effect": effect, "Principal": grantee, "Action": action}
    return statement if condition is None else statement | {"Condition": condition}


def letters(index: int) -> str:
    """Two letters that differ for every index below 676."""
    return chr(97 + index // 26 % 26) + chr(97 + index % 26)


def tag(index: int) -> str:
    """A context key whose value the caller chooses freely."""
    return f"aws:PrincipalTag/t{index}"


def number_of(index: int) -> str:
    """An account number that differs for every index."""
    return str(700_000_000_000 + 7_919 * index)
