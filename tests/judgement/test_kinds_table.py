"""One kind of resource has one row, from which every format takes where its policy is, and one judge.

To add a kind, write its row and its judge, and name the judge in `JUDGES`. The tests here say what is missing.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain

import pytest
from ecr_crossaccount.judgement.kinds.table import EXCHANGES, PREFIXED, ROWS, Format, ResourceKind, fields_in


def test_each_kind_has_a_row_in_the_order_of_reports() -> None:
    assert [*ROWS] == [*ResourceKind]
    assert (PREFIXED, EXCHANGES) == (
        (ResourceKind.CREATION_TEMPLATE, ResourceKind.PULL_THROUGH_CACHE),
        (ResourceKind.REPLICATION, ResourceKind.PULL_THROUGH_CACHE),
    )


@pytest.mark.parametrize("written", Format)
def test_a_format_has_each_type_once(written: Format) -> None:
    types = Counter(field.type for row in ROWS.values() for field in row.fields.get(written, ()))
    assert set(types.values()) == {1}
    assert {name: field.kind in ROWS for name, field in fields_in(written).items()} == dict.fromkeys(types, True)


@pytest.mark.parametrize("kind", ResourceKind)
def test_a_row_says_where_the_policy_is(kind: ResourceKind) -> None:
    row = ROWS[kind]
    fields = [*chain.from_iterable(row.fields.values())]
    assert row.resource.startswith("AWS::ECR::")
    assert {bool(field.prefix) for field in fields} == {row.is_prefixed}
    assert all(field.policy in field.names or row.is_exchange for field in fields)
    assert [row.arn is None or row.called != "{}", bool(row.arn)] == [True, row.is_prefixed or row.is_exchange]
