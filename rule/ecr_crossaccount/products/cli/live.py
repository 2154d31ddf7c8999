"""A repository in AWS, the changes to it, the plan that removes only access without use, and backups as files.

The same functions make the changes that the Automation documents run. The plan keeps used access as if the register
trusted it: it is the narrowest policy that keeps trusted access and, by access level, the access that CloudTrail shows
in use. It is proven like every plan. If the use cannot be determined, nothing is removed.

A backup is new, private, and on the disk before anything changes, and is read strictly. In its name, `+` replaces `/`,
because names of repositories cannot contain it. With `_`, `a/b` would equal `a_b`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import TYPE_CHECKING, Any

from ...documents.json import BadJsonError, strict_value_of
from ...errors import AwsError, InputError
from ...judgement.admission import Origin
from ...judgement.beside import RegistryPolicy
from ...judgement.kinds.table import ResourceKind
from ...judgement.values.actions import access_of_names
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry, Subject
from ...judgement.values.verdict import Access, Compliance, Verdict
from ...memo import by_value
from ...questions.plan.outcome import Action, Plan, Strategy
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.owner import Registry
from ...sources.reading.files import UnreadableError, text_named
from ..audit.account import Caller
from ..automation.find_use import (
    UNKNOWN,
    Call,
    Clock,
    TargetRepository,
    Use,
    call_of,
    history,
    loss,
    search_for_use,
    uses,
)
from ..automation.planner import NO_POLICY, PlanRequest, format_policy
from ..automation.steps import LARGEST, StepError, differences, organization, policy_of, repository
from ..automation.write_policy import NotWrittenError, UncheckedError, backup, replace_policy
from .base import clock
from .base.atomic import PRIVATE, ExistsError, create_whole
from .base.outputs import verify

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

_OUTCOMES = {"Written": "written", "Deleted": "the policy was deleted", "Unchanged": "it was written already"}
"""The text for a person for each answer of `replace_policy` that leaves the wanted policy in place."""


@by_value
class Live:
    """A repository that exists, with the policy that it had when it was read (`null` for none)."""

    caller: Caller
    region: str
    name: str
    facts: Mapping[str, str]

    @classmethod
    def read(cls, name: str, region: str | None) -> Live:
        """Read a repository of the caller's account. Raises InputError, AuditError, ClientError, BotoCoreError."""
        caller = Caller(1)
        where = region or caller.region
        if where is None:
            raise InputError("no Region: give --region, or set AWS_REGION")
        facts = repository(caller.ecr(where), name)
        if facts["State"] == "Gone":
            raise InputError(f"no repository `{name}` in {where} of this account")
        return cls(caller, where, name, facts)

    @property
    def policy(self) -> str:
        """The text of the policy."""
        return self.facts["Policy"]

    @property
    def place(self) -> Mapping[str, str]:
        """The Account, Region and Repository, with the names that a backup uses."""
        return {"Account": self.facts["Account"], "Region": self.region, "Repository": self.name}

    def question(self, trust: Trust, own: str | None, *, asks: bool = False) -> PlanRequest:
        """Return the question about the repository. `own` is the account's organization, if the caller names it.

        Otherwise, AWS Organizations is asked for it, but only if the register needs it or `asks` says that other data
        does.
        """
        is_needed = trust.names_self or asks
        known = own or (organization(self.caller.organizations(self.region)) if is_needed else "none")
        return PlanRequest.parse({**self.facts, "Organization": known}, trust)

    def registry_policy(self) -> RegistryPolicy:
        """Return the registry policy. If it or its scope cannot be read, the result says which action to allow."""
        registry = Registry(self._ecr(), self.facts["Account"], self.region)
        try:
            text = registry.registry_policy()
        except AWS_ERRORS as error:
            return RegistryPolicy(unread=f"{reason_of(error)}; allow ecr:GetRegistryPolicy")
        if text is None:
            return RegistryPolicy(None)
        try:
            return RegistryPolicy(text, registry.scope())
        except AWS_ERRORS as error:
            return RegistryPolicy(text, way_out=f"{reason_of(error)}; allow ecr:GetAccountSetting")

    def use(self, question: PlanRequest, wanted: object, days: int) -> dict[str, str]:
        """Ask CloudTrail who used the access that a policy removes. Returns `Status` and `Report`, as in the documents.

        `wanted` is None if the policy will be deleted. A policy that only widens the present one needs no use.
        """
        if _only_widens(question, wanted):
            return {"Status": "NoUseSeen", "Report": "nobody outside would lose access"}
        request = {
            "Repository": self.name,
            "Account": self.facts["Account"],
            "Arn": self.facts["Arn"],
            "Cuts": json.dumps(question.cuts(wanted).to_json()),
            "Days": str(days),
            "OrganizationAccounts": sorted(known_members(question)),
        }
        passing = Clock(clock.monotonic, clock.sleep)
        return search_for_use(self.caller.cloudtrail(self.region), request, clock.now(), passing)

    def calls(self, names: Sequence[str], days: int) -> Iterator[Call]:
        """Yield the calls to the repository from outside in the last days, of the actions in `names`.

        Raises StepError if the history cannot be read completely.
        """
        place = TargetRepository(self.facts["Account"], self.name, self.facts["Arn"])
        end, passing = clock.now(), Clock(clock.monotonic, clock.sleep)
        history_of = self.caller.cloudtrail(self.region)
        for event in history(history_of, place, names, (end - timedelta(days=days), end), passing):
            call = call_of(event, place)
            if call is not None:
                yield call

    def replace(self, wanted: str) -> str:
        """Write a policy if the live one is still the one that was read. Return the outcome in words.

        Raises NotWrittenError, and UncheckedError if the outcome is unknown.
        """
        try:
            outcome = replace_policy(self._ecr(), self.name, self.policy, wanted, clock.sleep)
        except AWS_ERRORS as error:  # from the calls before anything is written
            raise NotWrittenError(f"{reason_of(error)}; nothing was written") from error
        if outcome == "Gone":
            raise NotWrittenError(f"{self._gone()}: nothing was written")
        return _OUTCOMES[outcome]

    def judge_stored_policy(self, question: PlanRequest) -> Verdict:
        """Judge the policy and tags that the repository has now. Raises UncheckedError."""
        try:
            facts = repository(self._ecr(), self.name)
        except AWS_ERRORS as error:
            problem = f"the policy was written, but cannot be read back: {reason_of(error)}; it stays"
            raise UncheckedError(problem) from error
        if facts["State"] == "Gone":
            raise UncheckedError(f"the policy was written, but {self._gone()}")
        known = question.repository.organization or "none"
        return PlanRequest.parse({**facts, "Organization": known}, question.trust).verdict()

    def check_stored_policy(self, question: PlanRequest, planned: Verdict | None) -> Verdict:
        """Judge the policy that ECR stored.

        It stays in any case, because a plan only removes access. Raises UncheckedError.

        `planned` is the verdict of a plan that may leave access open, or None for a plan that closes everything.
        """
        verdict = self.judge_stored_policy(question)
        expected = Compliance.COMPLIANT if planned is None else planned.compliance
        if verdict.compliance is not expected:
            is_not = "compliant" if expected is Compliance.COMPLIANT else "what was planned"
            raise UncheckedError(f"the policy was written, and what ECR stored is not {is_not}; it stays")
        return verdict

    def _gone(self) -> str:
        where = f"{self.region} of account {self.facts['Account']}"
        return f"there is no repository `{self.name}` in {where} any more"

    def _ecr(self) -> ECRClient:
        """Return a client whose calls all name the account that was read, because credentials may change meanwhile."""
        ecr = self.caller.ecr(self.region)

        def name_account(params: dict[str, object], model: Any, **_: object) -> None:  # noqa: ANN401 - botocore's own
            if "registryId" in model.input_shape.members:
                params.setdefault("registryId", self.facts["Account"])

        ecr.meta.events.register("provide-client-params.ecr", name_account)
        return ecr

    def as_backup(self, moment: str, record: Mapping[str, object]) -> str:
        """Return the policy as the text of a backup, for `restore` and the restore document."""
        facts = {"Now": moment, "Execution": "by-hand", "Policy": self.policy, "Record": json.dumps(record)}
        return backup({**self.place, **facts})


def wanted_text(plan: Plan) -> str:
    """Return the text that a plan wants written, or `null` if the policy will be deleted."""
    return NO_POLICY if plan.policy is None else format_policy(plan.policy)


def _only_widens(question: PlanRequest, wanted: object) -> bool:
    """Return whether it is certain that the policy `wanted` leaves everyone outside what the present one gives."""
    from ...questions.change.opening import opened_access
    from ...questions.change.states import Form, State

    before, after = (
        State(ResourceKind.REPOSITORY, question.repository, Trust.nobody(), (Form(policy),), origin=Origin.DEPLOYED)
        for policy in (wanted, question.read)
    )
    found = opened_access(before, after)
    return found.is_nothing and not found.invalid


class UndeterminedError(AwsError):
    """The use of the access cannot be determined, so nothing is removed."""


@by_value
class Taking:
    """A plan, the question that it answers, in which callers keep the access that they used, and that use."""

    question: PlanRequest
    plan: Plan
    used: tuple[Use, ...]


def known_members(question: PlanRequest) -> frozenset[str]:
    """Return the accounts that the list of members places in a trusted organization. CloudTrail does not say it."""
    members = question.trust.members
    trusted = question.trust.about(question.repository.name).circles(question.repository.organization)[0]
    if members is None or members.organization not in trusted.organizations:
        return frozenset()
    return frozenset(filter(members.is_in_use, members.paths))


def taking_unused(live: Live, question: PlanRequest, days: int) -> Taking:
    """Plan for a repository so that no access that was used in the last days is lost. Raises UndeterminedError."""
    calls: list[Call] = []
    read: set[str] = set()
    kept: dict[tuple[str, str], Use] = {}
    known = known_members(question)
    while True:
        plan, lost = question.plan(Strategy.NARROW), {}
        if plan.action is not Action.NONE:
            cuts = question.cuts(plan.policy)
            calls += _calls(live, [name for name in cuts.ask if name not in read], days)
            read.update(cuts.ask)
            taken = cuts.to_json()
            lost = {use: line for use in uses(calls) if (line := loss(use, taken, known))}
        if not lost:
            return Taking(question, plan, tuple(kept.values()))
        again = [line for use, line in lost.items() if use.caller == UNKNOWN or (use.caller, use.action) in kept]
        if again:
            raise UndeterminedError(f"whether it takes this cannot be determined: {again[0]}")
        kept |= {(use.caller, use.action): use for use in lost}
        question = _trusting(question, kept.values())


def _calls(live: Live, names: Sequence[str], days: int) -> Iterator[Call]:
    if names:
        try:
            yield from live.calls(names, days)
        except StepError as error:
            raise UndeterminedError(f"who uses `{live.name}` cannot be determined: {error}") from None


def _trusting(question: PlanRequest, used: Iterable[Use]) -> PlanRequest:
    """Return a question that trusts each caller with the access that it used, for this repository only."""
    most: dict[str, Access] = {}
    order = list(Access)
    for use in used:
        needed = access_of_names([use.action])[-1]
        most[use.caller] = max(needed, most.get(use.caller, needed), key=order.index)
    name = question.repository.name
    added = tuple(
        Entry(Subject.ACCOUNT if who.isdigit() else Subject.SERVICE, who, access, (name,))
        for who, access in most.items()
    )
    return replace(question, trust=replace(question.trust, entries=(*question.trust.entries, *added)))


_LONGEST_NAME = 150
"""The most characters of a repository's name in a file name. ECR allows 256, but a file name has at most 255 bytes."""


@by_value
class Backup:
    """The policy in a backup (`null` for none), and how the backup's repository differs from the expected one."""

    policy: str
    differences: tuple[str, ...]


def refuse_taken(path: str | None) -> None:
    """Raise InputError if a backup cannot have the wanted name. Called before the user is asked to confirm."""
    if path is None:
        return
    if os.path.lexists(path):
        raise _taken_error(path)
    verify((), path)


def _taken_error(path: str) -> InputError:
    return InputError(f"`{path}` exists: name another file for the backup")


def keep(path: str | None, text: str, facts: Mapping[str, str], moment: datetime) -> str:
    """Write a backup to a new file that only its owner can read, and return its name. Raises InputError.

    `path` is the name that the caller wants. If None, the name has Account, Region, Repository and the time.
    """
    for name in [path] if path is not None else (name_of(facts, moment, number) for number in count(1)):
        with suppress(ExistsError):
            create_whole(name, text, mode=PRIVATE)
            return name
    raise _taken_error(str(path))


def name_of(facts: Mapping[str, str], moment: datetime, number: int = 1) -> str:
    """Return the name of a backup. `number` distinguishes backups of the same moment.

    `+` replaces `/`, and `~` marks a shortened name. Neither character can be in the name of a repository.
    """
    repository = facts["Repository"]
    if len(repository) > _LONGEST_NAME:
        repository = f"{repository[:_LONGEST_NAME]}~{sha256(repository.encode()).hexdigest()[:12]}"
    parts = [repository.replace("/", "+"), facts["Account"], facts["Region"], f"{moment:%Y-%m-%d_%H.%M.%S.%f}"]
    return f"{'.'.join(parts)}{f'-{number}' if number > 1 else ''}.json"


def place_of(file: str) -> tuple[str, str]:
    """Return the repository and the Region of the backup in a file. Raises InputError."""
    value = _backup_in(file)[0]
    name, region = value.get("repository"), value.get("region")
    if not isinstance(name, str) or not isinstance(region, str):
        raise InputError(f"`{file}` does not name its repository: give REPOSITORY")
    return name, region


def read_backup(file: str, facts: Mapping[str, str]) -> Backup:
    """Return the backup in a file. `facts` are those of the repository that it should be of. Raises InputError."""
    value, text = _backup_in(file)
    try:
        policy = strict_value_of(text)
    except BadJsonError as error:
        raise InputError(f"the policy in `{file}` cannot be read: {error}") from None
    if policy is not None and not isinstance(policy, dict):
        kind = {list: "a list", str: "a text", bool: "true or false"}.get(type(policy), "a number")
        raise InputError(
            f"the policy in `{file}` is {kind}: expected an object, or `{NO_POLICY}` where the repository had none"
        )
    return Backup(text, tuple(differences(value, facts)))


def _backup_in(file: str) -> tuple[Mapping[str, object], str]:
    try:
        value = strict_value_of(text_named(file, LARGEST))
        text = policy_of(value, file)
    except UnreadableError as error:
        raise InputError(
            f"cannot read `{file}`: {error}" if error.is_sure else f"`{file}` is not a backup: {error}"
        ) from None
    except BadJsonError as error:
        raise InputError(f"`{file}` is not a backup: {error}") from None
    except StepError as error:
        raise InputError(str(error)) from None
    assert isinstance(value, dict)  # noqa: S101 - it has a policy
    return value, text
