"""Replication and pull-through caches: where a resource or a command that makes one has what is judged.

Whatever writes them, `judge_replication` takes the configuration that holds the rules, and `judge_cache` the fields of
the rule: see `access/exchanges.py`, which reads their names in every spelling.
"""

from __future__ import annotations

from ..policy.holes import Hole

CACHE_FIELDS = ("ecr_repository_prefix", "upstream_registry", "upstream_registry_url", "custom_role_arn")
"""The fields of a pull-through cache rule that decide whose images it brings, and into which repositories."""


def configuration_in(value: object, field: str) -> object:
    """Return the replication configuration in the value of a field; in a list of blocks, it is the only one.

    A hole where the field says none: what it is, is then set elsewhere or not known.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecr/replication_configuration.go
    """
    if isinstance(value, (list, tuple)):
        if not value:
            return {"rules": []}
        return value[0] if len(value) == 1 else Hole(field)
    return Hole(field) if value in (None, "") else value
