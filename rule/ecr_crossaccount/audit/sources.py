"""Where an audit reads: an account's ECR, an aggregator of AWS Config, or files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ..reading.files import STANDARD_INPUT
from . import inventory, live, organizations
from .aggregator import Aggregator
from .by_role import Accounts, ByRole, accounts_of, checked
from .clients import Caller, Role
from .items import Item, Unread
from .journal import journal
from .listing import Listings
from .raw import Raw
from .usage import Account

Read = Iterator[Raw | Item | Unread]
"""What a source reads; asking for the first of it raises AuditError where nothing can be."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something to audit. `total` answers how many repositories it has, None where it is not known beforehand.

    `self_is` answers what the register calls `self`: the owners' organization, None for none, or why it is not known.
    """

    name: str
    regions: tuple[str, ...]
    total: Callable[[], int | None]
    read: Callable[[], Read]
    self_is: Callable[[], str | Unread | None]
    account: Callable[[], Account] | None = None
    """Answers whose CloudTrail can tell of use, where the account itself is audited."""
    reads_registries: bool = True
    """Whether a registry of which it reads no policy, and no error, has none; likewise of its other settings."""
    caller: Caller | None = None
    """Whose credentials are used, None if nobody asks AWS."""


def of_account(listings: Listings, resume: Path | None, today: date) -> Source:
    """Return the registries that are being listed."""
    caller, regions = listings.caller, listings.regions

    def account() -> Account:
        partition, number = listings.owner
        return Account(caller, partition, number, regions)

    return Source(
        "Amazon ECR",
        regions,
        lambda: sum(1 for listed in listings.all for _ in listed.names()),
        lambda: _read_all(listings) if resume is None else _resumed(listings, resume, today),
        lambda: organizations.look_up(caller.organizations(regions[0])),
        account,
        caller=caller,
    )


def _read_all(listings: Listings) -> Iterator[Item | Unread]:
    for listed in listings.all:
        yield from live.read_registry(listed)
        yield from live.read_settings(listed)
        yield from live.read(listed, {}, listings.calls)


def _resumed(listings: Listings, path: Path, today: date) -> Iterator[Item | Unread]:
    """Read what the journal at `path` has not yet, and delete it once nothing is missing."""
    about: dict[str, object] = {"account": listings.owner[1], "regions": ", ".join(sorted(listings.regions))}
    complete = True
    with journal(path, about, today) as kept:
        listed_now = {live.arn(listed, name) for listed in listings.all for name in listed.names()}
        yield from (item for item in tuple(kept.known.values()) if item.arn in listed_now)
        for listed in listings.all:
            for policy in (*live.read_registry(listed), *live.read_settings(listed)):
                complete = complete and isinstance(policy, Item)
                yield policy
            for found in live.read(listed, kept.known, listings.calls):
                if isinstance(found, Unread):
                    complete = False
                elif not live.lacks_tags(found):  # else its tags are read anew with it
                    kept.add(found)
                yield found
    if complete:
        path.unlink()


def of_aggregators(caller: Caller, region: str, names: Sequence[str]) -> Source:
    """Return all that aggregators have, each repository once. Raises AuditError."""
    config = caller.config(region)
    several = len(names) > 1
    aggregators = [Aggregator(config, name, f"aggregator `{name}`" if several else "") for name in names]

    def self_is() -> str | Unread | None:
        for one in aggregators:
            if not one.is_of_an_organization():
                reason = f"aggregator `{one.name}` has accounts one by one, so their organization is not known"
                return organizations.unknown(f"{reason}; give --organization")
        return organizations.look_up(caller.organizations(region))

    def count() -> int | None:
        counts = [one.count() for one in aggregators]
        return None if None in counts else sum(one or 0 for one in counts)

    def read() -> Iterator[Raw | Unread]:
        for one in aggregators:
            yield from one.read()

    called = ", ".join(f"`{name}`" for name in names)
    name = f"aggregator{'s' if several else ''} {called}"
    return Source(name, (), count, read, self_is, reads_registries=False, caller=caller)


def of_role(caller: Caller, regions: Sequence[str], role: Role, known: Accounts | None) -> Source:
    """Return every account of the caller's organization, read with a role; `known`: its accounts, else AWS is asked.

    Raises AuditError.
    """
    client = caller.organizations(regions[0])
    accounts = checked(accounts_of(client) if known is None else known)
    count = f"{len(accounts.used):,} accounts" if len(accounts.used) > 1 else "1 account"
    unused = f", without {', '.join(accounts.unused)}: not in use" if accounts.unused else ""
    reader = ByRole(caller, regions, role, accounts.used)
    name = f"Amazon ECR with role `{role.name}` in {count}{unused}"
    return Source(name, tuple(regions), lambda: None, reader.read, lambda: organizations.look_up(client), caller=caller)


def of_files(paths: Sequence[Path], caller: Caller | None = None) -> Source:
    """Return what inventory files hold; AWS is not asked for it."""
    unknown = organizations.unknown("the inventory does not say more; give --organization")
    names = ", ".join("standard input" if str(path) == STANDARD_INPUT else f"`{path}`" for path in paths)
    return Source(
        names,
        (),
        lambda: None,
        lambda: inventory.read(paths),
        lambda: unknown,
        reads_registries=False,
        caller=caller,
    )
