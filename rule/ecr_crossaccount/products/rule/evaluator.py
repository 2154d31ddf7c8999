"""The entry point: answers an event of AWS Config with results or an exception.

Its boto3 clients are made once and reused by every invocation of the container.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import nullcontext
from datetime import datetime
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.credentials import (
    CredentialProvider,
    CredentialResolver,
    DeferredRefreshableCredentials,
    create_assume_role_refresher,
)
from botocore.exceptions import ClientError
from rdklib import ClientFactory, Evaluator

from ...documents.problems import quote
from ...sources.aws import answers, log, metrics, retries
from ...sources.aws.errors import EventError, code_of, is_expired
from ...sources.aws.events import (
    CHANGE,
    OVERSIZED,
    POSITION,
    REPOSITORY,
    ROLL_CALL,
    SCHEDULED,
    Json,
    account_of,
    invoking_event,
    is_applicable,
    object_of,
    owner_of,
    partition_of,
    rule_parameters,
    text_of,
)
from ...sources.aws.retries import Deadline
from ...sources.register.served import ServedAccounts, check_served
from .outcome import Delivery, EvaluationsRefusedError, Result, SweepUnfinishedError, is_recorded
from .parameters import Parameters, sends_findings, with_current_parameters, with_dictated_parameters
from .registry_judge import not_applicable
from .rule import CrossAccountRule, utc_now

if TYPE_CHECKING:
    from .continuation import Position
    from .outcome import Outcome
    from .security_hub import Hub
    from .sweep import Sweep

_ASIDE = frozenset({"securityhub"})
"""Services that are not needed to deliver results."""
_SESSION_NAME = "ecr-crossaccount"
# The longest session of a chained role, and the shortest limit that a role can have:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use.html. botocore renews it 15 minutes before the end.
_SESSION_SECONDS = 3600


class Clients(ClientFactory):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's factory for one role and Region. None means the function's own role or Region.

    It avoids these problems of rdklib: it makes a new client for every call, without time limits and with botocore's
    few retries. It assumes a role once, at a hard-coded `sts.REGION.amazonaws.com`, and its credentials end after 15
    minutes.

    `expired`: AWS has refused the credentials as expired. A new factory gets new ones.
    """

    def __init__(self, role_arn: str | None, region: str | None) -> None:
        super().__init__(role_arn, region, assume_role_mode=role_arn is not None)
        self._region = region or os.environ.get("AWS_REGION")
        self._session = boto3 if role_arn is None else _session_as(role_arn, self._region)
        self._client = cache(self._new)
        self.expired = False

    def build_client(self, service: str, region: str | None = None, assume_role_mode: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - rdklib's signature
        """Return the client of a service. `assume_role_mode=False` uses the function's own role."""
        return self._client(service, region or self._region, assume_role_mode)

    def _new(self, service: str, region: str | None, assume_role_mode: bool) -> Any:  # noqa: ANN401, FBT001 - as above
        client = _new_client(self._session if assume_role_mode else boto3, service, region)
        client.meta.events.register("after-call", self._notice)
        return client

    def _notice(self, parsed: Mapping[str, Any], **_: object) -> None:
        self.expired |= is_expired(str(parsed.get("Error", {}).get("Code")))


class _AssumedRole(CredentialProvider):
    """Credentials of a role, fetched when first needed and renewed before they end."""

    METHOD = "assume-role"

    def __init__(self, role_arn: str, region: str | None) -> None:
        super().__init__()
        self._request = {"RoleArn": role_arn, "RoleSessionName": _SESSION_NAME, "DurationSeconds": _SESSION_SECONDS}
        self._region = region

    def load(self) -> DeferredRefreshableCredentials:
        """Return the credentials that botocore signs with. It is called once for each session."""
        sts = _new_client(boto3, "sts", self._region)
        return DeferredRefreshableCredentials(create_assume_role_refresher(sts, self._request), self.METHOD)


def _new_client(session: Any, service: str, region: str | None) -> Any:  # noqa: ANN401 - boto3 or a session of it
    is_aside = service in _ASIDE
    settings = retries.SETTINGS_ASIDE if is_aside else retries.SETTINGS
    client = session.client(service, region_name=region, config=settings)
    client.meta.events.register("request-created", metrics.count_call)
    client.meta.events.register("before-parse", answers.check)
    client.meta.events.register_first("needs-retry", retries.give_up_in_time)
    if not is_aside:
        retries.Patience().attend(client)
    return client


def _session_as(role_arn: str, region: str | None) -> boto3.Session:
    session = botocore.session.get_session()
    session.register_component("credential_provider", CredentialResolver([_AssumedRole(role_arn, region)]))
    return boto3.Session(botocore_session=session)


_ENDED = "InvalidResultTokenException"
_NO_LONGER_TAKEN = (
    f"AWS Config no longer takes results of this run ({_ENDED}); all other results stay until the next run"
)
"""No page of AWS says how long a result token is valid. A later part may have an ended one."""
_FACTORIES_KEPT = 16
"""The number of roles whose clients a container keeps. A client takes about a megabyte."""


class CrossAccountEvaluator(Evaluator):  # type: ignore[misc]  # rdklib has no type information
    """rdklib's evaluator with its own `handle`.

    It avoids the worst problem of rdklib, which *returns* an error (access denied, throttling, bad parameters,
    ValueError) as the result. The function then succeeds, nothing is tried again, and compliance becomes stale. Here
    every error is raised.
    """

    def __init__(
        self,
        rule: CrossAccountRule,
        pause: Callable[[float], None] = time.sleep,
        members: ServedAccounts | None = None,
        now: Callable[[], datetime] = utc_now,
        clients: Callable[[str | None, str | None], Clients] = Clients,
    ) -> None:
        super().__init__(rule, [REPOSITORY])
        self._rule = rule
        self._pause = pause
        self._members = members
        self._now = now
        self._clients = lru_cache(maxsize=_FACTORIES_KEPT)(clients)

    def handle(self, event: Json, context: object = None) -> list[Result] | Mapping[str, int]:
        """Answer an event. Returns the results for a change, and the number of results by compliance for a schedule.

        The event is from Config, a part of a continued sweep, or the stack's own roll call. Raises
        InvalidParametersError, EventError, AccountNotServedError, InputError, SweepIncompleteError,
        SweepUnfinishedError, EvaluationsRefusedError, ClientError and BotoCoreError. AWS Lambda then reports the
        failure, and the event is tried again.
        """
        deadline = Deadline.from_context(context)
        with retries.limit_retries(deadline), log.bind_fields(requestId=getattr(context, "aws_request_id", None)):
            if event.get("messageType") == ROLL_CALL:
                from .roll_call import call_roll

                with log.failures():
                    return call_roll(event, context, self._members, self._now())
            with log.failures():
                event, position = _taken_up(event)
            account, rule = event.get("accountId"), event.get("configRuleName")
            # A run whose results are not recorded must not look like a sweep to an alarm.
            counted = metrics.collect_counts(account, rule) if is_recorded(event.get("resultToken")) else nullcontext()
            with log.bind_fields(rule=rule, account=account), log.failures(), counted:
                check_served(event, context, self._members)
                counting = with_dictated_parameters(event) if position is None else with_current_parameters(event)
                return self._answer(counting, position, deadline)

    def _answer(self, event: Json, position: Position | None, deadline: Deadline) -> list[Result] | Mapping[str, int]:
        invoking = invoking_event(event)
        parameters = self._rule.evaluate_parameters(rule_parameters(event))
        log.also(**parameters.provenance)
        clients = self._clients_for(event)
        message = invoking.get("messageType")
        if message == SCHEDULED:
            sweep = self._rule.evaluate_periodic(event, clients, parameters, deadline, position)
            return self._answer_schedule(event, invoking, clients, sweep, parameters)
        if message == CHANGE:
            return self._answer_change(event, object_of(invoking, "configurationItem"), clients, parameters)
        if message == OVERSIZED:
            from .recorder import inflate

            summary = object_of(invoking, "configurationItemSummary")
            owner_of(summary, event)  # before any call for it
            item = inflate(summary, clients.build_client("config")) if is_applicable(summary, event) else summary
            return self._answer_change(event, item, clients, parameters)
        raise EventError(
            f"{quote(message)} is not a message that a rule answers: expected {CHANGE}, {OVERSIZED} or {SCHEDULED}"
        )

    def _clients_for(self, event: Json) -> Clients:
        role = self._rule.get_execution_role_arn(event) if self._rule.get_assume_role_mode(event) else None
        if role is None and self._rule.get_assume_role_mode(event):
            raise EventError("there is no role to assume: the event has no `executionRoleArn`, the rule no role's name")
        region = self._rule.get_assume_role_region(event)
        if self._clients(role, region).expired:
            self._clients.cache_clear()
        return self._clients(role, region)

    def _answer_change(self, event: Json, item: Json, clients: Clients, parameters: Parameters) -> list[Result]:
        owner_of(item, event)
        if is_applicable(item, event):
            evaluations = self._rule.evaluate_change(event, clients, item, parameters)
        else:
            evaluations = [not_applicable(text_of(item, "resourceId"), text_of(item, "resourceType"))]
        hub, outcomes = (
            self._hub(event, clients),
            _add_times(evaluations, text_of(item, "configurationItemCaptureTime")),
        )
        results = list(_results(hub.send_findings(outcomes) if hub else outcomes))
        self._delivery(event, clients).send(results)
        if hub:
            hub.check()  # the event is tried again
        return results

    def _answer_schedule(
        self, event: Json, invoking: Json, clients: Clients, sweep: Sweep, parameters: Parameters
    ) -> Mapping[str, int]:
        scheduled = text_of(invoking, "notificationCreationTime")
        delivery, hub = self._delivery(event, clients), self._hub(event, clients)
        sweep.open_findings = hub.open_findings if hub else None
        outcomes = _add_times(sweep, scheduled)
        try:
            delivery.send(_results(hub.send_findings(outcomes) if hub else outcomes))
        except EvaluationsRefusedError as error:
            if sweep.rest() is None:
                raise
            sweep.postpone(error.resources)
        except ClientError as error:
            if code_of(error) != _ENDED or not sweep.is_continued:
                raise
            raise SweepUnfinishedError(sweep.left, _NO_LONGER_TAKEN) from error
        finally:
            log.info("sweep ended", delivered=delivery.delivered, **sweep.standing())
            if sweep.left is not None:
                metrics.count(metrics.Metric.LEFT, sweep.left)
        rest = sweep.rest()
        if rest is None:
            _note(event)
            if is_recorded(event.get("resultToken")):
                self._rule.swept(event, parameters)
            from . import inventory

            inventory.tell_exceptions(clients.build_client("config"), text_of(event, "configRuleName"))
        else:
            from .continuation import Continuation

            Continuation(event, rest).start(clients, sweep.left)
            log.warning("sweep continues in another invocation", next=rest.part, **sweep.standing())
        return dict(delivery.delivered)

    def _hub(self, event: Json, clients: Clients) -> Hub | None:
        """Return the sender of findings to Security Hub, or None if it is off or results are not recorded."""
        if not sends_findings() or not is_recorded(event.get("resultToken")):
            return None
        from .security_hub import SERVICE, Hub
        from .security_hub_finding import FindingSource

        client = clients.build_client(SERVICE)
        account, rule = account_of(event.get("accountId")), text_of(event, "configRuleName")
        place = FindingSource(partition_of(event), client.meta.region_name, account, rule)
        return Hub(client, place, self._pause, self._now)

    def _delivery(self, event: Json, clients: Clients) -> Delivery:
        return Delivery(clients.build_client("config"), text_of(event, "resultToken"), self._pause)


def _taken_up(event: Json) -> tuple[Json, Position | None]:
    """Return Config's event, and the position of its sweep if it is continued. Raises EventError."""
    if POSITION not in event:
        return event, None
    from .continuation import Continuation

    going_on = Continuation.parse(event)
    return going_on.event, going_on.position


def _note(event: Json) -> None:
    """Count a complete scheduled run, and record its account if many accounts are served."""
    metrics.count(metrics.Metric.SWEEPS)
    from .roll_call import Attendance

    attendance = Attendance.of_environment()
    if attendance is not None and is_recorded(event.get("resultToken")):
        attendance.note(account_of(event.get("accountId")), text_of(event, "configRuleName"))


def _add_times(outcomes: Iterable[Outcome], moment: str) -> Iterator[Outcome]:
    """Yield outcomes with the time that Config orders results by, which is `moment` by default."""
    for outcome in outcomes:
        outcome.orderingTimestamp = outcome.orderingTimestamp or moment
        yield outcome


def _results(outcomes: Iterable[Outcome]) -> Iterator[Result]:
    return (outcome.get_json() for outcome in outcomes)
