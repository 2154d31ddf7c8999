"""The current state in ECR."""

from __future__ import annotations

from .clients import Clients


def live_policy(clients: Clients, repository: str) -> str | None:
    """Return a repository's policy, or None if there is none. Raises ClientError, BotoCoreError."""
    try:
        return clients.ecr.get_repository_policy(repositoryName=repository)["policyText"]
    except clients.ecr.exceptions.RepositoryPolicyNotFoundException:
        return None
