"""The errors that callers may catch. Every error that the package raises intentionally is one of these."""

from __future__ import annotations

from collections.abc import Iterable


class EcrCrossAccountError(Exception):
    """The base class. Its arguments are the reasons, one a line."""

    def __str__(self) -> str:
        return "; ".join(map(str, self.args))


class InputError(EcrCrossAccountError, ValueError):
    """Something that a person or a program wrote cannot be used."""


class AwsError(EcrCrossAccountError):
    """AWS refused or failed, or what it answered cannot be used."""


class InternalError(EcrCrossAccountError):
    """A limit of this program is reached, or it met an error of its own."""


class OutOfTimeError(InternalError):
    """The deadline is near, so nothing new may begin."""

    def __init__(self) -> None:
        super().__init__("the time limit of the function is close")


class _FaultsError(InputError):
    """`problems` has every fault as (place, reason), for example `("trust[2].account", "…")`."""

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        self.problems = problems
        super().__init__(*(f"{at}: {reason}" for at, reason in problems))


class TrustError(_FaultsError):
    """A trust register that cannot be read."""


class RequiredError(_FaultsError):
    """Statements that cannot be required."""


class QuestionError(InputError):
    """A question about access that cannot be evaluated: its caller, action or request is invalid."""


def in_our_words(error: OSError) -> str:
    """Return the system's message in lower case, like this program's own messages."""
    return error.strerror.lower() if error.strerror else str(error)


def suggest(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean …?)` with the most similar known word, or "" if no word is similar."""
    found = closest(word, known)
    return f" (did you mean `{found}`?)" if found else ""


def closest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that is most similar to another one, or None if no word is similar."""
    from difflib import get_close_matches  # noqa: PLC0415 - needed only for errors

    names = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), names, n=1)
    return names[found[0]] if found else None
