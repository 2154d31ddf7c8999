"""A result on its way to AWS Config: the verdict under resource control policies, and missing statements.

Resource control policies of the organization only deny, so a repository without findings is not checked. Only what is
known closes access. If the policies cannot be read, or may not apply to the account, the verdict without them counts,
and the result says why. Without the required statements, a repository is always NON_COMPLIANT.

A result with a token of AWS Config is sent to it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar, cast

from rdklib import Evaluation

from ...documents.problems import first_of
from ...errors import AwsError
from ...judgement.judge import Repository
from ...judgement.values.verdict import Compliance, Severity, Undecided, Verdict
from ...memo import by_value
from ...sources.aws import log, retries
from ...sources.aws.errors import MalformedAnswerError
from ...sources.aws.events import REPOSITORY, moment_of
from ...sources.aws.owner import Membership

if TYPE_CHECKING:
    from mypy_boto3_config import ConfigServiceClient
    from mypy_boto3_config.type_defs import EvaluationTypeDef

    from ...questions.plan.required import Required
    from ...sources.register.stores import Held  # imported where they are named

T = TypeVar("T")

_LEFT_OUT = "resource control policies are left out"
_CLOSED = "resource control policies close it"
_UNDECIDED = "whether resource control policies close it is undecided"
_OPEN = "resource control policies leave it open"


@by_value
class Beneath:
    """The verdict that counts, and briefly what resource control policies change.

    `said` is None if they were not considered. `told` are the log fields about it.
    """

    counting: Verdict
    said: str | None = None
    told: Mapping[str, object] | None = None


def leave_policies_out(
    verdict: Verdict, policies: Held[tuple[str, ...]], account: str, membership: Membership
) -> Beneath | None:
    """Return the unchanged verdict on a repository if the policies cannot be used for its account, otherwise None."""
    problem = policies.problem or _not_for(account, membership)
    if problem is None:
        return None
    said = f"{_LEFT_OUT} ({problem})"
    return Beneath(_add_note(verdict, said), said, {"counted": False, "leftOut": problem})


def beneath(verdict: Verdict, left: Verdict, *, counts: bool) -> Beneath:
    """Return a verdict with findings, and what is `left` of it under resource control policies."""
    said = _said_of(left)
    told = {"counted": counts, "withThem": left.compliance.value, "withoutThem": verdict.compliance.value}
    return Beneath(_add_note(left if counts else verdict, said), said, told)


def _not_for(account: str, membership: Membership) -> str | None:
    """Return why resource control policies may not apply to an account, or None if they do.

    https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_rcps.html
    """
    if membership.refused is not None:
        return membership.refused
    if membership.organization is None:
        return "the account is in no organization"
    if membership.management is None:
        return "which account manages the organization is not known"
    return "they do not apply to the management account" if membership.management == account else None


def _said_of(left: Verdict) -> str:
    if left.compliance is Compliance.COMPLIANT:
        return _CLOSED
    return _OPEN if left.grants or left.invalid else _UNDECIDED


def _add_note(verdict: Verdict, note: str) -> Verdict:
    return replace(verdict, notes=(*verdict.notes, note))


SEVERITY = Severity.LOW
"""The severity of a missing statement. By itself, it gives no one access."""
_NAMED = 2
"""The most statements that an annotation names."""
_LONGEST_NAME = 40


@by_value
class Lacks:
    """The Sids of the missing statements. `unknown` is why this cannot be determined, or None if it can."""

    sids: tuple[str, ...] = ()
    unknown: str | None = None

    @property
    def said(self) -> str:
        """The missing statements, in few words, or "" if there are none."""
        if not self.sids:
            return ""
        named = first_of([f"`{_short(sid)}`" for sid in self.sids], _NAMED)
        is_one = len(self.sids) == 1
        return f"required statement{' ' if is_one else 's '}{named} {'is' if is_one else 'are'} missing or different"

    def add_doubt(self, verdict: Verdict) -> Verdict:
        """Return the verdict. It is also undecided if the missing statements cannot be determined."""
        if self.unknown is None:
            return verdict
        return replace(verdict, undecided=(*verdict.undecided, Undecided(None, self.unknown)))

    def compliance(self, verdict: Verdict) -> Compliance:
        """Return the compliance of the result."""
        return Compliance.NON_COMPLIANT if self.sids else verdict.compliance

    def severity(self, verdict: Verdict) -> Severity | None:
        """Return the highest severity, or None if there is no finding."""
        found = verdict.severity
        return SEVERITY if found is None and self.sids else found

    @property
    def told(self) -> Mapping[str, object]:
        """The log fields about it."""
        return {"missing": list(self.sids), "unknown": self.unknown}


NOTHING = Lacks()


def lacks_of(held: Held[Required | None], policy: object, repository: Repository, verdict: Verdict) -> Lacks:
    """Return the required statements that a policy does not have. An invalid policy is not compliant anyway."""
    if verdict.invalid:
        return NOTHING
    if held.value is None:
        return Lacks(unknown=f"whether the policy has the required statements: {held.problem}")
    # If no statements are required, these modules are not imported.
    from ...questions.plan.outcome import CannotSayError
    from ...questions.plan.required import missing_in

    try:
        return Lacks(tuple(one.sid for one in missing_in(policy, held.value, repository)))
    except CannotSayError as error:
        return Lacks(unknown=f"whether the policy has the required statements: {error}")


def _short(sid: str) -> str:
    return sid if len(sid) <= _LONGEST_NAME else f"{sid[: _LONGEST_NAME - 1]}…"


@by_value
class Grounds:
    """The basis of a result: a verdict, and the policy if it is known.

    `lacks` says which required statements are missing, or is "" if none are.
    """

    verdict: Verdict
    policy: object = None
    lacks: str = ""


class Outcome(Evaluation):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's Evaluation and its grounds, which are None for an unjudged resource.

    `is_news`: whether Security Hub must be told. This is true unless a scheduled run has seen that it has been.
    """

    def __init__(
        self, compliance: str, name: str, said: str = "", kind: str = REPOSITORY, grounds: Grounds | None = None
    ) -> None:
        super().__init__(compliance, name, kind, said)
        self.grounds = grounds
        self.is_news = True


Result = Mapping[str, str]
"""The output of `rdklib.Evaluation.get_json`: an Evaluation of PutEvaluations, with its time as text."""

RESULTS_A_CALL = 100
"""https://docs.aws.amazon.com/config/latest/APIReference/API_PutEvaluations.html"""

_PAUSES = (0.2, 0.8, 3.2)
"""The longest pauses, in seconds, before results that Config refused are sent again."""

_TEST_TOKEN = "TESTMODE"  # noqa: S105 - RDK's token for results that are not recorded


def is_recorded(token: object) -> bool:
    """Return whether Config records results with this token. With RDK's own token, it only validates them."""
    return token != _TEST_TOKEN


def batches(items: Iterable[T], size: int) -> Iterator[Sequence[T]]:
    """Yield `size` items at a time, and the rest. If the iterable fails, the items before its error come first."""
    batch: list[T] = []
    try:
        for item in items:
            batch.append(item)
            if len(batch) == size:
                full, batch = batch, []
                yield full
    except Exception:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


class Delivery:
    """Sends the results of one invocation.

    It avoids two problems of rdklib: rdklib ignores `FailedEvaluations`, the results that Config did not record, and it
    loses what was judged before a failure.
    """

    def __init__(self, config: ConfigServiceClient, token: str, pause: Callable[[float], None]) -> None:
        self._config = config
        self._token = token
        self._pause = pause
        self._refused: list[str] = []
        self.delivered: Counter[str] = Counter()

    def send(self, results: Iterable[Result]) -> None:
        """Send all results, or those before the failure if the iterable fails.

        Raises EvaluationsRefusedError, ClientError.

        Sends a request even without results, so that Config counts the invocation as answered.
        """
        is_answered = False
        for batch in batches(results, RESULTS_A_CALL):
            self._deliver(batch)
            is_answered = True
        if not is_answered:
            self._deliver(())
        if self._refused:
            raise EvaluationsRefusedError(self._refused)

    def _deliver(self, batch: Sequence[Result]) -> None:
        refused = self._put(batch)
        for pause in _PAUSES:
            if not (refused and retries.in_time()):
                break
            self._pause(pause * random.uniform(0.5, 1))  # noqa: S311 - spreads retries, hides nothing
            refused = self._put(refused)
        names = {result["ComplianceResourceId"] for result in refused}
        self.delivered.update(r["ComplianceType"] for r in batch if r["ComplianceResourceId"] not in names)
        self._refused += sorted(names)
        for name in sorted(names):
            log.error("result refused by AWS Config", resourceId=name)

    def _put(self, batch: Sequence[Result]) -> Sequence[Result]:
        """Send results, and return those that Config did not record."""
        answer = self._config.put_evaluations(
            # botocore also reads a time as text, but that takes longer than all the rest.
            Evaluations=[
                cast("EvaluationTypeDef", {**result, "OrderingTimestamp": moment_of(result["OrderingTimestamp"])})
                for result in batch
            ],
            ResultToken=self._token,
            TestMode=not is_recorded(self._token),
        )
        refused = {failed["ComplianceResourceId"] for failed in answer.get("FailedEvaluations", ())}
        unknown = refused - {result["ComplianceResourceId"] for result in batch}
        if unknown:
            raise MalformedAnswerError(
                "config", "PutEvaluations", f"it refuses results that were not sent: {sorted(unknown)}"
            )
        return [result for result in batch if result["ComplianceResourceId"] in refused]


_MOST_NAMED = 20
"""The most resources that an error message names. The log has them all."""


class SweepIncompleteError(AwsError):
    """Some policies could not be read. These repositories keep their earlier result, and all others were reported.

    `refused`: why, if ECR refuses the role for every repository.
    """

    def __init__(self, repositories: Sequence[str], refused: str = "") -> None:
        why = refused and f"; {refused}, for other repositories too: allow it in the role's policies"
        super().__init__(
            f"{_count(repositories, 'repository', 'repositories')} could not be read: {_few(repositories)}{why}"
        )
        self.repositories = tuple(repositories)


class SweepUnfinishedError(AwsError):
    """A sweep ran out of time and cannot continue. What was judged is reported. The rest keeps its earlier result."""

    def __init__(self, left: int | None, reason: str) -> None:
        super().__init__(f"the sweep stops, repositories left: {'all' if left is None else left}; {reason}")
        self.left = left


class EvaluationsRefusedError(AwsError):
    """AWS Config did not record some results, although they were sent several times."""

    def __init__(self, resources: Sequence[str]) -> None:
        super().__init__(f"AWS Config refused {_count(resources, 'evaluation', 'evaluations')}: {_few(resources)}")
        self.resources = tuple(resources)


class SecurityHubError(AwsError):
    """Security Hub did not accept some findings, although their results went to AWS Config."""

    def __init__(self, repositories: Sequence[str], reason: str) -> None:
        super().__init__(
            f"Security Hub did not take {_count(repositories, 'finding', 'findings')}: {_few(repositories)}; {reason}"
        )
        self.repositories = tuple(repositories)


def _count(names: Sequence[str], one: str, many: str) -> str:
    return f"{len(names)} {one if len(names) == 1 else many}"


def _few(names: Sequence[str]) -> str:
    return first_of([f"`{name}`" for name in names], _MOST_NAMED)
