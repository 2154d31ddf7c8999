"""The caller of a question: an account, one AWS principal, a service, or someone unknown to the policy."""

from __future__ import annotations

from dataclasses import dataclass

from ...documents.principals import Form, Named, aws_principal, service_principal
from ...documents.problems import quoted
from ...errors import QuestionError
from ...judgement.context.request import PrincipalType
from ...judgement.search.candidates import FRESH_ACCOUNT
from ...judgement.search.principal_match import ALL_TYPES, TYPES_OF

_ANYONE = frozenset({"*", "anyone"})
_EXPECTED = (
    "expected an account of 12 digits, the ARN of a role, user, root, assumed-role session or federated user, "
    "a service such as `lambda.amazonaws.com`, or `anyone`"
)


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller of Amazon ECR, written as `text`.

    `named` is one AWS principal, or None for any principal of the account. `service` is a service principal. `account`
    is None for a service. For `anyone`, it is an account that no policy names, and that is in no organization that a
    policy names.
    """

    text: str
    account: str | None = None
    named: Named | None = None
    service: str | None = None
    types: tuple[PrincipalType, ...] = ALL_TYPES

    @property
    def is_anyone(self) -> bool:
        """Whether the caller is someone unknown to the policy."""
        return self.account == FRESH_ACCOUNT


def caller_of(text: str) -> Caller:
    """Read a caller. Raises QuestionError.

    A root ARN is the root user, because that is the ARN in a request of the root user. Only an account number means all
    principals of the account.
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
