"""The sources of an audit: an account's ECR, each account of an organization, an aggregator of AWS Config, or files.

The accounts of an organization are read with a role that exists in each of them, several at a time. An error in one
account or Region is a result like the others, and does not stop the reading of the rest.

An interrupted audit has a journal: one line per repository, so that the next run continues from there. A line is
complete or ignored: if a crash cuts one off, its repository is read again. So is a repository whose line is too old.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue
from threading import Event
from typing import IO, TYPE_CHECKING

from botocore.exceptions import ClientError

from ...documents.document import is_account
from ...documents.json import value_of
from ...errors import in_our_words
from ...memo import by_value
from ...sources.aws.calls import AWS_ERRORS, reason_of
from ...sources.aws.errors import code_of
from ...sources.aws.retries import pages
from ...sources.reading.files import STANDARD_INPUT, UnreadableError, open_found_file
from ...sources.reading.locks import give_back, lock_of, take_lock
from ..kinds.handling import Lack
from . import inventory
from .account import Caller, Listings, Role, lacks_tags, read_registry, read_repositories, read_settings
from .inventory import Aggregator, Raw
from .items import AuditError, Item, Unread
from .usage import Account

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

_FORMAT = "ecr-crossaccount audit, resumable, with times"
_KEPT_FOR = timedelta(days=1)
"""A line that is older does not count. Policies change."""


@dataclass(slots=True)
class Journal:
    """The items read so far, by ARN, and the file that they are kept in.

    Set `complete` if nothing is missing. The file is then deleted.
    """

    known: dict[str, Item]
    file: IO[str]
    now: Callable[[], datetime]
    complete: bool = False

    def add(self, item: Item) -> None:
        """Write an item that was read now to the journal."""
        read = f"{self.now():%Y-%m-%dT%H:%M:%SZ}"
        fields = [item.arn, item.account, item.region, item.name, item.policy, item.tags, read]
        self.file.write(json.dumps(fields) + "\n")
        self.file.flush()


@contextmanager
def journal(path: Path, about: dict[str, object], now: Callable[[], datetime]) -> Iterator[Journal]:
    """Open the journal at `path`, or create it. `about` identifies the audit that it belongs to.

    Raises AuditError if it belongs to another audit, if another run has it open, or if it cannot be used. The items of
    an earlier run say when they were read.
    """
    with _alone(path):
        try:
            known, end = _read(path, about, now())
            descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)  # private, because it contains policies
        except (OSError, UnreadableError) as error:
            raise _unusable(path, error) from None
        with open(descriptor, "r+", encoding="utf-8", newline="") as file:  # noqa: PTH123 - a descriptor has no Path
            file.truncate(end)
            file.seek(end)
            if not end:
                file.write(json.dumps({"format": _FORMAT, "about": about}) + "\n")
                file.flush()
            kept = Journal(known, file, now)
            yield kept
        if kept.complete:
            path.unlink(missing_ok=True)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Allow one run at a time to use the journal at `path`. Raises AuditError for any other."""
    lock = lock_of(path)
    try:
        descriptor = take_lock(lock)
    except OSError as error:
        raise _unusable(path, error) from None
    if descriptor is None:
        raise AuditError(f"another audit is using `{path}`: wait for its end, or give another file to --resume")
    try:
        yield
    finally:
        give_back(lock, descriptor)


def _unusable(path: Path, error: OSError | UnreadableError) -> AuditError:
    reason = in_our_words(error) if isinstance(error, OSError) else error
    return AuditError(f"cannot record the progress in `{path}`: {reason}")


def _read(path: Path, about: dict[str, object], now: datetime) -> tuple[dict[str, Item], int]:
    """Return the items in the journal that are not too old, and the number of bytes in complete lines."""
    if not path.exists():
        return {}, 0
    known: dict[str, Item] = {}
    end = 0
    with open_found_file(str(path)) as file:
        for number, line in enumerate(file):
            if not line.endswith(b"\n"):
                if number == 0:
                    raise AuditError(f"`{path}` is not a journal of an audit: --resume would overwrite it")
                break
            try:
                if number == 0:
                    _check(path, value_of(line.decode()), about)
                else:
                    item, read = _item(value_of(line.decode()))
                    if timedelta() <= now - read <= _KEPT_FOR:
                        known[item.arn] = item
            except ValueError:
                raise AuditError(f"`{path}` is not a journal of an audit, at line {number + 1}") from None
            end += len(line)
    return known, end


def _item(fields: object) -> tuple[Item, datetime]:
    """Return an item from the fields that `add` wrote, and when it was read. Raises ValueError."""
    match fields:
        case [str(arn), str(account), str(region), str(name), str() | None as policy, dict() | None as tags, str(at)]:
            if is_account(account) and all(isinstance(value, str) for value in (tags or {}).values()):
                read = datetime.strptime(at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
                note = f"read at {read:%Y-%m-%dT%H:%MZ} by an interrupted audit: it may have changed since"
                return Item(arn, account, region, name, policy, tags, note=note), read
    raise ValueError(fields)


def _check(path: Path, header: object, about: dict[str, object]) -> None:
    if not isinstance(header, dict) or header.get("format") != _FORMAT:
        raise ValueError(header)
    if header.get("about") != about:
        other = _words(header.get("about"))
        raise AuditError(f"`{path}` belongs to another audit, {other}: give another file to --resume")


def _words(about: object) -> str:
    if not isinstance(about, dict):
        return "with no further details"
    return ", ".join(f"{name} {value}" for name, value in about.items())


_NONE = "AWSOrganizationsNotInUseException"


def unknown_organization(reason: str) -> Unread:
    """Return the error for an unknown organization."""
    return Unread(f"`self` in the trust register trusts nobody: {reason}", about=Lack.ORGANIZATION)


def organization_of(organizations: OrganizationsClient) -> str | Unread | None:
    """Return the organization of the caller's account, None if it is in none, or an error."""
    try:
        found = organizations.describe_organization()["Organization"]["Id"]
    except AWS_ERRORS as error:
        if isinstance(error, ClientError) and code_of(error) == _NONE:
            return None
        return unknown_organization(f"{reason_of(error)}; or give --organization")
    return found or unknown_organization("AWS Organizations does not say which one that is: give --organization")


AT_ONCE = 8
"""The number of accounts that are read concurrently."""
_WAITING = 2_000
"""The most results that wait to be judged."""
_IN_USE = ("ACTIVE", "PENDING_ACTIVATION", "PENDING_CLOSURE")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"""


@by_value
class Accounts:
    """The accounts of an organization: those in use, and those that are suspended or closed and cannot be read."""

    used: tuple[str, ...]
    unused: tuple[str, ...]


def accounts_of(organizations: OrganizationsClient) -> Accounts:
    """Return the accounts from AWS Organizations. Raises AuditError, because a partial list would hide accounts."""
    used: set[str] = set()
    unused: set[str] = set()
    try:
        for page in pages(organizations.list_accounts, "organizations", "ListAccounts", "NextToken"):
            for one in page["Accounts"]:
                state = one.get("State") or one.get("Status")
                (used if state in _IN_USE else unused).add(str(one["Id"]))
    except AWS_ERRORS as error:
        raise AuditError(
            f"the accounts of the organization: {reason_of(error)}; or give the list of members, --trust FILE"
        ) from None
    return Accounts(tuple(sorted(used)), tuple(sorted(unused)))


@by_value
class _Ended:
    """The end of reading an account. `unread` are its errors, and `error` is an unexpected exception that ended it."""

    account: str
    unread: list[Unread]
    error: Exception | None


def _read_by_role(
    caller: Caller, regions: Sequence[str], role: Role, accounts: Sequence[str]
) -> Iterator[Item | Unread]:
    """Read accounts with a role, and the caller's own with the caller's credentials, in the order of their answers.

    The errors follow, in the order of the accounts.
    """
    partition, own = caller.identity(regions[0])
    assume = caller.assuming(regions[0], partition, role)
    found: Queue[Item | _Ended] = Queue(_WAITING)
    stop = Event()

    def read_one(account: str) -> None:
        unread: list[Unread] = []
        error: Exception | None = None
        try:
            for one in _read_account(account, caller if account == own else assume(account), regions):
                if stop.is_set():
                    return
                if isinstance(one, Unread):
                    unread.append(one)
                else:
                    found.put(one)
        except AuditError as reason:
            unread.append(Unread(f"account {account}: {reason}", account))
        except Exception as unexpected:  # noqa: BLE001 - raised again below, in the main thread
            error = unexpected
        finally:
            found.put(_Ended(account, unread, error))

    executor = ThreadPoolExecutor(AT_ONCE)
    try:
        for account in accounts:
            executor.submit(read_one, account)
        yield from _gather_results(found, len(accounts))
    finally:
        stop.set()
        executor.shutdown(wait=False, cancel_futures=True)
        while not found.empty():  # frees threads that wait to put a result there
            found.get()


def _read_account(account: str, caller: Caller, regions: Sequence[str]) -> Iterator[Item | Unread]:
    listings = Listings(caller, regions)
    try:
        _, owner = listings.owner
        if owner != account:
            # Otherwise, another account's repositories would be reported for this one.
            raise AuditError(f"the credentials for it are those of account {owner}")
        yield from _read_all(listings)
    finally:
        listings.calls.close()


def _gather_results(found: Queue[Item | _Ended], accounts: int) -> Iterator[Item | Unread]:
    ended: dict[str, list[Unread]] = {}
    while len(ended) < accounts:
        one = found.get()
        if isinstance(one, Item):
            yield one
            continue
        if one.error is not None:
            raise one.error
        ended[one.account] = one.unread
    yield from (unread for account in sorted(ended) for unread in ended[account])


def check_accounts(accounts: Accounts) -> Accounts:
    """Return `accounts` unchanged. Raises AuditError if there is none in use, or if an account number is not valid."""
    if not accounts.used:
        raise AuditError("the organization has no account that is in use")
    wrong = [text for text in accounts.used if not is_account(text)]
    if wrong:
        raise AuditError(f"`{wrong[0]}` is not an account: expected 12 digits")
    return accounts


Read = Iterator[Raw | Item | Unread]
"""The items that a source reads. The first `next` raises AuditError if nothing can be read."""


@by_value
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
        lambda: _read_all(listings) if resume is None else _resume_reading(listings, resume, now),
        lambda: organization_of(caller.organizations(regions[0])),
        account,
        caller=caller,
    )


def _read_all(listings: Listings) -> Iterator[Item | Unread]:
    for listed in listings.all:
        yield from read_registry(listed)
        yield from read_settings(listed)
        yield from read_repositories(listed, {}, listings.calls)


def _resume_reading(listings: Listings, path: Path, now: Callable[[], datetime]) -> Iterator[Item | Unread]:
    """Read what the journal at `path` does not have, and delete the journal if nothing is missing."""
    about: dict[str, object] = {"account": listings.owner[1], "regions": ", ".join(sorted(listings.regions))}
    complete = True
    with journal(path, about, now) as kept:
        listed_now = {listed.arn(name) for listed in listings.all for name in listed.names()}
        yield from (item for item in tuple(kept.known.values()) if item.arn in listed_now)
        for listed in listings.all:
            for policy in (*read_registry(listed), *read_settings(listed)):
                complete = complete and isinstance(policy, Item)
                yield policy
            for found in read_repositories(listed, kept.known, listings.calls):
                if isinstance(found, Unread):
                    complete = False
                elif not lacks_tags(found):  # otherwise the item is read again, with its tags
                    kept.add(found)
                yield found
        kept.complete = complete


def of_aggregators(caller: Caller, region: str, names: Sequence[str]) -> Source:
    """Return a source for all repositories of aggregators, each once. Raises AuditError."""
    config = caller.config(region)
    several = len(names) > 1
    aggregators = [Aggregator(config, name, f"aggregator `{name}`" if several else "") for name in names]

    def self_is() -> str | Unread | None:
        for aggregator in aggregators:
            if not aggregator.is_of_an_organization():
                reason = f"aggregator `{aggregator.name}` has accounts one by one, so their organization is not known"
                return unknown_organization(f"{reason}; give --organization")
        return organization_of(caller.organizations(region))

    def count() -> int | None:
        counts = [aggregator.count() for aggregator in aggregators]
        return None if None in counts else sum(number or 0 for number in counts)

    def read() -> Iterator[Raw | Unread]:
        for aggregator in aggregators:
            yield from aggregator.read()

    called = ", ".join(f"`{name}`" for name in names)
    name = f"aggregator{'s' if several else ''} {called}"
    return Source(name, tuple, count, read, self_is, reads_registries=False, caller=caller)


def of_role(caller: Caller, regions: Sequence[str], role: Role, known: Accounts | None) -> Source:
    """Return a source for every account of the caller's organization, read with a role.

    `known` are its accounts. If None, AWS Organizations is asked. Raises AuditError.
    """
    client = caller.organizations(regions[0])
    accounts = check_accounts(accounts_of(client) if known is None else known)
    count = f"{len(accounts.used):,} accounts" if len(accounts.used) > 1 else "1 account"
    unused = f", without {', '.join(accounts.unused)}: not in use" if accounts.unused else ""
    return Source(
        f"Amazon ECR with role `{role.name}` in {count}{unused}",
        lambda: [(account, region) for account in accounts.used for region in regions],
        lambda: None,
        lambda: _read_by_role(caller, regions, role, accounts.used),
        lambda: organization_of(client),
        caller=caller,
    )


def of_files(paths: Sequence[Path], caller: Caller | None = None) -> Source:
    """Return a source for the content of inventory files, which are read without calls to AWS."""
    unknown = unknown_organization("the inventory does not say more; give --organization")
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
