"""An empty AWS: every list is empty, every name unknown, and every result is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import SimpleNamespace
from typing import Any

from botocore.exceptions import ClientError

from tests.events import REGION

_EMPTY: Mapping[str, Any] = {
    "repositories": [],
    "tags": [],
    "configurationItems": [],
    "EvaluationResults": [],
    "Results": [],
}
_UNKNOWN = {
    "get_repository_policy": "RepositoryNotFoundException",
    "get_registry_policy": "RegistryPolicyNotFoundException",
    "list_tags_for_resource": "RepositoryNotFoundException",
    "describe_organization": "AWSOrganizationsNotInUseException",
}


class Nothing:
    """A client of any service. `evaluations` are the results that it received."""

    def __init__(self) -> None:
        self.meta = SimpleNamespace(region_name=REGION)
        self.evaluations: list[Mapping[str, Any]] = []
        self.expired = False

    def build_client(self, *_: object, **__: object) -> Nothing:
        return self

    def get_paginator(self, _: str) -> Nothing:
        return self

    def paginate(self, **_: object) -> Iterator[Mapping[str, Any]]:
        yield dict(_EMPTY)

    def put_evaluations(self, **request: Any) -> Mapping[str, Any]:  # noqa: ANN401 - as boto3 accepts it
        self.evaluations += request["Evaluations"]
        return {"FailedEvaluations": []}

    def __getattr__(self, operation: str) -> Any:  # noqa: ANN401 - as in boto3's clients
        if operation.startswith("_"):
            raise AttributeError(operation)

        def answer(**_: object) -> Mapping[str, Any]:
            if operation in _UNKNOWN:
                name = operation.title().replace("_", "")
                raise ClientError({"Error": {"Code": _UNKNOWN[operation], "Message": "as ever"}}, name)
            return dict(_EMPTY)

        return answer
