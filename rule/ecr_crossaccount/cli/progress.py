"""How far a long run has come: on a terminal, on standard error, so that what is printed stays clean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

_One = TypeVar("_One")


class _Rate(ProgressColumn):
    """How many a second."""

    def render(self, task: Task) -> Text:
        """Return the rate of late, once there is one."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", "dim")


def progress(found: Iterable[_One], what: str, total: int | None) -> Iterator[_One]:
    """Yield what is `found`, and show how many, how fast and how long yet; in silence where nobody watches."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield from found
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as shown:
        yield from shown.track(found, total=total, description=what)
