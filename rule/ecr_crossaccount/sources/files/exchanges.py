"""Replication and pull-through caches: where a resource or a command has the configuration that is judged.

`judge_replication` takes the configuration with the rules, and `judge_cache` takes the fields of the rule, whatever
kind of file they come from. `judgement/kinds/exchanges.py` reads the field names in every spelling.
"""

from __future__ import annotations

from ...documents.holes import Hole

CACHE_FIELDS = ("ecr_repository_prefix", "upstream_registry", "upstream_registry_url", "custom_role_arn")
"""The fields of a pull-through cache rule that decide whose images it brings, and into which repositories."""


def configuration_in(value: object, field: str) -> object:
    """Return the replication configuration in the value of a field. In a list of blocks, it is the only block.

    Returns a hole if the field has no value: the configuration is then set elsewhere, or unknown.
    https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/ecr/replication_configuration.go
    """
    if isinstance(value, (list, tuple)):
        if not value:
            return {"rules": []}
        return value[0] if len(value) == 1 else Hole(field)
    return Hole(field) if value in (None, "") else value
