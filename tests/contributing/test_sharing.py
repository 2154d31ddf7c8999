"""The shared parts of boto3's clients. No test can change them for another test."""

from __future__ import annotations

from copy import copy
from typing import Any

import boto3
from botocore.hooks import BaseEventHooks, HierarchicalEmitter


def handler(**_: object) -> Any:  # noqa: ANN401 - any answer
    return "first"


def other(**_: object) -> Any:  # noqa: ANN401 - any answer
    return "other"


def answers(events: BaseEventHooks, name: str = "before.ecr.Call") -> list[object]:
    return [answer for _, answer in events.emit(name)]


def test_a_copy_of_who_handles_what_goes_its_own_way() -> None:
    events = HierarchicalEmitter()
    events.register("before.ecr", handler)
    kept, changed = copy(events), copy(events)
    changed.register("before.ecr", other)
    changed.register_first("before", other)
    events.register("before.*.Call", other)
    again = copy(changed)
    changed.unregister("before.ecr", handler)
    assert answers(kept) == ["first"]
    assert answers(events) == ["other", "first"]
    assert answers(changed) == ["other", "other"]
    assert answers(again) == ["first", "other", "other"]


def test_what_a_session_or_a_client_registers_no_other_has() -> None:
    session = boto3.Session(region_name="eu-central-1")
    one = session.client("ecr")
    one.meta.events.register("before-sign.ecr", handler)
    session.events.register("before-sign.ecr", other)
    late, apart = session.client("ecr"), boto3.Session(region_name="eu-central-1").client("ecr")
    found = [answers(client.meta.events, "before-sign.ecr.Call") for client in (one, late, apart)]
    assert ["other" in each for each in found] == [False, True, False]
    assert ["first" in each for each in found] == [True, False, False]
