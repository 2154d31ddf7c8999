"""Accounts that the statements cannot distinguish: a result about one is also true of the others."""

from __future__ import annotations

from collections.abc import Hashable, Iterable

from ...documents.principals import Form, Principals, is_account
from ...memo import once
from ..conditions.clause import Clause
from ..values.verdict import Witness
from .candidates import accounts_in
from .problem import Doubt

_ACCOUNT = "aws:principalaccount"


class Indistinguishable:
    """Finds accounts that can be exchanged without changing the meaning of the statements.

    They appear in the same lists of numbers, in conditions on `aws:PrincipalAccount` and in Principal elements, and
    nowhere else. `lists`: the Principal elements of Denies, and a NotPrincipal of the Allow. `tells_apart`: wildcards,
    bounds or variables distinguish accounts, so there are no twins.
    """

    def __init__(self, clauses: Iterable[Clause], lists: Iterable[Principals], *, tells_apart: bool) -> None:
        self._clauses = tuple(clauses)
        self._lists = tuple(lists)
        self._tells_apart = tells_apart

    def place_of(self, account: str) -> Hashable | None:
        """Return what twins have in common, or None for an account without twins."""
        if self._none or account in self._odd:
            return None
        return self._places.get(account, _NOWHERE)

    @once
    def _none(self) -> bool:
        return self._tells_apart or any(clause.variables or clause.holed for clause in self._clauses)

    @once
    def _places(self) -> dict[str, tuple[Hashable, ...]]:
        """The lists that contain an account number as an item of its own, by account."""
        found: dict[str, tuple[Hashable, ...]] = {}
        for clause in self._clauses:
            for text in dict.fromkeys(clause.texts if clause.key == _ACCOUNT else ()):
                found[text] = (*found.get(text, ()), clause)
        for place, principals in enumerate(self._lists):
            for account in dict.fromkeys(one.account for one in principals.named):
                found[account] = (*found.get(account, ()), place)
        return found

    @once
    def _odd(self) -> set[str]:
        """The accounts that appear in another form: in an ARN, a path, or the value of a tag."""
        found = {one.account for each in self._lists for one in each.named if one.form is not Form.ACCOUNT}
        for clause in self._clauses:
            plain = clause.key == _ACCOUNT
            found.update(accounts_in(tuple([text for text in clause.texts if not (plain and is_account(text))])))
        return found


_NOWHERE = ()


def in_place_of(found: Witness | Doubt | None, twin: str, account: str) -> Witness | Doubt | None:
    """Return the result for an account, made from the result for its twin."""
    if not isinstance(found, Witness):
        return found
    context = {
        key: value.replace(twin, account)
        if isinstance(value, str)
        else tuple([text.replace(twin, account) for text in value])
        for key, value in found.context.items()
    }
    return Witness(found.principal.replace(twin, account), found.action, context)
