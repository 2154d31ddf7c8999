"""Measurement of time: in turns, with the same clock, and without garbage collection.

Machines speed up and slow down during a measurement. So contenders take turns every few policies, the order rotates,
and the ratio within a turn is compared. The figure is the median of all turns.
"""

from __future__ import annotations

import functools
import gc
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import ceil, nan
from statistics import median
from time import perf_counter, process_time

from .contenders import Answer

TURN = 50
"""The number of policies in a turn."""
_CACHED = type(functools.cache(len))


@contextmanager
def undisturbed() -> Iterator[None]:
    """Disable garbage collection in the block. Otherwise, whichever contender is running would pay for it."""
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


def in_turns(contenders: Mapping[str, Answer], texts: Sequence[str]) -> dict[str, list[float]]:
    """Return the seconds of each contender for each turn of texts, which all contenders see in the same order."""
    names = list(contenders)
    seconds: dict[str, list[float]] = {name: [] for name in names}
    with undisturbed():
        for turn, start in enumerate(range(0, len(texts), TURN)):
            part = texts[start : start + TURN]
            first = turn % len(names)
            for name in names[first:] + names[:first]:
                seconds[name].append(seconds_for(contenders[name], part))
    return seconds


def ratio(rounds: Iterable[Mapping[str, Sequence[float]]], ours: str, peer: str) -> float:
    """Return our time as a multiple of a peer's: the median of the turns of all rounds."""
    return median(one / other for each in rounds for one, other in zip(each[ours], each[peer], strict=True))


def seconds_for(answer: Answer, texts: Sequence[str]) -> float:
    """Return the seconds for the texts, one after the other."""
    start = perf_counter()
    for text in texts:
        answer(text)
    return perf_counter() - start


def one_by_one(
    contenders: Mapping[str, Answer], texts: Sequence[str], *, peers: Container[str] = ()
) -> dict[str, list[float]]:
    """Return the seconds of each contender for each text, in turns of one text. NaN if one of the `peers` raised.

    An exception of our own ends the run, because a missing answer is not a fast one.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    with undisturbed():
        for text in texts:
            for name, answer in contenders.items():
                try:
                    seconds[name].append(seconds_for(answer, (text,)))
                except Exception:
                    if name not in peers:
                        raise
                    seconds[name].append(nan)
    return seconds


def fixed_work() -> float:
    """Return the processor time of a loop that is always the same, in milliseconds: the least of five measurements."""
    return min(_fixed_work() for _ in range(5)) * 1e3


def _fixed_work() -> float:
    start = process_time()
    known: dict[tuple[int, str], int] = {}
    for number in range(100_000):
        key = number % 1_000, "key"
        known[key] = known.get(key, 0) | number << number % 64
    return process_time() - start


def forget(package: str) -> None:
    """Clear every `functools` cache of a package, and its looked-up values, so that no earlier round helps."""
    for clear in caches_of(package):
        clear()


def caches_of(package: str) -> list[Callable[[], None]]:
    """Return what clears each cache of a package."""
    found: list[Callable[[], None]] = []
    for cache in gc.get_objects():
        if isinstance(cache, _CACHED) and _belongs(cache, package):
            found.append(cache.cache_clear)
        elif type(cache).__module__ == f"{package}.memo.looked_up" and isinstance(cache, dict):
            found.append(cache.clear)
    return found


def _belongs(cache: object, package: str) -> bool:
    module = getattr(cache, "__module__", None) or ""
    return module.partition(".")[0] == package


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest value that is at least as large as this share of the values (nearest rank)."""
    return sorted(values)[max(0, ceil(share * len(values)) - 1)]
