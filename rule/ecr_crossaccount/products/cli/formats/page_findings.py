"""The findings of an audit as the page shows them: the rows of its table, with the details of each."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from ....documents.elements import read_json
from ....documents.json import RepeatedNames
from ....documents.problems import Problems
from ....judgement.admission import Origin
from ....judgement.kinds.table import EXCHANGES
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.trust import Trust
from ....judgement.values.verdict import Compliance, Grant, Severity
from ....memo import by_value
from ....questions.plan.outcome import Strategy
from ....questions.plan.plan import plan
from ...audit.items import AMBIGUOUS
from ...audit.outcomes import STAND_IN
from ...audit.report import AuditReport
from ...audit.rows import Audited, Place, Rows, expand_outcome
from ...audit.trusted import Trusted
from ..base.program import visible
from .audit_parts import display_name
from .text import Line, policy_by_statement, statement_of, what_is_left, who, witness_in_words
from .way_out import way_out, way_out_of_exchange

APPROVED = 0
"""The rank of approved access, which is below every severity."""

_MOST_LINES = 600

_One = TypeVar("_One")

MOST_FINDINGS = 200_000
"""The most findings on the page. A browser takes several seconds to show this many."""
MOST_PLANS = 2_000
"""The most plans on the page, for the worst policies first. A plan takes several times as long as a verdict."""

_NAME = f"the-repository-{STAND_IN}"
"""The placeholder for a repository's name in the text that all repositories of an outcome share."""
_LATER = (
    "Not worked out on this page, which has the plans of the {most:,} worst policies. For this one, write the policy "
    "to a file and run `ecr-crossaccount plan --owner {owner} FILE`."
)


@by_value
class _Shared:
    """The data that all repositories of an outcome share: the indexes of a policy, a plan and findings."""

    policy: int
    plan: int | None
    findings: list[int]


@dataclass(slots=True)
class Findings:
    """All findings, and where they are. Data that several repositories share is here once.

    `stand_in` is the placeholder for an owner's account number, and `name` for a repository's name. `more` is the
    number of findings that are not shown.
    """

    repositories: list[dict[str, object]] = field(default_factory=list)
    policies: list[dict[str, object]] = field(default_factory=list)
    plans: list[dict[str, object]] = field(default_factory=list)
    actions: list[list[str]] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    more: int = 0
    _known: dict[object, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, object]:
        """Return the data that the page's script reads."""
        return {
            "repositories": self.repositories,
            "policies": self.policies,
            "plans": self.plans,
            "actions": self.actions,
            "findings": self.rows,
            "stand_in": STAND_IN,
            "name": _NAME,
        }

    def shared_data(self, one: Audited, report: AuditReport) -> _Shared:
        """Return the data that all repositories of an outcome share. `one` is an example of them."""
        said = f"; {AMBIGUOUS}: {visible(one.places)}; the worst counts" if one.places else ""
        rows = [{**row, "why": f"{row['why']}{said}"} for row in _rows(one, report, self)]
        first = len(self.rows)
        self.rows += rows
        # A plan narrows a repository's policy; it does not support the Resource of a registry policy.
        is_planned = one.verdict.compliance is not Compliance.COMPLIANT and one.item.kind is Kind.REPOSITORY
        plan = self.plan(one, report.trust) if is_planned else None
        return _Shared(self.policy(one), plan, [*range(first, len(self.rows))])

    def policy(self, one: Audited) -> int:
        """Return the index of a repository's policy among those shown."""
        return self._once(self.policies, _text_of(one), lambda: _policy(_document(one.item.policy), _text_of(one)))

    def plan(self, one: Audited, trust: Trust) -> int:
        """Return the index of the plan for a repository. Repositories with the same inputs share a plan."""
        about, repository = trust.about(one.item.name), one.repository
        whose = (repository.account, repository.region, repository.organization, str(repository.tags))
        key = (_text_of(one), id(about), whose)
        if key not in self._known and len(self.plans) >= MOST_PLANS:
            says = _LATER.format(most=MOST_PLANS, owner=repository.account)
            return self._once(self.plans, ("later", repository.account), lambda: {"says": says, "changes": []})
        return self._once(self.plans, key, lambda: _plan(one, about))

    def some_actions(self, names: tuple[str, ...]) -> int:
        """Return the index of a list of actions."""
        return self._once(self.actions, ("actions", names), lambda: [visible(name) for name in names])

    def _once(self, kept: list[_One], key: object, make: Callable[[], _One]) -> int:
        if key not in self._known:
            self._known[key] = len(kept)
            kept.append(make())
        return self._known[key]


def findings(report: AuditReport) -> Findings:
    """Return every finding and every approved access. If there are more than MOST_FINDINGS, the worst."""
    found, rows = Findings(), report.audited
    examples: dict[int, str] = {}
    for arn, number in rows.outcome_numbers():
        examples.setdefault(number, arn)
    shown, found.more = _repositories_to_show(rows)
    shared: dict[int, _Shared] = {}
    for number in shown:
        arn, outcome = examples[number], rows.store[number]
        _, region, name = rows.place_of(arn)
        shared[number] = found.shared_data(expand_outcome(arn, (outcome.owner, region, name), outcome), report)
    left = dict(shown)
    for arn, number in rows.outcome_numbers():
        if left.get(number, 0) > 0:
            left[number] -= 1
            place = rows.place_of(arn)
            told = _repository(place, shared[number], rows.store.kind(number))
            under = report.under_rcps(expand_outcome(arn, place, rows.store[number])) if report.rcps else None
            found.repositories.append(told if under is None else {**told, "under": visible(what_is_left(under))})
    return found


def _repositories_to_show(rows: Rows) -> tuple[dict[int, int], int]:
    """Return how many repositories to show for each outcome, the worst first, and how many findings are not shown."""
    shown: dict[int, int] = {}
    room, more = MOST_FINDINGS, 0
    for number, times in sorted(
        rows.count_outcomes().items(), key=lambda one: (-rows.store.severities[one[0]], one[0])
    ):
        outcome = rows.store[number]
        verdict = outcome.verdict
        count = len(verdict.grants) + len(verdict.undecided) + len(verdict.invalid) + len(outcome.trusted)
        fitting = min(times, room // count) if count else 0
        if fitting:
            shown[number] = fitting
        room -= fitting * count
        more += (times - fitting) * count
    return shown, more


def _rows(one: Audited, report: AuditReport, found: Findings) -> Iterator[dict[str, object]]:
    document = _document(one.item.policy)
    registry = None if one.registry is None else _document(one.registry.document)
    for grant in one.verdict.grants:
        stands_in = document if grant.document is one.own else registry
        yield {**_of_grant(one, grant, stands_in), "actions": found.some_actions(grant.actions)}
    for undecided in one.verdict.undecided:
        own = undecided.document is one.own
        yield _of_doubt("undecided", undecided.reason, undecided.statement if own else None)
    for invalid in one.verdict.invalid:
        yield _of_doubt("invalid", f"{invalid.at}: {invalid.reason}", None)
    for trusted in one.trusted:
        yield {**_of_approval(trusted, report), "actions": found.some_actions(trusted.actions)}


def _of_grant(one: Audited, grant: Grant, document: object) -> dict[str, object]:
    repository = replace(one.repository, name=_NAME) if one.item.kind is Kind.REPOSITORY else one.repository
    is_exchange = one.item.kind in EXCHANGES
    part = document if is_exchange else statement_of(document, grant.statement)
    entries = (way_out_of_exchange if is_exchange else way_out)([grant], part, repository).entries
    return {
        "state": "open",
        "rank": grant.severity.value,
        "who": visible(who(grant.kind, grant.grantee)),
        "wild": is_wild(grant),
        "access": [access.value for access in grant.access],
        "statement": grant.statement if grant.document is one.own and not is_exchange else None,
        "sid": visible(grant.sid or ""),
        "why": visible(grant.reason),
        "witness": visible(witness_in_words(grant, document)),
        "entry": [visible(line) for line in entries],
    }


def _of_doubt(state: str, reason: str, statement: int | None) -> dict[str, object]:
    return {
        "state": state,
        "rank": Severity.MEDIUM.value,
        "who": "cannot be determined" if state == "undecided" else "IAM would not accept the policy",
        "wild": False,
        "access": [],
        "statement": statement,
        "sid": "",
        "why": visible(reason),
    }


def _of_approval(trusted: Trusted, report: AuditReport) -> dict[str, object]:
    entry = report.trust.entries[trusted.entry]
    return {
        "state": "approved",
        "rank": APPROVED,
        "who": visible(who(trusted.kind, trusted.grantee)),
        "wild": False,
        "access": [access.value for access in trusted.access],
        "statement": trusted.statement,
        "sid": visible(trusted.sid or ""),
        "why": visible(entry.reason or "the register gives no reason"),
        "approval": trusted.entry,
        "until": entry.expires.isoformat() if entry.expires else "",
        "owner": visible(entry.owner or ""),
    }


def is_wild(grant: Grant) -> bool:
    """Return whether a grant is to any principal at all, rather than to someone who can be contacted."""
    return grant.public or " for any account" in grant.grantee


def _repository(place: Place, shared: _Shared, kind: Kind) -> dict[str, object]:
    account, region, name = place
    shown = display_name(kind, visible(name))
    found: dict[str, object] = {
        "name": shown,
        "account": visible(account),
        "region": visible(region),
        "policy": shared.policy,
        "plan": shared.plan,
        "findings": shared.findings,
    }
    literal = visible(json.dumps(name))
    return found if literal == f'"{shown}"' else {**found, "literal": literal}


def _text_of(one: Audited) -> str:
    policy = one.item.policy
    return policy if isinstance(policy, str) else json.dumps(policy, default=repr)


def _document(policy: object) -> object:
    return read_json(policy, Problems()) if isinstance(policy, str) else policy


def _policy(document: object, text: str) -> dict[str, object]:
    """Return the lines of a policy, each with its statement. If it cannot be parsed, return the lines as written."""
    try:
        if isinstance(document, Mapping) and not isinstance(document, RepeatedNames):
            return _lines(list(policy_by_statement(document)))
    except RecursionError:
        pass
    return _lines([(None, visible(line)) for line in text.splitlines()])


def _lines(lines: list[Line]) -> dict[str, object]:
    if len(lines) > _MOST_LINES:
        lines[_MOST_LINES:] = [(None, f"… and {len(lines) - _MOST_LINES:,} more lines")]
    return {"lines": [line for _, line in lines], "statements": [statement for statement, _ in lines]}


def _plan(one: Audited, trust: Trust) -> dict[str, object]:
    """Return the policy to write in place of the current one, or a sentence if there is none to write."""
    planned = plan(one.item.policy, one.repository, trust, Strategy.NARROW, Origin.DEPLOYED)
    changes = [{"change": visible(change.change), "reason": visible(change.reason)} for change in planned.changes]
    if planned.refused is not None or planned.policy is None:
        says = "No statement is left: delete the policy."
        if planned.refused is not None:
            says = f"No narrower policy can be proven to keep what is trusted: {visible(planned.refused)}"
        return {"says": says, "changes": changes}
    return {**_policy(planned.policy, ""), "changes": changes}
