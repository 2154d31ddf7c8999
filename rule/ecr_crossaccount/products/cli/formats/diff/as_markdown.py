"""Markdown, for a comment on a pull or merge request. Foreign text is in code spans, where Markdown has no meaning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from .....sources.check.differences import Comparison
from ..check.as_markdown import MARKS, block
from ..markdown import code
from ..words import who
from .told import WORDS, Told, Way, left_of, summary, told_of

_MOST = 50
"""The most changes that are shown. A comment has at most 65,536 characters, and no reader needs more."""

_MOST_CHARACTERS = 60_000
MARK = "<!-- ecr-crossaccount diff -->"
"""The first line. A program that posts a comment finds its earlier one by it."""


def render(found: Comparison) -> str:
    """Return a comparison as a heading, a table of the access opened and closed, and the reasons in detail."""
    every = sorted((told for one in found.compared for told in told_of(one)), key=_order)
    forms = ("\n".join(_lines(found, every, most)) + "\n" for most in (_MOST, _MOST // 4))
    fitting = (text for text in forms if len(text) <= _MOST_CHARACTERS)
    return next(fitting, "\n".join(_lines(found, every, 0)) + "\n")


def _order(told: Told) -> tuple[int, int]:
    return list(Way).index(told.way) if told.way is not Way.CLOSED else len(Way), -told.severity


def _lines(found: Comparison, every: Sequence[Told], most: int) -> Iterator[str]:
    yield MARK
    yield f"### {_headline(found, every)}"
    yield ""
    yield f"From {code(found.names[0])} to {code(found.names[1])}: {summary(found)}."
    if found.remarks:
        yield ""
        yield from (f"- {code(one.placed)}" for one in found.remarks[: most or 1])
    shown = every[:most]
    if shown:
        yield from ("", "| change | severity | where | resource | who |", "| --- | --- | --- | --- | --- |")
        yield from (_row(told) for told in shown)
        yield from _details(shown)
    if len(every) > len(shown):
        yield from ("", f"… and {len(every) - len(shown)} more.")
    yield from _around(found, most or 1)


def _headline(found: Comparison, every: Sequence[Told]) -> str:
    ways = {told.way for told in every}
    if Way.OPENED in ways:
        return "❌ ECR access from outside: this change opens something"
    if Way.UNDECIDED in ways or found.unknown or found.errors or not found.compared:
        return "⚠️ ECR access from outside: it is not certain that this change opens nothing"
    mark, also = ("⚠️", ", but it also changes what decides this result") if found.remarks else ("✅", "")
    if Way.TRUSTED in ways:
        return f"{mark} ECR access from outside: this change opens nothing that its own register does not trust{also}"
    if Way.CLOSED in ways:
        return f"{mark} ECR access from outside: this change only closes{also}"
    return f"{mark} ECR access from outside: this change opens and closes nothing{also}"


def _row(told: Told) -> str:
    where = code(f"{told.at.file}:{told.at.line}")
    severity = MARKS[told.severity]
    cells = (WORDS[told.way], severity, where, code(told.resource), _who(told))
    return f"| {' | '.join(cells)} |"


def _who(told: Told) -> str:
    if told.change is None:
        return "cannot be determined"
    grant = told.change.grant
    access = ", ".join(one.value for one in grant.access)
    verb = "loses" if told.way is Way.CLOSED else "gets"
    return f"{code(who(grant.kind, grant.grantee))} {verb} {access}"


def _details(shown: Sequence[Told]) -> Iterator[str]:
    yield from ("", "<details><summary>Why, and the request that proves it</summary>")
    for told in shown:
        lines = [f"{told.way.value} {told.at.file}:{told.at.line}:{told.at.column}: {told.of.pair.found.resource}"]
        lines.append(told.reason)
        if told.change is not None:
            witness = told.change.grant.witness
            lines += [told.change.otherwise] if told.change.otherwise else []
            lines.append(f"witness: {witness.principal} may call {witness.action}")
        yield from ("", *block(lines))
    yield from ("", "</details>")


def _around(found: Comparison, most: int) -> Iterator[str]:
    """Yield the errors, the items that were not compared, the notes, and the settings that can loosen the result."""
    if found.errors:
        yield from ("", "**Not read:**", "")
        for name, error in found.errors[:most]:
            state = "" if error.file == name else f"{code(name)} "
            yield f"- {state}{code(error.where)}: {code(error.reason)}"
    if found.unknown:
        yield from ("", "**Found and not compared:**", "")
        for name, file, reason in islice(left_of(found), most):
            yield f"- {code(name)} {code(file)}: {code(reason)}"
    notes = [(one.pair.found.resource, note) for one in found.compared for note in one.notes]
    if notes:
        yield from ("", "**Notes:**", "")
        yield from (f"- {code(resource)}: {code(note)}" for resource, note in notes[:most])
    if found.provenance.beside_the_code:
        yield from ("", f"Settings can loosen this result: {code(found.provenance.beside_the_code)}")
