"""A fake of IAM Access Analyzer over HTTP: the analyzers of one account and Region, and their findings.

Point boto3 at it with `AWS_ENDPOINT_URL_ACCESSANALYZER`. Requests and answers are checked against botocore's model.
Unneeded operations are refused, not guessed. It listens on 127.0.0.1 only.

It enforces these rules of https://docs.aws.amazon.com/access-analyzer/latest/APIReference/Welcome.html:

- An analyzer that does not exist is not found.
- `ListFindings` and `GetAnalyzedResource` are only for external access analyzers.
- A filter is applied.
- A token is valid only for its own list.
- A preview is still being created at the first call.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

from tests.fakes.loopback import Loopback
from tests.fakes.models import ServiceError
from tests.fakes.rest_json import handler_of, rest_json

Json = dict[str, Any]
Opinion = Callable[[str, str], list[Json]]

MODEL = rest_json("accessanalyzer")
ANALYZED = "2026-06-29T12:00:00Z"
"""When everything here was created and analyzed, by default."""
_EXTERNAL = frozenset({"ACCOUNT", "ORGANIZATION"})
_ITEMS_A_PAGE = 100
_REPOSITORY = "AWS::ECR::Repository"


class FakeAccessAnalyzer(Loopback):
    """Analyzers with their findings and analyzed resources. `page_size` makes pages shorter than requested."""

    def __init__(self, account: str, region: str, *, partition: str = "aws", page_size: int = _ITEMS_A_PAGE) -> None:
        self.account = account
        self.analyzers: dict[str, Json] = {}
        self.findings: dict[str, list[Json]] = {}
        self.analyzed: dict[str, dict[str, Json]] = {}
        self.page_size = page_size
        self.previews: dict[str, Json] = {}
        self.opinion: Opinion = lambda _arn, _policy: []
        """Return the findings of a preview for a repository's ARN and a policy: the fields that distinguish them."""
        self.calls: list[tuple[str, Json]] = []
        self._home = f"arn:{partition}:access-analyzer:{region}:{account}:analyzer"
        self._faults: dict[str, list[ServiceError | None]] = {}
        self._lock = threading.Lock()
        super().__init__(handler_of(self, MODEL))

    def analyzer(self, name: str = "account", type_: str = "ACCOUNT", status: str = "ACTIVE", **more: object) -> str:
        """Create an analyzer, and return its ARN."""
        arn = f"{self._home}/{name}"
        self.analyzers[arn] = {
            "arn": arn,
            "name": name,
            "type": type_,
            "createdAt": ANALYZED,
            "status": status,
            **more,
        }
        self.findings[arn], self.analyzed[arn] = [], {}
        return arn

    def analyze(self, analyzer: str, *resources: str, **more: object) -> None:
        """Add analyzed repositories to an analyzer."""
        self.analyzers[analyzer] |= {"lastResourceAnalyzed": resources[-1], "lastResourceAnalyzedAt": ANALYZED}
        for arn in resources:
            self.analyzed[analyzer][arn] = {
                "resourceArn": arn,
                "resourceType": _REPOSITORY,
                "resourceOwnerAccount": arn.split(":")[4],
                "createdAt": ANALYZED,
                "analyzedAt": ANALYZED,
                "updatedAt": ANALYZED,
                "isPublic": False,
                **more,
            }

    def find(self, analyzer: str, resource: str, principal: str | None, *actions: str, **more: object) -> Json:
        """Add a finding to an analyzer: a principal, such as an account, has access to a repository."""
        self.analyze(analyzer, resource)
        finding = {
            "id": str(UUID(int=len(self.findings[analyzer]) + 1)),
            "action": list(actions),
            "resource": resource,
            "isPublic": principal == "*",
            "resourceType": _REPOSITORY,
            "condition": {},
            "createdAt": ANALYZED,
            "analyzedAt": ANALYZED,
            "updatedAt": ANALYZED,
            "status": "ACTIVE",
            "resourceOwnerAccount": resource.split(":")[4],
            **({"principal": {"AWS": principal}} if principal is not None else {}),
            **more,
        }
        self.findings[analyzer].append(finding)
        return finding

    def fail(self, operation: str, code: str, *, times: int = 1, status: int = 400, after: int = 0) -> None:
        """Answer calls of an operation with an error, after some successful calls."""
        faults = self._faults.setdefault(operation, [])
        faults.extend([None] * after)
        faults.extend(ServiceError(code, "as asked", status) for _ in range(times))

    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]

    def answer(self, operation: str, request: Json) -> Json:
        known: dict[str, Callable[[Json], Json]] = {
            "ListAnalyzers": self._list_analyzers,
            "ListFindings": self._list_findings,
            "ListAnalyzedResources": self._list_analyzed_resources,
            "GetAnalyzedResource": self._get_analyzed_resource,
            "CreateAnalyzer": self._create_analyzer,
            "DeleteAnalyzer": self._delete_analyzer,
            "CreateAccessPreview": self._create_access_preview,
            "GetAccessPreview": self._get_access_preview,
            "ListAccessPreviewFindings": self._list_access_preview_findings,
        }
        with self._lock:
            self.calls.append((operation, request))
            fault = self._faults[operation].pop(0) if self._faults.get(operation) else None
            if fault is not None:
                raise fault
            if operation not in known:
                raise ServiceError("ValidationException", f"this fake does not know `{operation}`")
            return known[operation](request)

    def _list_analyzers(self, request: Json) -> Json:
        found = [one for one in self.analyzers.values() if request.get("type") in (None, one["type"])]
        return self._page("analyzers", found, request)

    def _list_findings(self, request: Json) -> Json:
        arn = self._external(request["analyzerArn"], "ListFindings")
        found = [one for one in self.findings[arn] if _meets(one, request.get("filter", {}))]
        return self._page("findings", found, request)

    def _list_analyzed_resources(self, request: Json) -> Json:
        wanted = request.get("resourceType")
        found = [
            {name: one[name] for name in ("resourceArn", "resourceOwnerAccount", "resourceType")}
            for one in self.analyzed[self._known(request["analyzerArn"])].values()
            if wanted in (None, one["resourceType"])
        ]
        return self._page("analyzedResources", found, request)

    def _get_analyzed_resource(self, request: Json) -> Json:
        analyzed = self.analyzed[self._external(request["analyzerArn"], "GetAnalyzedResource")]
        if request["resourceArn"] not in analyzed:
            raise ServiceError("ResourceNotFoundException", "The resource was not found.", 404)
        return {"resource": analyzed[request["resourceArn"]]}

    def _create_analyzer(self, request: Json) -> Json:
        if any(one["type"] == request["type"] for one in self.analyzers.values()):
            raise ServiceError(
                "ServiceQuotaExceededException", f"one analyzer of type {request['type']} in a Region", 402
            )
        return {"arn": self.analyzer(request["analyzerName"], request["type"], tags=request.get("tags", {}))}

    def _delete_analyzer(self, request: Json) -> Json:
        arn = self._known(f"{self._home}/{request['analyzerName']}")
        del self.analyzers[arn], self.findings[arn], self.analyzed[arn]
        return {}

    def _create_access_preview(self, request: Json) -> Json:
        self._external(request["analyzerArn"], "CreateAccessPreview")
        if len(request["configurations"]) != 1:
            raise ServiceError("ValidationException", "an access preview is of one resource")
        identifier = str(UUID(int=len(self.previews) + 1))
        self.previews[identifier] = {
            "id": identifier,
            "analyzerArn": request["analyzerArn"],
            "configurations": request["configurations"],
            "createdAt": ANALYZED,
            "status": "CREATING",
        }
        return {"id": identifier}

    def _get_access_preview(self, request: Json) -> Json:
        preview = self._preview(request)
        shown = dict(preview)
        preview["status"] = "COMPLETED"
        return {"accessPreview": shown}

    def _list_access_preview_findings(self, request: Json) -> Json:
        preview = self._preview(request)
        if preview["status"] != "COMPLETED":
            raise ServiceError("ConflictException", "the access preview is being created", 409)
        ((arn, configuration),) = preview["configurations"].items()
        found = self.opinion(arn, configuration["ecrRepository"].get("repositoryPolicy", ""))
        return self._page("findings", [_previewed(number, arn, one) for number, one in enumerate(found)], request)

    def _preview(self, request: Json) -> Json:
        found = self.previews.get(request["accessPreviewId"])
        if found is None or found["analyzerArn"] != request["analyzerArn"]:
            raise ServiceError("ResourceNotFoundException", "the access preview does not exist", 404)
        return found

    def _known(self, arn: str) -> str:
        if arn not in self.analyzers:
            raise ServiceError("ResourceNotFoundException", f"the analyzer `{arn}` does not exist", 404)
        return arn

    def _external(self, arn: str, operation: str) -> str:
        if self.analyzers[self._known(arn)]["type"] not in _EXTERNAL:
            raise ServiceError("ValidationException", f"{operation} is supported only for external access analyzers")
        return arn

    def _page(self, name: str, rows: list[Json], request: Json) -> Json:
        start = self._start(name, request.get("nextToken"))
        end = start + min(request.get("maxResults", _ITEMS_A_PAGE), self.page_size)
        more = {"nextToken": f"{name}-{end}"} if end < len(rows) else {}
        return {name: rows[start:end], **more}

    def _start(self, name: str, token: str | None) -> int:
        if token is None:
            return 0
        kind, _, start = token.partition("-")
        if kind != name or not start.isdecimal():
            raise ServiceError("ValidationException", f"`{token}` is no token")
        return int(start)


def _previewed(number: int, arn: str, finding: Json) -> Json:
    return {
        "id": str(UUID(int=number + 1)),
        "resource": arn,
        "resourceType": _REPOSITORY,
        "resourceOwnerAccount": arn.split(":")[4],
        "createdAt": ANALYZED,
        "changeType": "NEW",
        "status": "ACTIVE",
        **finding,
    }


def _meets(finding: Json, criteria: Json) -> bool:
    return all(_meets_one(finding.get(name), criterion) for name, criterion in criteria.items())


def _meets_one(value: object, criterion: Json) -> bool:
    if set(criterion) != {"eq"}:
        raise ServiceError("ValidationException", "this fake knows filters of `eq` alone")
    return value in criterion["eq"]
