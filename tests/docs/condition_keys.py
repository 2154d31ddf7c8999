"""Writes docs/condition-keys.md from the table of condition keys: `make keys`."""

from __future__ import annotations

from collections.abc import Iterator

from ecr_crossaccount.judgement.context.key import Key, absent
from ecr_crossaccount.judgement.context.table import FOREIGN, NETWORK, PRINCIPAL, REQUEST, RESOURCE, SESSION

_HEAD = """\
<!-- Written by `make keys` from the table in rule/ecr_crossaccount/judgement/context/table.py. -->

# Condition keys

This page lists the known condition keys, with the page of AWS, or of the issuer of a claim, that defines each one. The
judgement reads the same table. If a key is not listed, its presence and its value are unknown, so a condition on it
leaves the statement undecided. A key has one value, unless the table says that it is a list.
[Semantics](semantics.md#condition-keys) says what follows from it.

A service's own call is one that it makes by its service principal, and not with the credentials of someone else.
"""
_SECTIONS = (
    ("The principal", PRINCIPAL),
    ("The session", SESSION),
    ("The network", NETWORK),
    ("The repository", RESOURCE),
    ("The request", REQUEST),
    ("Keys of other services", FOREIGN),
)


def page() -> str:
    """Return the page."""
    return _HEAD + "".join(_section(title, rows) for title, rows in _SECTIONS)


def _section(title: str, rows: tuple[Key, ...]) -> str:
    head = "| key | type | set by | there | holds | in a service's own call |\n| --- | --- | --- | --- | --- | --- |\n"
    return f"\n## {title}\n\n{head}" + "".join(f"| {' | '.join(_cells(one))} |\n" for one in rows)


def _cells(one: Key) -> Iterator[str]:
    yield f"[`{_spelt(one)}`]({one.source})"
    yield f"{one.type.value}, a list" if one.many else one.type.value
    yield one.set_by.value
    yield one.present
    yield one.values
    yield _in_services_call(one)


def _spelt(one: Key) -> str:
    before = "…" if one.name.startswith(":") else ""
    after = "…" if one.name[-1] in "/:" else ""
    return f"{before}{one.name}{after}"


def _in_services_call(one: Key) -> str:
    if one.service is None:
        return "not documented"
    if one.service is absent:
        return "absent"
    return "the same" if id(one.service) == id(one.caller) else one.of_service


if __name__ == "__main__":
    print(page(), end="")
