"""Writes docs/condition-keys.md from the table of condition keys: `make keys`."""

from __future__ import annotations

from collections import Counter

from ecr_crossaccount.judgement.context.request import Key, Type, absent
from ecr_crossaccount.judgement.context.table import FOREIGN, NETWORK, PRINCIPAL, REQUEST, RESOURCE, SESSION

_HEAD = """\
<!-- Written by `make keys` from the table in rule/ecr_crossaccount/judgement/context/table.py. -->

# Condition keys

Every known condition key, with the page that defines it: what the judgement reads. The presence and
value of any other key are unknown, so a condition on it leaves the statement undecided.
[Semantics](semantics.md#condition-keys) says what follows from the table.

Each line says when the key is there, and what it holds. A key is a single String, and absent *in a service's own call*,
unless its line says otherwise. A service makes such a call by its service principal, not with someone's credentials.
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
    ((usual, most),) = Counter(one.set_by.value for one in rows).most_common(1)
    about = f"Set by {usual}{'' if most == len(rows) else ', unless the line says otherwise'}."
    return f"\n## {title}\n\n{about}\n\n" + "".join(f"- {_line(one, usual)}\n" for one in rows)


def _line(one: Key, usual: str) -> str:
    kind = ", ".join(filter(None, ("" if one.type is Type.STRING else one.type.value, "a list" if one.many else "")))
    parts = [f"[`{_spelt(one)}`]({one.source}){f' ({kind})' if kind else ''} *{one.present}:* {one.values}"]
    if one.set_by.value != usual:
        parts.append(f"Set by {one.set_by.value}")
    if one.service is not absent:
        parts.append(f"*In a service's own call:* {_in_services_call(one)}")
    return ". ".join(parts)


def _spelt(one: Key) -> str:
    before = "…" if one.name.startswith(":") else ""
    after = "…" if one.name[-1] in "/:" else ""
    return f"{before}{one.name}{after}"


def _in_services_call(one: Key) -> str:
    if one.service is None:
        return "not documented"
    return "as there" if id(one.service) == id(one.caller) else one.of_service


if __name__ == "__main__":
    print(page(), end="")
