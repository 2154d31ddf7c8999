"""The Kubernetes kinds that make something in ECR, by API group.

- Crossplane's own provider (upbound, cluster-wide and namespaced, and its predecessor Terrajet):
  https://github.com/crossplane-contrib/provider-upjet-aws/tree/main/package/crds
- The community's provider: https://github.com/crossplane-contrib/provider-aws/tree/master/package/crds
- ACK: https://github.com/aws-controllers-k8s/ecr-controller/tree/main/config/crd/bases
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from ....judgement.values.resource_kind import ResourceKind as Kind
from ...files.values.nodes import Node


class Family(Enum):
    """The project that defines a kind, which determines its fields."""

    UPJET = auto()
    COMMUNITY = auto()
    ACK = auto()


class Role(Enum):
    """The role of a kind without a policy of its own. It gives no access itself."""

    REPOSITORY = auto()
    HARMLESS = auto()


@dataclass(frozen=True, slots=True)
class Form:
    """A kind with a policy: what the policy governs, and the fields for policy, repository and prefix.

    For a replication, `policy` is the field with its rules. A cache has none, and uses the fields in `whose` instead.
    """

    kind: Kind
    policy: str = "policy"
    name: str | None = None
    prefix: str | None = None
    whose: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The fields for policy, repository and prefix."""
        return tuple(one for one in (self.policy, self.name, self.prefix) if one is not None)


_TEMPLATE = Form(Kind.CREATION_TEMPLATE, "repositoryPolicy", prefix="prefix")
_PREFIX = "ecrRepositoryPrefix"
REGISTRY_POLICY = "RegistryPolicy"
_UPJET: Mapping[str, Form | Role] = {
    "RepositoryPolicy": Form(Kind.REPOSITORY, name="repository"),
    REGISTRY_POLICY: Form(Kind.REGISTRY),
    "RepositoryCreationTemplate": _TEMPLATE,
    "Repository": Role.REPOSITORY,
    "ReplicationConfiguration": Form(Kind.REPLICATION, "replicationConfiguration"),
    "PullThroughCacheRule": Form(
        Kind.PULL_THROUGH_CACHE, "", prefix=_PREFIX, whose=(_PREFIX, "upstreamRegistryUrl", "customRoleArn")
    ),
    "LifecyclePolicy": Role.HARMLESS,
    "RegistryScanningConfiguration": Role.HARMLESS,
}
_UPJET_PUBLIC: Mapping[str, Form | Role] = {
    "RepositoryPolicy": Form(Kind.PUBLIC_REPOSITORY, name="repositoryName"),
    "Repository": Role.REPOSITORY,
}
_COMMUNITY: Mapping[str, Form | Role] = {
    "RepositoryPolicy": Form(Kind.REPOSITORY, name="repositoryName"),
    "Repository": Role.REPOSITORY,
    "LifecyclePolicy": Role.HARMLESS,
}
_ACK: Mapping[str, Form | Role] = {
    "Repository": Form(Kind.REPOSITORY, name="name"),
    "RepositoryCreationTemplate": _TEMPLATE,
    "PullThroughCacheRule": Form(
        Kind.PULL_THROUGH_CACHE,
        "",
        prefix=_PREFIX,
        whose=(_PREFIX, "upstreamRegistry", "upstreamRegistryURL", "customRoleARN"),
    ),
}
_ACK_PUBLIC: Mapping[str, Form | Role] = {"Repository": Role.REPOSITORY}


@dataclass(frozen=True, slots=True)
class Group:
    """An API group, with the versions whose kinds can be read here."""

    family: Family
    kinds: Mapping[str, Form | Role]
    versions: frozenset[str]


_BETAS = frozenset({"v1beta1", "v1beta2"})
GROUPS: Mapping[str, Group] = {
    "ecr.aws.upbound.io": Group(Family.UPJET, _UPJET, _BETAS),
    "ecr.aws.m.upbound.io": Group(Family.UPJET, _UPJET, _BETAS),
    "ecrpublic.aws.upbound.io": Group(Family.UPJET, _UPJET_PUBLIC, _BETAS),
    "ecrpublic.aws.m.upbound.io": Group(Family.UPJET, _UPJET_PUBLIC, _BETAS),
    "ecr.aws.jet.crossplane.io": Group(Family.UPJET, _UPJET, frozenset({"v1alpha1", "v1alpha2"})),
    "ecrpublic.aws.jet.crossplane.io": Group(Family.UPJET, _UPJET_PUBLIC, frozenset({"v1alpha1", "v1alpha2"})),
    "ecr.aws.crossplane.io": Group(Family.COMMUNITY, _COMMUNITY, frozenset({"v1alpha1", "v1beta1"})),
    "ecr.services.k8s.aws": Group(Family.ACK, _ACK, frozenset({"v1alpha1"})),
    "ecrpublic.services.k8s.aws": Group(Family.ACK, _ACK_PUBLIC, frozenset({"v1alpha1"})),
}

MARK = re.compile(r"\becr(?:public)?\.(?:[a-z0-9-]+\.)*(?:upbound\.io|crossplane\.io|services\.k8s\.aws)\b")
"""A group of ECR in a text, including groups that are unknown here."""


def group_of(resource: Node) -> str | None:
    """Return the group of a resource if it is one of ECR, even an unknown one. None for any other resource."""
    version, kind = resource.get("apiVersion"), resource.get("kind")
    if version is None or version.text is None or kind is None:
        return None
    found = MARK.match(version.text)
    return found[0] if found else None
