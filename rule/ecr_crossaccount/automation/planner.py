"""What the stack's planning function answers the Automation documents: a verdict, a plan, and whom it cuts off.

It needs no permission in AWS: everything that it looks at is in the request.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .. import Origin, Repository, Severity, Trust, Verdict, judge
from ..access.verdict import NO_ACCESS
from ..config_rule.annotation import annotation
from ..errors import EcrCrossAccountError
from ..remedy.plan import Action, Plan, Strategy, plan
from ..remedy.required import Required
from ..remedy.written import LONGEST_POLICY
from .cuts import Cuts, cuts

NO_POLICY = "null"
"""The text of a policy that is not there."""
MOST_SHOWN = 10
"""Grants and changes in an answer, which the output of a step must hold: 100 KB."""


_NOTHING_TO_DO = (
    "the policy is compliant: nothing to do. If the rule reports the repository all the same, it is the registry "
    "policy that grants access: a change of the repository policy closes that only with a Deny"
)


class PlanningError(EcrCrossAccountError):
    """A request that cannot be answered; the run must end with the policy unchanged."""


@dataclass(frozen=True, slots=True)
class Question:
    """One policy of one repository, and whom the register trusts."""

    policy: str
    repository: Repository
    trust: Trust

    @classmethod
    def parse(cls, request: Mapping[str, str], trust: Trust) -> Question:
        """Read what the step `read_policy` found. Raises PlanningError."""
        organization = request["Organization"]
        if organization == "refused" and trust.names_self:
            raise PlanningError(
                "the register trusts the account's own organization, and organizations:DescribeOrganization was "
                "refused: nobody can say which one that is"
            )
        _, partition, _, region, account, path = request["Arn"].split(":", 5)
        repository = Repository(
            account,
            path.partition("/")[2],
            region=region,
            partition=partition,
            organization=organization if organization.startswith("o-") else None,
            tags={tag["Key"]: tag.get("Value", "") for tag in json.loads(request["Tags"])},
            tags_known=True,
        )
        return cls(request["Policy"], repository, trust)

    @property
    def read(self) -> str | None:
        """The policy as the judgement takes it: None if there is none."""
        return None if self.policy == NO_POLICY else self.policy

    def about(self, policy: str) -> Question:
        """Return the same question about another policy of the repository."""
        return replace(self, policy=policy)

    def verdict(self) -> Verdict:
        """Judge the policy as the rule does."""
        return judge(self.read, self.repository, self.trust, Origin.DEPLOYED)

    def plan(self, strategy: Strategy, required: Required | None = None, *, cut_trusted: bool = False) -> Plan:
        """Plan what is to be done about the policy."""
        about = (self.repository, self.trust, strategy, Origin.DEPLOYED)
        return plan(self.policy, *about, required=required, cut_trusted=cut_trusted)

    def cuts(self, wanted: object) -> Cuts:
        """Compare with the policy `wanted`, None where there is to be none."""
        trusted, _, _ = self.trust.about(self.repository.name).circles(self.repository.organization)
        return cuts(self.read, wanted, self.repository, trusted.organizations)


def answer(request: Mapping[str, str], trust: Trust) -> dict[str, str]:
    """Answer a document's request: its `Task` is plan, restore or judge. Raises PlanningError."""
    question = Question.parse(request, trust)
    match request["Task"]:
        case "judge":
            return judged(question)
        case "restore":
            return restored(question, request["Wanted"])
        case "plan":
            return planned(question, Strategy(request["Strategy"]), Severity[request["MinimumSeverity"]])
        case task:
            raise PlanningError(f"no task `{task}`: expected plan, restore or judge")


def judged(question: Question) -> dict[str, str]:
    """Return the verdict on a policy, and what it lets in, for a person to read."""
    verdict = question.verdict()
    return {
        "Compliance": verdict.compliance.value,
        "Report": report(verdict),
        "Record": json.dumps(_short(verdict.to_json())),
    }


def restored(question: Question, wanted: str) -> dict[str, str]:
    """Return the verdict on the policy `wanted`, and whom it would cut off in the place of the one that there is."""
    instead = question.about(wanted)
    return {**judged(instead), "Cuts": json.dumps(question.cuts(instead.read).to_json())}


def planned(question: Question, strategy: Strategy, minimum: Severity) -> dict[str, str]:
    """Return what is to be done: `Decision` is Compliant, BelowSeverity, CannotNarrow or Change.

    `Wanted` is the policy afterwards, `Cuts` is for `find_use`, `Record` for the backup; `Headline` and `Report` are
    for a person.
    """
    verdict = question.verdict()
    found = question.plan(strategy)
    wanted = NO_POLICY if found.policy is None else written(found.policy)
    decision = _decision(verdict, found, minimum)
    lost = question.cuts(found.policy).to_json() if decision == "Change" else {}
    return {
        "Decision": decision,
        "Compliance": verdict.compliance.value,
        "Headline": annotation(verdict) or "the policy is compliant",
        "Wanted": wanted if decision == "Change" else question.policy,
        "Report": _told(decision, verdict, found, minimum),
        "Cuts": json.dumps(lost),
        "Record": json.dumps(
            {"verdict": _short(verdict.to_json()), "plan": _short(found.to_json()) | {"strategy": strategy.value}}
        ),
    }


def written(policy: Mapping[str, object]) -> str:
    """Return a policy's text, laid out for people where that fits."""
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST_POLICY else json.dumps(policy, separators=(",", ":"), ensure_ascii=False)


def _decision(verdict: Verdict, found: Plan, minimum: Severity) -> str:
    if verdict.severity is None:
        return "Compliant"
    if verdict.severity < minimum:
        return "BelowSeverity"
    return "CannotNarrow" if found.action is Action.NONE else "Change"


def _told(decision: str, verdict: Verdict, found: Plan, minimum: Severity) -> str:
    match decision:
        case "Compliant":
            return _NOTHING_TO_DO
        case "BelowSeverity":
            return f"nothing is done below {minimum.name}:\n{report(verdict)}"
        case "CannotNarrow":
            return f"nothing is changed: {found.refused}\n{report(verdict)}"
        case _:
            changes = [f"- {_place(one.statement, one.sid)}{one.change}: {one.reason}" for one in found.changes]
            return "\n".join([report(verdict), "", "planned:", *_first(changes, "changes")])


def report(verdict: Verdict) -> str:
    """Return what a verdict finds, a line each."""
    lines = _first([f"{grant.severity.name}: {grant.reason}" for grant in verdict.grants], "grants")
    lines += _first([f"undecided: {one.reason}" for one in verdict.undecided], "undecided")
    lines += _first([f"invalid: {one.at}: {one.reason}" for one in verdict.invalid], "invalid")
    return "\n".join(lines) or f"this policy gives {NO_ACCESS}"


def _first(lines: list[str], what: str) -> list[str]:
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"and {more} more {what}"] if more > 0 else lines


def _place(statement: int | None, sid: str | None) -> str:
    if statement is None:
        return ""
    return f"statement {statement}{f' `{sid}`' if sid else ''}: "


def _short(record: dict[str, object]) -> dict[str, object]:
    """Return a verdict or a plan with lists of bearable length, and how much was left out of them."""
    left_out = {}
    for name, value in record.items():
        if isinstance(value, list) and len(value) > MOST_SHOWN:
            left_out[name] = len(value) - MOST_SHOWN
    shown = {name: value[:MOST_SHOWN] if isinstance(value, list) else value for name, value in record.items()}
    return shown | ({"left_out": left_out} if left_out else {})
