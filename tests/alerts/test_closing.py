"""The links in alarms: console pages that AWS names or that are widely linked, and no others."""

from __future__ import annotations

import pytest
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.products.alerts.alert import look_at
from ecr_crossaccount.products.alerts.changes import Subject

PAGES = {
    Kind.REPOSITORY: "repositories/private/111122223333/team/base",
    Kind.PUBLIC_REPOSITORY: "repositories/public/111122223333/team/base",
    Kind.REGISTRY: "private-registry/permissions",
    Kind.CREATION_TEMPLATE: "private-registry/repositories",
    Kind.REPLICATION: "private-registry/repositories",
    Kind.PULL_THROUGH_CACHE: "private-registry/repositories",
}


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_has_a_page(kind: Kind) -> None:
    link = look_at(Subject(kind, "111122223333", "eu-central-1", "team/base"))
    assert link == f"https://eu-central-1.console.aws.amazon.com/ecr/{PAGES[kind]}?region=eu-central-1"


@pytest.mark.parametrize(
    "region, host",
    [
        ("cn-north-1", "cn-north-1.console.amazonaws.cn"),
        ("us-gov-west-1", "us-gov-west-1.console.amazonaws-us-gov.com"),
    ],
)
def test_other_partitions_have_consoles_of_their_own(region: str, host: str) -> None:
    link = look_at(Subject(Kind.REGISTRY, "111122223333", region, ""))
    assert link == f"https://{host}/ecr/private-registry/permissions?region={region}"


def test_a_partition_whose_console_is_not_known_has_no_link() -> None:
    assert look_at(Subject(Kind.REGISTRY, "111122223333", "us-iso-east-1", "")) is None
