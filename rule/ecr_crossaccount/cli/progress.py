"""How far a long run has come: on standard error, so that what is printed stays clean.

A terminal sees a bar; elsewhere, in a log for instance, there is a line every ten seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

from . import clock
from .program import complain

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 10
"""Seconds between two lines."""

_One = TypeVar("_One")


@dataclass(slots=True)
class _Count:
    """How many were read, and of how many, once that is known."""

    read: int = 0
    total: int | None = None

    def words(self) -> str:
        """Say so."""
        # The total is of repositories; what a Region has besides is read with them.
        is_known = self.total is not None and self.read <= self.total
        return f"{self.read:,} of {self.total:,} read" if is_known else f"{self.read:,} read"


def progress(found: Iterable[_One], what: str, total: Callable[[], int | None]) -> Iterator[_One]:
    """Yield what is `found`, and show how many, how fast and how long yet.

    `total` is asked how many there are only if someone sees it, and without a terminal from a thread of its own.
    """
    if sys.stderr.isatty():
        with _bar() as shown:
            yield from shown.track(found, total=total(), description=what)
        return
    count = _Count()

    def ask() -> None:
        count.total = total()

    with _lines(lambda: f"{what}: {count.words()}", ask):
        for one in found:
            count.read += 1
            yield one


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """Show what is being done where nobody knows how long it takes."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("") as status:
            yield status.update
        return
    latest = ""

    def tell(doing: str) -> None:
        nonlocal latest
        latest = doing

    with _lines(lambda: latest, lambda: None):
        yield tell


@contextmanager
def _lines(words: Callable[[], str], at_first: Callable[[], None]) -> Iterator[None]:
    """Write a line every ten seconds until the block is left; before the first of them, begin to do `at_first`."""
    ended = Event()
    began = clock.monotonic()

    def write() -> None:
        is_first = True
        while not wait(ended):
            if is_first:
                _aside(at_first)
            is_first = False
            try:
                complain(f"{words()}, {clock.monotonic() - began:,.0f} s")
            except (OSError, ValueError):  # nobody reads standard error any more
                return

    _aside(write)
    try:
        yield
    finally:
        ended.set()


def wait(ended: Event) -> bool:
    """Wait until the next line is due, and tell whether the run has ended before."""
    return ended.wait(EVERY)


def _aside(act: Callable[[], None]) -> None:
    """Do something in a thread that nobody waits for; how it fails is told by whoever does the same in earnest."""

    def quietly() -> None:
        with suppress(Exception):
            act()

    Thread(target=quietly, daemon=True).start()


def _bar() -> Progress:
    """Return the bar; loaded only where someone watches, because it takes a while."""
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        ProgressColumn,
        Task,
        TextColumn,
        TimeRemainingColumn,
    )
    from rich.text import Text

    class Rate(ProgressColumn):
        """How many a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "", "dim")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
