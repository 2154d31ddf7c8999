"""Plans and states that are not what they should be: an answer for each, and never a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli.conftest import OWNER, Run, Write
from tests.gate.terraform.plans import Planned, plan, said, text

POLICY = "aws_ecr_repository_policy.this"
OPEN = text({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "ecr:*"}]})
ODD: list[object] = [
    None,
    True,
    3,
    "x",
    [],
    {},
    [None],
    ["x"],
    {"x": None},
    [[]],
    [{"address": 3}],
    [{"address": "module"}],
]


@pytest.mark.parametrize("part", ["planned_values", "resource_changes", "configuration", "prior_state", "errored"])
@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_a_part_of_another_form(run: Run, write: Write, part: str, odd: object) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OPEN}), **{part: odd})
    done = run("check", "--format", "json", "--account", OWNER, write(text(document), "plan.json"))
    assert done.status in (0, 1, 3)
    if part in ("configuration", "prior_state"):
        assert done.status == 1


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_attributes_of_another_form(run: Run, write: Write, odd: Any) -> None:  # noqa: ANN401 - JSON
    document = "data.aws_iam_policy_document.x"
    statement = {"effect": odd, "principals": [odd], "condition": [odd], "actions": odd}
    resources = [
        Planned(POLICY, {"repository": odd, "policy": odd, "registry_id": odd, "region": odd}),
        Planned("aws_ecr_repository_policy.y", odd, odd, {"policy": odd}),
        Planned("aws_ecr_repository_policy.z", {}, {"policy": True}, {"policy": said(f"{document}.json")}),
        Planned(document, {"statement": [statement, odd], "version": odd}, {"json": True}, actions=("read",)),
    ]
    done = run("check", "--format", "json", "--account", OWNER, write(text(plan(*resources)), "plan.json"))
    assert done.status in (1, 2)


def test_documents_that_are_made_from_each_other(run: Run, write: Write) -> None:
    names = [f"data.aws_iam_policy_document.{name}" for name in "ab"]
    circle = [
        Planned(
            one,
            {"source_policy_documents": [None]},
            {"json": True, "source_policy_documents": [True]},
            {"source_policy_documents": said(f"{other}.json")},
            actions=("read",),
        )
        for one, other in zip(names, reversed(names), strict=True)
    ]
    policy = Planned(POLICY, {}, {"policy": True}, {"policy": said(f"{names[0]}.json")})
    done = run("check", "--format", "json", "--account", OWNER, write(text(plan(policy, *circle)), "plan.json"))
    assert done.status == 2
