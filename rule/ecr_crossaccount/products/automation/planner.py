"""The answers of the stack's planning function to the Automation documents: a verdict, a plan, and the access it cuts.

The policy is in the request. The trust register and the required statements are read where the rule's parameters say,
and nothing else in AWS. Verdicts and plans are lists that fit into the output of a step.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ...documents.problems import first_of
from ...errors import InputError
from ...judgement.admission import Origin
from ...judgement.annotation import annotation
from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import Repository, judge
from ...judgement.values.trust import Trust
from ...judgement.values.verdict import NO_ACCESS, Compliance, Severity, Verdict
from ...memo import by_value
from ...questions.plan.outcome import LONGEST_POLICY, Action, CannotSayError, Change, Plan, Strategy
from ...questions.plan.plan import plan
from ...questions.plan.required import Required, missing_in
from .cuts import Cuts, cuts, keeping, left_by_registry

if TYPE_CHECKING:
    from ...sources.register.lists import TrustSource  # imported where it is used, which the command line does not
    from ...sources.register.memory import Store
    from ...sources.register.reader import Reader
    from ...sources.register.stores import Held

    HeldStatements = Held[Required | None]

MOST_SHOWN = 10
"""The most grants and changes in an answer. The output of a step has at most 100 KB."""


def format_policy(policy: Mapping[str, object]) -> str:
    """Return a policy's text, formatted for people if it fits."""
    text = json.dumps(policy, indent=2, ensure_ascii=False)
    return text if len(text) <= LONGEST_POLICY else json.dumps(policy, separators=(",", ":"), ensure_ascii=False)


def report(verdict: Verdict) -> str:
    """Return the findings of a verdict, one on each line."""
    lines = first([f"{grant.severity.name}: {grant.reason}" for grant in verdict.grants], "grants")
    lines += first([f"undecided: {undecided.reason}" for undecided in verdict.undecided], "undecided")
    lines += first([f"invalid: {invalid.at}: {invalid.reason}" for invalid in verdict.invalid], "invalid")
    return "\n".join(lines) or f"this policy gives {NO_ACCESS}"


def changes_told(changes: Sequence[Change]) -> list[str]:
    """Return the changes of a plan with their reasons, one on each line."""
    told = [f"- {place(change.statement, change.sid)}{change.change}: {change.reason}" for change in changes]
    return first(told, "changes")


def first(lines: list[str], what: str) -> list[str]:
    """Return the first lines, and one that says how many more `what` there are."""
    more = len(lines) - MOST_SHOWN
    return [*lines[:MOST_SHOWN], f"and {more} more {what}"] if more > 0 else lines


def place(statement: int | None, sid: str | None) -> str:
    """Return the beginning of a line about a statement, or "" for the whole policy."""
    if statement is None:
        return ""
    return f"statement {statement}{f' `{sid}`' if sid else ''}: "


def short(record: dict[str, object]) -> dict[str, object]:
    """Return a verdict or a plan with shortened lists, and how many entries were left out."""
    lengths = {name: len(value) for name, value in record.items() if isinstance(value, list)}
    left_out = {name: length - MOST_SHOWN for name, length in lengths.items() if length > MOST_SHOWN}
    shown = {name: value[:MOST_SHOWN] if isinstance(value, list) else value for name, value in record.items()}
    return shown | ({"left_out": left_out} if left_out else {})


NO_POLICY = "null"
"""The text of a missing policy."""
_NOTHING_TO_DO = "the policy is compliant: nothing to do"
_CLOSED_ITSELF = "the policy of the repository gives no untrusted external access, and there is nothing to do about it"
_OPEN_BY_REGISTRY = "OpenByRegistry"
"""The decision about a repository that only the registry policy leaves open."""
_CLOSE_IT = "To close it, remediate with the strategy narrow (RemediationStrategy), or trust the access"
_PUT_IT_IN = "Nobody untrusted has access, so there is nothing to narrow: remediate with the strategy require"
_PUT_IN_AGAIN = "The next remediation with the strategy require adds it again"
_OPTIONS = (
    "(in a stack, --cut-trusted is RemediationCutTrusted, and needs approval; --organization is what "
    "organizations:DescribeOrganization answers)"
)
_MOST_NAMED = 4


@by_value
class PlanRequest:
    """One policy of one repository, the trust, and the registry policy, or None if it does not count."""

    policy: str
    repository: Repository
    trust: Trust
    registry: RegistryPolicy | None = None

    @classmethod
    def parse(cls, request: Mapping[str, str], trust: Trust) -> PlanRequest:
        """Read the output of the step `read_policy`. Raises InputError."""
        organization = request["Organization"]
        if organization == "refused" and trust.names_self:
            raise InputError(
                "the register trusts the account's own organization, and organizations:DescribeOrganization was "
                "refused, so that organization is unknown"
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
        return cls(request["Policy"], repository, trust, _registry_in(request))

    @property
    def read(self) -> str | None:
        """The policy as the judgement takes it: None if there is none."""
        return None if self.policy == NO_POLICY else self.policy

    def with_policy(self, policy: str) -> PlanRequest:
        """Return the same question about another policy of the repository."""
        return replace(self, policy=policy)

    def left_open(self) -> str:
        """Return the access that the registry policy leaves open, in words, or "" if there is none."""
        if self.registry is None:
            return ""
        found = left_by_registry(self.read, self.repository, self.trust, Origin.DEPLOYED, self.registry)
        return "; ".join(found.notes)

    def verdict(self) -> Verdict:
        """Judge the repository's own policy as the rule does."""
        return judge(self.read, self.repository, self.trust, Origin.DEPLOYED)

    def plan(self, strategy: Strategy, required: Required | None = None, *, cut_trusted: bool = False) -> Plan:
        """Plan the change of the policy."""
        about = (self.repository, self.trust, strategy, Origin.DEPLOYED)
        return plan(self.policy, *about, required=required, cut_trusted=cut_trusted)

    def cuts(self, wanted: object, *, keeps_trusted: bool = False) -> Cuts:
        """Compare with the policy `wanted`, which is None for no policy.

        `keeps_trusted`: it is proven that `wanted` keeps all trusted access, whatever it denies.
        """
        circles = self.trust.about(self.repository.name).circles(self.repository.organization)
        found = cuts(self.read, wanted, self.repository, circles[0].organizations)
        return keeping(found, circles) if keeps_trusted else found

    def lacks(self, held: HeldStatements) -> str:
        """Return which required statements are missing, or that this is unknown. "" if none are."""
        if held.value is None:
            return f"whether it has the required statements is unknown: {held.problem}: {held.detail}"
        try:
            missing = missing_in(self.read, held.value, self.repository)
        except CannotSayError as error:
            return f"whether it has the required statements is unknown: {error}"
        named = first_of([f"`{one.sid}`" for one in missing], MOST_SHOWN)
        return f"it does not have the required statements: {named} of {_version(held)}" if missing else ""


def _registry_in(request: Mapping[str, str]) -> RegistryPolicy | None:
    """Return the registry policy that a step has read, or None if it was not asked for."""
    if "Registry" not in request:
        return None
    found = json.loads(request["Registry"])
    refused = found.get("Refused")
    if "Policy" not in found:
        return RegistryPolicy(unread=f"{refused} was refused: allow it" if refused else None)
    scope = {"V1": Scope.V1, "V2": Scope.V2}.get(found.get("Scope"), Scope.UNKNOWN)
    known = RegistryPolicy(found["Policy"], scope)
    return replace(known, way_out=f"allow the document's role {refused}") if refused else known


def answer(
    request: Mapping[str, str], trust: Trust, requiring: Callable[[], HeldStatements | None] = lambda: None
) -> dict[str, str]:
    """Answer a document's request, whose `Task` is plan, restore or judge. Raises InputError.

    `requiring` reads the required statements if they matter. It returns None if there are none.
    """
    question = PlanRequest.parse(request, trust)
    match request["Task"]:
        case "judge" if request.get("Strategy") == Strategy.REQUIRE:
            return judged_with(question, requiring())
        case "judge":
            return judge_policy(question)
        case "restore":
            return judge_restore(question, request["Wanted"], requiring())
        case "plan":
            strategy, minimum = Strategy(request["Strategy"]), Severity[request["MinimumSeverity"]]
            if strategy is Strategy.REQUIRE:
                return put_in(question, requiring(), minimum, cut_trusted=request.get("CutTrusted") == "true")
            return plan_change(question, strategy, minimum, requiring())
        case task:
            raise InputError(f"no task `{task}`: expected plan, restore or judge")


def judge_policy(question: PlanRequest) -> dict[str, str]:
    """Return the verdict on a policy and the access that it gives, for a person.

    `LeftOpen` is the access that the registry policy leaves open besides, or "" if there is none.
    """
    verdict = question.verdict()
    return {
        "Compliance": verdict.compliance.value,
        "LeftOpen": question.left_open(),
        "Report": report(verdict),
        "Record": json.dumps(short(verdict.to_json())),
    }


def judged_with(question: PlanRequest, held: HeldStatements | None) -> dict[str, str]:
    """Return the verdict on a policy that is compliant only if it has the required statements."""
    found = judge_policy(question)
    lacks = question.lacks(_read_statements(held))
    if lacks:
        return found | {"Compliance": Compliance.NON_COMPLIANT.value, "Report": f"{lacks}\n{found['Report']}"}
    if found["Compliance"] == Compliance.COMPLIANT.value:
        return found
    return found | {"Report": f"it has the required statements, and this stays open. {_CLOSE_IT}:\n{found['Report']}"}


def judge_restore(question: PlanRequest, wanted: str, held: HeldStatements | None = None) -> dict[str, str]:
    """Return the verdict on the policy `wanted`, and the access that it would cut compared with the current policy."""
    instead = question.with_policy(wanted)
    found = judge_policy(instead)
    lacks = "" if held is None else instead.lacks(held)
    told = f"{lacks}. {_PUT_IN_AGAIN}\n{found['Report']}" if lacks else found["Report"]
    told = f"{told}\n{found['LeftOpen']}" if found["LeftOpen"] else told
    return {**found, "Report": told, "Cuts": json.dumps(question.cuts(instead.read).to_json())}


def plan_change(
    question: PlanRequest, strategy: Strategy, minimum: Severity, held: HeldStatements | None = None
) -> dict[str, str]:
    """Return what to do: `Decision` is Compliant, OpenByRegistry, BelowSeverity, CannotNarrow or Change.

    `Wanted` is the policy afterwards, `Cuts` is for `find_use`, and `Record` is for the backup. `Headline` and `Report`
    are for a person.
    """
    verdict = question.verdict()
    found = question.plan(strategy)
    wanted = NO_POLICY if found.policy is None else format_policy(found.policy)
    decision = _decision(verdict, found, minimum, is_compliant=verdict.severity is None)
    lacks = question.lacks(held) if held is not None and decision == "Compliant" else ""
    if lacks:
        # The rule reports it, and a run that changes nothing must not count as done.
        decision = "BelowSeverity" if minimum > Severity.LOW else "CannotNarrow"
    left = question.with_policy(wanted).left_open()
    decision = _OPEN_BY_REGISTRY if left and decision == "Compliant" else decision
    lost = question.cuts(found.policy).to_json() if decision == "Change" else {}
    told = f"{lacks}. {_PUT_IT_IN}" if lacks else _report(decision, verdict, found, minimum)
    return {
        "Decision": decision,
        "Compliance": Compliance.NON_COMPLIANT.value if lacks or left else verdict.compliance.value,
        "Headline": annotation(verdict) or "the policy is compliant",
        "Wanted": wanted if decision == "Change" else question.policy,
        "Report": f"{told}\n{left}" if left else told,
        "Cuts": json.dumps(lost),
        "Record": json.dumps(
            {"verdict": short(verdict.to_json()), "plan": short(found.to_json()) | {"strategy": strategy.value}}
        ),
    }


def put_in(
    question: PlanRequest, held: HeldStatements | None, minimum: Severity, *, cut_trusted: bool
) -> dict[str, str]:
    """Return what to do so that the policy has the required statements, in the form of `plan_change`.

    `Required` is what an approval covers besides the policy: the version, and the principals inside that are shut out.
    Raises InputError if the required statements cannot be read now.
    """
    held = _read_statements(held)
    if held.value is None:
        raise InputError(f"{held.problem}: `{held.location}`: {held.detail}; correct the file, then start again")
    verdict = question.verdict()
    found = question.plan(Strategy.REQUIRE, held.value, cut_trusted=cut_trusted)
    has_it = found.action is Action.NONE and found.refused is None
    is_compliant = has_it and verdict.compliance is Compliance.COMPLIANT
    decision = _decision(verdict, found, minimum, is_compliant=is_compliant)
    wanted = question.policy if found.policy is None else format_policy(found.policy)
    left = question.with_policy(wanted).left_open()
    decision = _OPEN_BY_REGISTRY if left and decision == "Compliant" else decision
    is_change = decision == "Change"
    told = _told_of_required(decision, verdict, found, minimum)
    lost = question.cuts(found.policy, keeps_trusted=not found.shut_out).to_json() if is_change else {}
    version = {"place": str(held.location), "version": held.version, "sha256": held.digest}
    recorded = short(found.to_json()) | {"strategy": Strategy.REQUIRE.value, "required": version}
    return {
        "Decision": decision,
        "Compliance": (Compliance.COMPLIANT if decision == "Compliant" else Compliance.NON_COMPLIANT).value,
        "Headline": _headline(held, found) if is_change else annotation(verdict) or "the policy is compliant",
        "Wanted": wanted if is_change else question.policy,
        "Report": "\n".join([f"required: {_version(held)}", *told, *([left] if left else [])]),
        "Cuts": json.dumps(lost),
        "Record": json.dumps({"verdict": short(verdict.to_json()), "plan": recorded}),
        "Required": json.dumps({**version, "shut_out": found.shut_out}),
    }


def _read_statements(held: HeldStatements | None) -> HeldStatements:
    """Return the required statements. Raises InputError if none are named."""
    if held is None:
        raise InputError(
            "the strategy require needs the statements that are required: say where they are in RequiredStatements, "
            "a parameter of the stack that has the planning function"
        )
    return held


def _version(held: HeldStatements) -> str:
    return f"`{held.location}`, version {held.version or 'unknown'}, SHA-256 {held.digest or 'unknown'}"


def _headline(held: HeldStatements, found: Plan) -> str:
    """Return the text for an approver: the version that is added, who is shut out, and what stays open."""
    shut_out = ""
    if found.shut_out:
        shut_out = f" It denies access that is trusted or inside: {first_of(found.shut_out, _MOST_NAMED)}."
    left = annotation(found.after) if found.after else ""
    return f"The required statements of {_version(held)} are put in.{shut_out} Afterwards: {left or 'nothing is open'}"


def _told_of_required(decision: str, verdict: Verdict, found: Plan, minimum: Severity) -> list[str]:
    match decision:
        case "Compliant":
            return [f"the policy has the required statements. {_NOTHING_TO_DO}"]
        case "OpenByRegistry":
            return [f"the policy has the required statements. {_CLOSED_ITSELF}"]
        case "BelowSeverity":
            return [f"nothing is done below {minimum.name}, and a statement that is missing is LOW:", report(verdict)]
        case "CannotNarrow" if found.refused is None:
            has = "nothing is changed: it has the required statements, and this stays open"
            return [f"{has}. {_CLOSE_IT}:", report(verdict)]
        case "CannotNarrow":
            hint = [_OPTIONS] if "--" in str(found.refused) else []
            return [f"nothing is changed: {found.refused}", *hint, report(verdict)]
        case _:
            shut_out = ["", "shut out, although inside:", *first(list(found.shut_out), "of them")]
            after = "" if found.after is None else report(found.after)
            lines = [report(verdict), "", "planned:", *changes_told(found.changes)]
            lines += shut_out if found.shut_out else []
            return [*lines, "", "what stays open afterwards:", after]


def _decision(verdict: Verdict, found: Plan, minimum: Severity, *, is_compliant: bool) -> str:
    if is_compliant:
        return "Compliant"
    if (verdict.severity or Severity.LOW) < minimum:
        return "BelowSeverity"
    return "CannotNarrow" if found.action is Action.NONE else "Change"


def _report(decision: str, verdict: Verdict, found: Plan, minimum: Severity) -> str:
    match decision:
        case "Compliant":
            return _NOTHING_TO_DO
        case "OpenByRegistry":
            return _CLOSED_ITSELF
        case "BelowSeverity":
            return f"nothing is done below {minimum.name}:\n{report(verdict)}"
        case "CannotNarrow":
            return f"nothing is changed: {found.refused}\n{report(verdict)}"
        case _:
            return "\n".join([report(verdict), "", "planned:", *changes_told(found.changes)])


def source_of(parameters: Mapping[str, object], clock: Callable[[], datetime]) -> TrustSource:
    """Return the source of the trust in the rule's parameters. The register is read each time."""
    from ...sources.register.lists import TrustSource

    return TrustSource(parameters, clock, _store, fresh=timedelta())


def _store() -> Store | None:
    from ...sources.aws.clients import client_of
    from ...sources.register.memory import store_in_environment

    return store_in_environment(client_of, writes=False)


def trust_now(source: TrustSource) -> Trust:
    """Return the trust of the rule. Raises InputError if the register cannot be used now, or a loss waits.

    In the first case, the rule treats access that only the register trusts as outside, or uses an older version.
    Neither may cut anyone off. Nor may a register that takes much trust away at once, before you confirm it.
    """
    found = source.now()
    if found.held is None:
        return found.trust
    if not found.held.is_current:
        raise InputError(f"{found.held.lacks or found.held.stale}: {found.held.detail}")
    waits = found.memory and found.memory.waits(source.clock())
    if waits:
        raise InputError(f"the trust register has changed: {waits} (parameter RemediationConfirmedRegister)")
    return found.trust


class Requiring:
    """The statements that `parameters` require. Keep it for the life of a container. `clock` returns UTC."""

    def __init__(self, parameters: Mapping[str, str], clock: Callable[[], datetime]) -> None:
        from ...sources.register.lists import REQUIRED_STATEMENTS

        self._place = parameters.get(REQUIRED_STATEMENTS, "").strip()
        self._clock = clock
        self._reader: Reader[Required | None] | None = None

    def now(self) -> HeldStatements | None:
        """Return the statements that are required now, or None if the parameters name no place.

        An earlier version never counts: only what can be read now may be added to policies.
        """
        if not self._place:
            return None
        from ...sources.aws import log
        from ...sources.aws.clients import client_of
        from ...sources.register.content import Location
        from ...sources.register.reader import required_reader

        if self._reader is None:
            self._reader = required_reader(client_of, self._clock)
        held = self._reader.current(Location.parse(self._place), timedelta())
        if held.problem:
            log.warning(held.problem, place=self._place, reason=held.detail)
        else:
            log.info("required statements read", **held.provenance)
        return held
