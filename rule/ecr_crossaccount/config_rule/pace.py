"""How fast AWS is asked once it has asked to slow down.

Calls are made at the rate at which AWS lately took them, and every now and then for a moment at a higher one: if more
calls get through then, the higher rate is kept. So a limit is met with few refusals, and refusals that do not depend on
the rate do not lower it. boto3's mode `adaptive` cuts its rate by three tenths for each refusal instead: with several
calls under way at a time, that ends at one call in two seconds.

Time is an argument: seconds of a clock that only ever grows.
"""

from __future__ import annotations

from threading import Lock

_MORE = 1.6
"""How much faster it is tried."""
_PAYS = 1.25
"""More than how much more must get through then, so that the higher rate is kept."""
_SECONDS, _ANSWERS = 0.25, 10
"""What a trial takes at least, of both; it is compared with three times as much at the usual rate."""
_USUAL = 3
_LONGEST = 5.0
"""Seconds after which either ends, however few answers there are."""
_SLOWEST = 1.0
"""Calls a second that are made at least."""


class Pace:
    """The turns of all calls of one operation, whichever thread makes them."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._usual: float | None = None
        """Calls a second; None until AWS has refused one and it is known how many it answers."""
        self._tried: float | None = None
        """Calls a second that got through in the last trial; None while there is one."""
        self._next = self._since = 0.0
        self._measures = False
        self._answers = self._accepted = 0
        self.accepted = 0
        """All calls that were not refused so far."""

    def turn(self, now: float) -> float:
        """Take the next turn, and return how many seconds it is away.

        Ask for one turn at a time: those that are taken keep their distance when the rate changes.
        """
        with self._lock:
            if self._usual is None:
                return 0.0
            begins = max(now, self._next)
            self._next = begins + 1 / (self._usual if self._tried is not None else self._usual * _MORE)
            return begins - now

    def took(self, now: float) -> None:
        """Note that AWS took a call, whatever it answered."""
        with self._lock:
            self.accepted += 1
            self._accepted += 1
            self._count(now)

    def refused(self, now: float) -> None:
        """Note that AWS asked to slow down."""
        with self._lock:
            if not self._measures:
                self._measures = True
                self._begin(now)
            self._count(now)

    def _count(self, now: float) -> None:
        """Count an answer; once there are enough, go on at another rate. Nothing is measured before a refusal."""
        self._answers += 1
        seconds, times = now - self._since, 1 if self._tried is None else _USUAL
        enough = seconds >= _SECONDS * times and self._answers >= _ANSWERS * times
        if self._measures and (enough or seconds >= _LONGEST):
            self._go_on(self._accepted / seconds)
            self._begin(now)

    def _go_on(self, measured: float) -> None:
        """Begin a trial or end one, given how many calls a second got through since the last time."""
        if self._usual is None:
            self._usual = max(measured, _SLOWEST)
        elif self._tried is None:
            self._tried = measured
        else:
            pays = self._tried > measured * _PAYS
            self._usual = max(self._usual * _MORE if pays else max(self._tried, measured), _SLOWEST)
            self._tried = None

    def _begin(self, now: float) -> None:
        self._since, self._answers, self._accepted = now, 0, 0
