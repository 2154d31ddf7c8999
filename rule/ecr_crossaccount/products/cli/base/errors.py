"""The error that ends a run, or skips a file, with a message to the user."""

from __future__ import annotations

from ....errors import EcrCrossAccountError


class InputError(EcrCrossAccountError):
    """Input that cannot be used. `problems` has the reasons, one a line."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))
