"""The promises in docs/stability.md, compared with the record: additions are allowed, removals and changes are not."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.docs.markdown import page
from tests.stability.promises import Json, broken, joined, promises, recorded, unrecorded

PROMISED = recorded()


@pytest.fixture(scope="module")
def now() -> Json:
    return promises()


@pytest.mark.parametrize("kind", PROMISED)
def test_nothing_that_was_promised_is_gone_or_changed(now: Json, kind: str) -> None:
    """A removal needs a new major version: remove it from promises.json by hand, and list it in CHANGELOG.md."""
    assert list(broken(PROMISED[kind], now.get(kind), kind)) == []


def test_a_new_parameter_of_a_stack_has_a_default_so_that_an_update_needs_no_new_value(now: Json) -> None:
    lacking = [
        f"{stack} > {name}"
        for stack, one in now["stacks"].items()
        for name, parameter in one["parameters"].items()
        if name not in PROMISED["stacks"].get(stack, one)["parameters"] and "Default" not in parameter
    ]
    assert lacking == []


def _drop_rule(surface: Json) -> None:
    del surface["rules"]["any-write"]


def _change_severity(surface: Json) -> None:
    surface["rules"]["any-write"] = "HIGH"


def _change_type(surface: Json) -> None:
    surface["JSON"]["judge --format json"][".policies[].grants[].statement"] = "string"


def _drop_word(surface: Json) -> None:
    surface["commands"]["ecr-crossaccount check"].remove("--format sarif")


def _change_default(surface: Json) -> None:
    surface["stacks"]["account"]["parameters"]["Alarms"]["Default"] = "None"


def _drop_output(surface: Json) -> None:
    surface["stacks"]["account"]["outputs"].remove("RuleName")


def _change_status(surface: Json) -> None:
    surface["exit status"]["UNDECIDED"] = 0


@pytest.mark.parametrize(
    "change, said",
    [
        (_drop_rule, " > rules > any-write is gone"),
        (_change_severity, " > rules > any-write is 'HIGH' and was 'CRITICAL'"),
        (_change_type, " > .policies[].grants[].statement is 'string' and was 'number'"),
        (_drop_word, " > ecr-crossaccount check > --format sarif is gone"),
        (_change_default, " > parameters > Alarms > Default is 'None' and was "),
        (_drop_output, " > account > outputs > RuleName is gone"),
        (_change_status, " > UNDECIDED is 0 and was 2"),
    ],
)
def test_what_is_gone_or_changed_is_named_and_never_forgotten(change: Callable[[Json], None], said: str) -> None:
    now = copy.deepcopy(PROMISED)
    change(now)
    (found,) = broken(PROMISED, now)
    assert said in found
    assert list(broken(PROMISED, joined(PROMISED, now))) == [], "`make promises` does not drop it"


def test_what_is_new_is_no_fault_and_is_recorded() -> None:
    now: Any = copy.deepcopy(PROMISED)
    now["rules"]["of-tomorrow"] = "LOW"
    now["commands"]["ecr-crossaccount check"].append("--of-tomorrow")
    assert list(broken(PROMISED, now)) == []
    new = [" > rules > of-tomorrow", " > commands > ecr-crossaccount check > --of-tomorrow"]
    assert sorted(unrecorded(PROMISED, now)) == sorted(new)
    assert unrecorded(joined(PROMISED, now), now) == []
    after = joined(PROMISED, now)
    assert after["rules"]["of-tomorrow"] == "LOW"
    assert "--of-tomorrow" in after["commands"]["ecr-crossaccount check"]


def test_the_page_speaks_of_each_kind() -> None:
    text = page("docs/stability.md").path.read_text(encoding="utf-8")
    assert [kind for kind in PROMISED if f"`{kind}`" not in text] == []
