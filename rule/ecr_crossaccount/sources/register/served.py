"""The accounts that this function answers for.

An administrator of an account can point their own rule, with their own parameters, at a function that the account may
invoke. The function would judge it with its own rights, and the answer would look like this rule's.
"""

from __future__ import annotations

import os
from typing import Protocol

from ...documents.document import is_account
from ...documents.problems import quote
from ..aws.errors import AccountNotServedError
from ..aws.events import Json

SERVED_ACCOUNTS = "SERVED_ACCOUNTS"
"""The environment variable with the accounts, separated by commas. Without it, the function's own account is served."""

_ACCOUNT_OF_AN_ARN = 4


class ServedAccounts(Protocol):
    """The accounts of an organization, as far as they are known."""

    def in_use(self) -> frozenset[str]:
        """Return all served accounts. Raises AccountNotServedError if they are unknown."""

    def refusal(self, account: str) -> str | None:
        """Return why an account is not served, or None if it is known to be a member in use."""


def check_served(event: Json, context: object, members: ServedAccounts | None = None) -> None:
    """Raise AccountNotServedError if the function does not answer for the account of an event.

    If the members of an organization are known, they are served. Otherwise, the accounts in the environment are.
    """
    account = event.get("accountId")
    if members is not None:
        _check_member(account, members)
        return
    served = served_accounts(context)
    if account not in served:
        answers_for = (
            ", ".join(served) or f"nobody: `{SERVED_ACCOUNTS}` is not set, and Lambda does not say whose it is"
        )
        raise AccountNotServedError(
            f"the event is about account {quote(account)}; this function answers for {answers_for}"
        )


def _check_member(account: object, members: ServedAccounts) -> None:
    if not isinstance(account, str) or not is_account(account):
        raise AccountNotServedError(f"the event is about account {quote(account)}, which is not an account")
    refusal = members.refusal(account)
    if refusal is not None:
        raise AccountNotServedError(f"the event is about account {quote(account)}, which is not served: {refusal}")


def served_accounts(context: object) -> list[str]:
    """Return the accounts in the environment, or the function's own. Raises AccountNotServedError."""
    listed = os.environ.get(SERVED_ACCOUNTS, "")
    named = [member.strip() for member in listed.split(",") if member.strip()]
    for member in named:
        if not is_account(member):
            raise AccountNotServedError(
                f"`{SERVED_ACCOUNTS}` names {quote(member)}, which is not an account: expected 12 digits"
            )
    if named:
        return named
    own = str(getattr(context, "invoked_function_arn", "")).split(":")
    return own[_ACCOUNT_OF_AN_ARN : _ACCOUNT_OF_AN_ARN + 1]
