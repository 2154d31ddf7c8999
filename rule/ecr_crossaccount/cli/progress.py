"""How far a long run has come: on a terminal, on standard error, so that what is printed stays clean."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

_One = TypeVar("_One")


def progress(found: Iterable[_One], what: str, total: Callable[[], int | None]) -> Iterator[_One]:
    """Yield what is `found`, and show how many, how fast and how long yet; in silence where nobody watches.

    `total` is asked how many there are only if somebody does.
    """
    if not sys.stderr.isatty():
        yield from found
        return
    with _bar() as shown:
        yield from shown.track(found, total=total(), description=what)


@contextmanager
def spinner() -> Iterator[Callable[[str], None]]:
    """Show what is being done where nobody knows how long it takes; in silence where nobody watches."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        yield status.update


def _bar() -> Progress:
    """Return the bar; loaded only where somebody watches, because it takes a while."""
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
