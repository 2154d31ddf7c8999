"""The sources of an audit: an account's ECR, an aggregator of AWS Config, or files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ...sources.reading.files import STANDARD_INPUT
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
"""The items that a source reads. The first `next` raises AuditError if nothing can be read."""


@dataclass(frozen=True, slots=True)
class Source:
    """Something to audit. `total` returns the number of its repositories, or None if that is unknown in advance.

    `places` returns the accounts and Regions that it reads whether or not they have repositories, once they are known.

    `self_is` returns the organization that `self` in the register means, None if there is none, or an error.
    """

    name: str
    places: Callable[[], Iterable[tuple[str, str]]]
    total: Callable[[], int | None]
    read: Callable[[], Read]
    self_is: Callable[[], str | Unread | None]
    account: Callable[[], Account] | None = None
    """Returns the account whose CloudTrail shows the use, if the account itself is audited."""
    reads_registries: bool = True
    """Whether a registry without a policy or error in the results has none. The same applies to its settings."""
    caller: Caller | None = None
    """The caller whose credentials are used, or None if AWS is not called."""


def of_account(listings: Listings, resume: Path | None, now: Callable[[], datetime]) -> Source:
    """Return a source for the registries that are being listed."""
    caller, regions = listings.caller, listings.regions

    def account() -> Account:
        partition, number = listings.owner
        return Account(caller, partition, number, regions)

    return Source(
        "Amazon ECR",
        lambda: [(listings.owner[1], region) for region in regions],
        lambda: sum(1 for listed in listings.all for _ in listed.names()),
        lambda: _read_all(listings) if resume is None else _resumed(listings, resume, now),
        lambda: organizations.look_up(caller.organizations(regions[0])),
        account,
        caller=caller,
    )


def _read_all(listings: Listings) -> Iterator[Item | Unread]:
    for listed in listings.all:
        yield from live.read_registry(listed)
        yield from live.read_settings(listed)
        yield from live.read(listed, {}, listings.calls)


def _resumed(listings: Listings, path: Path, now: Callable[[], datetime]) -> Iterator[Item | Unread]:
    """Read what the journal at `path` does not have, and delete the journal if nothing is missing."""
    about: dict[str, object] = {"account": listings.owner[1], "regions": ", ".join(sorted(listings.regions))}
    complete = True
    with journal(path, about, now) as kept:
        listed_now = {live.arn(listed, name) for listed in listings.all for name in listed.names()}
        yield from (item for item in tuple(kept.known.values()) if item.arn in listed_now)
        for listed in listings.all:
            for policy in (*live.read_registry(listed), *live.read_settings(listed)):
                complete = complete and isinstance(policy, Item)
                yield policy
            for found in live.read(listed, kept.known, listings.calls):
                if isinstance(found, Unread):
                    complete = False
                elif not live.lacks_tags(found):  # otherwise the item is read again, with its tags
                    kept.add(found)
                yield found
        kept.complete = complete


def of_aggregators(caller: Caller, region: str, names: Sequence[str]) -> Source:
    """Return a source for all repositories of aggregators, each once. Raises AuditError."""
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
    return Source(name, tuple, count, read, self_is, reads_registries=False, caller=caller)


def of_role(caller: Caller, regions: Sequence[str], role: Role, known: Accounts | None) -> Source:
    """Return a source for every account of the caller's organization, read with a role.

    `known` are its accounts. If None, AWS Organizations is asked. Raises AuditError.
    """
    client = caller.organizations(regions[0])
    accounts = checked(accounts_of(client) if known is None else known)
    count = f"{len(accounts.used):,} accounts" if len(accounts.used) > 1 else "1 account"
    unused = f", without {', '.join(accounts.unused)}: not in use" if accounts.unused else ""
    reader = ByRole(caller, regions, role, accounts.used)
    return Source(
        f"Amazon ECR with role `{role.name}` in {count}{unused}",
        lambda: [(account, region) for account in accounts.used for region in regions],
        lambda: None,
        reader.read,
        lambda: organizations.look_up(client),
        caller=caller,
    )


def of_files(paths: Sequence[Path], caller: Caller | None = None) -> Source:
    """Return a source for the content of inventory files, which are read without calls to AWS."""
    unknown = organizations.unknown("the inventory does not say more; give --organization")
    names = ", ".join("standard input" if str(path) == STANDARD_INPUT else f"`{path}`" for path in paths)
    return Source(
        names,
        tuple,
        lambda: None,
        lambda: inventory.read(paths),
        lambda: unknown,
        reads_registries=False,
        caller=caller,
    )
