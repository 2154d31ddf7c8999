"""What can go wrong between AWS Config and the judgement. Lambda sees all of it, so that the event is tried again."""

from __future__ import annotations

from collections.abc import Sequence

from botocore.exceptions import BotoCoreError, ClientError

from ..errors import EcrCrossAccountError
from ..policy.problems import first_of

_NAMED = 20
"""Resources that an error message names; the log has them all."""

_REFUSED = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")
_EXPIRED = ("ExpiredToken", "ExpiredTokenException", "RequestExpired")


class EventError(EcrCrossAccountError):
    """An event that does not have the shape that AWS Config documents."""


class AccountNotServedError(EcrCrossAccountError):
    """An event about an account that this function is not there for."""


class ParametersNotOursError(EcrCrossAccountError):
    """A rule that wants to be judged by other parameters than those of the function's own stack."""


class MalformedAnswerError(EcrCrossAccountError, BotoCoreError):
    """AWS answered, and not what its documentation says; of boto3's tree too, whose errors are dealt with alike."""

    def __init__(self, service: str, operation: str, problem: str) -> None:
        Exception.__init__(self, f"the answer of {service} to {operation} cannot be read: {problem}")

    def __reduce__(self) -> tuple[type[Exception], tuple[str]]:
        """Let it be copied as any other exception; BotoCoreError's way needs keywords."""
        return Exception, (str(self),)


class RepositoryGone(EcrCrossAccountError):  # noqa: N818 - an answer of ECR's, not a fault
    """ECR does not know the repository (any more)."""


class SweepIncompleteError(EcrCrossAccountError):
    """Some policies could not be read; these repositories keep their earlier result, all others were reported."""

    def __init__(self, repositories: Sequence[str]) -> None:
        super().__init__(
            f"{_count(repositories, 'repository', 'repositories')} could not be read: {_few(repositories)}"
        )
        self.repositories = tuple(repositories)


class RoleRefusedError(SweepIncompleteError):
    """ECR refuses the role that asks, whichever repository it asks about; all of them keep their earlier result."""

    def __init__(self, repositories: Sequence[str], refused: str) -> None:
        super().__init__(repositories)
        self.args = (f"{self}; {refused}, for other repositories too: allow it in the role's policies",)


class SweepUnfinishedError(EcrCrossAccountError):
    """A sweep ran out of time and cannot go on; what was judged was reported, the rest keeps its earlier result."""

    def __init__(self, left: int | None, reason: str) -> None:
        super().__init__(f"the sweep stops, repositories left: {'all' if left is None else left}; {reason}")
        self.left = left


class EvaluationsRefusedError(EcrCrossAccountError):
    """AWS Config did not record some results, although they were sent several times."""

    def __init__(self, resources: Sequence[str]) -> None:
        super().__init__(f"AWS Config refused {_count(resources, 'evaluation', 'evaluations')}: {_few(resources)}")
        self.resources = tuple(resources)


class SecurityHubError(EcrCrossAccountError):
    """Security Hub did not take some findings, although the results that they belong to went to AWS Config."""

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
    """Tell whether a code of an AWS error means that a permission is missing, or that a policy denies it."""
    return code in _REFUSED


def is_expired(code: str) -> bool:
    """Tell whether a code of an AWS error means that the credentials have ended."""
    return code in _EXPIRED


def code_of(error: ClientError) -> str:
    """Return the code of an AWS error, `ThrottlingException` for instance."""
    return str(error.response.get("Error", {}).get("Code", ""))
