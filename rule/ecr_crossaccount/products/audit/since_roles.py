"""What has changed in the access through roles since an earlier audit that read them too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ...judgement.values.actions import access_of_names
from ...judgement.values.verdict import Undecided
from ...questions.roles.answer import Through
from .known_ways import Key, ways_in
from .report import AccessChange

Json = Mapping[str, Any]
_UNKNOWN = Undecided(None, "whether access through roles has ended is unknown, because not everything about them is")


def changes_by_roles(
    before: Iterable[Json], now: Mapping[str, Through]
) -> Iterator[tuple[str, str, AccessChange | Undecided]]:
    """Yield what is `new` and `gone`, each with its repository, or a doubt about it, in accounts of both audits."""
    earlier = {one["account"]: one for one in before}
    for account, found in now.items():
        if account not in earlier:
            continue
        then, current = earlier[account], found.to_json()
        was, was_approved = ways_in(then["ways"]), ways_in(then.get("approved", ()))
        ways, approved = ways_in(current["ways"]), ways_in(current["approved"])
        for key, actions in ways.items():
            if actions - was.get(key, frozenset()):
                yield "new", key[-1], _change(key, actions - was.get(key, frozenset()), is_approved=key in was_approved)
        for key, actions in was.items():
            left = actions - ways.get(key, frozenset())
            if left and (found.perhaps or found.unread) and key not in approved:
                yield "gone", key[-1], _UNKNOWN
            elif left:
                yield "gone", key[-1], _change(key, left, is_approved=key in approved)


def _change(key: Key, actions: frozenset[str], *, is_approved: bool) -> AccessChange:
    kind, grantee, chain, arn = key
    other = "approved" if is_approved else "refused"
    return AccessChange(arn, kind, grantee, access_of_names(actions), tuple(sorted(actions)), other, chain)
