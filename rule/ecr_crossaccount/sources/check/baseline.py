"""The policies of an earlier run, so that only access that is new fails.

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
from ...documents.strict_json import strict_value_of
from ...judgement.values.resource_kind import EXCHANGES, ResourceKind
from ...questions.change.opening import opened
from ...questions.change.recorded import Record
from ...questions.change.states import State
from ..files.files import text_of
from ..reading.files import UnreadableError
from .findings import Finding, Report
from .results import Result, new_in, results_in, where_of

_REGISTRY = Document.REGISTRY.value
Where = tuple[object, ...]
"""What identifies a policy in both runs: file, resource and kind."""
Json = Mapping[str, Any]


class BaselineError(ValueError):
    """A file that is not a baseline; the message says why."""


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

    def known(self, finding: Finding, where: Where) -> frozenset[Hashable]:
        """Return the keys of the results for a policy that the earlier run had."""
        results = list(results_in(finding))
        before = self.states.get(where, [])
        if len(before) == 1:
            new = new_in(results, opened(before[0], finding.state, at_once=False))
            return frozenset(one.key for one in results if one not in new)
        return frozenset(one.key for one in results if self._holds(one, where))

    def _holds(self, result: Result, where: Where) -> bool:
        grant = result.grant
        if grant is None:
            return (*where, result.rule.id, result.reason) in self.held
        elsewhere = (_REGISTRY,) if result.is_elsewhere else ()
        what = (grant.reason,) if where[-1] in EXCHANGES else ()
        identity = (*where, *elsewhere, grant.kind.value, grant.grantee, grant.sid, *what)
        return set(grant.actions) <= self.held.get(identity, frozenset())


def read_baseline(path: str) -> Baseline:
    """Return the policies of the check whose JSON is in `path`. Raises BaselineError."""
    found = Baseline()
    try:
        answer: Any = strict_value_of(text_of(path, named=True))
        record = Record.read(answer.get("recorded", Record().to_json()))
        for policy in answer["policies"]:
            # The worst statement may be in another file than the resource, whose file identifies the policy.
            file = policy.get("declared_in", policy["file"])
            found.add((PurePath(str(file)).as_posix(), str(policy["resource"]), str(policy["kind"])), policy, record)
    except UnreadableError as error:
        raise BaselineError(f"cannot read the baseline `{path}`: {error}") from None
    except (ValueError, LookupError, TypeError, AttributeError):
        expected = "expected the output of `ecr-crossaccount check --format json`"
        raise BaselineError(f"`{path}` is not a baseline: {expected}") from None
    return found


def compared(report: Report, baseline: Baseline) -> Report:
    """Return a report whose findings say which of their results the earlier run had."""
    findings = (replace(one, known=baseline.known(one, where_of(one.found))) for one in report.findings)
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
