"""What counts only as far as it did before: the policies of an earlier run, and approvals that a change cannot make.

A baseline is the JSON output of an earlier check. It records the state of each policy, and a policy of the same file,
resource and kind is compared with it exactly. A baseline of an earlier version has no states. Then a finding is known
if the earlier run reported all its actions for the same grantee and Sid.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import PurePath
from typing import Any

from ...documents.document import Document
from ...documents.json import strict_value_of
from ...errors import InputError
from ...judgement.kinds.table import EXCHANGES, ResourceKind
from ...questions.change.opening import opened_access
from ...questions.change.recorded import Record
from ...questions.change.states import State
from ..files.files import file_text
from ..found.context import Context
from ..found.found import Harvest, Suppression
from ..found.remarks import Remark
from ..reading.files import UnreadableError
from .findings import Finding, Report
from .results import Result, new_in, results_in, results_of, where_of


def as_approved(report: Report, before: Report) -> Report:
    """Return a report in which a finding is suppressed only if it was before, and not longer than before.

    A remark names each suppression that is new.
    """
    approved: dict[str, Suppression] = {}
    for result in results_of(before):
        if result.suppression is not None:
            known = approved.get(result.fingerprint, result.suppression)
            approved[result.fingerprint] = min(result.suppression, known, key=lambda one: one.until)
    findings = tuple(_approve_finding(finding, approved) for finding in report.findings)
    told = (remark for pair in zip(report.findings, findings, strict=True) for remark in _new_in(*pair))
    return replace(report, findings=findings, remarks=(*report.remarks, *dict.fromkeys(told)))


def new_owners(before: Harvest, after: Harvest, context: Context) -> Iterator[Remark]:
    """Yield a remark about each owner that only the new files name: its account is inside, and was outside before."""
    known = {policy.account for policy in before.policies}
    for policy in after.policies:
        if policy.account not in known and policy.account != context.for_path(policy.at.file).account:
            known.add(policy.account)
            yield Remark(
                f"this change also names another owner, {policy.account}, whose access is not judged", policy.at
            )


def _approve_finding(finding: Finding, approved: dict[str, Suppression]) -> Finding:
    made = replace(finding, approved=approved)
    left = {str(one.suppression) for one, now in _pairs(finding, made) if one.suppression and not now.suppression}
    notes = tuple(note for note in finding.verdict.notes if not note.endswith(tuple(left)))
    return replace(made, verdict=replace(finding.verdict, notes=notes))


def _new_in(own: Finding, approved: Finding) -> Iterator[Remark]:
    for one, now in _pairs(own, approved):
        if one.suppression is not None and one.suppression != now.suppression:
            what = f"{one.severity.name} until {one.suppression.until} ({one.suppression.reason})"
            until = None if now.suppression is None else now.suppression.until
            counts = "which does not count" if until is None else f"which counts until {until}"
            yield Remark(f"this change also suppresses {what}, {counts}", one.at)


def _pairs(own: Finding, approved: Finding) -> Iterator[tuple[Result, Result]]:
    return zip(results_in(own), results_in(approved), strict=True)


_REGISTRY = Document.REGISTRY.value
Where = tuple[object, ...]
"""What identifies a policy in both runs: file, resource and kind."""
Json = Mapping[str, Any]


@dataclass(slots=True)
class Baseline:
    """The policies of an earlier run. `states`: those recorded. `held`: the actions of each finding of the others."""

    states: dict[Where, list[State]] = field(default_factory=dict)
    held: dict[Where, frozenset[str]] = field(default_factory=dict)

    @property
    def is_old(self) -> bool:
        """Whether it has findings of policies whose state is not recorded."""
        return bool(self.held)

    def add(self, where: Where, policy: Json, record: Record) -> None:
        """Add a policy in its JSON form. Raises LookupError, TypeError or ValueError if it is not one."""
        if "state" in policy:
            self.states.setdefault(where, []).append(record.state(policy["state"], ResourceKind(str(where[-1]))))
            return
        for identity, actions in _findings(policy, where):
            self.held[identity] = self.held.get(identity, frozenset()) | frozenset(actions)

    def known_keys(self, finding: Finding, where: Where) -> frozenset[Hashable]:
        """Return the keys of the results for a policy that the earlier run had."""
        results = list(results_in(finding))
        before = self.states.get(where, [])
        if len(before) == 1:
            new = new_in(results, opened_access(before[0], finding.state, at_once=False))
            return frozenset(result.key for result in results if result not in new)
        return frozenset(result.key for result in results if self._holds(result, where))

    def _holds(self, result: Result, where: Where) -> bool:
        grant = result.grant
        if grant is None:
            return (*where, result.rule.id, result.reason) in self.held
        elsewhere = (_REGISTRY,) if result.is_elsewhere else ()
        what = (grant.reason,) if where[-1] in EXCHANGES else ()
        identity = (*where, *elsewhere, grant.kind.value, grant.grantee, grant.sid, *what)
        return set(grant.actions) <= self.held.get(identity, frozenset())


def read_baseline(path: str) -> Baseline:
    """Return the policies of the check whose JSON is in `path`. Raises InputError."""
    found = Baseline()
    try:
        answer: Any = strict_value_of(file_text(path, named=True))
        record = Record.read(answer.get("recorded", Record().to_json()))
        for policy in answer["policies"]:
            # The worst statement may be in another file than the resource, whose file identifies the policy.
            file = policy.get("declared_in", policy["file"])
            found.add((PurePath(str(file)).as_posix(), str(policy["resource"]), str(policy["kind"])), policy, record)
    except UnreadableError as error:
        raise InputError(f"cannot read the baseline `{path}`: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        expected = "expected the output of `ecr-crossaccount check --format json`"
        raise InputError(f"`{path}` is not a baseline: {expected}") from None
    return found


def mark_known_results(report: Report, baseline: Baseline) -> Report:
    """Return a report whose findings say which of their results the earlier run had."""
    findings = (
        replace(finding, known=baseline.known_keys(finding, where_of(finding.found))) for finding in report.findings
    )
    return replace(report, findings=tuple(findings))


def _findings(verdict: Json, where: Where) -> Iterator[tuple[Where, list[str]]]:
    """Yield the identity of each finding in a JSON verdict, and its actions."""
    for grant in verdict["grants"]:
        elsewhere = grant.get("document") == _REGISTRY != where[-1]
        document = (_REGISTRY,) if elsewhere else ()
        # Only the reason names the repositories whose images are copied.
        what = (grant["reason"],) if where[-1] in EXCHANGES else ()
        yield (*where, *document, grant["kind"], grant["grantee"], grant["sid"], *what), [*grant["actions"]]
    for one in verdict["undecided"]:
        yield (*where, "undecided", one["reason"]), []
    for fault in verdict["invalid"]:
        yield (*where, "invalid", f"{fault['at']}: {fault['reason']}"), []
