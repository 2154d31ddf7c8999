"""The names of services: which of them a service may also have, and which none of its requests has."""

from __future__ import annotations

import itertools

import pytest
from ecr_crossaccount import Verdict

from tests.judgement.policies import allow, verdict

GROUPS = (
    ("lambda", "edgelambda", "replicator.lambda"),
    ("codebuild",),
    ("sagemaker",),
    ("ecs", "ecs-tasks"),
    ("ecr", "replication.ecr", "pullthroughcache.ecr"),
    ("apprunner", "build.apprunner", "tasks.apprunner"),
    ("batch",),
    ("events",),
    ("config",),
    ("cloudtrail",),
    ("s3",),
)
"""The names of each service that is known. It may have more, but none of another one's."""
ALL = [name for group in GROUPS for name in group]


def full(name: str, region: str = "", end: str = "") -> str:
    return f"{name}{region}.amazonaws.com{end}"


def answer(found: Verdict) -> str:
    return "undecided" if found.undecided else "open" if found.service else "closed"


def asked(service: str, listed: str, operator: str = "ForAnyValue:StringEquals") -> str:
    """Return whether a service has access if one of its names must be `listed`."""
    block = {operator: {"aws:PrincipalServiceNamesList": listed}}
    return answer(verdict(allow({"Service": service}, condition=block)))


@pytest.mark.parametrize("name", ALL)
def test_a_service_has_none_of_the_names_of_another(name: str) -> None:
    group = next(one for one in GROUPS if name in one)
    for other in ALL:
        wanted = "open" if other == name else "undecided" if other in group else "closed"
        assert asked(full(name), full(other)) == wanted, other
        opposite = {"open": "closed", "closed": "open", "undecided": "undecided"}
        assert asked(full(name), full(other), "ForAllValues:StringNotEquals") == opposite[wanted], other


@pytest.mark.parametrize("region", ["", ".eu-west-1", ".us-gov-west-1", ".cn-north-1"])
@pytest.mark.parametrize("end", ["", ".cn"])
def test_a_name_may_have_a_region_and_the_ending_of_a_partition(region: str, end: str) -> None:
    for name, other in itertools.permutations(("lambda", "codebuild", "replication.ecr"), 2):
        assert asked(full(name), full(other, region, end)) == "closed"
        assert asked(full(name, region, end), full(other)) == "closed"
        same = "open" if not region and not end else "undecided"
        assert asked(full(name, region, end), full(name)) == same


@pytest.mark.parametrize(
    "listed",
    [
        "lambda.amazonaws.com.example.com",
        "xlambda.amazonaws.com",
        "lambda.amazonaws.co",
        "lambda.eu-west.amazonaws.com",
        "lambda.eu1.amazonaws.com",
        "brandnew.amazonaws.com",
    ],
)
def test_a_name_that_nobody_knows_may_be_one_of_any_service(listed: str) -> None:
    assert asked("codebuild.amazonaws.com", listed) == "undecided"


@pytest.mark.parametrize("listed", ["codebuild.amazonaws.com", "brandnew.amazonaws.com"])
def test_of_a_service_that_nobody_knows_no_name_is_certain_but_its_own(listed: str) -> None:
    wanted = "open" if listed.startswith("brandnew") else "undecided"
    assert asked("brandnew.amazonaws.com", listed) == wanted


@pytest.mark.parametrize("listed", ["codebuild amazonaws", "", "x/y", "codebuild.amazonaws.com "])
def test_what_has_a_character_that_no_name_has_is_no_name(listed: str) -> None:
    assert asked("lambda.amazonaws.com", listed) in {"closed", "undecided"}
    assert asked("lambda.amazonaws.com", "x y") == "closed"


def test_a_name_in_other_letters_is_the_same_where_case_does_not_count() -> None:
    assert asked("lambda.amazonaws.com", "CodeBuild.amazonaws.com", "ForAnyValue:StringEqualsIgnoreCase") == "closed"
    assert asked("lambda.amazonaws.com", "Lambda.amazonaws.com", "ForAnyValue:StringEqualsIgnoreCase") == "open"
    assert (
        asked("lambda.amazonaws.com", "EdgeLambda.amazonaws.com", "ForAnyValue:StringEqualsIgnoreCase") == "undecided"
    )
