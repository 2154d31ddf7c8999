"""Writes docs/condition-keys.md from the table of condition keys: `make keys`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ecr_crossaccount.judgement.context.key import Key, Type, absent
from ecr_crossaccount.judgement.context.table import FOREIGN, NETWORK, PRINCIPAL, REQUEST, RESOURCE, SESSION

_HEAD = """\
<!-- Written by `make keys` from the table in rule/ecr_crossaccount/judgement/context/table.py. -->

# Condition keys

Every known condition key, with the page that defines it: what the judgement reads. The presence and
value of any other key are unknown, so a condition on it leaves the statement undecided.
[Semantics](semantics.md#condition-keys) says what follows from the table.

A key is a single String, unless its row says otherwise. *In a service's own call*, which a service makes by its service
principal and not with the credentials of someone else, a key is absent unless its row says otherwise.
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
    head = ["key", "type", "there", "holds", "in a service's own call"]
    about = f"Set by {usual}{'' if most == len(rows) else ', unless the row says otherwise'}."
    cells = [list(_cells(one, usual)) for one in rows]
    filled = [place for place in range(len(head)) if any(row[place] for row in cells)]
    lines = [[row[place] for place in filled] for row in (head, ["---"] * len(head), *cells)]
    return f"\n## {title}\n\n{about}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _cells(one: Key, usual: str) -> Iterator[str]:
    yield f"[`{_spelt(one)}`]({one.source})"
    kind = "" if one.type is Type.STRING else one.type.value
    yield ", ".join(filter(None, (kind, "a list" if one.many else "")))
    yield one.present
    yield one.values if one.set_by.value == usual else f"{one.values}. Set by {one.set_by.value}"
    yield "" if one.service is absent else _in_services_call(one)


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
