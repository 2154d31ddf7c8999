"""Text, for a person: the verdict, then statement by statement who gets what, why, and the way out."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rich.console import Console
from rich.text import Text

from ...access.verdict import Compliance, Grant, Kind, Severity, Verdict
from ..main import complain
from ..sources import STANDARD_INPUT
from ..visible import visible
from ..way_out import way_out
from . import Judged, Report

_WIDEST = 110
"""Columns; longer lines are hard to read however wide the terminal."""

_LONGEST_ONE_LINER = 96
_MOST_LINES = 24
_MOST_ACTIONS = 5

_STYLES = {
    Severity.CRITICAL: "bold white on red",
    Severity.HIGH: "bold red",
    Severity.MEDIUM: "bold yellow",
    Severity.LOW: "bold cyan",
}
_ACTOR_KEYS = frozenset({"aws:sourceaccount", "aws:sourceorgid"})
"""Keys that say for whom a service acts: worth telling though no condition asks."""


def show(report: Report) -> None:
    """Write `report` to standard output, and what could not be read to standard error."""
    page = _Page()
    for number, judged in enumerate(report.judged):
        if number:
            page.line()
        _show_policy(page, judged)
    if len(report.judged) > 1:
        page.line()
        page.line(_summary(report.judged))
    for unread in report.unread:
        complain(f"{unread.file}: {unread.reason}")


class _Page:
    """Lines on standard output: wrapped with a hanging indent on a terminal, left whole in a pipe."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, markup=False, emoji=False)
        self._width = min(self._console.width, _WIDEST) if self._console.is_terminal else None

    def line(self, text: Text | str = "", indent: int = 0) -> None:
        """Write `text`, every line of it `indent` columns in."""
        self._write(Text(" " * indent), text, indent)

    def labelled(self, label: str, text: Text | str, indent: int = 4, style: str = "dim") -> None:
        """Write `text` with `label` in the column before it."""
        column = indent + 10
        self._write(Text(" " * indent).append(label, style).append(" " * (10 - len(label))), text, column)

    def _write(self, first: Text, text: Text | str, column: int) -> None:
        body = Text(text) if isinstance(text, str) else text
        lines: Iterable[Text] = [body]
        if self._width is not None and body.plain:
            lines = body.wrap(self._console, max(self._width - column, 20))
        for number, line in enumerate(lines):
            line.rstrip()
            prefix = Text(" " * column) if number else first
            self._console.print(Text.assemble(prefix, line), soft_wrap=True)


def _show_policy(page: _Page, judged: Judged) -> None:
    verdict = judged.verdict
    page.line(_headline(judged))
    for number, grants in _by_statement(verdict.grants):
        page.line()
        _show_statement(page, judged, number, grants)
    for undecided in verdict.undecided:
        page.line()
        where = "the policy" if undecided.statement is None else f"Statement[{undecided.statement}]"
        page.labelled("UNDECIDED", f"{where}: {visible(undecided.reason)}", 2, _STYLES[Severity.MEDIUM])
        page.labelled("way out", "write the condition so that the policy alone decides it, or delete the statement", 2)
    for invalid in verdict.invalid:
        page.line()
        page.labelled("INVALID", f"{visible(invalid.at)}: {visible(invalid.reason)}", 2, _STYLES[Severity.MEDIUM])
    if verdict.invalid:
        page.labelled("way out", "correct it there; until then nobody can say what AWS makes of it", 2)
    if verdict.notes:
        page.line()
    for note in verdict.notes:
        page.labelled("note", visible(note), 2)


def _headline(judged: Judged) -> Text:
    repository = judged.repository
    name = "" if repository.name == "*" else f"{visible(repository.name)} of "
    file = "standard input" if judged.file == STANDARD_INPUT else visible(judged.file)
    head = Text(f"{file} ({name}{visible(repository.account)}): ")
    if judged.verdict.compliance is Compliance.COMPLIANT:
        return head.append("COMPLIANT", "bold green").append(", no untrusted outsider gets in by this policy")
    return head.append("NON_COMPLIANT", "bold red").append(f", {_in_short(judged.verdict)}")


def _in_short(verdict: Verdict) -> str:
    counted = (
        (len(verdict.grants), "grant"),
        (len(verdict.undecided), "undecided"),
        (len(verdict.invalid), "invalid"),
    )
    words = [f"{count} {word}{'s' if word == 'grant' and count > 1 else ''}" for count, word in counted if count]
    return ", ".join(words)


def _by_statement(grants: Sequence[Grant]) -> Iterator[tuple[int, list[Grant]]]:
    """Yield the grants statement by statement, the worst statement first, as `grants` are ordered."""
    groups: dict[int, list[Grant]] = {}
    for grant in grants:
        groups.setdefault(grant.statement, []).append(grant)
    yield from groups.items()


def _show_statement(page: _Page, judged: Judged, number: int, grants: Sequence[Grant]) -> None:
    sid = grants[0].sid
    page.line(Text(f"Statement[{number}]" + (f" `{visible(sid)}`" if sid else ""), "bold"), 2)
    for line in _excerpt(judged.document, number):
        page.line(Text(visible(line), "dim"), 4)
    for grant in grants:
        page.line()
        _show_grant(page, judged, grant)
    page.line()
    ways = way_out(grants, _statement(judged.document, number), judged.repository)
    page.labelled("way out", f"remove: {ways.remove}")
    for advice in ways.tighten:
        page.labelled("", f"tighten: {visible(advice)}")
    if ways.entries:
        page.labelled("", "keep: document it in the trust register (--trust)")
    for line in ways.entries:
        page.labelled("", Text(f"  {visible(line)}", "green"))


def _show_grant(page: _Page, judged: Judged, grant: Grant) -> None:
    access = ", ".join(access.value for access in grant.access)
    headline = Text().append(visible(_who(grant)), "bold").append(f" gets {access}")
    page.labelled(grant.severity.name, headline, style=_STYLES[grant.severity])
    page.labelled("because", visible(grant.reason))
    page.labelled("actions", visible(_actions(grant)))
    page.labelled("witness", visible(_in_words(grant, judged.document)))


def _who(grant: Grant) -> str:
    """Return the grantee so that a bare number or id says what it is."""
    is_id = grant.kind in (Kind.ACCOUNT, Kind.ORGANIZATION) and " " not in grant.grantee
    return f"{grant.kind.value} {grant.grantee}" if is_id else grant.grantee


def _actions(grant: Grant) -> str:
    """Return the actions, the witness's first: it is the most telling one."""
    actions = sorted(grant.actions, key=lambda action: action != grant.witness.action)
    shown = ", ".join(actions[:_MOST_ACTIONS])
    more = len(actions) - _MOST_ACTIONS
    return f"{shown} and {more} more" if more > 0 else shown


def _in_words(grant: Grant, document: object) -> str:
    """Return the witness as a sentence, with the context keys that the policy asks for."""
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
    for statement in _statements(document):
        condition = statement.get("Condition") if isinstance(statement, dict) else None
        for keys in condition.values() if isinstance(condition, dict) else ():
            yield from keys if isinstance(keys, dict) else ()


def _statements(document: object) -> list[object]:
    statements = document.get("Statement", []) if isinstance(document, dict) else []
    return statements if isinstance(statements, list) else [statements]


def _statement(document: object, number: int) -> object:
    return _statements(document)[number]


def _excerpt(document: object, number: int) -> list[str]:
    """Return the statement as its author could have written it, an element a line, cut to a screen."""
    try:
        lines = list(_written(_statement(document, number)))
    except RecursionError:
        return []
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [f"… and {len(lines) - _MOST_LINES} more lines"]
    return lines


def _written(statement: object) -> Iterator[str]:
    whole = json.dumps(statement, ensure_ascii=False)
    if len(whole) <= _LONGEST_ONE_LINER or not isinstance(statement, dict):
        yield whole
        return
    yield "{"
    for number, (name, value) in enumerate(statement.items(), start=1):
        element = f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
        if len(element) > _LONGEST_ONE_LINER:
            element = f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False, indent=2)}"
        for line in f"{element}{',' * (number < len(statement))}".split("\n"):
            yield f"  {line}"
    yield "}"


def _summary(judged: Sequence[Judged]) -> str:
    counts = Counter(one.verdict.compliance for one in judged)
    compliant, others = counts[Compliance.COMPLIANT], counts[Compliance.NON_COMPLIANT]
    return f"{len(judged)} policies: {compliant} compliant, {others} non-compliant"
