"""Who asks: an account, one AWS principal, a service, or someone of whom the policy knows nothing."""

from __future__ import annotations

from dataclasses import dataclass

from ..access.context.request import PrincipalType
from ..access.search.candidates import FRESH_ACCOUNT
from ..access.search.principal_match import ALL_TYPES, TYPES_OF
from ..errors import QuestionError
from ..policy.principals import Form, Named, aws_principal, service_principal
from ..policy.problems import quoted

_ANYONE = frozenset({"*", "anyone"})
_EXPECTED = (
    "expected an account of 12 digits, the ARN of a role, user, root, assumed-role session or federated user, "
    "a service such as `lambda.amazonaws.com`, or `anyone`"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """Someone who calls Amazon ECR, as `text` names him.

    `named` is the one AWS principal that is meant, None for any of the account's; `service` is a service principal.
    `account` is None for a service; for `anyone` it is one that no policy names, in no organization that one names.
    """

    text: str
    account: str | None = None
    named: Named | None = None
    service: str | None = None
    types: tuple[PrincipalType, ...] = ALL_TYPES

    @property
    def is_anyone(self) -> bool:
        """Whether someone is meant of whom the policy knows nothing."""
        return self.account == FRESH_ACCOUNT


def caller_of(text: str) -> Caller:
    """Read who asks. Raises QuestionError.

    A root ARN is the root user, who calls with it; all principals of an account are meant by its number alone.
    """
    if text in _ANYONE:
        return Caller("anyone", FRESH_ACCOUNT)
    found = aws_principal(text)
    if isinstance(found, Named):
        if found.form is not Form.ACCOUNT:
            return Caller(text, found.account, found, types=TYPES_OF[found.form])
        is_root = found.partition is not None
        return Caller(text, found.account, found, types=(PrincipalType.ROOT,)) if is_root else Caller(text, text)
    if not text.startswith("arn:") and service_principal(text) is None:
        return Caller(text, service=text)
    raise QuestionError(f"{quoted(text)} is not a caller: {_EXPECTED}")
