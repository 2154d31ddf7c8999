"""The changes since an earlier audit. Access is compared by what it allows, not by how the policy is written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeGuard

from ..access.actions import access_of_names
from ..access.verdict import Access
from ..policy.document import Document
from .failures import AuditError
from .items import SETTINGS, Kind, Lack, kind_and_name

FORMAT = 1
"""The version of a report's JSON form. It is raised when a field changes its meaning."""

_JUDGED = ("repositories", "registries", *SETTINGS.values())

Json = Mapping[str, object]


@dataclass(slots=True)
class _Held:
    """The access of one grantee to one repository: unapproved actions and approved ones."""

    open: set[str] = field(default_factory=set)
    approved: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Change:
    """Access of one grantee to one repository that has changed.

    `other` is the state of the same access in the other report: `approved` or `refused`.
    """

    arn: str
    kind: str
    grantee: str
    actions: tuple[str, ...]
    other: str

    @property
    def access(self) -> tuple[Access, ...]:
        """The access levels of the actions."""
        resource = self.arn.rpartition(":")[2]
        is_copied = kind_and_name(resource)[0] is Kind.REPLICATION  # the copy is read there; no one has access here
        return (Access.READ,) if is_copied else access_of_names(self.actions)

    def to_json(self, other: str) -> dict[str, object]:
        """Return the change, with its state in the other report in a field named `other`."""
        return {
            "arn": self.arn,
            "kind": self.kind,
            "grantee": self.grantee,
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            other: self.other,
        }


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that has changed since the audit of the day `since`.

    - `new`: unapproved access that was not open in the earlier report.
    - `gone`: the reverse.
    - `approved`: approved access that did not exist in the earlier report.
    - `results`: repositories by ARN whose compliance has changed, with both values.
    - `missing`: repositories of the earlier report that this one does not have, or whose registry policy it could not
      read.
    """

    since: str
    new: tuple[Change, ...]
    gone: tuple[Change, ...]
    approved: tuple[Change, ...]
    appeared: tuple[str, ...]
    vanished: tuple[str, ...]
    results: tuple[tuple[str, str, str], ...]
    missing: tuple[str, ...]

    def to_json(self) -> dict[str, object]:
        """Return the changes in the form of the report's field `changes`."""
        return {
            "since": self.since,
            "new": [change.to_json("before") for change in self.new],
            "gone": [change.to_json("now") for change in self.gone],
            "approved": [change.to_json("before") for change in self.approved],
            "appeared": list(self.appeared),
            "vanished": list(self.vanished),
            "compliance": [{"arn": arn, "was": was, "is": now} for arn, was, now in self.results],
            "not_compared": list(self.missing),
        }


def changes(earlier: object, current: Json) -> Changes:
    """Compare two reports in their JSON form. Repositories are matched by ARN, whatever the text of their policies.

    Raises AuditError if `earlier` is not a report.
    """
    then, now = _repositories(earlier), _repositories(current)
    held_then, held_now = _held(then), _held(now)
    compared = then.keys() & now.keys()
    gone = [arn for arn in then if arn not in now]
    vanished = [arn for arn in gone if _was_looked_for(arn, then[arn], current)]
    unknown = {arn for arn in compared if _is_registry_unread(now[arn])}
    ended = {*now, *vanished} - unknown
    return Changes(
        _day(earlier),
        tuple(_opened(held_now, held_then)),
        tuple(change for change in _opened(held_then, held_now) if change.arn in ended),
        tuple(_approved(held_now, held_then)),
        tuple(arn for arn in now if arn not in then),
        tuple(vanished),
        tuple(
            (arn, str(then[arn]["compliance"]), str(now[arn]["compliance"]))
            for arn in now
            if arn in compared and then[arn]["compliance"] != now[arn]["compliance"]
        ),
        tuple(arn for arn in then if arn in unknown or (arn not in now and arn not in vanished)),
    )


def check(report: object) -> None:
    """Raise AuditError if `report`, a JSON value, is not a report of an audit to compare with."""
    _repositories(report)


Place = tuple[str, str, str]
"""A repository's ARN, and a grantee by kind and name."""


def _opened(here: Mapping[Place, _Held], there: Mapping[Place, _Held]) -> Iterator[Change]:
    """Yield access that is open here and not there. Access that was approved there is separate from the rest."""
    for place, held in here.items():
        other = there.get(place, _Held())
        opened = held.open - other.open
        yield from _change(place, opened & other.approved, "approved")
        yield from _change(place, opened - other.approved, "refused")


def _approved(now: Mapping[Place, _Held], then: Mapping[Place, _Held]) -> Iterator[Change]:
    for place, held in now.items():
        other = then.get(place, _Held())
        yield from _change(place, held.approved - other.approved - other.open, "refused")


def _change(place: Place, actions: set[str], other: str) -> Iterator[Change]:
    if actions:
        yield Change(*place, tuple(sorted(actions)), other)


def _held(repositories: Mapping[str, Json]) -> dict[Place, _Held]:
    found: dict[Place, _Held] = {}
    for arn, repository in repositories.items():
        for grant in _objects(repository, "grants"):
            found.setdefault(_place(arn, grant), _Held()).open.update(_texts(grant, "actions"))
        for trusted in _objects(repository, "trusted"):
            found.setdefault(_place(arn, trusted), _Held()).approved.update(_texts(trusted, "actions"))
    for held in found.values():
        held.approved -= held.open  # another statement leaves these open
    return found


def _place(arn: str, grant: Json) -> Place:
    return arn, str(grant.get("kind")), str(grant.get("grantee"))


def _was_looked_for(arn: str, repository: Json, current: Json) -> bool:
    """Return whether a repository that is missing in the current report would be there if it still existed."""
    account, region = repository.get("account"), repository.get("region")
    scope, lack = current["audited"], Lack.POLICY
    asked = isinstance(scope, Mapping) and account in scope["accounts"] and region in scope["regions"]
    kind = next((one for one in SETTINGS if one.value == repository.get("kind")), None)
    if kind is not None:
        lack = SETTINGS[kind]
        asked = asked and isinstance(scope, Mapping) and bool(scope[lack.value])
    return asked and not any(
        error["about"] == lack
        and error["arn"] in (None, arn)
        and error["account"] in (None, account)
        and error["region"] in (None, region)
        for error in _objects(current, "errors")
    )


def _is_registry_unread(repository: Json) -> bool:
    """Return whether the registry policy's access is unknown. Then no access to the repository can be called ended."""
    doubts = _objects(repository, "undecided")
    return any(one.get("document") == Document.REGISTRY.value and one.get("statement") is None for one in doubts)


def _repositories(report: object) -> dict[str, Json]:
    """Return the repositories of a report by ARN."""
    if not _is_object(report) or not {"repositories", "audited"} <= report.keys():
        raise AuditError("not a report of an audit: expected the output of `audit --format json`")
    if report.get("format") != FORMAT:
        raise AuditError(f"a report of format {report.get('format')!r}: expected {FORMAT}, as this version writes it")
    found = {}
    for repository in (one for name in _JUDGED for one in _objects(report, name)):
        if not isinstance(repository.get("arn"), str) or not isinstance(repository.get("compliance"), str):
            raise AuditError("not a report of an audit: a repository in it has no `arn` or no `compliance`")
        found[str(repository["arn"])] = repository
    return found


def _day(report: object) -> str:
    audited = report.get("audited") if _is_object(report) else None
    return str(audited.get("on")) if _is_object(audited) else ""


def _objects(value: Json, name: str) -> Iterable[Json]:
    found = value.get(name)
    return [one for one in found if _is_object(one)] if isinstance(found, list) else []


def _texts(value: Json, name: str) -> Iterable[str]:
    found = value.get(name)
    return [one for one in found if isinstance(one, str)] if isinstance(found, list) else []


def _is_object(value: object) -> TypeGuard[Json]:
    return isinstance(value, Mapping)
