"""Terraform: aws_iam_policy_document, and aws_ecr_repository_policy that has it.

https://registry.terraform.io/providers/hashicorp/aws/latest/docs/data-sources/iam_policy_document
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import cast

from .....judgement.judge import Repository
from .....questions.plan.written import one_or_many, statements_of
from ...base.errors import InputError
from . import Document, words_of

FILE = "main.tf"
_ELEMENTS = {"Action": "actions", "NotAction": "not_actions"}
_BLOCKS = {"Principal": "principals", "NotPrincipal": "not_principals"}
_UNNAMED = "aws_ecr_repository.this.name"
"""Used if the repository's name is unknown. The team replaces it with its own resource."""


def render(policy: Document, repository: Repository) -> str:
    """Return `policy` as a document and the resource that sets it. Raises InputError if Terraform cannot express it."""
    words = "_".join(words_of(repository))
    name = words if words[0].isalpha() else f"repository_{words}"
    where = _UNNAMED if repository.name == "*" else _text(repository.name)
    lines = [
        f'data "aws_iam_policy_document" "{name}" {{',
        *_indented(_document(policy)),
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
        yield from ("", "statement {", *_indented(_statement(cast("Document", statement))), "}")


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
    yield from ("", f"{name} {{", *_indented(_attributes(fields)), "}")


def _attributes(fields: Mapping[str, str]) -> Iterator[str]:
    """Yield attributes as `terraform fmt` formats them: one-line attributes are aligned, longer ones are not."""
    width = max(len(name) for name, value in fields.items() if "\n" not in value)
    for name, value in fields.items():
        yield f"{name} = {value}" if "\n" in value else f"{name:{width}} = {value}"


def _list(value: object) -> str:
    entries = [_text(_plain(one)) for one in one_or_many(value)]
    if len(entries) <= 1:
        return f"[{', '.join(entries)}]"
    return "[\n" + "".join(f"  {one},\n" for one in entries) + "]"


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


def _indented(lines: Iterator[str]) -> Iterator[str]:
    for text in lines:
        for line in text.split("\n"):
            yield f"  {line}" if line else ""
