"""Of the access through roles, what a question of `ask` is about."""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from operator import or_

from ...documents.document import Form
from ...judgement.values.actions import ActionSets
from ...judgement.values.trust import Trust
from ..ask.question import Caller, Wanted
from .answer import Through
from .house import Account
from .outsiders import Outsider, Who
from .through import search_roles

INSIDE = "the caller is of the account itself, and its way to a role is not followed"
"""Why more may exist than the access of outsiders."""


def asked_through(account: Account, trust: Trust, wanted: Wanted, caller: Caller | None) -> Through:
    """Return who can call wanted actions through roles of an account: everyone outside, or those a caller may be of."""

    def actions_asked_in(sets: ActionSets) -> int:
        return reduce(or_, map(sets.bit_of, wanted.reaching(sets.others).actions), 0)

    found = search_roles(account, trust, actions_asked_in)
    telling = wanted.reaching(action for way in found.ways for action in way.actions).telling
    found = replace(found, ways=tuple(way for way in found.ways if not telling.isdisjoint(way.actions)))
    if caller is None:
        return found
    is_inside = caller.account == account.number

    def concerns(who: Outsider) -> bool:
        return not is_inside and _may_be(caller, who)

    return replace(
        found,
        ways=tuple(way for way in found.ways if concerns(way.outsider)),
        perhaps=tuple(way for way in found.perhaps if concerns(way.outsider)),
        more=tuple(more for more in found.more if concerns(more.outsider)),
        leaves=tuple(leaf for leaf in found.leaves if concerns(leaf.outsider)),
        approved=tuple(approved for approved in found.approved if concerns(approved.outsider)),
        unread=(*found.unread, INSIDE) if is_inside else found.unread,
    )


def _may_be(caller: Caller, who: Outsider) -> bool:
    """Return whether a caller may be one of those whom a trust policy allows, as far as it names them."""
    if who.kind is Who.UNKNOWN:
        return True
    if caller.service is not None:
        return who.kind is Who.SERVICE and who.name == caller.service
    if who.kind in (Who.ANY_ACCOUNT, Who.ANYBODY):
        return True
    if who.kind is Who.ORGANIZATION:
        return not caller.is_anyone
    if who.kind is Who.ACCOUNT:
        return who.name == caller.account
    return who.kind is Who.PRINCIPAL and who.name.split(":")[4] == caller.account and _is_principal(caller, who.name)


def _is_principal(caller: Caller, arn: str) -> bool:
    """Return whether a caller may be a principal of the same account. A session is one of its role, with any path."""
    if caller.named is None or caller.text == arn:
        return True
    if caller.named.form is Form.SESSION:
        return arn.rpartition("/")[2] == caller.named.name.rpartition("/")[0] and ":role/" in arn
    return False
