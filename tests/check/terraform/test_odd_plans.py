"""Invalid plans and states: each gets an answer, and never a traceback."""

from __future__ import annotations

from typing import Any

import pytest

from tests.check.terraform.plans import Planned, plan, said, text
from tests.cli.conftest import OWNER, Run, Write
from tests.wording import sentence

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


@pytest.mark.parametrize("odd", [{}, "x", ["x"], [None], [{"address": POLICY}], [{"change": {"actions": ["create"]}}]])
def test_changes_that_nobody_can_read_are_an_error(run: Run, write: Write, odd: object) -> None:
    done = run("check", "--account", OWNER, write({"format_version": "1.2", "resource_changes": odd}, "plan.json"))
    assert (done.status, sentence("terraform.changes_not_terraform_writes") in done.err) == (3, True)


@pytest.mark.parametrize("version, status", [("0.2", 1), ("1.9", 1), ("2.0", 3), ("x", 3)])
def test_a_format_that_may_mean_something_else_is_an_error(run: Run, write: Write, version: str, status: int) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": OPEN}), format_version=version)
    assert run("check", "--account", OWNER, write(text(document), "plan.json")).status == status


@pytest.mark.parametrize("part, status", [({"complete": True}, 0), ({"complete": False}, 2)])
def test_a_plan_of_a_part_says_that_something_is_left(
    run: Run, write: Write, part: dict[str, bool], status: int
) -> None:
    safe = text({"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "ecr:*"}]})
    document = plan(Planned(POLICY, {"repository": "x", "policy": safe}), **part)
    done = run("check", "--strict", "--format", "json", "--account", OWNER, write(text(document), "plan.json"))
    assert done.status == status
    told = sentence("terraform.plan_says_not_complete")
    assert [one["reason"] for one in done.json["skipped"]] == [told] * (status // 2)


@pytest.mark.parametrize("blank", [None, "", " ", "{}", "null"])
def test_a_policy_that_is_blank_sets_nothing(run: Run, write: Write, blank: object) -> None:
    document = plan(Planned(POLICY, {"repository": "x", "policy": blank}))
    done = run("check", "--format", "json", "--account", OWNER, write(text(document), "plan.json"))
    (undecided,) = done.json["policies"][0]["undecided"]
    assert done.status == 2
    assert undecided["reason"].startswith(sentence("found.sets_blank_policy"))
