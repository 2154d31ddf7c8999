"""The data of AWS Config: the rule's results, a repository's newest item, and the rows of its inventory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ecr_crossaccount.products.rule.inventory import EXPRESSION

from .clients import Clients
from .errors import code_of
from .sandbox import PREFIX, RULE

Json = Mapping[str, Any]

NO_ITEM = "ResourceNotDiscoveredException"
_RESULTS_A_PAGE = 100


@dataclass(frozen=True, slots=True)
class Result:
    """The result in Config for a repository."""

    compliance: str
    annotation: str


def results(clients: Clients) -> dict[str, Result]:
    """Return the rule's results for the run's repositories. Raises ClientError, BotoCoreError."""
    pages = clients.config.get_paginator("get_compliance_details_by_config_rule").paginate(
        ConfigRuleName=RULE, PaginationConfig={"PageSize": _RESULTS_A_PAGE}
    )
    found = {}
    for page in pages:
        for one in page["EvaluationResults"]:
            name = one["EvaluationResultIdentifier"]["EvaluationResultQualifier"]["ResourceId"]
            found[name] = Result(one["ComplianceType"], one.get("Annotation", ""))
    return {name: result for name, result in found.items() if name.startswith(PREFIX)}


def item(clients: Clients, repository: str) -> Json | None:
    """Return the `configuration` of a repository's newest item, or None if Config has none yet.

    Raises ClientError, BotoCoreError.
    """
    try:
        history = clients.config.get_resource_config_history(
            resourceType="AWS::ECR::Repository", resourceId=repository, limit=1
        )
    except clients.config.exceptions.ClientError as error:
        if code_of(error) == NO_ITEM:
            return None
        raise
    newest = history["configurationItems"][:1]
    return object_of(newest[0].get("configuration")) if newest else None


@dataclass(frozen=True, slots=True)
class Selected:
    """The result of the rule's own query: the columns that the answer names, and the rows of the run's repositories."""

    fields: tuple[str, ...]
    rows: tuple[Json, ...]


def selected(clients: Clients) -> Selected:
    """Query Config's inventory like a scheduled run. Raises ClientError, BotoCoreError."""
    fields: list[str] = []
    rows: list[Json] = []
    for page in clients.config.get_paginator("select_resource_config").paginate(Expression=EXPRESSION):
        fields = [one.get("Name", "?") for one in page.get("QueryInfo", {}).get("SelectFields", [])]
        rows += [object_of(row) for row in page["Results"]]
    return Selected(tuple(fields), tuple(row for row in rows if str(row.get("resourceId", "")).startswith(PREFIX)))


def object_of(value: object) -> Json:
    """Return a JSON object that may have been sent as text. Any other value becomes an empty object."""
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            return {}
    return value if isinstance(value, dict) else {}


def policy_shown(configuration: Json) -> str:
    """Return the form of the policy in an item or row: the type of the value, never its content."""
    if "RepositoryPolicyText" not in configuration:
        return "no RepositoryPolicyText"
    match configuration["RepositoryPolicyText"]:
        case None:
            return "RepositoryPolicyText is null"
        case "":
            return "RepositoryPolicyText is an empty text"
        case str():
            return "RepositoryPolicyText is the policy as a text"
        case dict() as policy:
            return "RepositoryPolicyText is the policy as an object" if policy else "RepositoryPolicyText is {}"
        case _:
            return "RepositoryPolicyText is neither text nor object"


def shows_policy(configuration: Json) -> bool:
    """Return whether an item or row has a policy."""
    return bool(configuration.get("RepositoryPolicyText"))
