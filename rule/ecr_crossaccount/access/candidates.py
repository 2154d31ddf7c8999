"""Which accounts, organizations and services a search has to try: those that the policy can tell apart.

Account numbers and organization ids cannot be chosen by an outsider, but others exist. So beside every one that
the policy writes out, one of each class that its patterns distinguish is tried, and a generic one, which matches
wildcards and nothing else: it stands for a fresh account that the policy does not name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from ..policy.conditions import Base, Value
from ..policy.pattern import Pattern
from .automaton import Block, Budget, Token, Tokens, classes
from .charset import ANY, DIGIT, GENERIC, LOWER
from .clause import Clause
from .operators import STRINGS, account_field, string_tokens, written

FRESH_ACCOUNT = GENERIC * 12
FRESH_ORGANIZATION = "o-" + GENERIC * 10

_ACCOUNT = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")
_ORGANIZATION = re.compile(r"(?<![a-z0-9-])o-[a-z0-9]{10,32}(?![a-z0-9])")
_MOST = 64
"""Classes of one kind that are tried; more than that is undecided."""

ACCOUNT_KEYS = frozenset({"aws:principalaccount", "aws:principalarn", "aws:userid", "aws:sourceaccount", "aws:sourcearn"})
SESSION_ARNS = frozenset(
    {
        "ec2:sourceinstancearn",
        "ssm:sourceinstancearn",
        "lambda:sourcefunctionarn",
        "codebuild:buildarn",
        "codebuild:projectarn",
        "aws:chatbotsourcearn",
        "aws:signinsessionarn",
    }
)
ORGANIZATION_KEYS = frozenset(
    {"aws:principalorgid", "aws:principalorgpaths", "aws:sourceorgid", "aws:sourceorgpaths"}
)


def _texts(clauses: Iterable[Clause]) -> Iterator[str]:
    for one in clauses:
        for value in one.condition.values:
            yield value.source if isinstance(value, Pattern) else str(value)


def named_accounts(clauses: Iterable[Clause]) -> list[str]:
    """The account numbers that conditions write out, in order of appearance."""
    found = (number for text in _texts(clauses) for number in _ACCOUNT.findall(text))
    return list(dict.fromkeys(found))


def named_organizations(clauses: Iterable[Clause]) -> list[str]:
    """The organization ids that conditions write out, in order of appearance."""
    found = (name for text in _texts(clauses) for name in _ORGANIZATION.findall(text.lower()))
    return list(dict.fromkeys(found))


def _patterns(clauses: Iterable[Clause], keys: frozenset[str]) -> Iterator[tuple[Clause, Pattern]]:
    for one in clauses:
        if one.key in keys and one.condition.operator.base in STRINGS:
            for value in one.condition.values:
                if isinstance(value, Pattern) and value.literal is None:
                    yield one, value


def account_classes(
    clauses: Sequence[Clause], partition: str, budget: Budget
) -> tuple[list[str], bool]:
    """One account of each class that wildcards in account numbers tell apart, and whether these are all."""
    blocks: dict[Block, None] = {}
    for one, value in _patterns(clauses, ACCOUNT_KEYS | SESSION_ARNS):
        blocks |= dict.fromkeys(_account_blocks(one, value, partition))
    if not blocks:
        return [], True
    return classes((Token(charset=DIGIT),) * 12, list(blocks), _MOST, budget)


def _account_blocks(one: Clause, value: Pattern, partition: str) -> Iterator[Block]:
    like = one.condition.operator.base in (Base.STRING_LIKE, Base.ARN_LIKE)
    field = account_field(value.parts) if like and one.key not in ("aws:principalaccount", "aws:sourceaccount") else None
    if field is not None and (not any(c.isdecimal() for c in field) or _ACCOUNT.fullmatch(field)):
        return  # any account or a single one, which is tried anyway
    tokens = string_tokens(value.parts, ANY)
    match one.key:
        case "aws:principalarn":
            yield Block(tokens, f"arn:{partition}:iam::")
            yield Block(tokens, f"arn:{partition}:sts::")
        case "aws:principalaccount" | "aws:sourceaccount" | "aws:userid":
            yield Block(tokens)
        case _ if field is not None:
            yield Block(_wild_tokens(field))
        case _:
            yield Block(tokens, f"arn:{partition}:lambda:us-east-1:")


def _wild_tokens(text: str) -> Tokens:
    return tuple(
        Token(charset=ANY, star=True) if c == "*" else Token(charset=ANY) if c == "?" else Token(c) for c in text
    )


def organization_classes(clauses: Sequence[Clause], budget: Budget) -> tuple[list[str], bool]:
    """One organization of each class that wildcards in organization ids tell apart, and whether these are all."""
    blocks: dict[Block, None] = {}
    for _, value in _patterns(clauses, ORGANIZATION_KEYS):
        first = value.parts[0] if value.parts else ""
        head = first if isinstance(first, str) else ""
        if "/" in head or not _tells_apart(value):
            continue
        blocks[Block(string_tokens(value.parts, ANY))] = None
    if not blocks:
        return [], True
    shape = (Token("o"), Token("-"), *(Token(charset=LOWER),) * 10)
    return classes(shape, list(blocks), _MOST, budget)


def _tells_apart(value: Pattern) -> bool:
    """Whether a pattern says more of an organization id than that it is one."""
    return written(value.parts).partition("/")[0] not in ("*", "o-*", "o*")


_SERVICES = ("codebuild", "lambda", "sagemaker", "ecs-tasks", "events", "cloudtrail", "config", "batch")
_SERVICE = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.amazon[a-z0-9.-]*[a-z]")


def services(clauses: Iterable[Clause], others: Iterable[str], partition: str) -> list[str]:
    """Services to try where the policy admits any: usual ones, and those that it writes out."""
    suffix = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    written = [name for text in _texts(clauses) for name in _SERVICE.findall(text)]
    usual = [f"{name}.amazonaws.com" for name in _SERVICES]
    spelled = [f"{name}.{suffix}" for name in _SERVICES] if partition == "aws-cn" else []
    return list(dict.fromkeys([*usual, *spelled, *written, *others]))


def mentions(values: Iterable[Value]) -> Iterator[str]:
    """The keys that policy variables among the values refer to."""
    for value in values:
        if isinstance(value, Pattern):
            yield from (variable.key for variable in value.variables)
