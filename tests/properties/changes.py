"""Changes to a policy that a law is about. They do not modify the given policy."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.properties.world import Policy, Statement, as_list, conditions_of
from tests.strategies import Situation, conditions


@st.composite
def inserted(draw: st.DrawFn, situation: Situation, statement: Statement) -> Situation:
    """Draw the policy with one more statement, anywhere."""
    found = situation.statements
    at = draw(st.integers(0, len(found)))
    return situation.with_statements([*found[:at], statement, *found[at:]])


@st.composite
def confined(draw: st.DrawFn, situation: Situation, effect: str) -> Situation:
    """Draw the policy with one more condition in one of its statements with this effect."""
    found = copy.deepcopy(situation.statements)
    candidates = [statement for statement in found if statement["Effect"] == effect]
    assume(candidates)
    statement = draw(st.sampled_from(candidates))
    # An empty element on a Deny has a meaning of its own. A law about one more condition starts with a proper one.
    assume(all(statement.get("Condition", {"op": "k"}).values()) and statement.get("Condition") != {})
    block = statement.setdefault("Condition", {})
    before = {(operator, key.lower()) for operator, key, _ in conditions_of(statement)}
    for operator, keys in draw(conditions(situation.repository.partition)).items():
        new = {key: values for key, values in keys.items() if (operator, key.lower()) not in before}
        if new:
            block.setdefault(operator, {}).update(new)
    return situation.with_statements(found)


@st.composite
def split(draw: st.DrawFn, situation: Situation) -> Situation:
    """Draw the policy with a statement's list of values, principals or actions divided between two statements."""
    found = situation.statements
    places = [(at, path) for at, statement in enumerate(found) for path in alternatives(statement)]
    assume(places)
    at, path = draw(st.sampled_from(places))
    values = _at(found[at], path)
    cut = draw(st.integers(1, len(values) - 1))
    parts = [_replaced(found[at], path, values[:cut]), _replaced(found[at], path, values[cut:])]
    return situation.with_statements([*found[:at], *parts, *found[at + 1 :]])


def alternatives(statement: Statement) -> list[tuple[str, ...]]:
    """Return the paths to lists of alternatives. One of them is sufficient, so two statements mean the same."""
    paths: list[tuple[str, ...]] = [("Action",)] if "Action" in statement else []
    principal = statement.get("Principal")
    if isinstance(principal, dict) and len(principal) == 1:
        paths += [("Principal", kind) for kind in principal]
    for operator, key, _ in conditions_of(statement):
        if not any(word in operator for word in ("Not", "ForAllValues", "Null")):
            paths.append(("Condition", operator, key))
    return [path for path in paths if isinstance(_at(statement, path), list) and len(_at(statement, path)) > 1]


def _at(statement: Statement, path: tuple[str, ...]) -> Any:  # noqa: ANN401 - a part of a JSON document
    place: Any = statement
    for name in path:
        place = place[name]
    return place


def _replaced(statement: Statement, path: tuple[str, ...], value: list[Any]) -> Statement:
    changed = copy.deepcopy(statement)
    _at(changed, path[:-1])[path[-1]] = list(value)
    changed.pop("Sid", None)
    return changed


def with_other_case(policy: Policy) -> Policy:
    """Return the policy with condition keys and actions in the opposite case.

    Values and everything else are unchanged.
    """
    changed = copy.deepcopy(policy)
    for statement in as_list(changed.get("Statement", [])):
        for element in {"Action", "NotAction"} & set(statement):
            statement[element] = _each(statement[element], str.swapcase)
        for operator, block in statement.get("Condition", {}).items():
            statement["Condition"][operator] = {key.swapcase(): values for key, values in block.items()}
    return changed


def with_lists(policy: Policy) -> Policy:
    """Return the policy with every single value as a list of one, where a list is allowed."""
    changed = copy.deepcopy(policy)
    changed["Statement"] = as_list(changed.get("Statement", []))
    for statement in changed["Statement"]:
        for element in {"Action", "NotAction"} & set(statement):
            statement[element] = as_list(statement[element])
        for element in {"Principal", "NotPrincipal"} & set(statement):
            if isinstance(statement[element], dict):
                statement[element] = {kind: as_list(names) for kind, names in statement[element].items()}
        for block in statement.get("Condition", {}).values():
            block |= {key: as_list(values) for key, values in block.items()}
    return changed


def _each(value: str | list[str], change: Callable[[str], str]) -> str | list[str]:
    return change(value) if isinstance(value, str) else [change(each) for each in value]


@st.composite
def written(draw: st.DrawFn, policy: Policy) -> str:
    """Draw the policy as text, in a layout of people or programs. The order of keys is unchanged."""
    indent = draw(st.sampled_from((None, 0, 2, "\t")))
    separators = draw(st.sampled_from(((",", ":"), (", ", ": "), (" ,\r\n", " :\t"))))
    text = json.dumps(policy, indent=indent, separators=separators, ensure_ascii=draw(st.booleans()))
    blank = draw(st.sampled_from(("", " ", "\n\n", "\r\n\t")))
    return blank + text + blank


@st.composite
def reordered(draw: st.DrawFn, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Draw the same JSON value with the keys of every object in a different order."""
    if isinstance(value, dict):
        names = draw(st.permutations(list(value)))
        return {name: draw(reordered(value[name])) for name in names}
    return [draw(reordered(each)) for each in value] if isinstance(value, list) else value
