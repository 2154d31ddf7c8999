"""`ecr-crossaccount trust publish`: writes the register to where the rule reads it, unless it has changed meanwhile."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from ...documents.problems import first_of
from ...errors import InputError, TrustError
from ...judgement.values.trust import Trust
from ...judgement.values.trust_entries import PUBLISHED, Entry
from ...memo import by_value
from ...sources.register.content import Fetched, Location, RegisterError, Store, content_of
from ...sources.register.memory import AHEAD
from ...sources.register.publishing import ConflictError, clear, publish, seen_at
from ...sources.register.stores import DamagedError
from .base import clock
from .base.program import ExitStatus, complain, confirm, visible
from .register import RegisterFile, register_in, whom, with_members

if TYPE_CHECKING:
    from ...sources.register.stores import Clients
    from ..audit.report import AccessChange, AuditReport, Changes

_NAMED = 3
"""The most faults that a message names."""


@by_value
class _Published:
    """The register that is published now, and what it says besides its time.

    If it cannot be read, `problem` says why and the trust is empty.
    """

    fetched: Fetched | None
    trust: Trust
    says: Mapping[str, object] | None = None
    problem: str | None = None


def run(arguments: argparse.Namespace) -> ExitStatus:
    """Show the changes, ask, and publish. Raises InputError."""
    try:
        location = Location.parse(arguments.location)
        register = register_in(arguments.file)
        assert register is not None  # noqa: S101 - a file was named
        clients = _clients(arguments)
        before = _read_publication(location, clients, clock.today())
        data = as_json(register, clock.today(), before.trust.published)
        if before.says == _remove_stamp(content_of(Fetched(data)).value):
            print(f"{location}: the same register is there already, version {before_version(before)}")
            return ExitStatus.COMPLIANT
        for line in _lines(location, before, register, arguments):
            print(visible(line))
        if arguments.dry_run or not confirm(arguments, f"publish to {location}?"):
            return ExitStatus.COMPLIANT
        version = publish(location, data, before.fetched, clients)
    except ConflictError as error:
        raise InputError(f"{error}; look at what is there now, and publish again") from None
    print(visible(f"{location}: published as version {version}, SHA-256 {content_of(Fetched(data)).digest}"))
    print(_next(location, version))
    _clear(location, clients)
    return ExitStatus.COMPLIANT


def _clear(location: Location, clients: Clients) -> None:
    """Delete the parts of earlier registers. A failure is only a note, because the new register is published."""
    try:
        deleted = clear(location, clients)
    except RegisterError as error:
        complain(f"note: {error}")
    else:
        if deleted:
            print(f"{deleted} parts of earlier registers were deleted")


def as_json(register: RegisterFile, day: date, before: datetime | None = None) -> bytes:
    """Return the register as published: JSON with the same meaning and the time, which is later than `before`.

    A time in the future does not count, because no reader takes it. Raises InputError if the meaning would change.
    """
    moment = clock.now()
    if before is not None and before - moment <= AHEAD:
        moment = max(moment, before + timedelta(seconds=1))
    stamp = {PUBLISHED: f"{moment:%Y-%m-%dT%H:%M:%SZ}"}
    value = {"version": 1, **stamp, **_remove_stamp(register.value)}
    data = json.dumps(value, indent=1, default=str).encode()
    if Trust.parse(content_of(Fetched(data)).value, today=day).entries != register.trust.entries:
        raise InputError(f"`{register.path}` cannot be written as JSON without changing what it says")
    return data


def _remove_stamp(value: object) -> dict[str, object]:
    assert isinstance(value, Mapping)  # noqa: S101 - it was parsed as a register
    return {name: one for name, one in value.items() if name != PUBLISHED}


def before_version(before: _Published) -> str:
    """Return the version that is published, as its store calls it."""
    return str(before.fetched.version if before.fetched else None)


def _read_publication(location: Location, clients: Clients, day: date) -> _Published:
    try:
        fetched = seen_at(location, clients)
    except DamagedError as error:
        damaged = Fetched(b"", error.version, error.version)
        return _Published(damaged, Trust((), day), problem=str(error))
    if fetched is None:
        return _Published(None, Trust((), day))
    try:
        content = content_of(fetched)
        return _Published(fetched, Trust.parse(content.value, today=day), _remove_stamp(content.value))
    except RegisterError as error:
        return _Published(fetched, Trust((), day), problem=str(error))
    except TrustError as error:
        faults = first_of([f"{at}: {reason}" for at, reason in error.problems], _NAMED)
        return _Published(fetched, Trust((), day), problem=faults)


def _clients(arguments: argparse.Namespace) -> Clients:
    import boto3
    from botocore.exceptions import BotoCoreError

    from ...sources.aws.calls import NO_CREDENTIALS, reason_of

    try:
        session = boto3.Session(region_name=arguments.region)
        if session.get_credentials() is None:
            raise InputError(NO_CREDENTIALS)
    except BotoCoreError as error:
        raise InputError(reason_of(error)) from None

    def client(service: str) -> Any:  # noqa: ANN401 - a service that is named at run time
        try:
            return session.client(service)  # type: ignore[call-overload] # see above
        except BotoCoreError as error:
            raise InputError(f"{error}: give --region, or set AWS_REGION") from None

    return client


def _lines(
    location: Location, before: _Published, register: RegisterFile, arguments: argparse.Namespace
) -> Iterator[str]:
    if before.fetched is None:
        yield f"{location}: nothing is there yet"
    else:
        yield f"{location}: version {before_version(before)}, {len(before.trust.entries)} entries"
    if before.problem is not None:
        yield f"the published register cannot be read, so the comparison is with an empty one: {before.problem}"
    yield f"{register.path}: {len(register.trust.entries)} entries"
    yield from (f"- {_entry(entry)}" for entry in before.trust.entries if entry not in register.trust.entries)
    yield from (f"+ {_entry(entry)}" for entry in register.trust.entries if entry not in before.trust.entries)
    if arguments.inventory:
        yield from _meaning(_changes(before.trust, register.trust, arguments), arguments)


def _entry(entry: Entry) -> str:
    ends = f" until {entry.expires}" if entry.expires else ""
    repositories = ", ".join(entry.repositories)
    why = f": {entry.reason}" if entry.reason else ""
    return f"{whom(entry)} {entry.access.value} {repositories}{ends}{why}"


def _changes(before: Trust, after: Trust, arguments: argparse.Namespace) -> Changes:
    from ..audit.since import changes, earlier_in

    old, new = (_audit_inventory(trust, arguments) for trust in (before, after))
    return changes(earlier_in(old.to_json()), new)


def _audit_inventory(trust: Trust, arguments: argparse.Namespace) -> AuditReport:
    from ..audit.judging import Auditor
    from ..audit.processes import Task, judge_all
    from ..audit.sources import of_files

    source, trust = of_files(arguments.inventory), with_members(trust, arguments.members)
    trust = replace(trust, today=clock.today())
    auditor = Auditor(trust, arguments.organization)
    judge_all(source.read(), auditor, Task(trust, arguments.organization, blank_is_none=False), None)
    return auditor.report(source.name, clock.today(), source.places(), 0)


def _meaning(found: Changes, arguments: argparse.Namespace) -> Iterator[str]:
    names = ", ".join(str(path) for path in arguments.inventory)
    yield f"in {names}, {len(found.results)} of the results change"
    yield from (f"closes: {_access(change)}" for change in found.new)
    yield from (f"opens: {_access(change)}" for change in found.gone)
    yield from (f"cannot be determined for {doubt.arn}: {doubt.why.reason}" for doubt in found.undecided)
    yield from (f"{arn}: {was} becomes {now}" for arn, was, now in found.results)
    if arguments.organization is None:
        yield "what `self` stands for is not known here: give --organization"


def _access(change: AccessChange) -> str:
    access = ", ".join(one.value for one in change.access)
    return f"{change.grantee} {access} of {change.arn}"


def _next(location: Location, version: str) -> str:
    if location.store is Store.APPCONFIG:
        application, environment, profile = location.parts
        return (
            f"it counts once it is deployed: aws appconfig start-deployment --application-id {application} "
            f"--environment-id {environment} --configuration-profile-id {profile} --configuration-version {version} "
            "--deployment-strategy-id AppConfig.AllAtOnce"
        )
    return "the rule reads it within 5 minutes; its next scheduled run turns what it changes"
