"""A new kind of resource needs a row for the formats, a row for the products, and its judge with a line in `JUDGES`.

Other files ask for a property of the rows. Those that name a kind have to do with that kind and no other.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore.model import ListShape, Shape, StructureShape
from ecr_crossaccount.judgement.kinds.table import EXCHANGES, GOVERNED, ROWS
from ecr_crossaccount.judgement.kinds.table import ResourceKind as Kind
from ecr_crossaccount.products.kinds.handling import HANDLING, SETTINGS, Effect, Handling
from ecr_crossaccount.questions.change.states import EXCHANGED, JUDGES

PACKAGE = Path(__file__).parents[1] / "rule" / "ecr_crossaccount"
ROW, PRODUCTS, STATES = "judgement/kinds/table.py", "products/kinds/handling.py", "questions/change/states.py"
MOST = 4
"""The most files that name the pull-through cache. Everything about it is in its rows and its judge."""
NAMED = {
    Kind.CREATION_TEMPLATE: {ROW, PRODUCTS, "sources/files/bare.py"},
    Kind.PUBLIC_REPOSITORY: {
        ROW,
        PRODUCTS,
        STATES,
        "questions/change/opening.py",
        "questions/change/sides.py",
        "sources/files/bare.py",
    },
    Kind.REPLICATION: {ROW, PRODUCTS, STATES, "products/alerts/comparer.py"},
    Kind.PULL_THROUGH_CACHE: {ROW, PRODUCTS, STATES},
}
"""The files that name a kind. Repositories and registries are not here: their relation is the subject of many files."""

TREES = {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text("utf-8")) for path in PACKAGE.rglob("*.py")}


def names_in(tree: ast.AST) -> Iterator[Kind]:
    """Yield the kinds that a module names, also by the name of the report's field for such settings."""
    known = {**Kind.__members__, **{setting.lack.name: kind for kind, setting in SETTINGS.items()}}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in known:
            yield known[node.attr]


def tables_in(tree: ast.AST) -> Iterator[set[Kind]]:
    """Yield the kinds of each table and each `match` over several kinds."""
    for node in ast.walk(tree):
        keys: list[ast.expr] = []
        if isinstance(node, ast.Dict):
            keys = [key for key in node.keys if key is not None]
        if isinstance(node, ast.Match):
            keys = [part.value for case in node.cases for part in ast.walk(case) if isinstance(part, ast.MatchValue)]
        found = {
            Kind[key.attr]
            for key in keys
            if isinstance(key, ast.Attribute) and isinstance(key.value, ast.Name) and key.attr in Kind.__members__
            if key.value.id in ("Kind", "ResourceKind")
        }
        if len(found) > 1:
            yield found


@pytest.mark.parametrize("kind", NAMED)
def test_few_files_name_a_kind(kind: Kind) -> None:
    assert {file for file, tree in TREES.items() if kind in names_in(tree)} == NAMED[kind]
    assert len(NAMED[Kind.PULL_THROUGH_CACHE]) <= MOST


def test_each_table_of_kinds_is_complete() -> None:
    assert [*HANDLING] == [*ROWS] == [*Kind]
    assert all(kind is one.kind for kind, one in HANDLING.items())
    assert JUDGES.keys() == {*Kind} - {*GOVERNED}
    assert EXCHANGED.keys() == {*EXCHANGES}
    assert SETTINGS.keys() == {kind for kind, row in ROWS.items() if row.arn is not None}
    tables = [(file, found) for file, tree in TREES.items() for found in tables_in(tree)]
    assert tables == [(STATES, {*JUDGES}), (STATES, {*EXCHANGED})]


def test_alarms_remember_a_kind_by_the_same_name_as_before() -> None:
    keys = ["REPOSITORY", "REGISTRY", "TEMPLATE", "PUBLIC", "REPLICATION", "CACHE"]
    assert [one.key for one in HANDLING.values()] == keys


@pytest.mark.parametrize("one", HANDLING.values(), ids=[*HANDLING])
def test_calls_and_fields_are_those_of_ecr(one: Handling) -> None:
    model = botocore.session.get_session().get_service_model(one.service)
    assert {*one.calls, one.reads} <= {*model.operation_names}
    reading, field = model.operation_model(one.reads), one.field
    asked = one.named or field.name
    assert asked is None or asked in members(reading.input_shape)
    shown = members(reading.output_shape)
    if one.listed:
        listed = shown[one.listed]
        assert isinstance(listed, ListShape)
        shown = members(listed.member)
    assert {*field.whose, *filter(None, (field.policy, field.uses, field.prefix))} <= {*shown}
    for call, effect in one.calls.items():
        answer = members(model.operation_model(call).output_shape)
        if effect in (Effect.SETS, Effect.ADDS, Effect.UNSETS):
            answer = members(answer[one.part]) if one.part else answer
            assert {*filter(None, (field.policy, one.name, field.uses))} <= {*answer}


@pytest.mark.parametrize("one", HANDLING.values(), ids=[*HANDLING])
def test_alarms_have_a_command_that_closes_a_kind(one: Handling) -> None:
    assert one.find_call(Effect.UNSETS) or one.find_call(Effect.DELETES) or (one.empty and one.find_call(Effect.SETS))


def members(shape: Shape | None) -> dict[str, Shape]:
    """Return the fields of a request or an answer."""
    assert isinstance(shape, StructureShape)
    return dict(shape.members)
