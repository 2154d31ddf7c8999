"""The source of a module: a registry, GitHub or Terragrunt's `tfr`, all by the name in the public registry.

https://developer.hashicorp.com/terraform/language/modules/sources
https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/#terraform
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .tree import Argument, Block

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_PUBLIC = r"(?:(?:registry\.terraform\.io|registry\.opentofu\.org)/)?"
_REGISTRY = re.compile(rf"{_PUBLIC}({_NAME})/({_NAME})/([a-z0-9]+)", re.IGNORECASE)
_TFR = re.compile(r"tfr://(?:registry\.terraform\.io|registry\.opentofu\.org)?/", re.IGNORECASE)
_GITHUB = re.compile(
    r"(?:git::)?(?:(?:https|ssh|git)://)?(?:[^@/]*@)?(?:www\.)?github\.com[/:]+"
    rf"({_NAME})/terraform-([a-z0-9]+)-({_NAME}?)(?:\.git)?",
    re.IGNORECASE,
)
RESERVED = frozenset({"source", "version", "count", "for_each", "providers", "depends_on"})
"""The arguments of a call that are for Terraform, and not inputs. No variable may have such a name.

https://developer.hashicorp.com/terraform/language/block/variable
"""
_SUBFOLDER = re.compile(r"(?<!:)//")


@dataclass(frozen=True, slots=True)
class ModuleSource:
    """A module that can be found by name.

    `id`: the module's name in the public registry. `folder`: the folder inside it, without slashes at its ends.
    `constraint`: the version constraint for a registry. `ref`: the branch, tag or commit for Git. Each is None if it is
    not set, or for the other kind of source. `is_git`: whether it comes from Git.
    """

    id: str
    folder: str = ""
    constraint: str | None = None
    ref: str | None = None
    is_git: bool = False


def module_source(source: str, version: str | None) -> ModuleSource | None:
    """Return the module for a call's `source` and `version`. None if it is not in a public registry or on GitHub."""
    address, _, query = source.strip().partition("?")
    address, _, folder = _split(address)
    asked = {name: value for name, _, value in (one.partition("=") for one in query.split("&"))}
    found = _of_registry(address, asked.get("version", version)) or _of_github(address, asked.get("ref"))
    return replace(found, folder=folder.strip("/").removesuffix(".git")) if found is not None else None


def _split(address: str) -> tuple[str, str, str]:
    """Split off the folder inside a module, which follows `//`. The `//` of `https://` or `tfr:///` does not count."""
    start = len(_TFR.match(address)[0]) if _TFR.match(address) else 0  # type: ignore[index] # checked before
    found = _SUBFOLDER.search(address, start)
    return (address[: found.start()], "//", address[found.end() :]) if found else (address, "", "")


def _of_registry(address: str, version: str | None) -> ModuleSource | None:
    found = _REGISTRY.fullmatch(_TFR.sub("", address))
    return ModuleSource("/".join(found.groups()).lower(), constraint=version) if found else None


def _of_github(address: str, ref: str | None) -> ModuleSource | None:
    found = _GITHUB.fullmatch(address.rstrip("/"))
    if found is None:
        return None
    owner, provider, name = found.groups()
    return ModuleSource(f"{owner}/{name}/{provider}".lower(), ref=ref, is_git=True)


def arguments_of(call: Block) -> Mapping[str, Argument]:
    """Return the inputs of a call."""
    return {name: said for name, said in call.attributes.items() if name not in RESERVED}
