"""Regions and partitions: an unknown one is refused, because a policy that requires it would never match there."""

from __future__ import annotations

import json

import pytest

from tests.wording import sentence

from .conftest import OWNER, Run, Write

ODD_REGIONS = ["", "x", "EU-WEST-1", " eu-west-1", "eu-west-1\n", "eu-west1", "eu-west"]
IN_IRELAND = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:*",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    },
}


def in_partition(partition: str) -> dict[str, object]:
    arn = f"arn:{partition}:iam::222233334444:role/pull"
    condition = {"ArnEquals": {"aws:PrincipalArn": arn}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "ecr:*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": statement}


@pytest.mark.parametrize("region", ODD_REGIONS)
@pytest.mark.parametrize("command", ["judge", "plan", "check"])
def test_what_is_no_region_is_refused(run: Run, write: Write, command: str, region: str) -> None:
    answer = run(command, "--account", OWNER, "--region", region, write(IN_IRELAND))
    assert (answer.status, answer.out) == (3, "")
    assert sentence("options.not_region_expected_one") in answer.err


@pytest.mark.parametrize(
    "fault", [*({"region": one} for one in ODD_REGIONS), {"partition": "x"}, {"partition": ""}, {"partition": "AWS"}]
)
def test_no_line_is_judged_in_a_place_that_is_none(run: Run, fault: dict[str, str]) -> None:
    (name,) = fault
    answer = run("judge", "--jsonl", stdin=json.dumps({"policy": IN_IRELAND, "owner": OWNER, **fault})).json
    assert (answer["compliance"], [one["at"] for one in answer["invalid"]]) == ("NON_COMPLIANT", [name])


@pytest.mark.parametrize("partition", ["aws-xx", "AWS", "aws-"])
def test_what_is_no_partition_is_refused(run: Run, write: Write, partition: str) -> None:
    answer = run("judge", "--owner", OWNER, f"ECR_CROSSACCOUNT_PARTITION={partition}", write(IN_IRELAND))
    assert (answer.status, answer.out) == (3, "")
    assert sentence("options.not_partition_expected_one") in answer.err


@pytest.mark.parametrize(
    "region, partition",
    [
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("eusc-de-east-1", "aws-eusc"),
        ("eu-west-1", "aws"),
    ],
)
def test_a_region_says_its_partition(run: Run, write: Write, region: str, partition: str) -> None:
    policy = in_partition(partition)
    for command in ("judge", "check"):
        assert run(command, "--account", OWNER, "--region", region, write(policy)).status == 1
    line = json.dumps({"policy": policy, "owner": OWNER, "region": region})
    assert run("judge", "--jsonl", stdin=line).json["external"]


@pytest.mark.parametrize("command", ["judge", "plan"])
def test_a_partition_that_contradicts_the_region_is_refused(run: Run, write: Write, command: str) -> None:
    about = (command, "--owner", OWNER, "--region", "eu-central-1", write(IN_IRELAND))
    assert run(*about, "ECR_CROSSACCOUNT_PARTITION=aws").status != 3
    answer = run(*about, "ECR_CROSSACCOUNT_PARTITION=aws-cn")
    assert answer.status == 3
    assert "the setting partition, aws-cn, contradicts --region eu-central-1" in answer.err
