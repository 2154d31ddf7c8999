"""The policies of all tables, written in every form of Terraform, are read as they were written."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from ecr_crossaccount.sources.formats.dispatch import harvest
from ecr_crossaccount.sources.found.context import Context
from ecr_crossaccount.sources.found.found import FoundPolicy

from tests.case_tables import OWNER, cases
from tests.check.terraform.plans import Planned, plan, text

NAME = "aws_ecr_repository_policy.p{}"
RESOURCE = 'resource "aws_ecr_repository_policy" "p{}" {{\n  repository = "x"\n  policy     = {}\n}}\n'


def is_plain(policy: object) -> bool:
    """Return whether HCL can express a policy: an object, with Unicode text without control characters."""
    try:
        written = json.dumps(policy, ensure_ascii=False).encode().decode()
    except UnicodeEncodeError:
        return False
    return isinstance(policy, Mapping) and bool(policy) and "\\b" not in written and "\\f" not in written


POLICIES: list[Any] = [case.policy for case in cases() if is_plain(case.policy)]


def escaped(policy: object) -> str:
    written = json.dumps(policy, ensure_ascii=False, indent=1)
    return written.replace("${", "$${").replace("%{", "%%{")


def sources(line: Callable[[object], str]) -> dict[str, str]:
    return {"main.tf": "".join(RESOURCE.format(number, line(policy)) for number, policy in enumerate(POLICIES))}


def as_json_source() -> dict[str, str]:
    resources = {f"p{number}": {"policy": escaped(policy)} for number, policy in enumerate(POLICIES)}
    return {"main.tf.json": json.dumps({"resource": {"aws_ecr_repository_policy": resources}})}


def as_plan() -> dict[str, str]:
    planned = [Planned(NAME.format(number), {"policy": text(policy)}) for number, policy in enumerate(POLICIES)]
    return {"plan.json": text(plan(*planned))}


def as_state() -> dict[str, str]:
    resources = [
        {
            "mode": "managed",
            "type": "aws_ecr_repository_policy",
            "name": f"p{number}",
            "instances": [{"attributes": {"repository": "x", "policy": text(policy)}}],
        }
        for number, policy in enumerate(POLICIES)
    ]
    return {"x.tfstate": text({"version": 4, "terraform_version": "1.9.5", "lineage": "x", "resources": resources})}


def as_expression(policy: object) -> str:
    """Write a policy for `jsonencode`. The grammar has an exponent only after a fraction."""
    return re.sub(r"(: \d+)e\+", r"\1.0e+", escaped(policy))


FORMS: dict[str, Callable[[], dict[str, str]]] = {
    "jsonencode": lambda: sources(lambda policy: f"jsonencode({as_expression(policy)})"),
    "heredoc": lambda: sources(lambda policy: f"<<EOT\n{escaped(policy)}\nEOT\n"),
    "indented heredoc": lambda: sources(lambda policy: f"<<-EOT\n{escaped(policy)}\n  EOT\n"),
    "quoted": lambda: sources(lambda policy: json.dumps(escaped(policy), ensure_ascii=False)),
    "tf.json": as_json_source,
    "plan": as_plan,
    "state": as_state,
}


def value_of(found: FoundPolicy) -> Any:  # noqa: ANN401 - JSON
    return json.loads(found.policy) if isinstance(found.policy, str) else found.policy


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_policy_is_read_as_it_was_written(tmp_path: Path, form: Callable[[], dict[str, str]]) -> None:
    for name, content in form().items():
        (tmp_path / name).write_text(content, "utf-8")
    found = harvest([str(tmp_path)], Context(account=OWNER))
    assert (found.errors, found.skipped) == ((), ())
    read = {one.resource: value_of(one) for one in found.policies}
    assert len(read) == len(POLICIES) > 800
    for number, policy in enumerate(POLICIES):
        assert read[NAME.format(number)] == policy


ELEMENTS = {"Action": "actions", "NotAction": "not_actions"}
PRINCIPALS = {"Principal": "principals", "NotPrincipal": "not_principals"}


def listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return value if isinstance(value, list) else [value]


def fits_a_document(policy: Any) -> bool:  # noqa: ANN401 - JSON
    """Return whether the blocks of a document can express a policy, with only known elements and values."""
    known = {"Sid", "Effect", "Condition", *ELEMENTS, *PRINCIPALS}
    statements = listed(policy.get("Statement"))
    return (
        policy.get("Version", "2008-10-17") in ("2008-10-17", "2012-10-17")
        and set(policy) <= {"Version", "Statement"}
        and all(isinstance(one, dict) and set(one) <= known and fits_a_block(one) for one in statements)
        and len({one.get("Sid", number) for number, one in enumerate(statements)}) == len(statements)
    )


def fits_a_block(statement: Any) -> bool:  # noqa: ANN401 - JSON
    principals = [statement[name] for name in PRINCIPALS if name in statement]
    values = [value for name in ELEMENTS for value in listed(statement.get(name, "x"))]
    values += [one for value in principals if isinstance(value, dict) for ids in value.values() for one in listed(ids)]
    conditions = statement.get("Condition", {"x": {"y": "z"}})
    if not isinstance(conditions, dict) or not all(isinstance(one, dict) and one for one in conditions.values()):
        return False
    compared = [value for keys in conditions.values() for one in keys.values() for value in (listed(one) or [None])]
    filled = all(value == "*" or (isinstance(value, dict) and value) for value in principals)
    filled &= all(statement.get(name, "x") not in ("", []) for name in ("Sid", "Effect", *ELEMENTS))
    return filled and bool(conditions) and all(isinstance(value, str) and value for value in (*values, *compared))


def block(statement: Any) -> str:  # noqa: ANN401 - JSON
    lines = [f"{name.lower()} = {escaped(statement[name])}" for name in ("Sid", "Effect") if name in statement]
    lines += [f"{ELEMENTS[name]} = {escaped(listed(statement[name]))}" for name in ELEMENTS if name in statement]
    for name, kind in PRINCIPALS.items():
        value = statement.get(name, {})
        for principal, ids in ({"*": "*"} if value == "*" else value).items():
            lines.append(f"{kind} {{\ntype = {escaped(principal)}\nidentifiers = {escaped(listed(ids))}\n}}")
    for test, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            said = f"test = {escaped(test)}\nvariable = {escaped(key)}\nvalues = {escaped(listed(values))}"
            lines.append(f"condition {{\n{said}\n}}")
    return "statement {\n" + "\n".join(lines) + "\n}\n"


def in_lists(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Return a policy with a list wherever IAM accepts one value for a list of one."""
    if isinstance(value, dict):
        return {name: value[name] if name in ("Sid", "Effect") else in_lists(value[name]) for name in value}
    return listed(value)


def test_a_document_says_what_its_blocks_say(tmp_path: Path) -> None:
    written = [policy for policy in POLICIES if fits_a_document(policy)]
    parts = [
        f'data "aws_iam_policy_document" "p{number}" {{\nversion = "{policy.get("Version", "2008-10-17")}"\n'
        + "".join(map(block, listed(policy["Statement"])))
        + "}\n"
        + RESOURCE.format(number, f"data.aws_iam_policy_document.p{number}.json")
        for number, policy in enumerate(written)
    ]
    (tmp_path / "main.tf").write_text("".join(parts), "utf-8")
    found = harvest([str(tmp_path)], Context(account=OWNER))
    read = {one.resource: one for one in found.policies}
    assert len(read) == len(written) > 300
    for number, policy in enumerate(written):
        one = read[NAME.format(number)]
        expected = [in_lists(statement) for statement in listed(policy["Statement"])]
        got = [in_lists(statement) for statement in value_of(one)["Statement"]]
        effects = [{"Effect": "Allow", **statement} for statement in expected]
        assert got == effects
        assert len(one.statements) == len(expected)
