"""Many texts, compared with a pattern at once. They share a bit mask, with a bit for each place in each text."""

from __future__ import annotations

from collections.abc import Iterable

from ...documents.pattern import Part, Wild


class Names:
    """Some texts. A set of them is a bit mask, in which the position of a text is its bit."""

    __slots__ = ("_before", "_ends", "_guards", "_inside", "_starts")

    def __init__(self, texts: Iterable[str]) -> None:
        before: dict[str, list[int]] = {}
        self._ends: list[int] = []
        starts: list[int] = []
        place = 0
        for text in texts:
            starts.append(place)
            for character in text:
                before.setdefault(character, []).append(place)
                place += 1
            self._ends.append(place)
            place += 2  # the end of a text is a place, and a guard separates it from the next text
        self._before = {character: _bits(places) for character, places in before.items()}
        self._starts = _bits(starts)
        self._inside = _bits(one for places in before.values() for one in places)
        self._guards = _bits(end + 1 for end in self._ends)

    def matching(self, parts: Iterable[Part]) -> int:
        """Return the texts that a pattern matches. Whatever is no literal part and no `?` matches any text."""
        state, guards = self._starts, self._guards
        for part in parts:
            if isinstance(part, str):
                for character in part:
                    state = (state & self._before.get(character, 0)) << 1
            elif part is Wild.ONE:
                state = (state & self._inside) << 1
            else:
                # Of each text, all places from the first one on: subtracted from its guard, that place and those above.
                state = (state | (guards - state)) & ~guards
            if not state:
                return 0
        return _bits(place for place, end in enumerate(self._ends) if state >> end & 1)


def _bits(places: Iterable[int]) -> int:
    return sum([1 << place for place in places])
