"""The policies of an account as Amazon ECR has them now, several calls at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from botocore import xform_name
from botocore.exceptions import BotoCoreError, ClientError

from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.judge import reads_tags
from ...judgement.kinds.table import ResourceKind as Kind
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, Calls, lasts, reason_of
from ...sources.aws.errors import RepositoryGoneError, code_of, is_refusal
from ...sources.aws.retries import pages
from ..kinds.handling import HANDLING, SETTINGS, Handling, Lack, Setting
from .account import Listing
from .items import EVERY, Item, Unread, arn_of


def read_registry(listed: Listing) -> Iterator[Item | Unread]:
    """Read the registry policy, which can grant access to every repository. Yields nothing if there is none."""
    registry = listed.registry
    its_arn = arn(listed, EVERY)
    try:
        text = registry.registry_policy()
    except AWS_ERRORS as error:
        why = f"{reason_of(error)}; {_way_out(error)}"
        counts = RegistryPolicy(unread=why)
        yield Unread(f"the registry policy: {why}", registry.account, registry.region, its_arn, registry=counts)
        return
    if text is not None:
        yield Item(its_arn, registry.account, registry.region, EVERY, text, kind=Kind.REGISTRY, scope=_scope(listed))


def read_settings(listed: Listing) -> Iterator[Item | Unread]:
    """Read the registry's other settings: policies of future repositories, replication and pull-through caches."""
    for kind, setting in SETTINGS.items():
        yield from _read_setting(listed, HANDLING[kind], setting)


def _read_setting(listed: Listing, handling: Handling, setting: Setting) -> Iterator[Item | Unread]:
    registry, kind = listed.registry, handling.kind
    account, region = registry.account, registry.region
    describe = getattr(registry.ecr, xform_name(handling.reads))
    try:
        for page in pages(describe, "ecr", handling.reads, "nextToken"):
            for part in handling.parts_in(page):
                policy = handling.policy_in(part)
                if handling.empty is None or policy != handling.empty:
                    name = part[handling.name] if handling.name else EVERY
                    its_arn = arn_of(listed.partition, region, account, name, kind)
                    yield Item(its_arn, account, region, name, policy, kind=kind)
    except AWS_ERRORS as error:
        allow = isinstance(error, ClientError) and is_refusal(code_of(error))
        way_out = f"allow ecr:{handling.reads} and audit again" if allow else "audit again"
        yield Unread(f"{setting.called}: {reason_of(error)}; {way_out}", account, region, about=setting.lack)


def _way_out(error: ClientError | BotoCoreError) -> str:
    if isinstance(error, ClientError) and is_refusal(code_of(error)):
        return "allow ecr:GetRegistryPolicy and audit again"
    return "audit again when it can be read: until then no repository in this Region can be decided"


def _scope(listed: Listing) -> Scope:
    try:
        return listed.registry.scope()
    except AWS_ERRORS:
        return Scope.UNKNOWN


def read(listed: Listing, known: Mapping[str, Item], calls: Calls) -> Iterator[Item | Unread]:
    """Read the listed repositories that are not in `known` (by ARN), in the order of the list.

    A repository that was deleted meanwhile is skipped. If every further call would fail the same way, the rest of the
    Region becomes one error.
    """
    in_a_row = 0
    for place, answer in enumerate(calls.each(lambda name: _read(listed, name), _unknown(listed, known))):
        in_a_row = in_a_row + 1 if isinstance(answer, _Lasting) else 0
        if not isinstance(answer, _Lasting):
            yield from answer
        elif in_a_row < answer.times:
            yield answer.unread
        else:
            yield _rest(listed, [*_unknown(listed, known)][place:], answer.unread.reason)
            break
    yield from listed.unread()


def _unknown(listed: Listing, known: Mapping[str, Item]) -> Iterator[str]:
    return (name for name in listed.names() if arn(listed, name) not in known)


@by_value
class _Lasting:
    """A failure that every further call has too, once it has happened `times` in a row."""

    unread: Unread
    times: int


def _read(listed: Listing, name: str) -> tuple[Item | Unread, ...] | _Lasting:
    registry = listed.registry
    its_arn = arn(listed, name)
    try:
        policy = registry.policy(name)
    except RepositoryGoneError:
        return ()
    except AWS_ERRORS as error:
        return _unread(listed, its_arn, error)
    item = Item(its_arn, registry.account, registry.region, name, policy)
    if not lacks_tags(item):
        return (item,)
    try:
        tags = registry.tags(name, listed.partition)
    except RepositoryGoneError:
        return ()
    except AWS_ERRORS as error:
        why = f"its policy asks for its tags, which could not be read: {reason_of(error)}"
        return item, Unread(why, registry.account, registry.region, its_arn, Lack.TAGS)
    return (Item(its_arn, registry.account, registry.region, name, policy, tags),)


def lacks_tags(item: Item) -> bool:
    """Return whether a policy has conditions on tags that were not read."""
    return item.tags is None and item.policy is not None and reads_tags(item.policy)


def _unread(listed: Listing, its_arn: str, error: ClientError | BotoCoreError) -> tuple[Unread] | _Lasting:
    unread = Unread(reason_of(error), listed.registry.account, listed.registry.region, its_arn)
    times = lasts(error)
    return (unread,) if times is None else _Lasting(unread, times)


def _rest(listed: Listing, names: list[str], reason: str) -> Unread:
    count = f"{len(names):,} repositories were" if len(names) > 1 else "a repository was"
    why = f"{count} not read, from `{names[0]}` on: {reason}"
    return Unread(why, listed.registry.account, listed.registry.region, repositories=len(names))


def arn(listed: Listing, name: str) -> str:
    """Return the ARN of a listed repository."""
    return arn_of(listed.partition, listed.registry.region, listed.registry.account, name)
