"""The tables of plans in `tests/cases/plans/*.json`, as typed values.

A case has the policy and its circumstances like a case of `tests/case_tables.py`, and these fields:

- `strategy`: the default is `narrow`.
- `required`, `cut_trusted`: with `require`, the statements to add, and whether they may shut out someone inside.
- `expect`: the plan, with these fields:
  - `action`: always.
  - `policy`: the policy of the repository afterwards. Left out for `none`, which leaves the policy unchanged.
  - `statements`: replaces `policy` with its statements.
  - `changes`: the changes, in order, with some of their fields: `statement`, and words in `change` and `reason`.
  - `refused`: words in the reason why nothing changes.
  - `invalid`: places.
  - `after`: with `require`, the compliance of the resulting policy.
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
"""The strategies whose result is compliant, unless they are refused."""

_FIELDS = frozenset(
    {
        "name", "why", "policy", "owner", "repository", "region", "partition", "organization", "tags", "origin",
        "trust", "strategy", "required", "cut_trusted", "expect",
    }
)  # fmt: skip
_EXPECTED = frozenset({"action", "policy", "statements", "changes", "refused", "invalid", "after"})


@dataclass(frozen=True, slots=True)
class PlanCase:
    """One question to the plan, and its answer."""

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
        """Return additional arguments of `plan` for the strategy `require`."""
        if self.strategy != "require":
            return {}
        required = Required.parse(self.row["required"])
        return {"required": required, "cut_trusted": self.row.get("cut_trusted", False)}

    @property
    def origin(self) -> str:
        return str(self.row.get("origin", "proposed"))

    @property
    def register(self) -> Object:
        """The trust register, as a file would have it."""
        return {"version": 1, "trust": list(self.row.get("trust", []))}

    @property
    def holds_on_any_day(self) -> bool:
        """Whether no entry expires. Otherwise the case does not fit a form that reads the clock."""
        return not any("expires" in entry for entry in self.row.get("trust", []))

    def repository_fields(self) -> dict[str, Any]:
        """Return the fields of `Repository` that the case has, except the owner."""
        given = {"repository": "name", "region": "region", "partition": "partition", "organization": "organization"}
        found = {ours: self.row[theirs] for theirs, ours in given.items() if theirs in self.row}
        return {**found, "tags": self.row["tags"], "tags_known": True} if "tags" in self.row else found

    def batch_request(self) -> dict[str, Any]:
        """Return the line of `plan --jsonl` as an object."""
        told = ("repository", "region", "partition", "tags", "origin", "strategy", "required", "cut_trusted")
        line = {"id": self.name, "policy": self.row["policy"], "owner": self.owner}
        line |= {field: self.row[field] for field in told if field in self.row}
        if "organization" in self.row:
            line["owner_organization"] = self.row["organization"]
        return {**line, "trust": self.register["trust"]}

    def differences(self, answer: Object) -> list[str]:
        """Return the differences of an answer of the batch form. Empty if it is as expected."""
        expect = self.row["expect"]
        found = [] if answer["action"] == expect["action"] else [f"action {answer['action']}: {answer['refused']}"]
        after = self._after()
        if answer["policy"] != after:
            found.append(f"policy {json.dumps(answer['policy'])}, not {json.dumps(after)}")
        if (expect.get("refused") is None) != (answer["refused"] is None):
            found.append(f"refused: {answer['refused']}")
        if expect.get("refused") and not says(str(answer["refused"]), expect["refused"]):
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
    """Return all cases, by file and in the order of their file. Raises CaseError if a table breaks the format."""
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
