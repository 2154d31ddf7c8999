"""Who can call wanted actions through roles, for `ask`: about the repositories that were gathered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from ...judgement.beside import Beside
from ...judgement.values.trust import Trust
from ...questions.ask.question import Caller, Wanted
from ...questions.roles.answer import Through
from ...questions.roles.asked import asked_through
from ...questions.roles.house import Account, Repository
from .access import Gathering
from .account_details import Details
from .roles import each_account, repository_in, unread_beside


def asked_roles(  # noqa: PLR0913, PLR0917 - everything that an answer depends on
    gathering: Gathering,
    read: Details,
    wanted: Wanted,
    caller: Caller | None,
    trust: Trust,
    beside: Beside,
    organization: str | None,
) -> Mapping[str, Through]:
    """Return who can call the wanted actions through roles. A question about one caller asks for no approval."""
    about = trust if caller is None else replace(trust, entries=())
    by_account: dict[str, list[Repository]] = {}
    unseen: set[str] = set()
    for item in gathering.items:
        registry = gathering.registries.find_policy(item.account, item.region) or beside.registry
        by_account.setdefault(item.account, []).append(repository_in(item, registry))
        if registry is None and not gathering.knows_registries:
            unseen.add(item.account)

    def search(account: Account) -> Through:
        more = unread_beside(gathering.errors, account.number, registries=account.number not in unseen)
        unread = (*account.unread, *more)
        return asked_through(replace(account, rcps=beside.rcps, unread=unread), about, wanted, caller)

    return each_account(read, by_account, organization, search)
