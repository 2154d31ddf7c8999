"""Cuts actions to what trust covers. Covered actions stay as written. A wildcard becomes the actions that remain."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ...documents.document import Actions
from ...documents.holes import Text
from ...judgement.values.actions import ActionSets, of_ranks
from .errors import CannotSayError
from .inside import Ranks
from .limits import is_within
from .written import Style

_WORD = re.compile(r"[A-Z][a-z]+")


def cut(actions: Actions, ranks: Ranks, style: Style) -> tuple[Text, ...]:
    """Return the actions of the element that have one of the ranks. `ranks` must be among those of the element.

    Leaves out actions that no repository policy can grant, such as `ecr:GetAuthorizationToken`. Raises CannotSayError
    if the actions are unknown until deployment.
    """
    allowed = of_ranks(ranks)
    sets = ActionSets()
    if actions.negated:
        _refuse_unknown_action(actions.patterns)
        return sets.names(sets.allowed(actions)[0] & allowed)
    kept: list[Text] = []
    done = 0
    for text in actions.patterns:
        known, perhaps = sets.allowed(Actions(negated=False, patterns=(text,)))
        if perhaps & ~allowed:
            _refuse_unknown_action((text,))
            names = sets.names(known & allowed & ~done)
            kept += names if style is Style.PLAIN else _shortened(str(text), names, allowed)
        elif perhaps:
            kept.append(text)
        done |= known & allowed
    return tuple(kept)


def _shortened(source: str, names: Sequence[str], allowed: int) -> list[str]:
    """Return each action as its first words and `*`, if the original pattern covers everything that this matches."""
    found: list[str] = []
    for name in names:
        starts = (f"{name[: word.end()]}*" for word in _WORD.finditer(name))
        found.append(next((start for start in starts if _is_within(start, source, allowed)), name))
    return list(dict.fromkeys(found))


def _is_within(start: str, source: str, allowed: int) -> bool:
    matched = ActionSets().allowed(Actions(negated=False, patterns=(start,)))[0]
    return not matched & ~allowed and is_within(start.lower(), source.lower())


def ranks_of(actions: Actions) -> Ranks:
    """Return the ranks of the actions that an element allows, or may allow when its holes are filled."""
    every = ActionSets().allowed(actions)[1]
    return frozenset(rank for rank in range(3) if every & of_ranks(frozenset((rank,))))


def _refuse_unknown_action(patterns: Sequence[Text]) -> None:
    if not all(isinstance(text, str) for text in patterns):
        raise CannotSayError("which actions it allows is not known yet, and so they cannot be cut")
