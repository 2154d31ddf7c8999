"""The contents of a policy as JSON: the texts anywhere in a value, and the statements as written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value, except the names in its objects. It does not recurse, so any depth is possible."""
    rest = [value]
    while rest:
        match rest.pop():
            case str() as text:
                yield text
            case Mapping() as fields:
                rest.extend(fields.values())
            case list() | tuple() as items:
                rest.extend(items)


def statements_in(policy: object) -> list[object]:
    """Return the statements of a policy's JSON object as written. A single statement does not need a list."""
    body = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(body) if isinstance(body, (list, tuple)) else [body]
