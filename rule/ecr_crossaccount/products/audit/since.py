"""An earlier audit, and what has changed since: the access that one state of an item gives and the other does not.

The earlier report is read in its JSON form, with the state of each row. What an audit finds has the identity of a
finding of `check`, which is stable between runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy
from ...judgement.kinds.table import SINGLE
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Access, Compliance, Undecided
from ...memo import by_value
from ...questions.change.answer import Opened
from ...questions.change.opening import everything, opened_access
from ...questions.change.recorded import Record
from ...questions.change.states import State
from ...questions.roles.answer import Through
from ...sources.check import findings as check
from ...sources.check.baseline import Baseline
from ...sources.check.results import results_in, where_of
from ...sources.files.values.nodes import Place
from ...sources.found.found import FoundPolicy
from ...sources.found.found import Unread as NotRead
from ..kinds.handling import HANDLING, SETTINGS, Lack
from .items import AMBIGUOUS, AuditError, Item, Unread
from .outcomes import item_in, state_in, text, write_state
from .report import FORMAT, AccessChange, AuditReport, Changes, Doubt, Key, KnownWays, Scope, merge_changes, ways_in
from .rows import Audited


def findings_of(report: AuditReport) -> check.Report:
    """Return a report as one of `check`. A policy's place is its ARN, and errors are in the order of places."""
    errors = sorted((NotRead(_place(error), None, error.reason) for error in report.errors), key=lambda one: one.file)
    return check.Report(tuple(finding_of(one, report) for one in report.audited), tuple(errors))


def finding_of(one: Audited, report: AuditReport) -> check.Finding:
    """Return a row as a finding of `check`, which says which of its results the baseline has."""
    finding = check.Finding(found_of(one.item), report.state(one), one.verdict, under_rcps=report.under_rcps(one))
    return finding if report.known is None else with_known(finding, report.known)


def with_known(finding: check.Finding, baseline: Baseline) -> check.Finding:
    """Return a finding that says which of its results the baseline has."""
    return replace(finding, known=baseline.known_keys(finding, where_of(finding.found)))


def found_of(item: Item) -> FoundPolicy:
    """Return an item as `check` would have found it."""
    return FoundPolicy(
        Place(item.arn),
        HANDLING[item.kind].noun if item.kind in SINGLE else item.name,
        item.kind,
        item.policy,
        account=item.account,
        region=item.region,
        tags=item.tags or {},
        origin=Origin.DEPLOYED,
    )


def _place(error: Unread) -> str:
    return error.arn or "/".join(part for part in (error.account, error.region) if part)


Json = Mapping[str, Any]
_UNKNOWN = Undecided(None, "whether access through roles has ended is unknown, because not everything about them is")


def changes_by_roles(
    before: Iterable[Json], now: Mapping[str, Through]
) -> Iterator[tuple[str, str, AccessChange | Undecided]]:
    """Yield what is `new` and `gone`, each with its repository, or a doubt about it, in accounts of both audits."""
    earlier = {one["account"]: one for one in before}
    for account, found in now.items():
        if account not in earlier:
            continue
        then, current = earlier[account], found.to_json()
        was, was_approved = ways_in(then["ways"]), ways_in(then.get("approved", ()))
        ways, approved = ways_in(current["ways"]), ways_in(current["approved"])
        for key, actions in ways.items():
            if actions - was.get(key, frozenset()):
                yield "new", key[-1], _change(key, actions - was.get(key, frozenset()), is_approved=key in was_approved)
        for key, actions in was.items():
            left = actions - ways.get(key, frozenset())
            if left and (found.perhaps or found.unread) and key not in approved:
                yield "gone", key[-1], _UNKNOWN
            elif left:
                yield "gone", key[-1], _change(key, left, is_approved=key in approved)


def _change(key: Key, actions: frozenset[str], *, is_approved: bool) -> AccessChange:
    kind, grantee, chain, arn = key
    other = "approved" if is_approved else "refused"
    return AccessChange(arn, kind, grantee, access_of_names(actions), tuple(sorted(actions)), other, chain)


_LISTS = ("registries", *(setting.lack for setting in SETTINGS.values()))


@by_value
class Earlier:
    """The rows of a report by ARN, their states, and the same policies as a baseline of `check`.

    `scope` and `errors`: what was read, and what could not be read. `record`: what the states share.
    """

    scope: Scope
    errors: tuple[Unread, ...]
    record: Record
    rows: dict[str, Json]
    states: dict[str, State]
    baseline: Baseline
    roles: tuple[Json, ...]
    known_ways: KnownWays

    @property
    def is_old(self) -> bool:
        """Whether it has rows without a state, because an earlier version wrote it."""
        return len(self.states) < len(self.rows)

    @property
    def with_findings(self) -> frozenset[str]:
        """The ARNs of the rows that were not compliant, and of the roles that outsiders assumed."""
        ways = (way for role in self.roles for way in (*role["ways"], *role["undecided"]))
        open_rows = (arn for arn, row in self.rows.items() if row["compliance"] != Compliance.COMPLIANT.value)
        return frozenset((*open_rows, *(way["chain"][0] for way in ways)))


def earlier_in(report: Any) -> Earlier:  # noqa: ANN401 - JSON
    """Return an earlier audit, given in its JSON form. Raises AuditError if it is not the report of an audit."""
    try:
        listed = [*report["repositories"], *(row for name in _LISTS for row in report.get(name, []))]
        if report["format"] != FORMAT:
            raise AuditError(f"a report of format {report['format']!r}: expected {FORMAT}, as this version writes it")
        record = Record.read(report.get("recorded", Record().to_json()))
        scope = _scope_in(report["audited"])
        rows = {row["arn"]: row for row in listed}
        errors, roles = tuple(map(_error_in, report["errors"])), (*report.get("through_roles", ()),)
        found = Earlier(scope, errors, record, rows, {}, Baseline(), roles, KnownWays(roles))
        registers: dict[Trust, Trust] = {}
        for arn, row in found.rows.items():
            item, _ = item_in(row), Compliance(row["compliance"])
            where = where_of(found_of(item))
            if "state" not in row:
                _check(row)
                found.baseline.add(where, row, record)
                continue
            state = state_in(row, item, record)
            trust = registers.setdefault(state.trust, replace(state.trust, today=scope.on))
            found.states[arn] = replace(state, trust=trust)
            found.baseline.states[where] = [found.states[arn]]
    except (LookupError, TypeError, ValueError, AttributeError):
        raise AuditError("not a report of an audit: expected the output of `audit --format json`") from None
    return found


def _check(row: Json) -> None:
    """Raise one of the errors that `earlier_in` catches if a row without a state has other fields than it should."""
    for part in (*row["grants"], *row["trusted"]):
        for one in (part["kind"], part["grantee"], *part["actions"], *(Access(name).value for name in part["access"])):
            text(one)


def _scope_in(audited: Json) -> Scope:
    accounts, regions = tuple(audited["accounts"]), tuple(audited["regions"])
    read = audited.get("read") or dict.fromkeys(accounts, regions)
    return Scope(
        audited["source"],
        date.fromisoformat(audited["on"]),
        accounts,
        regions,
        settings_read=all(audited.get(setting.lack.value) for setting in SETTINGS.values()),
        read={account: tuple(each) for account, each in read.items()},
    )


def _error_in(error: Json) -> Unread:
    return Unread(error["reason"], error["account"], error["region"], error["arn"], Lack(error["about"]))


_EARLIER, _CURRENT = "the earlier policy", "the current policy"
_APPROVED, _REFUSED = "approved", "refused"
_NOT_READ = RegistryPolicy(unread="it was not read this time")
_NOT_RECORDED = "whether access has ended cannot be determined: the earlier report does not record the policy"


def changes(earlier: Earlier, report: AuditReport) -> Changes:
    """Compare a report with an earlier one. Items are matched by ARN, and their states are compared exactly."""
    found = _Since(earlier, report)
    for one in report.audited:
        found.compare(one)
    found.end()
    found.by_roles()
    return Changes(
        earlier.scope.on.isoformat(),
        merge_changes(found.new),
        merge_changes(found.gone),
        merge_changes(found.approved),
        tuple(found.undecided.values()),
        tuple(found.appeared),
        tuple(found.not_read_before),
        tuple(found.vanished),
        tuple(found.results),
        tuple(found.missing),
    )


@dataclass
class _Since:
    earlier: Earlier
    report: AuditReport
    new: list[AccessChange] = field(default_factory=list)
    gone: list[AccessChange] = field(default_factory=list)
    approved: list[AccessChange] = field(default_factory=list)
    undecided: dict[tuple[str, Undecided], Doubt] = field(default_factory=dict)
    appeared: list[str] = field(default_factory=list)
    not_read_before: list[str] = field(default_factory=list)
    vanished: list[str] = field(default_factory=list)
    results: list[tuple[str, str, str]] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._nobody = replace(self.report.trust, entries=())

    def compare(self, one: Audited) -> None:
        arn, row = one.item.arn, self.earlier.rows.get(one.item.arn)
        compliance = one.verdict.compliance.value
        if row is None:
            was_read = _is_read(one.item, self.earlier.scope, self.earlier.errors)
            (self.appeared if was_read else self.not_read_before).append(arn)
        elif row["compliance"] != compliance:
            self.results.append((arn, row["compliance"], compliance))
        if row is not None and _is_registry_unread(one):
            self.missing.append(arn)
        before = self.earlier.states.get(arn)
        if row is not None and before is None:
            self._by_actions(one, row)
        elif row is None or not self._is_unchanged(one, row):
            self._by_states(one, before)

    def _is_unchanged(self, one: Audited, row: Json) -> bool:
        if one.verdict.compliance.value != row["compliance"]:
            return False
        same: bool = write_state(self.report.state(one), self.earlier.record) == row["state"]
        return same

    def end(self) -> None:
        """Add the items that only the earlier report has."""
        current = {arn for arn, _ in self.report.audited.outcome_numbers()}
        for arn, row in self.earlier.rows.items():
            if arn in current:
                continue
            if not _is_read(item_in(row), self.report.scope, self.report.errors):
                self.missing.append(arn)
                continue
            self.vanished.append(arn)
            state = self.earlier.states.get(arn)
            if state is None:
                self.gone += (_change_in(arn, grant, _REFUSED) for grant in row["grants"])
            else:
                self._keep(arn, "gone", replace(everything(state), undecided=()))

    def by_roles(self) -> None:
        """Add the access through roles, as far as both audits read the roles of an account."""
        for change, arn, one in changes_by_roles(self.earlier.roles, self.report.roles or {}):
            if isinstance(one, AccessChange):
                (self.new if change == "new" else self.gone).append(one)
            else:
                self._doubt(arn, change, [one])

    def _keep(self, arn: str, change: str, found: Opened) -> None:
        for one in found.changes:
            grant, other = one.grant, _APPROVED if one.by_trust else _REFUSED
            part = AccessChange(arn, grant.kind.value, grant.grantee, grant.access, grant.actions, other)
            (self.new if change == "new" else self.gone).append(part)
        self._doubt(arn, change, found.undecided)

    def _doubt(self, arn: str, change: str, reasons: Iterable[Undecided]) -> None:
        for why in reasons:
            self.undecided.setdefault((arn, why), Doubt(arn, change, why))

    # --- by states ---

    def _by_states(self, one: Audited, before: State | None) -> None:
        arn, after = one.item.arn, self.report.state(one)
        self._keep(arn, "new", opened_access(before, after, (_EARLIER, _CURRENT), at_once=False))
        if one.trusted:
            self._add_approved(one, before, after)
        if before is not None and not _is_registry_unread(one):
            self._keep(arn, "gone", self._ended_access(one, before, after))

    def _add_approved(self, one: Audited, before: State | None, after: State) -> None:
        """Add approved access that nobody had before: what the current state opens if no one is trusted."""
        then = None if before is None else replace(before, trust=self._nobody)
        found = opened_access(then, replace(after, trust=self._nobody), (_EARLIER, _CURRENT), at_once=False)
        grants = [change.grant for change in found.changes if change.grant.document is one.own]
        for held in one.trusted:
            mine = [grant for grant in grants if grant.statement == held.statement]
            exact = [grant for grant in mine if (grant.kind, grant.grantee) == (held.kind, held.grantee)]
            given = {action for grant in exact or mine for action in grant.actions}
            actions = tuple(action for action in held.actions if action in given)
            if actions:
                access = held.access if actions == held.actions else access_of_names(actions)
                self.approved.append(
                    AccessChange(one.item.arn, held.kind.value, held.grantee, access, actions, _REFUSED)
                )
        statements = {held.statement for held in one.trusted}
        self._doubt(one.item.arn, "approved", (why for why in found.undecided if why.statement in statements))

    def _ended_access(self, one: Audited, before: State, after: State) -> Opened:
        """Return the access that the earlier state gave and the current one does not."""
        if not self.report.scope.settings_read and one.registry is None and before.forms[0].registry is not None:
            after = replace(after, forms=tuple(replace(form, registry=_NOT_READ) for form in after.forms))
        elif one.verdict.compliance is Compliance.COMPLIANT and not one.trusted:
            return everything(before)
        found = opened_access(after, before, (_CURRENT, _EARLIER), at_once=False)
        if one.places is None or found.is_nothing:
            return found
        return Opened((), (Undecided(None, f"which access has ended is unknown: it is {AMBIGUOUS}: {one.places}"),))

    # --- by actions: the report of an earlier version has no states ---

    def _by_actions(self, one: Audited, row: Json) -> None:
        """Compare by the actions of each grantee. What the earlier report does not show certainly is undecided."""
        arn, verdict = one.item.arn, one.verdict
        was_open, was_approved = _actions_in(row["grants"]), _actions_in(row["trusted"])
        for result in results_in(with_known(finding_of(one, self.report), self.earlier.baseline)):
            if result.accepted is None and result.grant in verdict.grants:
                grant = result.grant.to_json()
                other = _APPROVED if _is_held(grant, was_approved) else _REFUSED
                self.new.append(_change_in(arn, grant, other))
            elif result.accepted is None:
                self._doubt(arn, "new", [Undecided(result.statement, result.reason, result.document, result.grant)])
        for held in one.trusted:
            approved = held.to_json(self.report.trust.entries)
            if not (_is_held(approved, was_open) or _is_held(approved, was_approved)):
                self.approved.append(_change_in(arn, approved, _REFUSED))
        is_open = _actions_in([grant.to_json() for grant in verdict.grants])
        left = [grant for grant in row["grants"] if not _is_held(grant, is_open)]
        if _is_registry_unread(one) or not left:
            return
        if verdict.compliance is Compliance.COMPLIANT and not one.trusted:
            self.gone += (_change_in(arn, grant, _REFUSED) for grant in left)
        else:
            self._doubt(arn, "gone", [Undecided(None, _NOT_RECORDED)])


_Held = Mapping[tuple[str, str], frozenset[str]]
"""The actions of each grantee."""


def _actions_in(grants: Iterable[Json]) -> _Held:
    found: dict[tuple[str, str], frozenset[str]] = {}
    for grant in grants:
        key = grant["kind"], grant["grantee"]
        found[key] = found.get(key, frozenset()) | frozenset(grant["actions"])
    return found


def _is_held(grant: Json, held: _Held) -> bool:
    return frozenset(grant["actions"]) <= held.get((grant["kind"], grant["grantee"]), frozenset())


def _change_in(arn: str, grant: Json, other: str) -> AccessChange:
    access = tuple(Access(name) for name in grant["access"])
    return AccessChange(arn, grant["kind"], grant["grantee"], access, tuple(grant["actions"]), other)


# --- what was read ---


def _is_read(item: Item, scope: Scope, errors: Iterable[Unread]) -> bool:
    """Return whether an audit would have an item if it existed."""
    lack = SETTINGS[item.kind].lack if item.kind in SETTINGS else Lack.POLICY
    is_held = item.kind is Kind.REPOSITORY or scope.settings_read
    return (
        is_held
        and item.region in scope.read.get(item.account, ())
        and not any(
            error.about is lack
            and error.arn in (None, item.arn)
            and error.account in (None, item.account)
            and error.region in (None, item.region)
            for error in errors
        )
    )


def _is_registry_unread(one: Audited) -> bool:
    """Return whether the registry policy's access is unknown. Then no access to the repository can be called ended."""
    return one.registry is not None and one.registry.unread is not None
