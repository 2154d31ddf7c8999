"""A Region that may be mistyped is noted: a condition on the Region would be judged for the wrong one."""

from __future__ import annotations

import pytest
from botocore.loaders import Loader
from ecr_crossaccount.products.cli.base.options import KNOWN

from tests.wording import sentence

from .conftest import OWNER, Run, Write

IN_A_REGION = {
    "Version": "2012-10-17",
    "Statement": {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "ecr:BatchGetImage",
        "Condition": {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    },
}
TOLD = sentence("mistyped.note_eu_wset")


@pytest.mark.parametrize("command", [("judge", "--owner", OWNER), ("check", "--account", OWNER)])
def test_a_mistyped_region_is_noted_beside_the_verdict_that_rests_on_it(
    run: Run, write: Write, command: tuple[str, ...]
) -> None:
    policy = write(IN_A_REGION)
    assert run(*command, "--region", "eu-west-1", policy).status == 1
    done = run(*command, "--region", "eu-wset-1", policy)
    assert (done.status, done.err) == (0, TOLD)
    assert run(*command, "--region", "eu-west-2", policy).err == ""


def test_a_mistyped_region_of_the_settings_is_noted(run: Run, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ECR_CROSSACCOUNT_REGION", "eu-wset-1")
    assert run("judge", "--owner", OWNER, write(IN_A_REGION)).err == TOLD


def test_every_region_of_the_sdk_is_known() -> None:
    regions = {name for one in Loader().load_data("endpoints")["partitions"] for name in one["regions"]}
    assert sorted(regions - KNOWN) == []
