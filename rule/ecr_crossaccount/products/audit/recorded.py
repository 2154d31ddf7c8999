"""The recordings of all rows. Which recording of a repository counts is known only after all rows are read."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from itertools import groupby

from .config_items import Gone
from .items import Unread
from .judging import Auditor
from .raw import Raw, Recorded, moment_of
from .recordings import Recording, settled

_NO_MOMENT = -(2**63)
_GONE = -1
_FIRST_UNREAD = -2


class Recordings:
    """Recordings, stored compactly: for each row, a repository's ARN, a time, and the number of an outcome."""

    def __init__(self, auditor: Auditor) -> None:
        self._auditor = auditor
        self._arns: list[str] = []
        self._moments = array("q")
        self._found = array("q")
        self._answers = array("L")
        self._rows = array("L")
        self._times: dict[int, str] = {}
        self._tags: dict[int, tuple[tuple[str, str], ...]] = {}
        self._unread: list[Unread] = []
        self._sources: dict[tuple[str, int], int] = {}

    def add(self, raw: Raw, one: Recorded | Unread | None) -> None:
        """Add what a row records."""
        if isinstance(one, Recorded):
            self.add_judged(
                raw, one, None if isinstance(one.found, (Unread, Gone)) else self._auditor.number_of(one.found)
            )
        elif one is not None:
            self._auditor.take((one,))

    def add_judged(self, raw: Raw, one: Recorded, number: int | None) -> None:
        """Add what a row records, with the number of its outcome if it has a policy."""
        if one.tags is not None:
            self._tags[len(self._arns)] = one.tags
        if one.moment is None:
            self._times[len(self._arns)] = one.time
        self._arns.append(one.arn)
        self._moments.append(_NO_MOMENT if one.moment is None else one.moment)
        if number is not None:
            self._found.append(number)
        elif isinstance(one.found, Unread):
            self._found.append(_FIRST_UNREAD - len(self._unread))
            self._unread.append(one.found)
        else:
            self._found.append(_GONE)
        self._answers.append(self._sources.setdefault((raw.source, raw.answer), len(self._sources)))
        self._rows.append(raw.number)

    def settle(self) -> None:
        """Apply the latest recording of each repository. If the latest is unknown, apply all of its recordings."""
        names = [*self._names()]
        unread: list[tuple[int, Unread]] = []
        arns, found = self._arns, self._found
        for arn, members in groupby(sorted(range(len(arns)), key=arns.__getitem__), key=arns.__getitem__):
            places = [*members]
            latest = self._latest(places)
            if latest is None:
                for one in settled(self._recording(place, names) for place in places):
                    if isinstance(one, Unread):
                        unread.append((places[0], one))
                    else:
                        self._auditor.take((one,))
            elif found[latest] >= 0:
                self._auditor.take_judged(arn, found[latest])
                if latest in self._tags:
                    self._auditor.keep_tags(arn, dict(self._tags[latest]))
            elif found[latest] <= _FIRST_UNREAD:
                unread.append((places[0], self._unread[_FIRST_UNREAD - found[latest]]))
        self._auditor.take(one for _, one in sorted(unread, key=lambda pair: pair[0]))

    def _latest(self, places: list[int]) -> int | None:
        """Return the index of the only latest recording, or None if several may be the latest."""
        if len(places) == 1:
            return places[0]
        moments = [self._moments[place] for place in places]
        newest = max(moments)
        if _NO_MOMENT in moments or moments.count(newest) > 1:
            return None
        return places[moments.index(newest)]

    def _recording(self, place: int, names: list[str]) -> Recording:
        arn, found, micros = self._arns[place], self._found[place], self._moments[place]
        words = f"{names[self._answers[place]]}row {self._rows[place]}"
        if found >= 0:
            shown: object = self._auditor.item(arn, found, self._tags.get(place))
        else:
            shown = Gone(arn) if found == _GONE else self._unread[_FIRST_UNREAD - found]
        if micros == _NO_MOMENT:
            return Recording(shown, words, None, self._times[place])  # type: ignore[arg-type]
        moment = moment_of(micros)
        return Recording(shown, words, moment, moment.isoformat())  # type: ignore[arg-type]

    def _names(self) -> Iterator[str]:
        """Yield the text before `row` for each response: the source, and a number if the source has several."""
        several = {source for source, answer in self._sources if answer > 1}
        for source, answer in self._sources:
            name = f"{source} answer {answer}" if source in several and answer else source
            yield f"{name} " if name else ""
