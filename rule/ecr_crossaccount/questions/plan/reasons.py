"""The texts of a plan: what changes, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from ...documents.holes import Text
from ...documents.principals import Named, aws_principal
from ...documents.problems import quoted
from ...judgement.values.trust_entries import Subject
from ...judgement.values.verdict import Access, Grant, Verdict
from .blocks import Block
from .inside import Ranks
from .question import Question

WORDS = {
    Subject.ORGANIZATION: "organization",
    Subject.ORGANIZATION_PATH: "organization path",
    Subject.ACCOUNT: "account",
    Subject.VPC: "VPC",
    Subject.VPC_ENDPOINT: "VPC endpoint",
}
NOTHING_LEFT = "no part of it is inside: it is not of the owner account, and trust does not cover it"
SAID_BY_OTHERS = "other statements of the policy allow what is left of it"
DELETED = "it was deleted and grants nothing, and ECR refuses to write a policy that names it"
NO_STATEMENT = "no statement is left"
_MOST = 4


class Loss(NamedTuple):
    """A change that takes access from trusted principals, and the reason."""

    change: str
    reason: str


def services(ranks: Ranks) -> Loss:
    """Return the loss when a wildcard no longer allows services."""
    return Loss(
        f"{_of_ranks(ranks)} taken from AWS services that act for the owner or a trusted account",
        "a wildcard allows every AWS service, and the plan keeps only those that trust names: to keep one, add a "
        "`service` entry",
    )


def stranger(entry: Text) -> Loss:
    """Return the loss when an account that trust does not name leaves a list with trusted accounts.

    It leaves even if it is in a trusted organization.
    """
    change = f"{quoted(str(entry))} left out of Principal"
    return Loss(change, "trust names other accounts of the list, not this one; to keep it, add an `account` entry")


def taken(grant: Grant) -> str:
    """Return who loses which access, as text."""
    return f"{_access([access.value for access in grant.access])} taken from {_whom(grant)}"


def _whom(grant: Grant) -> str:
    return grant.grantee if " " in grant.grantee else f"{grant.kind.value} {grant.grantee}"


def kept(block: Block) -> str:
    """Return who keeps which access, as text."""
    return f"{_of_ranks(block.ranks)} kept for {_of(block)}"


def _of_ranks(ranks: Ranks) -> str:
    return _access([access.value for access in Access if access.rank in ranks])


def inside(block: Block, question: Question) -> str:
    """Return, as text, which trust puts the principals of a block inside."""
    found = list(dict.fromkeys(_word(block, subject, name, question) for subject, name in _subjects(block)))
    shown = "; ".join(found[:_MOST]) + (f"; and {len(found) - _MOST} more" if len(found) > _MOST else "")
    return f"inside: {shown or 'the owner account, or whom trust covers'}"


def _subjects(block: Block) -> Iterator[tuple[Subject, str]]:
    if block.limit is not None:
        yield from ((block.limit.subject, value) for value in block.limit.values)
    elif block.whole is None:
        entries = map(aws_principal, block.texts)
        yield from ((Subject.ACCOUNT, entry.account) for entry in entries if isinstance(entry, Named))
        yield from ((Subject.SERVICE, str(name)) for name in block.services)


def _word(block: Block, subject: Subject, name: str, question: Question) -> str:
    if subject is Subject.ACCOUNT and name == question.home.account:
        return "the owner account"
    entry = question.entry_for(name)
    if entry is None and block.limit is None:
        return "principals that its conditions and the Denies allow"
    return f"trust covers {quoted(name)}" + (f" ({entry.reason})" if entry is not None and entry.reason else "")


def _of(block: Block) -> str:
    if block.limit is None:
        return (
            _first(list(map(str, (*block.aws, *block.services))))
            if block.whole is None
            else "the principals that it allows"
        )
    what = ("services acting for " if block.limit.is_of_services else "") + WORDS[block.limit.subject]
    return f"{what}{'s' if len(block.limit.values) > 1 else ''} {_first(block.limit.values)}"


def _first(names: Sequence[str]) -> str:
    shown = ", ".join(quoted(name) for name in names[:_MOST])
    return shown if len(names) <= _MOST else f"{shown} and {len(names) - _MOST} more"


def _access(names: Sequence[str]) -> str:
    return ", ".join(names)


def still_open(verdict: Verdict) -> str:
    """Return why a candidate policy is not compliant."""
    if verdict.grants:
        return verdict.grants[0].reason
    found = [one.reason for one in verdict.undecided] + [f"{one.at}: {one.reason}" for one in verdict.invalid]
    return found[0]
