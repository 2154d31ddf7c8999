"""Reads from Amazon ECR what a record does not have: policies, and tags that a policy depends on."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from .. import RegistryPolicy, Scope
from ..config_rule.errors import RepositoryGone, code_of, is_refusal
from ..config_rule.repositories import Registry
from .subject import NO_POLICY, Kind, Stated, Subject

Clients = Callable[[str], Any]
"""Returns the client of a service in the function's Region."""

_NONE = frozenset(
    {"RepositoryPolicyNotFoundException", "RepositoryNotFoundException", "RegistryPolicyNotFoundException"}
)


class PolicyRefusedError(Exception):
    """ECR refuses to show a policy to the function's role."""


@dataclass(frozen=True, slots=True)
class Live:
    """The registry of one account, read with the clients of the function."""

    clients: Clients

    def policy(self, subject: Subject) -> Stated:
        """Return the current policy. Raises PolicyRefusedError, ClientError, BotoCoreError."""
        try:
            text = self._read(subject)
        except ClientError as error:
            if code_of(error) in _NONE:
                return NO_POLICY
            if is_refusal(code_of(error)):
                raise PolicyRefusedError(str(error)) from error
            raise
        return Stated(text)

    def registry_policy(self, subject: Subject) -> RegistryPolicy | None:
        """Return the current policy of a subject's registry, or None if there is none.

        The scope is unknown if ECR refuses to show it. Raises PolicyRefusedError, ClientError, BotoCoreError.
        """
        text = self.policy(replace(subject, kind=Kind.REGISTRY, name="")).text
        if text is None:
            return None
        try:
            scope = Registry(self.clients("ecr"), subject.account, subject.region).scope()
        except ClientError as error:
            if not is_refusal(code_of(error)):
                raise
            scope = Scope.UNKNOWN
        return RegistryPolicy(text, scope)

    def tags(self, subject: Subject) -> Mapping[str, str] | None:
        """Return the tags of a repository, or None if ECR does not show them. Raises ClientError, BotoCoreError."""
        registry = Registry(self.clients("ecr"), subject.account, subject.region)
        try:
            return registry.tags(subject.name, subject.partition)
        except RepositoryGone:
            return None
        except ClientError as error:
            if is_refusal(code_of(error)):
                return None
            raise

    def _read(self, subject: Subject) -> str | None:
        match subject.kind:
            case Kind.REPOSITORY | Kind.PUBLIC:
                ecr = self.clients("ecr" if subject.kind is Kind.REPOSITORY else "ecr-public")
                answer = ecr.get_repository_policy(registryId=subject.account, repositoryName=subject.name)
                return str(answer["policyText"])
            case Kind.REGISTRY:
                return str(self.clients("ecr").get_registry_policy()["policyText"])
            case Kind.REPLICATION:
                return json.dumps(self.clients("ecr").describe_registry()["replicationConfiguration"], sort_keys=True)
            case Kind.CACHE:
                answer = self.clients("ecr").describe_pull_through_cache_rules(ecrRepositoryPrefixes=[subject.name])
                rules = answer["pullThroughCacheRules"]
                return json.dumps(rules[0], default=str, sort_keys=True) if rules else None
            case Kind.TEMPLATE:
                answer = self.clients("ecr").describe_repository_creation_templates(prefixes=[subject.name])
                found = answer["repositoryCreationTemplates"]
                text = found[0].get("repositoryPolicy") if found else None
                return text if isinstance(text, str) and text else None
