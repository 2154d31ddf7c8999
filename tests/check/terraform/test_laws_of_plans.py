"""Laws of plans: no open policy passes, whatever part of a document is only known after apply."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ecr_crossaccount import Compliance, Repository, Trust, judge
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context

from tests.case_tables import OWNER
from tests.check.hcl.test_laws_of_holes import open_policies
from tests.check.hcl.test_same_policies import ELEMENTS, PRINCIPALS, fits_a_document, listed
from tests.check.terraform.plans import Planned, plan, said, text
from tests.profiles import is_nightly

EVERY = 1 if is_nightly() else 6
"""Of the many parts that could be unknown, every third is tested."""


def block(statement: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    """Return a statement as the data source has it in a plan."""
    found: dict[str, Any] = {"sid": statement.get("Sid"), "effect": statement.get("Effect", "Allow"), "condition": []}
    found |= {name: listed(statement[element]) for element, name in ELEMENTS.items() if element in statement}
    for element, name in PRINCIPALS.items():
        value = statement.get(element, {})
        pairs = {"*": "*"} if value == "*" else value
        found[name] = [{"type": kind, "identifiers": listed(ids)} for kind, ids in pairs.items()]
    for test, keys in statement.get("Condition", {}).items():
        found["condition"] += [{"test": test, "variable": key, "values": listed(one)} for key, one in keys.items()]
    return found


def unknown(value: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """Yield a value without one of its parts, and the marks of the unknown part."""
    yield None, True
    if isinstance(value, dict):
        for name, inner in value.items():
            rest = {other: one for other, one in value.items() if other != name}
            for left, mark in unknown(inner) if inner else ():
                yield (rest if mark is True else {**rest, name: left}), {name: mark}
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            for left, mark in unknown(inner):
                yield [*value[:at], left, *value[at + 1 :]], [*({} for _ in value[:at]), mark]


def test_an_open_document_of_which_a_part_comes_at_apply_does_not_pass(tmp_path: Path) -> None:
    parts = [
        (policy, left, mark)
        for policy in open_policies()
        if fits_a_document(policy)
        for left, mark in unknown([block(one) for one in listed(policy["Statement"])])
    ][::EVERY]
    resources: list[Planned] = []
    for number, (policy, left, mark) in enumerate(parts):
        document = f"data.aws_iam_policy_document.p{number}"
        refers = {"policy": said(f"{document}.json", document)}
        after = {"statement": left, "version": policy.get("Version", "2008-10-17")}
        resources += [
            Planned(f"aws_ecr_repository_policy.p{number}", {"repository": "x"}, {"policy": True}, refers),
            Planned(document, after, {"json": True, "statement": mark}, actions=("read",)),
        ]
    (tmp_path / "plan.json").write_text(text(plan(*resources)), "utf-8")
    found = harvest([str(tmp_path)], Context(account=OWNER))
    assert (len(found.policies), found.errors) == (len(parts), ())
    assert len(parts) > 300
    assert all(isinstance(one.policy, dict) for one in found.policies), "what is known of a document counts"
    for one, (policy, _, mark) in zip(found.policies, parts, strict=True):
        verdict = judge(one.policy, Repository(OWNER), Trust.nobody())
        assert verdict.compliance is Compliance.NON_COMPLIANT, (policy, mark)
