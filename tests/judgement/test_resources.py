"""Whether a statement's Resource includes a repository."""

from __future__ import annotations

import pytest
from ecr_crossaccount import Hole, Holed
from ecr_crossaccount.documents.document import Resources
from ecr_crossaccount.documents.parse import parse
from ecr_crossaccount.judgement.admission import RepositoryArn, concerns, names_resource
from ecr_crossaccount.judgement.conditions.operators import Truth
from ecr_crossaccount.judgement.patterns.automaton import Budget

YES, NO, UNKNOWN = Truth.YES, Truth.NO, Truth.UNKNOWN
KNOWN = RepositoryArn("aws", "eu-west-1", "111122223333", "base/python")
ANYWHERE = RepositoryArn("aws", None, "111122223333", "base/python")
PARTLY = RepositoryArn("aws", "eu-west-1", "111122223333", "base/*-prod")
NAMELESS = RepositoryArn("aws", "eu-west-1", "111122223333")


def resources_of(element: str, value: object) -> Resources:
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", element: value}
    (read,) = parse({"Version": "2012-10-17", "Statement": [statement]}).statements
    assert read.resources is not None
    return read.resources


def answer(value: object, repository: RepositoryArn = KNOWN, element: str = "Resource") -> Truth:
    return concerns(resources_of(element, value), repository, Budget(100_000))


@pytest.mark.parametrize(
    "value, expected",
    [
        ("*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/python", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/*", YES),
        ("arn:aws:ecr:*:111122223333:repository/*", YES),
        ("arn:aws:ecr:eu-west-?:111122223333:repository/base/pytho?", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/*?", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/python*?", NO),
        (["arn:aws:ecr:eu-west-1:111122223333:repository/other", "*"], YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base", NO),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/python/*", NO),
        ("arn:aws:ecr:eu-west-1:222233334444:repository/*", NO),
        ("arn:aws:ecr:us-east-1:111122223333:repository/*", NO),
        ("arn:aws-cn:ecr:*:111122223333:repository/*", NO),
        ("arn:aws:s3:::*", NO),
        ([], NO),
    ],
)
def test_a_repository_that_is_known(value: object, expected: Truth) -> None:
    assert answer(value) is expected


@pytest.mark.parametrize("value", ["*", "arn:aws:s3:::bucket", "arn:aws:ecr:${aws:PrincipalAccount}:1:x", []])
def test_not_resource_is_the_opposite(value: object) -> None:
    assert answer(value, element="NotResource") is ~answer(value)


@pytest.mark.parametrize(
    "beginning", ["*:aws:ecr", "ar?:aws:ecr", "arn:*:ecr", "arn:aws*:ecr", "arn:aws:*", "arn:aws:ec?"]
)
def test_a_wildcard_in_prefix_partition_or_service_is_uncertain(beginning: str) -> None:
    assert answer(f"{beginning}:eu-west-1:111122223333:repository/*") is UNKNOWN
    assert answer(f"{beginning}:eu-west-1:111122223333:repository/other") is NO


def test_a_star_inside_a_field_stops_at_its_colon() -> None:
    assert answer("arn:aws:ecr:e*1:111122223333:repository/base/python") is YES
    assert answer("arn:aws:ecr:e*22223333:x:repository/base/python") is NO


@pytest.mark.parametrize(
    "value, expected",
    [
        ("arn:aws:ecr", UNKNOWN),
        ("arn:*:repository/base/python", UNKNOWN),
        ("arn:aws:ecr:eu-west-1:111122223333", UNKNOWN),
        ("arn:aws:s3", NO),
        ("arn:aws:ecr:*", UNKNOWN),
        ("arn*", UNKNOWN),
        ("arn:*", UNKNOWN),
        ("arn:*:repository/*", UNKNOWN),
        ("*:repository/*", UNKNOWN),
        ("**", YES),
        ("", UNKNOWN),
    ],
)
def test_an_arn_with_too_few_fields_is_uncertain_where_the_rest_could_match(value: str, expected: Truth) -> None:
    assert answer(value) is expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("*", YES),
        ("arn:aws:ecr:*:111122223333:repository/base/*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/*", UNKNOWN),
        (["arn:aws:ecr:eu-*:111122223333:repository/*", "arn:aws:ecr:us-*:111122223333:repository/*"], UNKNOWN),
        ("arn:aws:ecr:*:111122223333:repository/other", NO),
    ],
)
def test_a_region_that_is_not_known(value: object, expected: Truth) -> None:
    assert answer(value, ANYWHERE) is expected


@pytest.mark.parametrize(
    "value, expected",
    [
        ("*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/*", UNKNOWN),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/team-7/app_1.x", UNKNOWN),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/UPPER", NO),
        ("arn:aws:ecr:us-east-1:111122223333:repository/*", NO),
    ],
)
def test_a_name_that_is_not_known(value: object, expected: Truth) -> None:
    assert answer(value, NAMELESS) is expected


def test_holes_and_variables_are_unsure_where_a_filling_could_match() -> None:
    start = "arn:aws:ecr:eu-west-1:111122223333:repository/"
    assert answer(Holed((start, Hole("Name")))) is UNKNOWN
    assert answer(start + "${aws:PrincipalTag/team}/python") is UNKNOWN
    assert answer([Hole("Any"), "*"]) is YES
    assert answer(Holed(("arn:aws:s3:::", Hole("Bucket")))) is NO


@pytest.mark.parametrize(
    "value, expected",
    [
        ("*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/*", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/*-prod", YES),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/python-prod", UNKNOWN),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/base/python*", UNKNOWN),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/*-test", NO),
        ("arn:aws:ecr:eu-west-1:111122223333:repository/other/*", NO),
    ],
)
def test_a_name_of_which_only_parts_are_known(value: object, expected: Truth) -> None:
    assert answer(value, PARTLY) is expected


@pytest.mark.parametrize(
    "value, arn, expected",
    [
        ("arn:aws:iam::111122223333:role/a*", "arn:aws:iam::111122223333:role/app", Truth.YES),
        ("arn:aws:iam::111122223333:role/a*", "arn:aws:iam::111122223333:role/bus", Truth.NO),
        ("arn:aws:sns:eu-central-1:1:*", "arn:aws:sns:eu-central-1:2:topic", Truth.NO),
        ("arn:aws:lambda:eu-central-1:1:fun*app", "arn:aws:lambda:eu-central-1:1:function:app", Truth.UNKNOWN),
    ],
)
def test_any_resource_whose_name_may_have_a_colon(value: str, arn: str, expected: Truth) -> None:
    assert names_resource(resources_of("Resource", value), arn) is expected
    assert names_resource(resources_of("NotResource", value), arn) is ~expected
