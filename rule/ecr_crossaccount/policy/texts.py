"""What stands in a policy as JSON: its texts, anywhere in a value, and its statements as they are written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def texts_in(value: object) -> Iterator[str]:
    """Yield every text in a value, the names of its objects aside; without recursion, however deep it is."""
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
    """Return the statements of a policy's JSON object as they are written; one may stand without a list."""
    body = policy.get("Statement") if isinstance(policy, Mapping) else None
    return list(body) if isinstance(body, (list, tuple)) else [body]
