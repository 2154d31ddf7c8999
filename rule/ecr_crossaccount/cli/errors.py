"""What ends a run, or a file's part of it, with a message to the user instead of an answer."""

from __future__ import annotations

from ..errors import EcrCrossAccountError


class InputError(EcrCrossAccountError):
    """Input that cannot be used; `problems` says why, each on a line of its own."""

    def __init__(self, *problems: str) -> None:
        self.problems = problems
        super().__init__("; ".join(problems))
