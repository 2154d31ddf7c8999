"""Denies that depend on each other, so that a search must revise its choices."""

from __future__ import annotations

from itertools import combinations

from benchmarks.corpus.words import ACTIONS, PULL, Json, Statements, source

from .parts import allow, deny, letters, tag


def three_way_clauses(parts: int) -> Statements:
    """Random 3-SAT over tags, a Deny for each clause, at the ratio where it is hardest."""
    rng = source(f"clauses-{parts}")
    variables = range(max(3, round(parts / 4.26)))
    denies: Statements = []
    for _ in range(parts):
        condition: dict[str, dict[str, Json]] = {}
        for index in rng.sample(variables, 3):
            condition.setdefault(rng.choice(("StringEquals", "StringNotEquals")), {})[tag(index)] = "1"
        denies.append(deny(dict(condition)))
    return [allow(), *denies]


def pigeons_and_holes(parts: int) -> Statements:
    """More tags than values, all different: there is no witness, and a search has no short proof of that."""
    count = max(2, round(parts**0.5))
    holes: Json = [f"h{index}" for index in range(count - 1)]
    condition: Json = {"StringEquals": {tag(index): holes for index in range(count)}}
    denies = [deny({"StringEquals": {tag(a): f"${{{tag(b)}}}"}}) for a, b in combinations(range(count), 2)]
    return [allow(condition), *denies]


def three_colours(parts: int) -> Statements:
    """Three values for the tags, and pairs of tags that must differ: graph coloring where it is hardest."""
    rng = source(f"colours-{parts}")
    corners = range(max(3, round(parts / 2.35)))
    allowed: Json = {"StringEquals": {tag(corner): ["r", "g", "b"] for corner in corners}}
    pairs = [rng.sample(corners, 2) for _ in range(parts)]
    return [allow(allowed), *(deny({"StringEquals": {tag(a): f"${{{tag(b)}}}"}}) for a, b in pairs)]


def many_alternatives(parts: int) -> Statements:
    """Denies of eight conditions each, so that each can be avoided in eight ways."""
    denies = [
        deny({"StringEquals": {tag((n * 3 + k * 5) % 24): f"v{(n + k) % 3}" for k in range(8)}}) for n in range(parts)
    ]
    return [allow({"StringLike": {tag(n): "v*" for n in range(4)}}), *denies]


def chain_of_variables(parts: int) -> Statements:
    """Every tag must equal the next one, and the last must not equal the first."""
    denies = [deny({"StringNotEquals": {tag(n): f"${{{tag(n + 1)}}}"}}) for n in range(parts)]
    return [allow(), *denies, deny({"StringEquals": {tag(0): f"${{{tag(parts)}}}"}})]


def allows_times_denies(parts: int) -> Statements:
    """Many Allows under many Denies. Each pair overlaps."""
    half = max(1, parts // 2)
    allows = [allow({"StringLike": {tag(n % 7): f"*{letters(n)}*"}}, action=list(PULL)) for n in range(half)]
    denies = [deny({"StringLike": {tag(n % 5): f"*{letters(n + 3)}*"}}) for n in range(half)]
    return [*allows, *denies]


def sets_of_tags(parts: int) -> Statements:
    """Set operators on a multivalued key that contradict each other in part."""
    operators = (
        "ForAnyValue:StringLike",
        "ForAllValues:StringNotLike",
        "ForAnyValue:StringNotEquals",
        "ForAllValues:StringLike",
    )
    denies = [
        deny({operators[n % 4]: {"aws:TagKeys": [f"*{letters(n)}*", f"{letters(n * 3)}?*"]}}) for n in range(parts)
    ]
    return [allow(), *denies]


def each_action_its_own_deny(parts: int) -> Statements:
    """Every action has different Denies than the next one, so that no result can be reused."""
    denies = [
        deny({"StringNotLike": {tag(n % 6): f"*{letters(n)}*"}}, action=ACTIONS[n % len(ACTIONS)]) for n in range(parts)
    ]
    return [allow(), *denies]


def present_or_absent(parts: int) -> Statements:
    """Presence alone: every key may be present or not, and Denies tie them together in pairs."""
    answers = ("true", "false")
    denies = [deny({"Null": {tag(n % 19): "true", tag((n * 7 + 1) % 23): answers[n % 2]}}) for n in range(parts)]
    return [allow(), *denies]


def keys_that_move_together(parts: int) -> Statements:
    """All properties of one caller at once: ARN, account, organization, path, type, ID and user name."""
    tests: tuple[tuple[str, str, str], ...] = (
        ("StringNotLike", "aws:PrincipalArn", "arn:aws:iam::7*{0}*"),
        ("StringLike", "aws:PrincipalAccount", "{1}*{2}"),
        ("StringNotLike", "aws:PrincipalOrgID", "o-*{0}*"),
        ("ForAnyValue:StringLike", "aws:PrincipalOrgPaths", "o-*/r-{0}*/*"),
        ("StringNotEquals", "aws:PrincipalType", "AssumedRole"),
        ("StringLike", "aws:userid", "*:*{0}*"),
        ("StringLike", "aws:username", "{0}*"),
    )
    denies: Statements = []
    for index in range(parts):
        operator, key, pattern = tests[index % len(tests)]
        value = pattern.format(letters(index), index % 10, index % 7)
        denies.append(deny({operator: {key: value}}))
    return [allow(), *denies]


def any_case(parts: int) -> Statements:
    """Values that differ only in case, with case-sensitive and case-insensitive operators."""
    denies = [
        deny(
            {("StringNotEqualsIgnoreCase", "StringEquals")[n % 2]: {tag(n % 3): f"aB{letters(n % 4)}{'cD' * (n % 3)}"}}
        )
        for n in range(parts)
    ]
    return [allow(), *denies]


FAMILIES = (
    three_way_clauses,
    pigeons_and_holes,
    three_colours,
    many_alternatives,
    chain_of_variables,
    allows_times_denies,
    sets_of_tags,
    each_action_its_own_deny,
    present_or_absent,
    keys_that_move_together,
    any_case,
)
