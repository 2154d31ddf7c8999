"""Short forms of policies and of questions about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from ecr_crossaccount import Origin, Repository, Trust, Verdict, judge

OWNER = "111122223333"
OTHER = "222233334444"
THIRD = "333344445555"
DAY = date(2026, 12, 1)


def statement(effect: object, principal: object, action: object, condition: object = None) -> dict[str, Any]:
    element = {"Effect": effect, "Principal": principal, "Action": action}
    return element if condition is None else {**element, "Condition": condition}


def allow(principal: object, action: object = "ecr:BatchGetImage", condition: object = None) -> dict[str, Any]:
    return statement("Allow", principal, action, condition)


def deny(principal: object, action: object = "*", condition: object = None) -> dict[str, Any]:
    return statement("Deny", principal, action, condition)


def account(*numbers: object) -> dict[str, Any]:
    return {"AWS": list(numbers)}


def policy(*statements: object) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def trusting(*entries: dict[str, Any]) -> Trust:
    return Trust.parse({"version": 1, "trust": list(entries)}, today=DAY)


def verdict(
    *statements: object,
    trust: Sequence[dict[str, Any]] = (),
    origin: Origin = Origin.PROPOSED,
    **repository: Any,  # noqa: ANN401 - the fields of Repository
) -> Verdict:
    return judge(policy(*statements), Repository(OWNER, **repository), trusting(*trust), origin)


def reasons(answer: Verdict) -> list[str]:
    return [one.reason for one in answer.undecided]
