"""The ways in which AWS limits calls: a bucket of tokens, or refusals that do not depend on the rate."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable


class TokenBucket:
    """Accepts `rate` calls a second, and `burst` at once after a pause. `clock` returns seconds."""

    def __init__(self, rate: float, burst: float, clock: Callable[[], float]) -> None:
        self._rate, self._burst, self._clock = rate, burst, clock
        self._left = burst
        self._at = clock()
        self._lock = threading.Lock()

    def takes(self) -> bool:
        """Return whether a call is accepted now."""
        with self._lock:
            now = self._clock()
            self._left = min(self._burst, self._left + (now - self._at) * self._rate)
            self._at = now
            if self._left < 1:
                return False
            self._left -= 1
            return True


class Luck:
    """Refuses a random share of the calls."""

    def __init__(self, refused: float, seed: int) -> None:
        self._refused, self._random = refused, random.Random(seed)  # noqa: S311 - a game of chance
        self._lock = threading.Lock()

    def takes(self) -> bool:
        """Return whether a call is accepted."""
        with self._lock:
            return self._random.random() >= self._refused
