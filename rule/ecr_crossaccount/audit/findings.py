"""An audit's results as findings of the gate: with its rules, and with an identity that is stable between runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .. import Origin
from ..gate import findings as gate
from ..gate.baseline import identities_in
from ..gate.found import FoundPolicy
from ..gate.found import Kind as Governed
from ..gate.found import Unread as NotRead
from ..gate.values.places import Place
from .failures import AuditError
from .items import EVERY, SETTINGS, Item, Kind, Unread
from .report import Audited, AuditReport

_CALLED = {Kind.REGISTRY.value: "registry", Kind.REPLICATION.value: "replication"}
"""Items that are named by their kind, because they apply to every repository."""


def findings_of(report: AuditReport) -> gate.Report:
    """Return a report as one of the gate. A policy's place is its ARN, and errors are in the order of places."""
    errors = sorted((NotRead(_place(one), None, one.reason) for one in report.errors), key=lambda one: one.file)
    return gate.Report(tuple(_finding(one, report) for one in report.audited), tuple(errors))


def _finding(one: Audited, report: AuditReport) -> gate.Finding:
    item = one.item
    found = FoundPolicy(
        Place(item.arn),
        _resource(item.kind.value, item.name),
        Governed(item.kind.value),
        item.policy,
        account=item.account,
        region=item.region,
        tags=item.tags or {},
        origin=Origin.DEPLOYED,
    )
    under = report.under_rcps(one)
    return gate.Finding(found, one.repository, one.verdict, baseline=report.known, trust=report.trust, under_rcps=under)


def _place(error: Unread) -> str:
    return error.arn or "/".join(part for part in (error.account, error.region) if part)


def _resource(kind: str, name: str) -> str:
    return _CALLED.get(kind, name) if name == EVERY else name


def where_of(item: Item) -> gate.Identity:
    """Return the part of a policy's identity that stays the same from one audit to the next."""
    return item.arn, _resource(item.kind.value, item.name), item.kind.value


def known_in(earlier: Any) -> frozenset[gate.Identity]:  # noqa: ANN401 - JSON
    """Return the findings of an earlier audit, given in its JSON form. Raises AuditError."""
    try:
        others = [one for name in ("registries", *SETTINGS.values()) for one in earlier.get(name, [])]
        return frozenset(_identities([*earlier["repositories"], *others]))
    except (LookupError, TypeError, AttributeError):
        raise AuditError("not a report of an audit: expected the output of `audit --format json`") from None


def _identities(rows: Iterable[Mapping[str, Any]]) -> Iterator[gate.Identity]:
    for row in rows:
        yield from identities_in(row, (row["arn"], _resource(row["kind"], row["name"]), row["kind"]))
