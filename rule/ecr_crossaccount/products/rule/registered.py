"""What a rule names and a run reads: the trust register, resource control policies, and required statements.

Problems with them are logged and counted. Resource control policies count only while they can be read. No earlier
version counts after that, because a detached policy must not keep a repository compliant.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ...documents.problems import first_of
from ...judgement.control import control_statements
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import Entry
from ...sources.aws import log, metrics
from ...sources.aws.clients import client_of
from ...sources.register.content import Location, RegisterError
from ...sources.register.lists import together
from ...sources.register.memory import Known, Memory, changes, store_in_environment, trust_of
from ...sources.register.reader import Reader, RegisterReader, required_reader
from ...sources.register.stores import EACH_TIME, Held, UncertainError, Wording
from .parameters import Parameters

_SOON = 30
"""The days before its last day in which an approval is logged."""
_WEEK = 7
"""The days before its last day in which an approval is counted, for an alarm."""
_NOTED = 100
"""The most entries that a line of the log names."""

_NOT_KEPT = timedelta()
_NAMED = 3
"""The most problems that the log names."""
_CONTROL_POLICIES = Wording("resourceControlPolicies", "{}")


class Registered:
    """What the rules of a container name, by location. Keep it for its life. `now` returns the time in UTC."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._store = store_in_environment(client)
        self._reader = RegisterReader(client, now, EACH_TIME, Memory.kept_in(self._store))
        self._control_policies: Reader[tuple[str, ...]] = Reader(client, now, texts_of, _CONTROL_POLICIES, ())
        self._required = required_reader(client, now)

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


def _trusting(parameters: Parameters, held: Held[Trust]) -> Parameters:
    """Return the parameters with a register's trust beside that of the lists."""
    own = parameters.trust.entries if parameters.held is None else parameters.lists
    trust = together(own, held.value, parameters.trust.today)
    return replace(
        parameters, lists=own, trust=trust, trusts_self=trust.names_self, problem=held.lacks, provenance=held.provenance
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
