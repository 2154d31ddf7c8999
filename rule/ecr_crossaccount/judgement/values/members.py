"""The accounts of an organization. An entry with `members: true` covers them if a policy names one of them.

The list is data. The scheduled function writes it from organizations:ListAccounts, or a person writes it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Self, TypeGuard

from ...documents.document import is_account
from ...documents.json import BadJsonError, value_of
from ...documents.pattern import Holed, leaves_in
from ...documents.problems import quote
from ...errors import TrustError
from ..patterns.tokens import matches
from .trust_entries import ORGANIZATION, Report, glob, moment_in

OLDEST = timedelta(days=7)
"""A list that is older than this covers no account."""
_AHEAD = timedelta(hours=1)
"""The most that one clock can be ahead of another."""
_NUMBER = r"(?<![0-9])[0-9]{12}(?![0-9])"
_NO_ACCOUNT = 10**12
_IS_ORGANIZATION = ORGANIZATION
_PATH = rf"{ORGANIZATION}/r-[0-9a-z]{{4,32}}/(?:ou-[0-9a-z]{{4,32}}-[a-z0-9]{{8,32}}/)*"
_FIELDS = ("version", "organization", "listed", "accounts")
_MOST_FAULTS = 20
_STATES_IN_USE = (None, "PENDING_ACTIVATION", "ACTIVE", "PENDING_CLOSURE")
"""https://docs.aws.amazon.com/organizations/latest/APIReference/API_Account.html; None if the list has no state."""


@dataclass(frozen=True, eq=False)
class Members:
    """The accounts of one organization as `listed`, each with its path, or None if that is unknown.

    `unused`: accounts whose state is suspended or closed, or is unknown to this module.
    """

    organization: str
    listed: datetime
    paths: Mapping[str, str | None]
    unused: frozenset[str] = frozenset()

    @classmethod
    def parse(cls, value: object) -> Self:
        """Read `{"version": 1, "organization": …, "listed": …, "accounts": [{"account": …, "path": …}, …]}`.

        Raises TrustError with all faults.
        """
        faults: list[tuple[str, str]] = []

        def report(at: str, reason: str) -> None:
            if len(faults) < _MOST_FAULTS:
                faults.append((at, reason))

        found = _read(value, report)
        if faults:
            raise TrustError(tuple(faults))
        return cls(*found)

    def problem(self, now: datetime) -> str | None:
        """Return why the list cannot be used at a time, or None if it can."""
        if now - self.listed > OLDEST:
            return f"it was listed on {self.listed:%Y-%m-%d}, more than {OLDEST.days} days ago"
        if self.listed - now > _AHEAD:
            return f"it says that it was listed on {self.listed:%Y-%m-%d}, which is in the future"
        return None

    def is_in_use(self, account: str) -> bool:
        """Return whether an account is a member that is neither suspended nor closed, according to the list."""
        return account in self.paths and account not in self.unused

    def select(self, accounts: frozenset[str]) -> frozenset[str]:
        """Return the accounts that are members."""
        return frozenset(account for account in accounts if account in self.paths)

    def has(self, account: str, name: str | None) -> bool:
        """Return whether an account is a member of an organization, given its id, or is below an organization path."""
        if name is None or account not in self.paths or name.partition("/")[0] != self.organization:
            return False
        path = self.paths[account]
        return "/" not in name or (path is not None and matches(glob(name), path))

    def place_of(self, account: str, organization: str | None) -> str | None:
        """Return the path of an account in an organization, or None if it is unknown."""
        return self.paths.get(account) if organization == self.organization else None


def accounts_in(document: object) -> frozenset[str]:
    """Return the account numbers anywhere in a policy, or in a list of policies.

    They are the same for a policy's text, however JSON is written in it, and for its object.
    """
    documents = document if isinstance(document, (list, tuple)) else (document,)
    found = [_accounts_in_text(one) if isinstance(one, str) else _accounts_in_value(one) for one in documents]
    return frozenset().union(*found)


@lru_cache(maxsize=4096)
def _accounts_in_text(policy: str) -> frozenset[str]:
    try:
        return _accounts_in_value(value_of(policy))
    except BadJsonError:
        return _numbers(policy)  # a single account, or an invalid text, which gives no access anyway


def _accounts_in_value(value: object) -> frozenset[str]:
    return frozenset().union(*map(_numbers, _texts(value)))


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(_NUMBER, text))


def _texts(value: object) -> Iterator[str]:
    """Yield every text in a JSON value. Yield numbers too, because conditions may have them without quotes."""
    for leaf in leaves_in(value):
        if isinstance(leaf, (str, Holed)):
            yield str(leaf)
        elif isinstance(leaf, (int, float)) and abs(leaf) < _NO_ACCOUNT:
            yield str(int(leaf)) if leaf == int(leaf) else ""


def _read(value: object, report: Report) -> tuple[str, datetime, Mapping[str, str | None], frozenset[str]]:
    nothing = ("", datetime.min.replace(tzinfo=UTC), dict[str, str | None](), frozenset[str]())
    if not isinstance(value, Mapping):
        report("$", f"expected a list of members: an object with {', '.join(_FIELDS)}")
        return nothing
    for name in value:
        if name not in _FIELDS:
            report("$", f"has an unknown field {quote(name)}: expected {', '.join(_FIELDS)}")
    if value.get("version") != 1 or isinstance(value.get("version"), bool):
        report("version", f"{quote(value.get('version'))} is not a version of the list: expected `1`")
    organization, accounts = value.get("organization"), value.get("accounts")
    if not isinstance(organization, str) or not re.fullmatch(_IS_ORGANIZATION, organization):
        report("organization", f"{quote(organization)}: expected an id such as `o-a1b2c3d4e5`")
        return nothing
    if not isinstance(accounts, Sequence) or isinstance(accounts, str):
        report("accounts", "expected a list of accounts")
        return nothing
    listed, paths = moment_in(value.get("listed"), "listed", report), dict(_accounts(accounts, organization, report))
    return organization, listed, paths, frozenset(_unused_accounts(accounts))


def _accounts(accounts: Sequence[object], organization: str, report: Report) -> Iterator[tuple[str, str | None]]:
    known: dict[str, str | None] = {}
    for index, one in enumerate(accounts):
        at = f"accounts[{index}]"
        if not isinstance(one, Mapping) or not {"account"} <= one.keys() <= {"account", "path", "state"}:
            report(at, "expected an object with `account`, and `path` and `state` if they are known")
            continue
        account, path = one["account"], one.get("path")
        if not isinstance(account, str) or not is_account(account):
            report(f"{at}.account", f"{quote(account)} is not an account: expected 12 digits")
        elif path is not None and not _is_path(path, organization):
            report(f"{at}.path", f"{quote(path)} is not a path of `{organization}`")
        elif known.setdefault(account, path) != path:
            report(f"{at}.path", f"{quote(path)} is not the place that the list gives `{account}` before")
        else:
            yield account, path


def _unused_accounts(accounts: Sequence[object]) -> Iterator[str]:
    for account in accounts:
        if isinstance(account, Mapping) and account.get("state") not in _STATES_IN_USE:
            yield str(account.get("account"))


def _is_path(path: object, organization: str) -> TypeGuard[str]:
    return isinstance(path, str) and re.fullmatch(_PATH, path) is not None and path.startswith(f"{organization}/")
