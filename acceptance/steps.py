"""The steps of a run, in their order. Each records the behavior of AWS beside the engine's answer."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError
from ecr_crossaccount.judgement.annotation import annotation, with_trust
from ecr_crossaccount.sources.register.lists import in_words

from . import account, previews, questions, recorded, stack
from .cases import Case, names, verdict
from .clock import wait_for
from .dry_runs import watch_dry_runs
from .errors import AWS_ERRORS, AcceptanceError, DeploymentError, TimedOutError, one_line
from .live import live_policy
from .opinions import compared
from .payload import look_at_payload
from .record import Agreement, Comparison, same
from .remedying import remediate
from .restoring import restore
from .sandbox import NAME
from .session import Session
from .subjects import ANALYZER, CONFIG, NOT_RESTORED, REMEDIATED, REMEDIATED_CONFIG, RESTORED
from .watching import watch_failures, watch_schedules, watch_started, watch_sweeps

_RESULT_SECONDS = 2700
_INVENTORY_SECONDS = 900
_PRINCIPAL_SECONDS = 120
_SOON = 10.0


@dataclass(frozen=True, slots=True)
class StepOf:
    """A step. If it is `vital`, no later step can run without it. `subjects` are the comparisons that it must make."""

    name: str
    act: Callable[[Session], None]
    vital: bool = False
    subjects: tuple[str, ...] = ()


def deploy(session: Session) -> None:
    """Create the bucket for the artefacts and deploy the stack."""
    sandbox, s3 = session.sandbox, session.clients.s3
    where: Any = {"Tags": [{"Key": NAME, "Value": "run"}]}
    if sandbox.region != "us-east-1":  # S3 does not accept this one as a location
        where["LocationConstraint"] = sandbox.region
    s3.create_bucket(Bucket=sandbox.artefacts, CreateBucketConfiguration=where)
    try:
        session.deployment.deploy(sandbox, sandbox.parameters)
    except DeploymentError as error:
        raise DeploymentError(stack.reasons(error, session.clients)) from error


def make_repositories(session: Session) -> None:
    """Create a repository for each case, with its policy."""
    clients = session.clients
    rule = clients.functions.get_function_configuration(FunctionName=stack.output(clients, "FunctionName"))
    filled = names(session.sandbox, account.recorder_role(clients), rule["Role"])
    # Policies for everyone come last, so that they are open for as short as possible.
    for case in sorted(session.cases, key=lambda one: '"Principal": "*"' in (one.policy or "")):
        name, policy = session.sandbox.repository(case.name), case.filled(filled)
        clients.ecr.create_repository(repositoryName=name, tags=[{"Key": NAME, "Value": "run"}])
        if policy is not None:
            _set_policy(session, name, policy)
        # In the form that ECR stored, because all others judge that one.
        session.record.policies[case.name] = live_policy(clients, name)


def _set_policy(session: Session, repository: str, policy: str) -> None:
    """Write a policy. Retries while ECR rejects it because of a role that it does not know yet. Raises ClientError."""
    ecr, refused = session.clients.ecr, list[ClientError]()

    def written() -> bool | None:
        try:
            return bool(ecr.set_repository_policy(repositoryName=repository, policyText=policy))
        except ecr.exceptions.InvalidParameterException as error:
            refused.append(error)
            return None

    try:
        wait_for(session.clock, f"the policy of `{repository}`", _PRINCIPAL_SECONDS, written, every=_SOON)
    except TimedOutError:
        raise refused[-1] from None


def wait_for_config(session: Session) -> None:
    """Wait until Config shows a result for every repository, and compare it with the engine's."""
    wanted = set(session.repositories)
    found: dict[str, recorded.Result] = {}

    def shown() -> bool | None:
        found.update(recorded.results(session.clients))
        return wanted <= set(found) or None

    try:
        wait_for(session.clock, "a result of AWS Config for every repository", _RESULT_SECONDS, shown)
    finally:
        for case in session.cases:
            result = found.get(session.sandbox.repository(case.name))
            if result is not None:
                session.record.settle(_beside_config(session, case, result))


def _beside_config(session: Session, case: Case, result: recorded.Result) -> Comparison:
    if case.readable:
        ours = verdict(
            session.sandbox, session.sandbox.repository(case.name), session.record.policies[case.name], session.trust
        )
        return same(
            case.name,
            CONFIG,
            _worded(ours.compliance.value, with_trust(annotation(ours), in_words(session.trust.entries, None))),
            _worded(result.compliance, result.annotation),
        )
    ours_text = f"{case.expect}: the reason is that the policy cannot be read"
    seen = _worded(result.compliance, result.annotation)
    agrees = result.compliance == case.expect and "refuses" in result.annotation
    return Comparison(case.name, CONFIG, ours_text, seen, Agreement.AGREES if agrees else Agreement.DIFFERS, "")


def _worded(compliance: str, said: str) -> str:
    return f"{compliance}: {said}" if said else compliance


def read_recorded(session: Session) -> None:
    """Answer what Config records of a policy that may not be read, and what its inventory has."""
    answers, clients = session.record.answers, session.clients
    hidden = [session.sandbox.repository(case.name) for case in session.cases if not case.readable]
    # Each result has an item already, but the inventory may be delayed.
    answers[questions.ITEM.key] = questions.of_item(recorded.item(clients, hidden[0]) if hidden else None)
    readable = {
        session.sandbox.repository(case.name): session.record.policies[case.name]
        for case in session.cases
        if case.readable
    }
    seen: list[recorded.Selected] = []

    def all_there() -> bool | None:
        seen.append(recorded.selected(clients))
        return set(readable) <= {row.get("resourceId") for row in seen[-1].rows} or None

    with suppress(TimedOutError):  # the answer is about the rows that are there
        wait_for(session.clock, "a row for every repository", _INVENTORY_SECONDS, all_there)
    answers[questions.COLUMNS.key] = questions.of_columns(seen[-1], readable)


def ask_analyzer(session: Session) -> None:
    """Compare the engine's verdicts with access previews of the same policies."""
    arn = previews.analyzer(session.clients, session.clock)
    services: dict[str, list[str]] = {}
    asked = [
        (session.sandbox.arn(session.sandbox.repository(case.name)), session.record.policies[case.name] or "")
        for case in session.cases
    ]
    for case, answer in zip(session.cases, previews.at_once(session.clients, session.clock, arn, asked), strict=True):
        policy, repository = session.record.policies[case.name], session.sandbox.repository(case.name)
        try:
            found = answer.result()
        except (*AWS_ERRORS, AcceptanceError) as error:
            session.record.settle(Comparison(case.name, ANALYZER, why=one_line(error)))
            continue
        session.record.settle(compared(case.name, session.sandbox, repository, policy, found))
        if '"Service"' in (policy or ""):
            services[case.name] = [name for one in found for name in one.services]
    session.record.answers[questions.SERVICES.key] = questions.of_services(services)


STEPS = (
    StepOf("deploy the stack", deploy, vital=True),
    StepOf("make the repositories", make_repositories, vital=True),
    StepOf("wait for AWS Config", wait_for_config, subjects=(CONFIG,)),
    StepOf("read what AWS Config recorded", read_recorded),
    StepOf("ask IAM Access Analyzer", ask_analyzer, subjects=(ANALYZER,)),
    StepOf("watch a scheduled run that continues", watch_sweeps),
    StepOf("watch the schedules", watch_schedules),
    StepOf("look at a function's answer in an automation", look_at_payload),
    StepOf("watch automatic dry runs", watch_dry_runs),
    StepOf("remediate", remediate, subjects=(REMEDIATED, REMEDIATED_CONFIG)),
    StepOf("restore", restore, subjects=(NOT_RESTORED, RESTORED)),
    StepOf("watch a remediation that an event starts", watch_started),
    StepOf("watch the queue of failures", watch_failures),
)
