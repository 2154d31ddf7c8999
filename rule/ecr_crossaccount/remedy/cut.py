"""Actions cut to what trust covers: what is within it stays as written, a wildcard becomes the actions that remain."""

from __future__ import annotations

from collections.abc import Sequence

from ..access.actions import ActionSets, of_ranks
from ..policy.document import Actions
from ..policy.holes import Text
from .inside import Ranks
from .limits import CannotSayError


def cut(actions: Actions, ranks: Ranks) -> tuple[Text, ...]:
    """Return the actions of some ranks that an element allows, empty if none. Raises CannotSayError."""
    allowed = of_ranks(ranks)
    sets = ActionSets()
    if actions.negated:
        _refuse_unknown(actions.patterns)
        return sets.names(sets.allowed(actions)[0] & allowed)
    kept: list[Text] = []
    done = 0
    for text in actions.patterns:
        known, perhaps = sets.allowed(Actions(negated=False, patterns=(text,)))
        if perhaps & ~allowed:
            _refuse_unknown((text,))
            kept += sets.names(known & allowed & ~done)
        else:
            kept.append(text)
        done |= known & allowed
    return tuple(kept) if done or _perhaps(actions) & allowed else ()


def _perhaps(actions: Actions) -> int:
    return ActionSets().allowed(actions)[1]


def ranks_of(actions: Actions) -> Ranks:
    """Return the ranks of what an element allows, or may allow once its holes are filled."""
    every = _perhaps(actions)
    return frozenset(rank for rank in range(3) if every & of_ranks(frozenset((rank,))))


def _refuse_unknown(patterns: Sequence[Text]) -> None:
    if not all(isinstance(text, str) for text in patterns):
        raise CannotSayError("which actions it allows is not known yet, and so they cannot be cut")
