"""The work on one policy that is not compliant: statement by statement, and a proof at the end."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from ..access.verdict import Compliance, Verdict
from ..policy.document import Statement
from ..policy.strict_json import RepeatedNames
from . import reasons
from .blocks import is_id
from .limits import CannotSayError
from .narrow import narrowed
from .outcome import Action, Change, Plan
from .question import Question
from .written import (
    LONGEST_POLICY,
    Style,
    Written,
    fresh_sids,
    like,
    one_or_many,
    replaced,
    statements_of,
    text_of,
    with_statements,
)


class TooLongError(CannotSayError):
    """What is meant takes more characters than ECR keeps."""


_STATEMENT = re.compile(r"\$\.Statement(?:\[(\d+)\])?")


class Work:
    """The work on one policy that is not compliant."""

    def __init__(self, document: Written, verdict: Verdict, question: Question) -> None:
        self._document = document
        self._written = statements_of(document)
        self._numbered = list(enumerate(self._written))
        self._verdict = verdict
        self._question = question
        self._changes: list[Change] = []

    # --- remove ---

    def without_offenders(self) -> Plan:
        """Plan to take out every statement that offends."""
        gone = self._question.offending | set(self._unreadable())
        return self._proven(
            [self._removed(number) if number in gone else self._left(number, one) for number, one in self._numbered]
        )

    def _removed(self, number: int) -> list[object]:
        self._note(number, "statement removed", self._reason(number))
        return []

    def _unreadable(self) -> Iterator[int]:
        """The Allows in which something is invalid; a Deny or what may be one stays, whatever is wrong with it."""
        for one in self._verdict.invalid:
            found = _STATEMENT.match(one.at)
            number = int(found[1] or 0) if found else None
            statement = None if number is None else self._written[number]
            if number is None or not _is_allow(statement):
                raise CannotSayError(f"what is invalid and no Allow stays as it is: {one.at}: {one.reason}")
            yield number

    # --- narrow ---

    def narrowed(self) -> Plan:
        """Plan to narrow every statement that offends."""
        if self._verdict.invalid:
            first = self._verdict.invalid[0]
            raise CannotSayError(f"what is invalid cannot be narrowed: {first.at}: {first.reason}")
        try:
            return self._narrowed_as(Style.PLAIN)
        except TooLongError:
            self._changes.clear()
            return self._narrowed_as(Style.SHORT)

    def _narrowed_as(self, style: Style) -> Plan:
        statements, offending = self._question.statements, self._question.offending
        return self._proven(
            [
                self._narrowed(statements[number], one, style) if number in offending else self._left(number, one)
                for number, one in self._numbered
            ],
            style,
        )

    def _narrowed(self, statement: Statement, written: object, style: Style) -> list[object]:
        if not isinstance(written, Mapping):
            raise CannotSayError(f"{_name(statement)} is not known yet")
        try:
            parts = narrowed(statement, written, self._question, style)
        except CannotSayError as error:
            raise CannotSayError(f"{_name(statement)} cannot be narrowed: {error}") from None
        number = statement.number
        for grant in (one for one in self._verdict.grants if one.statement == number):
            self._note(number, reasons.taken(grant), grant.reason)
        for undecided in (one for one in self._verdict.undecided if one.statement == number):
            self._note(number, "what cannot be decided taken away", undecided.reason)
        for part in parts:
            self._note(number, reasons.kept(part.block), reasons.inside(part.block, self._question))
        if not parts:
            self._note(number, "statement removed", reasons.NOTHING_LEFT)
        return self._with_ids_of_their_own([part.written for part in parts])

    def _with_ids_of_their_own(self, parts: list[Written]) -> list[object]:
        sid = parts[0].get("Sid") if len(parts) > 1 else None
        if not isinstance(sid, str):
            return [*parts]
        taken = [one.get("Sid") for one in self._written if isinstance(one, Mapping)]
        sids = fresh_sids(sid, taken, len(parts) - 1)
        rest = zip(parts[1:], sids, strict=True)
        return [parts[0], *(replaced(part, {"Sid": ("Sid", new)}) for part, new in rest)]

    def _left(self, number: int, written: object) -> list[object]:
        """A statement that does not offend, without the principals that were deleted: ECR would not write them."""
        if not (self._question.is_deployed and isinstance(written, Mapping) and written.get("Effect") == "Allow"):
            return [written]
        lists = written.get("Principal")
        entries = one_or_many(lists.get("AWS", [])) if isinstance(lists, Mapping) else []
        gone = [entry for entry in entries if isinstance(entry, str) and is_id(entry)]
        if not (gone and isinstance(lists, Mapping)):
            return [written]
        for entry in gone:
            self._note(number, f"`{entry}` left out of Principal", reasons.DELETED)
        left = [entry for entry in entries if entry not in gone]
        others = {kind: value for kind, value in lists.items() if kind != "AWS"}
        principal = {**lists, "AWS": like(lists["AWS"], left)} if left else others  # type: ignore[arg-type] # as read
        return [replaced(written, {"Principal": ("Principal", principal)})] if principal else []

    # --- both ---

    def _reason(self, number: int) -> str:
        grants = [one.reason for one in self._verdict.grants if one.statement == number]
        undecided = [one.reason for one in self._verdict.undecided if one.statement == number]
        return next(iter(grants + undecided), "it is invalid")

    def _note(self, number: int, change: str, reason: str) -> None:
        written = self._written[number]
        sid = written.get("Sid") if isinstance(written, Mapping) else None
        self._changes.append(Change(number, sid if sid is None else str(sid), change, reason))

    def _proven(self, parts: list[list[object]], style: Style = Style.SHORT) -> Plan:
        """Return the plan that puts `parts` in the statements' places, if its result is compliant."""
        statements = [one for found in parts for one in found]
        if not statements:
            self._changes.append(Change(None, None, "policy deleted", reasons.NO_STATEMENT))
            return self._plan(Action.DELETE, None, parts)
        document = with_statements(self._document, statements)
        length = len(text_of(document, style))
        if length > LONGEST_POLICY:
            raise TooLongError(f"it would take {length:,} characters, more than the {LONGEST_POLICY:,} that ECR keeps")
        after = self._question.verdict(document)
        if after.compliance is not Compliance.COMPLIANT:
            raise CannotSayError(f"no narrower policy could be proven: {reasons.still_open(after)}")
        return self._plan(Action.SET, document, parts)

    def _plan(self, action: Action, document: Written | None, parts: list[list[object]]) -> Plan:
        became = tuple(map(tuple, parts))
        return Plan(action, document, tuple(self._changes), self._verdict.invalid, None, became)


def _is_allow(statement: object) -> bool:
    """Whether a statement allows, whoever reads it: of a name that stands twice others may take the other value."""
    if isinstance(statement, RepeatedNames):
        return False
    return isinstance(statement, Mapping) and statement.get("Effect") == "Allow"


def _name(statement: Statement) -> str:
    return f"statement {statement.number}"
