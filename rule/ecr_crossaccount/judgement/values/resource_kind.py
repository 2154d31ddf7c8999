"""The kinds of resources that decide who outside has access."""

from __future__ import annotations

from enum import StrEnum


class ResourceKind(StrEnum):
    """What a policy governs. The last two are not policies: they copy images to other registries or from them."""

    REPOSITORY = "repository"
    REGISTRY = "registry"
    CREATION_TEMPLATE = "creation-template"
    PUBLIC_REPOSITORY = "public-repository"
    REPLICATION = "replication"
    PULL_THROUGH_CACHE = "pull-through-cache"


PREFIXED = (ResourceKind.CREATION_TEMPLATE, ResourceKind.PULL_THROUGH_CACHE)
"""Kinds that apply to the repositories below a prefix, which is their name."""

EXCHANGES = (ResourceKind.REPLICATION, ResourceKind.PULL_THROUGH_CACHE)
"""Kinds without a policy, which send images to other registries or take them from one."""
