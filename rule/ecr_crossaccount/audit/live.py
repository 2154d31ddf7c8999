"""The repositories of an account as Amazon ECR shows them now: listed first, then read several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from ..access.judge import reads_tags
from ..config.errors import RepositoryGone, code_of
from ..config.repositories import Registry
from .clients import Caller
from .failures import AwsError, ends_the_run, reason_of
from .items import EVERY, Item, Kind, Unread, arn_of

_AHEAD = 4
"""Calls that wait for each that is under way, so that a slow answer does not leave the others idle."""


_NO_POLICY = "RegistryPolicyNotFoundException"


@dataclass(frozen=True, slots=True)
class Listing:
    """The repositories of one Region by name; `unread` says why they are not all there."""

    registry: Registry
    partition: str
    names: tuple[str, ...]
    unread: tuple[Unread, ...] = ()


def listing(caller: Caller, partition: str, account: str, region: str) -> Listing:
    """List a Region. Raises AuditError for a Region that there cannot be."""
    registry = Registry(caller.ecr(region), account, region)
    names: list[str] = []
    try:
        names.extend(registry.names())
    except AwsError as error:
        return Listing(registry, partition, tuple(names), (Unread(reason_of(error), account, region),))
    return Listing(registry, partition, tuple(names))


def read_registry(listed: Listing) -> Iterator[Item | Unread]:
    """Read the policy of the registry itself, which can open every repository in it; nothing if it has none."""
    registry = listed.registry
    its_arn = arn(listed, EVERY)
    try:
        text = registry.ecr.get_registry_policy()["policyText"]
    except AwsError as error:
        if not (isinstance(error, ClientError) and code_of(error) == _NO_POLICY):
            why = f"the registry policy: {reason_of(error)}"
            yield Unread(why, registry.account, registry.region, its_arn)
        return
    yield Item(its_arn, registry.account, registry.region, EVERY, text, kind=Kind.REGISTRY)


def read(listed: Listing, known: Mapping[str, Item], concurrency: int) -> Iterator[Item | Unread]:
    """Read what is listed and not `known` (by ARN) yet, in the order of the list; what is known is not answered.

    A repository that was deleted meanwhile is left out. Where every further call would fail alike, the rest of the
    Region is answered in one.
    """
    yield from listed.unread
    names = [name for name in listed.names if arn(listed, name) not in known]
    for place, answer in enumerate(_in_parallel(lambda name: _read(listed, name), names, concurrency)):
        if isinstance(answer, _Ended):
            yield _rest(listed, names[place:], answer.reason)
            return
        yield from answer


@dataclass(frozen=True, slots=True)
class _Ended:
    reason: str


def _read(listed: Listing, name: str) -> tuple[Item | Unread, ...] | _Ended:
    registry = listed.registry
    its_arn = arn(listed, name)
    try:
        policy = registry.policy(name)
    except RepositoryGone:
        return ()
    except AwsError as error:
        return _unread(listed, its_arn, error)
    item = Item(its_arn, registry.account, registry.region, name, policy)
    if policy is None or not reads_tags(policy):
        return (item,)
    try:
        tags = registry.tags(name, listed.partition)
    except RepositoryGone:
        return ()
    except AwsError as error:
        why = f"its policy asks for its tags, which could not be read: {reason_of(error)}"
        return item, Unread(why, registry.account, registry.region, its_arn)
    return (Item(its_arn, registry.account, registry.region, name, policy, tags),)


def _unread(listed: Listing, its_arn: str, error: ClientError | BotoCoreError) -> tuple[Unread] | _Ended:
    if ends_the_run(error):
        return _Ended(reason_of(error))
    return (Unread(reason_of(error), listed.registry.account, listed.registry.region, its_arn),)


def _rest(listed: Listing, names: list[str], reason: str) -> Unread:
    count = f"{len(names):,} repositories were" if len(names) > 1 else "a repository was"
    return Unread(f"{count} not read, from `{names[0]}` on: {reason}", listed.registry.account, listed.registry.region)


def arn(listed: Listing, name: str) -> str:
    """Return the ARN of a repository that is listed."""
    return arn_of(listed.partition, listed.registry.region, listed.registry.account, name)


Answer = tuple[Item | Unread, ...] | _Ended


def _in_parallel(call: Callable[[str], Answer], names: Iterable[str], concurrency: int) -> Iterator[Answer]:
    """Yield the answer of each name in order, with at most `concurrency` calls under way."""
    executor = ThreadPoolExecutor(concurrency)
    waiting: deque[Future[Answer]] = deque()
    try:
        for name in names:
            waiting.append(executor.submit(call, name))
            if len(waiting) > concurrency * _AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        # Also when nobody wants the rest any more: what has not begun is not begun.
        executor.shutdown(cancel_futures=True)
