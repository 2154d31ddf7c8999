"""Single changes of a policy, as a person or a tool makes them. For some, a law says that they change nothing."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from tests.properties.changes import confined, inserted, split
from tests.properties.world import Statement, as_list, conditions_of
from tests.strategies import Situation, actions, principals, situations, statements


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Situation, Situation]:
    """Draw a policy before and after one to three changes, or sometimes two unrelated policies."""
    before = draw(situations())
    if draw(st.integers(0, 9)) == 0:
        return before, before.with_policy(draw(situations()).policy)
    after = before
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        after = draw(changed(after))
    return (before, after) if draw(st.booleans()) else (after, before)


@st.composite
def changed(draw: st.DrawFn, situation: Situation) -> Situation:
    """Draw the policy with one change."""
    kind = draw(
        st.sampled_from(("insert", "insert", "drop", "confine", "loosen", "values", "principal", "action", "effect"))
    )
    found = copy.deepcopy(situation.statements)
    if kind == "insert" or not found:
        return draw(inserted(situation, draw(statements(situation.repository.partition))))
    number = draw(st.integers(0, len(found) - 1))
    statement = found[number]
    match kind:
        case "drop":
            del found[number]
        case "confine" if statement.get("Condition", {"op": "k"}) and all(
            statement.get("Condition", {"o": "k"}).values()
        ):
            return draw(confined(situation, statement["Effect"]))
        case "loosen":
            _drop_condition(draw, statement)
        case "values":
            _change_values(draw, statement)
        case "principal" if "Principal" in statement:
            statement["Principal"] = draw(_fewer_or_more(statement["Principal"], situation.repository.partition))
        case "action" if "Action" in statement:
            statement["Action"] = draw(actions)
        case "effect":
            statement["Effect"] = "Deny" if statement["Effect"] == "Allow" else "Allow"
    return situation.with_statements(found)


def _drop_condition(draw: st.DrawFn, statement: Statement) -> None:
    every = [(operator, key) for operator, key, _ in conditions_of(statement)]
    if every:
        operator, key = draw(st.sampled_from(every))
        del statement["Condition"][operator][key]
        if not statement["Condition"][operator]:
            del statement["Condition"][operator]
        if not statement["Condition"]:
            del statement["Condition"]


def _change_values(draw: st.DrawFn, statement: Statement) -> None:
    every = [(operator, key, values) for operator, key, values in conditions_of(statement) if len(values) > 1]
    if every:
        operator, key, values = draw(st.sampled_from(every))
        statement["Condition"][operator][key] = values[draw(st.integers(0, 1)) :][: len(values) - 1]


@st.composite
def _fewer_or_more(draw: st.DrawFn, principal: Any, partition: str) -> Any:  # noqa: ANN401 - a Principal element
    if isinstance(principal, dict) and principal and draw(st.booleans()):
        kind = draw(st.sampled_from(sorted(principal)))
        names = as_list(principal[kind])
        if draw(st.booleans()) and len(names) > 1:
            return {**principal, kind: names[1:]}
        other = draw(principals(partition))
        more = as_list(other[kind]) if isinstance(other, dict) and kind in other else []
        return {**principal, kind: [*names, *more]}
    return draw(principals(partition))


@st.composite
def rearranged(draw: st.DrawFn, situation: Situation) -> Situation:
    """Draw the same policy in another form: with another order and Sids, and statements repeated or divided."""
    found = copy.deepcopy(situation.statements)
    for number, statement in enumerate(found):
        statement.pop("Sid", None)
        if draw(st.booleans()):
            statement["Sid"] = f"Renamed{number}"
    after = situation.with_statements(draw(st.permutations(found)))
    for _ in range(draw(st.integers(0, 2))):
        if draw(st.booleans()) and _has_lists(after):
            after = draw(split(after))
    return after


def _has_lists(situation: Situation) -> bool:
    from tests.properties.changes import alternatives

    return any(alternatives(statement) for statement in situation.statements)
