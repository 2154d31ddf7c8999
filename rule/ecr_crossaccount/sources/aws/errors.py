"""The errors between AWS Config and the judgement. Lambda sees all of them, so that the event is tried again."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ...documents.problems import first_of
from ...errors import AwsError, InputError

_NAMED = 20
"""The most resources that an error message names. The log has them all."""

_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")


class EventError(InputError):
    """An event does not have the shape that AWS Config documents."""


class AccountNotServedError(InputError):
    """An event is about an account that this function does not serve."""


class MalformedAnswerError(AwsError, BotoCoreError):
    """AWS gave an answer that its documentation does not allow.

    Also a BotoCoreError, so that it is handled like one.
    """

    def __init__(self, service: str, operation: str, problem: str) -> None:
        Exception.__init__(self, f"the answer of {service} to {operation} cannot be read: {problem}")

    def __reduce__(self) -> tuple[type[Exception], tuple[str]]:
        """Make it copyable like any other exception. The method of BotoCoreError needs keywords."""
        return Exception, (str(self),)


class RepositoryGoneError(AwsError):
    """ECR does not know the repository, or no longer knows it."""


class SweepIncompleteError(AwsError):
    """Some policies could not be read. These repositories keep their earlier result, and all others were reported.

    `refused`: why, if ECR refuses the role for every repository.
    """

    def __init__(self, repositories: Sequence[str], refused: str = "") -> None:
        why = refused and f"; {refused}, for other repositories too: allow it in the role's policies"
        super().__init__(
            f"{_count(repositories, 'repository', 'repositories')} could not be read: {_few(repositories)}{why}"
        )
        self.repositories = tuple(repositories)


class SweepUnfinishedError(AwsError):
    """A sweep ran out of time and cannot continue. What was judged is reported. The rest keeps its earlier result."""

    def __init__(self, left: int | None, reason: str) -> None:
        super().__init__(f"the sweep stops, repositories left: {'all' if left is None else left}; {reason}")
        self.left = left


class EvaluationsRefusedError(AwsError):
    """AWS Config did not record some results, although they were sent several times."""

    def __init__(self, resources: Sequence[str]) -> None:
        super().__init__(f"AWS Config refused {_count(resources, 'evaluation', 'evaluations')}: {_few(resources)}")
        self.resources = tuple(resources)


class SecurityHubError(AwsError):
    """Security Hub did not accept some findings, although their results went to AWS Config."""

    def __init__(self, repositories: Sequence[str], reason: str) -> None:
        super().__init__(
            f"Security Hub did not take {_count(repositories, 'finding', 'findings')}: {_few(repositories)}; {reason}"
        )
        self.repositories = tuple(repositories)


def _count(names: Sequence[str], one: str, many: str) -> str:
    return f"{len(names)} {one if len(names) == 1 else many}"


def _few(names: Sequence[str]) -> str:
    return first_of([f"`{name}`" for name in names], _NAMED)


def is_refusal(code: str) -> bool:
    """Return whether the code of an AWS error means that a permission is missing, or that a policy denies it."""
    return code in _REFUSED


def is_expired(code: str) -> bool:
    """Return whether the code of an AWS error means that the credentials have expired."""
    return code in _EXPIRED


def code_of(error: ClientError) -> str:
    """Return the code of an AWS error, for instance `ThrottlingException`."""
    return str(error.response.get("Error", {}).get("Code", ""))
