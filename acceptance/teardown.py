"""The teardown. It removes everything with a run's name, however the run ended and even if another run created it.

It needs no data of the run. Names are fixed, so it can be repeated, also from another machine after the process was
killed. Each part is attempted. Whatever could not be removed is reported with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from . import account, payload, remediation, stack
from .clients import Clients
from .clock import Clock
from .errors import AWS_ERRORS, AcceptanceError, one_line
from .record import Record
from .sandbox import NAME, PREFIX

Part = Callable[[Clients, Clock], Iterator[str]]
"""Removes everything of one kind, and yields what it removed."""

_TRIES = 3
_PAUSE = 60.0


def tear_down(clients: Clients, clock: Clock, record: Record, say: Callable[[str], None]) -> None:
    """Remove everything. Record what was removed and what is left."""
    # The stack is deleted before its buckets, because it has their policies.
    waiting, interrupted = list(_PARTS.items()), False
    while waiting:
        try:
            say(f"removing {waiting[0][0]}")
            _remove(*waiting[0], clients, clock, record)
        except KeyboardInterrupt:
            if interrupted:
                record.left.append("the teardown was interrupted")
                return
            interrupted = True
            say("still tearing down; interrupt once more to leave what is left")
        else:
            del waiting[0]
    try:
        record.left += [f"{one} is still there" for one in found(clients)]
    except AWS_ERRORS as error:
        record.left.append(f"cannot tell whether all is gone: {one_line(error)}")


def remove_analyzer(clients: Clients, clock: Clock, record: Record) -> None:
    """Remove the analyzer alone, if a run has created it."""
    _remove("the analyzer", _remove_analyzer, clients, clock, record)


def _remove(what: str, part: Part, clients: Clients, clock: Clock, record: Record) -> None:
    try:
        for one in part(clients, clock):
            record.removed.append(one)
    except Exception as error:  # noqa: BLE001 - whatever goes wrong with one part, the others are still to be removed
        record.left.append(f"{what}: {one_line(error)}")


def found(clients: Clients) -> list[str]:
    """Return everything that a teardown would remove. Raises ClientError, BotoCoreError."""
    there = [f"repository {name}" for name in _repositories(clients)]
    there += [f"stack {NAME}"] if stack.status(clients) is not None else []
    there += [f"bucket {name}" for name in account.buckets(clients)]
    there += [f"analyzer {NAME}"] if _has_analyzer(clients) else []
    return there + ([f"document {payload.DOCUMENT}"] if _has_document(clients) else [])


def _remove_repositories(clients: Clients, _: Clock) -> Iterator[str]:
    def remove(name: str) -> None:
        clients.ecr.delete_repository(repositoryName=name, force=True)

    yield from _each("repository", _repositories(clients), remove)


def _each(kind: str, names: list[str], remove: Callable[[str], None]) -> Iterator[str]:
    """Remove things one by one, also after a failure. Raises AcceptanceError at the end for those that are left."""
    problems = []
    for name in names:
        try:
            remove(name)
        except (*AWS_ERRORS, AcceptanceError) as error:
            problems.append(f"`{name}`: {one_line(error)}")
        else:
            yield f"{kind} {name}"
    if problems:
        raise AcceptanceError("; ".join(problems))


def _repositories(clients: Clients) -> list[str]:
    pages = clients.ecr.get_paginator("describe_repositories").paginate()
    names = [one["repositoryName"] for page in pages for one in page["repositories"]]
    return [name for name in names if name.startswith(PREFIX)]


def _remove_stack(clients: Clients, clock: Clock) -> Iterator[str]:
    if stack.status(clients) is None:
        return
    _stop_executions(clients)
    for left in reversed(range(_TRIES)):
        try:
            stack.delete(clients, clock)
            break
        except AcceptanceError:
            # A running remediation keeps its configuration, and so the stack, for a while.
            if not left:
                raise
            clock.sleep(_PAUSE)
    yield f"stack {NAME}"


def _stop_executions(clients: Clients) -> None:
    """Stop running automations of the stack's documents, because they keep the stack.

    AWS refuses to stop one that has ended meanwhile.
    """
    over = clients.ssm.exceptions.InvalidAutomationStatusUpdateException
    for output in ("RemediateDocumentName", "RestoreDocumentName"):
        document = stack.outputs(clients).get(output)
        for identifier, execution in (remediation.executions(clients, document, {}) if document else {}).items():
            if not remediation.is_over(execution):
                with suppress(over):
                    clients.ssm.stop_automation_execution(AutomationExecutionId=identifier, Type="Cancel")


def _remove_buckets(clients: Clients, _: Clock) -> Iterator[str]:
    def remove(name: str) -> None:
        _empty(clients, name)
        clients.s3.delete_bucket(Bucket=name)

    yield from _each("bucket", account.buckets(clients), remove)


def _empty(clients: Clients, bucket: str) -> None:
    for page in clients.s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
        there = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        objects = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in there]
        if objects:
            answer = clients.s3.delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]  # keys and versions as they were listed
            if answer.get("Errors"):
                raise AcceptanceError(
                    f"`{bucket}` could not be emptied: {answer['Errors'][0].get('Code', 'no reason given')}"
                )


def _remove_analyzer(clients: Clients, _: Clock) -> Iterator[str]:
    if _has_analyzer(clients):
        clients.analyzer.delete_analyzer(analyzerName=NAME)
        yield f"analyzer {NAME}"


def _has_analyzer(clients: Clients) -> bool:
    pages = clients.analyzer.get_paginator("list_analyzers").paginate(type="ACCOUNT")
    return any(one["name"] == NAME for page in pages for one in page["analyzers"])


def _remove_document(clients: Clients, _: Clock) -> Iterator[str]:
    if _has_document(clients):
        clients.ssm.delete_document(Name=payload.DOCUMENT)
        yield f"document {payload.DOCUMENT}"


def _has_document(clients: Clients) -> bool:
    try:
        clients.ssm.describe_document(Name=payload.DOCUMENT)
    except clients.ssm.exceptions.InvalidDocument:
        return False
    return True


_PARTS: dict[str, Part] = {
    "the repositories": _remove_repositories,
    "the stack": _remove_stack,
    "the buckets": _remove_buckets,
    "the analyzer": _remove_analyzer,
    "the document": _remove_document,
}
