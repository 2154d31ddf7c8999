"""The results of one audit, their JSON form, and the changes since an earlier audit as values.

A later audit reads that form to find what has changed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ...judgement.kinds.table import GOVERNED
from ...judgement.kinds.table import ResourceKind as Kind
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...judgement.values.verdict import Access, Compliance, Severity, Undecided, Verdict
from ...memo import by_value
from ...questions.change.recorded import Record
from ...questions.change.states import State
from ...sources.check.provenance import NOTHING_BEHIND, Provenance
from ..kinds.handling import SETTINGS
from .attached import ControlPolicies
from .items import AMBIGUOUS, Unread
from .outcomes import state_of, write_state
from .rows import Audited, Rows
from .second_opinion import Disagreement, SecondOpinion
from .usage import Unseen, Usage, unseen_of

if TYPE_CHECKING:
    from ...questions.roles.answer import More, PossibleWay, Through, WayIn
    from ...sources.check.baseline import Baseline

Key = tuple[str, str, tuple[str, ...], str]
"""The kind of the grantee, the grantee, the roles, and the repository, or "" if it is about none."""


class KnownWays:
    """The access through roles of an earlier audit: grantee, actions, roles and repository."""

    def __init__(self, accounts: Iterable[Mapping[str, Any]]) -> None:
        every = [*accounts]
        self._ways = ways_in(way for one in every for way in one["ways"])
        self._doubts = ways_in((way for one in every for way in one["undecided"]), "access")
        self._more = ways_in(way for one in every for way in one["more_is_possible"])

    def has(self, one: WayIn | PossibleWay | More) -> bool:
        """Return whether the earlier audit had all of an access, by the same roles to the same repositories."""
        from ...questions.roles.answer import More, PossibleWay  # noqa: PLC0415 - only with roles

        held = self._doubts if isinstance(one, PossibleWay) else self._more if isinstance(one, More) else self._ways
        now = ways_in([one.to_json()], "access" if isinstance(one, PossibleWay) else "actions")
        return all(what <= held.get(key, frozenset()) for key, what in now.items())


def ways_in(some: Any, what: str = "actions") -> dict[Key, frozenset[str]]:  # noqa: ANN401 - JSON
    """Return what each access has, in their JSON form."""
    found: dict[Key, frozenset[str]] = {}
    for one in some:
        for arn in one.get("repositories", ("",)):
            key = (one["kind"], one["grantee"], tuple(one["chain"]), arn)
            found[key] = found.get(key, frozenset()) | frozenset(one.get(what, ()))
    return found


@by_value
class AccessChange:
    """Access of one grantee to one repository that has changed.

    `other` is the state of the same access in the other report: `approved` or `refused`. `through`: the roles that lead
    to it, if it is access through roles.
    """

    arn: str
    kind: str
    grantee: str
    access: tuple[Access, ...]
    actions: tuple[str, ...]
    other: str
    through: tuple[str, ...] = ()

    def to_json(self, other: str) -> dict[str, object]:
        """Return the change, with its state in the other report in a field named `other`."""
        return {
            "arn": self.arn,
            "kind": self.kind,
            "grantee": self.grantee,
            "access": [access.value for access in self.access],
            "actions": list(self.actions),
            other: self.other,
            **({"through": list(self.through)} if self.through else {}),
        }


@by_value
class Doubt:
    """Why it cannot be determined whether access has changed. `change`: `new`, `gone` or `approved`."""

    arn: str
    change: str
    why: Undecided

    def to_json(self) -> dict[str, object]:
        """Return the doubt as its fields."""
        return {"arn": self.arn, "change": self.change, **self.why.to_json()}


@by_value
class Changes:
    """Everything that has changed since the audit of the day `since`.

    - `new`: unapproved access that was not open in the earlier report.
    - `gone`: the reverse.
    - `approved`: approved access that did not exist in the earlier report.
    - `undecided`: what cannot be determined.
    - `appeared`: repositories that did not exist, and `not_read_before`: those that the earlier audit did not read.
    - `results`: repositories by ARN whose compliance has changed, with both values.
    - `missing`: repositories of the earlier report that this one does not have, or whose registry policy it could not
      read.
    """

    since: str
    new: tuple[AccessChange, ...]
    gone: tuple[AccessChange, ...]
    approved: tuple[AccessChange, ...]
    undecided: tuple[Doubt, ...]
    appeared: tuple[str, ...]
    not_read_before: tuple[str, ...]
    vanished: tuple[str, ...]
    results: tuple[tuple[str, str, str], ...]
    missing: tuple[str, ...]

    @property
    def other_results(self) -> tuple[tuple[str, str, str], ...]:
        """The results that have changed without any access that has: the policy has a date, for example."""
        told = {one.arn for each in (self.new, self.gone, self.approved, self.undecided) for one in each}
        return tuple(result for result in self.results if result[0] not in told and result[0] not in self.missing)

    def to_json(self) -> dict[str, object]:
        """Return the changes in the form of the report's field `changes`."""
        return {
            "since": self.since,
            "new": [change.to_json("before") for change in self.new],
            "gone": [change.to_json("now") for change in self.gone],
            "approved": [change.to_json("before") for change in self.approved],
            "undecided": [doubt.to_json() for doubt in self.undecided],
            "appeared": list(self.appeared),
            "not_read_before": list(self.not_read_before),
            "vanished": list(self.vanished),
            "compliance": [{"arn": arn, "was": was, "is": now} for arn, was, now in self.results],
            "not_compared": list(self.missing),
        }


def merge_changes(changes: Iterable[AccessChange]) -> tuple[AccessChange, ...]:
    """Return the changes, those of several statements about the same access as one."""
    found: dict[object, AccessChange] = {}
    for change in changes:
        key = (change.arn, change.kind, change.grantee, change.other, change.through)
        known = found.get(key, change)
        access = tuple(each for each in Access if each in known.access or each in change.access)
        found[key] = replace(change, access=access, actions=tuple(sorted({*known.actions, *change.actions})))
    return tuple(found.values())


FORMAT = 1
"""The version of a report's JSON form. It is raised when a field changes its meaning."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What was audited: the `source` in words, and the accounts and Regions of the repositories.

    `unseen_registries` is the number of these registries whose policy the source does not have. `settings_read` says
    whether it has creation templates, replication and pull-through caches. `read`: the Regions of each account that
    were read, so that a repository that is not in the report does not exist there.
    """

    source: str
    on: date
    accounts: tuple[str, ...]
    regions: tuple[str, ...]
    unseen_registries: int = 0
    settings_read: bool = False
    read: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@by_value
class Approval:
    """An entry of the register, its index, and the number of audited repositories that need it."""

    number: int
    entry: Entry
    used_by: int
    expired: bool

    def to_json(self) -> dict[str, object]:
        """Return the entry with the register's fields, and its use."""
        entry = self.entry
        return {
            "entry": self.number,
            entry.subject.value: entry.name,
            "access": entry.access.value,
            "repositories": list(entry.repositories),
            **({"role": list(entry.roles)} if entry.roles else {}),
            "reason": entry.reason,
            "owner": entry.owner,
            "expires": entry.expires.isoformat() if entry.expires else None,
            "expired": self.expired,
            "used_by": self.used_by,
        }


@dataclass(frozen=True)
class AuditReport:
    """The results of one audit.

    - `within`: the number of days for which ending approvals are listed.
    - `changes`: the changes since an earlier audit, if one was given.
    - `usage`: the use in CloudTrail, if requested.
    - `second_opinion`: the opinion of IAM Access Analyzer, if requested.
    - `known`: the policies of an earlier audit, if a baseline was given.
    - `found_before`: the ARNs that had a finding in an earlier audit, if one was given.
    - `rcps`: the resource control policies to apply, if any.
    - `roles`: the access through roles of each account, if requested. It changes no verdict. `known_ways`: that of an
      earlier audit, if a baseline was given.
    """

    scope: Scope
    audited: Rows
    errors: tuple[Unread, ...]
    trust: Trust
    approvals: tuple[Approval, ...]
    within: int
    changes: Changes | None = None
    usage: Usage | None = None
    second_opinion: SecondOpinion | None = None
    provenance: Provenance = NOTHING_BEHIND
    known: Baseline | None = None
    found_before: frozenset[str] = frozenset()
    rcps: ControlPolicies | None = None
    roles: Mapping[str, Through] | None = None
    known_ways: KnownWays | None = None

    @cached_property
    def repositories(self) -> Rows:
        """The repositories, without registries and settings."""
        return self.audited.select_kind(Kind.REPOSITORY)

    @cached_property
    def registries(self) -> Rows:
        """The registries with a policy."""
        return self.audited.select_kind(Kind.REGISTRY)

    @cached_property
    def settings(self) -> Mapping[Kind, Rows]:
        """The registries' settings that can grant access, by their kind."""
        return {kind: self.audited.select_kind(kind) for kind in SETTINGS}

    @property
    def governed(self) -> Iterator[Audited]:
        """The repositories and creation templates: resource control policies count for them too."""
        return (row for kind in GOVERNED for row in self.audited.select_kind(kind))

    @property
    def compliant(self) -> int:
        """The number of compliant repositories."""
        rows = self.repositories
        return sum(times for number, times in rows.count_outcomes().items() if rows.store.compliant[number])

    @property
    def beyond(self) -> tuple[Disagreement, ...]:
        """The unexplained access that only a second opinion reports."""
        return self.second_opinion.beyond_ours if self.second_opinion else ()

    @property
    def read_nothing(self) -> bool:
        """Whether there are errors and nothing was read."""
        return bool(self.errors) and not self.audited

    @property
    def unused(self) -> tuple[Approval, ...]:
        """The approvals that none of the policies needs, and no role as far as roles were read."""
        return tuple(approval for approval in self.approvals if self.is_unused(approval))

    def is_unused(self, one: Approval) -> bool:
        """Return whether nothing needs an approval. If nothing was read, the use is unknown."""
        is_known = not one.entry.roles or self.knows_roles
        return is_known and not (one.used_by or self.read_nothing)

    @property
    def knows_roles(self) -> bool:
        """Whether all roles of all accounts were read."""
        return self.roles is not None and not any(role.unread for role in self.roles.values())

    @property
    def expiring(self) -> tuple[Approval, ...]:
        """The approvals in use that end within the given days, the earliest first."""
        until = self.scope.on + timedelta(days=self.within)
        ending = [one for one in self.approvals if one.used_by and not one.expired and _ends(one.entry) <= until]
        return tuple(sorted(ending, key=lambda approval: _ends(approval.entry)))

    @property
    def unseen(self) -> tuple[Unseen, ...]:
        """The access of outside accounts without use in CloudTrail. Empty if the use was not requested."""
        return tuple(unseen_of(self.usage, self.repositories)) if self.usage else ()

    @property
    def severities(self) -> Counter[Severity]:
        """The number of repositories by the severity of their worst finding."""
        rows, found = self.repositories, Counter[Severity]()
        for number, times in rows.count_outcomes().items():
            severity = rows.store.severity(number)
            if severity is not None:
                found[severity] += times
        return found

    @property
    def undecided(self) -> int:
        """The number of repositories that are undecided or invalid and have no certain grant."""
        rows = self.repositories
        return sum(times for number, times in rows.count_outcomes().items() if is_undecided(rows.store[number].verdict))

    @property
    def standings(self) -> dict[str, int]:
        """The number of repositories by their worst finding, the worst first. Undecided ones are apart."""
        found = {severity.name: self.severities[severity] for severity in reversed(Severity)}
        found[Severity.MEDIUM.name] -= self.undecided
        return {**found, UNDECIDED: self.undecided}

    def to_json(self) -> dict[str, object]:
        """Return the report as a JSON value."""
        record = Record()
        return {
            **self.head(),
            "repositories": [self.fields(repository, record) for repository in self.repositories],
            **self.tail(record),
        }

    def head(self) -> dict[str, object]:
        """Return the fields before the repositories."""
        severities, compliant = self.severities, self.compliant
        return {
            "format": FORMAT,
            "audited": {
                "source": self.scope.source,
                "on": self.scope.on.isoformat(),
                "accounts": list(self.scope.accounts),
                "regions": list(self.scope.regions),
                "unseen_registries": self.scope.unseen_registries,
                **{setting.lack.value: self.scope.settings_read for setting in SETTINGS.values()},
                "read": {account: list(regions) for account, regions in self.scope.read.items()},
            },
            "summary": {
                "repositories": len(self.repositories),
                "compliant": compliant,
                "non_compliant": len(self.repositories) - compliant,
                "severities": {severity.name: severities[severity] for severity in reversed(Severity)},
                "undecided": self.undecided,
                "errors": len(self.errors),
            },
        }

    def tail(self, record: Record) -> dict[str, object]:
        """Return the fields after the repositories, whose states are in the record."""
        settings = {SETTINGS[kind].lack.value: rows for kind, rows in self.settings.items()}
        unseen = [asdict(one) for one in self.unseen]
        roles = [{"account": account, **found.to_json()} for account, found in (self.roles or {}).items()]
        return {
            "registries": [self.fields(registry, record) for registry in self.registries],
            **{name: [self.fields(row, record) for row in rows] for name, rows in settings.items()},
            "recorded": record.to_json(),
            "errors": [error.to_json() for error in self.errors],
            "trust": [approval.to_json() for approval in self.approvals],
            "unused_trust": [approval.number for approval in self.unused],
            "expiring_trust": [approval.number for approval in self.expiring],
            **self.provenance.to_json(),
            **(self.rcps.to_json() if self.rcps else {}),
            **({} if self.roles is None else {"through_roles": roles}),
            **({"changes": self.changes.to_json()} if self.changes else {}),
            **({"usage": {**self.usage.to_json(), "unseen": unseen}} if self.usage else {}),
            **({"second_opinion": self.second_opinion.to_json()} if self.second_opinion else {}),
        }

    def fields(self, one: Audited, record: Record) -> dict[str, object]:
        """Return the fields of a repository, a registry or a setting, with its state, which the record completes."""
        item, severity, under = one.item, one.verdict.severity, self.under_rcps(one)
        return {
            "arn": item.arn,
            "account": item.account,
            "region": item.region,
            "name": item.name,
            "kind": item.kind.value,
            **one.verdict.to_json(),
            **({} if under is None else {"under_rcp": under.to_json()}),
            "severity": severity.name if severity else None,
            "trusted": [trusted.to_json(self.trust.entries) for trusted in one.trusted],
            "state": write_state(self.state(one), record),
        }

    def state(self, one: Audited) -> State:
        """Return the state of a repository, a registry or a setting."""
        return state_of(one.item, one.repository, self.trust, one.registry)

    def under_rcps(self, one: Audited) -> Verdict | None:
        """Return the verdict under resource control policies for a repository or a template, or None if there are none.

        If there are several recordings, only the worst is judged. The policies may leave more access in another one.
        """
        if self.rcps is None or one.item.kind not in GOVERNED:
            return None
        account = one.item.account
        state = replace(self.state(one), rcps=self.rcps.texts(account))
        found = state.verdict(*state.forms)
        if one.places is not None:
            doubt = Undecided(None, f"the access that remains is unknown: the repository is {AMBIGUOUS}: {one.places}")
            found = replace(found, undecided=(*found.undecided, doubt))
        return self.rcps.leaves(account, found)


UNDECIDED = "UNDECIDED"
"""The standing of a repository that is not compliant and has no certain grant."""


def is_undecided(verdict: Verdict) -> bool:
    """Return whether a verdict is not compliant only because something in it is undecided or invalid."""
    return verdict.compliance is not Compliance.COMPLIANT and not (verdict.external or verdict.service)


def _ends(entry: Entry) -> date:
    return entry.expires or date.max


def approvals(trust: Trust, used: Counter[int]) -> Iterator[Approval]:
    """Yield every entry of the register with its use."""
    for number, entry in enumerate(trust.entries):
        yield Approval(number, entry, used[number], trust.is_expired(entry))
