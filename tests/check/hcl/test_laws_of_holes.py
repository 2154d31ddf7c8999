"""Laws of unknown values: no open policy passes, whatever part of it a variable without a value replaces."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount import Compliance, Repository, Trust, judge
from ecr_crossaccount.sources.check.findings import judge_policy
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy

from tests.case_tables import OWNER, cases
from tests.check.hcl.test_same_policies import NAME, RESOURCE, is_plain
from tests.profiles import is_nightly

HERE = "\ufdd0"
"""A placeholder for the variable while a policy is written. Policies do not have this noncharacter of Unicode."""

EVERY = 1 if is_nightly() else 10
"""Of the many places that could be unknown, every fifth is tested."""


def is_open(policy: object) -> bool:
    verdict = judge(policy, Repository(OWNER), Trust.nobody())
    return verdict.external or verdict.service


@cache
def open_policies() -> list[Any]:
    """Return the policies of the tables that give access to someone outside."""
    return [case.policy for case in cases() if is_plain(case.policy) and is_open(case.policy)]


def with_a_hole(value: Any) -> Iterator[Any]:  # noqa: ANN401 - JSON
    """Yield a policy with a variable for each value, for each list and object, and at the end of each list."""
    if isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("Version", "Id"):
                yield from ({**value, name: other} for other in (HERE, *with_a_hole(inner)))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], other, *value[at + 1 :]] for other in (HERE, *with_a_hole(inner)))
        yield [*value, HERE]


def written(policy: object) -> str:
    text = json.dumps(policy, ensure_ascii=False).replace("${", "$${").replace("%{", "%%{")
    text = re.sub(r"(?<=: )(\d+)e\+", r"\1.0e+", text)  # the HCL grammar has no exponent without a fraction
    return f"jsonencode({text})".replace(f'"{HERE}"', "var.unknown")


def read(folder: Path, policies: list[Any]) -> dict[str, FoundPolicy]:
    lines = [RESOURCE.format(number, written(policy)) for number, policy in enumerate(policies)]
    (folder / "main.tf").write_text('variable "unknown" {}\n' + "".join(lines), "utf-8")
    return {one.resource: one for one in harvest([str(folder)], Context(account=OWNER)).policies}


def test_an_open_policy_with_an_unknown_part_does_not_pass(tmp_path: Path) -> None:
    policies = [holed for policy in open_policies() for holed in with_a_hole(policy)][::EVERY]
    found = read(tmp_path, policies)
    assert len(found) == len(policies) > 250
    for number, policy in enumerate(policies):
        verdict = judge_policy(found[NAME.format(number)], Context(OWNER)).verdict
        assert verdict.compliance is Compliance.NON_COMPLIANT, policy


def parted(policy: Any) -> Iterator[tuple[Any, Any]]:  # noqa: ANN401 - JSON
    """Yield a policy without each of its statements, and that statement."""
    statements = policy.get("Statement")
    for at, one in enumerate(statements if isinstance(statements, list) else []):
        yield {**policy, "Statement": [*statements[:at], *statements[at + 1 :]]}, one


@pytest.mark.parametrize("form", ["var.unknown ? [{}] : []", "[for one in var.unknown : {}]"])
def test_a_statement_that_is_perhaps_there_closes_nothing_and_may_open_much(tmp_path: Path, form: str) -> None:
    every = [(whole, rest, one) for case in cases() if is_plain(whole := case.policy) for rest, one in parted(whole)]
    matter = [(rest, one) for whole, rest, one in every if is_open(whole) or is_open(rest)][::EVERY]
    lines: list[str] = []
    for number, (rest, one) in enumerate(matter):
        said = {name: value for name, value in rest.items() if name != "Statement"}
        perhaps = form.replace("{}", written(one).removeprefix("jsonencode(").removesuffix(")"))
        certain = written(rest["Statement"]).removeprefix("jsonencode(").removesuffix(")")
        policy = f"jsonencode(merge({written(said)[11:-1]}, {{ Statement = concat({certain}, {perhaps}) }}))"
        lines.append(RESOURCE.format(number, policy))
    (tmp_path / "main.tf").write_text('variable "unknown" {}\n' + "".join(lines), "utf-8")
    found = {one.resource: one for one in harvest([str(tmp_path)], Context(account=OWNER)).policies}
    assert len(found) == len(matter) > 50
    for number, (rest, one) in enumerate(matter):
        verdict = judge_policy(found[NAME.format(number)], Context(OWNER)).verdict
        assert verdict.compliance is Compliance.NON_COMPLIANT, (rest, one)


@pytest.mark.parametrize("form", ["var.unknown ? {} : {}", "{{ a = {}, b = {} }}[var.unknown]"])
def test_a_policy_that_is_one_of_two_passes_only_if_both_do(tmp_path: Path, form: str) -> None:
    texts = [written(policy) for policy in [*open_policies(), {"Version": "2012-10-17", "Statement": []}]][::EVERY]
    lines = [
        RESOURCE.format(number, form.format(one, other))
        for number, (one, other) in enumerate(zip(texts, [*texts[1:], texts[0]], strict=True))
    ]
    (tmp_path / "main.tf").write_text('variable "unknown" {}\n' + "".join(lines), "utf-8")
    for one in harvest([str(tmp_path)], Context(account=OWNER)).policies:
        verdict = judge_policy(one, Context(OWNER)).verdict
        assert verdict.compliance is Compliance.NON_COMPLIANT, one.policy
        policies = [one.policy, *(form.policy for form in one.otherwise)]
        forms = [judge(policy, Repository(OWNER), Trust.nobody()) for policy in policies]
        assert verdict.external == all(form.external for form in forms)
        assert verdict.undecided or verdict.external or verdict.service
