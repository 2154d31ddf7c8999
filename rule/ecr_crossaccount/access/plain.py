"""Allows that need no search: without condition, hole or Deny, their principals are the answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import assert_never

from ..policy.principals import Form, Named, Principals
from .candidates import FRESH_ACCOUNT, known_services
from .census import insides_of
from .charset import GENERIC
from .clause import Roles, role_of
from .denials import Deny, fates
from .domains import Assignment
from .entrances import SORTS_OF, Allow, taken
from .findings import ANY_ACCOUNT, ANY_SERVICE, Found
from .scene import Deputy, Outsider, Place
from .trust import Circle
from .verdict import Kind, Witness
from .witness import usual_witness


def is_plain(allow: Allow, denies: Sequence[Deny]) -> bool:
    """Whether an Allow needs no search: no condition, no hole, no unknown principal, no Deny on its actions."""
    principals = allow.statement.principals
    doubtful = principals.ids or principals.unknown or principals.unknown_services or allow.statement.holes
    if allow.clauses or doubtful or principals.negated or allow.perhaps != allow.actions:
        return False
    return not denies or not any(deny.perhaps & allow.actions for deny in denies)


class PlainFindings:
    """Says of plain Allows what searches would; `telling` chooses, of a set of actions, the one to show."""

    def __init__(self, place: Place, circles: Sequence[Circle], roles: Roles, telling: Callable[[int], str]) -> None:
        self._place = place
        self._circles = circles
        self._insides = insides_of(place, circles)
        self._roles = roles
        self._telling = telling

    def of(self, allow: Allow) -> Iterator[tuple[int, Found]]:
        """Those outside whom an Allow lets in, by the actions for which the same ones are trusted."""
        principals = allow.statement.principals
        others = taken(self._insides, principals.named)
        for fate in fates(allow.actions, self._circles, (), (), perhaps=False):
            action = self._telling(fate.actions)
            circle, inside = self._circles[fate.circle], self._insides[fate.circle]
            if _admits_anybody(principals):
                yield fate.actions, self._anybody(action, others)
            for entry in principals.named:
                if entry.account not in inside.accounts:
                    yield fate.actions, self._account(entry, action, others)
            for name, shown in self._services(principals, circle):
                yield fate.actions, self._service(name, shown, action, others)

    def _anybody(self, action: str, others: frozenset[str]) -> Found:
        scene = Outsider(self._place, FRESH_ACCOUNT, None, fresh=True)
        return Found(Kind.ANY, ANY_ACCOUNT, (FRESH_ACCOUNT, None), usual_witness(scene, {}, action, others))

    def _account(self, entry: Named, action: str, others: frozenset[str]) -> Found:
        scene = Outsider(self._place, entry.account, None, fresh=True, sort=SORTS_OF[entry.form][0])
        shown = usual_witness(scene, _identity(entry, self._roles), action, others)
        if entry.form is Form.SESSION:
            shown = Witness(entry.source, action, shown.context)
        return Found(Kind.ACCOUNT, entry.account, (entry.account, None), shown)

    def _services(self, principals: Principals, circle: Circle) -> list[tuple[str, str]]:
        """The services to ask for, and how each is called: of any service, one that nobody trusts will do."""
        if not _admits_anybody(principals):
            return [(name, name) for name in principals.services if name not in circle.services]
        return [(name, ANY_SERVICE) for name in known_services(sorted(circle.services)) if name not in circle.services][
            :1
        ]

    def _service(self, name: str, shown: str, action: str, others: frozenset[str]) -> Found:
        scene = Deputy(self._place, name, FRESH_ACCOUNT, None, fresh=True)
        found = usual_witness(scene, {}, action, others)
        return Found(Kind.SERVICE, f"{shown} for any account", (name, FRESH_ACCOUNT), found)


def _admits_anybody(principals: Principals) -> bool:
    return principals.everyone or principals.any_aws


def _identity(entry: Named, roles: Roles) -> Assignment:
    """What a request of a named principal carries that shows who he is."""
    match entry.form:
        case Form.ACCOUNT:
            return {}
        case Form.ROLE:
            return {"aws:principalarn": (entry.source,)}
        case Form.USER:
            return {"aws:principalarn": (entry.source,), "aws:username": (entry.name.rpartition("/")[2],)}
        case Form.FEDERATED:
            return {"aws:principalarn": (entry.source,), "aws:userid": (f"{entry.account}:{entry.name}",)}
        case Form.SESSION:
            arns, session = role_of(entry, roles)
            return {"aws:principalarn": (arns[0],), "aws:userid": (f"AROA{GENERIC * 17}:{session}",)}
        case _:
            assert_never(entry.form)
