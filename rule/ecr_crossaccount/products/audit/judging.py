"""The judgement of items: every policy with the approvals behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from ...judgement.beside import RegistryPolicy
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Compliance, Verdict
from ..kinds.handling import SETTINGS
from .items import AMBIGUOUS, Ambiguous, Item, Registries, Unread
from .outcomes import Judge, Key, Outcome, name_of
from .report import AuditReport, Scope, approvals
from .rows import Rows, Store, expand_outcome

_MOST_KEPT = 16_000_000
"""The most characters of cached policies. Beyond that, the cache is cleared and a policy may be judged again."""

_SCOPE = (
    "AWS Config does not record it, so audit the account itself, with the permission ecr:GetAccountSetting, or look "
    "with `aws ecr get-account-setting --name REGISTRY_POLICY_SCOPE`"
)


class Numbers:
    """A cache of the numbers of outcomes by their keys."""

    def __init__(self) -> None:
        self._numbers: dict[Key, int] = {}
        self._characters = 0

    def get(self, key: Key) -> int | None:
        """Return the number of an outcome, or None if it is not cached."""
        return self._numbers.get(key)

    def keep(self, key: Key, number: int) -> None:
        """Cache a number."""
        if self._characters > _MOST_KEPT:
            self._numbers.clear()
            self._characters = 0
        self._characters += len(key.text or "")
        self._numbers[key] = number


class Auditor:
    """Takes items one by one, and returns the report about all of them.

    `organization` is the one that `self` means in the register, if known. It applies to every owner account.
    """

    def __init__(self, trust: Trust, organization: str | None) -> None:
        self._trust = trust
        self._judge = Judge(trust, organization)
        self._numbers = Numbers()
        self._others: Counter[int] = Counter()
        """The entries of the register that only the less severe recordings of ambiguous repositories need."""
        self.store = Store()
        self._rows = Rows(self.store)
        self._ambiguous: dict[str, Ambiguous] = {}
        self._registries = Registries()
        self._tags: dict[str, Mapping[str, str]] = {}
        """Tags from files, for repositories whose registry policy may have conditions on them."""
        self._errors: list[Unread] = []

    def take(self, found: Iterable[Item | Ambiguous | Unread]) -> None:
        """Judge items, and keep errors."""
        for one in found:
            if isinstance(one, Unread):
                self._errors.append(one)
                if one.registry is not None:
                    self._registries.know(one.account, one.region, one.registry)
                continue
            first = one.items[0] if isinstance(one, Ambiguous) else one
            place = (first.account, first.region, first.name)
            number = self._number(one)
            if first.kind is Kind.REGISTRY:
                self._registries.know(*place[:2], _registry_in(self.store[number]))
            self._rows.add(first.arn, number, None if place == name_of(first.arn) else place)

    def take_judged(self, arn: str, number: int, tags: Mapping[str, str] | None) -> None:
        """Add a repository whose outcome is in the store. The registry policy, which may come later, needs `tags`."""
        if self.store.kind(number) is Kind.REGISTRY:
            account, region, _ = name_of(arn)
            self._registries.know(account, region, _registry_in(self.store[number]))
        self._rows.add(arn, number)
        if tags is not None:
            self._tags[arn] = tags

    def _number(self, one: Item | Ambiguous) -> int:
        """Return the number of an item's outcome. It includes the registry policy if that is already known."""
        if isinstance(one, Ambiguous):
            self._ambiguous[one.items[0].arn] = one
            outcomes = self._all(one, None)
            for other in outcomes[:-1]:
                self._others.update(other.used)
            return self.store.add(_worst(outcomes, one.places))
        number = self.number_of(one)
        registry = self._registries.find_policy(one.account, one.region) if one.kind is Kind.REPOSITORY else None
        return (
            number
            if registry is None
            else self.store.add(self._judge.judge_with_registry(one, self.store[number], registry))
        )

    def _all(self, one: Ambiguous, registry: RegistryPolicy | None) -> list[Outcome]:
        """Return the outcomes of all recorded versions of a repository, the worst last."""
        found = [(item, self.store[self.number_of(item)].for_account(item.account)) for item in one.items]
        if registry is not None:
            found = [(item, self._judge.judge_with_registry(item, own, registry)) for item, own in found]
        return sorted((outcome for _, outcome in found), key=_how_bad)

    def _catch_up(self) -> None:
        """Judge repositories again that were read before their registry policy, because files have no order."""
        if not self._registries:
            return
        rows, store = self._rows, self.store
        for place, (arn, number) in enumerate([*rows.outcome_numbers()]):
            account, region, name = rows.place_of(arn)
            registry = self._registries.find_policy(account, region)
            if registry is None or store.kind(number) is not Kind.REPOSITORY or store[number].registry == registry:
                continue
            if arn in self._ambiguous:
                found = self._ambiguous[arn]
                outcome = _worst(self._all(found, registry), found.places)
            else:
                item = expand_outcome(arn, (account, region, name), store[number]).item
                outcome = self._judge.judge_with_registry(
                    replace(item, tags=self._tags.get(arn, item.tags)), store[number], registry
                )
            rows.replace(place, store.add(outcome))

    def item(self, arn: str, number: int, tags: Iterable[tuple[str, str]] | None) -> Item:
        """Return the item of a repository whose outcome is in the store, with `tags` if they were kept."""
        item = expand_outcome(arn, name_of(arn), self.store[number]).item
        return item if tags is None else replace(item, tags=dict(tags))

    def number_of(self, item: Item) -> int:
        """Judge an item, once for all equivalent ones, and return the number of its outcome in the store."""
        if item.kind in SETTINGS:  # there are few of them
            return self.store.add(self._judge.outcome(item))
        try:
            key = self._judge.key_of(item)
        except (TypeError, ValueError, RecursionError):  # a policy that is not a JSON value
            return self.store.add(self._judge.outcome(item))
        found = self._numbers.get(key)
        if found is None:
            found = self.store.add(self._judge.outcome(item, key))
            self._numbers.keep(key, found)
        return found

    def report(
        self, source: str, on: date, read: Iterable[tuple[str, str]], within: int, *, knows_registries: bool = True
    ) -> AuditReport:
        """Return the report, in the order of ARNs. `read`: the accounts and Regions that were read even without items.

        `knows_registries` says whether all registry policies and settings were read, so that a registry without an item
        has none.
        """
        self._catch_up()
        rows = self._rows
        rows.sort()
        places = set(rows.places())
        read = {*read, *places}
        scope = Scope(
            source,
            on,
            tuple(sorted({account for account, _ in places})),
            tuple(sorted({region for _, region in read if region})),
            0 if knows_registries else sum(self._registries.find_policy(*place) is None for place in places),
            settings_read=knows_registries,
            read=_by_account(read),
        )
        used = tuple(approvals(self._trust, self._count_uses()))
        return AuditReport(scope, rows, tuple(self._errors), self._trust, used, within)

    def _count_uses(self) -> Counter[int]:
        used = Counter(self._others)
        for number, times in self._rows.count_outcomes().items():
            for entry in self.store.used.get(number, ()):
                used[entry] += times
        return used


def _by_account(places: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = {}
    for account, region in places:
        found.setdefault(account, set()).add(region)
    return {account: tuple(sorted(found[account])) for account in sorted(found)}


def _registry_in(outcome: Outcome) -> RegistryPolicy:
    if outcome.places is not None:
        return RegistryPolicy(unread=f"it is {AMBIGUOUS}: {outcome.places}")
    return RegistryPolicy(outcome.policy, outcome.scope, way_out=_SCOPE)


def _worst(outcomes: Sequence[Outcome], places: str) -> Outcome:
    """Return the last and worst of several outcomes, with the findings of the others as notes."""
    *others, worst = outcomes
    said = f"{AMBIGUOUS}: {places}; the worst counts"
    more = [reason for other in reversed(others) for reason in _findings(other.verdict)]
    known = {*_findings(worst.verdict)}
    notes = [f"another recording: {reason}" for reason in dict.fromkeys(more) if reason not in known]
    verdict = replace(worst.verdict, notes=(*worst.verdict.notes, said, *notes))
    return replace(worst, verdict=verdict, places=places)


def _how_bad(one: Outcome) -> tuple[object, ...]:
    verdict = one.verdict
    severity = -1 if verdict.severity is None else verdict.severity
    return verdict.compliance is Compliance.NON_COMPLIANT, severity, len(verdict.grants), str(one.policy)


def _findings(verdict: Verdict) -> Iterator[str]:
    yield from (grant.reason for grant in verdict.grants)
    yield from (undecided.reason for undecided in verdict.undecided)
    yield from (f"{invalid.at}: {invalid.reason}" for invalid in verdict.invalid)
