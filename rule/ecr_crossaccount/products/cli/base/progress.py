"""The progress of a long run. It goes to standard error, so that the printed result stays clean.

On a terminal it is a bar. Elsewhere, for example in a log, it is a line every ten seconds.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread
from typing import TYPE_CHECKING, TypeVar

from . import clock
from .program import complain

if TYPE_CHECKING:
    from rich.progress import Progress

EVERY = 10
"""Seconds between two lines."""

_One = TypeVar("_One")


def progress(found: Iterable[_One], what: str, total: Callable[[], int | None]) -> Iterator[_One]:
    """Yield the items of `found`, and show their number, the rate and the time left.

    `total` returns the number of items. It is called only if someone sees it; without a terminal, in its own thread.
    """
    if sys.stderr.isatty():
        with _bar() as shown:
            yield from shown.track(found, total=total(), description=what)
        return
    read, known = 0, None

    def ask() -> None:
        nonlocal known
        known = total()

    def words() -> str:
        # The total counts repositories only, but other items of a Region are read with them.
        of_all = "" if known is None or read > known else f" of {known:,}"
        return f"{what}: {read:,}{of_all} read"

    with _lines(words, ask):
        for one in found:
            read += 1
            yield one


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """Show the current step of a run of unknown length."""
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
    """Write a line every ten seconds until the block ends. Before the first line, start `at_first`."""
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
            except (OSError, ValueError):  # standard error is closed
                return

    _aside(write)
    try:
        yield
    finally:
        ended.set()


def wait(ended: Event) -> bool:
    """Wait until the next line is due, and return whether the run has ended before."""
    return ended.wait(EVERY)


def _aside(act: Callable[[], None]) -> None:
    """Run a function in a background thread. Its errors are ignored, because the run itself reports the same ones."""

    def quietly() -> None:
        with suppress(Exception):
            act()

    Thread(target=quietly, daemon=True).start()


def _bar() -> Progress:
    """Return the bar. Its library is imported only if a terminal shows it, because the import takes a while."""
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
        """The number of items a second."""

        def render(self, task: Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text(f"{speed:,.0f}/s" if speed else "", "dim")

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), Rate(), TimeRemainingColumn())
    return Progress(*columns, console=Console(stderr=True), transient=True)
