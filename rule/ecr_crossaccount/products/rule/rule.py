"""The rule in the form of RDK: parameters, a change and a schedule, answered with rdklib's Evaluations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from typing import TYPE_CHECKING

from rdklib import ClientFactory, ConfigRule

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
from ...sources.aws.owner import Registry, membership_of, policy_of
from ...sources.aws.retries import Deadline
from .outcome import Outcome
from .parameters import EXECUTION_ROLE_NAME, EXECUTION_ROLE_REGION, Parameters, assumes_role, text_in
from .registry_judge import RefusedError, RegistryJudge, not_applicable

if TYPE_CHECKING:
    from mypy_boto3_ecr import ECRClient

    from .continuation import Position
    from .registered import Registered
    from .sweep import Sweep


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


class CrossAccountRule(ConfigRule):  # type: ignore[misc]  # rdklib has no type information
    """Judges the policies of ECR repositories.

    A container keeps nothing that decides a result. AWS Config takes the later of two results, so one from what another
    container knows to be out of date would last until the next scheduled run.
    """

    # Avoids rdklib's clean-up. In quadratic time, it sets every earlier result that is not in the returned list to
    # NOT_APPLICABLE, even if the list is partial or empty. A sweep reads each of these repositories from ECR.
    delete_old_evaluations_on_scheduled_notification = False

    def __init__(self, now: Callable[[], datetime] = utc_now) -> None:
        super().__init__()
        self._now = now

    def evaluate_parameters(self, rule_parameters: Json) -> Parameters:
        """Read the rule's parameters, and what they name: a register, resource control policies, required statements.

        Raises InvalidParametersError, whose message lists every problem of the parameters. An unreadable file is not an
        error: the returned parameters say so.
        """
        parameters = Parameters.parse(rule_parameters, self._now().date())
        if parameters.register is not None:
            parameters = self._registered.apply(parameters, parameters.register)
        if parameters.controls is not None:
            parameters = self._registered.with_control_policies(parameters, parameters.controls)
        if parameters.requires is not None:
            parameters = self._registered.with_required(parameters, parameters.requires)
        return parameters

    @cached_property
    def _registered(self) -> Registered:
        from .registered import Registered

        return Registered(self._now)

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
            before = self._registered.parameters_before(valid_rule_parameters, account, rule)
            judge = judge if before is None else replace(judge, before=replace(judge, parameters=before))
            if start.part == 1:
                self._registered.tell_ending(valid_rule_parameters.trust)
        schedule = text_of(invoking_event(event), "notificationCreationTime")
        return Sweep(judge, inventory, rule, deadline or Deadline.from_context(None), start, schedule)

    def swept(self, event: Json, valid_rule_parameters: Parameters) -> None:
        """Remember the register of a complete scheduled run, so that the next one tells what a change of it turns."""
        if valid_rule_parameters.register is not None:
            account = account_of(event.get("accountId"))
            self._registered.swept(valid_rule_parameters, account, text_of(event, "configRuleName"))

    def get_execution_role_arn(self, event: Json) -> str | None:
        """Return the role that `ExecutionRoleName` names in the event's account, otherwise the role of Config.

        Avoids rdklib's KeyError for an event without `executionRoleArn`.
        """
        name = text_in(rule_parameters(event), EXECUTION_ROLE_NAME)
        if name:
            return f"arn:{partition_of(event)}:iam::{text_of(event, 'accountId')}:role/{name}"
        return text_of(event, "executionRoleArn") if event.get("executionRoleArn") else None

    def get_assume_role_region(self, event: Json) -> str | None:
        """Return the Region that `ExecutionRoleRegion` names, or None for the function's own."""
        return text_in(rule_parameters(event), EXECUTION_ROLE_REGION) or None

    def get_assume_role_mode(self, event: Json) -> bool:
        """Return whether to assume a role. By default only if one is named. Avoids the problems in `assumes_role`."""
        return assumes_role(rule_parameters(event))

    def _judge(
        self, registry: Registry, partition: str, clients: ClientFactory, parameters: Parameters
    ) -> RegistryJudge:
        # Once for each invocation.
        look_up = cache(lambda: membership_of(clients.build_client("organizations")))
        judge = RegistryJudge(registry, partition, parameters, look_up)
        if parameters.counts_registry_policy:
            judge = replace(judge, registry_policy=cache(partial(policy_of, registry)))
        return judge
