"""Resources and data sources: their attributes, said or known beforehand, and holes for all others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...policy.holes import Hole, Holed
from ..found import REGION
from ..terraform.document import document
from ..terraform.partial import Value, joined, parts_of, text_of
from .blocks import contents
from .evaluate import spelled
from .instances import Instance
from .rendering import rendered
from .tree import Block

if TYPE_CHECKING:
    from .module import Module

_ARNS: Mapping[str, tuple[str, str]] = {
    "aws_iam_role": ("iam::{account}:role{path}", "name"),
    "aws_iam_user": ("iam::{account}:user{path}", "name"),
    "aws_ecr_repository": ("ecr:{region}:{account}:repository/", "name"),
    "aws_lambda_function": ("lambda:{region}:{account}:function:", "function_name"),
    "aws_codebuild_project": ("codebuild:{region}:{account}:project/", "name"),
    "aws_codepipeline": ("codepipeline:{region}:{account}:", "name"),
    "aws_apprunner_service": ("apprunner:{region}:{account}:service/", "service_name"),
    "aws_sagemaker_domain": ("sagemaker:{region}:{account}:domain/", "id"),
}
"""What an ARN begins with, and the attribute that follows."""

_SAME: Mapping[tuple[str, str], str] = {
    ("aws_ecr_repository", "id"): "name",
    ("aws_ecrpublic_repository", "id"): "repository_name",
    ("aws_iam_role", "id"): "name",
    ("aws_iam_user", "id"): "name",
}


_ALIAS = "made by the provider `{}`, whose account is not known here: judged as one of --account"


@dataclass(frozen=True, slots=True)
class ResourceThing:
    """One instance of a resource or data source."""

    module: Module
    block: Block
    instance: Instance
    address: str

    def attribute(self, name: str) -> Value:
        """Return an attribute."""
        return self.module.once(("attribute", self.address, name), lambda: attribute_of(self, name))

    @property
    def provider(self) -> str | None:
        """The name of its own that the provider has which makes it, if it has one."""
        said = self.block.attributes.get("provider")
        name = spelled(said.expression) if said is not None else ""
        return name if "." in name else None

    @property
    def is_foreign(self) -> bool:
        """Whether another provider than the usual one makes it, whose account may be another."""
        return self.module.foreign or self.provider is not None

    @property
    def account(self) -> str | None:
        """The account that owns it, where its provider says another one than the user may."""
        return None if self.provider is None else self.module.account_of(self.provider)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of whose it is."""
        if not self.is_foreign or self.account is not None:
            return ()
        return (_ALIAS.format(self.provider or "that its module is given"),)


def attribute_of(thing: ResourceThing, name: str) -> Value:  # noqa: PLR0911 - from the surest to a hole
    """Return an attribute: what the block says, what the type is known for, else a hole."""
    said = thing.block.attributes.get(name)
    if said is not None:
        return thing.module.value(said, thing.instance.scope(thing.module))
    kind = thing.block.labels[0]
    if thing.block.type == "data":
        found = _data(thing, kind, name)
        if found is not None:
            return found
    if (kind, name) == ("template_file", "rendered"):
        return _rendered(thing)
    same = _SAME.get((kind, name))
    if same is not None:
        return thing.attribute(same)
    if name == "arn" and kind in _ARNS:
        return _arn(thing, *_ARNS[kind])
    if (kind, name) == ("aws_ecr_repository", "registry_id"):
        return _account(thing)
    if kind == "aws_organizations_organization" and name == "id":
        return thing.module.world.context.organization or Hole(f"{thing.address}.{name}")
    return Hole(f"{thing.address}.{name}")


def _data(thing: ResourceThing, kind: str, name: str) -> Value:  # noqa: PLR0911 - a table of data sources
    context = thing.module.world.context
    match kind, name:
        case "aws_iam_policy_document", "json" | "minified_json":
            block = contents(thing.block, thing.module, thing.instance.scope(thing.module))
            return document(block, block.at)
        case "aws_caller_identity", "account_id" | "id":
            return _account(thing)
        case "aws_partition", "partition" | "id":
            return context.partition
        case "aws_partition", "dns_suffix":
            return "amazonaws.com.cn" if context.partition == "aws-cn" else "amazonaws.com"
        case "aws_region", "name" | "id" | "region":
            return None if thing.is_foreign else context.region or REGION
        case "aws_organizations_organization", "id":
            return context.organization
    return None


def _rendered(thing: ResourceThing) -> Value:
    template, given = thing.attribute("template"), _vars(thing)
    text = text_of(template)
    if not isinstance(text, str):
        return text if isinstance(text, Hole) else Hole(f"{thing.address}.rendered")
    known = given if isinstance(given, Mapping) else {}
    return rendered(text, thing.block.at.file, known, thing.module.scope)


def _vars(thing: ResourceThing) -> Value:
    """Return the variables of a `template_file`: an attribute, in Terraform 0.11 a block."""
    block = next(thing.block.inner("vars"), None)
    if block is None:
        return thing.attribute("vars")
    return contents(block, thing.module, thing.instance.scope(thing.module))


def _account(thing: ResourceThing) -> Value:
    account = thing.account if thing.is_foreign else thing.module.world.context.account
    return Hole(f"{thing.address}.account_id") if account is None else account


def _arn(thing: ResourceThing, shape: str, last: str) -> Value:
    """Return an ARN as far as it is known."""
    context = thing.module.world.context
    parts: list[str | Hole] = ["arn:", context.partition, ":"]
    for piece in shape.replace("{", "|{").replace("}", "}|").split("|"):
        match piece:
            case "{account}":
                account = _account(thing)
                parts += parts_of(account) if isinstance(account, (str, Hole, Holed)) else ()
            case "{region}":
                parts.append(Hole("aws_region") if thing.is_foreign else context.region or REGION)
            case "{path}":
                path = text_of(thing.attribute("path")) if "path" in thing.block.attributes else "/"
                parts += parts_of(path) if isinstance(path, (str, Hole, Holed)) else ("/",)
            case _:
                parts.append(piece)
    name = text_of(thing.attribute(last))
    parts += parts_of(name) if isinstance(name, (str, Hole, Holed)) else (Hole(f"{thing.address}.{last}"),)
    return joined(parts)
