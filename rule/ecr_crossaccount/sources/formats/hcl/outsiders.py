"""Accounts and organizations in texts that are neither the owner's own nor trusted."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ....judgement.values.trust_entries import SELF, Subject
from ...found.context import Context
from .providers import Account

_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])(?!\.dkr[.-])")
"""An account, except in the address of an image."""
_ORGANIZATION = re.compile(r"(?<![0-9A-Za-z-])o-[a-z0-9]{10,32}(?![0-9A-Za-z])")


def outsiders(texts: Iterable[str], context: Context, owner: Account) -> list[str]:
    """Return the accounts and organizations in some texts that are outside, each once, in order."""
    inside: set[Account | None] = {*_trusted(context), owner, context.account, context.organization}
    named = (one for text in texts for one in (*_ACCOUNT.findall(text), *_ORGANIZATION.findall(text)))
    return [one for one in dict.fromkeys(named) if one not in inside]


def _trusted(context: Context) -> set[str | None]:
    """Return the accounts and organizations that may have any access to every repository."""
    return {
        context.organization if one.name == SELF else one.name
        for one in context.trust.valid
        if one.subject in (Subject.ACCOUNT, Subject.ORGANIZATION) and one.covers("*")
    }
