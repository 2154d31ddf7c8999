"""Where an audit reads: an account's ECR, an aggregator of AWS Config, or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from . import inventory, live, organizations
from .aggregator import Aggregator
from .clients import Caller
from .failures import AuditError
from .items import Item, Unread
from .journal import journal
from .usage import Account

Found = Iterator[Item | Unread]


@dataclass(frozen=True, slots=True)
class Source:
    """Something to audit. `total` answers how many repositories it has, None where that cannot be told beforehand.

    `self_is` answers what the register calls `self`: the owners' organization, None for none, or why it is not known.
    """

    name: str
    regions: tuple[str, ...]
    total: Callable[[], int | None]
    read: Callable[[], Found]
    self_is: Callable[[], str | Unread | None]
    account: Account | None = None
    """Whose CloudTrail can tell of use, where the account itself is audited."""


def of_account(caller: Caller, regions: Sequence[str], resume: Path | None, today: date) -> Source:
    """Return the registry of the caller's account in some Regions, listed. Raises AuditError."""
    partition, account = _identity(caller, regions)
    listings = [live.listing(caller, partition, account, region) for region in regions]

    def read() -> Found:
        if resume is None:
            return _read_all(caller, listings)
        about: dict[str, object] = {"account": account, "regions": ", ".join(sorted(regions))}
        return _resumed(caller, listings, resume, about, today)

    return Source(
        "Amazon ECR",
        tuple(regions),
        lambda: sum(len(listed.names) for listed in listings),
        read,
        lambda: organizations.look_up(caller.organizations(regions[0])),
        Account(caller, partition, account, regions),
    )


def _identity(caller: Caller, regions: Sequence[str]) -> tuple[str, str]:
    """Ask in one Region after the other: the first may not be enabled, which is no reason to read none."""
    for region in regions[:-1]:
        try:
            return caller.identity(region)
        except AuditError:
            continue
    return caller.identity(regions[-1])


def _read_all(caller: Caller, listings: Sequence[live.Listing]) -> Found:
    for listed in listings:
        yield from live.read_registry(listed)
        yield from live.read(listed, {}, caller.concurrency)


def _resumed(
    caller: Caller, listings: Sequence[live.Listing], path: Path, about: dict[str, object], today: date
) -> Found:
    """Read what the journal at `path` has not yet, and delete it once nothing is missing."""
    complete = True
    with journal(path, about, today) as kept:
        listed_now = {live.arn(listed, name) for listed in listings for name in listed.names}
        yield from (item for item in tuple(kept.known.values()) if item.arn in listed_now)
        for listed in listings:
            yield from live.read_registry(listed)
            for found in live.read(listed, kept.known, caller.concurrency):
                if isinstance(found, Item):
                    kept.add(found)
                else:
                    complete = False
                yield found
    if complete:
        path.unlink()


def of_aggregator(caller: Caller, region: str, name: str) -> Source:
    """Return all that an aggregator has. Raises AuditError."""
    aggregator = Aggregator(caller.config(region), name)

    def self_is() -> str | Unread | None:
        if aggregator.is_of_an_organization():
            return organizations.look_up(caller.organizations(region))
        reason = f"aggregator `{name}` has accounts one by one, so nobody knows their organization"
        return Unread(f"`self` in the trust register trusts nobody: {reason}; give --organization")

    return Source(f"aggregator `{name}`", (), aggregator.count, aggregator.read, self_is)


def of_files(paths: Sequence[Path]) -> Source:
    """Return what inventory files hold; AWS is not asked."""
    unknown = Unread("`self` in the trust register trusts nobody: the inventory does not say more; give --organization")
    names = ", ".join("standard input" if str(path) == inventory.STANDARD_INPUT else f"`{path}`" for path in paths)
    return Source(names, (), lambda: None, lambda: inventory.read(paths), lambda: unknown)
