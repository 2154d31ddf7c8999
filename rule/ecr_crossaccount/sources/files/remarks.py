"""What every format says about a whole report, so that no change turns its own check green unseen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from ..found.found import Suppression
from .values.places import Place

_A_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Remark:
    """A remark about a whole report, and the place that it is about."""

    message: str
    at: Place

    @property
    def placed(self) -> str:
        """The message after its place, unless the message names the file itself."""
        place = "" if self.at.file in self.message else f"{self.at.file}:{self.at.line}: "
        return f"{place}{self.message}"


def far_away(suppressions: Iterable[Suppression], today: date | None) -> Iterator[Remark]:
    """Yield a remark about each suppression whose last day is further than a year away."""
    for one in suppressions:
        if today is not None and one.until > today + _A_YEAR:
            text = f"suppressed until {one.until}, which is further than a year away: {one.reason}"
            yield Remark(text, Place(one.file, one.line, 1))
