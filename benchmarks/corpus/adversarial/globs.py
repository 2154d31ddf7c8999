"""Patterns: many stars, many overlaps, many fields."""

from __future__ import annotations

from benchmarks.corpus.words import Json, Statements, organization_path, source

from .parts import allow, deny, letters, number_of, tag


def overlapping_globs_denied_at_once(parts: int) -> Statements:
    """Return a Deny with a long list of `*a*b*`. Each pattern overlaps with all the others."""
    globs: Json = [f"*{letters(index)}*{letters(index + 7)}*" for index in range(parts)]
    return [allow(), deny({"StringLike": {"aws:PrincipalArn": globs}})]


def overlapping_globs_demanded(parts: int) -> Statements:
    """Return a Deny for each glob that the caller's ARN does not match, so that a witness must match all of them."""
    denies = [deny({"StringNotLike": {"aws:PrincipalArn": f"*{letters(n)}*{letters(n + 7)}*"}}) for n in range(parts)]
    return [allow(), *denies]


def overlapping_globs_both_ways(parts: int) -> Statements:
    """Globs that must match and globs that must not, alternating."""
    operators = ("StringLike", "StringNotLike")
    denies = [deny({operators[n % 2]: {"aws:PrincipalArn": f"*{letters(n)}*{letters(n * 5)}?*"}}) for n in range(parts)]
    return [allow(), *denies]


def one_endless_glob(parts: int) -> Statements:
    """Return a single pattern of many stars, against names that nearly match."""
    glob = "*" + "a?*" * parts + "b"
    return [allow({"StringLike": {"aws:PrincipalTag/t": glob}}), deny({"StringLike": {"aws:PrincipalTag/t": "*aab"}})]


def question_marks(parts: int) -> Statements:
    """Patterns that differ only in their length."""
    globs: Json = ["?" * (1 + index % 60) + f"x{index}*" for index in range(parts)]
    return [allow({"StringLike": {"aws:username": globs}}), deny({"StringNotLike": {"aws:username": "?" * 30 + "*"}})]


def arn_globs(parts: int) -> Statements:
    """ARN patterns with a wildcard in several fields, allowed and denied."""
    patterns: list[Json] = [f"arn:*:iam::{number_of(n)[:6]}*:*/{letters(n)}*" for n in range(parts)]
    half = len(patterns) // 2
    return [
        allow({"ArnLike": {"aws:PrincipalArn": patterns[:half]}}),
        deny({"ArnNotLike": {"aws:PrincipalArn": patterns[half:]}}),
        deny({"ArnLike": {"aws:PrincipalArn": [*patterns[half::2], "arn:aws:iam::*:user/*"]}}),
    ]


def variables_in_globs(parts: int) -> Statements:
    """Globs whose text depends on the request, with defaults."""
    keys = ("aws:username", "aws:PrincipalAccount", "aws:PrincipalTag/team, 'none'", "aws:userid")
    denies = [deny({"StringLike": {tag(n % 9): f"*{letters(n)}*${{{keys[n % 4]}}}*"}}) for n in range(parts)]
    return [allow(), *denies]


def organization_paths(parts: int) -> Statements:
    """Globs over organization paths in set operators of both kinds."""
    rng = source(f"paths-{parts}")
    paths: list[Json] = [organization_path(rng)[: 22 + index % 20] + "*" for index in range(parts)]
    third = max(1, parts // 3)
    return [
        allow({"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": paths[:third]}}),
        deny({"ForAnyValue:StringNotLike": {"aws:PrincipalOrgPaths": paths[: 2 * third]}}),
        deny({"ForAllValues:StringLike": {"aws:PrincipalOrgPaths": paths[2 * third :]}}),
    ]


def action_globs(parts: int) -> Statements:
    """Long lists of action patterns on both sides."""
    patterns: list[Json] = [f"ecr:*{letters(n)[0]}*{letters(n * 7)[1]}*{letters(n)[1]}" for n in range(parts)]
    half = max(1, parts // 2)
    return [allow(action=patterns[:half]), deny(action=patterns[half:] or "ecr:None"), deny(action="ecr:*Policy")]


FAMILIES = (
    overlapping_globs_denied_at_once,
    overlapping_globs_demanded,
    overlapping_globs_both_ways,
    one_endless_glob,
    question_marks,
    arn_globs,
    variables_in_globs,
    organization_paths,
    action_globs,
)
