"""Modules without sources here whose resources are unknown: the results that are still possible.

A call may pass ECR policies to such a module, or accounts and organizations that are neither the owner's own nor
trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from ....documents.pattern import Holed
from ....documents.problems import first_of
from ....judgement.kinds.table import ResourceKind as Kind
from ....judgement.values.trust_entries import SELF, Subject
from ...files.bare import kind_of, speaks_of_ecr
from ...files.values.nodes import node_of
from ...files.values.partial import Prose, Value, holes_in, parts_in, text_of
from ...found.context import Context
from ...found.found import NOTHING, FoundPolicy, Harvest, Skipped, unjudged_at
from ..aws_provider.policies import decode_json, read_policy
from .evaluate import Instance
from .module import Module, source_of
from .module_sources import ModelCall, arguments_of
from .things import DEFAULT, Account, accounts_in_call, if_known, owners_of
from .tree import Block

_ACCOUNT = re.compile(r"(?<![0-9A-Za-z])[0-9]{12}(?![0-9A-Za-z])(?!\.dkr[.-])")
"""An account, except in the address of an image."""
_ORGANIZATION = re.compile(r"(?<![0-9A-Za-z-])o-[a-z0-9]{10,32}(?![0-9A-Za-z])")


def outsiders(texts: Iterable[str], context: Context, owner: Account) -> list[str]:
    """Return the accounts and organizations in some texts that are outside, each once, in order."""
    inside: set[Account | None] = {*_trusted_accounts(context), owner, context.account, context.organization}
    named = (one for text in texts for one in (*_ACCOUNT.findall(text), *_ORGANIZATION.findall(text)))
    return [one for one in dict.fromkeys(named) if one not in inside]


def _trusted_accounts(context: Context) -> set[str | None]:
    """Return the accounts and organizations that may have any access to every repository."""
    return {
        context.organization if entry.name == SELF else entry.name
        for entry in context.trust.valid
        if entry.subject in (Subject.ACCOUNT, Subject.ORGANIZATION) and entry.covers("*")
    }


_NAMED = "polic"
_HANDED_POLICY = "passed to a module that is not here, and judged as the policy of its resource"


def handed_policies(module: Module, block: Block, instance: Instance) -> Iterator[FoundPolicy]:
    """Yield the arguments of a call that are ECR policies, each under the call's address and its own name."""
    owner = accounts_in_call(block, module.accounts)[DEFAULT]
    for name, said in block.attributes.items():
        if _NAMED not in name:
            continue
        read = read_policy(module.value(said, instance.scope(module.scope)), said.at)
        forms = (read.policy, *(one.policy for one in read.otherwise))
        kind = next((kind for form in forms for kind in [_kind_of(form)] if kind is not None), None)
        if kind is not None:
            yield FoundPolicy(
                said.at,
                f"{module.address}module.{block.labels[0]}{instance.key}.{name}",
                kind,
                read.policy,
                read.statements,
                account=if_known(owner) if owner != module.world.context.account else None,
                owners=owners_of(owner),
                notes=(_HANDED_POLICY,),
                when=read.when,
                otherwise=read.otherwise,
                resource_at=block.at,
            )


def _kind_of(policy: object) -> Kind | None:
    """Return the kind of a policy; None if a value is not a policy of ECR."""
    root = node_of(decode_json(policy) if isinstance(policy, str) else policy)
    return kind_of(root) if root.get("Statement") is not None and speaks_of_ecr(root) else None


_PLAN = "check the plan, `terraform show -json`"
_ELSEWHERE = f"module `{{}}`: its source, `{{}}`, is not here, so it was not followed: {_PLAN}"
_OF_ECR = f"its source, `{{}}`, is not here, so what it makes was not judged: {_PLAN}, or run `terraform init` first"
_HANDED_ACCESS = (
    f"{{}} is handed to a module that is not here, `{{}}`, and may gain access through what it makes: {_PLAN}"
)
_NOTHING = "module `{}`: as it is called, it makes no policy of ECR; {}"
_MOST_NAMED = 3

_WORDS = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")


def absent(module: Module, block: Block, instance: Instance) -> Harvest:
    """Return the ECR policies and the outside accounts that a call passes to a module that is not here."""
    policies = tuple(handed_policies(module, block, instance))
    known = {policy.resource for policy in policies}
    foreign = tuple(policy for policy in _foreign(module, block, instance) if policy.resource not in known)
    return Harvest((*policies, *foreign)) + (NOTHING if foreign else not_here(module, block))


def not_here(module: Module, block: Block) -> Harvest:
    """Return the result for a module that is not here."""
    source, _ = source_of(module, block)
    name = block.labels[0]
    if not _is_of_ecr(name, str(source)):
        return Harvest(skipped=(Skipped(block.at.file, _ELSEWHERE.format(name, _render_source(source)), absent=True),))
    return unjudged_at(block.at, f"{module.address}module.{name}", _OF_ECR.format(_render_source(source)))


def _render_source(source: Value) -> str:
    """Return a source for a message. If it is not a text, return the name of its hole."""
    return str(source) if isinstance(source, (str, Holed)) else next((hole.name for hole in holes_in(source)), "…")


def nothing_of(call: ModelCall, address: str) -> Harvest:
    """Return the result for a known module that makes no policy, or why it may still make some."""
    if call.doubts:
        return unjudged_at(call.block.at, address.rstrip("."), "; ".join(call.doubts))
    reason = _NOTHING.format(call.block.labels[0], *call.known.notes)
    return Harvest(skipped=(Skipped(call.block.at.file, reason),))


def is_about_ecr(*names: str) -> bool:
    """Return whether names are about ECR: `my-ecr` and `ecrRepos` are, `secrets` is not."""
    words = (word.lower() for name in names for word in _WORDS.findall(name))
    return any(word.startswith("ecr") or word.endswith("ecr") for word in words)


def _is_of_ecr(label: str, source: str) -> bool:
    """Return whether a module may make something of ECR: by the label of its call, or by the source if that says it."""
    return is_about_ecr(source) or (is_about_ecr(label) and re.search(_OF_OTHER_SERVICES, source) is None)


_OF_OTHER_SERVICES = r"\bterraform-aws-modules/(?:terraform-aws-)?(?:iam|kms|secrets-manager|s3-bucket|vpc)\b"
"""Public modules of other services, whatever a call names them."""


def _foreign(module: Module, block: Block, instance: Instance) -> Iterator[FoundPolicy]:
    """Yield each argument of a module about ECR that names an outside principal."""
    source, _ = source_of(module, block)
    owner = accounts_in_call(block, module.accounts)[DEFAULT]
    about = _is_of_ecr(block.labels[0], str(source))
    for name, said in arguments_of(block).items():
        if not (about or is_about_ecr(name)):
            continue
        value = module.value(said, instance.scope(module.scope))
        found = outsiders(_texts(value), module.world.context, owner)
        if found:
            named = first_of([f"`{text}`" for text in found], _MOST_NAMED)
            yield FoundPolicy(
                said.at,
                f"{module.address}module.{block.labels[0]}{instance.key}.{name}",
                Kind.REPOSITORY,
                None,
                account=if_known(owner) if owner != module.world.context.account else None,
                owners=owners_of(owner),
                doubts=(_HANDED_ACCESS.format(named, _render_source(source)),),
                resource_at=block.at,
            )


def _texts(value: Value) -> Iterator[str]:
    """Yield every text in a value, including names of fields, and the known parts of a text with holes."""
    match value:
        case Mapping():
            for name, one in value.items():
                yield name
                yield from _texts(one)
        case int() | str():
            yield str(value)
        case Prose():
            yield from _texts(text_of(value))
        case _:
            for one in parts_in(value):
                yield from _texts(one)
