"""The kinds of resources, by the names that users write and reports show."""

from __future__ import annotations

from ecr_crossaccount.judgement.kinds.table import EXCHANGES, PREFIXED, ResourceKind


def test_each_kind_has_its_name() -> None:
    assert [one.value for one in ResourceKind] == [
        "repository",
        "registry",
        "creation-template",
        "public-repository",
        "replication",
        "pull-through-cache",
    ]
    assert [one.value for one in PREFIXED] == ["creation-template", "pull-through-cache"]
    assert [one.value for one in EXCHANGES] == ["replication", "pull-through-cache"]
