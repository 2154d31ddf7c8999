"""The errors that callers may catch; everything the package raises on purpose is one of these."""

from __future__ import annotations


class EcrCrossAccountError(Exception):
    """The root of the tree."""


class TrustError(EcrCrossAccountError, ValueError):
    """A trust register that cannot be read.

    `problems` names every fault as (place, reason), for instance `("trust[2].account", "…")`.
    """

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{at}: {reason}" for at, reason in problems))


def in_our_words(error: OSError) -> str:
    """Return what the system says, lower case as our own messages are."""
    return error.strerror.lower() if error.strerror else str(error)
