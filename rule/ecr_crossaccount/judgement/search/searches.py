"""The searches of one judgement: one for each set of actions that the policy and trust treat equally."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from ..conditions.clause import Roles
from ..conditions.operators import Mode
from ..context.request import RepositoryContext, Tagging
from ..values.trust import Circle
from .allow_search import AllowSearch, SearchContext
from .cache import JudgementCache
from .caller_classes import trusted_identities_of
from .denies import Deny, action_classes
from .principal_match import Allow
from .search import Search
from .trust_scoped_search import TrustScopedSearch

S = TypeVar("S", bound=Search)
_Case = tuple[int, TrustScopedSearch, frozenset[Deny], str]
"""A set of actions, the scope of its search, the Denies that count, and the action that a witness shows."""
STEPS = 50_000
"""The work budget of one judgement, in steps of the search. Each takes 1 to 5 µs, so that a judgement takes 250 ms.

`make climb` looks for documents that take longer.
"""


class Searches:
    """The searches of one judgement. They share a budget and all results.

    `circles`: the identities that trust covers, by rank of access. `telling` chooses the action of a set that a witness
    shows. `cache`: their budget, and what they know.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what the searches share, all of it
        self,
        repository: RepositoryContext,
        circles: Sequence[Circle],
        denies: Sequence[Deny],
        roles: Roles,
        telling: Callable[[int], str],
        cache: JudgementCache,
    ) -> None:
        self._repository = repository
        self._circles = circles
        self._denies = denies
        self._roles = roles
        self._telling = telling
        self._trusted = trusted_identities_of(repository, circles)
        self._cache = cache
        self._known: dict[tuple[Allow, bool], list[_Case]] = {}
        self._allow_searches: dict[tuple[Allow, Tagging, tuple[Deny, ...]], AllowSearch] = {}
        self._scoped: dict[tuple[AllowSearch, int], TrustScopedSearch] = {}

    def of(self, allow: Allow, mask: int, kind: type[S]) -> list[tuple[int, S]]:
        """Return one search for each set of actions that the policy and trust treat equally."""
        cases = self._cases(allow, mask, kind.mode)
        return [(one, kind(scoped, denies, action)) for one, scoped, denies, action in cases]

    def _cases(self, allow: Allow, mask: int, mode: Mode) -> list[_Case]:
        """Return the cases for an Allow. They are the same in both modes if no hole distinguishes actions."""
        hitting = [deny for deny in self._denies if deny.perhaps & mask]
        key = (allow, mode is Mode.MAY and (mask != allow.actions or any(d.perhaps != d.actions for d in hitting)))
        known = self._known.get(key)
        if known is None:
            cases = action_classes(mask, self._circles, hitting, allow.clauses, mode)
            ordered = sorted(cases, key=lambda action_class: -len(action_class.denies))
            self._cache.budget.spend(len(ordered) * (1 + len(hitting) // 4))
            touching = tuple(hitting)
            scopes: dict[tuple[int, Tagging], TrustScopedSearch] = {}
            known = self._known[key] = []
            for actions, circle, denies, tagging in ordered:
                scoped = scopes.get((circle, tagging))
                if scoped is None:
                    scoped = scopes[circle, tagging] = self._scope(allow, touching, circle, tagging)
                known.append((actions, scoped, frozenset(denies), self._telling(actions)))
        return known

    def _scope(self, allow: Allow, hitting: tuple[Deny, ...], circle: int, tagging: Tagging) -> TrustScopedSearch:
        allow_search = self._allow_search(allow, hitting, tagging)
        scoped = self._scoped.get((allow_search, circle))
        if scoped is None:
            scoped = TrustScopedSearch(allow_search, self._circles[circle], self._trusted[circle])
            self._scoped[allow_search, circle] = scoped
        return scoped

    def _allow_search(self, allow: Allow, hitting: tuple[Deny, ...], tagging: Tagging) -> AllowSearch:
        key = (allow, tagging, hitting)
        known = self._allow_searches.get(key)
        if known is None:
            setting = SearchContext(self._repository, self._trusted, tagging, self._roles)
            known = self._allow_searches[key] = AllowSearch(setting, allow, hitting, self._cache)
        return known
