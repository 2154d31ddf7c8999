"""The report of an earlier audit, in its JSON form, with the state of each row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from ...judgement.values.trust import Trust
from ...judgement.values.verdict import Access, Compliance
from ...questions.change.recorded import Record
from ...questions.change.states import State
from ...sources.check.baseline import Baseline
from ...sources.check.results import where_of
from .errors import AuditError
from .findings import found_of
from .items import SETTINGS, Lack, Unread
from .report import FORMAT, Scope
from .states import item_in, state_in, text

_LISTS = ("registries", *SETTINGS.values())

Json = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Earlier:
    """The rows of a report by ARN, their states, and the same policies as a baseline of the gate.

    `scope` and `errors`: what was read, and what could not be read. `record`: what the states share.
    """

    scope: Scope
    errors: tuple[Unread, ...]
    record: Record
    rows: dict[str, Json]
    states: dict[str, State]
    baseline: Baseline

    @property
    def is_old(self) -> bool:
        """Whether it has rows without a state, because an earlier version wrote it."""
        return len(self.states) < len(self.rows)

    @property
    def with_findings(self) -> frozenset[str]:
        """The ARNs of the rows that were not compliant."""
        return frozenset(arn for arn, row in self.rows.items() if row["compliance"] != Compliance.COMPLIANT.value)


def earlier_in(report: Any) -> Earlier:  # noqa: ANN401 - JSON
    """Return an earlier audit, given in its JSON form. Raises AuditError if it is not the report of an audit."""
    try:
        listed = [*report["repositories"], *(row for name in _LISTS for row in report.get(name, []))]
        if report["format"] != FORMAT:
            raise AuditError(f"a report of format {report['format']!r}: expected {FORMAT}, as this version writes it")
        record = Record.read(report.get("recorded", Record().to_json()))
        scope = _scope_in(report["audited"])
        rows = {row["arn"]: row for row in listed}
        found = Earlier(scope, tuple(map(_error_in, report["errors"])), record, rows, {}, Baseline())
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
        settings_read=all(audited.get(lack.value) for lack in SETTINGS.values()),
        read={account: tuple(each) for account, each in read.items()},
    )


def _error_in(error: Json) -> Unread:
    return Unread(error["reason"], error["account"], error["region"], error["arn"], Lack(error["about"]))
