"""Pulumi's resource types as Terraform's. AWS is made from Terraform's provider, and AWS Native is like awscc.

https://www.pulumi.com/registry/packages/aws/ and https://www.pulumi.com/registry/packages/aws-native/
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from ...files.values.partial import Value

MARK = re.compile(r"\baws(?:-native|x)?:ecr(?:public)?[:/]")
"""An ECR type in a text."""

_PREFIXES = {"aws": "aws", "aws-native": "awscc"}
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_HARMLESS = frozenset({"awsx:ecr:Repository", "awsx:ecr:Image", "awsx:ecr:RegistryImage"})


def snake(name: str) -> str:
    """Return a name in Terraform's spelling."""
    return _CAMEL.sub("_", name).lower()


def camel(name: str) -> str:
    """Return a Terraform name in Pulumi's spelling."""
    first, *others = name.split("_")
    return "".join((first, *(one.capitalize() for one in others)))


def in_snake(value: Value) -> Value:
    """Return a value with all names in it in Terraform's spelling."""
    match value:
        case Mapping():
            return {snake(name): in_snake(one) for name, one in value.items()}
        case list() | tuple():
            return [in_snake(one) for one in value]
    return value


def token(text: str) -> str:
    """Return a type or a function without repeated names: `aws:ecr/policy:Policy` becomes `aws:ecr:Policy`."""
    package, _, rest = text.partition(":")
    module, _, name = rest.rpartition(":")
    parts = [package, module.partition("/")[0], name]
    return ":".join(part for part in parts if part and part != "index")


def terraform_type(text: str) -> str | None:
    """Return the Terraform type for a Pulumi type. None for a type that is not relevant here."""
    short = token(text)
    package, _, rest = short.partition(":")
    if short in _HARMLESS or not rest:
        return None
    module, _, name = rest.partition(":")
    return f"{_PREFIXES.get(package, package)}_{module}_{snake(name)}"


def is_ours(text: str) -> bool:
    """Return whether a type is one of ECR."""
    return MARK.match(text) is not None
