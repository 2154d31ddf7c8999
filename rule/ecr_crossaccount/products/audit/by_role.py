"""Every account of an organization, read with a role that exists in each account, several accounts at a time.

An error in one account or Region is a result like the others, and does not stop the reading of the rest.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import Queue
from threading import Event
from typing import TYPE_CHECKING

from ...documents.principals import is_account
from ...sources.aws.calls import pages
from ...sources.aws.failures import AwsError, reason_of
from . import live
from .clients import Caller, Role
from .errors import AuditError
from .items import Item, Unread
from .listing import Listings

if TYPE_CHECKING:
    from mypy_boto3_organizations import OrganizationsClient

AT_ONCE = 8
"""The number of accounts that are read concurrently."""
_WAITING = 2_000
"""The most results that wait to be judged."""
_IN_USE = ("ACTIVE", "PENDING_ACTIVATION", "PENDING_CLOSURE")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html"""


@dataclass(frozen=True, slots=True)
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
    except AwsError as error:
        raise AuditError(f"the accounts of the organization: {reason_of(error)}; or give --members") from None
    return Accounts(tuple(sorted(used)), tuple(sorted(unused)))


@dataclass(frozen=True, slots=True)
class _Ended:
    """The end of reading an account. `unread` are its errors, and `error` is an unexpected exception that ended it."""

    account: str
    unread: list[Unread]
    error: Exception | None


@dataclass(frozen=True, slots=True)
class ByRole:
    """Accounts to read with a role, in some Regions. The caller's own account is read with the caller's credentials."""

    caller: Caller
    regions: Sequence[str]
    role: Role
    accounts: tuple[str, ...]

    def read(self) -> Iterator[Item | Unread]:
        """Read all accounts, in the order in which they answer. The errors follow, in the order of the accounts."""
        partition, own = self.caller.identity(self.regions[0])
        assume = self.caller.assuming(self.regions[0], partition, self.role)
        found: Queue[Item | _Ended] = Queue(_WAITING)
        stop = Event()

        def read_one(account: str) -> None:
            unread: list[Unread] = []
            error: Exception | None = None
            try:
                for one in self._account(account, self.caller if account == own else assume(account)):
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
            for account in self.accounts:
                executor.submit(read_one, account)
            yield from _gathered(found, len(self.accounts))
        finally:
            stop.set()
            executor.shutdown(wait=False, cancel_futures=True)
            while not found.empty():  # frees threads that wait to put a result there
                found.get()

    def _account(self, account: str, caller: Caller) -> Iterator[Item | Unread]:
        listings = Listings(caller, self.regions)
        try:
            _, owner = listings.owner
            if owner != account:
                # Otherwise, another account's repositories would be reported for this one.
                raise AuditError(f"the credentials for it are those of account {owner}")
            for listed in listings.all:
                yield from live.read_registry(listed)
                yield from live.read_settings(listed)
                yield from live.read(listed, {}, listings.calls)
        finally:
            listings.calls.close()


def _gathered(found: Queue[Item | _Ended], accounts: int) -> Iterator[Item | Unread]:
    """Yield the results of the given number of accounts."""
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


def checked(accounts: Accounts) -> Accounts:
    """Return `accounts` unchanged. Raises AuditError if there is none in use, or if an account number is not valid."""
    if not accounts.used:
        raise AuditError("the organization has no account that is in use")
    wrong = [one for one in accounts.used if not is_account(one)]
    if wrong:
        raise AuditError(f"`{wrong[0]}` is not an account: expected 12 digits")
    return accounts
