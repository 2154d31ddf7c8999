"""Reads from Amazon ECR what a record does not have: policies, and tags that a policy depends on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from botocore.exceptions import ClientError

from ...judgement.beside import RegistryPolicy, Scope
from ...judgement.values.verdict import ResourceKind as Kind
from ...sources.aws.ecr import Registry
from ...sources.aws.errors import RepositoryGone, code_of, is_refusal
from .changes import Change, template_in
from .subject import NO_POLICY, Stated, Subject

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

    def after(self, change: Change) -> Stated:
        """Return the policy after a change, with everything that the record does not have.

        Raises PolicyRefusedError, ClientError, BotoCoreError.
        """
        subject, after = change.subject, change.after or self.policy(change.subject)
        if subject.kind is Kind.REGISTRY:
            return replace(after, scope=change.scope or self._scope(subject))
        if subject.kind is Kind.CREATION_TEMPLATE and after.applied_for is None and after.text is not None:
            with contextlib.suppress(PolicyRefusedError):
                after = replace(after, applied_for=self.policy(subject).applied_for)
        return after

    def policy(self, subject: Subject) -> Stated:
        """Return the current policy. Raises PolicyRefusedError, ClientError, BotoCoreError."""
        try:
            return self._read(subject)
        except ClientError as error:
            if code_of(error) in _NONE:
                return NO_POLICY
            if is_refusal(code_of(error)):
                raise PolicyRefusedError(str(error)) from error
            raise

    def registry_policy(self, subject: Subject) -> RegistryPolicy | None:
        """Return the current policy of a subject's registry, or None if there is none.

        The scope is unknown if ECR refuses to show it. Raises PolicyRefusedError, ClientError, BotoCoreError.
        """
        text = self.policy(replace(subject, kind=Kind.REGISTRY, name="")).text
        return None if text is None else RegistryPolicy(text, self._scope(subject))

    def _scope(self, subject: Subject) -> Scope:
        try:
            return Registry(self.clients("ecr"), subject.account, subject.region).scope()
        except ClientError as error:
            if not is_refusal(code_of(error)):
                raise
            return Scope.UNKNOWN

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

    def _read(self, subject: Subject) -> Stated:
        ecr = self.clients("ecr")
        match subject.kind:
            case Kind.REPOSITORY | Kind.PUBLIC_REPOSITORY as kind:
                client = ecr if kind is Kind.REPOSITORY else self.clients("ecr-public")
                answer = client.get_repository_policy(registryId=subject.account, repositoryName=subject.name)
                return Stated(str(answer["policyText"]))
            case Kind.REGISTRY:
                return Stated(str(ecr.get_registry_policy()["policyText"]))
            case Kind.REPLICATION:
                return Stated(json.dumps(ecr.describe_registry()["replicationConfiguration"], sort_keys=True))
            case Kind.PULL_THROUGH_CACHE:
                rules = ecr.describe_pull_through_cache_rules(ecrRepositoryPrefixes=[subject.name])[
                    "pullThroughCacheRules"
                ]
                return Stated(json.dumps(rules[0], default=str, sort_keys=True)) if rules else NO_POLICY
            case Kind.CREATION_TEMPLATE:
                answer = ecr.describe_repository_creation_templates(prefixes=[subject.name])
                found = answer["repositoryCreationTemplates"]
                return template_in(found[0]) if found else NO_POLICY
