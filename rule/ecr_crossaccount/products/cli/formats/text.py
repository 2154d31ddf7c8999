"""The parts of a text for a person: styles, groups, a policy's JSON one element a line, and a grant in words."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Self, TypeVar

from ....judgement.values.verdict import NO_ACCESS, Access, Compliance, Grant, Kind, Verdict
from ....sources.reading.files import STANDARD_INPUT
from ..base.program import visible

if TYPE_CHECKING:
    from ....judgement.values.trust_entries import Entry


class Text:
    """A text that is made part by part. Each part may have a style of its own, beside that of the whole."""

    __slots__ = ("parts", "style")

    def __init__(self, text: str = "", style: str = "") -> None:
        self.parts: list[tuple[str | Text, str]] = [(text, "")]
        self.style = style

    def append(self, part: str | Text, style: str = "") -> Self:
        """Add a part, and return this text."""
        self.parts.append((part, style))
        return self

    @property
    def plain(self) -> str:
        """The words without styles."""
        return "".join(part if isinstance(part, str) else part.plain for part, _ in self.parts)


_One = TypeVar("_One")
_Key = TypeVar("_Key", bound=Hashable)


def group_items(found: Iterable[_One], key: Callable[[_One], _Key]) -> Iterable[tuple[_Key, list[_One]]]:
    """Return the items grouped by their key, in the order in which each key first appears."""
    groups: dict[_Key, list[_One]] = {}
    for one in found:
        groups.setdefault(key(one), []).append(one)
    return groups.items()


_LONGEST_ONE_LINER = 96


def laid_out(statement: object, *, ascii_only: bool = False) -> Iterator[str]:
    """Yield the lines of a statement. Raises RecursionError if it is nested too deeply."""
    dumps = partial(json.dumps, ensure_ascii=ascii_only)
    whole = dumps(statement)
    if len(whole) <= _LONGEST_ONE_LINER or not isinstance(statement, dict):
        yield whole
        return
    yield "{"
    for number, (name, value) in enumerate(statement.items(), start=1):
        element = f"{dumps(name)}: {dumps(value)}"
        if len(element) > _LONGEST_ONE_LINER:
            element = f"{dumps(name)}: {dumps(value, indent=2)}"
        for line in f"{element}{',' * (number < len(statement))}".split("\n"):
            yield f"  {line}"
    yield "}"


def policy_laid_out(policy: Mapping[str, object]) -> Iterator[str]:
    """Yield the lines of a whole policy, as JSON in ASCII. They can be copied even if characters are invisible."""
    yield from (line for _, line in policy_by_statement(policy))


Line = tuple[int | None, str]
"""A line of a policy, with the number of the statement that it belongs to, or None."""


def policy_by_statement(policy: Mapping[str, object]) -> Iterator[Line]:
    """Yield the lines of a whole policy, each with its statement. Raises RecursionError if it is nested too deeply."""
    blocks: list[list[Line]] = []
    for name, value in policy.items():
        lines = _statements(value) if name == "Statement" else [(None, json.dumps(value))]
        number, first = lines[0]
        blocks.append([(number, f"{json.dumps(name)}: {first}"), *lines[1:]])
    yield from ((None, "{"), *_separate_blocks(blocks), (None, "}"))


def _statements(body: object) -> list[Line]:
    if not isinstance(body, list):
        return [(0, line) for line in laid_out(body, ascii_only=True)]
    blocks = [[(number, line) for line in laid_out(one, ascii_only=True)] for number, one in enumerate(body)]
    return [(None, "["), *_separate_blocks([[*block] for block in blocks]), (None, "]")]


def _separate_blocks(blocks: Sequence[Sequence[Line]]) -> Iterator[Line]:
    """Yield the lines of blocks, indented by two columns, with a comma after each block except the last."""
    for number, lines in enumerate(blocks, start=1):
        comma = "," if number < len(blocks) else ""
        yield from ((statement, f"  {line}") for statement, line in lines[:-1])
        statement, last = lines[-1]
        yield statement, f"  {last}{comma}"


_ACTOR_KEYS = frozenset({"aws:sourceaccount", "aws:sourceorgid"})
"""Keys that name the account or organization a service acts for. They are shown even without a condition on them."""


def who(kind: Kind, grantee: str) -> str:
    """Return a grantee. The kind precedes a bare account number or organization ID."""
    is_id = kind in (Kind.ACCOUNT, Kind.ORGANIZATION) and " " not in grantee
    return f"{kind.value} {grantee}" if is_id else grantee


def describe_policy(file: str, name: str, account: str) -> str:
    """Return the file of a policy, and whose policy it is. `*` is a repository without a name. It is safe to show."""
    shown = "standard input" if file == STANDARD_INPUT else file
    return visible(f"{shown} ({'' if name == '*' else f'{name} of '}{account})")


def access_in_words(access: Iterable[Access]) -> str:
    """Return access levels, from the lowest on."""
    return ", ".join(one.value for one in access)


def grant_in_words(grant: Grant) -> str:
    """Return who gets what access."""
    return f"{who(grant.kind, grant.grantee)} gets {access_in_words(grant.access)}"


def approval_in_words(number: int, entry: Entry) -> str:
    """Return who approved an entry of the register, until when and why. It is safe to show."""
    parts = (
        f"trust[{number}]",
        f"by {entry.owner}" if entry.owner else "no owner named",
        f"until {entry.expires}" if entry.expires else "no last day",
        entry.reason or "no reason given",
    )
    return visible(", ".join(parts))


def what_is_left(under_rcps: Verdict) -> str:
    """Return the access that remains under resource control policies, in one line."""
    if under_rcps.compliance is Compliance.COMPLIANT:
        return f"{NO_ACCESS} is left"
    grants = map(grant_in_words, under_rcps.grants)
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
