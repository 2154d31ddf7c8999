"""The errors that callers may catch; everything the package raises on purpose is one of these."""

from __future__ import annotations

from collections.abc import Iterable


class EcrCrossAccountError(Exception):
    """The root of the tree."""


class TrustError(EcrCrossAccountError, ValueError):
    """A trust register that cannot be read.

    `problems` names every fault as (place, reason), for instance `("trust[2].account", "…")`.
    """

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{at}: {reason}" for at, reason in problems))


class RequiredError(EcrCrossAccountError, ValueError):
    """Statements that cannot be required.

    `problems` names every fault as (place, reason), for instance `("required[0].Effect", "…")`.
    """

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{at}: {reason}" for at, reason in problems))


class QuestionError(EcrCrossAccountError, ValueError):
    """A question about access that cannot be asked: it names nobody, no action, or a request that there cannot be."""


def in_our_words(error: OSError) -> str:
    """Return what the system says, lower case as our own messages are."""
    return error.strerror.lower() if error.strerror else str(error)


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return which of the known words may have been meant by another, None if nothing is like it."""
    from difflib import get_close_matches  # noqa: PLC0415 - asked for where something is wrong

    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, n=1)
    return names[found[0]] if found else None
