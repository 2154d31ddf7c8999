"""The tables of plans in `tests/cases/plans/*.json`, as typed values.

A case says what a case of `tests/case_tables.py` does about the policy and its circumstances, and

    strategy   narrow where it is left out
    required, cut_trusted   with `require`: the statements to put in, and whether they may shut out someone inside
    expect     the plan:
               action     always
               policy     what the repository has afterwards; left out for `none`, where the policy stays as it is
               statements instead of `policy`: its statements
               changes    what is changed, in order, as much of it as is shown: `statement`, and words that `change`
                          and `reason` hold
               refused    words of the reason why nothing is changed
               invalid    places
               after      with `require`: the compliance of the policy that is left
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ecr_crossaccount import Required, Strategy

from tests.case_tables import (
    DIRECTORY,
    OWNER,
    CaseError,
    Object,
    object_without_repetition,
    one_of,
    optional_field,
    refuse_names_used_twice,
    refuse_unknown_fields,
    required_field,
    written_policy,
)
from tests.wording import says

CLOSING = (Strategy.NARROW, Strategy.REMOVE, Strategy.DELETE)
"""The strategies whose result is compliant, or which are refused."""

_FIELDS = frozenset(
    {
        "name", "why", "policy", "owner", "repository", "region", "partition", "organization", "tags", "origin",
        "trust", "strategy", "required", "cut_trusted", "expect",
    }
)  # fmt: skip
_EXPECTED = frozenset({"action", "policy", "statements", "changes", "refused", "invalid", "after"})


@dataclass(frozen=True, slots=True)
class PlanCase:
    """One question to the plan, and the answer to it."""

    name: str
    row: Object

    @property
    def policy(self) -> Object | str | None:
        return written_policy(self.name, self.row["policy"])

    @property
    def owner(self) -> str:
        return optional_field(self.name, self.row, "owner", str) or OWNER

    @property
    def strategy(self) -> str:
        return str(self.row.get("strategy", "narrow"))

    @property
    def with_required(self) -> Object:
        """What `plan` takes besides, with the strategy `require`."""
        if self.strategy != "require":
            return {}
        required = Required.parse(self.row["required"])
        return {"required": required, "cut_trusted": self.row.get("cut_trusted", False)}

    @property
    def origin(self) -> str:
        return str(self.row.get("origin", "proposed"))

    @property
    def register(self) -> Object:
        """The trust register that a file would hold."""
        return {"version": 1, "trust": list(self.row.get("trust", []))}

    @property
    def holds_on_any_day(self) -> bool:
        """False where an entry ends: not for a form that reads the clock."""
        return not any("expires" in entry for entry in self.row.get("trust", []))

    def repository_fields(self) -> dict[str, Any]:
        """What `Repository` takes besides the owner, as far as the case says it."""
        given = {"repository": "name", "region": "region", "partition": "partition", "organization": "organization"}
        found = {ours: self.row[theirs] for theirs, ours in given.items() if theirs in self.row}
        return {**found, "tags": self.row["tags"], "tags_known": True} if "tags" in self.row else found

    def batch_request(self) -> dict[str, Any]:
        """The line of `plan --jsonl` as an object."""
        told = ("repository", "region", "partition", "tags", "origin", "strategy", "required", "cut_trusted")
        line = {"id": self.name, "policy": self.row["policy"], "owner": self.owner}
        line |= {field: self.row[field] for field in told if field in self.row}
        if "organization" in self.row:
            line["owner_organization"] = self.row["organization"]
        return {**line, "trust": self.register["trust"]}

    def differences(self, answer: Object) -> list[str]:
        """How an answer of the batch form differs from what is expected; empty if it does not."""
        expect = self.row["expect"]
        found = [] if answer["action"] == expect["action"] else [f"action {answer['action']}: {answer['refused']}"]
        after = self._after()
        if answer["policy"] != after:
            found.append(f"policy {json.dumps(answer['policy'])}, not {json.dumps(after)}")
        if (expect.get("refused") is None) != (answer["refused"] is None):
            found.append(f"refused: {answer['refused']}")
        if expect.get("refused") and expect["refused"] not in str(answer["refused"]):
            found.append(f"refused: {answer['refused']}")
        if [one["at"] for one in answer["invalid"]] != expect.get("invalid", []):
            found.append(f"invalid: {answer['invalid']}")
        if answer.get("after", {}).get("compliance") != expect.get("after"):
            found.append(f"after: {answer.get('after')}")
        return found + self._changes_that_differ(answer["changes"])

    def _after(self) -> object:
        expect, before = self.row["expect"], self.row["policy"]
        if expect["action"] != "set":
            return None if expect["action"] == "delete" or not isinstance(before, Mapping) else before
        return expect["policy"] if "policy" in expect else {**before, "Statement": expect.get("statements")}

    def _changes_that_differ(self, changes: list[Object]) -> list[str]:
        wanted = self.row["expect"].get("changes")
        if wanted is None:
            return []
        if len(wanted) != len(changes):
            return [f"changes: {changes}"]
        return [
            f"change {change}, not {expected}"
            for expected, change in zip(wanted, changes, strict=True)
            if change["statement"] != expected["statement"]
            or not all(says(change[field], expected.get(field, "")) for field in ("change", "reason"))
        ]


@cache
def plan_cases() -> tuple[PlanCase, ...]:
    """All cases, by file and in the order of their file; raises CaseError where a table breaks the format."""
    found = [_case(path.name, row) for path in sorted((DIRECTORY / "plans").glob("*.json")) for row in _rows(path)]
    refuse_names_used_twice(found)
    return tuple(found)


def _rows(path: Any) -> list[Object]:  # noqa: ANN401 - a Path
    rows: list[Object] = json.loads(path.read_text("utf-8"), object_pairs_hook=object_without_repetition)
    return rows


def _case(table: str, row: Object) -> PlanCase:
    at = f"`plans/{table}`: `{row.get('name', '?')}`"
    refuse_unknown_fields(at, row, _FIELDS)
    required_field(at, row, "why", str)
    expect = required_field(at, row, "expect", dict)
    refuse_unknown_fields(at, expect, _EXPECTED)
    one_of(at, "action", required_field(at, expect, "action", str), {"none", "set", "delete"})
    if "policy" not in row:
        raise CaseError(f"{at}: a case has a `policy`, null where there is none")
    return PlanCase(required_field(at, row, "name", str), row)
