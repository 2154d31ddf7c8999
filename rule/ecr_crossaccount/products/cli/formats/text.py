"""A page of text for a person, and its parts: styles, groups, a policy's JSON one element a line, a grant in words."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence, Sized
from functools import cached_property, partial
from typing import TYPE_CHECKING, Self, TextIO, TypeVar

from ....judgement.values.verdict import NO_ACCESS, Access, Compliance, Grant, Kind, Severity, Verdict
from ....sources.check.provenance import Provenance
from ....sources.reading.files import STANDARD_INPUT
from ..base.program import visible

if TYPE_CHECKING:
    from rich import text as rich
    from rich.console import Console

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


_WIDEST = 110
"""The most columns. Longer lines are hard to read, however wide the terminal is."""

_USUAL = 80
"""The columns of a terminal that does not report its width."""

_LEAD = re.compile(r" *(?:[+-] +)?")
"""The part of a line before its words: spaces, and a sign such as `+` or `-`."""

SEVERITIES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
"""The style of each severity."""

_FORCING = ("FORCE_COLOR", "TTY_COMPATIBLE", "TTY_INTERACTIVE")
"""The variables with which a user tells rich that the output is a terminal."""


class Page:
    """Lines on a terminal, or in a pipe or a file, where they have neither colors nor wrapped lines."""

    def __init__(self, file: TextIO | None = None) -> None:
        self._file = file or sys.stdout
        self._is_plain = not (self._file.isatty() or any(map(os.environ.get, _FORCING)))

    def line(self, text: Text | str = "", indent: int = 0) -> None:
        """Write `text`, indented by `indent` columns. Wrapped lines are aligned with its first word."""
        body = Text(text) if isinstance(text, str) else text
        lead = _LEAD.match(body.plain)
        self._write(Text(" " * indent), body, indent + (lead.end() if lead else 0))

    def heading(self, text: str) -> None:
        """Write the heading of the next part, after an empty line."""
        self.line()
        self.line(Text(text, "bold"))

    def verbatim(self, text: Text) -> None:
        """Write `text` unchanged, in one line."""
        if not self._has_written(text.plain):
            self._console.print(_style_text(text), soft_wrap=True)

    def field(self, label: str, text: Text | str, indent: int = 4, style: str = "dim") -> None:
        """Write `text` with `label` in the column before it."""
        body = Text(text) if isinstance(text, str) else text
        self._write(Text(" " * indent).append(label, style).append(" " * (10 - len(label))), body, indent + 10)

    def aside(self, label: str, text: str) -> None:
        """Write a line about the whole run, or about something that was not judged."""
        self.line(Text(f"{label:10}", "yellow").append(visible(text), ""))

    def trust(self, provenance: Provenance, about: Sized) -> None:
        """Write which trust decided a report, unless it is about nothing."""
        if about:
            self.line(Text(f"{'trust':10}", "dim").append(visible(provenance.trust), ""))

    def _write(self, first: Text, text: Text, column: int) -> None:
        if not self._has_written(first.plain + text.plain.rstrip()):
            self._print(first, text, column)

    def _has_written(self, line: str) -> bool:
        """Write a line, unless it needs a terminal or rich, which takes longer. Return whether it was written."""
        is_usual = self._is_plain and line.isprintable()
        if is_usual:
            self._file.write(f"{line}\n")
            self._file.flush()
        return is_usual

    @cached_property
    def _console(self) -> Console:
        """The console, which prints text unchanged. A file gets no colors and no wrapped lines."""
        from rich.console import Console

        class Piped(Console):
            def on_broken_pipe(self) -> None:
                """Let the command choose the exit status. By default, rich exits with a failure."""
                raise BrokenPipeError

        console = Piped(file=self._file, highlight=False, markup=False, emoji=False)
        if console.width < 1:  # with COLUMNS=0, rich would print nothing
            console.width = _USUAL
        return console

    def _print(self, first: Text, text: Text, column: int) -> None:
        """Write `first`, and `text` beside it. On a terminal, its other lines begin at a column."""
        from rich import text as rich

        body, console = _style_text(text), self._console
        lines: Iterable[rich.Text] = [body]
        if console.is_terminal and body.plain:
            lines = body.wrap(console, max(min(console.width, _WIDEST) - column, 20))
        for number, line in enumerate(lines):
            line.rstrip()
            prefix = rich.Text(" " * column) if number else _style_text(first)
            console.print(rich.Text.assemble(prefix, line), soft_wrap=True)


def _style_text(text: Text) -> rich.Text:
    from rich import text as rich

    made = rich.Text(style=text.style)
    for part, style in text.parts:
        if isinstance(part, str):
            made.append(part, style or None)
        else:
            made.append(_style_text(part))
    return made
