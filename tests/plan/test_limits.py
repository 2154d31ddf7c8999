"""An additional condition beside existing ones: merged if that means the same, otherwise beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from ecr_crossaccount import Hole
from ecr_crossaccount.questions.plan.limits import limit_condition, one_of, some_like, without_idle
from ecr_crossaccount.questions.plan.outcome import CannotSayError

OURS, THEIRS = "o-ours000001", "o-theirs0001"
ORGANIZATION = one_of("aws:PrincipalOrgID", (OURS,))
BOTH = one_of("aws:PrincipalOrgID", (OURS, THEIRS))
PATHS = some_like("aws:PrincipalOrgPaths", (f"{OURS}/r-ab12/*",))
Condition = Mapping[str, Any]


def org(operator: str, value: object) -> Condition:
    return {operator: {"aws:PrincipalOrgID": value}}


def paths(operator: str, value: object) -> Condition:
    return {operator: {"aws:PrincipalOrgPaths": value}}


@pytest.mark.parametrize(
    "before, after",
    [
        pytest.param({}, org("StringEquals", OURS), id="nothing there"),
        pytest.param(org("StringEqualsIfExists", OURS), org("StringEquals", OURS), id="IfExists"),
        pytest.param(
            {"Bool": {}, **org("StringEqualsIfExists", OURS)},
            {"Bool": {}, **org("StringEquals", OURS)},
            id="an operator that asks nothing stays",
        ),
        pytest.param(org("ForAllValues:StringEquals", [OURS]), org("StringEquals", OURS), id="ForAllValues"),
        pytest.param(org("ForAnyValue:StringLike", f"{OURS}*"), org("StringEquals", OURS), id="ForAnyValue"),
        pytest.param(org("StringLike", "o-*"), org("StringEquals", OURS), id="a pattern that matches"),
        pytest.param(org("StringLike", "o-other*"), None, id="a pattern that does not"),
        pytest.param(org("StringEquals", THEIRS), None, id="another value"),
        pytest.param(org("StringEquals", [OURS, THEIRS]), org("StringEquals", OURS), id="one value of two"),
        pytest.param(org("StringEquals", [OURS]), org("StringEquals", [OURS]), id="the same, which stays as written"),
        pytest.param(
            {"StringEquals": {"AWS:principalorgid": OURS, "aws:username": "x"}},
            {"StringEquals": {"AWS:principalorgid": OURS, "aws:username": "x"}},
            id="the same key in another case",
        ),
        pytest.param(
            {"StringEqualsIfExists": {"aws:PrincipalOrgID": OURS, "aws:username": "x"}},
            {"StringEqualsIfExists": {"aws:username": "x"}, "StringEquals": {"aws:PrincipalOrgID": OURS}},
            id="another key beside it stays",
        ),
        pytest.param(
            {"StringEquals": {"aws:username": "x"}},
            {"StringEquals": {"aws:username": "x", "aws:PrincipalOrgID": OURS}},
            id="the operator is there already",
        ),
        pytest.param(
            org("StringNotEquals", THEIRS),
            {**org("StringNotEquals", THEIRS), **org("StringEquals", OURS)},
            id="a negated operator stays",
        ),
        pytest.param(
            org("StringEqualsIgnoreCase", OURS),
            {**org("StringEqualsIgnoreCase", OURS), **org("StringEquals", OURS)},
            id="an operator of other meaning stays",
        ),
        pytest.param(
            org("StringIs", OURS),
            {**org("StringIs", OURS), **org("StringEquals", OURS)},
            id="an operator that nobody knows stays",
        ),
        pytest.param(
            org("Null", "false"), {**org("Null", "false"), **org("StringEquals", OURS)}, id="a test of presence stays"
        ),
        pytest.param(
            org("StringEquals", []),
            {**org("StringEquals", []), **org("StringLike", OURS)},
            id="an empty list stays, whatever it means",
        ),
        pytest.param(
            org("StringEquals", "${aws:ResourceOrgID}"),
            {**org("StringEquals", "${aws:ResourceOrgID}"), **org("StringLike", OURS)},
            id="a variable stays",
        ),
        pytest.param(
            {**org("StringEquals", "${aws:ResourceOrgID}"), **org("StringLike", "${aws:ResourceOrgID}*")},
            {
                **org("StringEquals", "${aws:ResourceOrgID}"),
                **org("StringLike", "${aws:ResourceOrgID}*"),
                **org("ForAnyValue:StringEquals", OURS),
            },
            id="two variables stay",
        ),
        pytest.param(
            {"StringEquals": Hole("C")},
            {"StringEquals": Hole("C"), **org("StringLike", OURS)},
            id="what is not known yet stays",
        ),
        pytest.param(
            org("StringEquals", [OURS, Hole("Other")]),
            {**org("StringEquals", [OURS, Hole("Other")]), **org("StringLike", OURS)},
            id="a value that is not known yet stays",
        ),
        pytest.param(
            {**org("StringEquals", [OURS, THEIRS]), **org("StringLike", "o-ours*")},
            org("StringEquals", OURS),
            id="two conditions on the key",
        ),
    ],
)
def test_a_key_of_one_value(before: Condition, after: Condition | None) -> None:
    found = limit_condition(before, ORGANIZATION, variables=True)
    assert (found and found.condition) == after


def test_without_variables_a_dollar_is_a_letter() -> None:
    assert limit_condition(org("StringEquals", "${aws:ResourceOrgID}"), ORGANIZATION, variables=False) is None


def test_several_values_are_a_list() -> None:
    found = limit_condition(org("StringLike", ["*"]), BOTH, variables=True)
    assert found == (org("StringEquals", [OURS, THEIRS]), BOTH)


def test_the_limit_is_told_without_what_is_ruled_out() -> None:
    found = limit_condition(org("StringEqualsIfExists", OURS), BOTH, variables=True)
    assert found == (org("StringEquals", OURS), ORGANIZATION)


@pytest.mark.parametrize(
    "before, after",
    [
        pytest.param({}, f"{OURS}/r-ab12/*", id="nothing there"),
        pytest.param(paths("ForAnyValue:StringLike", f"{OURS}/*"), f"{OURS}/r-ab12/*", id="a wider pattern"),
        pytest.param(paths("ForAnyValue:StringLike", f"{OURS}/r-ab12/ou-*"), f"{OURS}/r-ab12/ou-*", id="narrower"),
        pytest.param(paths("ForAnyValue:StringLike", f"{OURS}/r-ab12/x/"), f"{OURS}/r-ab12/x/", id="a path in it"),
        pytest.param(paths("ForAnyValue:StringLike", f"{OURS}/r-zz99/x/"), None, id="a path elsewhere"),
        pytest.param(paths("ForAnyValue:StringLike", f"{THEIRS}/*"), None, id="another organization"),
        pytest.param(paths("ForAnyValue:StringLike", f"{OURS}/r-ab12"), None, id="a path that ends before it"),
        pytest.param(
            paths("ForAnyValue:StringLike", [f"{THEIRS}/*", f"{OURS}/r-ab12/*"]), f"{OURS}/r-ab12/*", id="one of two"
        ),
    ],
)
def test_patterns_of_paths(before: Condition, after: str | None) -> None:
    expected = None if after is None else paths("ForAnyValue:StringLike", after)
    found = limit_condition(before, PATHS, variables=True)
    assert (found and found.condition) == expected


@pytest.mark.parametrize(
    "before, name",
    [
        pytest.param(paths("ForAnyValue:StringLike", "o-*/ou-ab12-1/*"), "ForAllValues:StringLike", id="overlap"),
        pytest.param(paths("ForAnyValue:StringLike", "o-ours?0000?/r-ab1?/*"), "ForAllValues:StringLike", id="one"),
        pytest.param(
            paths("ForAnyValue:StringLike", "o-ours00000?/r-ab12/x/"), "ForAllValues:StringLike", id="a question mark"
        ),
        pytest.param(paths("ForAllValues:StringLike", f"{OURS}/*"), "ForAnyValue:StringLike", id="ForAllValues"),
        pytest.param(paths("StringLike", f"{OURS}/*"), "ForAnyValue:StringLike", id="an operator of one value"),
        pytest.param(paths("ForAnyValue:StringLikeIfExists", "*"), "ForAnyValue:StringLike", id="IfExists"),
        pytest.param(paths("ForAnyValue:StringEquals", f"{OURS}/x"), "ForAnyValue:StringLike", id="literals"),
    ],
)
def test_what_cannot_be_brought_together_stands_beside_it(before: Condition, name: str) -> None:
    found = limit_condition(before, PATHS, variables=True)
    assert found == ({**before, **paths(name, f"{OURS}/r-ab12/*")}, PATHS)


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(Hole("C"), id="a condition that is not known"),
        pytest.param(
            {
                **paths("ForAnyValue:StringLike", "o-*/ou-ab12-11111111/*"),
                **paths("ForAllValues:StringLike", "o-*/ou-ab12-11111111/*"),
            },
            id="both places are taken",
        ),
    ],
)
def test_what_cannot_be_said_is_refused(before: object) -> None:
    with pytest.raises(CannotSayError):
        limit_condition(before, PATHS, variables=True)


ABSENT = frozenset({"aws:principalorgid"})


@pytest.mark.parametrize(
    "operator, is_idle",
    [
        ("StringEqualsIfExists", True),
        ("StringNotLike", True),
        ("ForAllValues:StringLike", True),
        ("StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("Null", False),
        ("ForAllValues:Null", False),
        ("StringIs", False),
    ],
)
def test_what_absence_meets_is_idle(operator: str, is_idle: bool) -> None:  # noqa: FBT001 - a column of the table
    before = org(operator, OURS)
    assert without_idle(before, ABSENT.__contains__) == ({} if is_idle else before)
    assert without_idle(before, frozenset().__contains__) == before


def test_only_the_idle_is_left_out() -> None:
    before = {**org("StringEqualsIfExists", OURS), "StringLike": {"aws:username": "x"}}
    assert without_idle(before, ABSENT.__contains__) == {"StringLike": {"aws:username": "x"}}
    hole = {"StringEqualsIfExists": Hole("C")}
    assert without_idle(hole, ABSENT.__contains__) == hole
    assert without_idle(Hole("C"), ABSENT.__contains__) == Hole("C")


def test_a_pattern_with_a_question_mark_is_within_itself() -> None:
    pattern = f"{OURS}/r-ab1?/*"
    before = paths("ForAnyValue:StringLike", pattern)
    assert limit_condition(before, some_like("aws:PrincipalOrgPaths", (pattern,)), variables=True) == (
        before,
        some_like("aws:PrincipalOrgPaths", (pattern,)),
    )


def test_a_path_that_a_pattern_does_not_match_is_apart_from_it() -> None:
    path = some_like("aws:PrincipalOrgPaths", (f"{OURS}/r-ab12/ou-ab12-11111111/",))
    assert limit_condition(paths("ForAnyValue:StringLike", "o-*/r-zz99/*"), path, variables=True) is None
    within = limit_condition(paths("ForAnyValue:StringLike", "o-*/r-ab12/*"), path, variables=True)
    assert within is not None
    assert within.condition == paths("ForAnyValue:StringLike", path.values[0])


def test_a_path_that_a_pattern_with_a_question_mark_matches_stands_beside_it() -> None:
    path, pattern = f"{OURS}/r-ab12/", f"{OURS}/r-ab1?/"
    for before, limit in ((pattern, path), (path, pattern)):
        found = limit_condition(
            paths("ForAnyValue:StringLike", before), some_like("aws:PrincipalOrgPaths", (limit,)), variables=True
        )
        assert found is not None, "someone meets both"
        assert found.condition == {
            **paths("ForAnyValue:StringLike", before),
            **paths("ForAllValues:StringLike", limit),
        }


def test_beside_a_pattern_that_is_apart_one_that_overlaps_stands_beside_the_limit_all_the_same() -> None:
    overlapping, apart = f"{OURS}/r-ab1?/", f"{OURS}/r-zz99/"
    before = paths("ForAnyValue:StringLike", [overlapping, apart])
    found = limit_condition(before, some_like("aws:PrincipalOrgPaths", (f"{OURS}/r-ab12/",)), variables=True)
    assert found is not None, "someone meets both"
    assert found.condition == {**before, **paths("ForAllValues:StringLike", f"{OURS}/r-ab12/")}
