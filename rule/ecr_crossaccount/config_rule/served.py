"""Which accounts this function answers for.

Whoever administers an account can point a rule of his own, with parameters of his own, at a function that his
account may invoke. What such a rule says would be judged with the function's rights and shown as this rule's answer.
"""

from __future__ import annotations

import os
from typing import Protocol

from ..policy.principals import is_account
from ..policy.problems import quoted
from .errors import AccountNotServedError
from .events import Json

SERVED_ACCOUNTS = "SERVED_ACCOUNTS"
"""The environment variable that lists them, separated by commas; without it, the function's own account is served."""

_ACCOUNT_OF_AN_ARN = 4


class Members(Protocol):
    """The accounts of an organization, as far as anybody knows them."""

    def in_use(self) -> frozenset[str]:
        """Return all that are served. Raises AccountNotServedError where nobody knows them."""

    def refusal(self, account: str) -> str | None:
        """Return why an account is not served, None if it is known to be a member that is in use."""


def check_served(event: Json, context: object, members: Members | None = None) -> None:
    """Raise AccountNotServedError if the account of an event is none of those that the function answers for.

    Where the members of an organization are known, they are served; else who is listed in the environment.
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
            f"the event is about account {quoted(account)}; this function answers for {answers_for}"
        )


def _check_member(account: object, members: Members) -> None:
    if not isinstance(account, str) or not is_account(account):
        raise AccountNotServedError(f"the event is about account {quoted(account)}, which is not an account")
    refusal = members.refusal(account)
    if refusal is not None:
        raise AccountNotServedError(f"the event is about account {quoted(account)}, which is not served: {refusal}")


def served_accounts(context: object) -> list[str]:
    """Return the accounts that the environment lists, else the function's own. Raises AccountNotServedError."""
    listed = os.environ.get(SERVED_ACCOUNTS, "")
    named = [member.strip() for member in listed.split(",") if member.strip()]
    for member in named:
        if not is_account(member):
            raise AccountNotServedError(
                f"`{SERVED_ACCOUNTS}` names {quoted(member)}, which is not an account: expected 12 digits"
            )
    if named:
        return named
    own = str(getattr(context, "invoked_function_arn", "")).split(":")
    return own[_ACCOUNT_OF_AN_ARN : _ACCOUNT_OF_AN_ARN + 1]
