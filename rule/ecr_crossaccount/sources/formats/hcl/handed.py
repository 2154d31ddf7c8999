"""ECR policies that a call passes to a module whose sources are not here."""

from __future__ import annotations

from collections.abc import Iterator

from ....judgement.values.resource_kind import ResourceKind as Kind
from ...files.bare import kind_of, speaks_of_ecr
from ...files.values.nodes import node_of
from ...found.found import FoundPolicy
from ..aws_provider.policies import decoded, read_policy
from .instances import Instance
from .module import Module
from .providers import DEFAULT, accounts_in_call, if_known, owners_of
from .tree import Block

_NAMED = "polic"
_HANDED_POLICY = "passed to a module that is not here, and judged as the policy of its resource"


def handed(module: Module, block: Block, instance: Instance) -> Iterator[FoundPolicy]:
    """Yield the arguments of a call that are ECR policies, each under the call's address and its own name."""
    owner = accounts_in_call(block, module.accounts)[DEFAULT]
    for name, said in block.attributes.items():
        if _NAMED not in name:
            continue
        read = read_policy(module.value(said, instance.scope(module.scope)), said.at)
        forms = (read.policy, *(one.policy for one in read.otherwise))
        kind = next((kind for one in forms for kind in [_kind_of(one)] if kind is not None), None)
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
    root = node_of(decoded(policy) if isinstance(policy, str) else policy)
    return kind_of(root) if root.get("Statement") is not None and speaks_of_ecr(root) else None
