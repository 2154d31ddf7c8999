"""Plans the narrowest policy that keeps trusted access, from a policy, its repository and trust.

The work on a policy that is not compliant goes statement by statement. Then comes a proof.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeGuard

from ...documents.json import RepeatedNames
from ...judgement.admission import Origin
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Compliance, Undecided, Verdict
from . import reasons
from .blocks import without_deleted
from .narrow import Narrowed, Part, narrow_allow
from .outcome import (
    Action,
    CannotSayError,
    Change,
    Plan,
    PolicyTooLongError,
    Strategy,
    Style,
    Written,
    document_of,
    refuse_too_long,
    sid_of,
    statements_of,
    text_of,
    with_statements,
)
from .reasons import Bench
from .required import Required, without_idle
from .tidy import Allowed, Allows, Sids, tidy_parts

_STATEMENT = re.compile(r"\$\.Statement(?:\[(\d+)\])?")


class Work:
    """The work on one policy that is not compliant."""

    def __init__(self, document: Written, verdict: Verdict, question: Bench) -> None:
        self._document = document
        self._written = statements_of(document)
        self._numbered = list(enumerate(self._written))
        self._verdict = verdict
        self._question = question
        self._undecided = list(verdict.undecided)
        self._changes: list[Change] = []

    @property
    def _offending(self) -> set[int | None]:
        return {grant.statement for grant in self._verdict.grants} | {
            undecided.statement for undecided in self._undecided
        }

    def _until_proven(self, attempt: Callable[[], Plan | list[Undecided]]) -> Plan:
        """Return the plan of an attempt.

        Repeats it with the statements that become undecided once the others change.
        """
        while True:
            self._changes.clear()
            found = attempt()
            if isinstance(found, Plan):
                return found
            self._undecided += found

    # --- remove ---

    def without_offenders(self) -> Plan:
        """Plan to remove every offending statement."""
        return self._until_proven(self._without_offenders)

    def _without_offenders(self) -> Plan | list[Undecided]:
        gone = self._offending | set(self._unreadable())
        return self._proven(
            [
                self._remove_statement(number) if number in gone else self._keep_statement(number, one)
                for number, one in self._numbered
            ]
        )

    def _remove_statement(self, number: int) -> list[object]:
        self._note(number, "statement removed", self._reason(number))
        return []

    def _unreadable(self) -> Iterator[int]:
        """Yield the Allows with an invalid element.

        Raises CannotSayError for other invalid statements, because they must stay.
        """
        for invalid in self._verdict.invalid:
            found = _STATEMENT.match(invalid.at)
            number = int(found[1] or 0) if found else None
            statement = None if number is None else self._written[number]
            if number is None or not _is_allow(statement):
                raise CannotSayError(
                    f"what is invalid is not in an Allow, and stays unchanged: {invalid.at}: {invalid.reason}"
                )
            yield number

    # --- narrow ---

    def narrow_offenders(self) -> Plan:
        """Plan to narrow every offending statement."""
        if self._verdict.invalid:
            first = self._verdict.invalid[0]
            raise CannotSayError(f"an invalid policy cannot be narrowed: {first.at}: {first.reason}")
        try:
            return self._until_proven(lambda: self._narrowed_as(Style.PLAIN))
        except PolicyTooLongError:
            return self._until_proven(lambda: self._narrowed_as(Style.SHORT))

    def _narrowed_as(self, style: Style) -> Plan | list[Undecided]:
        offending = self._offending
        drafts = {number: self._draft(number, style) for number, _ in self._numbered if number in offending}
        allows = Allows()
        parts = tidy_parts({number: draft.parts for number, draft in drafts.items()}, self._others(allows), allows)
        sids = Sids(self._question.home.account, self._written, style)
        became = [
            self._became(number, drafts[number], parts[number], sids)
            if number in drafts
            else self._keep_statement(number, one)
            for number, one in self._numbered
        ]
        return self._proven(became, style)

    def _draft(self, number: int, style: Style) -> Narrowed:
        statement, written = self._question.statements[number], self._written[number]
        if not isinstance(written, Mapping):
            raise CannotSayError(f"statement {number} is not known yet")
        try:
            return narrow_allow(statement, written, self._question, style)
        except CannotSayError as error:
            raise CannotSayError(f"statement {number} cannot be narrowed: {error}") from None

    def _others(self, allows: Allows) -> list[Allowed]:
        """Return the Allows that stay unchanged."""
        statements, offending = self._question.statements, self._offending
        return [
            allows.taken_apart(written, statements[number].actions)
            for number, written in self._numbered
            if number not in offending and _is_allow(written)
        ]

    def _became(self, number: int, draft: Narrowed, parts: Sequence[Part], sids: Sids) -> list[object]:
        """Return the statements that an Allow becomes, and note the changes."""
        for grant in (one for one in self._verdict.grants if one.statement == number):
            self._note(number, reasons.describe_lost_access(grant), grant.reason)
        for undecided in (one for one in self._undecided if one.statement == number):
            self._note(number, "what cannot be decided taken away", undecided.reason)
        for loss in draft.losses:
            self._note(number, loss.change, loss.reason)
        for part in parts:
            self._note(number, reasons.describe_kept_access(part.block), reasons.inside(part.block, self._question))
        if not parts:
            self._note(number, "statement removed", reasons.SAID_BY_OTHERS if draft.parts else reasons.NOTHING_LEFT)
        return [*sids.name_statements(parts)]

    def _keep_statement(self, number: int, written: object) -> list[object]:
        """Return a statement that does not offend, without deleted principals: ECR would refuse to write them."""
        if not self._question.is_deployed:
            return [written]
        left, gone = without_deleted(written)
        for entry in gone:
            self._note(number, f"`{entry}` left out of Principal", reasons.DELETED)
        return left

    # --- both ---

    def _reason(self, number: int) -> str:
        grants = [grant.reason for grant in self._verdict.grants if grant.statement == number]
        undecided = [one.reason for one in self._undecided if one.statement == number]
        return next(iter(grants + undecided), "it is invalid")

    def _note(self, number: int, change: str, reason: str) -> None:
        self._changes.append(Change(number, sid_of(self._written[number]), change, reason))

    def _proven(self, parts: list[list[object]], style: Style = Style.SHORT) -> Plan | list[Undecided]:
        """Return the plan that replaces the statements by `parts`, if the result is compliant.

        If an unchanged statement is now undecided, returns the reasons. Beside the other statements, this made no
        difference.
        """
        statements = [one for found in parts for one in found]
        if not statements:
            self._changes.append(Change(None, None, "policy deleted", reasons.NO_STATEMENT))
            return self._plan(Action.DELETE, None, parts)
        document = with_statements(self._document, statements)
        refuse_too_long(text_of(document, style))
        after = self._question.verdict(document)
        if after.compliance is not Compliance.COMPLIANT:
            uncovered = [
                undecided
                for undecided in self._undecided_in(after, parts)
                if undecided.statement not in self._offending
            ]
            if uncovered:
                return uncovered
            raise CannotSayError(
                f"no narrower policy could be proven; in the one that was tried, {reasons.still_open(after)}"
            )
        return self._plan(Action.SET, document, parts)

    def _undecided_in(self, after: Verdict, parts: list[list[object]]) -> Iterator[Undecided]:
        """Return what is undecided in a policy made of `parts`, with the number of the original statement."""
        origin = [number for number, found in enumerate(parts) for _ in found]
        return (
            replace(undecided, statement=origin[undecided.statement])
            for undecided in after.undecided
            if undecided.statement is not None
        )

    def _plan(self, action: Action, document: Written | None, parts: list[list[object]]) -> Plan:
        became = tuple(map(tuple, parts))
        return Plan(action, document, tuple(self._changes), self._verdict.invalid, None, became)


def _is_allow(statement: object) -> TypeGuard[Written]:
    """Return whether a statement certainly is an Allow. If a name appears twice, readers may take either value."""
    if isinstance(statement, RepeatedNames):
        return False
    return isinstance(statement, Mapping) and statement.get("Effect") == "Allow"


def plan(  # noqa: PLR0913 - what a plan depends on, all of it
    policy: object,
    repository: Repository,
    trust: Trust,
    strategy: Strategy | str = Strategy.NARROW,
    origin: Origin = Origin.PROPOSED,
    *,
    required: Required | None = None,
    cut_trusted: bool = False,
) -> Plan:
    """Plan the change of a repository's policy. The arguments are those of `judge`.

    A policy that is set or left is judged COMPLIANT, unless the plan is `refused`. It allows no request that the old
    policy did not allow. Under `narrow`, it also allows every request of the owner account, or covered by trust, that
    the old policy allowed.

    `require` adds the statements of `required` and closes nothing else. `after` is the verdict on the resulting policy.
    The plan is refused if it would shut out the owner or a trusted principal, unless `cut_trusted` is set.

    Raises ValueError for an unknown strategy or a missing or unexpected `required`, but never because of a policy.
    """
    strategy = Strategy(strategy)
    if (strategy is Strategy.REQUIRE) != (required is not None):
        raise ValueError("the strategy `require` takes the statements that are required, and no other does")
    if required is not None:
        # Imported here because some functions that plan do not include `questions/ask/`, which this module needs.
        from .losses import Bench as Situation  # noqa: PLC0415
        from .require import plan_required  # noqa: PLC0415

        return plan_required(policy, required, Situation(repository, trust, origin), cut_trusted=cut_trusted)
    verdict = judge(policy, repository, trust, origin)
    if verdict.compliance is Compliance.COMPLIANT:
        return Plan(Action.NONE, document_of(policy))
    if strategy is Strategy.DELETE:
        whole = Change(None, None, "policy deleted", reasons.still_open(verdict))
        return Plan(Action.DELETE, None, (whole,), verdict.invalid)
    document = document_of(policy)
    if document is None:
        return Plan(Action.NONE, None, (), verdict.invalid, reasons.still_open(verdict))
    slim, dropped = without_idle(document, repository) if origin is Origin.DEPLOYED else (document, ())
    try:
        work = Work(slim, verdict, Bench(slim, repository, trust, origin))
        found = work.narrow_offenders() if strategy is Strategy.NARROW else work.without_offenders()
    except CannotSayError as error:
        return Plan(Action.NONE, document, (), verdict.invalid, str(error))
    return replace(found, changes=(*found.changes, *dropped)) if found.action is Action.SET else found
