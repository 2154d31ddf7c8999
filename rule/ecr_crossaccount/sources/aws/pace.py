"""The rate of calls after AWS has asked to slow down.

Calls are made at the rate that AWS recently accepted. From time to time, a trial uses a higher rate for a moment. If
more calls succeed, the higher rate is kept. So few calls are refused at a limit, and refusals that do not depend on the
rate do not lower it. boto3's mode `adaptive` lowers its rate by three tenths for each refusal. With several concurrent
calls, that ends at one call every two seconds.

Time is an argument, in seconds of a monotonic clock.
"""

from __future__ import annotations

from threading import Lock

_MORE = 1.6
"""The rate of a trial, as a multiple of the usual rate."""
_PAYS = 1.25
"""A trial keeps its rate only if more calls a second succeed than this multiple of the usual number."""
_SECONDS, _ANSWERS = 0.25, 10
"""The least seconds and the least answers of a trial. It is compared with three times as much at the usual rate."""
_USUAL = 3
_LONGEST = 5.0
"""The longest time of either, in seconds, with any number of answers."""
_SLOWEST = 1.0
"""The lowest rate, in calls a second."""


class Pace:
    """The turns of all calls of one operation, in all threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._usual: float | None = None
        """Calls a second, or None until AWS has refused one and the rate of its answers is known."""
        self._tried: float | None = None
        """Calls a second that succeeded in the last trial, or None during a trial."""
        self._next = self._since = 0.0
        self._measures = False
        self._answers = self._accepted = 0
        self.accepted = 0
        """All calls so far that were not refused."""

    def turn(self, now: float) -> float:
        """Take the next turn, and return the seconds until it begins.

        Take one turn at a time, because turns that are taken keep their distance when the rate changes.
        """
        with self._lock:
            if self._usual is None:
                return 0.0
            begins = max(now, self._next)
            self._next = begins + 1 / (self._usual if self._tried is not None else self._usual * _MORE)
            return begins - now

    def took(self, now: float) -> None:
        """Record that AWS accepted a call, with any answer."""
        with self._lock:
            self.accepted += 1
            self._accepted += 1
            self._count(now)

    def refused(self, now: float) -> None:
        """Record that AWS asked to slow down."""
        with self._lock:
            if not self._measures:
                self._measures = True
                self._begin(now)
            self._count(now)

    def _count(self, now: float) -> None:
        """Count an answer, and change the rate after enough answers. Nothing is measured before the first refusal."""
        self._answers += 1
        seconds, times = now - self._since, 1 if self._tried is None else _USUAL
        enough = seconds >= _SECONDS * times and self._answers >= _ANSWERS * times
        if self._measures and (enough or seconds >= _LONGEST):
            self._go_on(self._accepted / seconds)
            self._begin(now)

    def _go_on(self, measured: float) -> None:
        """Begin or end a trial. `measured` is the number of calls a second that succeeded since the last time."""
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
