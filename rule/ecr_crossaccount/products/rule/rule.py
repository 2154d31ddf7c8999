"""The rule in the form of RDK: parameters, a change and a schedule, answered with rdklib's Evaluations.

A run reads what the rule names: the trust register, resource control policies, and required statements. Problems with
them are logged and counted. Resource control policies count only while they can be read. No earlier version counts
after that, because a detached policy must not keep a repository compliant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING, Any

from rdklib import ClientFactory, ConfigRule

from ...documents.problems import first_of
from ...judgement.control import control_statements
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...sources.aws import log, metrics
from ...sources.aws.clients import client_of
from ...sources.aws.ecr import Registry, policy_of
from ...sources.aws.errors import RepositoryGoneError
from ...sources.aws.events import (
    Json,
    RepositoryItem,
    account_of,
    invoking_event,
    partition_of,
    rule_parameters,
    text_of,
)
from ...sources.aws.organizations import membership_of
from ...sources.aws.retries import Deadline
from ...sources.register.content import Location, RegisterError
from ...sources.register.lists import together
from ...sources.register.memory import Known, Memory, changes, store_in_environment, trust_of
from ...sources.register.reader import Reader, RegisterReader, required_reader
from ...sources.register.stores import EACH_TIME, Held, UncertainError, Wording
from .outcome import Outcome
from .parameters import Parameters, assumes_role, execution_role_name, execution_role_region
from .registry_judge import RefusedError, RegistryJudge, not_applicable

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

    from .continuation import Position
    from .sweep import Sweep


_SOON = 30
"""The days before its last day in which an approval is logged."""
_WEEK = 7
"""The days before its last day in which an approval is counted, for an alarm."""
_NOTED = 100
"""The most entries that a line of the log names."""


class Registers:
    """The registers of the rules that a container serves. `now` returns the time in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._store = store_in_environment(client)
        self._reader = RegisterReader(client, now, EACH_TIME, Memory.kept_in(self._store))

    def apply(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the register's trust added. It counts only while the register is usable."""
        held = self._reader.current(location, timedelta(hours=parameters.keep_hours), parameters.members)
        if not held.is_current:
            metrics.count(metrics.Metric.REGISTER)
            log.warning(str(held.lacks or held.stale), register=str(location), reason=held.detail)
        memory = self._reader.memories.get(location)
        changed = memory and memory.take_change()
        if changed:
            self._tell_change(*changed, held)
        return replace(_trusting(parameters, held), held=held)

    def _tell_change(self, before: Trust | None, after: Trust, held: Held[Trust]) -> None:
        """Log which approvals a changed register adds and takes away, and count the change, for an alarm."""
        memory = self._reader.memories.get(held.location)
        metrics.count(metrics.Metric.CHANGED)
        opens, closes = changes(before, after, self._now())
        log.warning(
            "the trust register has changed",
            **held.provenance,
            published=None if after.published is None else after.published.isoformat(),
            adds=len(opens),
            takesAway=len(closes),
            added=[_log_fields(entry) for entry in opens[:_NOTED]],
            takenAway=[_log_fields(close) for close in closes[:_NOTED]],
            earlierIsKnown=before is not None,
            remediationWaits=memory and memory.waits(self._now()),
        )

    def parameters_before(self, parameters: Parameters, account: str, rule: str) -> Parameters | None:
        """Return the parameters with the register of the last complete scheduled run, or None if it is the same.

        None also if that run is not known. `parameters` are those from `applied`.
        """
        held, known = parameters.held, self._swept(account, rule)
        if held is None or not held.is_current or known is None or known.digest == held.digest:
            return None
        trust = trust_of(known.register)
        if trust is None:
            return None
        earlier = replace(held, value=replace(trust, today=held.value.today, members=held.value.members))
        if trust.asks_for_members and earlier.value.members is None and parameters.members is not None:
            earlier = self._reader.with_members(earlier, parameters.members)
        return _trusting(parameters, earlier)

    def _swept(self, account: str, rule: str) -> Known | None:
        try:
            return None if self._store is None else self._store.get(_key(account, rule))
        except UncertainError as error:
            log.warning("what a changed register turns cannot be counted", reason=str(error))
            return None

    def swept(self, parameters: Parameters, account: str, rule: str) -> None:
        """Remember the register of a complete scheduled run."""
        held, before = parameters.held, self._swept(account, rule)
        memory = self._reader.memories.get(held.location) if held and held.is_current else None
        known = None if memory is None else memory.known
        if self._store is None or known is None or (before is not None and before.digest == known.digest):
            return
        try:
            self._store.put(_key(account, rule), replace(known, base=None), before)
        except UncertainError as error:
            log.warning("the register of a scheduled run cannot be remembered", reason=str(error))

    def tell_ending(self, trust: Trust) -> None:
        """Log the approvals that end soon, the earliest first, if there are any. Count those that end within a week."""
        metrics.count(metrics.Metric.ENDING, len(trust.expiring(_WEEK)))
        ending = sorted(trust.expiring(_SOON), key=lambda entry: str(entry.expires))
        if ending:
            told = [_log_fields(one) for one in ending[:_NOTED]]
            log.info(f"approvals end within {_SOON} days", number=len(ending), ending=told)


def _trusting(parameters: Parameters, held: Held[Trust]) -> Parameters:
    """Return the parameters with a register's trust beside that of the lists."""
    own = parameters.trust.entries if parameters.held is None else parameters.lists
    trust = together(own, held.value, parameters.trust.today)
    return replace(
        parameters,
        lists=own,
        trust=trust,
        trusts_self=trust.names_self,
        problem=held.lacks,
        provenance=held.provenance,
    )


def _key(account: str, rule: str) -> str:
    return f"SWEPT {account} {rule}"


def _log_fields(entry: Entry) -> Mapping[str, object]:
    return {
        "subject": entry.subject.value,
        "name": entry.name,
        "access": entry.access.value,
        "repositories": entry.repositories,
        "owner": entry.owner,
        "expires": str(entry.expires),
    }


def client(service: str) -> Any:  # noqa: ANN401 - see `client_of`
    """Return the client of a service that stores registers. Its calls are counted."""
    found = client_of(service)
    found.meta.events.register("request-created", metrics.count_call, unique_id="ecr-crossaccount-count")
    return found


_NOT_KEPT = timedelta()
_NAMED = 3
"""The most problems that the log names."""


def texts_of(value: object) -> tuple[str, ...]:
    """Return the policies in a JSON value, which is one or an array. Raises RegisterError for an invalid policy."""
    found = value if isinstance(value, list) else [value]
    texts = tuple(json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in found)
    if not texts:
        raise RegisterError("it holds no resource control policy")
    _, invalid = control_statements(texts)
    if invalid:
        faults = first_of([f"{one.at}: {one.reason}" for one in invalid], _NAMED)
        raise RegisterError(f"it is not valid: {faults}", "it is not valid")
    return texts


_CONTROL_POLICIES = Wording("resourceControlPolicies", "{}")


class Besides:
    """What a rule names beside a register, by location. Keep it for the life of a container. `now` returns UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._control_policies: Reader[tuple[str, ...]] = Reader(client, now, texts_of, _CONTROL_POLICIES, ())
        self._required = required_reader(client, now)

    def with_control_policies(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the policies at a location. Never raises because of unreadable policies."""
        held = self._control_policies.current(location, _NOT_KEPT)
        if held.problem:
            metrics.count(metrics.Metric.REGISTER)
            log.warning("resource control policies cannot be used", place=str(location), reason=held.detail)
        provenance = {**parameters.provenance, **held.provenance}
        return replace(parameters, control_policies=held, provenance=provenance)

    def with_required(self, parameters: Parameters, location: Location) -> Parameters:
        """Return the parameters with the statements at a location. Never raises because of unreadable statements."""
        held = self._required.current(location, timedelta(hours=parameters.keep_hours))
        if held.problem or held.stale:
            metrics.count(metrics.Metric.REGISTER)
            log.warning(str(held.problem or held.stale), place=str(location), reason=held.detail)
        provenance = {**parameters.provenance, **held.provenance}
        return replace(parameters, required=held, provenance=provenance)


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def _today() -> date:
    return utc_now().date()


class CrossAccountRule(ConfigRule):  # type: ignore[misc]  # rdklib has no type information
    """Judges the policies of ECR repositories.

    A container keeps nothing that decides a result. AWS Config takes the later of two results, so one from what another
    container knows to be out of date would last until the next scheduled run.
    """

    # Avoids rdklib's clean-up. In quadratic time, it sets every earlier result that is not in the returned list to
    # NOT_APPLICABLE, even if the list is partial or empty. A sweep reads each of these repositories from ECR.
    delete_old_evaluations_on_scheduled_notification = False

    def __init__(self, today: Callable[[], date] = _today, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._today = today
        self._now = now

    def evaluate_parameters(self, rule_parameters: Json) -> Parameters:
        """Read the rule's parameters, and what they name: a register, resource control policies, required statements.

        Raises InvalidParametersError, whose message lists every problem of the parameters. An unreadable file is not an
        error: the returned parameters say so.
        """
        parameters = Parameters.parse(rule_parameters, self._today())
        if parameters.register is not None:
            parameters = self._registers.apply(parameters, parameters.register)
        if parameters.controls is not None:
            parameters = self._besides.with_control_policies(parameters, parameters.controls)
        if parameters.requires is not None:
            parameters = self._besides.with_required(parameters, parameters.requires)
        return parameters

    @cached_property
    def _registers(self) -> Registers:
        return Registers(self._now)

    @cached_property
    def _besides(self) -> Besides:
        return Besides(self._now)

    def evaluate_change(
        self, event: Json, client_factory: ClientFactory, configuration_item: Json, valid_rule_parameters: Parameters
    ) -> list[Outcome]:
        """Judge the repository of a configuration item, which is in scope and not deleted.

        If the item does not show the policy, or shows a blank, it is read from ECR. Raises ClientError, BotoCoreError,
        EventError.
        """
        item = RepositoryItem.parse(configuration_item, event)
        ecr: ECRClient = client_factory.build_client("ecr")
        registry = Registry(ecr, item.account, item.region or ecr.meta.region_name)
        judge = self._judge(registry, item.partition, client_factory, valid_rule_parameters)
        try:
            policy = judge.policy(item.name) if item.policy is None else item.policy
            return [judge.judge_repository(item.name, policy, item.tags)]
        except RepositoryGoneError:
            return [not_applicable(item.name)]
        except RefusedError as refused:
            refusal = refused.refusal
            if refusal.is_by_its_own_policy or judge.answers(refusal.operation, registry.others(item.name)):
                return [judge.judge_refusal(item.name, refusal, refused.verdict).log_verdict()]
            raise refused.error from None

    def evaluate_periodic(
        self,
        event: Json,
        client_factory: ClientFactory,
        valid_rule_parameters: Parameters,
        deadline: Deadline | None = None,
        start: Position | None = None,
    ) -> Sweep:
        """Judge every repository of the account and Region, and every other one that Config or Security Hub shows.

        The sweep yields the results one by one, to keep memory constant, and only those that change something.
        """
        from .continuation import Position
        from .inventory import Inventory
        from .sweep import Sweep

        ecr: ECRClient = client_factory.build_client("ecr")
        account, region = account_of(event.get("accountId")), ecr.meta.region_name
        registry = Registry(ecr, account, region)
        judge = self._judge(registry, partition_of(event), client_factory, valid_rule_parameters)
        inventory = Inventory(client_factory.build_client("config"), account, region)
        rule = text_of(event, "configRuleName")
        start = start or Position()
        if valid_rule_parameters.register is not None:
            before = self._registers.parameters_before(valid_rule_parameters, account, rule)
            judge = judge if before is None else replace(judge, before=replace(judge, parameters=before))
            if start.part == 1:
                self._registers.tell_ending(valid_rule_parameters.trust)
        schedule = text_of(invoking_event(event), "notificationCreationTime")
        return Sweep(judge, inventory, rule, deadline or Deadline.from_context(None), start, schedule)

    def swept(self, event: Json, valid_rule_parameters: Parameters) -> None:
        """Remember the register of a complete scheduled run, so that the next one tells what a change of it turns."""
        if valid_rule_parameters.register is not None:
            account = account_of(event.get("accountId"))
            self._registers.swept(valid_rule_parameters, account, text_of(event, "configRuleName"))

    def get_execution_role_arn(self, event: Json) -> str | None:
        """Return the role that `ExecutionRoleName` names in the event's account, otherwise the role of Config.

        Avoids rdklib's KeyError for an event without `executionRoleArn`.
        """
        name = execution_role_name(rule_parameters(event))
        if name:
            return f"arn:{partition_of(event)}:iam::{text_of(event, 'accountId')}:role/{name}"
        return text_of(event, "executionRoleArn") if event.get("executionRoleArn") else None

    def get_assume_role_region(self, event: Json) -> str | None:
        """Return the Region that `ExecutionRoleRegion` names, or None for the function's own."""
        return execution_role_region(rule_parameters(event))

    def get_assume_role_mode(self, event: Json) -> bool:
        """Return whether to assume a role. By default only if one is named. Avoids the problems in `assumes_role`."""
        return assumes_role(rule_parameters(event))

    def _judge(
        self, registry: Registry, partition: str, clients: ClientFactory, parameters: Parameters
    ) -> RegistryJudge:
        # Once for each invocation.
        look_up = cache(partial(membership_of, clients))
        judge = RegistryJudge(registry, partition, parameters, look_up)
        if parameters.counts_registry_policy:
            judge = replace(judge, registry_policy=cache(partial(policy_of, registry)))
        return judge
