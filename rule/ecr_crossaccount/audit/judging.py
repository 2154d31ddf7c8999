"""From what was read to what it means: every policy judged, with the approvals behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from .. import Compliance, Trust, Verdict
from .items import AMBIGUOUS, Ambiguous, Item, Unread
from .outcomes import Judge, Key, Outcome, name_of
from .report import AuditReport, Scope, approvals
from .rows import Rows, audited
from .store import Store

_MOST_KEPT = 16_000_000
"""Characters of the policies that are remembered; one that comes again after that is judged again."""


class Numbers:
    """The numbers of outcomes by what tells these apart, as far as they are remembered."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._characters = 0

    def get(self, key: Key) -> int | None:
        """Return the number of an outcome, None where it is not known (any more)."""
        return self._numbers.get(key)

    def keep(self, key: Key, number: int) -> None:
        """Remember a number."""
        if self._characters > _MOST_KEPT:
            self._numbers.clear()
            self._characters = 0
        self._characters += len(key.text or "")
        self._numbers[key] = number


class Auditor:
    """Takes what was read, one after the other, and answers the report of it all.

    `organization`: what `self` stands for in the register, where known; the owner's, whichever account it is.
    """

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._trust = trust
        self._judge = Judge(trust, organization)
        self._numbers = Numbers()
        self._others: Counter[int] = Counter()
        """Entries that recordings need which are not the one that counts."""
        self.store = Store()
        self._rows = Rows(self.store)
        self._errors: list[Unread] = []

    def take(self, found: Iterable[Item | Ambiguous | Unread]) -> None:
        """Judge items, and keep what could not be read."""
        for one in found:
            if isinstance(one, Unread):
                self._errors.append(one)
            elif isinstance(one, Ambiguous):
                self._add(one.items[0], self.store.add(self._worst(one)))
            else:
                self._add(one, self.number_of(one))

    def take_judged(self, arn: str, number: int) -> None:
        """Take a repository whose outcome is in the store already."""
        self._rows.add(arn, number)

    def item(self, arn: str, number: int) -> Item:
        """Return what was read of a repository whose outcome is in the store."""
        return audited(arn, name_of(arn), self.store[number]).item

    def number_of(self, item: Item) -> int:
        """Judge an item once for all that are alike, and return the number of its outcome in the store."""
        try:
            key = self._judge.key_of(item)
        except (TypeError, ValueError, RecursionError):  # a policy that is no JSON value
            return self.store.add(self._judge.outcome(item))
        found = self._numbers.get(key)
        if found is None:
            found = self.store.add(self._judge.outcome(item, key))
            self._numbers.keep(key, found)
        return found

    def report(self, source: str, on: date, regions: Iterable[str], within: int) -> AuditReport:
        """Return all that was taken, in the order of ARNs. `regions`: those that were asked for, if they were named."""
        rows = self._rows
        rows.sort()
        places = set(rows.places())
        scope = Scope(
            source,
            on,
            tuple(sorted({account for account, _ in places})),
            tuple(sorted({region for _, region in places if region} | set(regions))),
        )
        used = tuple(approvals(self._trust, self._used()))
        return AuditReport(scope, rows, tuple(self._errors), self._trust, used, within)

    def _used(self) -> Counter[int]:
        used = Counter(self._others)
        for number, times in self._rows.counted().items():
            for entry in self.store.used.get(number, ()):
                used[entry] += times
        return used

    def _add(self, item: Item, number: int) -> None:
        place = (item.account, item.region, item.name)
        self._rows.add(item.arn, number, None if place == name_of(item.arn) else place)

    def _worst(self, found: Ambiguous) -> Outcome:
        """Judge all that a repository may have; what the others open is in the notes."""
        outcomes = [self.store[self.number_of(item)].of(item.account) for item in found.items]
        *others, worst = sorted(outcomes, key=_how_bad)
        for other in others:
            self._others.update(other.used)
        said = f"{AMBIGUOUS}: {found.places}; the worst counts"
        more = [reason for other in reversed(others) for reason in _findings(other.verdict)]
        known = {*_findings(worst.verdict)}
        notes = [f"another recording: {reason}" for reason in dict.fromkeys(more) if reason not in known]
        verdict = replace(worst.verdict, notes=(*worst.verdict.notes, said, *notes))
        return replace(worst, verdict=verdict, places=found.places)


def _how_bad(one: Outcome) -> tuple[object, ...]:
    """Return what orders verdicts, the same in whatever order they come."""
    verdict = one.verdict
    severity = -1 if verdict.severity is None else verdict.severity
    return verdict.compliance is Compliance.NON_COMPLIANT, severity, len(verdict.grants), str(one.policy)


def _findings(verdict: Verdict) -> Iterator[str]:
    yield from (grant.reason for grant in verdict.grants)
    yield from (undecided.reason for undecided in verdict.undecided)
    yield from (f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid)
