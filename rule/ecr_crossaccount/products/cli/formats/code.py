"""A policy in the form that a team keeps it in: JSON, CloudFormation or Terraform.

Its text is read back and judged as proof.
https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import cast

from ....documents.parse import parse
from ....errors import InputError
from ....judgement.judge import Repository, judge
from ....judgement.values.trust import Trust
from ....judgement.values.verdict import Compliance
from ....questions.plan.outcome import one_or_many, statements_of
from ..base.json_text import render_json
from .plan import Report

Document = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Form:
    """A file name from which readers recognize a form, and the function that writes a policy in it.

    The text ends with a line break. The function raises InputError if the form cannot express the policy.
    """

    file: str
    render: Callable[[Document, Repository], str]


def written_as(
    policy: Document,
    repository: Repository,
    trust: Trust,
    form: str,
    expected: Compliance = Compliance.COMPLIANT,
) -> str:
    """Return a policy in a form. `check` reads the same policy from it and judges it as `expected`.

    Raises InputError if it does not, because the form then cannot express the policy.
    """
    text = FORMS[form].render(policy, repository)
    if _read_back(text, FORMS[form].file, policy, repository, trust) is not expected:
        raise InputError(f"the policy cannot be written as {form} without changing its meaning: use --format policy")
    return text


def _read_back(text: str, file: str, policy: Document, repository: Repository, trust: Trust) -> Compliance | None:
    """Return how `check` judges the policy in `text`, or None if it is not the same policy."""
    from ....sources.formats.dispatch import harvest
    from ....sources.found.context import Context

    with TemporaryDirectory() as folder:
        path = Path(folder, file)
        path.write_text(text, encoding="utf-8")
        read = harvest([str(path)], Context(repository.account, repository.region))
    if read.errors or len(read.policies) != 1:
        return None
    found = read.policies[0].policy
    is_same = parse(found).statements == parse(policy).statements
    return judge(found, repository, trust).compliance if is_same else None


def words_of(repository: Repository) -> list[str]:
    """Return the words of a repository's name, for a name in code. Without a name, return `repository`."""
    return re.findall(r"[a-z0-9]+", repository.name) or ["repository"]


def _as_json(policy: Document, repository: Repository) -> str:  # noqa: ARG001 - every form has the same signature
    """Return `policy` as JSON in ASCII, so that invisible characters stay visible as escapes."""
    return render_json(policy)


def _as_cloudformation(policy: Document, repository: Repository) -> str:
    """Return a template in YAML. It has no RepositoryName if the repository's name is unknown."""
    import yaml

    name = {} if repository.name == "*" else {"RepositoryName": repository.name}
    words = "".join(word.capitalize() for word in words_of(repository))
    # A logical ID has only letters and digits, and must not begin with a digit, as a repository's name can.
    logical_id = words if words[0].isalpha() else f"Repository{words}"
    template = {
        "Resources": {
            logical_id: {"Type": "AWS::ECR::Repository", "Properties": {**name, "RepositoryPolicyText": dict(policy)}}
        }
    }
    text: str = yaml.dump(template, Dumper=_dumper(), sort_keys=False, width=110)
    return text


def _dumper() -> type:
    import yaml

    class Dumper(yaml.SafeDumper):
        """Indents lists below their name, as templates do, and repeats a value in place of a YAML alias."""

        def increase_indent(self, *_: object, **__: object) -> None:
            super().increase_indent(flow=False, indentless=False)

        def ignore_aliases(self, _: object) -> bool:
            return True

    return Dumper


_ELEMENTS = {"Action": "actions", "NotAction": "not_actions"}
_BLOCKS = {"Principal": "principals", "NotPrincipal": "not_principals"}
_UNNAMED = "aws_ecr_repository.this.name"
"""Used if the repository's name is unknown. The team replaces it with its own resource."""


def _as_terraform(policy: Document, repository: Repository) -> str:
    """Return `policy` as a document and the resource that sets it. Raises InputError if Terraform cannot express it."""
    words = "_".join(words_of(repository))
    name = words if words[0].isalpha() else f"repository_{words}"
    where = _UNNAMED if repository.name == "*" else _text(repository.name)
    lines = [
        f'data "aws_iam_policy_document" "{name}" {{',
        *_indent_lines(_document(policy)),
        "}",
        "",
        f'resource "aws_ecr_repository_policy" "{name}" {{',
        f"  repository = {where}",
        f"  policy     = data.aws_iam_policy_document.{name}.json",
        "}",
    ]
    return "\n".join(lines) + "\n"


def _document(policy: Document) -> Iterator[str]:
    # Without a version, the provider writes 2012-10-17, but IAM assumes 2008-10-17.
    yield f"version = {_text(str(policy.get('Version', '2008-10-17')))}"
    if "Id" in policy:
        yield f"policy_id = {_text(str(policy['Id']))}"
    for statement in statements_of(policy):
        yield from ("", "statement {", *_indent_lines(_statement(cast("Document", statement))), "}")


def _statement(statement: Document) -> Iterator[str]:
    named = {"Sid": "sid", "Effect": "effect"}
    fields = {ours: _text(str(statement[name])) for name, ours in named.items() if name in statement}
    fields |= {ours: _list(statement[name]) for name, ours in _ELEMENTS.items() if name in statement}
    yield from _attributes(fields)
    for name, block in _BLOCKS.items():
        if name in statement:
            yield from _principals(block, statement[name])
    for operator, keys in cast("Mapping[str, Document]", statement.get("Condition", {})).items():
        for key, values in keys.items():
            yield from _block("condition", {"test": _text(operator), "variable": _text(key), "values": _list(values)})


def _principals(block: str, principal: object) -> Iterator[str]:
    named = {"*": "*"} if principal == "*" else cast("Mapping[str, object]", principal)
    for kind, identifiers in named.items():
        yield from _block(block, {"type": _text(kind), "identifiers": _list(identifiers)})


def _block(name: str, fields: Mapping[str, str]) -> Iterator[str]:
    yield from ("", f"{name} {{", *_indent_lines(_attributes(fields)), "}")


def _attributes(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield attributes as `terraform fmt` formats them: one-line attributes are aligned, longer ones are not."""
    width = max(len(name) for name, value in fields.items() if "\n" not in value)
    for name, value in fields.items():
        yield f"{name} = {value}" if "\n" in value else f"{name:{width}} = {value}"


def _list(value: object) -> str:
    entries = [_text(_plain(one)) for one in one_or_many(value)]
    if len(entries) <= 1:
        return f"[{', '.join(entries)}]"
    return "[\n" + "".join(f"  {entry},\n" for entry in entries) + "]"


def _plain(value: object) -> str:
    """Return a condition's value, which may be a number or a boolean, as the string that IAM reads."""
    return str(value).lower() if isinstance(value, bool) else str(value)


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def _text(text: str) -> str:
    """Return a string that Terraform and then the provider read as `text`. The provider reads `&{` as `${`."""
    if "&{" in text:
        raise InputError("the policy cannot be written as terraform: aws_iam_policy_document reads `&{` as `${`")
    quoted = "".join(_ESCAPES.get(one) or (one if one.isprintable() else rf"\U{ord(one):08x}") for one in text)
    return f'"{quoted.replace("${", "&{").replace("%{", "%%{")}"'


def _indent_lines(lines: Iterator[str]) -> Iterator[str]:
    for text in lines:
        for line in text.split("\n"):
            yield f"  {line}" if line else ""


FORMS = {
    "policy": Form("policy.json", _as_json),
    "cloudformation": Form("template.yaml", _as_cloudformation),
    "terraform": Form("main.tf", _as_terraform),
}
"""The forms by their name on the command line."""


def as_policy(report: Report) -> str:
    """Return the planned policies of a report as JSON."""
    return _planned_as("policy", report)


def as_cloudformation(report: Report) -> str:
    """Return the planned policies of a report as a CloudFormation template."""
    return _planned_as("cloudformation", report)


def as_terraform(report: Report) -> str:
    """Return the planned policies of a report as Terraform."""
    return _planned_as("terraform", report)


def _planned_as(form: str, report: Report) -> str:
    return "".join(
        written_as(
            one.plan.policy,
            one.repository,
            report.trust,
            form,
            Compliance.COMPLIANT if one.plan.after is None else one.plan.after.compliance,
        )
        for one in report.planned
        if one.plan.refused is None and one.plan.policy is not None
    )
