"""The data that the steps of a run share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from ecr_crossaccount import Trust
from ecr_crossaccount.sources.register.lists import trust_of

from .cases import Case
from .clients import Clients
from .clock import Clock
from .deployment import Deployment
from .record import Record
from .sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Session:
    """A run: its place, its tools, and its results so far. `say` shows the progress to the user.

    `credentials_end`: when the credentials end, or None if they do not.
    """

    sandbox: Sandbox
    clients: Clients
    clock: Clock
    deployment: Deployment
    cases: tuple[Case, ...]
    record: Record
    say: Callable[[str], None]
    credentials_end: datetime | None = None

    @property
    def trust(self) -> Trust:
        """The trust of the stack, as its rule reads its parameters."""
        return trust_of(self.sandbox.rule_parameters, self.clock.now().date())

    @property
    def repositories(self) -> dict[str, str]:
        """The cases' names by their repositories'."""
        return {self.sandbox.repository(case.name): case.name for case in self.cases}
