"""The searches of one judgement: one for each set of actions that fare alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .automaton import Budget
from .census import insides_of
from .clause import Roles
from .denials import Deny, Fate, fates
from .entrances import Allow
from .ground import Ground, Setting
from .memo import Memo
from .reach import Reach
from .scene import Place, Tagging
from .search import Search
from .trust import Circle

STEPS = 40_000
"""The work budget of one judgement, in steps of the search; some 100 ms on a slow machine."""


class Searches:
    """The searches of one judgement, which share a budget and all that they find out.

    `circles`: whom trust covers, by rank of access. `telling` chooses, of a set of actions, the one to show.
    """

    def __init__(
        self,
        place: Place,
        circles: Sequence[Circle],
        denies: Sequence[Deny],
        roles: Roles,
        telling: Callable[[int], str],
    ) -> None:
        self._place = place
        self._circles = circles
        self._denies = denies
        self._roles = roles
        self._telling = telling
        self._insides = insides_of(place, circles)
        self._memo = Memo(Budget(STEPS))
        self._known: dict[tuple[Allow, bool], list[tuple[int, Search]]] = {}
        self._grounds: dict[tuple[Allow, Tagging, tuple[Deny, ...]], Ground] = {}
        self._reaches: dict[tuple[Ground, int], Reach] = {}

    def of(self, allow: Allow, mask: int, *, perhaps: bool) -> list[tuple[int, Search]]:
        """One search for each set of actions that fare alike; shared by both passes where no hole tells them apart."""
        hitting = [deny for deny in self._denies if deny.perhaps & mask]
        place = (allow, perhaps and (mask != allow.actions or any(d.perhaps != d.actions for d in hitting)))
        known = self._known.get(place)
        if known is None:
            cases = fates(mask, self._circles, hitting, allow.clauses, perhaps=perhaps)
            ordered = sorted(cases, key=lambda fate: -len(fate.denies))
            known = self._known[place] = [(one.actions, self._search(allow, hitting, one)) for one in ordered]
        return known

    def _search(self, allow: Allow, hitting: Sequence[Deny], fate: Fate) -> Search:
        ground = self._ground(allow, hitting, fate.tagging)
        reach = self._reaches.get((ground, fate.circle))
        if reach is None:
            reach = Reach(ground, self._circles[fate.circle], self._insides[fate.circle])
            self._reaches[ground, fate.circle] = reach
        return Search(reach, fate.denies, self._telling(fate.actions))

    def _ground(self, allow: Allow, hitting: Sequence[Deny], tagging: Tagging) -> Ground:
        place = (allow, tagging, tuple(hitting))
        known = self._grounds.get(place)
        if known is None:
            setting = Setting(self._place, self._insides, tagging, self._roles)
            known = self._grounds[place] = Ground(setting, allow, hitting, self._memo)
        return known
